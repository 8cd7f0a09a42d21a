/**
 * Points that are in a buffer on the GPU: cases of every kind have the answers that the reference engine gave
 * from main memory, under the plan that is chosen and under one with chunks, windows and the block filter.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { toRows } from '../../src/matrix.ts';
import { cases } from './cases.ts';
import { check, expected, filtering, fitsBuffer, runInBuffer } from './suite.ts';

const BLOCKS = { blockRows: 32, superblock: 3, listCapacity: 5, held: 3 };
const TUNINGS: readonly Partial<Tuning>[] = [
  {},
  { chunkBytes: 4096, dispatchWork: 64 * 1000, ...BLOCKS },
];

/** Numbers and weights of every kind, and small problems of the others: large ones are large enough elsewhere. */
const some = cases.filter((problem, i) => {
  const { points, k } = problem.make();
  const { rows, columns } = toRows(points);
  const work = rows * columns * k * expected[problem.name].iterations;
  const kind = /weights: [^l]|number|scale|offset|outlier|pixel|constant/.test(problem.name);
  return work < (kind ? 2e5 : 2e4) && (kind || i % 9 === 0) && fitsBuffer(problem);
});

test('there are cases', () => expect(some.length).toBeGreaterThan(10));

TUNINGS.forEach((tuning, plan) =>
  describe(JSON.stringify(tuning), () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openWebGpu({ sizes: tuning });
      if (tuning.blockRows) engine = filtering(engine);
    });
    afterAll(() => engine?.dispose());
    const turns = some.filter((_, i) => i % TUNINGS.length === plan);
    test.each(turns)('$name', async (problem) =>
      check(problem.name, await runInBuffer(problem, engine)),
    );
  }),
);
