/**
 * Reads PNG (ISO/IEC 15948, www.w3.org/TR/png-3) of any colour type, depth and interlacing to RGBA of
 * 8 bits. Colour profiles and gamma are left aside, values are taken as sRGB; of an animation, the
 * still image is read.
 *
 * Own code, for the ceiling: everything but the compressed rows is judged before anything is
 * allocated, rows are unpacked as they are inflated, and what inflates past its size is an error
 * there and then. Memory beyond the file and the RGBA result: two rows and what a slice of the file
 * inflates to (zlib.ts), 16 MiB at most. (fast-png 8.0.0 inflates without bound, 389 KB to 1 GB, and
 * does not read interlaced images of less than 8 bits. A canvas premultiplies by alpha, which loses
 * bits, and its rounding of 16 bits is not said.)
 */
import { breather } from '../../breathe.ts';
import type { Pixels } from '../pixels.ts';
import { allocateRgba, damaged, judgeSize, type Ceiling } from './ceiling.ts';
import { crc32 } from '../../crc32.ts';
import { PNG_SIGNATURE } from './png.ts';
import { inflate } from './zlib.ts';

/** Deflate makes at most this of one byte: 258 bytes of 2 bits (a length and a distance). */
const MOST_INFLATED = 1032;

/** Channels and permitted depths of each colour type. */
const COLOUR_TYPES: Record<number, { channels: number; depths: number[] }> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

interface Header {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  channels: number;
  interlaced: boolean;
}

interface File {
  header: Header;
  /** RGBA bytes of colour type 3. */
  palette: Uint8Array;
  /** The one transparent colour, at the image's depth, of colour types 0 and 2. */
  clear: number[] | null;
  /** The zlib stream. */
  data: Uint8Array[];
}

/** Pixels of an image, or of one of Adam7's seven. */
interface Pass {
  left: number;
  top: number;
  stepX: number;
  stepY: number;
  columns: number;
  rows: number;
}

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** @throws InvalidInputError for a file that is damaged, lies about its size or exceeds `maxPixels` */
export async function readPng(bytes: Uint8Array, { maxPixels, signal }: Ceiling): Promise<Pixels> {
  const file = judgeFile(bytes, maxPixels);
  const { width, height, depth, channels } = file.header;
  const passes = passesOf(file.header);
  const bitsPerPixel = depth * channels;
  const bytesPerRow = (columns: number) => Math.ceil((columns * bitsPerPixel) / 8);
  const expected = passes.reduce(
    (sum, { columns, rows }) => sum + rows * (1 + bytesPerRow(columns)),
    0,
  );
  const given = file.data.reduce((sum, part) => sum + part.length, 0);
  if (expected > given * MOST_INFLATED)
    damaged(`has ${given} bytes of pixel data`, `enough for ${width} × ${height} pixels`);

  const data = allocateRgba(width, height);
  const write = writerFor(file, data);
  const pause = breather(signal);
  const bytesPerSample = Math.max(1, bitsPerPixel >> 3);
  const pieces = new Pieces(inflate(file.data));
  try {
    for (const pass of passes) {
      const size = bytesPerRow(pass.columns);
      let above = new Uint8Array(size);
      let row = new Uint8Array(size);
      const filter = new Uint8Array(1);
      for (let y = 0; y < pass.rows; y++) {
        await pieces.fill(filter);
        await pieces.fill(row);
        unfilter(filter[0], row, above, bytesPerSample);
        write(row, pass, 4 * ((pass.top + y * pass.stepY) * width + pass.left), 4 * pass.stepX);
        [above, row] = [row, above];
        await pause();
      }
    }
    await pieces.end(expected);
  } finally {
    await pieces.close();
  }
  return { data, width, height };
}

/** A stream of pieces, taken in stretches of any length. */
class Pieces {
  private piece: Uint8Array = new Uint8Array(0);
  private at = 0;

  constructor(private readonly pieces: AsyncGenerator<Uint8Array, void>) {}

  /** Only waits where the piece at hand does not suffice. */
  fill(target: Uint8Array): Promise<void> | undefined {
    if (this.piece.length - this.at < target.length) return this.gather(target);
    target.set(this.piece.subarray(this.at, this.at + target.length));
    this.at += target.length;
    return undefined;
  }

  private async gather(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      if (this.at === this.piece.length && !(await this.next()))
        damaged('has pixel data that ends early', 'a zlib stream of all its rows');
      const part = this.piece.subarray(this.at, this.at + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.at += part.length;
    }
  }

  /** That nothing is left over, and that the checksum at the end is right. */
  async end(expected: number): Promise<void> {
    if (this.at < this.piece.length || (await this.next()))
      damaged('inflates past its size', `${expected} bytes of rows, by its header`);
  }

  private async next(): Promise<boolean> {
    do {
      const result: IteratorResult<Uint8Array> = await this.pieces
        .next()
        .catch((cause: unknown) =>
          damaged('has pixel data that does not inflate', 'a zlib stream', cause),
        );
      if (result.done === true) return false;
      this.piece = result.value;
      this.at = 0;
    } while (this.piece.length === 0);
    return true;
  }

  async close(): Promise<void> {
    await this.pieces.return(undefined);
  }
}

/** Everything but the compressed rows: chunks, their checksums, header, palette. */
function judgeFile(bytes: Uint8Array, maxPixels: number): File {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | null = null;
  let colours: Uint8Array | null = null;
  let alphas: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let at = PNG_SIGNATURE.length, last = ''; ;) {
    if (at + 12 > bytes.length) damaged('ends early', 'an IEND chunk at its end');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) damaged('ends early', `${length} bytes of chunk ${shown(type)}`);
    const content = bytes.subarray(at + 8, end);
    // The header comes first, so that a size beyond all measure is refused as that.
    if (header === null) header = judgeHeader(type, content, maxPixels);
    if (crc32(bytes, at + 4, end) !== view.getUint32(end))
      damaged(`has a wrong checksum in chunk ${shown(type)}`, 'the CRC-32 of its bytes');
    if (type === 'IEND') break;
    if (type === 'IDAT') {
      if (data.length > 0 && last !== 'IDAT')
        damaged('has IDAT chunks apart', 'one after the other');
      data.push(content);
    } else if (type === 'PLTE' && data.length === 0) colours = content;
    else if (type === 'tRNS' && data.length === 0) alphas = content;
    else if (type !== 'IHDR' && type !== 'PLTE' && isCritical(bytes[at + 4]))
      damaged(
        `has a chunk ${shown(type)}`,
        'IHDR, PLTE, IDAT and IEND, and such as may be skipped',
      );
    last = type;
    at = end + 4;
  }
  if (data.length === 0) damaged('has no IDAT chunk', 'pixel data');
  return {
    header,
    palette: paletteOf(header, colours, alphas),
    clear: clearOf(header, alphas),
    data,
  };
}

/** Chunks with a capital are needed to read an image. */
function isCritical(firstLetter: number): boolean {
  return (firstLetter & 0x20) === 0;
}

function shown(type: string): string {
  return type.replace(/[^ -~]/g, '?');
}

function judgeHeader(type: string, content: Uint8Array, maxPixels: number): Header {
  if (type !== 'IHDR' || content.length !== 13)
    damaged(`begins with chunk ${shown(type)} of ${content.length} bytes`, 'IHDR of 13');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, compression, filter, interlace] = content.subarray(8);
  judgeSize(width, height, maxPixels);
  const { channels, depths } = COLOUR_TYPES[colourType] ?? { channels: 0, depths: [] };
  if (!depths.includes(depth))
    damaged(`has colour type ${colourType} of ${depth} bits`, 'one that PNG has');
  if (compression !== 0 || filter !== 0 || interlace > 1)
    damaged(
      `has methods ${compression}, ${filter}, ${interlace}`,
      'compression 0, filter 0, interlace 0 or 1',
    );
  return { width, height, depth, colourType, channels, interlaced: interlace === 1 };
}

function paletteOf(
  { colourType }: Header,
  colours: Uint8Array | null,
  alphas: Uint8Array | null,
): Uint8Array {
  if (colourType !== 3) return new Uint8Array(0);
  const entries = (colours?.length ?? 0) / 3;
  if (colours === null || !Number.isInteger(entries) || entries < 1 || entries > 256)
    damaged(`has a palette of ${colours?.length ?? 0} bytes`, '1 to 256 entries of 3 bytes');
  if (alphas && alphas.length > entries)
    damaged(`has ${alphas.length} values in tRNS`, `at most ${entries} (entries of its palette)`);
  const palette = new Uint8Array(4 * entries).fill(255);
  for (let entry = 0; entry < entries; entry++) {
    for (let t = 0; t < 3; t++) palette[4 * entry + t] = colours[3 * entry + t];
    if (alphas && entry < alphas.length) palette[4 * entry + 3] = alphas[entry];
  }
  return palette;
}

function clearOf({ colourType, channels }: Header, alphas: Uint8Array | null): number[] | null {
  if (alphas === null || colourType === 3) return null;
  if (colourType > 3 || alphas.length !== 2 * channels)
    damaged(`has a tRNS of ${alphas.length} bytes`, `what goes with colour type ${colourType}`);
  return Array.from({ length: channels }, (_, t) => (alphas[2 * t] << 8) | alphas[2 * t + 1]);
}

function passesOf({ width, height, interlaced }: Header): Pass[] {
  return (interlaced ? ADAM7 : [[0, 0, 1, 1]])
    .map(([left, top, stepX, stepY]) => ({
      left,
      top,
      stepX,
      stepY,
      columns: Math.ceil((width - left) / stepX),
      rows: Math.ceil((height - top) / stepY),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** In place; `step` bytes to the left lies the same byte of the pixel before. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  const { length } = row;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = step; i < length; i++) row[i] += row[i - step];
      return;
    case 2:
      for (let i = 0; i < length; i++) row[i] += above[i];
      return;
    case 3:
      for (let i = 0; i < length; i++) row[i] += ((i < step ? 0 : row[i - step]) + above[i]) >> 1;
      return;
    case 4:
      for (let i = 0; i < step && i < length; i++) row[i] += above[i];
      for (let i = step; i < length; i++) row[i] += paeth(row[i - step], above[i], above[i - step]);
      return;
    default:
      damaged(`has a row with filter ${filter}`, '0 to 4');
  }
}

/** Which of left, up and up-left is nearest to left + up − up-left. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Writes a row's pixels to `out`, the first at `at`, each `step` bytes from the one before. */
type Writer = (row: Uint8Array, pass: Pass, at: number, step: number) => void;

function writerFor({ header, palette, clear }: File, out: Uint8Array): Writer {
  const { depth, colourType, channels } = header;
  const sample = samplerFor(depth);
  const most = 2 ** depth - 1;
  // As 255 / most is whole up to 8 bits, only 16 bits are rounded.
  const toByte =
    depth === 16 ? (v: number) => ((v + 128) / 257) | 0 : (v: number) => (v * 255) / most;
  const entries = palette.length / 4;
  const isGrey = channels < 3;

  if (colourType === 3)
    return (row, { columns }, at, step) => {
      for (let x = 0; x < columns; x++, at += step) {
        const index = sample(row, x);
        if (index >= entries)
          damaged(`has a pixel of index ${index}`, `less than ${entries} (entries of its palette)`);
        for (let t = 0; t < 4; t++) out[at + t] = palette[4 * index + t];
      }
    };
  return (row, { columns }, at, step) => {
    for (let x = 0, from = 0; x < columns; x++, at += step, from += channels) {
      const red = sample(row, from);
      const green = isGrey ? red : sample(row, from + 1);
      const blue = isGrey ? red : sample(row, from + 2);
      out[at] = toByte(red);
      out[at + 1] = toByte(green);
      out[at + 2] = toByte(blue);
      out[at + 3] =
        channels % 2 === 0
          ? toByte(sample(row, from + channels - 1))
          : clear !== null &&
              clear[0] === red &&
              (isGrey || (clear[1] === green && clear[2] === blue))
            ? 0
            : 255;
    }
  };
}

/** The sample at a place of a row, from the high bits on. */
function samplerFor(depth: number): (row: Uint8Array, place: number) => number {
  if (depth === 8) return (row, place) => row[place];
  if (depth === 16) return (row, place) => (row[2 * place] << 8) | row[2 * place + 1];
  const mask = 2 ** depth - 1;
  return (row, place) => {
    const bit = place * depth;
    return (row[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
  };
}
