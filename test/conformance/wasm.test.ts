import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { cases } from './cases.ts';
import { check, runCase } from './suite.ts';

for (const [algorithm, workers] of [
  ['lloyd', undefined],
  ['filtered', undefined],
  ['auto', undefined],
  ['lloyd', 1],
  ['filtered', 2],
  ['lloyd', 3],
  ['filtered', 5],
  ['auto', 8],
] as const)
  describe(`wasm, ${algorithm}, ${workers ?? 'no'} workers`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openWasm({ threads: 1, workers });
    });
    afterAll(() => engine.dispose());
    test.each(cases)('$name', async (problem) => {
      const made = problem.make();
      check(
        problem.name,
        await runCase(
          { ...problem, make: () => ({ ...made, options: { ...made.options, algorithm } }) },
          { engine },
        ),
      );
    });
  });
