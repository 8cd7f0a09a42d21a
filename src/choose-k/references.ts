/**
 * Reference sets of the gap statistic: rows spread evenly over a box around the points. It lies along
 * their principal axes (the paper's choice b), so that a slanted cloud is not taken for clusters, or along
 * the columns (its choice a) where that box is smaller, as around a square, whose principal axes are any;
 * and with many columns, whose axes take long to find.
 */
import type { Stretches } from '../breathe.ts';
import type { Matrix, Rows } from '../matrix.ts';
import type { Random } from '../rng.ts';

/** More columns keep their own axes. */
const MOST_COLUMNS = 64;

export interface Box {
  readonly columns: number;
  readonly centre: Float64Array;
  /** Unit vectors, one a row; and the ends of the points along each. */
  readonly axes: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Rows between two stretches, times columns. */
const SLICE = 2 ** 14;

/** The smaller of both boxes; `counts`: how many rows each stands for, `total` together; null: one. */
export function* boxOf(
  points: Rows,
  counts: Float64Array | null = null,
  total = points.rows,
): Stretches<Box> {
  const { data, rows, columns } = points;
  const slice = Math.ceil(SLICE / columns);
  const centre = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    const count = counts ? counts[i] : 1;
    for (let t = 0; t < columns; t++, at++) centre[t] += (count * data[at]) / total;
    if (i % slice === 0) yield;
  }
  const axes = new Float64Array(columns * columns);
  for (let t = 0; t < columns; t++) axes[t * columns + t] = 1;
  const straight = yield* boxAlong(points, centre, axes);
  if (columns === 1 || columns > MOST_COLUMNS) return straight;
  const turned = axes.slice();
  turn(turned, yield* covariance(points, centre, counts, total), columns);
  const slanted = yield* boxAlong(points, centre, turned);
  // side by side, since a volume of many sides may be more than a double holds
  let larger = 1;
  for (let a = 0; a < columns; a++) {
    const side = straight.high[a] - straight.low[a];
    if (side === 0) return straight;
    larger *= (slanted.high[a] - slanted.low[a]) / side;
  }
  return larger < 1 ? slanted : straight;
}

function* boxAlong(
  { data, rows, columns }: Rows,
  centre: Float64Array,
  axes: Float64Array,
): Stretches<Box> {
  const slice = Math.ceil(SLICE / columns ** 2);
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  for (let i = 0; i < rows; i++) {
    for (let a = 0; a < columns; a++) {
      let along = 0;
      for (let t = 0; t < columns; t++)
        along += (data[i * columns + t] - centre[t]) * axes[a * columns + t];
      low[a] = Math.min(low[a], along);
      high[a] = Math.max(high[a], along);
    }
    if (i % slice === 0) yield;
  }
  return { columns, centre, axes, low, high };
}

/** So many rows spread evenly over the box. */
export function spread(
  { columns, centre, axes, low, high }: Box,
  rows: number,
  random: Random,
): Matrix {
  const data = new Float32Array(rows * columns);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.set(centre);
    for (let a = 0; a < columns; a++) {
      const along = low[a] + random() * (high[a] - low[a]);
      for (let t = 0; t < columns; t++) row[t] += along * axes[a * columns + t];
    }
    data.set(row, i * columns);
  }
  return { data, rows, columns };
}

function* covariance(
  { data, rows, columns }: Rows,
  centre: Float64Array,
  counts: Float64Array | null,
  total: number,
): Stretches<Float64Array> {
  const slice = Math.ceil(SLICE / columns ** 2);
  const matrix = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++) {
    const count = counts ? counts[i] : 1;
    for (let a = 0; a < columns; a++) {
      const x = (count * (data[i * columns + a] - centre[a])) / total;
      for (let b = 0; b <= a; b++)
        matrix[a * columns + b] += x * (data[i * columns + b] - centre[b]);
    }
    if (i % slice === 0) yield;
  }
  for (let a = 0; a < columns; a++)
    for (let b = a + 1; b < columns; b++) matrix[a * columns + b] = matrix[b * columns + a];
  return matrix;
}

/** Turns the axes into the eigenvectors of a symmetric matrix, by Jacobi's rotations. */
function turn(axes: Float64Array, matrix: Float64Array, n: number): void {
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0;
    let all = 0;
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++) {
        all += matrix[a * n + b] ** 2;
        if (a !== b) off += matrix[a * n + b] ** 2;
      }
    if (!(off > 1e-24 * all)) return;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const between = matrix[p * n + q];
        if (between === 0) continue;
        const ratio = (matrix[q * n + q] - matrix[p * n + p]) / (2 * between);
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        const sine = tangent * cosine;
        for (let i = 0; i < n; i++) rotate(matrix, i * n + p, i * n + q, cosine, sine);
        for (let i = 0; i < n; i++) rotate(matrix, p * n + i, q * n + i, cosine, sine);
        for (let i = 0; i < n; i++) rotate(axes, p * n + i, q * n + i, cosine, sine);
      }
  }
}

function rotate(of: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [of[p], of[q]];
  of[p] = cosine * x - sine * y;
  of[q] = sine * x + cosine * y;
}
