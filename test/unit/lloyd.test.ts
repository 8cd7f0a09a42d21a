/** The reference engine's steps one by one, where whole runs do not reach: many rows, near-ties, stops. */
import { describe, expect, test } from 'vitest';
import { accumulate, assign } from '../../src/engines/reference/lloyd.ts';
import { converge, divide, NO_LABEL, relocate } from '../../src/lloyd.ts';
import { layOnGrid, toGridValues, toLabelGrid, toSumGrid, type Grid } from '../../src/grid.ts';
import { uniformBoard } from '../../src/index.ts';
import { below, pcg32 } from '../../src/rng.ts';
import { total } from '../conformance/twin.ts';

const noPause = () => undefined;
const column = (data: ArrayLike<number>, weights?: number[]): Grid =>
  layOnGrid({ data: Float64Array.from(data), rows: data.length, columns: 1 }, { weights });

describe('assign', () => {
  test('decides near-ties in integers where doubles cannot', async () => {
    // Points near 1, centroids near −1, a few steps of the label grid off: squares near 2^60. Both
    // centroids are as many steps off in all, so that only the squares of the steps differ, far
    // below what a double keeps of a sum of squares.
    const columns = 150;
    const STEP = 2 ** -24;
    const random = pcg32(1);
    const q = (y: number) => BigInt(toLabelGrid(y));
    const grid: Grid = {
      ...layOnGrid({ data: Float32Array.of(1, -1), rows: 2, columns: 1 }),
      rows: 1,
      columns,
      values: new Float32Array(columns).fill(1),
    };
    let doublesWrong = 0;
    for (let trial = 0; trial < 400; trial++) {
      const centroids = Float32Array.from(
        { length: 2 * columns },
        () => -1 + below(3, random) * STEP,
      );
      const stepsOf = (j: number) =>
        centroids
          .subarray(j * columns, (j + 1) * columns)
          .reduce((sum, c) => sum + (c + 1) / STEP, 0);
      for (let t = 0; stepsOf(1) !== stepsOf(0); t = (t + 1) % columns) {
        const c = centroids[columns + t] + Math.sign(stepsOf(0) - stepsOf(1)) * STEP;
        if (c >= -1) centroids[columns + t] = c;
      }
      const exact = [0, 1].map((j) =>
        total(
          Array.from(
            centroids.subarray(j * columns, (j + 1) * columns),
            (c) => (q(1) - q(c)) ** 2n,
          ),
        ),
      );
      const doubles = [0, 1].map((j) => {
        let sum = 0;
        for (let t = 0; t < columns; t++)
          sum += (toLabelGrid(1) - toLabelGrid(centroids[j * columns + t])) ** 2;
        return sum;
      });
      const nearest = exact[1] < exact[0] ? 1 : 0;
      if ((doubles[1] < doubles[0] ? 1 : 0) !== nearest) doublesWrong++;
      const labels = Uint32Array.of(NO_LABEL);
      expect(await assign(grid, centroids, labels, noPause)).toBe(1);
      expect(labels[0]).toBe(nearest);
      expect(await assign(grid, centroids, labels, noPause)).toBe(0);
    }
    expect(doublesWrong).toBeGreaterThan(0); // or this has tested nothing
  });
});

describe('accumulate', () => {
  test('is exact over more rows than doubles hold at once, at the ends of the range', async () => {
    const rows = 2 ** 20 + 2 ** 19 + 11;
    const data = new Float32Array(rows).fill(1);
    data.fill(-1, rows - 11);
    const labels = Uint32Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 1 : 0));
    for (const weights of [undefined, new Float64Array(rows).fill(0.7)]) {
      const grid = layOnGrid({ data, rows, columns: 1 }, { weights });
      const { sums, counts } = await accumulate(grid, labels, 2, noPause);
      const truth = [0n, 0n];
      const numbers = [0, 0];
      const p = (y: number) => BigInt(toSumGrid(y, grid.columnExponents[0]));
      const ends = [p(grid.values[0]), p(grid.values[rows - 1])];
      for (let i = 0; i < rows; i++) {
        const weight = grid.weights ? grid.weights[i] : 1;
        numbers[labels[i]] += weight;
        truth[labels[i]] += BigInt(weight) * ends[i < rows - 11 ? 0 : 1];
      }
      expect([...sums]).toEqual(truth);
      expect([...counts]).toEqual(numbers);
    }
  });

  test('with weights that fill 32 bits', async () => {
    const grid = column([-1, 1, 1], [1, 0, 2 ** 32 - 2]);
    const { sums, counts } = await accumulate(grid, Uint32Array.of(0, 0, 0), 1, noPause);
    const p = [...grid.values].map((y) => BigInt(toSumGrid(y, grid.columnExponents[0])));
    expect(sums[0]).toBe(total(p.map((x, i) => x * BigInt(grid.weights![i]))));
    expect(counts[0]).toBe(grid.totalWeight);
  });
});

describe('relocate', () => {
  const start = (grid: Grid, centroids: number[]) =>
    toGridValues({ data: Float64Array.from(centroids), rows: centroids.length, columns: 1 }, grid);

  test('of rows as far the lowest moves, each to one cluster', async () => {
    const grid = column([-2, 2, -1, 1, 0]);
    const centroids = start(
      grid,
      [0, 1e3, 1e3, 1e3].map((x) => Math.min(x, 2)),
    );
    const labels = new Uint32Array(5); // all in cluster 0
    const totals = await accumulate(grid, labels, 4, noPause);
    expect(relocate(grid, centroids, labels, totals)).toBe(3);
    expect([...totals.counts]).toEqual([2, 1, 1, 1]);
    divide(grid, centroids, totals);
    expect([...centroids].map((c) => c * 2 ** grid.exponent)).toEqual([0.5, -2, 2, -1]);
    expect([...labels]).toEqual([0, 0, 0, 0, 0]); // labels follow in the next iteration
  });

  test('finds fewer rows than it needs where the others lie on their centroids', async () => {
    const grid = column([0, 0, 0, 4]);
    const centroids = start(grid, [0, 4, 4, 4]);
    const labels = Uint32Array.of(0, 0, 0, 0);
    const totals = await accumulate(grid, labels, 4, noPause);
    expect(relocate(grid, centroids, labels, totals)).toBe(1);
    expect([...totals.counts]).toEqual([3, 1, 0, 0]);
  });

  test('agrees with sorting all rows', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const board = uniformBoard(80, { seed, columns: 2 });
      const rounded = board.data.map((x) => Math.round(x * 3) / 3); // many equal distances
      const grid = layOnGrid({ ...board, data: rounded });
      const centroids = grid.values.slice(0, 2 * 9);
      const labels = Uint32Array.from({ length: 80 }, (_, i) => i % 4);
      const totals = await accumulate(grid, labels, 9, noPause);
      const before = totals.counts.slice();
      const distance = (i: number) =>
        total(
          [0, 1].map((t) => {
            const c = toLabelGrid(centroids[2 * labels[i] + t]);
            return BigInt(toLabelGrid(grid.values[2 * i + t]) - c) ** 2n;
          }),
        );
      const far = Array.from({ length: 80 }, (_, i) => ({ i, d: distance(i) }))
        .filter(({ d }) => d > 0n)
        .sort((a, b) => (a.d === b.d ? a.i - b.i : b.d > a.d ? 1 : -1))
        .slice(0, 5);
      relocate(grid, centroids, labels, totals);
      far.forEach(({ i }, rank) => {
        before[labels[i]]--;
        before[4 + rank]++;
        for (let t = 0; t < 2; t++)
          expect(totals.sums[2 * (4 + rank) + t]).toBe(
            BigInt(toSumGrid(grid.values[2 * i + t], grid.columnExponents[t])),
          );
      });
      expect(totals.counts).toEqual(before);
    }
  });
});

describe('converge', () => {
  test.each<[number, number, bigint, bigint, string | null]>([
    [0, 0, 0n, 0n, 'labels'],
    [0, 0, 9n, 5n, 'labels'],
    [0, 1, 9n, 5n, null],
    [3, 0, 4n, 5n, 'tol'],
    [3, 0, 5n, 5n, null],
    [3, 0, 0n, 0n, null],
    [3, 0, 0n, 1n, 'tol'],
    [3, 2, 4n, 5n, 'tol'],
  ])('%i moved, %i relocated, shift %i of %i: %s', (moved, relocated, shift, limit, stop) => {
    expect(converge(moved, relocated, shift, limit)).toBe(stop);
  });
});
