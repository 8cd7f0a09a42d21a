/**
 * Colour difference as an eye sees it: CIEDE2000, by the formulas of Sharma, Wu, Dalal: The
 * CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary Test Data, and Mathematical
 * Observations (Color Research and Application 30(1), 2005). About 1 is just noticeable.
 *
 * CIELAB here has the white of sRGB, D65. (CSS's `lab()` has D50.)
 */
import { breather } from '../../breathe.ts';
import type { Pixels } from '../pixels.ts';
import { LINEAR } from '../spaces.ts';
import { compared, type MeasureOptions } from './compared.ts';

const DEGREE = Math.PI / 180;

/** 25^7, from which on chroma counts as high. */
const HIGH_CHROMA = 25 ** 7;

/** Pairs of colours remembered while an image is gone through: 1.5 MiB. */
const REMEMBERED = 1 << 16;

/** Pixels between two looks at the clock. */
const STRETCH = 1 << 13;

/**
 * Computes the colour difference CIEDE2000 between two colours, with k_L = k_C = k_H = 1. About 1 is just
 * noticeable.
 *
 * Source: G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and
 * Application 30, 2005.
 *
 * @param one a colour as L, a and b of CIELAB
 * @param other another colour
 */
export function deltaE2000(
  [l1, a1, b1]: ArrayLike<number> & Iterable<number>,
  [l2, a2, b2]: ArrayLike<number> & Iterable<number>,
): number {
  const meanC7 = ((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) ** 7;
  const stretch = 1.5 - 0.5 * Math.sqrt(meanC7 / (meanC7 + HIGH_CHROMA));
  const c1 = Math.hypot(stretch * a1, b1);
  const c2 = Math.hypot(stretch * a2, b2);
  const h1 = hue(stretch * a1, b1);
  const h2 = hue(stretch * a2, b2);

  // A grey has no hue: it takes the other's.
  const grey = c1 * c2 === 0;
  let turn = grey ? 0 : h2 - h1;
  if (turn > 180) turn -= 360;
  else if (turn < -180) turn += 360;
  let meanH = grey ? h1 + h2 : (h1 + h2) / 2;
  if (!grey && Math.abs(h1 - h2) > 180) meanH += h1 + h2 < 360 ? 180 : -180;

  const meanL = ((l1 + l2) / 2 - 50) ** 2;
  const meanC = (c1 + c2) / 2;
  const t =
    1 -
    0.17 * Math.cos((meanH - 30) * DEGREE) +
    0.24 * Math.cos(2 * meanH * DEGREE) +
    0.32 * Math.cos((3 * meanH + 6) * DEGREE) -
    0.2 * Math.cos((4 * meanH - 63) * DEGREE);
  const power = meanC ** 7;
  const rotation =
    -2 *
    Math.sqrt(power / (power + HIGH_CHROMA)) *
    Math.sin(60 * Math.exp(-(((meanH - 275) / 25) ** 2)) * DEGREE);

  const lightness = (l2 - l1) / (1 + (0.015 * meanL) / Math.sqrt(20 + meanL));
  const chroma = (c2 - c1) / (1 + 0.045 * meanC);
  const hueStep = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * DEGREE);
  const turned = hueStep / (1 + 0.015 * meanC * t);
  return Math.sqrt(
    lightness * lightness + chroma * chroma + turned * turned + rotation * chroma * turned,
  );
}

/** In degrees, 0 to 360; 0 for a grey. */
function hue(a: number, b: number): number {
  const angle = Math.atan2(b, a) / DEGREE;
  return angle < 0 ? angle + 360 : angle;
}

/** CIELAB, with the white of sRGB, of an sRGB colour in bytes. */
export function labOf(red: number, green: number, blue: number): [number, number, number] {
  const [r, g, b] = [LINEAR[red], LINEAR[green], LINEAR[blue]];
  const x = (0.4123907992659593 * r + 0.357584339383878 * g + 0.1804807884018343 * b) / WHITE_X;
  const y = 0.2126390058715102 * r + 0.715168678767756 * g + 0.0721923153607337 * b;
  const z = (0.0193308187155918 * r + 0.119194779794626 * g + 0.9505321522496607 * b) / WHITE_Z;
  const fy = lightnessCurve(y);
  return [116 * fy - 16, 500 * (lightnessCurve(x) - fy), 200 * (fy - lightnessCurve(z))];
}

/** D65, by its chromaticity (0.3127, 0.3290), for Y = 1. */
const WHITE_X = 0.3127 / 0.329;
const WHITE_Z = (1 - 0.3127 - 0.329) / 0.329;

function lightnessCurve(t: number): number {
  return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
}

/**
 * Computes the mean and the largest colour difference (CIEDE2000) between two images, pixel by pixel; about 1
 * is just noticeable. Images with transparency are compared over black and over white (the mean of both
 * means, the larger of both maxima).
 *
 * @param a one image
 * @param b another image of the same size
 * @param options `signal` aborts the call
 * @throws
 * - InvalidInputError if the sizes differ
 * - the signal's reason, if aborted
 */
export async function deltaE(
  a: Pixels,
  b: Pixels,
  { signal }: MeasureOptions = {},
): Promise<{ mean: number; max: number }> {
  const pause = breather(signal);
  const between = rememberingDifference();
  let sum = 0;
  let max = 0;
  let count = 0;
  for (const [x, y] of compared(a, b, signal)) {
    for (let at = 0; at < x.length; at += 4) {
      const one = (x[at] << 16) | (x[at + 1] << 8) | x[at + 2];
      const other = (y[at] << 16) | (y[at + 1] << 8) | y[at + 2];
      if (one !== other) {
        const difference = between(one, other);
        sum += difference;
        if (difference > max) max = difference;
      }
      if (at % (4 * STRETCH) === 0) await pause();
    }
    count += x.length / 4;
  }
  return { mean: sum / count, max };
}

/** CIEDE2000 between 24-bit colours; pairs that were seen of late are not worked out again. */
function rememberingDifference(): (one: number, other: number) => number {
  const ones = new Int32Array(REMEMBERED).fill(-1);
  const others = new Int32Array(REMEMBERED);
  const known = new Float64Array(REMEMBERED);
  return (one, other) => {
    const place = (Math.imul(one, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b)) >>> 16;
    if (ones[place] !== one || others[place] !== other) {
      ones[place] = one;
      others[place] = other;
      known[place] = deltaE2000(labOfColour(one), labOfColour(other));
    }
    return known[place];
  };
}

function labOfColour(colour: number): [number, number, number] {
  return labOf(colour >> 16, (colour >> 8) & 0xff, colour & 0xff);
}
