/**
 * Which way up a camera was held: the orientation tag of EXIF (CIPA DC-008, tag 0112), and images
 * turned by it. Browsers do the same to every JPEG they show.
 */
import type { Pixels } from '../pixels.ts';

const ORIENTATION = 0x0112;
const SHORT = 3;

/** 1 to 8 by the content of an APP1 segment; 1, as it is, where that notes nothing usable. */
export function orientationOf(segment: Uint8Array): number {
  if (!'Exif\0\0'.split('').every((letter, i) => segment[i] === letter.charCodeAt(0))) return 1;
  const tiff = segment.subarray(6);
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return 1;
  const little = tiff[0] === 0x49;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const value = view.getUint16(at + 2, little) === SHORT ? view.getUint16(at + 8, little) : 1;
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The image as it is to be seen, by its orientation. */
export function turned(image: Pixels, orientation: number): Pixels {
  if (orientation === 1) return image;
  const { data, width, height } = image;
  const [mirrorX, mirrorY, swap] = TURNS[orientation];
  const [columns, rows] = swap ? [height, width] : [width, height];
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const to = new Uint32Array(width * height);
  for (let y = 0, at = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [u, v] = swap ? [y, x] : [x, y];
      to[at++] = from[(mirrorY ? height - 1 - v : v) * width + (mirrorX ? width - 1 - u : u)];
    }
  return { data: new Uint8Array(to.buffer), width: columns, height: rows };
}

/** Whether stored columns run backwards, stored rows run backwards, and columns are rows. */
const TURNS: Record<number, [boolean, boolean, boolean]> = {
  2: [true, false, false],
  3: [true, true, false],
  4: [false, true, false],
  5: [false, false, true],
  6: [false, true, true],
  7: [true, true, true],
  8: [true, false, true],
};
