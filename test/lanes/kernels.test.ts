/** Kernels of the lanes one by one, each against its twin in TypeScript, in every build that runs here. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, manhattan } from '../../src/engines/reference/lloyd.ts';
import { divide, type Totals } from '../../src/lloyd.ts';
import {
  layOnGrid,
  powerOfTwo,
  roundHalfAway,
  toLabelGrid,
  toSumGrid,
  type Grid,
} from '../../src/grid.ts';
import { sumWords } from '../../src/hash.ts';
import { manhattanBound } from '../../src/near-tie.ts';
import { pcg32 } from '../../src/rng.ts';
import { total } from '../conformance/twin.ts';
import { layHard } from './follow.ts';
import { BUILDS, instance, place, put, type Instance } from './instance.ts';
import { hardCases, KINDS } from './sets.ts';

test('the plain build runs everywhere', () => {
  expect(BUILDS[0].name).toBe('SIMD');
});

describe.each(BUILDS)('$name', ({ binary }) => {
  describe('divide', () => {
    /** Columns of any exponents, and clusters of any weight whose sums are as large as they can be. */
    const problem = fc
      .record({
        exponents: fc.array(fc.integer({ min: -96, max: 0 }), { minLength: 1, maxLength: 5 }),
        k: fc.integer({ min: 1, max: 5 }),
        near: fc.boolean(),
      })
      .chain(({ exponents, k, near }) => {
        const columns = exponents.length;
        const cells = k * columns;
        const count = fc.oneof(
          fc.integer({ min: 0, max: 9 }),
          fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 24 + 1),
          fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        );
        return fc.record({
          columns: fc.constant(columns),
          k: fc.constant(k),
          // most columns within what the running inertia keeps all bits of
          exponents: fc.constant(exponents.map((e) => (near ? e % 12 : e))),
          counts: fc.array(count, { minLength: k, maxLength: k }),
          // the mean as a share of its largest, with a remainder on top
          means: fc.array(
            fc.oneof(
              fc.constantFrom(
                -1,
                1,
                0,
                2 ** -30,
                -(2 ** -30),
                0.5,
                1 - 2 ** -24,
                2 ** -6 + 2 ** -30,
              ),
              fc.double({ min: -1, max: 1, noNaN: true }),
            ),
            { minLength: cells, maxLength: cells },
          ),
          rests: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), {
            minLength: cells,
            maxLength: cells,
          }),
          old: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
            minLength: cells,
            maxLength: cells,
          }),
        });
      });

    test('gives the bits of its twin', async () => {
      const kernels = await instance(binary);
      const mark = kernels.call('used');
      fc.assert(
        fc.property(problem, ({ columns, k, exponents, counts, means, rests, old }) => {
          kernels.call('release', mark);
          const historyExponent = Math.max(-11, Math.min(...exponents));
          const sums = BigInt64Array.from(means, (mean, at) => {
            const count = counts[Math.floor(at / columns)];
            const most = BigInt(count) << 30n;
            const sum = BigInt(Math.trunc(mean * 2 ** 30)) * BigInt(count) + BigInt(rests[at]);
            return sum > most ? most : sum < -most ? -most : sum;
          });
          const centroids = Float32Array.from(
            old,
            (y, at) => y * powerOfTwo(exponents[at % columns]),
          );
          const { ours, theirs } = bothDivide(
            kernels,
            { columns, columnExponents: Int32Array.from(exponents), historyExponent },
            centroids,
            { sums, counts: Uint32Array.from(counts) },
            k,
          );
          expect(ours).toEqual(theirs);
        }),
        { numRuns: 3000 },
      );
    });

    function bothDivide(
      kernels: Instance,
      facts: Pick<Grid, 'columns' | 'columnExponents' | 'historyExponent'>,
      centroids: Float32Array,
      totals: Totals,
      k: number,
    ) {
      kernels.call('openUpdate', facts.columns, k, facts.historyExponent);
      kernels.write(kernels.call('updateExponentsAt'), facts.columnExponents);
      kernels.write(kernels.call('updateCentroidsAt'), centroids);
      kernels.write(kernels.call('updateSumsAt'), totals.sums);
      kernels.write(kernels.call('updateCountsAt'), totals.counts);
      kernels.call('divide', k);
      const words = [0, 1, 2, 3, 4, 5].map((n) => BigInt(kernels.call('word', n)));
      const bits = (values: Float32Array) => [...new Uint32Array(values.buffer)];
      const ours = {
        centroids: bits(kernels.f32(kernels.call('updateCentroidsAt'), k * facts.columns)),
        shift: (words[1] << 32n) + words[0],
        explainedSum: total(words.slice(2).map((word, i) => word << BigInt(32 * i))),
      };
      const moved = centroids.slice();
      const theirs = divide(facts as Grid, moved, totals);
      return { ours, theirs: { centroids: bits(moved), ...theirs } };
    }

    test('adds up what the lanes found', async () => {
      const kernels = await instance(binary);
      kernels.call('openUpdate', 3, 4, 0);
      kernels.call('clearTotals', 4);
      const parts = [1, 2, 3].map((n) => ({
        sums: BigInt64Array.from({ length: 12 }, (_, i) => (BigInt(i - 6) * 2n ** 61n) / BigInt(n)),
        counts: Uint32Array.from({ length: 4 }, (_, j) => n * (2 ** 29 + j)),
      }));
      for (const { sums, counts } of parts) {
        kernels.write(kernels.call('updateLaneAt'), sums);
        kernels.write(kernels.call('updateLaneAt') + sums.byteLength, counts);
        kernels.call('addLane', 4);
      }
      expect([...kernels.i64(kernels.call('updateSumsAt'), 12)]).toEqual(
        Array.from({ length: 12 }, (_, i) =>
          BigInt.asIntN(64, total(parts.map(({ sums }) => sums[i]))),
        ),
      );
      expect([...kernels.u32(kernels.call('updateCountsAt'), 4)]).toEqual(
        [0, 1, 2, 3].map((j) => parts.reduce((sum, { counts }) => sum + counts[j], 0)),
      );
    });
  });

  test('contend: the rows farthest from their centroids, as relocate takes them', async () => {
    await fc.assert(
      fc.asyncProperty(hardCases, fc.integer({ min: 1, max: 12 }), async (problem, most) => {
        const { grid, start } = layHard(problem);
        const { columns, rows } = grid;
        const k = start.length / columns;
        const random = pcg32(problem.seed);
        const labels = Uint32Array.from({ length: rows }, () => Math.floor(random() * k));
        const kernels = await instance(binary);
        const firstRow = 1000;
        put(kernels, grid, k, firstRow);
        place(kernels, start, columns);
        const labelsAt = kernels.call('reserve', 4 * rows);
        kernels.write(labelsAt, labels);
        const to = kernels.call('reserve', 24 * (most + 1));
        const count = kernels.call('contend', labelsAt, most, to);
        const words = kernels.u32(to, 6 * count);
        const ours = Array.from({ length: count }, (_, i) => ({
          row: words[6 * i + 4] - firstRow,
          label: words[6 * i + 5],
        }));
        expect(ours).toEqual(
          farthest(grid, start, labels, most).map((row) => ({ row, label: labels[row] })),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('sumWords and countLabels: as the host counts', async () => {
    const kernels = await instance(binary);
    const mark = kernels.call('used');
    const words = fc.uint32Array({ maxLength: 50 });
    fc.assert(
      fc.property(words, fc.nat({ max: 0xffffff }), (given, firstPlace) => {
        kernels.call('release', mark);
        const at = kernels.call('reserve', 4 * given.length);
        kernels.write(at, given);
        kernels.call('sumWords', at, given.length, firstPlace);
        expect([kernels.call('firstSum'), kernels.call('secondSum')]).toEqual(
          sumWords(given, firstPlace),
        );
        const small = given.map((word) => word % 7);
        kernels.write(at, small);
        const counters = kernels.call('reserve', 28);
        kernels.write(counters, new Uint32Array(7));
        kernels.call('countLabels', at, small.length, counters);
        expect([...kernels.u32(counters, 7)]).toEqual(
          [0, 1, 2, 3, 4, 5, 6].map((j) => small.filter((word) => word === j).length),
        );
      }),
    );
  });

  test('round: halves go away from zero, in one lane as in four', async () => {
    // On the label grid a centroid is rounded one by one; the sums of brute force round rows by fours.
    const halves = [0.5, 1.5, 2.5, 1048575.5, 4194303.5].flatMap((x) => [x, -x]);
    const near = halves.flatMap((x) => [x, Math.fround(x * (1 - 2 ** -23)), x * (1 + 2 ** -22)]);
    const steps = [...near, 0, -0, 0.49999997, -0.49999997, 2 ** 29 - 32, -(2 ** 29), 3, -3];
    const kernels = await instance(binary);
    const columns = steps.length;
    const centroids = Float32Array.from(steps, (x) => x * 2 ** -29);
    kernels.call('open', 1, 0, columns, 1, 0, 4);
    kernels.call('openExact', 1);
    place(kernels, centroids, columns);
    expect([...kernels.i32(kernels.call('gridCentroidsAt'), columns)]).toEqual(
      [...centroids].map(toLabelGrid),
    );
    kernels.write(kernels.call('pointsAt'), centroids);
    kernels.write(kernels.call('sumStepsAt'), new Float32Array(columns).fill(2 ** 29));
    kernels.call('openBrute', 1);
    kernels.call('pack', 0, 1);
    kernels.call('forgetBrute', 1);
    kernels.call('packCentroids');
    kernels.call('begin');
    kernels.call('brute', 0, 1);
    expect([...kernels.i64(kernels.call('sumsAt'), columns)]).toEqual(
      [...centroids].map((y) => BigInt(roundHalfAway(y * 2 ** 29))),
    );
  });

  test('exact distances decide where floats cannot', async () => {
    // Rows and centroids a few label-grid steps around one far corner: nothing but integers tells
    // them apart, and ties go to the lowest.
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 9 }),
        fc.nat(),
        async (columns, k, seed) => {
          const random = pcg32(seed);
          const nearOne = () =>
            (random() < 0.5 ? -1 : 1) * (1 - 2 ** -24 * Math.floor(random() * 3));
          const rows = 11;
          const values = Float32Array.from({ length: rows * columns }, nearOne);
          const start = Float32Array.from({ length: k * columns }, nearOne);
          const grid = layOnGrid({ data: values, rows, columns });
          const bare: Grid = { ...grid, values };
          const kernels = await instance(binary);
          put(kernels, bare, k);
          place(kernels, start, columns);
          kernels.call('openBrute', k);
          kernels.call('pack', 0, Math.ceil(rows / 8));
          kernels.call('forgetBrute', k);
          kernels.call('packCentroids');
          kernels.call('begin');
          kernels.call('brute', 0, Math.ceil(rows / 8));
          const wanted = Array.from({ length: rows }, (_, i) => nearest(values, start, columns, i));
          expect([...kernels.u32(kernels.call('labelsAt'), rows)]).toEqual(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('second: of any labels, in slices of any size, what the twin finds', async () => {
    const problems = hardCases.filter(({ k }) => k > 1);
    await fc.assert(
      fc.asyncProperty(problems, fc.integer({ min: 1, max: 90 }), async (problem, slice) => {
        const absolute = problem.seed % 2 === 1;
        const { grid, start } = layHard(problem);
        const k = start.length / grid.columns;
        const random = pcg32(problem.seed);
        const labels = Uint32Array.from({ length: grid.rows }, () => Math.floor(k * random()));
        const kernels = await instance(binary);
        put(kernels, grid, k);
        place(kernels, start, grid.columns);
        if (absolute) {
          const bound = manhattanBound(grid.columns);
          kernels.call('setDistance', 1);
          kernels.call('setBound', bound.relative, bound.root, bound.absolute);
        }
        kernels.call('openSecond');
        const room = kernels.call('reserve', 4 * slice);
        const found: number[] = [];
        for (let from = 0; from < grid.rows; from += slice) {
          const own = labels.subarray(from, from + slice);
          kernels.write(room, own);
          kernels.call('second', from, own.length, room);
          found.push(...kernels.u32(room, own.length));
        }
        await (absolute ? manhattan : assign)(grid, start, labels, () => undefined, true);
        expect(found).toEqual([...labels]);
      }),
      { numRuns: 300 },
    );
  });

  test('filter: in slices of any size the same as in one', async () => {
    await fc.assert(
      fc.asyncProperty(hardCases, fc.integer({ min: 1, max: 400 }), async (problem, most) => {
        const { grid, start } = layHard({ ...problem, rows: 5 * problem.rows });
        const k = start.length / grid.columns;
        const found = [];
        for (const slice of [Infinity, most]) {
          const kernels = await instance(binary);
          put(kernels, grid, k);
          kernels.call('openOrder');
          while (kernels.call('order', 1000)) continue;
          const groups = kernels.variable('leafRows') / 4;
          kernels.call('openFilter', k);
          kernels.call('forget');
          let calls = 0;
          for (let pass = 0; pass < 2; pass++) {
            place(kernels, start, grid.columns);
            kernels.call('begin');
            kernels.call('startFilter');
            let compared = 0;
            do {
              calls++;
              const before = compared;
              const more = kernels.call('filter', slice);
              compared = kernels.call('comparedCandidates');
              // a slice ends with the box that fills it: at most its candidates and its rows'
              expect(compared - before).toBeLessThan(slice + k + groups * k + 1);
              if (!more) break;
              expect(compared - before).toBeGreaterThanOrEqual(slice);
            } while (calls < 1e6);
            expect(kernels.call('movedRows')).toBe(pass === 0 ? grid.rows : 0);
          }
          const labels = kernels.call('reserve', 4 * grid.rows);
          kernels.call('writeLabels', labels);
          found.push([
            kernels.u32(labels, grid.rows),
            kernels.i64(kernels.call('sumsAt'), k * grid.columns),
            kernels.u32(kernels.call('countsAt'), k),
          ]);
          expect(calls).toBeGreaterThanOrEqual(2);
          if (slice === Infinity) expect(calls).toBe(2);
        }
        expect(found[1]).toEqual(found[0]);
      }),
      { numRuns: 100 },
    );
  });

  describe('order', () => {
    test.each(KINDS)('keeps every row once and every box around its rows: %s', async (kind) => {
      for (const [rows, columns] of [
        [1, 1],
        [9, 2],
        [3001, 1],
        [2050, 2],
        [1200, 5],
        [700, 33],
      ] as const) {
        const weights = columns % 2 ? ('any' as const) : ('none' as const);
        const { grid } = layHard({
          kind,
          rows,
          columns,
          weights,
          k: 1,
          seed: rows,
          start: 'rows',
          emptyCluster: 'keep',
          reads: [],
        });
        const kernels = await instance(binary);
        put(kernels, grid, 1);
        kernels.call('openOrder');
        while (kernels.call('order', 1000)) continue;
        judgeTree(kernels, grid);
      }
    });
  });
});

/** Rows with weight by their exact distance from their centroids, farthest first, ties by row. */
function farthest(
  grid: Grid,
  centroids: Float32Array,
  labels: Uint32Array,
  most: number,
): number[] {
  return Array.from(labels, (label, row) => ({
    row,
    d: distance(grid.values, centroids, grid.columns, row, label),
  }))
    .filter(({ row, d }) => d > 0n && grid.weights?.[row] !== 0)
    .sort((a, b) => (a.d === b.d ? a.row - b.row : a.d > b.d ? -1 : 1))
    .slice(0, most)
    .map(({ row }) => row);
}

function nearest(values: Float32Array, centroids: Float32Array, columns: number, row: number) {
  let label = 0;
  for (let j = 1; j < centroids.length / columns; j++)
    if (
      distance(values, centroids, columns, row, j) <
      distance(values, centroids, columns, row, label)
    )
      label = j;
  return label;
}

function distance(
  values: Float32Array,
  centroids: Float32Array,
  columns: number,
  row: number,
  j: number,
): bigint {
  let sum = 0n;
  for (let t = 0; t < columns; t++) {
    const q = BigInt(toLabelGrid(values[row * columns + t]));
    const g = BigInt(toLabelGrid(centroids[j * columns + t]));
    sum += (q - g) ** 2n;
  }
  return sum;
}

/** The tree as order.ts describes it: a permutation, nested stretches, true boxes, true sums. */
function judgeTree(kernels: Instance, grid: Grid): void {
  const { rows, columns, values, weights, columnExponents } = grid;
  const order = kernels.u32(kernels.variable('rowOf'), rows);
  expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
  const stride = kernels.variable('stride');
  const ordered = kernels.f32(kernels.variable('ordered'), stride * columns);
  order.forEach((row, i) => {
    for (let t = 0; t < columns; t++)
      if (ordered[t * stride + i] !== values[row * columns + t])
        expect.fail(`row ${row} is not at its place ${i}`);
  });

  const nodes = kernels.variable('nodes');
  const bytes = kernels.variable('nodeBytes');
  const count = kernels.variable('nodeCount');
  const boxes = (n: number) => kernels.f32(nodes + n * bytes + 24 + 8 * columns, 2 * columns);
  const visit = (n: number): number => {
    const [start, end, right, , weight] = kernels.u32(nodes + n * bytes, 6);
    const sums = kernels.i64(nodes + n * bytes + 24, columns);
    const box = boxes(n);
    const inside = [...order.subarray(start, end)];
    expect(end).toBeGreaterThan(start);
    expect(weight).toBe(inside.reduce((sum, row) => sum + (weights ? weights[row] : 1), 0));
    for (let t = 0; t < columns; t++) {
      let [low, high] = [Infinity, -Infinity];
      let sum = 0n;
      for (const row of inside) {
        const y = values[row * columns + t];
        low = Math.min(low, y);
        high = Math.max(high, y);
        sum += BigInt(toSumGrid(y, columnExponents[t])) * BigInt(weights ? weights[row] : 1);
      }
      if (box[t] !== low || box[columns + t] !== high || sums[t] !== sum)
        expect.fail(`node ${n}, column ${t}: ${box[t]} to ${box[columns + t]}, sum ${sums[t]}`);
    }
    if (right === 0) return n + 1;
    // children in preorder, side by side, filling their parent
    const left = kernels.u32(nodes + (n + 1) * bytes, 2);
    const other = kernels.u32(nodes + right * bytes, 2);
    expect([left[0], left[1], other[1]]).toEqual([start, other[0], end]);
    expect(visit(n + 1)).toBe(right);
    return visit(right);
  };
  const [start, end] = kernels.u32(nodes, 2);
  expect([start, end]).toEqual([0, rows]);
  expect(visit(0)).toBe(count);
}
