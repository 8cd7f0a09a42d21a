/**
 * Float64 sums that do not depend on the order of what is added, nor on whether a number is added so many
 * times or once, times that count: so that a row that counts as n rows gives the bits of n equal rows,
 * wherever those stand.
 *
 * Each number is cut into three parts, whole numbers of three units, the coarsest first; what lies below
 * the last is rounded to the nearest. Units are powers of two, chosen by the greatest number and by how
 * many there are, so that the sum of each part stays below 2^53 units: it is exact. What is lost of a
 * number is at most 2^−(3 · (52 − ⌈log₂ n⌉)) of the greatest of the n (2^−96 of 2^20): far less than
 * additions one after the other lose for up to 2^32 of them. Counts have to be whole numbers of up to 2^32
 * in all; with others the sum is as good as any float64 sum.
 *
 * Source: J. Demmel, H. D. Nguyen, "Parallel Reproducible Summation", IEEE Trans. Computers 64, 2015
 * (pre-rounding). Correctly rounded sums of expansions (Shewchuk) would do as well, but are slower.
 */
import { atOnce, type Stretches } from './breathe.ts';
import { ceilLog2, powerOfTwo } from './grid.ts';
import type { Rows } from './matrix.ts';

/** More would leave too few bits to a part. */
const MOST_BITS = 32;

/** So many sums side by side. */
export class Sums {
  /** 1.5 · 2^52 units: what is added to it and taken from it again is rounded to whole units. */
  readonly #coarse: Float64Array;
  readonly #middle: Float64Array;
  readonly #fine: Float64Array;
  /** Three a sum. */
  readonly #parts: Float64Array;

  constructor(length: number) {
    this.#coarse = new Float64Array(length);
    this.#middle = new Float64Array(length);
    this.#fine = new Float64Array(length);
    this.#parts = new Float64Array(3 * length);
  }

  /** Sum number `at` starts from 0; its numbers are within ±greatest, and so many with their counts. */
  begin(at: number, greatest: number, total: number): void {
    const bits = Math.min(MOST_BITS, Math.max(1, ceilLog2(total)));
    const reach = ceilLog2(greatest) + bits;
    this.#coarse[at] = 1.5 * powerOfTwo(reach);
    this.#middle[at] = 1.5 * powerOfTwo(reach - (53 - bits));
    this.#fine[at] = 1.5 * powerOfTwo(reach - 2 * (53 - bits));
    this.#parts.fill(0, 3 * at, 3 * at + 3);
  }

  add(at: number, value: number, count: number): void {
    const coarse = this.#coarse[at];
    const middle = this.#middle[at];
    const fine = this.#fine[at];
    const high = value + coarse - coarse;
    const rest = value - high;
    const mid = rest + middle - middle;
    const low = rest - mid + fine - fine;
    const parts = this.#parts;
    parts[3 * at] += count * high;
    parts[3 * at + 1] += count * mid;
    parts[3 * at + 2] += count * low;
  }

  /** Adds the first `length` values; value i counts as counts[from + i], or without counts once. */
  addAll(
    at: number,
    values: Float64Array,
    length: number,
    counts: Float64Array | null,
    from: number,
  ): void {
    const coarse = this.#coarse[at];
    const middle = this.#middle[at];
    const fine = this.#fine[at];
    let [highs, mids, lows] = [0, 0, 0];
    for (let i = 0; i < length; i++) {
      const value = values[i];
      const count = counts ? counts[from + i] : 1;
      const high = value + coarse - coarse;
      const rest = value - high;
      const mid = rest + middle - middle;
      highs += count * high;
      mids += count * mid;
      lows += count * (rest - mid + fine - fine);
    }
    const parts = this.#parts;
    parts[3 * at] += highs;
    parts[3 * at + 1] += mids;
    parts[3 * at + 2] += lows;
  }

  sum(at: number): number {
    const parts = this.#parts;
    return parts[3 * at] + (parts[3 * at + 1] + parts[3 * at + 2]);
  }
}

/** Rows between two stretches. */
const SLICE = 1024;

/**
 * What the rows of each group add up to, column by column: groups × columns. A row whose count is 0 is
 * left out.
 */
export function* groupSums(
  { data, rows, columns }: Pick<Rows, 'rows' | 'columns'> & { data: ArrayLike<number> },
  groupOf: Uint32Array,
  groups: number,
  counts: ArrayLike<number> | null,
): Stretches<Float64Array> {
  const greatest = new Float64Array(groups * columns);
  const totals = new Float64Array(groups);
  for (let i = 0, at = 0; i < rows; i++) {
    if (i % SLICE === 0) yield;
    const count = counts ? counts[i] : 1;
    totals[groupOf[i]] += count;
    const to = groupOf[i] * columns;
    for (let t = 0; t < columns; t++, at++) {
      const size = Math.abs(data[at]);
      if (count > 0 && size > greatest[to + t]) greatest[to + t] = size;
    }
  }
  const sums = new Sums(groups * columns);
  for (let at = 0; at < greatest.length; at++)
    sums.begin(at, greatest[at], totals[Math.floor(at / columns)]);
  for (let i = 0, at = 0; i < rows; i++) {
    if (i % SLICE === 0) yield;
    const count = counts ? counts[i] : 1;
    const to = groupOf[i] * columns;
    if (count === 0) at += columns;
    else for (let t = 0; t < columns; t++, at++) sums.add(to + t, data[at], count);
  }
  return greatest.map((_, at) => sums.sum(at));
}

/** What the values add up to, each as often as it counts. */
export function sumOf(values: Float64Array, counts?: ArrayLike<number> | null): number {
  const rows = values.length;
  const all = new Uint32Array(rows);
  return atOnce(groupSums({ data: values, rows, columns: 1 }, all, 1, counts ?? null))[0];
}
