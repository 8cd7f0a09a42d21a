/**
 * Peak signal-to-noise ratio: how much the bytes differ, whatever an eye makes of it.
 */
import { breather } from '../../breathe.ts';
import type { Pixels } from '../pixels.ts';
import { compared, type MeasureOptions } from './compared.ts';

/** Bytes between two looks at the clock. */
const STRETCH = 1 << 18;

/**
 * Computes the peak signal-to-noise ratio of two images, in dB over the three colour channels:
 * 10 · log₁₀(255² / mean squared difference). Higher is nearer; `Infinity` if all bytes are equal. Images
 * with transparency are compared over black and over white (the mean squared difference of both).
 *
 * @param a one image
 * @param b another image of the same size
 * @param options `signal` aborts the call
 * @throws
 * - InvalidInputError if the sizes differ
 * - the signal's reason, if aborted
 */
export async function psnr(a: Pixels, b: Pixels, { signal }: MeasureOptions = {}): Promise<number> {
  const pause = breather(signal);
  let squares = 0;
  let values = 0;
  for (const [x, y] of compared(a, b, signal)) {
    for (let from = 0; from < x.length; from += STRETCH) {
      squares += squaredDifference(x, y, from, Math.min(from + STRETCH, x.length));
      await pause();
    }
    values += (x.length / 4) * 3;
  }
  return 10 * Math.log10((255 ** 2 * values) / squares);
}

/** Whole numbers below 2^53: exact. */
function squaredDifference(x: Pixels['data'], y: Pixels['data'], from: number, to: number): number {
  let squares = 0;
  for (let at = from; at < to; at += 4) {
    const red = x[at] - y[at];
    const green = x[at + 1] - y[at + 1];
    const blue = x[at + 2] - y[at + 2];
    squares += red * red + green * green + blue * blue;
  }
  return squares;
}
