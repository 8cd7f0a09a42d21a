/** Files read and written; each kind is loaded with the first call that needs it. */
import { once } from '../once.ts';
import type { DecodeOptions } from './files/decode.ts';
import type { GifFrame, GifOptions } from './files/gif.ts';
import type { Pixels } from './pixels.ts';

const decoder = once(() => import('./files/decode.ts'));
const png = once(() => import('./files/png.ts'));
const gif = once(() => import('./files/gif.ts'));

/**
 * Decodes a PNG or JPEG file to RGBA bytes with straight alpha. A PNG gives the same bytes everywhere; JPEGs
 * are decoded by the browser, or elsewhere by jpeg-js, which may differ in the last bit.
 *
 * @param file bytes of the file; its format is found by its first bytes
 * @throws
 * - InvalidInputError for other formats, damaged files and images of more than `maxPixels`
 * - OutOfMemoryError if there is no memory for the pixels
 * - the signal's reason, if aborted
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
 * Writes a GIF file, still or animated, of frames of the same size, each with its own palette of up to 256
 * entries. Results of `quantizeImage` and `quantizeFrames` can be passed as frames.
 *
 * @returns the bytes of the file
 * @throws
 * - InvalidInputError if there are no frames, their sizes differ, or a palette has over 256 entries
 * - the signal's reason, if aborted
 */
export async function encodeGif(
  frames: readonly GifFrame[],
  options: GifOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await gif()).encodeGif(frames, options);
}
