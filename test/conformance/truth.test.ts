/**
 * The reference engine against an independent twin in BigInt (`twin.ts`): labels, centroids, sums,
 * iterations and the history equal to the bit, on the small conformance cases and on problems made
 * to be awkward: ties, duplicates, extreme scales, weights that vanish.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/engine.ts';
import type { Grid } from '../../src/grid.ts';
import { kmeans, type KMeansOptions, type KMeansResult } from '../../src/index.ts';
import { toRows, type Points } from '../../src/matrix.ts';
import { euclideanCases as cases } from './cases.ts';
import { expected } from './suite.ts';
import { integerWeights, judgeGrid, toNumber, twin, twinSecond } from './twin.ts';
import { watched } from './watch.ts';

const gridOf = async ({ points }: Task): Promise<Grid> => ({
  ...points.grid,
  values: await points.values(),
});

/** Runs k-means, and the twin beside each of its runs; complains about the first difference. */
async function compare(points: Points, k: number, options: KMeansOptions): Promise<KMeansResult> {
  const { engine, runs } = watched();
  const result = await kmeans(points, k, { ...options, engine, margins: true });
  const { data, rows, columns } = toRows(points);
  const list = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, t) => data[i * columns + t]),
  );
  const { W, s } = options.weights
    ? integerWeights(Array.from(options.weights))
    : { W: new Array<bigint>(rows).fill(1n), s: 0 };
  expect(judgeGrid(list, await gridOf(runs[0].task))).toEqual([]);
  expect(runs[0].task.points.grid.weightExponent).toBe(s);

  const { maxIter = 300, tol = 1e-4 } = options;
  let before = 0;
  for (const { task, start, clustering, second } of runs) {
    if (second) {
      const { values } = await gridOf(task);
      expect(second.labels).toEqual(result.labels);
      expect(Array.from(second.found)).toEqual(twinSecond(values, columns, start, second.labels));
      expect(result.secondLabels).toEqual(second.found);
    }
    if (!clustering) continue;
    const { emptyCluster } = task;
    const grid = await gridOf(task);
    const ours = twin({
      rows,
      columns,
      values: grid.values,
      weights: W,
      start,
      // A run that goes on without its empty clusters has the rest of the iterations left.
      maxIter: maxIter - before,
      tol,
      emptyCluster,
    });
    if (options.emptyCluster === 'drop') before += ours.history.length;
    const unit = 2 ** (2 * (grid.exponent - 29));
    expect(clustering.history.map(({ moved, shift }) => ({ moved, shift }))).toEqual(
      ours.history.map(({ moved, shift }) => ({ moved, shift: leading24(shift) * unit })),
    );
    expect(Array.from(clustering.labels)).toEqual(ours.labels);
    expect(Array.from(clustering.centroids)).toEqual(ours.centroids);
    expect(Array.from(clustering.counts, BigInt)).toEqual(ours.counts);
    expect(Array.from(clustering.sums)).toEqual(ours.sums);
    if (runs.filter((run) => run.clustering).length === 1)
      near(result.inertia, toNumber(ours.inertia) * 2 ** (2 * grid.exponent) * 2 ** -s, 1e-12);
  }
  expect(runs.filter(({ second }) => second)).toHaveLength(result.centroids.rows > 1 ? 1 : 0);
  return result;
}

/** Cuts to the leading 24 bits, as a shift is reported. */
function leading24(shift: bigint): number {
  const surplus = BigInt(Math.max(0, shift.toString(2).length - 24));
  return Number((shift >> surplus) << surplus);
}

function near(actual: number, wanted: number, tolerance: number): void {
  if (actual === wanted) return; // also where both are beyond what a double holds
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(tolerance * Math.abs(wanted));
}

describe('the conformance cases that are small enough', () => {
  const MOST_WORK = 1e6;
  const small = cases.filter(({ name, make }) => {
    const { points, k } = make();
    const { rows, columns } = toRows(points);
    return rows * k * columns * (expected[name].iterations + 1) <= MOST_WORK;
  });

  test('are most of them', () => {
    expect(small.length).toBeGreaterThan(0.6 * cases.length);
  });

  test.each(small)('$name', async ({ make }) => {
    const { points, k, options = {} } = make();
    await compare(points, k, options);
  });
});

describe('problems made to be awkward', () => {
  const coordinate = {
    ties: fc.integer({ min: -3, max: 3 }),
    halves: fc.integer({ min: -8, max: 8 }).map((x) => x / 2),
    any: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    magnitudes: fc
      .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -44, max: 37 }))
      .map(([x, e]) => x * 10 ** e),
    singles: fc.float({ noNaN: true, noDefaultInfinity: true }),
    offset: fc.integer({ min: 0, max: 1000 }).map((x) => 1e6 + x / 1e5),
  };
  const column = fc.oneof(...Object.values(coordinate).map((c) => fc.constant(c)));
  const weight = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 5 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: -300, max: 300 }).map((e) => 10 ** e),
  );

  const problem = fc
    .record({
      rows: fc.integer({ min: 1, max: 24 }),
      columns: fc.array(column, { minLength: 1, maxLength: 4 }),
      same: fc.boolean(),
    })
    .chain(({ rows, columns, same }) => {
      const row = same
        ? fc.tuple(...columns.map(() => columns[0])) // one kind for all: distances tie more often
        : fc.tuple(...columns);
      const points = fc.array(row, { minLength: rows, maxLength: rows });
      return fc.record({
        points,
        init: fc.array(row, { minLength: 1, maxLength: rows }),
        fromRows: fc.boolean(),
        weights: fc.option(
          fc
            .array(weight, { minLength: rows, maxLength: rows })
            .filter((w) => w.some((x) => x > 0)),
          { nil: undefined },
        ),
        tol: fc.constantFrom(0, 1e-4, 1e-2, 0.7), // at 1 two points tie with their own variance
        maxIter: fc.constantFrom(1, 2, 20),
        emptyCluster: fc.constantFrom('relocate' as const, 'keep' as const, 'drop' as const),
        whiten: fc.boolean(),
        seed: fc.nat(),
      });
    });

  test('give the bits of the twin', async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ points, init, fromRows, weights, ...options }) => {
        await compare(points, init.length, {
          ...options,
          ...(fromRows ? {} : { init }),
          ...(weights ? { weights } : {}),
        });
      }),
      { numRuns: 300 },
    );
  });
});
