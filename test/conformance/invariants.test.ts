/**
 * What must hold of any answer, whoever computed it: recomputed here in plain f64 from the points and
 * the result alone, on every conformance case, whose recorded answer it is; and what must stay the same when
 * the problem is turned around.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blobs,
  kmeans,
  matrix,
  uniformBoard,
  type KMeansOptions,
  type KMeansResult,
  type Matrix,
} from '../../src/index.ts';
import { toRows } from '../../src/matrix.ts';
import { euclideanCases as cases, type Problem } from './cases.ts';
import { check, wholeOutcomeOf } from './suite.ts';

/**
 * Relative tolerance of everything recomputed here. Centroids come back as float32 (2^−24 of the
 * offset and of the range) and points are grid values of 24 bits.
 */
const TOLERANCE = 1e-5;

describe('on every case', () => {
  test.each(cases)('$name', async ({ name, make }) => {
    const problem = make();
    const { points, k, options } = problem;
    const result = await kmeans(points, k, { ...options, engine: 'reference', margins: true });
    check(name, wholeOutcomeOf(result));
    judge(problem, result);
  });
});

function judge({ points, k, options = {} }: Problem, result: KMeansResult): void {
  const { data, rows, columns } = toRows(points);
  const { centroids, labels, sizes, inertia, history } = result;
  const secondLabels = result.secondLabels!;
  const margins = result.margins!;
  const weights = options.weights ?? new Array<number>(rows).fill(1);
  const clusters = centroids.rows;
  if (options.emptyCluster === 'drop') expect(clusters).toBeLessThanOrEqual(k);
  else expect(clusters).toBe(k);
  expect(centroids.data).toHaveLength(clusters * columns);
  expect(labels).toHaveLength(rows);
  expect(sizes).toHaveLength(clusters);

  // Everything below is in the units that distances are measured in: of whitened columns if asked.
  const scale = options.whiten ? deviations(data, rows, columns, weights) : null;
  const unit = (t: number) => (scale ? scale[t] : 1);
  const distance = (row: number, j: number) => {
    let sum = 0;
    for (let t = 0; t < columns; t++)
      sum += ((data[row * columns + t] - centroids.data[j * columns + t]) / unit(t)) ** 2;
    return sum;
  };

  // How far a float32 centroid may be off, and with it a distance: half a unit in the last place of
  // the coordinate, or of the range.
  let slack = 0;
  for (let t = 0; t < columns; t++) {
    const column = Array.from({ length: rows }, (_, i) => data[i * columns + t]);
    const largest = column.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    slack += ((largest * 2 ** -22) / unit(t)) ** 2;
  }

  const counted = new Uint32Array(clusters);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    expect(labels[i]).toBeLessThan(clusters);
    counted[labels[i]]++;
    const own = distance(i, labels[i]);
    let best = Infinity;
    for (let j = 0; j < clusters; j++) best = Math.min(best, distance(i, j));
    // The true nearest, but for the rounding of centroids on the way out.
    if (Math.sqrt(own) > Math.sqrt(best) * (1 + 1e-6) + 2 * Math.sqrt(slack))
      expect.fail(`row ${i}: ${own} from its centroid, ${best} from the nearest`);
    total += weights[i] * own;

    if (clusters === 1) {
      expect([secondLabels[i], margins[i]]).toEqual([0xffffffff, Infinity]);
      continue;
    }
    expect(secondLabels[i]).toBeLessThan(clusters);
    expect(secondLabels[i]).not.toBe(labels[i]);
    const second = Math.sqrt(distance(i, secondLabels[i]));
    let next = Infinity;
    for (let j = 0; j < clusters; j++)
      if (j !== labels[i]) next = Math.min(next, Math.sqrt(distance(i, j)));
    if (second > next * (1 + 1e-6) + 2 * Math.sqrt(slack))
      expect.fail(`row ${i}: ${second} from its second centroid, ${next} from another`);
    // Only rounded to float32, and never below 0.
    const margin = Math.max(0, second - Math.sqrt(own));
    expect(Math.abs(margins[i] - margin)).toBeLessThanOrEqual(2 ** -23 * second + 2 ** -149);
  }
  expect(sizes).toEqual(counted);
  const weight = Array.from(weights).reduce((a, b) => a + b);
  expect(Math.abs(inertia - total)).toBeLessThanOrEqual(
    TOLERANCE * total + 2 * Math.sqrt(slack * weight * total) + slack * weight,
  );

  // A history that ends with the run, in iterations that never make it worse: by more than the 24
  // bits that a centroid keeps. Where a search has led on, runs follow each other.
  const begins = (m: number) =>
    m === 0 || (options.refine === 'breathing' && history[m].moved === rows);
  expect(history.map((record) => record.iteration)).toEqual(
    Array.from({ length: result.iterations }, (_, i) => i + 1),
  );
  if (options.emptyCluster !== 'drop')
    for (let m = 1; m < history.length; m++)
      if (!begins(m))
        expect(history[m].inertia).toBeLessThanOrEqual(history[m - 1].inertia * (1 + 2 ** -20));
  expect(history[0].moved).toBe(rows);

  if (result.stopReason === 'labels') {
    expect(history.at(-1)!.moved).toBe(0);
    judgeMeans();
  }
  expect(result.converged).toBe(result.stopReason !== 'maxIter');
  if (result.stopReason === 'maxIter') {
    const lastRun = history.findLastIndex((_, m) => begins(m));
    expect(history.length - lastRun).toBe(options.maxIter ?? 300);
  }

  /** Centroids of a converged run are the means of their rows. */
  function judgeMeans(): void {
    const sums = new Float64Array(clusters * columns);
    const totals = new Float64Array(clusters);
    for (let i = 0; i < rows; i++) {
      totals[labels[i]] += weights[i];
      for (let t = 0; t < columns; t++)
        sums[labels[i] * columns + t] += weights[i] * data[i * columns + t];
    }
    for (let t = 0; t < columns; t++) {
      const column = Array.from({ length: rows }, (_, i) => data[i * columns + t]);
      const low = Math.min(...column);
      const high = Math.max(...column);
      const most = Math.max(Math.abs(low), Math.abs(high));
      for (let j = 0; j < clusters; j++) {
        if (!(totals[j] > weight * 1e-8)) continue; // weights are integers of 32 bits in all
        const mean = sums[j * columns + t] / totals[j];
        expect(Math.abs(centroids.data[j * columns + t] - mean)).toBeLessThanOrEqual(
          2 ** -23 * (most + (high - low)) + 2 ** -149,
        );
      }
    }
  }
}

function deviations(
  data: ArrayLike<number>,
  rows: number,
  columns: number,
  weights: ArrayLike<number>,
): number[] {
  const weight = Array.from(weights).reduce((a, b) => a + b);
  return Array.from({ length: columns }, (_, t) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += weights[i] * data[i * columns + t];
    let squares = 0;
    for (let i = 0; i < rows; i++)
      squares += weights[i] * (data[i * columns + t] - sum / weight) ** 2;
    return Math.sqrt(squares / weight) || 1;
  });
}

// ---- the problem turned around -----------------------------------------------------------------

const fit = (points: Matrix | number[][], k: number, options: KMeansOptions) =>
  kmeans(points, k, { engine: 'reference', ...options });

/** What is the same when rows are given in another order or number. */
const gist = ({ centroids, iterations, inertia, stopReason, history }: KMeansResult) => ({
  centroids: [...centroids.data],
  iterations,
  inertia,
  stopReason,
  steps: history.map(({ shift, inertia }) => ({ shift, inertia })),
});

/** Awkward little problems with a given start. */
const problem = fc
  .record({ columns: fc.integer({ min: 1, max: 3 }), k: fc.integer({ min: 1, max: 6 }) })
  .chain(({ columns, k }) => {
    const coordinate = fc.oneof(
      fc.integer({ min: -4, max: 4 }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    );
    const point = fc.array(coordinate, { minLength: columns, maxLength: columns });
    return fc.record({
      points: fc.array(point, { minLength: k, maxLength: 30 }),
      init: fc.array(point, { minLength: k, maxLength: k }),
      options: fc.record({
        tol: fc.constantFrom(0, 1e-4),
        maxIter: fc.constantFrom(1, 3, 50),
        emptyCluster: fc.constantFrom('relocate' as const, 'keep' as const),
        whiten: fc.boolean(),
      }),
      seed: fc.nat(),
    });
  });

describe('to the bit', () => {
  test('rows in another order: the same centroids, the labels in that order', async () => {
    await fc.assert(
      fc.asyncProperty(problem, fc.array(fc.nat()), async ({ points, init, options }, keys) => {
        // Ties for the farthest row go to the lowest one: relocation depends on the order.
        const same = { ...options, init, emptyCluster: 'keep' as const };
        const order = points.map((_, i) => i);
        order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
        const weights = points.map((_, i) => (i % 3) / 3 + 0.1);
        const one = await fit(points, init.length, { ...same, weights });
        const other = await fit(
          order.map((i) => points[i]),
          init.length,
          { ...same, weights: order.map((i) => weights[i]) },
        );
        expect(gist(other)).toEqual(gist(one));
        expect([...other.labels]).toEqual(order.map((i) => one.labels[i]));
      }),
      { numRuns: 200 },
    );
  });

  test('columns in another order: the same clusters', async () => {
    const { data } = uniformBoard(200, { columns: 3, seed: 6 });
    const turned = data.map((_, at) => data[at - (at % 3) + ((at + 1) % 3)]);
    const init = (from: Float32Array) => matrix(from.slice(0, 15), 3);
    const one = await fit(matrix(data, 3), 5, { init: init(data) });
    const other = await fit(matrix(turned, 3), 5, { init: init(turned) });
    expect(other.labels).toEqual(one.labels);
    expect(other.centroids.data).toEqual(
      one.centroids.data.map((_, at) => one.centroids.data[at - (at % 3) + ((at + 1) % 3)]),
    );
  });

  test('whole weights: as many equal rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        problem,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 30, maxLength: 30 }),
        async ({ points, init, options }, counts) => {
          const same = { ...options, init, emptyCluster: 'keep' as const };
          const weights = points.map((_, i) => counts[i]);
          const one = await fit(points, init.length, { ...same, weights });
          const other = await fit(
            points.flatMap((point, i) => new Array<number[]>(counts[i]).fill(point)),
            init.length,
            same,
          );
          expect(gist(other)).toEqual(gist(one));
          expect([...other.labels]).toEqual(
            points.flatMap((_, i) => new Array<number>(counts[i]).fill(one.labels[i])),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('weights of another size: nothing but the inertia', async () => {
    await fc.assert(
      fc.asyncProperty(problem, fc.constantFrom(0.5, 8, 2 ** -40), async (given, factor) => {
        const { points, init, options } = given;
        const weights = points.map((_, i) => 1 + (i % 4) * 0.3);
        const one = await fit(points, init.length, { ...options, init, weights });
        const other = await fit(points, init.length, {
          ...options,
          init,
          weights: weights.map((w) => w * factor),
        });
        expect(other.hash).toBe(one.hash);
        expect(other.iterations).toBe(one.iterations);
        expect(other.inertia).toBe(one.inertia * factor);
      }),
      { numRuns: 100 },
    );
  });

  test('weights that are all 1, or all 7: none', async () => {
    for (const weight of [1, 7]) {
      const points = blobs(500, 5, { deviation: 0.3 });
      const one = await fit(points, 5, {});
      const other = await fit(points, 5, { weights: new Array<number>(500).fill(weight) });
      expect(other.hash).toBe(one.hash);
      expect(other.history.length).toBe(one.history.length);
    }
  });

  test('rows without weight inside the range: the same centroids', async () => {
    await fc.assert(
      fc.asyncProperty(problem, fc.array(fc.nat({ max: 29 })), async (given, copies) => {
        const { points, init, options } = given;
        const extra = copies.map((i) => points[i % points.length].slice());
        const weights = points.map((_, i) => 1 + (i % 2));
        const one = await fit(points, init.length, { ...options, init, weights });
        const other = await fit([...points, ...extra], init.length, {
          ...options,
          init,
          weights: [...weights, ...extra.map(() => 0)],
        });
        expect([...other.labels].slice(0, points.length)).toEqual([...one.labels]);
        expect(gist(other).centroids).toEqual(gist(one).centroids);
        expect(other.inertia).toBe(one.inertia);
      }),
      { numRuns: 150 },
    );
  });

  test('the same again: the same hash, whatever the seed', async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ points, init, options, seed }) => {
        const run = () => fit(points, init.length, { ...options, seed });
        const { hash, history } = await run();
        const again = await run();
        expect(again.hash).toBe(hash);
        expect(again.history).toEqual(history);
      }),
      { numRuns: 60 },
    );
  });

  test('other forms of the same numbers', async () => {
    const board = blobs(200, 4, { columns: 3, deviation: 0.3 });
    const { data, rows, columns } = board;
    const lists = Array.from({ length: rows }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)]);
    const { hash } = await fit(board, 4, {});
    for (const points of [
      { data: Float64Array.from(data), columns },
      { data, shape: [rows, columns] },
      lists,
      lists.map((row) => Float32Array.from(row)),
    ])
      expect((await kmeans(points, 4, { engine: 'reference' })).hash).toBe(hash);
  });

  test('points four times as large: the same labels', async () => {
    const board = blobs(400, 6, { columns: 2, deviation: 0.2 });
    const one = await fit(board, 6, {});
    const doubled = await fit(
      matrix(
        board.data.map((x) => x * 4),
        2,
      ),
      6,
      {},
    );
    expect(doubled.labels).toEqual(one.labels);
    expect(doubled.centroids.data).toEqual(one.centroids.data.map((x) => x * 4));
    expect(doubled.inertia).toBe(one.inertia * 16);
  });

  test('neither points, weights nor first centroids are written to', async () => {
    const points = uniformBoard(100);
    const init = points.data.slice(0, 8);
    const weights = Float64Array.from({ length: 100 }, (_, i) => i);
    const before = [points.data.slice(), init.slice(), weights.slice()];
    await fit(points, 4, { init: matrix(init, 2), weights, whiten: true });
    expect([points.data, init, weights]).toEqual(before);
  });
});

describe('better', () => {
  test('with more iterations, and with more restarts', async () => {
    const points = uniformBoard(800, { seed: 12 });
    const costs = [];
    for (const maxIter of [1, 2, 4, 8, 100])
      costs.push((await fit(points, 20, { maxIter, tol: 0 })).inertia);
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    const restarts = [];
    for (const nInit of [1, 2, 5, 10])
      restarts.push((await fit(points, 20, { init: 'random', nInit, seed: 1 })).inertia);
    expect(restarts).toEqual([...restarts].sort((a, b) => b - a));
    expect(restarts[3]).toBeLessThan(restarts[0]);
  });

  test('not, from a fitted optimum', async () => {
    const points = blobs(500, 5, { deviation: 0.3 });
    const { centroids, hash } = await fit(points, 5, { tol: 0 });
    const again = await fit(points, 5, { tol: 0, init: centroids });
    expect(again.hash).toBe(hash);
    expect(again.iterations).toBeLessThanOrEqual(2);
  });
});
