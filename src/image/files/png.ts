/**
 * Writes PNG (ISO/IEC 15948, www.w3.org/TR/png-3): a palette and its indices at the smallest bit depth
 * that holds them.
 *
 * Own code, since what is needed is a few lines more than packing and chunks, which come first in any
 * case: fast-png 8.0.0 leaves packing to its caller, writes a tRNS that fits only palettes whose
 * transparent entries all come first, and compresses on the caller's thread.
 */
import { refuse } from '../../errors.ts';
import { crc32 } from '../../crc32.ts';
import { joined } from '../../matrix.ts';
import { deflate } from './zlib.ts';

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes of rows that are packed at once. */
const STRETCH = 1 << 16;

const MOST_INDEXED = 256;

/**
 * A PNG file. Up to 256 entries it is an indexed one: 1, 2, 4 or 8 bits a pixel by the number of
 * entries, transparency in tRNS, entries and indices as they are. PNG has no larger palettes: with more
 * entries it is a truecolour one of 8 bits a channel, RGB where all entries are opaque, otherwise RGBA.
 *
 * Rows have no filter, in truecolour neither: those of PNG make files of 4096 colours of a photo 3 to 19 %
 * larger. Compressed by the platform's zlib, off this thread: the same pixels everywhere, but not
 * necessarily the same file. (It is set to level 6; level 9 would save 0.6 % at most.)
 *
 * @param indices - one a pixel, row by row
 * @param palette - RGBA bytes, four an entry
 * @throws InvalidInputError where sizes do not fit or an index has no entry
 */
export async function encodePng(
  indices: Uint8Array | Uint16Array,
  width: number,
  height: number,
  palette: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = judge(indices, width, height, palette);
  const indexed = entries <= MOST_INDEXED;
  const opaque = opaqueFrom(palette);
  const depth = indexed ? depthFor(entries) : 8;
  const bytesPerPixel = opaque === 0 ? 3 : 4;
  const colourType = indexed ? 3 : bytesPerPixel === 3 ? 2 : 6;
  const packed = indexed
    ? packedRows(indices, width, height, depth)
    : colourRows(indices, width, height, palette, bytesPerPixel);

  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colourType], 8);
  const chunks = [Uint8Array.from(PNG_SIGNATURE), chunk('IHDR', [header])];
  if (indexed) chunks.push(chunk('PLTE', [palette.filter((_, at) => at % 4 !== 3)]));
  if (indexed && opaque > 0)
    chunks.push(chunk('tRNS', [palette.filter((_, at) => at % 4 === 3).subarray(0, opaque)]));
  chunks.push(chunk('IDAT', await deflate(packed)), chunk('IEND', []));
  return joined(Uint8Array, chunks);
}

function judge(
  indices: Uint8Array | Uint16Array,
  width: number,
  height: number,
  palette: Uint8Array,
): number {
  const entries = palette.length / 4;
  if (!Number.isInteger(entries) || entries === 0)
    refuse('palette.length', palette.length, 'a multiple of 4 above 0', 'Pass RGBA bytes.');
  if (!(width > 0 && height > 0) || indices.length !== width * height)
    refuse(
      'indices.length',
      indices.length,
      `${width} · ${height} (width, height), above 0`,
      'Pass one index a pixel.',
    );
  const astray = indices.findIndex((index) => index >= entries);
  if (astray >= 0)
    refuse(
      `indices[${astray}]`,
      indices[astray],
      `less than ${entries} (entries of the palette)`,
      'Pass the palette that the indices belong to.',
    );
  return entries;
}

/** From which entry on all are opaque: so many values tRNS needs. */
function opaqueFrom(palette: Uint8Array): number {
  let entries = palette.length / 4;
  while (entries > 0 && palette[4 * entries - 1] === 255) entries--;
  return entries;
}

function depthFor(entries: number): number {
  return [1, 2, 4].find((depth) => 1 << depth >= entries) ?? 8;
}

/** Every row begins with its filter: 0, none. */
function* packedRows(
  indices: ArrayLike<number>,
  width: number,
  height: number,
  depth: number,
): Generator<Uint8Array> {
  const bytesPerRow = 1 + Math.ceil((width * depth) / 8);
  for (const [from, to] of stretches(height, bytesPerRow)) {
    const bytes = new Uint8Array((to - from) * bytesPerRow);
    for (let row = from; row < to; row++) {
      const start = (row - from) * bytesPerRow + 1;
      const first = row * width;
      for (let x = 0; x < width; x++) {
        const bit = x * depth;
        bytes[start + (bit >> 3)] |= indices[first + x] << (8 - depth - (bit & 7));
      }
    }
    yield bytes;
  }
}

function* colourRows(
  indices: ArrayLike<number>,
  width: number,
  height: number,
  palette: Uint8Array,
  bytesPerPixel: number,
): Generator<Uint8Array> {
  const bytesPerRow = 1 + width * bytesPerPixel;
  for (const [from, to] of stretches(height, bytesPerRow)) {
    const bytes = new Uint8Array((to - from) * bytesPerRow);
    for (let row = from; row < to; row++) {
      let at = (row - from) * bytesPerRow + 1;
      const first = row * width;
      for (let x = 0; x < width; x++) {
        const entry = 4 * indices[first + x];
        for (let t = 0; t < bytesPerPixel; t++) bytes[at++] = palette[entry + t];
      }
    }
    yield bytes;
  }
}

function* stretches(height: number, bytesPerRow: number): Generator<[number, number]> {
  const rows = Math.max(1, Math.floor(STRETCH / bytesPerRow));
  for (let from = 0; from < height; from += rows) yield [from, Math.min(from + rows, height)];
}

/** Length, type, data and checksum. */
function chunk(type: string, parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(12 + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  view.setUint32(at, crc32(bytes, 4, at));
  return bytes;
}
