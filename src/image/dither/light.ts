/**
 * What dithering works on: light, since that is what an eye mixes. A colour is its linear red, green
 * and blue, premultiplied by its opacity, and where an image or a palette is not opaque the opacity
 * itself; mixing colours is then adding these numbers.
 *
 * The nearest entry is chosen in another space, the one the palette was made in: there equal distances
 * look equal. What that choice leaves over is still measured in light, so the mean stays right whatever
 * the choice was. (Chosen in light itself, dark places would get whatever entry is dark enough.)
 */
import { FROM_LIGHT, FULL, hasAlpha, LINEAR, type ColorSpace } from '../spaces.ts';
import type { Pixels } from '../pixels.ts';
import { nearestEntry } from './nearest-entry.ts';

export interface LitPalette {
  /** Numbers a colour: 3, or 4 with opacity. */
  columns: 3 | 4;
  /** Entries in light, row-major. */
  light: Float64Array;
  /** From the least to the most among entries, a column. */
  range: Float64Array;
  /** The entry nearest to the light that stands at a place. */
  nearest: (light: Float64Array, at: number) => number;
}

/** Light of `count` RGBA byte colours, from colour `from` on. */
export function lightOf(
  rgba: ArrayLike<number>,
  columns: 3 | 4,
  from: number,
  count: number,
  out: Float64Array,
): void {
  for (let i = 0, at = 4 * from, to = 0; i < count; i++, at += 4, to += columns) {
    const opacity = columns === 4 ? rgba[at + 3] / 255 : 1;
    out[to] = LINEAR[rgba[at]] * opacity;
    out[to + 1] = LINEAR[rgba[at + 1]] * opacity;
    out[to + 2] = LINEAR[rgba[at + 2]] * opacity;
    if (columns === 4) out[to + 3] = opacity;
  }
}

/** Entries ready to be compared with the pixels of an image. */
export function lit({ data }: Pixels, palette: Uint8Array, space: ColorSpace): LitPalette {
  const columns = hasAlpha(palette) || hasAlpha(data) ? 4 : 3;
  const entries = palette.length / 4;
  const light = new Float64Array(entries * columns);
  lightOf(palette, columns, 0, entries, light);
  const see = seenIn(space, columns);
  const point = new Float64Array(columns);
  const points = new Float64Array(entries * columns);
  for (let at = 0; at < light.length; at += columns) {
    see(light, at, point);
    points.set(point, at);
  }
  const find = nearestEntry(points, columns);
  const nearest = (at: Float64Array, from: number) => {
    see(at, from, point);
    return find(point);
  };
  return { columns, light, range: rangeOf(light, columns), nearest };
}

function rangeOf(rows: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, t) => {
    let least = Infinity;
    let most = -Infinity;
    for (let at = t; at < rows.length; at += columns) {
      least = Math.min(least, rows[at]);
      most = Math.max(most, rows[at]);
    }
    return most - least;
  });
}

/** Points as `toSpace` has them, but of light that need not be that of bytes. */
function seenIn(
  space: ColorSpace,
  columns: 3 | 4,
): (light: Float64Array, at: number, out: Float64Array) => void {
  const write = FROM_LIGHT[space];
  const full = FULL[space];
  if (columns === 3) return (light, at, out) => write(light[at], light[at + 1], light[at + 2], out);
  return (light, at, out) => {
    const opacity = light[at + 3];
    if (opacity <= 0) {
      out.fill(0);
      return;
    }
    write(light[at] / opacity, light[at + 1] / opacity, light[at + 2] / opacity, out);
    for (let t = 0; t < 3; t++) out[t] *= opacity;
    out[3] = opacity * full;
  };
}
