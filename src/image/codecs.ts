/** Files read and written; each kind is loaded with the first call that needs it. */
import { once } from '../once.ts';
import type { DecodeOptions } from './files/decode.ts';
import type { GifFrame, GifOptions } from './files/gif.ts';
import type { Pixels } from './pixels.ts';

const decoder = once(() => import('./files/decode.ts'));
const png = once(() => import('./files/png.ts'));
const gif = once(() => import('./files/gif.ts'));

/**
 * The pixels of a PNG or JPEG file, as RGBA of 8 bits with straight alpha. A PNG gives the same bytes
 * everywhere; JPEGs are decoded by the browser, or by jpeg-js where there is none, and may differ in
 * their last bits.
 *
 * @throws InvalidInputError for other formats, damaged files, and images of more than `maxPixels`
 */
export async function decodeImage(
  file: Uint8Array | ArrayBuffer | Blob,
  options: DecodeOptions = {},
): Promise<Pixels> {
  return (await decoder()).decodeImage(file, options);
}

/** A PNG file: indexed at the smallest depth up to 256 entries, true colour above. */
export async function encodePng({
  indices,
  width,
  height,
  palette,
}: GifFrame): Promise<Uint8Array<ArrayBuffer>> {
  return (await png()).encodePng(indices, width, height, palette);
}

/**
 * A GIF file of one or more frames of the same size, each with its palette of up to 256 entries: what
 * `quantizeImage` and `quantizeFrames` make.
 *
 * @throws InvalidInputError for no frames, frames of other sizes, more than 256 entries
 */
export async function encodeGif(
  frames: readonly GifFrame[],
  options: GifOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await gif()).encodeGif(frames, options);
}
