/** The photographs that everybody quantizes, and a large one made from them. Runs in a browser too. */
import { decode } from 'jpeg-js';
import { pcg32, type Random } from '../../src/rng.ts';
import type { Pixels } from './exchange.ts';

/** In demo/photos. */
export const PHOTOS = ['china', 'flower'] as const;
export type Photo = (typeof PHOTOS)[number];

export function decodePhoto(jpeg: Uint8Array): Pixels {
  return decode(jpeg, { useTArray: true, formatAsRGBA: true });
}

/**
 * The photograph enlarged to the size of a camera's, by cubic convolution (Keys 1981, a = −½), with
 * noise on every channel (near normal, `deviation` levels): smooth interpolation alone has too few
 * colours and too long runs of them. The same bytes everywhere.
 */
export function enlarge(
  photo: Pixels,
  width: number,
  height: number,
  { deviation = 3, seed = 0 } = {},
): Pixels {
  const random = pcg32(seed);
  const data = new Uint8ClampedArray(4 * width * height);
  const [across, down] = [taps(photo.width, width), taps(photo.height, height)];
  // One row at a time: down first, then across.
  const row = new Float64Array(3 * photo.width);
  for (let y = 0, at = 0; y < height; y++) {
    row.fill(0);
    for (let tap = 0; tap < 4; tap++) {
      const weight = down.weights[4 * y + tap];
      const from = 4 * photo.width * down.places[4 * y + tap];
      for (let x = 0; x < photo.width; x++)
        for (let channel = 0; channel < 3; channel++)
          row[3 * x + channel] += weight * photo.data[from + 4 * x + channel];
    }
    for (let x = 0; x < width; x++, at += 4) {
      for (let channel = 0; channel < 3; channel++) {
        let value = deviation * noise(random);
        for (let tap = 0; tap < 4; tap++)
          value += across.weights[4 * x + tap] * row[3 * across.places[4 * x + tap] + channel];
        data[at + channel] = value; // rounds and clamps
      }
      data[at + 3] = 255;
    }
  }
  return { data, width, height };
}

/** Four rows or columns of the source for each of the target, with their weights. */
function taps(from: number, to: number) {
  const places = new Uint32Array(4 * to);
  const weights = new Float64Array(4 * to);
  for (let i = 0; i < to; i++) {
    const place = ((i + 0.5) * from) / to - 0.5;
    const floor = Math.floor(place);
    for (let tap = 0; tap < 4; tap++) {
      const source = floor - 1 + tap;
      places[4 * i + tap] = Math.min(from - 1, Math.max(0, source));
      weights[4 * i + tap] = keys(Math.abs(place - source));
    }
  }
  return { places, weights };
}

function keys(distance: number): number {
  if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance < 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

/** Near normal, mean 0, variance 1: the four bytes of a word added up. */
function noise(random: Random): number {
  const word = random.uint32();
  const sum = (word >>> 24) + ((word >>> 16) & 255) + ((word >>> 8) & 255) + (word & 255);
  return (sum - 510) / BYTES_DEVIATION;
}

/** Of the sum of four uniform bytes: each has variance (256² − 1) / 12. */
const BYTES_DEVIATION = Math.sqrt((256 ** 2 - 1) / 3);

/** Different colours of an opaque image. */
export function distinctColors({ data }: Pixels): number {
  const seen = new Uint32Array(2 ** 19);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const color = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    const bit = 1 << (color & 31);
    if ((seen[color >>> 5] & bit) !== 0) continue;
    seen[color >>> 5] |= bit;
    count++;
  }
  return count;
}
