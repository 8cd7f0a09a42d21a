/** Images whose PNG files other decoders have to read as we meant them. */
import { pcg32 } from '../../src/rng.ts';

export interface PngCase {
  name: string;
  width: number;
  height: number;
  /** RGBA. */
  palette: Uint8Array;
  indices: Uint8Array | Uint16Array;
}

/** Opaque, with some entries that let nothing, and with some that let something through. */
type Alpha = 'opaque' | 'one transparent' | 'many translucent';

/** Every bit depth of a palette, both sides of its limits; what fits no palette; widths that fill no byte. */
export const PNG_CASES: readonly PngCase[] = [
  make(1, 1, 1, 'opaque'),
  make(1, 3, 2, 'one transparent'),
  make(2, 13, 7, 'opaque'),
  make(2, 1, 19, 'one transparent'),
  make(3, 17, 3, 'many translucent'),
  make(4, 5, 9, 'opaque'),
  make(4, 7, 5, 'many translucent'),
  make(5, 3, 11, 'opaque'),
  make(16, 31, 9, 'opaque'),
  make(16, 33, 5, 'many translucent'),
  make(17, 9, 9, 'one transparent'),
  make(256, 37, 23, 'opaque'),
  make(256, 64, 41, 'many translucent'),
  make(257, 29, 31, 'opaque'),
  make(300, 35, 27, 'opaque'),
  make(300, 41, 25, 'many translucent'),
];

/** RGBA that a decoder should give. */
export function pixelsOf({ palette, indices }: PngCase): Uint8Array {
  const rgba = new Uint8Array(4 * indices.length);
  indices.forEach((entry, pixel) =>
    rgba.set(palette.subarray(4 * entry, 4 * entry + 4), 4 * pixel),
  );
  return rgba;
}

function make(colors: number, width: number, height: number, alpha: Alpha): PngCase {
  const random = pcg32(colors, width);
  const below = (end: number) => Math.floor(end * random());
  const palette = new Uint8Array(4 * colors);
  for (let entry = 0; entry < colors; entry++)
    palette.set([below(256), below(256), below(256), alphaOf(alpha, entry, below)], 4 * entry);
  const indices = new (colors > 256 ? Uint16Array : Uint8Array)(width * height);
  // every entry is used where there is room; the others in runs, as images have them
  let entry = 0;
  for (let pixel = 0; pixel < indices.length; pixel++) {
    if (pixel < colors) entry = pixel;
    else if (below(3) === 0) entry = below(colors);
    indices[pixel] = entry;
  }
  return {
    name: `${colors} colours, ${alpha}, ${width} × ${height}`,
    width,
    height,
    palette,
    indices,
  };
}

function alphaOf(alpha: Alpha, entry: number, below: (end: number) => number): number {
  if (alpha === 'one transparent') return entry === 0 ? 0 : 255;
  return alpha === 'many translucent' && entry % 3 !== 2 ? below(256) : 255;
}
