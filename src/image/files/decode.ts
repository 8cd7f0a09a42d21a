/**
 * Image files to pixels: PNG and JPEG, known by their first bytes, whatever they are called.
 */
import { InvalidInputError, refuse, refuseNoSignal, refuseUnknown } from '../../errors.ts';
import type { Pixels } from '../pixels.ts';
import { damaged } from './ceiling.ts';
import { PNG_SIGNATURE } from './png.ts';
import { readJpeg } from './read-jpeg.ts';
import { readPng } from './read-png.ts';

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /** Images with more pixels are refused by their header. From 1 to 2^29; default 2^27, which is 512 MiB of RGBA. */
  maxPixels?: number;
  /** Aborts the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Of cameras the largest has 10^8. */
const DEFAULT_MAX_PIXELS = 2 ** 27;

/** More bytes of RGBA no array holds everywhere. */
const MOST_PIXELS = 2 ** 29;

const JPEG_SIGNATURE = [0xff, 0xd8, 0xff];

/** Formats that are often met, by the bytes at an offset. */
const OTHERS: [string, number, string][] = [
  ['GIF', 0, 'GIF8'],
  ['WebP', 8, 'WEBP'],
  ['AVIF', 4, 'ftypavif'],
  ['HEIC', 4, 'ftyphe'],
  ['BMP', 0, 'BM'],
  ['TIFF', 0, 'II*\0'],
  ['TIFF', 0, 'MM\0*'],
  ['JPEG XL', 0, '\xff\x0a'],
  ['SVG or XML', 0, '<'],
];

/**
 * The pixels of a PNG or JPEG file, as RGBA of 8 bits with straight alpha.
 *
 * A PNG gives the same bytes everywhere: 16 bits are rounded to 8, grey and palettes are spread out,
 * colour profiles left aside. A JPEG is decoded by the browser, or by jpeg-js where there is none, and
 * their last bits differ; it is turned as its EXIF orientation says.
 *
 * Memory is bounded by what the header says, which is held against `maxPixels` and against the length of
 * the file before anything is allocated: 4 bytes a pixel and at most 16 MiB for a PNG, up to 50 bytes a
 * pixel for a JPEG in Node.
 *
 * @throws
 * - InvalidInputError for other formats, damaged files, and images of more than `maxPixels`
 * - OutOfMemoryError where there is no memory for the pixels
 */
export async function decodeImage(
  file: Uint8Array | ArrayBuffer | Blob,
  options: DecodeOptions = {},
): Promise<Pixels> {
  refuseUnknown(options, ['maxPixels', 'signal']);
  const { maxPixels = DEFAULT_MAX_PIXELS, signal } = options;
  refuseNoSignal(signal);
  if (!Number.isInteger(maxPixels) || maxPixels < 1 || maxPixels > MOST_PIXELS)
    refuse('maxPixels', maxPixels, `a whole number from 1 to ${MOST_PIXELS}`, 'Leave it out.');
  signal?.throwIfAborted();
  const bytes = await bytesOf(file);
  const ceiling = { maxPixels, signal };
  if (startsWith(bytes, PNG_SIGNATURE)) return readPng(bytes, ceiling);
  if (startsWith(bytes, JPEG_SIGNATURE)) return readJpeg(bytes, ceiling);
  if (startsWith(bytes, PNG_SIGNATURE.slice(0, 4)) || startsWith(bytes, JPEG_SIGNATURE.slice(0, 2)))
    damaged('begins like a PNG or JPEG, but goes on differently', 'one that is whole');
  throw new InvalidInputError(
    `The image file is ${kindOf(bytes)}; expected PNG or JPEG. ` +
      'Convert it, or pass what the browser makes of it: createImageBitmap(blob).',
  );
}

async function bytesOf(file: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  if (file instanceof Blob) return new Uint8Array(await file.arrayBuffer());
  return refuse('file', file, 'a Uint8Array, ArrayBuffer or Blob', 'Pass the bytes of the file.');
}

function startsWith(bytes: Uint8Array, signature: number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

function kindOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty';
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  const known = OTHERS.find(([, at, magic]) => text.startsWith(magic, at));
  return known ? known[0] : 'of an unknown format';
}
