/** The same golden answers in a real browser, on every engine. WebGPU is required: no adapter fails. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openEngine, type Engine } from '../../src/index.ts';
import {
  judgePartition,
  judgeScikitLearn,
  judgeSciPy,
  judgeVq,
  scikitLearn,
  scipy,
} from './suite.ts';

describe.each(['reference', 'wasm', 'webgpu'] as const)('%s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(name);
  });
  afterAll(() => engine?.dispose());

  test.each(scikitLearn)('$name', ({ golden }) => judgeScikitLearn(golden, engine));
  test.each(scipy)('$name, from their code book', ({ golden }) => judgeSciPy(golden, engine));
  test.each(scipy)("$name, by SciPy's names", ({ golden }) => judgeVq(golden, engine));
  test.each(scipy)('$name, from a start of our own', ({ golden }) =>
    judgePartition(golden, engine),
  );
});
