/**
 * The wasm engine in a real browser: with relaxed SIMD, which Node has only behind a flag, and
 * without; on the page's thread and on workers; both algorithms. The page is cross-origin isolated
 * here; one that is not is among the end-to-end tests. In an ordinary run all cases run on the relaxed build, which
 * is here alone, by either algorithm and once on workers; chosen ones by the choice between algorithms, and on
 * the build that Node has.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmeans, matrix, uniformBoard, type Engine } from '../../src/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { usePlainBuild } from '../../src/lanes/module.ts';
import { LONG_RUN } from '../support/long-run.ts';
import { cases } from './cases.ts';
import { chosenCases } from './chosen.ts';
import { ALGORITHMS, onWasm, WORKERS } from './wasm-suite.ts';

describe.each([
  ['relaxed SIMD', false],
  ['SIMD', true],
] as const)('%s', (build, plain) => {
  const some = LONG_RUN || !plain ? cases : chosenCases;
  beforeAll(() => usePlainBuild(plain));
  afterAll(() => usePlainBuild(false));

  describe.each(ALGORITHMS)('on this thread, %s', (algorithm) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openWasm({ threads: 1 });
      expect(engine.description).toContain(`WebAssembly ${build},`);
    });
    afterAll(() => engine.dispose());
    const own = LONG_RUN || algorithm !== 'auto' ? some : chosenCases;
    test.each(own)('$name', (problem) => onWasm(problem, engine, algorithm));
  });

  describe.each(WORKERS)('workers: %i', (workers) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openWasm({ workers });
    });
    afterAll(() => engine.dispose());
    const own = some.filter((_, i) => WORKERS[i % WORKERS.length] === workers);
    test.each(own)('$name', (problem) =>
      onWasm(problem, engine, ALGORITHMS[(some.indexOf(problem) + workers) % ALGORITHMS.length]),
    );
  });
});

test('points in shared memory', async () => {
  expect(crossOriginIsolated).toBe(true);
  const board = uniformBoard(60_000, { columns: 2, seed: 4 });
  const data = new Float32Array(new SharedArrayBuffer(board.data.byteLength));
  data.set(board.data);
  const options = { maxIter: 5 } as const;
  const { hash } = await kmeans(board, 64, { ...options, engine: 'reference' });
  for (const workers of [undefined, 3]) {
    const engine = await openWasm({ threads: 1, workers });
    expect((await kmeans(matrix(data, 2), 64, { ...options, engine })).hash).toBe(hash);
    await engine.dispose();
  }
});
