/**
 * Greedy k-means++: each centroid is the best of 2 + ⌊ln k⌋ rows drawn with probability W·D², where
 * D is the distance to the nearest centroid so far; best is what leaves the smallest ΣW·D².
 *
 * Source: D. Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007;
 * the greedy form is their own remark (section 7) and scikit-learn's default.
 *
 * In f64, in a fixed order, so that every engine starts from the same rows. Sums run over stretches
 * of 4096 rows and then over the stretches: shards of whole stretches give the same bits.
 * Memory: 16 bytes a candidate row, beside the sample's coordinates.
 */
import type { Random } from '../rng.ts';

const STRETCH = 4096;
export type Pause = () => Promise<void> | undefined;

/**
 * Chooses k of the points (row-major grid values; weights or null); returns their numbers. With one
 * trial it is k-means++ as first described, not greedy.
 */
export async function plusPlus(
  points: Float32Array,
  columns: number,
  weights: Uint32Array | null,
  k: number,
  random: Random,
  pause: Pause,
  onSeed: () => void | Promise<void> = () => {},
  trials = 2 + Math.floor(Math.log(k)),
): Promise<Uint32Array> {
  const size = points.length / columns;

  let nearest = new Float64Array(size).fill(Infinity);
  let best = new Float64Array(size);
  let trial = new Float64Array(size);
  /** What a row weighs in the next draw, given the distances to the nearest centroid. */
  const massOf = (d: Float64Array) =>
    weights ? (i: number) => d[i] * weights[i] : (i: number) => d[i];
  const weightOf = (i: number) => (weights ? weights[i] : 1);

  const rows = [draw(stretchSums(size, weightOf), size, weightOf, random)];
  distances(points, columns, rows[0], nearest, nearest);
  await onSeed();
  while (rows.length < k) {
    const mass = massOf(nearest);
    const sums = stretchSums(size, mass);
    let bestTotal = Infinity;
    let bestRow = 0;
    for (let attempt = 0; attempt < trials; attempt++) {
      const row = draw(sums, size, mass, random);
      distances(points, columns, row, nearest, trial);
      const { total } = stretchSums(size, massOf(trial));
      if (total < bestTotal) {
        bestTotal = total;
        bestRow = row;
        [best, trial] = [trial, best];
      }
      const waiting = pause();
      if (waiting) await waiting;
    }
    [nearest, best] = [best, nearest];
    rows.push(bestRow);
    const told = onSeed();
    if (told) await told;
  }
  return Uint32Array.from(rows);
}

/** out[i] = min(limit[i], ‖point i − point at‖²), columns added in order. */
function distances(
  points: Float32Array,
  columns: number,
  at: number,
  limit: Float64Array,
  out: Float64Array,
): void {
  const centre = points.slice(at * columns, (at + 1) * columns);
  for (let i = 0, p = 0; i < limit.length; i++) {
    let sum = 0;
    for (let t = 0; t < columns; t++) {
      const difference = points[p++] - centre[t];
      sum += difference * difference;
    }
    out[i] = sum < limit[i] ? sum : limit[i];
  }
}

interface StretchSums {
  stretches: Float64Array;
  total: number;
}

function stretchSums(size: number, mass: (i: number) => number): StretchSums {
  const stretches = new Float64Array(Math.ceil(size / STRETCH));
  let total = 0;
  for (let s = 0; s < stretches.length; s++) {
    let sum = 0;
    for (let i = s * STRETCH; i < Math.min(size, (s + 1) * STRETCH); i++) sum += mass(i);
    stretches[s] = sum;
    total += sum;
  }
  return { stretches, total };
}

/**
 * A row drawn with probability mass(i) / total. Never one without mass, unless none has any: then
 * (fewer distinct points than centroids) any row, so that a start is still found.
 */
function draw(
  { stretches, total }: StretchSums,
  size: number,
  mass: (i: number) => number,
  random: Random,
): number {
  if (!(total > 0)) return Math.min(size - 1, Math.floor(random() * size));
  let left = random() * total;
  let s = 0;
  while (s < stretches.length - 1 && left >= stretches[s]) left -= stretches[s++];
  // Rounding may carry past the last row with mass: then that row is the one.
  let last = -1;
  for (let i = s * STRETCH; i < Math.min(size, (s + 1) * STRETCH); i++) {
    const m = mass(i);
    if (m > 0) {
      last = i;
      if (left < m) return i;
      left -= m;
    }
  }
  if (last >= 0) return last;
  for (let i = s * STRETCH - 1; i >= 0; i--) if (mass(i) > 0) return i;
  for (let i = 0; i < size; i++) if (mass(i) > 0) return i;
  return 0;
}
