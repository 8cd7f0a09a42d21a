/**
 * Reads JPEG to RGBA: the browser's own decoder where there is one, jpeg-js (loaded on demand) elsewhere.
 *
 * The two do not give the same bytes: the standard leaves rounding of the inverse transform and the
 * scaling of chroma open, and browsers convert colour profiles to sRGB, which jpeg-js leaves aside. The
 * orientation that EXIF notes is honoured by both.
 *
 * The ceiling: size, sampling and scans are judged from the markers of the whole file before anything is
 * decoded. Memory beyond the file is the browser's own affair, the RGBA result and 16 MiB; jpeg-js keeps all
 * coefficients, which makes 38 bytes a pixel altogether for three channels of full size and 26 for 4:2:0
 * (6 megapixels in Node 20), and 50 for four channels.
 */
import { breather } from '../../breathe.ts';
import type { Pixels } from '../pixels.ts';
import { allocateRgba, damaged, judgeSize, type Ceiling } from './ceiling.ts';
import { orientationOf, turned } from './orientation.ts';

/** Progressive files have about ten. Each is a pass over the image, however few bytes it takes. */
const MOST_SCANS = 100;

/** Pixels taken from a canvas at once. */
const STRETCH = 1 << 22;

/** Most that jpeg-js's own ledger may show: it counts 22 for three channels, 28 for four. A second ceiling. */
const LEDGER_BYTES_PER_PIXEL = 32;

interface Size {
  width: number;
  height: number;
}

interface Judged extends Size {
  orientation: number;
}

/** @throws InvalidInputError for a file that is damaged, lies about its size or exceeds `maxPixels` */
export async function readJpeg(bytes: Uint8Array, ceiling: Ceiling): Promise<Pixels> {
  const frame = judgeMarkers(bytes, ceiling.maxPixels);
  const hasOwnDecoder = 'createImageBitmap' in globalThis && 'OffscreenCanvas' in globalThis;
  return hasOwnDecoder ? byBrowser(bytes, ceiling) : byJpegJs(bytes, frame);
}

async function byBrowser(bytes: Uint8Array, { signal }: Ceiling): Promise<Pixels> {
  const pause = breather(signal);
  const blob = new Blob([bytes.slice()], { type: 'image/jpeg' });
  const bitmap = await createImageBitmap(blob).catch((cause: unknown) =>
    damaged('is a JPEG that the browser cannot decode', 'a whole one', cause),
  );
  try {
    signal?.throwIfAborted();
    // In strips: canvases have limits that images have not.
    const { width, height } = bitmap;
    const data = allocateRgba(width, height);
    const rows = Math.min(height, Math.max(1, Math.floor(STRETCH / width)));
    const canvas = new OffscreenCanvas(width, rows);
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (context === null) throw new Error('OffscreenCanvas has no 2d context.');
    for (let top = 0; top < height; top += rows) {
      const strip = Math.min(rows, height - top);
      context.drawImage(bitmap, 0, -top);
      data.set(context.getImageData(0, 0, width, strip).data, 4 * top * width);
      await pause();
    }
    return { data, width, height };
  } finally {
    bitmap.close();
  }
}

async function byJpegJs(
  bytes: Uint8Array,
  { width, height, orientation }: Judged,
): Promise<Pixels> {
  const { decode } = await import('jpeg-js');
  const megapixels = (width * height) / 1e6;
  try {
    const { data } = decode(bytes, {
      useTArray: true,
      tolerantDecoding: false,
      maxResolutionInMP: Math.ceil(megapixels),
      maxMemoryUsageInMB: 16 + Math.ceil(megapixels * LEDGER_BYTES_PER_PIXEL),
    });
    return turned({ data, width, height }, orientation);
  } catch (cause) {
    damaged('is a JPEG that cannot be decoded', 'a whole one', cause);
  }
}

/** Goes through all markers up to the end of the image. */
function judgeMarkers(bytes: Uint8Array, maxPixels: number): Judged {
  let frame: Size | null = null;
  let orientation = 1;
  let scans = 0;
  for (let at = 2; ;) {
    // Fill bytes may stand before a marker.
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    if (at + 1 >= bytes.length) damaged('ends early', 'an end marker (FF D9)');
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff)
      damaged(`has no marker at byte ${at}`, 'one after each segment of a JPEG');
    at += 2;
    if (marker === END) break;
    const length = at + 1 < bytes.length ? (bytes[at] << 8) | bytes[at + 1] : 0;
    if (length < 2 || at + length > bytes.length)
      damaged('ends early', `${length} bytes of segment ${marker.toString(16)}`);
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (isFrame(marker)) {
      if (frame !== null) damaged('has two frames', 'one image');
      frame = judgeFrame(marker, segment, bytes.length, maxPixels);
    } else if (marker === EXIF && orientation === 1) orientation = orientationOf(segment);
    else if (marker === SCAN) {
      if (frame === null) damaged('has a scan before its frame', 'a frame header first');
      if (++scans > MOST_SCANS)
        damaged(`has more than ${MOST_SCANS} scans`, 'as many as encoders make');
      at = endOfScan(bytes, at);
    }
  }
  if (frame === null || scans === 0) damaged('has no image in it', 'a frame and its scans');
  return { ...frame, orientation };
}

const END = 0xd9;
const SCAN = 0xda;
const EXIF = 0xe1;

/** C0 to CF but for tables (C4, CC) and one that is reserved (C8). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** The next marker that is neither an escaped FF nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at += 2) {
    at = bytes.indexOf(0xff, at);
    const next = bytes[at + 1];
    if (at < 0 || next === undefined) return bytes.length;
    if (next === 0xff) at--;
    else if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
}

function judgeFrame(
  marker: number,
  segment: Uint8Array,
  fileBytes: number,
  maxPixels: number,
): Size {
  const [precision, h1, h0, w1, w0, components] = segment;
  const [height, width] = [(h1 << 8) | h0, (w1 << 8) | w0];
  if (marker > 0xc2 || precision !== 8)
    damaged(
      `is a JPEG of kind SOF${marker - 0xc0}, ${precision} bits`,
      'a baseline or progressive one, Huffman-coded, of 8 bits',
    );
  if (segment.length !== 6 + 3 * components || ![1, 3, 4].includes(components))
    damaged(`has ${components} components`, '1, 3 or 4, each with its sampling');
  judgeSize(width, height, maxPixels);
  const factors = Array.from({ length: components }, (_, i) => [
    segment[7 + 3 * i] >> 4,
    segment[7 + 3 * i] & 15,
  ]);
  if (factors.flat().some((factor) => factor < 1 || factor > 4))
    damaged('has a sampling factor out of bounds', '1 to 4');
  const [most0, most1] = [0, 1].map((t) => Math.max(...factors.map((pair) => pair[t])));
  const units = Math.ceil(width / (8 * most0)) * Math.ceil(height / (8 * most1));
  const blocks = units * factors.reduce((sum, [h, v]) => sum + h * v, 0);
  // Each block's mean has a code of a bit at least: a small file cannot hold a large image.
  if (blocks > 8 * fileBytes)
    damaged(`has ${fileBytes} bytes`, `enough for ${width} × ${height} pixels`);
  return { width, height };
}
