/**
 * Ordered dithering: the entry of a pixel depends on its colour and its place alone, so that nothing runs
 * across the picture and what stands still in frames of an animation stays as it is.
 *
 * For palettes of any shape, by the method of T. Knoll's patent (US 6 606 166, expired): for a colour,
 * entries are drawn one after the other, each the nearest to the colour plus what those before have left
 * over, so that their mean comes near to the colour. They are sorted from dark to light, and the mask
 * says which of them a pixel takes. So how much a pixel may be off follows from the entries around its
 * colour, and a colour that is in the palette stays as it is.
 *
 * The mean of n drawn entries is what the last of them left over, divided by n, from the colour.
 */
import type { Pixels } from '../pixels.ts';
import { lightOf, type LitPalette } from './light.ts';

/** A square of thresholds, 0 to below 1, that is laid over the image again and again. */
export interface Mask {
  /** A power of two. */
  side: number;
  thresholds: Float64Array;
}

/** Drawn for a colour: more from few entries, where steps between them are wide. */
function drawsFrom(entries: number): number {
  if (entries <= 8) return 64;
  return entries <= 32 ? 32 : 16;
}

/**
 * Ranges of the palette that may be left over. Choices in OKLab, which is curved in light, leave up to
 * three for a while; more is a colour that the palette cannot mix.
 */
const MOST_LEFT = 4;

/** 2^16 colours are remembered, the last that were met: up to 8 MiB of what was drawn for them. */
const REMEMBERED_BITS = 16;

/** Writes an entry a pixel. `strength` scales what is left over before the next entry is drawn. */
export async function order(
  { data, width, height }: Pixels,
  palette: LitPalette,
  { side, thresholds }: Mask,
  strength: number,
  indices: Uint8Array | Uint16Array,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  const draws = drawsFrom(palette.light.length / palette.columns);
  const draw = drawing(palette, draws, strength);
  const drawn = new Uint16Array(draws << REMEMBERED_BITS);
  const colours = new Float64Array(1 << REMEMBERED_BITS).fill(-1);
  for (let y = 0, at = 0; y < height; y++) {
    const line = (y % side) * side;
    for (let x = 0; x < width; x++, at++) {
      const from = 4 * at;
      const low = (data[from] << 16) | (data[from + 1] << 8) | data[from + 2];
      const colour = data[from + 3] * 2 ** 24 + low;
      const slot = Math.imul(low ^ data[from + 3], 0x9e3779b1) >>> (32 - REMEMBERED_BITS);
      if (colours[slot] !== colour) {
        draw(data, at, drawn.subarray(slot * draws, (slot + 1) * draws));
        colours[slot] = colour;
      }
      const threshold = thresholds[line + (x % side)];
      indices[at] = drawn[slot * draws + Math.floor(threshold * draws)];
    }
    await pause();
  }
}

/** Fills `drawn` with entries whose mean is the colour of a pixel, from dark to light. */
function drawing(
  { columns, light, range, nearest }: LitPalette,
  draws: number,
  strength: number,
): (data: Pixels['data'], place: number, drawn: Uint16Array) => void {
  const colour = new Float64Array(columns);
  const left = new Float64Array(columns);
  const target = new Float64Array(columns);
  const fromDark = byLuminance(light, columns);
  const ranks = new Uint16Array(fromDark.length);
  fromDark.forEach((entry, rank) => (ranks[entry] = rank));

  return (data, place, drawn) => {
    lightOf(data, columns, place, 1, colour);
    left.fill(0);
    // Nothing is mixed where nothing is seen.
    const share = data[4 * place + 3] === 0 ? 0 : strength;
    for (let i = 0; i < draws; i++) {
      for (let t = 0; t < columns; t++) target[t] = colour[t] + share * left[t];
      const entry = nearest(target, 0);
      drawn[i] = ranks[entry];
      for (let t = 0; t < columns; t++) {
        const error = left[t] + colour[t] - light[entry * columns + t];
        left[t] = Math.max(-MOST_LEFT * range[t], Math.min(MOST_LEFT * range[t], error));
      }
      // From here on it would be the same again and again.
      if (i === 0 && (share === 0 || left.every((value) => value === 0))) {
        drawn.fill(drawn[0]);
        break;
      }
    }
    drawn.sort();
    for (let i = 0; i < draws; i++) drawn[i] = fromDark[drawn[i]];
  };
}

/** Places of entries from dark to light, the lowest first of those as light. */
function byLuminance(light: Float64Array, columns: number): Uint16Array {
  const luminance = (entry: number) => {
    const at = entry * columns;
    return 0.2126 * light[at] + 0.7152 * light[at + 1] + 0.0722 * light[at + 2];
  };
  return Uint16Array.from({ length: light.length / columns }, (_, entry) => entry).sort(
    (a, b) => luminance(a) - luminance(b) || a - b,
  );
}
