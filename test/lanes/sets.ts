/**
 * Points that are hard on shortcuts: where many centroids are equally near, where boxes have no
 * extent, where one row takes all the resolution. Made from a seed, so that fast-check can print and
 * shrink a case as a few words and numbers.
 */
import fc from 'fast-check';
import type { Rows } from '../../src/matrix.ts';
import { below, normal, pcg32, type Random } from '../../src/rng.ts';

/** A row of `columns` numbers, the i-th of n. */
type Maker = (i: number, n: number, columns: number, random: Random) => number[];

const row = (columns: number, number: (t: number) => number) =>
  Array.from({ length: columns }, (_, t) => number(t));

/** Kinds of sets. Blobs are there so that something has a structure, too. */
export const MAKERS = {
  uniform: (_i, _n, columns, random) => row(columns, () => 2 * random() - 1),
  blobs: (i, _n, columns, random) =>
    row(columns, (t) => ((i * (t + 3)) % 7) + 0.1 * normal(random)),
  duplicates: (_i, _n, columns, random) => {
    const which = below(3, random);
    return row(columns, (t) => [0, 1.5, -7][(which + t) % 3]);
  },
  same: (_i, _n, columns) => row(columns, (t) => 3.25 - t),
  collinear: (i, _n, columns) => row(columns, (t) => i * (t + 1) * (t % 2 ? -1 : 1)),
  lattice: (_i, _n, columns, random) => row(columns, () => below(5, random)),
  'far outlier': (i, n, columns, random) =>
    row(columns, () => (i === Math.floor(n / 2) ? 1e6 : 1) * (2 * random() - 1)),
  'constant columns': (_i, _n, columns, random) =>
    row(columns, (t) => (t % 2 === 0 && columns > 1 ? 7 : random())),
  'a spread of 1e-2 at 1e6': (_i, _n, columns, random) =>
    row(columns, () => 1e6 + 1e-2 * (2 * random() - 1)),
  subnormal: (_i, _n, columns, random) => row(columns, () => 1e-40 * (2 * random() - 1)),
  // Most rows share one key with the outlier's cell at the other end; within, they are a lattice.
  'one key': (i, n, columns, random) =>
    row(columns, () => (i === n - 1 ? 1 : 2 ** -24 * below(4, random))),
  // Every power of two down to the smallest grid value, on both sides of a mean that is 0 on the grid,
  // and half of the rows there: a tree deeper than any balanced one.
  'many scales': (i, n, columns) =>
    row(columns, (t) => {
      const scale = i < n / 2 ? Math.min(126, Math.floor((i * 252) / n)) : 126;
      return ((i + t) % 2 ? -1 : 1) * 2 ** -scale;
    }),
  'columns of all scales': (_i, _n, columns, random) =>
    row(columns, (t) => 10 ** (3 * (t % 7) - 9) * (2 * random() - 1)),
} satisfies Record<string, Maker>;

export type Kind = keyof typeof MAKERS;
export const KINDS = Object.keys(MAKERS) as Kind[];

export interface HardCase {
  kind: Kind;
  rows: number;
  columns: number;
  k: number;
  seed: number;
  /** Where the first centroids are. */
  start: 'rows' | 'between rows' | 'one place';
  weights: 'none' | 'mostly zero' | 'any';
  emptyCluster: 'relocate' | 'keep' | 'stop';
  /** Iterations after which somebody reads, 0 before the first. */
  reads: number[];
}

/** Rows and columns multiply to no more than some thousands: the reference engine has to follow. */
export const hardCases: fc.Arbitrary<HardCase> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    rows: fc.oneof(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 10, max: 140 }),
      fc.integer({ min: 141, max: 700 }),
    ),
    columns: fc.oneof(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(6, 7, 8, 9, 15, 16, 17, 24, 33),
    ),
    share: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    seed: fc.nat({ max: 1e6 }),
    start: fc.constantFrom('rows' as const, 'between rows' as const, 'one place' as const),
    weights: fc.constantFrom('none' as const, 'mostly zero' as const, 'any' as const),
    emptyCluster: fc.constantFrom('relocate' as const, 'keep' as const, 'stop' as const),
    reads: fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 2 }),
  })
  .map(({ share, ...rest }) => ({
    ...rest,
    // k = n where there are few rows, and 1 to 40 of many
    k: Math.max(1, Math.min(rest.rows, Math.ceil(share * Math.min(rest.rows, 40)))),
  }));

export interface HardSet {
  points: Rows;
  weights: number[] | undefined;
  init: Rows;
}

export function makeSet(given: HardCase): HardSet {
  const { kind, rows, columns, k, seed } = given;
  const random = pcg32(seed);
  const make: Maker = MAKERS[kind];
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) data.set(make(i, rows, columns, random), i * columns);
  const init = new Float64Array(k * columns);
  for (let j = 0; j < k; j++) {
    const a = given.start === 'one place' ? 0 : below(rows, random);
    const b = given.start === 'between rows' ? below(rows, random) : a;
    for (let t = 0; t < columns; t++)
      init[j * columns + t] = (data[a * columns + t] + data[b * columns + t]) / 2;
  }
  return {
    points: { data, rows, columns },
    init: { data: init, rows: k, columns },
    weights: weightsOf(given, random),
  };
}

function weightsOf({ weights, rows }: HardCase, random: Random): number[] | undefined {
  if (weights === 'none') return undefined;
  const some = Array.from({ length: rows }, () =>
    weights === 'any' ? random() : below(6, random) === 0 ? 1 + below(3, random) : 0,
  );
  some[below(rows, random)] = 2; // one weighs something
  return some;
}
