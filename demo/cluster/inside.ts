/** Which rows lie inside an outline on the picture, and what they are like. */
import type { Rows } from '../../src/matrix.ts';
import { deviations } from '../../src/picture/projection.ts';

/** What lies inside an outline. */
export interface Inside {
  /** Rows inside, and rows of the picture. */
  rows: number;
  of: number;
  /** By cluster: rows inside, rows of the picture. */
  counts: Uint32Array;
  sizes: Uint32Array;
  /** By column: mean of the rows inside; mean and standard deviation of all rows of the picture. */
  means: Float64Array;
  allMeans: Float64Array;
  deviations: Float64Array;
}

/**
 * @param places where the rows are drawn, rows × 2
 * @param labels of the rows of the picture: the first ones, or all
 * @param outline a polygon, x and y in turn; closed, and taken by the even-odd rule
 */
export function rowsInside(
  points: Rows,
  places: ArrayLike<number>,
  labels: Uint8Array,
  k: number,
  outline: Float64Array,
): Inside {
  const { data, columns } = points;
  const counts = new Uint32Array(k);
  const sizes = new Uint32Array(k);
  const [sums, allSums] = [new Float64Array(columns), new Float64Array(columns)];
  const box = boxOf(outline);
  let rows = 0;
  for (let i = 0; i < labels.length; i++) {
    sizes[labels[i]]++;
    for (let t = 0; t < columns; t++) allSums[t] += data[i * columns + t];
    const [x, y] = [places[2 * i], places[2 * i + 1]];
    if (x < box.left || x > box.right || y < box.bottom || y > box.top) continue;
    if (!contains(outline, x, y)) continue;
    rows++;
    counts[labels[i]]++;
    for (let t = 0; t < columns; t++) sums[t] += data[i * columns + t];
  }
  const allMeans = allSums.map((sum) => sum / labels.length);
  return {
    rows,
    of: labels.length,
    counts,
    sizes,
    means: sums.map((sum) => sum / rows),
    allMeans,
    deviations: deviations(points, labels.length, allMeans),
  };
}

function boxOf(outline: Float64Array) {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let at = 0; at < outline.length; at += 2) {
    box.left = Math.min(box.left, outline[at]);
    box.right = Math.max(box.right, outline[at]);
    box.bottom = Math.min(box.bottom, outline[at + 1]);
    box.top = Math.max(box.top, outline[at + 1]);
  }
  return box;
}

/** Whether a ray to the right crosses the outline an odd number of times. */
function contains(outline: Float64Array, x: number, y: number): boolean {
  let inside = false;
  const { length } = outline;
  for (let at = 0, last = length - 2; at < length; last = at, at += 2) {
    const [ax, ay, bx, by] = [outline[at], outline[at + 1], outline[last], outline[last + 1]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
