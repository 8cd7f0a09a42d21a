/** Seeded samples of row numbers. */
import { below, type Random } from '../rng.ts';

/**
 * `size` different rows of `rows`, ascending: one from each of `size` equal stretches. All rows when
 * there are no more. Takes `size` random numbers, whatever the number of rows.
 */
export function sampleRows(rows: number, size: number, random: Random): Uint32Array {
  if (rows <= size) return Uint32Array.from({ length: rows }, (_, i) => i);
  const sample = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    const from = Math.floor((i * rows) / size);
    const to = Math.floor(((i + 1) * rows) / size);
    sample[i] = from + below(to - from, random);
  }
  return sample;
}

/** k different rows of `rows`, each set of them equally likely (Floyd's algorithm). */
export function distinctRows(rows: number, k: number, random: Random): Uint32Array {
  const chosen = new Set<number>();
  for (let last = rows - k; last < rows; last++) {
    const row = below(last + 1, random);
    chosen.add(chosen.has(row) ? last : row);
  }
  return Uint32Array.from(chosen);
}

/**
 * k different rows, one after the other, each drawn by weight among those that are left. Weights are whole
 * numbers above 0 that add up to less than 2^53; there are at least k.
 */
export function rowsByWeight(weights: Uint32Array, k: number, random: Random): Uint32Array {
  const chosen = new Set<number>();
  const ends = new Float64Array(weights.length);
  while (chosen.size < k) {
    let total = 0;
    for (let row = 0; row < weights.length; row++) {
      if (!chosen.has(row)) total += weights[row];
      ends[row] = total;
    }
    // A row that comes up again is drawn anew, which is as if it were not there; heavy ones, which come up
    // again and again, are left out of the next sums.
    for (let tries = 2 * (k - chosen.size); tries > 0 && chosen.size < k; tries--)
      chosen.add(firstAbove(ends, below(total, random)));
  }
  return Uint32Array.from(chosen);
}

/** The first place of ascending numbers that holds more than `value`. */
function firstAbove(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
