/**
 * WebGPU beside the reference on the sets that are hard on shortcuts, under its own plan and under two
 * that nobody would choose: after every look the same, second-nearest centroids included, and the
 * iterations after a look those that would have come anyway.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { someOf } from '../support/long-run.ts';
import { follow, layHard, type Chosen } from '../lanes/follow.ts';
import { KINDS, type HardCase } from '../lanes/sets.ts';

const PLANS: { algorithm: Chosen; tuning: Partial<Tuning> }[] = [
  { algorithm: 'lloyd', tuning: {} },
  {
    algorithm: 'lloyd',
    tuning: { workgroupSize: 32, tile: 3, chunkBytes: 2048, dispatchWork: 3000 },
  },
  {
    algorithm: 'filtered',
    tuning: { workgroupSize: 128, chunkBytes: 3000, blockRows: 32, superblock: 3, held: 4 },
  },
];
const reference = openReference();

describe.each(PLANS)('$algorithm, $tuning', ({ algorithm, tuning }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWebGpu({ sizes: tuning });
  });
  afterAll(() => engine?.dispose());

  // Kinds take turns with shapes: two of four each.
  const shapes = [
    [1, 13, 'rows', 'none'],
    [3, 40, 'between rows', 'mostly zero'],
    [2, 2, 'between rows', 'none'],
    [17, 9, 'one place', 'any'],
  ] as const;
  test.each(KINDS)('%s', async (kind) => {
    for (const [columns, k, start, weights] of someOf(shapes, 2, KINDS.indexOf(kind))) {
      const problem: HardCase = {
        kind,
        columns,
        k,
        start,
        weights,
        rows: 403,
        seed: columns,
        emptyCluster: k === 9 ? 'keep' : 'relocate',
        reads: [0, 2],
      };
      const laid = layHard(problem);
      const wanted = await follow(reference, laid, 'lloyd', problem, 4);
      expect(await follow(engine, laid, algorithm, problem, 4)).toEqual(wanted);
    }
  });
});
