/**
 * Bounds that outlive an iteration, held against every distance: labels, sums, counts and moved rows after each
 * of several passes, whatever becomes of centroids and labels between them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accumulate, assign } from '../../src/engines/reference/lloyd.ts';
import { layOnGrid, placeOnGrid, type Grid } from '../../src/grid.ts';
import { kmeans } from '../../src/index.ts';
import { divide, type Totals } from '../../src/lloyd.ts';
import { pcg32, type Random } from '../../src/rng.ts';
import { layHard } from './follow.ts';
import { BUILDS, instance, place, put, type Instance } from './instance.ts';
import { hardCases } from './sets.ts';

/** How far centroids creep in a pass. */
const CREEP = 2 ** -20;

/** What becomes of centroids from one pass to the next. */
const TURNS = {
  /** An iteration of Lloyd's; a cluster that lost its rows keeps its place. */
  lloyd: (_random, centroids, grid, totals) => void divide(grid, centroids, totals),
  stay: () => undefined,
  /** Each moves a little, by steps down to those of the label grid. */
  drift: (random, centroids) => {
    const reach = 2 ** -Math.floor(30 * random());
    centroids.forEach((c, i) => (centroids[i] = clamp(c + reach * (2 * random() - 1))));
  },
  /** All of them a little along the first column. */
  creep: (_random, centroids, { columns }) => {
    for (let j = 0; j < centroids.length; j += columns) centroids[j] -= CREEP;
  },
  /** Half of them onto others: ties. */
  meet: (random, centroids, { columns }) => {
    const k = centroids.length / columns;
    for (let j = 0; j < k; j += 2) {
      const from = columns * Math.floor(k * random());
      centroids.copyWithin(j * columns, from, from + columns);
    }
  },
  /** Somewhere else altogether: rows. */
  leap: (random, centroids, { columns, rows, values }) => {
    for (let j = 0; j < centroids.length; j += columns) {
      const row = columns * Math.floor(rows * random());
      centroids.set(values.subarray(row, row + columns), j);
    }
  },
} satisfies Record<
  string,
  (random: Random, centroids: Float32Array, grid: Grid, totals: Totals) => void
>;
type Turn = keyof typeof TURNS;
const clamp = (x: number) => Math.max(-1, Math.min(1, x));

/** What becomes of labels: nothing; forgotten; put back as they were before the last pass; another start. */
const LABELS = ['kept', 'forgotten', 'put back', 'placed anew'] as const;

const steps = fc.array(
  fc.record({
    turn: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Turn>('lloyd') },
      fc.constantFrom(...(Object.keys(TURNS) as Turn[])),
    ),
    labels: fc.oneof(
      { weight: 3, arbitrary: fc.constant('kept' as const) },
      fc.constantFrom(...LABELS),
    ),
  }),
  { minLength: 2, maxLength: 7 },
);

interface Watched {
  looked: number;
  possible: number;
  ordered: number;
}

/** Passes over the rows, each compared; how much was looked at after the first of them. */
async function follow(
  binary: Uint8Array<ArrayBuffer>,
  { grid, start }: { grid: Grid; start: Float32Array },
  turns: readonly { turn: Turn; labels: (typeof LABELS)[number] }[],
  { seed, slice, room = 0 }: { seed: number; slice: number; room?: number },
): Promise<Watched> {
  const { rows, columns } = grid;
  const k = start.length / columns;
  const blocks = Math.ceil(rows / 8);
  const random = pcg32(seed);
  const kernels = await instance(binary);
  put(kernels, grid, k + room);
  kernels.call('openBounds', k + room);
  kernels.call('packBounds', 0, blocks);
  kernels.call('forgetBrute', k);
  const centroids = start.slice();
  let labels = new Uint32Array(rows).fill(0xffffffff);
  let fresh = true;
  const watched: Watched = { looked: 0, possible: 0, ordered: 0 };
  for (const { turn, labels: fate } of [{ turn: 'stay', labels: 'kept' } as const, ...turns]) {
    if (kernels.call('orderByLabel')) {
      watched.ordered++;
      kernels.call('packBounds', 0, blocks);
    }
    const before = labels.slice();
    if (fate === 'put back') kernels.call('keepBrute', k);
    place(kernels, centroids, columns);
    const moved = await assign(grid, centroids, labels, () => undefined);
    const totals = await accumulate(grid, labels, k, () => undefined);
    expect(pass(kernels, grid, k, slice)).toEqual({ moved, labels: [...labels], ...plain(totals) });
    if (!fresh) {
      watched.looked += kernels.call('groupsLookedAt');
      watched.possible += blocks * Math.ceil(k / 4);
    }
    fresh = false;
    if (fate === 'put back') {
      kernels.call('restoreBrute', k);
      labels = before;
    } else if (fate !== 'kept') {
      kernels.call('forgetBrute', k);
      if (fate === 'placed anew') kernels.call('forgetBounds');
      labels.fill(0xffffffff);
    }
    TURNS[turn](random, centroids, grid, totals);
  }
  return watched;
}

/** One pass of the kernels, in calls of about `slice` products. */
function pass(kernels: Instance, { rows, columns }: Grid, k: number, slice: number) {
  kernels.call('begin');
  kernels.call('startBounds');
  while (kernels.call('bound', slice)) continue;
  return {
    moved: kernels.call('movedRows'),
    labels: [...kernels.u32(kernels.call('labelsAt'), rows)],
    sums: [...kernels.i64(kernels.call('sumsAt'), k * columns)],
    counts: [...kernels.u32(kernels.call('countsAt'), k)],
  };
}

const plain = ({ sums, counts }: Totals) => ({ sums: [...sums], counts: [...counts] });

describe.each(BUILDS)('$name', ({ binary }) => {
  test('labels, sums and counts of every pass, on data that is hard on shortcuts', () =>
    fc.assert(
      fc.asyncProperty(
        hardCases,
        steps,
        fc.constantFrom(1, 5000, 1e9),
        fc.nat({ max: 9 }),
        async (problem, turns, slice, room) => {
          await follow(binary, layHard(problem), turns, { seed: problem.seed, slice, room });
        },
      ),
      { numRuns: 200 },
    ));

  test('a border that creeps through rows by less than 16 bits tell', async () => {
    // Between two fours of centroids; to either side, so that rows are long and packing them leaves something.
    const [rows, columns] = [800, 24];
    const line = (x: number, aside: number) => [x, aside, ...Array<number>(columns - 2).fill(0)];
    const middles = [-0.5, -0.9, -0.8, -0.7, 0.5, 0.9, 0.8, 0.7].map((x) => line(x, 0));
    const near = Array.from({ length: rows }, (_, i) =>
      line((i - rows / 2) * CREEP, i % 16 < 8 ? 0.93 : -0.93),
    );
    const data = Float64Array.from([...middles, ...near].flat());
    const grid = layOnGrid({ data, rows: rows + 8, columns });
    const start = placeOnGrid({ data: Float64Array.from(middles.flat()), rows: 8, columns }, grid);
    const creeps = Array<{ turn: Turn; labels: 'kept' }>(12).fill({
      turn: 'creep',
      labels: 'kept',
    });
    const watched = await follow(binary, { grid, start }, creeps, { seed: 1, slice: 1e9 });
    expect(watched.looked / watched.possible).toBeLessThan(0.9);
  });

  const LLOYD = { turn: 'lloyd', labels: 'kept' } as const;

  test.each([
    // share that may be looked at; whether rows are ordered; deviation from middles in [-1, 1]; sizes
    ['clusters apart', 0.35, 1, 0.05, 'even'],
    ['tight clusters, far from the origin', 0.35, 1, 2 ** -12, 'even'],
    ['some large and many small', 0.6, 1, 0.05, 'zipf'],
    ['no clusters', 0.95, 0, 2, 'even'],
  ] as const)(
    '%s: most is left out, and nothing that counts',
    async (_, share, ordered, deviation, sizes) => {
      const data = clusters(1203, 24, 30, deviation, sizes);
      const init = { data: data.subarray(0, 40 * 24), rows: 40, columns: 24 };
      const grid = layOnGrid({ data, rows: 1203, columns: 24 }, { cover: init });
      const laid = { grid, start: placeOnGrid(init, grid) };
      const watched = await follow(binary, laid, Array(12).fill(LLOYD), { seed: 1, slice: 1e9 });
      expect(watched.ordered).toBe(ordered);
      expect(watched.looked / watched.possible).toBeLessThan(share);
      expect(watched.looked).toBeGreaterThan(0);
    },
  );
});

/** Rows around `count` middles, as many of each, or fewer and fewer. */
function clusters(
  rows: number,
  columns: number,
  count: number,
  deviation: number,
  sizes: 'even' | 'zipf',
): Float64Array {
  const random = pcg32(count);
  const middles = Float64Array.from({ length: count * columns }, () => 2 * random() - 1);
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    const place = sizes === 'even' ? row % count : Math.floor(count ** ((row % 97) / 97)) - 1;
    return middles[place * columns + (i % columns)] + deviation * (2 * random() - 1);
  });
}

test("'auto' gives bounds up where 16 bits tell nothing apart, and goes on with the same bits", async () => {
  // two heaps, so far apart that what is within one is below 16 bits
  const random = pcg32(5);
  const rows = Array.from({ length: 4100 }, (_, i) =>
    Array.from({ length: 17 }, () => (i % 2 ? 1 : -1) + 2 ** -17 * random()),
  );
  const options = {
    init: rows.slice(0, 60),
    tol: 0,
    maxIter: 4,
    engine: 'wasm',
    threads: 1,
  } as const;
  const lloyd = await kmeans(rows, 60, { ...options, algorithm: 'lloyd' });
  const auto = await kmeans(rows, 60, options);
  expect([auto.algorithm, auto.hash, auto.history]).toEqual(['lloyd', lloyd.hash, lloyd.history]);
  const filtered = await kmeans(rows, 60, { ...options, algorithm: 'filtered' });
  expect([filtered.algorithm, filtered.hash]).toEqual(['filtered', lloyd.hash]);
});
