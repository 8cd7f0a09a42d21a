/** Seeding on lanes against seeding on the host: the same whole numbers, so the same rows. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DistanceOptions, Distances } from '../../src/distances.ts';
import { layOnGrid, type Grid } from '../../src/grid.ts';
import { blobs, uniformBoard } from '../../src/index.ts';
import { inMemory, type LaidPoints } from '../../src/laid-points.ts';
import { gatheredDistances, lanesDistances } from '../../src/lanes/distances.ts';
import { layOnLanes } from '../../src/lanes/lay.ts';
import { enterPool } from '../../src/lanes/pool.ts';
import type { Shard } from '../../src/lanes/team.ts';
import type { Rows } from '../../src/matrix.ts';
import { below, pcg32 } from '../../src/rng.ts';
import { sampleRows } from '../../src/seeding/sample.ts';
import { seed } from '../../src/seeding/index.ts';
import { someOf } from '../support/long-run.ts';
import { hardCases, KINDS, makeSet, type HardCase } from './sets.ts';

let leave: () => void;
beforeAll(() => {
  leave = enterPool(); // keeps the workers between the tests
});
afterAll(() => leave());

const INITS = ['auto', 'k-means++', 'k-means||', 'random'] as const;
const noPause = () => undefined;

interface Both {
  grid: Grid;
  host: LaidPoints;
  lanes: LaidPoints;
}

/** The same points in memory and on lanes. */
async function both(
  points: Rows,
  weights: ArrayLike<number> | undefined,
  workers: number | undefined,
  work: (both: Both) => Promise<void>,
): Promise<void> {
  const grid = layOnGrid(points, { weights });
  const lanes = await layOnLanes(points, { weights, k: 40, workers, threads: 1 });
  try {
    await work({ grid, host: inMemory(grid), lanes });
  } finally {
    lanes.dispose();
  }
}

/** Everything that distances can be asked for, while centres are tried, taken and added. */
async function asked({ grid, host }: Both, distances: Distances, owners: boolean) {
  const { columns } = grid;
  const random = pcg32(5);
  const answers: unknown[] = [];
  const ask = async () => {
    const masses = await distances.masses();
    const stretches = await distances.stretches([...masses.keys()].reverse());
    answers.push([...masses]);
    for (const masses of stretches) answers.push([...masses]);
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    if (total > 0) answers.push([...(await distances.pick(random.uint32(), 20, total))]);
  };
  const some = (count: number) =>
    host.gather(Uint32Array.from({ length: count }, () => below(grid.rows, random)));
  await ask();
  await distances.add(await some(1));
  for (let j = 0; j < 6; j++) {
    const tried = await some(5);
    answers.push(await distances.gains(tried));
    await distances.take(j % 5);
    if (j % 3 === 0) await distances.add(tried.subarray(0, 2 * columns));
    await ask();
  }
  if (owners) {
    await distances.add(await some(300)); // more than go in one pass
    answers.push([...(await distances.owned())]);
    await ask();
  }
  return answers;
}

async function sameAnswers(given: Both, options: Partial<DistanceOptions>): Promise<void> {
  const whole = { rows: null, trials: 5, centres: 40, owners: false, pause: noPause, ...options };
  const { grid, host, lanes } = given;
  const gather = (rows: Uint32Array) => lanes.gather(rows);
  const ways = [
    () => host.distances(whole),
    () => lanesDistances(lanes.lanes!, grid, gather, whole),
    () => gatheredDistances(grid, gather, whole, {}),
  ];
  const answers: unknown[][] = [];
  for (const open of ways) {
    const distances = await open();
    answers.push(await asked(given, distances, whole.owners));
    await distances.close();
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
}

const weightsOf = (kind: HardCase['weights'], rows: number) =>
  kind === 'none'
    ? undefined
    : Float64Array.from({ length: rows }, (_, i) =>
        kind === 'any'
          ? ((i * 7919) % 1000) / 1000 + (i === 0 ? 1 : 0)
          : i % 9 === 4
            ? 1 + (i % 3)
            : 0,
      );

describe('the same answers', () => {
  test('for few rows of any kind, all or some of them', () =>
    fc.assert(
      fc.asyncProperty(
        hardCases,
        fc.constantFrom(undefined, undefined, undefined, 1, 3),
        async (problem, workers) => {
          const { points, weights } = makeSet(problem);
          const { rows } = points;
          await both(points, weights, workers, async (given) => {
            await sameAnswers(given, { owners: true });
            const list = sampleRows(rows, Math.ceil(rows / 3), pcg32(1));
            await sameAnswers(given, { rows: list });
            const own = list.map((row) => (row * 31) % 5);
            await sameAnswers(given, { rows: list, weights: own });
          });
        },
      ),
      { numRuns: 30 },
    ));

  // Rows enough for a tree, and for stretches that lanes share. Kinds take turns with shapes.
  const shapes = [
    [1, 'any', 5],
    [16, 'none', 3],
    [2, 'none', undefined],
    [17, 'any', undefined],
    [3, 'mostly zero', 2],
  ] as const;
  test.each(KINDS)('9001 rows of: %s', async (kind) => {
    for (const [columns, weights, workers] of someOf(shapes, 3, KINDS.indexOf(kind))) {
      const problem = { kind, rows: 9001, columns, k: 2, seed: 1, start: 'rows' } as const;
      const { points } = makeSet({ ...problem, weights, emptyCluster: 'keep', reads: [] });
      await both(points, weightsOf(weights, 9001), workers, async (given) => {
        await sameAnswers(given, {});
        await sameAnswers(given, { rows: sampleRows(9001, 8500, pcg32(1)) });
        await sameAnswers(given, { rows: sampleRows(9001, 100, pcg32(1)), owners: true });
      });
    }
  });

  test('wherever centres coincide with rows, far out, or at the corners', async () => {
    // opposite corners of the grid are as far apart as D can tell
    const corners = Float64Array.from({ length: 10_000 }, (_, i) => (i % 4 < 2 ? -1 : 1));
    await both({ data: corners, rows: 5000, columns: 2 }, undefined, 2, async (given) => {
      await sameAnswers(given, { owners: true });
    });
  });

  test('where rounding down is most of a distance', async () => {
    // a few steps of the label grid apart, and two corners that keep the grid from being finer
    for (let number = 0; number < 20; number++) {
      const random = pcg32(number);
      const data = Float64Array.from({ length: 900 }, (_, i) =>
        i < 2 ? 2 * i - 1 : (below(200, random) - 100) * 2 ** -33,
      );
      await both({ data, rows: 900, columns: 1 }, undefined, undefined, (given) =>
        sameAnswers(given, {}),
      );
    }
  });
});

describe('the same rows', () => {
  const sets: [string, Rows, number, HardCase['weights']][] = [
    ['blobs', blobs(30_000, 12, { columns: 2, deviation: 0.3, seed: 3 }), 33, 'none'],
    ['blobs, weighted', blobs(30_000, 12, { columns: 3, seed: 4 }), 40, 'mostly zero'],
    ['more than a sample', uniformBoard(140_000, { columns: 2, seed: 5 }), 12, 'any'],
    ['many columns', uniformBoard(6000, { columns: 24, seed: 6 }), 12, 'none'],
    [
      'few distinct',
      { data: Float64Array.from({ length: 5000 }, (_, i) => i % 3), rows: 5000, columns: 1 },
      7,
      'any',
    ],
  ];
  test.each(sets)('%s', async (_, points, k, kind) => {
    const weights = weightsOf(kind, points.rows);
    const host = inMemory(layOnGrid(points, { weights }));
    const wanted: Float32Array[] = [];
    for (const kind of INITS) wanted.push(await seed(host, k, { kind }, 3, 1, noPause));
    for (const workers of someOf([undefined, 1, 3, 2, 8], 2))
      await both(points, weights, workers, async ({ lanes }) => {
        for (const [i, kind] of INITS.entries())
          expect(await seed(lanes, k, { kind }, 3, 1, noPause)).toEqual(wanted[i]);
      });
  });

  test('of points in shared memory', async () => {
    const board = uniformBoard(20_000, { columns: 2, seed: 4 });
    const data = new Float32Array(new SharedArrayBuffer(board.data.byteLength));
    data.set(board.data);
    await both({ data, rows: 20_000, columns: 2 }, undefined, 3, async ({ host, lanes }) => {
      for (const kind of INITS)
        expect(await seed(lanes, 30, { kind }, 0, 0, noPause)).toEqual(
          await seed(host, 30, { kind }, 0, 0, noPause),
        );
    });
  });
});

/** What a lane uses beside a tree, which seeding may leave for what comes after it. */
async function usedBy({ lane }: Shard): Promise<unknown> {
  const [, used] = await lane.run([
    { call: 'dropTree', args: [] },
    { call: 'used', args: [] },
  ]);
  return used;
}

test('lanes have their memory back afterwards', async () => {
  const points = uniformBoard(150_000, { columns: 2 });
  await both(points, undefined, 2, async ({ lanes }) => {
    const used = () => Promise.all(lanes.lanes!.shards.map(usedBy));
    const before = await used();
    for (const kind of INITS) {
      await seed(lanes, 40, { kind }, 0, 0, noPause);
      expect(await used()).toEqual(before);
    }
  });
});

test('memory at its end: on the host, and what the lanes had is free again', async () => {
  const points = uniformBoard(150_000, { columns: 2 }); // too many to be gathered
  await both(points, undefined, 2, async ({ host, lanes }) => {
    const shard = lanes.lanes!.shards[1];
    const { lane } = shard;
    const run = lane.run.bind(lane);
    const before = await usedBy(shard);
    let refused = 0;
    // no more room on the second lane, once
    lane.run = (steps) => {
      const given = steps.map((step) =>
        'call' in step && step.call === 'reserveSeed'
          ? { ...step, args: step.args.map((arg, i) => (i === 1 ? 2 ** 27 : arg)) }
          : step,
      );
      return run(given).catch((error: unknown) => {
        refused++;
        throw error;
      });
    };
    expect(await seed(lanes, 9, { kind: 'k-means||' }, 0, 0, noPause)).toEqual(
      await seed(host, 9, { kind: 'k-means||' }, 0, 0, noPause),
    );
    lane.run = run;
    expect(refused).toBe(1); // for all rows; those that were picked are few
    expect(await usedBy(shard)).toEqual(before);
  });
});

/** Steps that run long must be short ones: every message of a long pass is one call. */
test('a pass over many rows is told in several calls', async () => {
  const points = uniformBoard(200_000, { columns: 24 });
  await both(points, undefined, 1, async ({ lanes }) => {
    const { lane } = lanes.lanes!.shards[0];
    const run = lane.run.bind(lane);
    let calls = 0;
    lane.run = (steps) => {
      const passes = steps.filter((step) => 'call' in step && step.call === 'passSeed').length;
      expect(passes).toBeLessThan(2);
      calls += passes;
      return run(steps);
    };
    await seed(lanes, 3, { kind: 'k-means++' }, 0, 0, noPause);
    // 200 000 × 24 numbers, three trials in fours, twice
    expect(calls).toBeGreaterThan(4);
  });
});
