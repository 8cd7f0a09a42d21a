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
