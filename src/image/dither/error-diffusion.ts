/**
 * Error diffusion: what an entry leaves over of a pixel's light is passed on to pixels that are still to
 * come, left to right on even rows and right to left on odd ones (serpentine), so that patterns do not
 * lean to one side.
 *
 * Floyd–Steinberg (An Adaptive Algorithm for Spatial Greyscale, Proceedings of the SID 17(2), 1976)
 * passes all of it on and keeps the mean. Atkinson (of MacPaint and HyperScan) passes on three quarters,
 * to farther pixels: more contrast, cleaner light and dark places, another mean.
 */
import type { Pixels } from '../pixels.ts';
import { lightOf, type LitPalette } from './light.ts';

/** Columns ahead, rows down, share. */
type Shares = readonly (readonly [number, number, number])[];

export const FLOYD_STEINBERG: Shares = [
  [1, 0, 7 / 16],
  [-1, 1, 3 / 16],
  [0, 1, 5 / 16],
  [1, 1, 1 / 16],
];

export const ATKINSON: Shares = [
  [1, 0, 1 / 8],
  [2, 0, 1 / 8],
  [-1, 1, 1 / 8],
  [0, 1, 1 / 8],
  [1, 1, 1 / 8],
  [0, 2, 1 / 8],
];

/** No share goes farther, sideways or down. */
const REACH = 2;

/** Ranges of the palette that an error may be. */
const MOST_LEFT = 2;

/**
 * Writes an entry a pixel. `strength` scales what is passed on.
 *
 * Pixels that are fully transparent take the entry that is nearest to nothing; they neither take what
 * others pass on nor pass on anything. An error larger than twice the range of the palette is
 * no rounding but a colour the palette cannot mix: it is cut to that, so that it does not smear over what
 * comes after. (Cut to the range itself, choices in OKLab lost up to 0.04 of the light of flat areas.)
 */
export async function diffuse(
  { data, width, height }: Pixels,
  { columns, light, range, nearest }: LitPalette,
  shares: Shares,
  strength: number,
  indices: Uint8Array | Uint16Array,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  const row = new Float64Array(width * columns);
  /** What this row and the next have been passed, with a margin for what leaves the image. */
  const line = (width + 2 * REACH) * columns;
  const passed = new Float64Array((REACH + 1) * line);
  const lineOf = (y: number) => (y % (REACH + 1)) * line;
  const portions = Float64Array.from(shares, ([, , share]) => share * strength);
  const steps = new Int32Array(shares.length);
  const most = range.map((value) => value * MOST_LEFT);
  const target = new Float64Array(columns);
  for (let y = 0; y < height; y++) {
    lightOf(data, columns, y * width, width, row);
    const direction = y % 2 === 0 ? 1 : -1;
    const here = lineOf(y);
    shares.forEach(
      ([ahead, down], s) => (steps[s] = lineOf(y + down) + direction * ahead * columns),
    );
    for (let i = 0, x = direction > 0 ? 0 : width - 1; i < width; i++, x += direction) {
      const place = y * width + x;
      const from = x * columns;
      if (data[4 * place + 3] === 0) {
        indices[place] = nearest(row, from);
        continue;
      }
      const at = from + REACH * columns;
      for (let t = 0; t < columns; t++) target[t] = row[from + t] + passed[here + at + t];
      const entry = nearest(target, 0);
      indices[place] = entry;
      for (let t = 0; t < columns; t++) {
        const error = target[t] - light[entry * columns + t];
        const kept = Math.max(-most[t], Math.min(most[t], error));
        for (let s = 0; s < steps.length; s++) passed[steps[s] + at + t] += kept * portions[s];
      }
    }
    passed.fill(0, here, here + line);
    await pause();
  }
}
