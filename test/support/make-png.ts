/**
 * PNG files of every kind, and broken ones, for what reads them: samples are given as they stand in
 * the file, so that a test knows every pixel.
 */
import { deflateSync } from 'node:zlib';

export interface MadePng {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  /** Row by row, all channels of a pixel together, of `depth` bits each. */
  samples: ArrayLike<number>;
  interlaced?: boolean;
  /** Filter of a row, of those in the file in turn. Default 0. */
  filter?: (row: number) => number;
  palette?: number[];
  transparency?: number[];
  /** Instead of the zlib stream of the samples. */
  data?: Uint8Array;
  /** Bytes of pixel data a chunk. */
  split?: number;
}

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = ['0088', '4088', '0448', '2044', '0224', '1022', '0112'].map((p) =>
  p.split('').map(Number),
);

export function makePng(png: MadePng): Uint8Array {
  const { width, height, depth, colourType, palette, transparency, split = Infinity } = png;
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  [depth, colourType, 0, 0, png.interlaced ? 1 : 0].forEach((v, i) => header.setUint8(8 + i, v));
  const data = png.data ?? deflateSync(rowsOf(png));
  const chunks = [chunk('IHDR', new Uint8Array(header.buffer))];
  if (palette) chunks.push(chunk('PLTE', palette));
  if (transparency) chunks.push(chunk('tRNS', transparency));
  for (let at = 0; at < data.length; at += split)
    chunks.push(chunk('IDAT', data.subarray(at, at + split)));
  return Uint8Array.from([
    ...[137, 80, 78, 71, 13, 10, 26, 10],
    ...[...chunks, chunk('IEND', [])].flatMap((bytes) => [...bytes]),
  ]);
}

export function chunk(type: string, content: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(Buffer.from(type, 'latin1'), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, bitwiseCrc(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

function bitwiseCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function rowsOf({ width, height, depth, colourType, samples, interlaced, filter }: MadePng) {
  const channels = CHANNELS[colourType];
  const step = Math.max(1, (depth * channels) >> 3);
  const bytes: number[] = [];
  let count = 0;
  for (const [left, top, stepX, stepY] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
    let above: number[] | null = null;
    for (let y = top; y < height && left < width; y += stepY) {
      const bits: number[] = [];
      for (let x = left; x < width; x += stepX)
        for (let t = 0; t < channels; t++) {
          const sample = samples[(y * width + x) * channels + t];
          for (let bit = depth - 1; bit >= 0; bit--) bits.push((sample >> bit) & 1);
        }
      const row: number[] = [];
      for (let at = 0; at < bits.length; at += 8)
        row.push(
          parseInt(
            bits
              .slice(at, at + 8)
              .join('')
              .padEnd(8, '0'),
            2,
          ),
        );
      const kind: number = filter?.(count++) ?? 0;
      const up = above ?? row.map(() => 0);
      bytes.push(kind, ...row.map((value, i) => (value - predicted(kind, row, up, i, step)) & 255));
      above = row;
    }
  }
  return Uint8Array.from(bytes);
}

function predicted(kind: number, row: number[], above: number[], i: number, step: number): number {
  const left = row[i - step] ?? 0;
  const up = above[i];
  const corner = above[i - step] ?? 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return Math.floor((left + up) / 2);
  if (kind !== 4) return 0;
  const p = left + up - corner;
  return [left, up, corner].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best));
}
