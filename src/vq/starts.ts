/** First code books: observations themselves, or draws from the Gaussian that they look like. */
import { gatherRows, type Rows } from '../matrix.ts';
import { normal, type Random } from '../rng.ts';
import type { DoubleMatrix } from './observations.ts';

/** Some observations as a code book. */
export function pickRows(obs: Rows, rows: Uint32Array): DoubleMatrix {
  const picked = gatherRows(obs, rows);
  return { ...picked, data: Float64Array.from(picked.data) };
}

/**
 * k draws from a Gaussian with the mean and the covariance (ddof 1) of the observations: SciPy's
 * `minit: 'random'`. Where SciPy fails for want of a positive definite covariance (a constant column),
 * the draws lie in the subspace of the observations.
 */
export function gaussianStart(obs: Rows, k: number, random: Random): DoubleMatrix {
  const { columns } = obs;
  const mean = meansOf(obs);
  const factor =
    obs.columns > obs.rows ? centred(obs, mean) : cholesky(covariance(obs, mean), columns);
  const axes = factor.length / columns;
  const book = new Float64Array(k * columns);
  for (let j = 0; j < k; j++) {
    const row = book.subarray(j * columns, (j + 1) * columns);
    row.set(mean);
    for (let a = 0; a < axes; a++) {
      const z = normal(random);
      for (let t = 0; t < columns; t++) row[t] += z * factor[a * columns + t];
    }
  }
  return { data: book, rows: k, columns };
}

function meansOf({ data, rows, columns }: Rows): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++)
    for (let t = 0; t < columns; t++, at++) sums[t] += data[at];
  return sums.map((sum) => sum / rows);
}

/** The centred observations over √(rows − 1): their squares add up to the covariance. */
function centred({ data, rows, columns }: Rows, mean: Float64Array): Float64Array {
  const scale = 1 / Math.sqrt(Math.max(1, rows - 1));
  return Float64Array.from(data, (x, at) => (x - mean[at % columns]) * scale);
}

function covariance({ data, rows, columns }: Rows, mean: Float64Array): Float64Array {
  const sums = new Float64Array(columns * columns);
  const y = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < columns; t++) y[t] = data[i * columns + t] - mean[t];
    for (let s = 0; s < columns; s++)
      for (let t = 0; t <= s; t++) sums[s * columns + t] += y[s] * y[t];
  }
  return sums.map((sum) => sum / Math.max(1, rows - 1));
}

/**
 * Lᵀ with L·Lᵀ the given matrix (its lower triangle counts): row a says what a draw along axis a adds
 * to each column. A pivot that is nothing but rounding gives an axis of zeros.
 */
function cholesky(matrix: Float64Array, columns: number): Float64Array {
  const upper = new Float64Array(columns * columns);
  for (let a = 0; a < columns; a++) {
    let pivot = matrix[a * columns + a];
    const rounding = pivot * columns * Number.EPSILON;
    for (let b = 0; b < a; b++) pivot -= upper[b * columns + a] ** 2;
    if (pivot <= rounding) continue;
    const root = Math.sqrt(pivot);
    upper[a * columns + a] = root;
    for (let t = a + 1; t < columns; t++) {
      let left = matrix[t * columns + a];
      for (let b = 0; b < a; b++) left -= upper[b * columns + a] * upper[b * columns + t];
      upper[a * columns + t] = left / root;
    }
  }
  return upper;
}
