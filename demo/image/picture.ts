/** A file as pixels: whole, small enough to try things on, and as it is shown. */

/** Above this a picture is made smaller first: four bytes a pixel are needed several times over. */
const MOST_PIXELS = 50e6;
const MOST_BYTES = 200e6;
/** Pixels of the small copy, on which a palette takes a fraction of a second. */
const SMALL_PIXELS = 300e3;
/** Longest side of what is shown. Graphics cards of phones refuse larger ones. */
const MOST_SHOWN = 2048;

export interface Picture {
  pixels: ImageData;
  /** null where the picture itself is small. */
  small: ImageData | null;
  unique: number;
  remark: string;
}

/** @throws Error in words for the user */
export async function readPicture(file: Blob, signal: AbortSignal): Promise<Picture> {
  if (file.size > MOST_BYTES)
    throw new Error(
      `This file has ${Math.round(file.size / 1e6)} MB; expected at most ${MOST_BYTES / 1e6} MB. ` +
        'Choose a smaller one.',
    );
  const bitmap = await decode(file);
  try {
    signal.throwIfAborted();
    const { width, height } = bitmap;
    const pixels = scaled(bitmap, MOST_PIXELS);
    const remark =
      pixels.width < width
        ? `It has ${(width * height * 1e-6).toFixed(0)} megapixels; above ${MOST_PIXELS / 1e6} it is ` +
          `made smaller first, to ${pixels.width} × ${pixels.height}.`
        : '';
    const isSmall = pixels.width * pixels.height <= SMALL_PIXELS;
    const small = isSmall ? null : scaled(bitmap, SMALL_PIXELS);
    const still = (await isAnimated(file)) ? 'It moves: only its first frame is taken.' : '';
    const remarks = [remark, still].filter(Boolean).join(' ');
    return { pixels, small, unique: countColours(pixels.data), remark: remarks };
  } finally {
    bitmap.close();
  }
}

/** Pixels as they are shown. */
export function shown(pixels: ImageData): Promise<ImageBitmap> {
  const shrink = MOST_SHOWN / Math.max(pixels.width, pixels.height);
  if (shrink >= 1) return createImageBitmap(pixels);
  return createImageBitmap(pixels, {
    resizeWidth: Math.max(1, Math.round(pixels.width * shrink)),
    resizeHeight: Math.max(1, Math.round(pixels.height * shrink)),
    resizeQuality: 'medium',
  });
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(
      'This file could not be read as a picture. Choose a JPEG, PNG, WebP, AVIF or GIF that opens elsewhere.',
    );
  }
}

/** Where the browser can tell: GIF, WebP, PNG and AVIF may have more than one frame. */
async function isAnimated(file: Blob): Promise<boolean> {
  if (!('ImageDecoder' in globalThis) || !/gif|webp|png|avif/.test(file.type)) return false;
  let decoder: ImageDecoder | undefined;
  try {
    decoder = new ImageDecoder({ data: file.stream(), type: file.type });
    await decoder.tracks.ready;
    return decoder.tracks.selectedTrack?.animated ?? false;
  } catch {
    return false;
  } finally {
    decoder?.close();
  }
}

/** The picture with at most so many pixels. */
function scaled(bitmap: ImageBitmap, most: number): ImageData {
  const shrink = Math.min(1, Math.sqrt(most / (bitmap.width * bitmap.height)));
  const width = Math.max(1, Math.floor(bitmap.width * shrink));
  const height = Math.max(1, Math.floor(bitmap.height * shrink));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gave no canvas to decode the picture on.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Different colours as a palette has them: one bit for each opaque one there can be; others in a list. */
function countColours(rgba: Uint8ClampedArray): number {
  const seen = new Uint32Array(2 ** 24 / 32);
  let translucent = 0;
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] < 255) translucent++;
  const others = new Uint32Array(translucent);
  let [unique, other] = [0, 0];
  for (let at = 0; at < rgba.length; at += 4) {
    if (rgba[at + 3] < 255) {
      // What is not seen has no colour.
      if (rgba[at + 3] > 0)
        others[other] =
          (rgba[at + 3] << 24) | (rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2];
      other++;
      continue;
    }
    const colour = (rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2];
    const bit = 1 << (colour & 31);
    if (seen[colour >> 5] & bit) continue;
    seen[colour >> 5] |= bit;
    unique++;
  }
  others.sort();
  for (let at = 0; at < translucent; at++) if (at === 0 || others[at] !== others[at - 1]) unique++;
  return unique;
}
