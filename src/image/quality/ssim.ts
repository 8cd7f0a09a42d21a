/**
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment: From Error
 * Visibility to Structural Similarity, IEEE Transactions on Image Processing 13(4), 2004).
 *
 * As in the paper and its first script: a Gaussian window of 11 × 11, σ = 1.5, K₁ = 0.01, K₂ = 0.03,
 * L = 255, only windows that lie within the image, no downsampling. Luma is 0.299 R + 0.587 G +
 * 0.114 B, not rounded to bytes. On a side of less than 11 pixels the window is cut to the longest
 * odd length that fits.
 *
 * One pass over the rows: each is filtered along x once, and the last few rows are kept to be filtered
 * along y. Memory: a few dozen rows.
 */
import { breather } from '../../breathe.ts';
import type { Pixels } from '../pixels.ts';
import { compared, type MeasureOptions } from './compared.ts';

const TAPS = 11;
const SIGMA = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** What is averaged over a window: x, y, x² + y², x · y. Nothing else of the moments is needed. */
const MOMENTS = 4;

/**
 * Computes the mean structural similarity (SSIM) of the luma of two images: 1 if they are equal. Images with
 * transparency are compared over black and over white (the mean of both).
 *
 * Source: Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image Quality Assessment: From Error
 * Visibility to Structural Similarity", IEEE Transactions on Image Processing 13, 2004.
 *
 * @param a one image
 * @param b another image of the same size
 * @param options `signal` aborts the call
 * @throws
 * - InvalidInputError if the sizes differ
 * - the signal's reason, if aborted
 */
export async function ssim(a: Pixels, b: Pixels, { signal }: MeasureOptions = {}): Promise<number> {
  const { width, height } = a;
  const pause = breather(signal);
  const alongX = gaussian(width);
  const alongY = gaussian(height);
  const columns = width - alongX.length + 1;
  let sum = 0;
  let windows = 0;
  for (const [x, y] of compared(a, b, signal)) {
    const moments = Array.from({ length: MOMENTS }, () => new Float64Array(width));
    const kept = Array.from({ length: alongY.length }, () =>
      Array.from({ length: MOMENTS }, () => new Float64Array(columns)),
    );
    for (let row = 0; row < height; row++) {
      momentsOf(x, y, 4 * row * width, moments);
      const filtered = kept[row % kept.length];
      for (let m = 0; m < MOMENTS; m++) filterAlongX(moments[m], alongX, filtered[m]);
      if (row >= kept.length - 1) sum += similarityOf(kept, row + 1, alongY);
      await pause();
    }
    windows += columns * (height - alongY.length + 1);
  }
  return sum / windows;
}

function gaussian(side: number): Float64Array {
  const length = Math.min(TAPS, side - 1 + (side % 2));
  const weights = Float64Array.from({ length }, (_, i) =>
    Math.exp(-((i - (length - 1) / 2) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => weight / sum);
}

function momentsOf(
  x: Pixels['data'],
  y: Pixels['data'],
  from: number,
  [mx, my, squares, products]: Float64Array[],
): void {
  for (let i = 0, at = from; i < mx.length; i++, at += 4) {
    const u = 0.299 * x[at] + 0.587 * x[at + 1] + 0.114 * x[at + 2];
    const v = 0.299 * y[at] + 0.587 * y[at + 1] + 0.114 * y[at + 2];
    mx[i] = u;
    my[i] = v;
    squares[i] = u * u + v * v;
    products[i] = u * v;
  }
}

/** The window is symmetric: values at the same distance from its middle are added first. */
function filterAlongX(values: Float64Array, weights: Float64Array, filtered: Float64Array): void {
  const last = weights.length - 1;
  const middle = last / 2;
  for (let i = 0; i < filtered.length; i++) {
    let sum = weights[middle] * values[i + middle];
    for (let k = 0; k < middle; k++) sum += weights[k] * (values[i + k] + values[i + last - k]);
    filtered[i] = sum;
  }
}

/** The sum of SSIM over the windows whose oldest row is `kept[first % kept.length]`. */
function similarityOf(kept: Float64Array[][], first: number, weights: Float64Array): number {
  const rows = kept.map((_, k) => kept[(first + k) % kept.length]);
  let sum = 0;
  for (let i = 0; i < rows[0][0].length; i++) {
    let mx = 0;
    let my = 0;
    let squares = 0;
    let products = 0;
    for (let k = 0; k < rows.length; k++) {
      const [u, v, s, p] = rows[k];
      const weight = weights[k];
      mx += weight * u[i];
      my += weight * v[i];
      squares += weight * s[i];
      products += weight * p[i];
    }
    const means = mx * my;
    const meanSquares = mx * mx + my * my;
    sum +=
      ((2 * means + C1) * (2 * (products - means) + C2)) /
      ((meanSquares + C1) * (squares - meanSquares + C2));
  }
  return sum;
}
