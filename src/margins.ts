/**
 * How clearly rows belong to their clusters: the distance to the second-nearest centroid less that to
 * the nearest. Of the caller's points and of the centroids as they are returned, in float64 and in one
 * order, so that it is the same wherever the labels were found.
 */
import type { Rows } from './matrix.ts';

/** Coordinates between two chances for others to have the thread. */
const SLICE_WORK = 2 ** 18;

/**
 * Margins of all rows, never below 0: the centroids that were compared had not yet been rounded to
 * float32 in the units of the points.
 *
 * @param scale divides every column, where there is one
 * @param pause offered between slices of rows
 */
export async function marginsOf(
  { data, rows, columns }: Rows,
  centroids: Float32Array,
  labels: Uint32Array,
  secondLabels: Uint32Array,
  scale: Float64Array | null,
  pause: () => Promise<void> | undefined,
): Promise<Float32Array> {
  const distance = (row: number, label: number) => {
    let sum = 0;
    for (let t = 0; t < columns; t++) {
      const difference = data[row * columns + t] - centroids[label * columns + t];
      const scaled = scale ? difference / scale[t] : difference;
      sum += scaled * scaled;
    }
    return Math.sqrt(sum);
  };
  const margins = new Float32Array(rows);
  const slice = Math.max(1, Math.floor(SLICE_WORK / columns));
  for (let start = 0; start < rows; start += slice) {
    const end = Math.min(rows, start + slice);
    for (let i = start; i < end; i++)
      margins[i] = Math.max(0, distance(i, secondLabels[i]) - distance(i, labels[i]));
    await pause();
  }
  return margins;
}
