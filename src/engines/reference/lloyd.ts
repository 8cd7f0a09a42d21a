/**
 * Lloyd's iteration in plain TypeScript: the twin of every kernel, slow and obviously right.
 *
 * Each function is named after the shader it is the twin of. Floating point only proposes here too:
 * f64 finds the nearest centroid, and where the second is so near that rounding might have decided,
 * exact integers do (exact.ts).
 *
 * Memory: labels 4 bytes a row; nothing else grows with the rows.
 */
import { inSlices } from '../../breathe.ts';
import { manhattanNearest } from '../../exact.ts';
import { powerOfTwo, roundHalfAway, SUM_BITS, toLabelGrid, type Grid } from '../../grid.ts';
import { nearestCentroid, type Totals } from '../../lloyd.ts';

/** Rows between two pauses, and differences: whichever is reached first. */
const SLICE = 4096;
const SLICE_WORK = 2 ** 22;
type Pause = () => Promise<void> | undefined;

/**
 * `assign` and `settle`: writes every row's nearest centroid, returns how many labels changed. With
 * `second` the one that a row is labelled with is left out: the second-nearest takes its place.
 */
export const assign = assignBy(nearestCentroid);

/** `manhattan`: the same by the sum of absolute differences, which needs no proposal. */
export const manhattan = assignBy((q, ...others) => manhattanNearest(q, 0, ...others));

function assignBy(nearest: typeof nearestCentroid) {
  return async (
    { values, rows, columns }: Grid,
    centroids: Float32Array,
    labels: Uint32Array,
    pause: Pause,
    second = false,
  ): Promise<number> => {
    const k = centroids.length / columns;
    const g = Int32Array.from(centroids, toLabelGrid);
    const q = new Int32Array(columns);
    const slice = Math.max(1, Math.min(SLICE, Math.floor(SLICE_WORK / (k * columns))));
    let moved = 0;
    await inSlices(rows, slice, pause, (start, end) => {
      for (let i = start; i < end; i++) {
        for (let t = 0; t < columns; t++) q[t] = toLabelGrid(values[i * columns + t]);
        const label = nearest(q, g, k, columns, second ? labels[i] : -1);
        if (labels[i] !== label) {
          labels[i] = label;
          moved++;
        }
      }
    });
    return moved;
  };
}

/** `accumulate`: adds every row to its cluster, in 64-bit integers. */
export async function accumulate(
  grid: Grid,
  labels: Uint32Array,
  k: number,
  pause: Pause,
): Promise<Totals> {
  const { values, rows, columns, weights, columnExponents } = grid;
  const sums = new BigInt64Array(k * columns);
  const counts = new Uint32Array(k);
  const perUnit = Float64Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e));
  // p = high · 2^15 + low, W in two halves: products below 2^32 (2^15 unweighted), flushed in time.
  const parts = Array.from({ length: weights ? 4 : 2 }, () => new Float64Array(k * columns));
  const flush = () => {
    for (let at = 0; at < sums.length; at++) {
      let sum = (BigInt(parts[0][at]) << 15n) + BigInt(parts[1][at]);
      if (weights) sum += ((BigInt(parts[2][at]) << 15n) + BigInt(parts[3][at])) << 16n;
      sums[at] += sum;
    }
    for (const part of parts) part.fill(0);
  };
  const exactRows = 2 ** 20; // 2^20 · 2^32 < 2^53
  for (let start = 0; start < rows; start += SLICE) {
    const end = Math.min(rows, start + SLICE);
    for (let i = start; i < end; i++) {
      const at = labels[i] * columns;
      const weight = weights ? weights[i] : 1;
      counts[labels[i]] += weight;
      for (let t = 0; t < columns; t++) {
        const p = roundHalfAway(values[i * columns + t] * perUnit[t]);
        const high = p >> 15;
        const low = p & 0x7fff;
        parts[0][at + t] += high * (weight & 0xffff);
        parts[1][at + t] += low * (weight & 0xffff);
        if (weights) {
          parts[2][at + t] += high * (weight >>> 16);
          parts[3][at + t] += low * (weight >>> 16);
        }
      }
    }
    if (end % exactRows === 0) flush();
    await pause();
  }
  flush();
  return { sums, counts };
}
