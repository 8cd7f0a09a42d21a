/**
 * How far rows are from the nearest of the centres chosen so far: all that seeding asks of the points.
 * Here for points in main memory; on lanes, to the same bits, in lanes/distances.ts.
 *
 * D(row) = ⌊min over centres Σ_t (y_t − c_t)² · {@link unitsOf}⌋, the sum in f64, columns added in
 * order: a whole number up to 2^63. Sums ΣW·D are exact, in three limbs of 21 bits of D, which ΣW < 2^32
 * leaves below 2^53. So they do not depend on the order of the rows, nor on how these are shared out,
 * and rows that a centre cannot reach may be left out.
 *
 * Rows are known by their place among those that take part: their number, where all do.
 *
 * Memory: 8 bytes a row that takes part, 4 more where owners are kept.
 */
import { ceilLog2, powerOfTwo, type GridFacts } from './grid.ts';
import { stir } from './hash.ts';
import { gatherRows } from './matrix.ts';

/** Rows are drawn by stretches: place i is in stretch ⌊i / 4096⌋. */
export const STRETCH_ROWS = 4096;
/** D before there is a centre: the same for all rows, and more than any other. */
export const FARTHEST = 2 ** 63;

/** D of distance² 1: the squared step of the label grid, coarser for many columns. */
export function unitsOf(columns: number): number {
  return powerOfTwo(Math.min(58, 61 - ceilLog2(columns)));
}

export interface DistanceOptions {
  /** Rows that take part, ascending; null: all. */
  rows: Uint32Array | null;
  /** Weights of these rows, other than their own. */
  weights?: Uint32Array;
  /** Most centres that are tried at once, and chosen in all. */
  trials: number;
  centres: number;
  /** Whether to keep which centre is the nearest. */
  owners: boolean;
  pause: () => Promise<void> | undefined;
}

/** What is known of the rows that take part, as if there were no others. */
export function factsOfRows(
  grid: GridFacts,
  { rows, weights }: { rows: Uint32Array | null; weights?: Uint32Array | undefined },
): GridFacts {
  const all = grid.weights;
  const own = weights ?? (rows && all ? rows.map((row) => all[row]) : all);
  return { ...grid, rows: rows?.length ?? grid.rows, weights: own };
}

/** Centres are row-major grid values, and numbered in the order they were added. */
export interface Distances {
  /** ΣW·D of every stretch; D is {@link FARTHEST} before there is a centre. */
  masses(): Promise<Float64Array>;
  /** W·D of the rows of each of these stretches, in their order; until stretches are asked for again. */
  stretches(numbers: readonly number[]): Promise<Float64Array[]>;
  /** Values of the rows at some places, in the order asked for. */
  gather(places: Uint32Array): Promise<Float32Array>;
  /** What each centre would take off the sum of all masses, were it added. */
  gains(centres: Float32Array): Promise<bigint[]>;
  add(centres: Float32Array): Promise<void>;
  /** Adds one of the centres whose gains were asked for last. */
  take(tried: number): Promise<void>;
  /** Places picked by chance, each for itself, with probability `expected` · W·D / `total`; ascending. */
  pick(key: number, expected: number, total: number): Promise<Uint32Array>;
  /** ΣW of the rows nearest to each centre. */
  owned(): Promise<Uint32Array>;
  close(): Promise<void>;
}

/** Limbs put together by threes, in f64. */
export function asNumbers(limbs: Float64Array): Float64Array {
  const numbers = new Float64Array(limbs.length / 3);
  for (let i = 0, at = 0; i < numbers.length; i++, at += 3)
    numbers[i] = limbs[at + 2] * 2 ** 42 + limbs[at + 1] * 2 ** 21 + limbs[at];
  return numbers;
}

/** Three limbs exactly; they may be of different signs. */
export function asBigInt(limbs: Float64Array, at: number): bigint {
  return (BigInt(limbs[at + 2]) << 42n) + (BigInt(limbs[at + 1]) << 21n) + BigInt(limbs[at]);
}

/** Distances of points in main memory. `values`: row-major, of all rows. */
export function hostDistances(
  { columns, rows: allRows, weights }: GridFacts,
  values: Float32Array,
  { rows, weights: given, owners: owned, pause }: DistanceOptions,
): Distances {
  const size = rows ? rows.length : allRows;
  const rowAt = (i: number) => (rows ? rows[i] : i);
  const weightAt = (i: number) => (given ? given[i] : weights ? weights[rowAt(i)] : 1);
  const units = unitsOf(columns);
  const nearest = new Float64Array(size);
  const owners = owned ? new Uint32Array(size) : null;
  const stretchCount = Math.ceil(size / STRETCH_ROWS);
  const limbs = new Float64Array(3 * stretchCount);
  const measured = new Float64Array(Math.min(size, STRETCH_ROWS));
  let added = 0;
  let tried: Float32Array = new Float32Array();

  for (let i = 0; i < size; i++) {
    const weight = weightAt(i);
    if (weight === 0) continue;
    nearest[i] = FARTHEST;
    addMass(limbs, 3 * Math.floor(i / STRETCH_ROWS), FARTHEST, 0, weight);
  }
  const ends = (stretch: number) => {
    const from = stretch * STRETCH_ROWS;
    return [from, Math.min(size, from + STRETCH_ROWS)] as const;
  };

  /** Members that are nearer to a centre than to any before, stretch by stretch. */
  const each = async (
    centres: Float32Array,
    nearer: (i: number, distance: number, centre: number, stretch: number) => void,
  ) => {
    for (let s = 0; s < stretchCount; s++) {
      const [from, to] = ends(s);
      for (let c = 0; c < centres.length; c += columns) {
        const centre = centres.subarray(c, c + columns);
        measure(values, rows, from, to, centre, units, nearest, measured);
        for (let i = from; i < to; i++)
          if (measured[i - from] < nearest[i]) nearer(i, measured[i - from], c / columns, s);
        const waiting = pause();
        if (waiting) await waiting;
      }
    }
  };

  const add = async (centres: Float32Array) => {
    await each(centres, (i, d, centre, stretch) => {
      addMass(limbs, 3 * stretch, d, nearest[i], weightAt(i));
      nearest[i] = d;
      if (owners) owners[i] = added + centre;
    });
    added += centres.length / columns;
  };

  return {
    masses: async () => asNumbers(limbs),
    stretches: async (numbers) =>
      numbers.map((s) => {
        const [from, to] = ends(s);
        return nearest.slice(from, to).map((d, i) => weightAt(from + i) * d);
      }),
    gather: async (places) =>
      gatherRows({ data: values, columns }, rows ? places.map(rowAt) : places).data,
    async gains(centres) {
      tried = centres;
      const gains = new Float64Array((3 * centres.length) / columns);
      await each(centres, (i, d, centre) => addMass(gains, 3 * centre, nearest[i], d, weightAt(i)));
      return Array.from({ length: gains.length / 3 }, (_, j) => asBigInt(gains, 3 * j));
    },
    add,
    take: (n) => add(tried.slice(n * columns, (n + 1) * columns)),
    async pick(key, expected, total) {
      const picked: number[] = [];
      const step = total / 2 ** 32;
      for (let i = 0; i < size; i++)
        if (wordOf(i, key) * step < expected * (weightAt(i) * nearest[i])) picked.push(i);
      return Uint32Array.from(picked);
    },
    async owned() {
      const sums = new Uint32Array(added);
      for (let i = 0; i < size; i++) sums[owners![i]] += weightAt(i);
      return sums;
    },
    close: async () => {},
  };
}

/** D of the members in [from, to) from a centre, or what is no less than their `nearest`. */
function measure(
  values: Float32Array,
  rows: Uint32Array | null,
  from: number,
  to: number,
  centre: Float32Array,
  units: number,
  nearest: Float64Array,
  out: Float64Array,
): void {
  const columns = centre.length;
  for (let i = from; i < to; i++) {
    let y = (rows === null ? i : rows[i]) * columns;
    let sum = 0;
    for (let t = 0; t < columns;) {
      const pause = Math.min(columns, t + 16); // the rest may not be worth it
      for (; t < pause; t++) {
        const difference = values[y++] - centre[t];
        sum += difference * difference;
      }
      if (sum * units >= nearest[i]) break;
    }
    out[i - from] = Math.floor(sum * units);
  }
}

/** Adds W · (a − b), limb by limb. */
function addMass(limbs: Float64Array, at: number, a: number, b: number, weight: number): void {
  const a2 = Math.floor(a / 2 ** 42);
  const b2 = Math.floor(b / 2 ** 42);
  const aRest = a - a2 * 2 ** 42;
  const bRest = b - b2 * 2 ** 42;
  const a1 = Math.floor(aRest / 2 ** 21);
  const b1 = Math.floor(bRest / 2 ** 21);
  limbs[at] += weight * (aRest - a1 * 2 ** 21 - (bRest - b1 * 2 ** 21));
  limbs[at + 1] += weight * (a1 - b1);
  limbs[at + 2] += weight * (a2 - b2);
}

/** 32 random bits of a place. */
export function wordOf(place: number, key: number): number {
  return stir(stir(Math.imul(place, 0x9e3779b1)) ^ key) >>> 0;
}
