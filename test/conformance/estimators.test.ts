/** The estimators on the wasm engine, alone and on workers, against the reference engine: every bit. */
import { afterAll, describe, expect, test } from 'vitest';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { estimatorCases } from './estimators-suite.ts';

const engines = await Promise.all([openWasm({ threads: 1 }), openWasm({ workers: 3 })]);
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
});

describe.each(estimatorCases)('$name', ({ run }) => {
  const truth = run('reference');
  test.each([
    ['on this thread', engines[0]],
    ['on workers', engines[1]],
    ['as asked for by name', 'wasm' as const],
    ['as chosen', 'auto' as const],
  ])('wasm %s', async (_, engine) => {
    expect(await run(engine)).toBe(await truth);
  });
});
