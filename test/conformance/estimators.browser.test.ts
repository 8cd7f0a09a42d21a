/** The estimators in a real browser: webgpu and wasm against the reference engine, every bit. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { estimatorCases } from './estimators-suite.ts';

describe('webgpu', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWebGpu();
    expect(engine.name).toBe('webgpu');
  });
  afterAll(() => engine?.dispose());
  test.each(estimatorCases)('$name', async ({ run }) => {
    expect(await run(engine)).toBe(await run('reference'));
  });

  test('opened once by an estimator that is given its name', async () => {
    const { run } = estimatorCases[5];
    const { requestAdapter } = GPU.prototype;
    let asked = 0;
    GPU.prototype.requestAdapter = function (...options) {
      asked++;
      return requestAdapter.apply(this, options);
    };
    try {
      expect(await run('webgpu')).toBe(await run('reference'));
    } finally {
      GPU.prototype.requestAdapter = requestAdapter;
    }
    expect(asked).toBe(5); // a fit, two times predict and score
  });
});

test.each(estimatorCases)('wasm: $name', async ({ run }) => {
  expect(await run('wasm')).toBe(await run('reference'));
});
