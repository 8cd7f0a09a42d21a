/**
 * Is an answer right? Judged from the points alone, in float64, by the definition of k-means, without
 * any of the library's own arithmetic: an engine is not its own witness.
 *
 * Points and centroids reach an engine rounded to its grid, and come back rounded to float32. So
 * every comparison allows for what that rounding can do, computed for the data at hand, and no more.
 */
import type { KMeansResult, Matrix } from '../src/index.ts';

/** Distances that the search for mislabelled rows may compute; beyond it, it looks at a sample. */
const SEARCH_WORK = 2e9;

/** The state one iteration before the end: what the last centroids are the means of. */
export interface Witness {
  /** Centroids before the first iteration. */
  start: Float32Array;
  /** Labels that the last iteration took the means of. */
  labels: Uint32Array;
}

export interface Audit {
  /** What is wrong, in words; empty where nothing is. */
  faults: string[];
  /** Rows looked at that have a nearer centroid than their label says. */
  wrongLabels: number;
  /** Rows looked at: all, or an even sample of a big case. */
  rowsSearched: number;
  /** Reported inertia relative to the one recomputed in float64: 1 when equal. */
  inertiaRatio: number;
}

export interface Asked {
  points: Matrix;
  k: number;
  iterations: number;
  /** Explicit first centroids, where there were. */
  init: Matrix | null;
}

export function audit(result: KMeansResult, witness: Witness, asked: Asked): Audit {
  const { points, k, iterations, init } = asked;
  const faults: string[] = [];
  const { centroids, labels, sizes } = result;
  const shape = { rows: centroids.rows, columns: centroids.columns, labels: labels.length };
  if (
    shape.rows !== k ||
    shape.columns !== points.columns ||
    shape.labels !== points.rows ||
    centroids.data.length !== k * points.columns ||
    labels.some((label) => label >= k)
  )
    return {
      faults: [`shape ${JSON.stringify(shape)} for ${points.rows} points and k = ${k}`],
      wrongLabels: NaN,
      rowsSearched: 0,
      inertiaRatio: NaN,
    };

  if (result.iterations !== iterations && result.stopReason !== 'labels')
    faults.push(`${result.iterations} iterations instead of ${iterations}`);
  const counts = countLabels(labels, k);
  if (counts.some((count, j) => count !== sizes[j])) faults.push('sizes do not count the labels');

  const slack = rounding(points, centroids);
  if (witness.start.length !== centroids.data.length || witness.labels.length !== points.rows)
    faults.push('its iterations could not be watched');
  if (init && init.data.some((x, at) => Math.abs(x - witness.start[at]) > slack))
    faults.push('did not start from the centroids it was given');

  const { rowsSearched, wrongLabels } = search(points, centroids, labels, slack);
  if (wrongLabels > 0)
    faults.push(`${wrongLabels} of ${rowsSearched} rows have a nearer centroid than their own`);

  const { total, allowance } = recomputedInertia(points, centroids, labels, slack);
  if (!(Math.abs(result.inertia - total) <= allowance + 1e-9 * total))
    faults.push(`inertia ${result.inertia}; in float64 it is ${total}`);

  const offMean = meansOff(points, centroids, witness.labels, slack);
  if (offMean > 0) faults.push(`${offMean} centroids are not the means of their points`);

  const inertiaRatio = total === 0 && result.inertia <= allowance ? 1 : result.inertia / total;
  return { faults, wrongLabels, rowsSearched, inertiaRatio };
}

/**
 * How far a coordinate may be from the one that the engine worked with. The grid spans less than
 * twice the range R of the widest column, in float32: 2R · 2^−25 for a point, the same for a mean,
 * 2^−24 of itself for a centroid that comes back; doubled for the steps of the grids.
 */
function rounding(points: Matrix, centroids: Matrix): number {
  const { data, columns } = points;
  let range = 0;
  let largest = centroids.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let t = 0; t < columns; t++) {
    let [low, high] = [Infinity, -Infinity];
    for (let at = t; at < data.length; at += columns) {
      if (data[at] < low) low = data[at];
      if (data[at] > high) high = data[at];
    }
    range = Math.max(range, high - low);
    largest = Math.max(largest, Math.abs(low), Math.abs(high));
  }
  return 2 * (2 * range * 2 ** -24 + largest * 2 ** -24);
}

/** Looks for rows that have a nearer centroid. */
function search(points: Matrix, centroids: Matrix, labels: Uint32Array, slack: number) {
  const { data, rows, columns } = points;
  const k = centroids.rows;
  const c = Float64Array.from(centroids.data);
  const x = new Float64Array(columns);
  const rowsSearched = Math.max(1, Math.min(rows, Math.floor(SEARCH_WORK / (k * columns))));
  const allowed = 2 * Math.sqrt(columns) * slack;
  let wrongLabels = 0;
  for (let s = 0; s < rowsSearched; s++) {
    const row = Math.floor((s * rows) / rowsSearched);
    for (let t = 0; t < columns; t++) x[t] = data[row * columns + t];
    const own = Math.sqrt(squaredDistance(x, c, labels[row] * columns, Infinity));
    if (own <= allowed) continue;
    // Nearer than this is nearer beyond doubt.
    const limit = (own - allowed) ** 2;
    for (let j = 0; j < k; j++)
      if (squaredDistance(x, c, j * columns, limit) < limit) {
        wrongLabels++;
        break;
      }
  }
  return { rowsSearched, wrongLabels };
}

/** ‖x − c‖²; some number ≥ limit where it is not below. */
function squaredDistance(x: Float64Array, c: Float64Array, at: number, limit: number): number {
  let sum = 0;
  for (let t = 0; t < x.length && sum < limit; t++) {
    const difference = x[t] - c[at + t];
    sum += difference * difference;
  }
  return sum;
}

/** Σ‖point − centroid‖², and how far rounding may have brought the reported one from it. */
function recomputedInertia(
  points: Matrix,
  centroids: Matrix,
  labels: Uint32Array,
  slack: number,
): { total: number; allowance: number } {
  const { data, rows, columns } = points;
  const reach = Math.sqrt(columns) * slack;
  let total = 0;
  let allowance = 0;
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let t = 0; t < columns; t++) {
      const difference = data[i * columns + t] - centroids.data[labels[i] * columns + t];
      square += difference * difference;
    }
    total += square;
    allowance += 2 * Math.sqrt(square) * reach + reach * reach;
  }
  return { total, allowance };
}

/**
 * Centroids that are not the mean of the points the last iteration gave them. Each empty cluster
 * explains two of them: itself, and the one that gave it a point.
 */
function meansOff(points: Matrix, centroids: Matrix, labels: Uint32Array, slack: number): number {
  const { data, rows, columns } = points;
  const k = centroids.rows;
  const sums = new Float64Array(k * columns);
  const counts = countLabels(labels, k);
  for (let i = 0; i < rows; i++)
    for (let t = 0; t < columns; t++) sums[labels[i] * columns + t] += data[i * columns + t];
  let off = 0;
  for (let j = 0; j < k; j++) {
    if (counts[j] === 0) off--;
    else
      for (let at = j * columns; at < (j + 1) * columns; at++)
        if (Math.abs(sums[at] / counts[j] - centroids.data[at]) > slack) {
          off++;
          break;
        }
  }
  return Math.max(0, off);
}

function countLabels(labels: Uint32Array, k: number): Uint32Array {
  const counts = new Uint32Array(k);
  for (const label of labels) counts[label]++;
  return counts;
}
