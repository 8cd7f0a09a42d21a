/** The same golden answers from the wasm engine: both algorithms, on this thread and on workers. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { judgePartition, judgeScikitLearn, judgeSciPy, scikitLearn, scipy } from './suite.ts';

describe.each([
  ['lloyd', undefined],
  ['filtered', undefined],
  ['auto', 3],
  ['filtered', 4],
] as const)('%s, workers: %s', (algorithm, workers) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWasm({ threads: 1, workers });
  });
  afterAll(() => engine.dispose());

  test.each(scikitLearn)('$name', ({ golden }) => judgeScikitLearn(golden, engine, algorithm));
  test.each(scipy)('$name, from their code book', ({ golden }) =>
    judgeSciPy(golden, engine, algorithm),
  );
  test.each(scipy)('$name, from a start of our own', ({ golden }) =>
    judgePartition(golden, engine, algorithm),
  );
});
