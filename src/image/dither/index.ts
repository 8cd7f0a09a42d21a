/**
 * An entry of a palette for every pixel: the nearest, or so that entries beside each other mix to what
 * the palette does not have.
 */
import { refuse } from '../../errors.ts';
import type { Pixels } from '../pixels.ts';
import type { ColorSpace } from '../spaces.ts';
import { bayer } from './bayer.ts';
import { blueNoise } from './blue-noise.ts';
import { ATKINSON, diffuse, FLOYD_STEINBERG } from './error-diffusion.ts';
import { lit } from './light.ts';
import { order } from './ordered.ts';

/**
 * Ways of mixing palette entries for colours that the palette does not have. `'none'`: every pixel gets the
 * nearest entry. `'floyd-steinberg'`: error diffusion, the finest. `'atkinson'`: error diffusion with more
 * contrast and flat light and dark areas. `'bayer'`: a regular pattern. `'blue-noise'`: an even grain. The last
 * two stay still in animations.
 */
export type Dither = 'none' | 'floyd-steinberg' | 'atkinson' | 'bayer' | 'blue-noise';

export const DITHERS: readonly Dither[] = [
  'none',
  'floyd-steinberg',
  'atkinson',
  'bayer',
  'blue-noise',
];

export interface DitherOptions {
  dither: Dither;
  /** 0, as without, to 1. */
  strength: number;
  /** Where the nearest entry is chosen; the mean is kept in linear light whatever it is. */
  space: ColorSpace;
  /** Called after every row; waited for where it gives a promise. */
  pause: () => Promise<void> | undefined;
}

/**
 * Indices of the entries, row by row; 16 bits wide where there are more than 256. An image whose colours
 * are all in the palette keeps them, whatever the dither.
 *
 * @param palette - RGBA bytes, four an entry
 */
export async function ditherPixels(
  pixels: Pixels,
  palette: Uint8Array,
  { dither, strength, space, pause }: DitherOptions,
): Promise<Uint8Array | Uint16Array> {
  const entries = palette.length / 4;
  if (!Number.isInteger(entries) || entries < 1 || entries > 65_536)
    refuse('palette.length', palette.length, '4 bytes an entry, 1 to 65536', 'Pass RGBA bytes.');
  const indices = new (entries <= 256 ? Uint8Array : Uint16Array)(pixels.width * pixels.height);
  const lights = lit(pixels, palette, space);
  switch (dither) {
    case 'none':
      await diffuse(pixels, lights, [], 0, indices, pause);
      break;
    case 'floyd-steinberg':
      await diffuse(pixels, lights, FLOYD_STEINBERG, strength, indices, pause);
      break;
    case 'atkinson':
      await diffuse(pixels, lights, ATKINSON, strength, indices, pause);
      break;
    case 'bayer':
      await order(pixels, lights, bayer(), strength, indices, pause);
      break;
    case 'blue-noise':
      await order(pixels, lights, blueNoise(), strength, indices, pause);
      break;
  }
  return indices;
}
