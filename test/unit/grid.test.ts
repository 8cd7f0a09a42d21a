/** The grid against exact arithmetic: its range, its roundings, its statistics, its inertia. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../src/errors.ts';
import {
  align,
  ceilLog2,
  explained,
  inertia,
  layOnGrid,
  leadingBits,
  meanOnSumGrid,
  placeOnGrid,
  powerOfTwo,
  roundHalfAway,
  runningInertia,
  standardDeviations,
  toGridValues,
  toLabelGrid,
  toOriginal,
  toSumGrid,
  type Grid,
} from '../../src/grid.ts';
import { uniformBoard } from '../../src/index.ts';
import type { Rows } from '../../src/matrix.ts';
import {
  divided,
  exactly,
  integerWeights,
  judgeGrid,
  rounded,
  to24Bits,
  toNumber,
  total,
} from '../conformance/twin.ts';

const rowsOf = (points: number[][]): Rows => ({
  data: Float64Array.from(points.flat()),
  rows: points.length,
  columns: points[0].length,
});

/** Columns of any kind and scale; float32's range is all that is asked of points. */
const MAX = (2 - 2 ** -23) * 2 ** 127;
const anyNumber = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(MAX, -MAX, 1e-45, -1e-45, 1e-310, 5e-324, 1e6 + 1e-6, 0, -0),
);
const anyPoints = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(anyNumber, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );
const anyWeights = (rows: number) =>
  fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 4 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.constantFrom(1e-300, 5e-324, 1e300),
      ),
      { minLength: rows, maxLength: rows },
    )
    .filter((weights) => weights.some((w) => w > 0));
const weightedPoints = anyPoints.chain((points) =>
  fc.record({
    points: fc.constant(points),
    weights: fc.option(anyWeights(points.length), { nil: undefined }),
  }),
);

describe('layOnGrid', () => {
  test('holds every point in a range no larger than it must be', () => {
    fc.assert(
      fc.property(weightedPoints, ({ points, weights }) => {
        const grid = layOnGrid(rowsOf(points), { weights });
        expect(judgeGrid(points, grid)).toEqual([]);
        expect([grid.rows, grid.columns]).toEqual([points.length, points[0].length]);
        const most = grid.values.reduce((m, y) => Math.max(m, Math.abs(y)), 0);
        // The most is 1/2 at least, unless all points are one, or the range is below 2^−1000.
        if (most > 0 && grid.exponent > -1000) expect(most).toBeGreaterThanOrEqual(0.5);
        if (most === 0) expect(grid.exponent).toBeLessThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  test('finds a centre within 2^−8 of the range from the weighted mean', () => {
    fc.assert(
      fc.property(weightedPoints, ({ points, weights }) => {
        const grid = layOnGrid(rowsOf(points), { weights });
        const { W } = integerWeights(weights ?? points.map(() => 1));
        const sum = Number(total(W));
        for (let t = 0; t < grid.columns; t++) {
          const column = points.map((point) => point[t]);
          const low = Math.min(...column);
          const range = Math.max(...column) - low;
          const mean = low + column.reduce((m, x, i) => m + (x - low) * (Number(W[i]) / sum), 0);
          expect(Math.abs(grid.centre[t] - mean)).toBeLessThanOrEqual(
            range * (2 ** -8 + 2 ** -19) + Math.abs(mean) * 2 ** -50 + 2 ** -1000,
          );
          expect(Object.is(grid.centre[t], -0) && range > 0).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('counts exact squares and variances', () => {
    fc.assert(
      fc.property(weightedPoints, ({ points, weights }) => {
        const grid = layOnGrid(rowsOf(points), { weights });
        const { W, s } = integerWeights(weights ?? points.map(() => 1));
        if (weights) {
          expect(Array.from(grid.weights!, BigInt)).toEqual(W);
          expect(grid.weightExponent).toBe(s);
        } else expect(grid.weights).toBeNull();
        const sum = weights ? total(W) : BigInt(points.length);
        expect(BigInt(grid.totalWeight)).toBe(sum);
        for (let t = 0; t < grid.columns; t++) {
          const weight = (i: number) => (weights ? W[i] : 1n);
          const p = points.map((_, i) =>
            rounded(grid.values[i * grid.columns + t], 30 - grid.columnExponents[t]),
          );
          const squares = total(p.map((x, i) => weight(i) * x * x));
          const sums = total(p.map((x, i) => weight(i) * x));
          expect(grid.squares[t]).toBe(squares);
          const variance =
            toNumber({ numerator: squares * sum - sums * sums, exponent: 0 }) /
            Number(sum) ** 2 /
            2 ** (2 * (30 - grid.columnExponents[t]));
          expect(Math.abs(grid.variances[t] - variance)).toBeLessThanOrEqual(1e-12 * variance);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(weightedPoints, fc.array(fc.nat()), ({ points, weights }, keys) => {
        const order = points.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
        const one = layOnGrid(rowsOf(points), { weights });
        const other = layOnGrid(rowsOf(order.map((i) => points[i])), {
          weights: weights && order.map((i) => weights[i]),
        });
        const without = ({ values, weights, ...rest }: Grid) => ({
          sizes: [values.length, weights?.length],
          ...rest,
        });
        expect(without(other)).toEqual(without(one));
      }),
      { numRuns: 500 },
    );
  });

  test('does not depend on how large slices of rows are summed', () => {
    // More rows than any slice inside: 2^16 for the centre, 2^20 for squares, 64 with weights.
    const rows = 2 ** 20 + 77;
    const data = Float32Array.from({ length: rows }, (_, i) => (i % 1000) - (i % 7) * 0.25);
    const grid = layOnGrid({ data, rows, columns: 1 });
    let squares = 0n;
    for (const y of grid.values) squares += BigInt(toSumGrid(y, grid.columnExponents[0])) ** 2n;
    expect(grid.squares[0]).toBe(squares);
    const weighted = layOnGrid(
      { data, rows, columns: 1 },
      { weights: new Float32Array(rows).fill(3) },
    );
    expect(weighted.centre).toEqual(grid.centre);
    expect(weighted.values).toEqual(grid.values);
    expect(weighted.squares[0]).toBe(squares * 3n * 2n ** BigInt(weighted.weightExponent));
    expect(weighted.variances[0] / grid.variances[0]).toBeCloseTo(1, 12);
  });

  test('adds up exactly where a double would not', () => {
    // More rows than squares of 2^30 fit in 2^53, with odd halves.
    const rows = 2 ** 23 + 2 ** 21;
    const data = new Float32Array(rows).fill(1 - 2 ** -24);
    data[0] = -1;
    const grid = layOnGrid({ data, rows, columns: 1 });
    const p = [0, 1].map((i) => BigInt(toSumGrid(grid.values[i], grid.columnExponents[0])));
    expect(grid.squares[0]).toBe(p[0] ** 2n + BigInt(rows - 1) * p[1] ** 2n);
    // Weights of 20 bits: many times what a double holds, also of half of them.
    const some = uniformBoard(9000, { columns: 1 });
    const weights = Float64Array.from({ length: 9000 }, (_, i) => 1 + ((i * 7919) % 1000) / 999);
    const weighted = layOnGrid(some, { weights });
    let squares = 0n;
    weighted.values.forEach((y, i) => {
      const x = BigInt(toSumGrid(y, weighted.columnExponents[0]));
      squares += BigInt(weighted.weights![i]) * x * x;
    });
    expect(weighted.squares[0]).toBe(squares);
  });

  test('keeps whole numbers whole', () => {
    const grid = layOnGrid(rowsOf([[0], [255], [7], [100]]));
    const unit = 2 ** grid.exponent;
    for (const y of grid.values) expect(Number.isInteger(y * unit)).toBe(true);
  });

  test('constant data lie on 0', () => {
    const grid = layOnGrid(
      rowsOf([
        [7.5, -3],
        [7.5, -3],
      ]),
    );
    expect([...grid.values]).toEqual([0, 0, 0, 0]);
    expect([...grid.centre]).toEqual([7.5, -3]);
    expect([...grid.variances]).toEqual([0, 0]);
    expect([...grid.columnExponents]).toEqual([-96, -96]);
    expect(grid.exponent).toBe(0);
  });

  test('numbers below float32 are kept by scale, not by size', () => {
    for (const unit of [1e-40, 1e-44, 1e-300, 1e-320]) {
      const grid = layOnGrid(rowsOf([[0], [unit], [2 * unit], [4 * unit]]));
      const steps = [...grid.values].map(
        (y) => (y - grid.values[0]) / (grid.values[3] - grid.values[0]),
      );
      [0, 0.25, 0.5, 1].forEach((step, i) => expect(Math.abs(steps[i] - step)).toBeLessThan(1e-3));
    }
  });

  test('grid values too small for a GPU are 0', () => {
    const grid = layOnGrid(
      rowsOf([
        [-1, -1],
        [1, 1],
        [1e-38, 1e-30],
        [0, 0],
      ]),
    );
    expect(Math.abs(grid.values[4])).toBe(0);
    expect(grid.values[5]).toBeGreaterThan(0);
  });

  test('grows for first centroids, but not without limit', () => {
    const points = rowsOf([[-1], [1]]);
    const exponent = (x: number) => layOnGrid(points, { cover: rowsOf([[x]]) }).exponent;
    expect([0, 1, 1.5, 2, 8, 16].map(exponent)).toEqual([0, 0, 1, 1, 3, 4]);
    expect([17, 1e6, -1e30, MAX].map(exponent)).toEqual([4, 4, 4, 4]);
    const grid = layOnGrid(points, { cover: rowsOf([[1e6]]) });
    expect([...placeOnGrid(rowsOf([[1e6], [-1e6], [8]]), grid)]).toEqual([1, -1, 0.5]);
    expect(layOnGrid(rowsOf([[3], [3]]), { cover: rowsOf([[5]]) }).exponent).toBe(1);
  });

  test.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [3.5e38, '3.5e+38'],
    [-1e300, '-1e+300'],
  ])('refuses %d with its place', (x, shown) => {
    const points = rowsOf([
      [1, 2],
      [3, 4],
      [5, x],
      [x, 6],
    ]);
    expect(() => layOnGrid(points, { name: 'rows' })).toThrow(
      new InvalidInputError(
        `rows[2][1] is ${shown}; expected a finite number within float32's range. Drop or fill the row, or rescale the column.`,
      ),
    );
  });

  test('takes the largest float32, and what rounds to it', () => {
    expect(() => layOnGrid(rowsOf([[MAX], [-MAX], [MAX * (1 + 2 ** -25)]]))).not.toThrow();
  });
});

describe('back to the units of the points', () => {
  test('is within half a grid step', () => {
    fc.assert(
      fc.property(anyPoints, (points) => {
        const rows = rowsOf(points);
        const grid = layOnGrid(rows);
        const back = toOriginal(grid.values, grid);
        const step = 2 ** (grid.exponent - 24);
        rows.data.forEach((x, at) => {
          expect(Number.isFinite(back[at])).toBe(true);
          expect(Math.abs(back[at] - x)).toBeLessThanOrEqual(
            step +
              Math.abs(x) * 2 ** -23 +
              2 ** -149 +
              Math.abs(grid.centre[at % grid.columns]) * 2 ** -52,
          );
        });
      }),
      { numRuns: 500 },
    );
  });

  test('never leaves float32', () => {
    const grid = layOnGrid(rowsOf([...new Array<number[]>(99).fill([-MAX]), [MAX]]));
    expect([...toOriginal(grid.values, grid)].slice(-2)).toEqual([-MAX, MAX]);
  });

  test('the rows of the grid have the same values when they come again', () => {
    fc.assert(
      fc.property(anyPoints, (points) => {
        const rows = rowsOf(points);
        const grid = layOnGrid(rows);
        expect(toGridValues(rows, grid)).toEqual(grid.values);
      }),
    );
  });

  test('standardDeviations are those of the columns; 1 where a column is constant', () => {
    const grid = layOnGrid(
      rowsOf([
        [1, 5, 1e-9],
        [2, 5, 3e-9],
        [3, 5, 5e-9],
        [10, 5, 7e-9],
      ]),
    );
    const deviations = standardDeviations(grid);
    expect(deviations[0] / Math.sqrt(12.5)).toBeCloseTo(1, 6);
    expect(deviations[1]).toBe(1);
    expect(deviations[2] / Math.sqrt(5e-18)).toBeCloseTo(1, 6);
  });
});

describe('roundings', () => {
  const single = fc.float({ min: -1, max: 1, noNaN: true });

  test('are to the nearest, halves away from zero, never −0', () => {
    fc.assert(
      fc.property(single, fc.integer({ min: -96, max: 0 }), (y, e) => {
        expect(BigInt(toLabelGrid(y))).toBe(rounded(y, 29));
        if (Math.abs(y) <= 2 ** e) expect(BigInt(toSumGrid(y, e))).toBe(rounded(y, 30 - e));
      }),
      { numRuns: 2000 },
    );
    expect([0.5, -0.5, 1.5, -1.5, 2.4, -2.4, 2 ** 30, -(2 ** 30)].map(roundHalfAway)).toEqual([
      1,
      -1,
      2,
      -2,
      2,
      -2,
      2 ** 30,
      -(2 ** 30),
    ]);
    for (const v of [0, -0, -0.4, 0.4]) expect(roundHalfAway(v)).toBe(0);
  });

  test('the ends of the grids', () => {
    expect([toLabelGrid(1), toLabelGrid(-1)]).toEqual([2 ** 29, -(2 ** 29)]);
    expect([toSumGrid(1, 0), toSumGrid(-(2 ** -96), -96)]).toEqual([2 ** 30, -(2 ** 30)]);
  });

  test('meanOnSumGrid is the mean to the nearest whole number, then to 24 bits', () => {
    const p = fc.oneof(
      fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
      fc.integer({ min: -20, max: 20 }),
      fc.constantFrom(2 ** 30, -(2 ** 30), 2 ** 24 + 1, 2 ** 25 + 2, 2 ** 30 - 64, 2 ** 30 - 33),
    );
    const weight = fc.oneof(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(p, weight), { minLength: 1, maxLength: 8 }), (terms) => {
        const scale = Math.max(1, Math.ceil(terms.reduce((s, [, w]) => s + w, 0) / (2 ** 32 - 1)));
        const W = terms.map(([, w]) => BigInt(Math.ceil(w / scale / 2)));
        const sum = total(terms.map(([x], i) => BigInt(x) * W[i]));
        const mean = meanOnSumGrid(sum, Number(total(W)));
        expect(BigInt(mean)).toBe(to24Bits(divided(sum, total(W))));
        expect(Object.is(mean, -0)).toBe(false);
        expect(Math.fround(mean)).toBe(mean);
        expect(Math.abs(mean)).toBeLessThanOrEqual(2 ** 30);
      }),
      { numRuns: 2000 },
    );
  });

  test('meanOnSumGrid of nothing, halves and carries', () => {
    expect(Object.is(meanOnSumGrid(0n, 5), 0)).toBe(true);
    expect(Object.is(meanOnSumGrid(-1n, 5), 0)).toBe(true);
    expect([meanOnSumGrid(1n, 2), meanOnSumGrid(-1n, 2), meanOnSumGrid(3n, 2)]).toEqual([1, -1, 2]);
    expect(meanOnSumGrid(2n ** 24n + 1n, 1)).toBe(2 ** 24 + 2);
    expect(meanOnSumGrid(-(2n ** 25n) + 1n, 1)).toBe(-(2 ** 25));
    expect(meanOnSumGrid(2n ** 62n - 2n ** 30n, 2 ** 32 - 1)).toBe(2 ** 30);
  });

  test('leadingBits keeps 24 and drops the rest', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 96n }), (value) => {
        const length = value.toString(2).length;
        const text = value.toString(2).slice(0, 24).padEnd(length, '0');
        expect(leadingBits(value)).toBe(Number(BigInt(`0b${text}`)));
      }),
    );
  });
});

describe('powers of two', () => {
  test('powerOfTwo is exact wherever a double reaches', () => {
    for (let e = -1074; e <= 1023; e++) {
      const [mantissa, exponent] = exactly(powerOfTwo(e));
      expect(exponent + mantissa.toString(2).length - 1).toBe(e);
      expect(mantissa & (mantissa - 1n)).toBe(0n);
    }
    expect(powerOfTwo(1024)).toBe(Infinity);
    expect([-1075, -1500, -3000].map(powerOfTwo)).toEqual([0, 0, 0]);
  });

  test('ceilLog2 is the smallest exponent that is enough', () => {
    fc.assert(
      fc.property(fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true }), (v) => {
        const e = ceilLog2(v);
        expect(powerOfTwo(e)).toBeGreaterThanOrEqual(v);
        if (e > -1074) expect(powerOfTwo(e - 1)).toBeLessThan(v);
      }),
      { numRuns: 2000 },
    );
    for (let e = -1074; e <= 1023; e++) expect(ceilLog2(powerOfTwo(e))).toBe(e);
    expect(ceilLog2(1 + 2 ** -52)).toBe(1);
    expect(ceilLog2(1 - 2 ** -53)).toBe(0);
    expect(ceilLog2(Infinity)).toBe(1024);
  });
});

describe('weights', () => {
  const points = (n: number) => ({ data: new Float32Array(n), rows: n, columns: 1 });

  test('are whole numbers as they are, others the nearest to w · 2^s, s as large as can be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }).chain(anyWeights), (weights) => {
        const { W, s } = integerWeights(weights);
        const grid = layOnGrid(points(weights.length), { weights });
        expect(Array.from(grid.weights!, BigInt)).toEqual(W);
        expect(grid.weightExponent).toBe(s);
        expect(grid.totalWeight).toBeLessThan(2 ** 32);
        if (!weights.every(Number.isInteger))
          expect(grid.totalWeight).toBeGreaterThanOrEqual(2 ** 31 - weights.length);
      }),
      { numRuns: 500 },
    );
  });

  test('that add up to 1, nearly: the same in any order', () => {
    // Their float sum is on either side of 1, as the order will have it.
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 }),
        (given) => {
          const sum = given.reduce((a, b) => a + b);
          const weights = given.map((w) => w / sum);
          const { W, s } = integerWeights(weights);
          for (const order of [weights, [...weights].reverse()]) {
            const grid = layOnGrid(points(order.length), { weights: order });
            expect(grid.weightExponent).toBe(s);
            expect([...grid.weights!].map(BigInt).sort()).toEqual([...W].sort());
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('at the edge of a power of two', () => {
    for (const weights of [
      [1],
      [3, 0, 5],
      [0.5, 0.5],
      [1 / 3, 1 / 3, 1 / 3],
      [2 ** 32],
      [2 ** 32 - 1],
      [1e-320],
    ]) {
      const { W, s } = integerWeights(weights);
      const grid = layOnGrid(points(weights.length), { weights });
      expect(Array.from(grid.weights!, BigInt)).toEqual(W);
      expect(grid.weightExponent).toBe(s);
    }
  });
});

describe('inertia', () => {
  /** Any partition of a grid, with the centroids that follow from it. */
  const partition = weightedPoints.chain(({ points, weights }) =>
    fc.record({
      points: fc.constant(points),
      weights: fc.constant(weights),
      k: fc.integer({ min: 1, max: 4 }),
      keys: fc.array(fc.nat(), { minLength: points.length, maxLength: points.length }),
    }),
  );

  function follow(grid: Grid, labels: number[], k: number) {
    const { columns, columnExponents, values } = grid;
    const weight = (i: number) => BigInt(grid.weights ? grid.weights[i] : 1);
    const sums = new BigInt64Array(k * columns);
    const counts = new Uint32Array(k);
    labels.forEach((j, i) => {
      counts[j] += Number(weight(i));
      for (let t = 0; t < columns; t++)
        sums[j * columns + t] +=
          weight(i) * BigInt(toSumGrid(values[i * columns + t], columnExponents[t]));
    });
    const means = Array.from(sums, (sum, at) => {
      const count = counts[Math.floor(at / columns)];
      return count === 0 ? 0 : meanOnSumGrid(sum, count);
    });
    const centroids = Float32Array.from(
      means,
      (mean, at) => mean * powerOfTwo(columnExponents[at % columns] - 30),
    );
    /** Column by column Σ W (p − C)², exactly. */
    const columnsOf = Array.from({ length: columns }, (_, t) =>
      total(
        labels.map((j, i) => {
          const p = BigInt(toSumGrid(values[i * columns + t], columnExponents[t]));
          return weight(i) * (p - BigInt(means[j * columns + t])) ** 2n;
        }),
      ),
    );
    return { sums, counts, means, centroids, columnsOf };
  }

  test('is exact in every column', () => {
    fc.assert(
      fc.property(partition, ({ points, weights, k, keys }) => {
        const grid = layOnGrid(rowsOf(points), { weights });
        const labels = keys.map((key) => key % k);
        const { sums, counts, centroids, columnsOf } = follow(grid, labels, k);
        let truth = 0;
        columnsOf.forEach((sum, t) => {
          truth += Number(sum) * powerOfTwo(2 * (grid.columnExponents[t] - 30));
        });
        truth = truth * powerOfTwo(2 * grid.exponent) * powerOfTwo(-grid.weightExponent);
        expect(inertia(grid, centroids, sums, counts)).toBe(truth);
      }),
      { numRuns: 500 },
    );
  });

  test('while running too, where no column is under 2^−11 of the largest', () => {
    fc.assert(
      fc.property(partition, ({ points, weights, k, keys }) => {
        const grid = layOnGrid(rowsOf(points), { weights });
        const labels = keys.map((key) => key % k);
        const { sums, counts, means, columnsOf } = follow(grid, labels, k);
        let explainedSum = 0n;
        means.forEach((mean, at) => {
          const t = at % grid.columns;
          const part = explained(mean, sums[at], counts[Math.floor(at / grid.columns)]);
          explainedSum += align(grid, t, part);
        });
        expect(explainedSum).toBeLessThan(2n ** 127n);
        const running = runningInertia(grid, explainedSum);
        const inPoints = (units: number) =>
          units *
          powerOfTwo(2 * (grid.historyExponent - 30)) *
          powerOfTwo(2 * grid.exponent) *
          powerOfTwo(-grid.weightExponent);
        const bits = (t: number) => 2 * (grid.columnExponents[t] - grid.historyExponent);
        const fine = total(columnsOf.map((sum, t) => (bits(t) >= 0 ? sum << BigInt(bits(t)) : 0n)));
        if (grid.columnExponents.every((_, t) => bits(t) >= 0))
          expect(running).toBe(inPoints(Number(fine)));
        else {
          // A smaller column loses less than a unit a cluster, and one more.
          const coarse = columnsOf.reduce(
            (sum, x, t) => sum + (bits(t) < 0 ? Number(x) * powerOfTwo(bits(t)) : 0),
            0,
          );
          const units = Number(fine) + coarse;
          const lost = grid.columns * (k + 1) + units * 2 ** -50;
          expect(running).toBeGreaterThanOrEqual(inPoints(units - lost));
          expect(running).toBeLessThanOrEqual(inPoints(units + lost));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of points on their centroids is 0', () => {
    const grid = layOnGrid(
      rowsOf([
        [1.1, 7],
        [1.1, 7],
        [2.3, -1],
      ]),
    );
    const { sums, counts, centroids } = follow(grid, [0, 0, 1], 2);
    expect(inertia(grid, centroids, sums, counts)).toBe(0);
  });
});
