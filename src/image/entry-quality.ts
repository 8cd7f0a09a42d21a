/**
 * How near entries come to the colours they stand for, by colours and not by pixels: the numbers that
 * `psnr` and `deltaE` of quality/ give for the images, where pixels take the nearest entry.
 */
import { deltaE2000, labOf } from './quality/delta-e.ts';
import type { Census } from './count.ts';
import { hasAlpha } from './spaces.ts';

/** Colours between two looks at the clock. */
const STRETCH = 2 ** 12;

/** PSNR in dB over the pixels of all images. */
export function entryPsnr(
  { colors, counts }: Census,
  entries: Uint8Array,
  labels: Uint32Array,
): number {
  let squares = 0;
  let values = 0;
  for (const over of backgrounds(colors, entries))
    for (let i = 0; i < counts.length; i++) {
      let square = 0;
      for (let t = 0; t < 3; t++) {
        const difference = over(colors, 4 * i, t) - over(entries, 4 * labels[i], t);
        square += difference * difference;
      }
      squares += counts[i] * square;
      values += 3 * counts[i];
    }
  return 10 * Math.log10((255 ** 2 * values) / squares);
}

/** Mean CIEDE2000 over the pixels of all images. */
export async function entryDeltaE(
  { colors, counts }: Census,
  entries: Uint8Array,
  labels: Uint32Array,
  pause: () => Promise<void> | undefined,
): Promise<number> {
  let sum = 0;
  let pixels = 0;
  for (const over of backgrounds(colors, entries)) {
    const lab = (rgba: Uint8Array, at: number) =>
      labOf(over(rgba, at, 0), over(rgba, at, 1), over(rgba, at, 2));
    const ofEntries = Array.from({ length: entries.length / 4 }, (_, j) => lab(entries, 4 * j));
    for (let i = 0; i < counts.length; i++) {
      sum += counts[i] * deltaE2000(lab(colors, 4 * i), ofEntries[labels[i]]);
      pixels += counts[i];
      if (i % STRETCH === 0) await pause();
    }
  }
  return sum / pixels;
}

type Over = (rgba: Uint8Array, at: number, t: number) => number;

/** As quality/ compares: opaque colours as they are, others over black and over white. */
function backgrounds(colors: Uint8Array, entries: Uint8Array): Over[] {
  if (!hasAlpha(colors) && !hasAlpha(entries)) return [(rgba, at, t) => rgba[at + t]];
  return [0, 255].map((background) => (rgba, at, t) => {
    const alpha = rgba[at + 3];
    return Math.floor((rgba[at + t] * alpha + background * (255 - alpha) + 127) / 255);
  });
}
