/**
 * Image files in a browser: its own JPEG decoder, its zlib streams, and what it makes of files that are
 * written.
 */
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import photoUrl from '../../demo/photos/flower.jpg?url';
import { KMeansError } from '../../src/errors.ts';
import { crc32 } from '../../src/crc32.ts';
import { decodeImage } from '../../src/image/files/decode.ts';
import { encodeGif } from '../../src/image/files/gif.ts';
import { turned } from '../../src/image/files/orientation.ts';
import { encodePng } from '../../src/image/files/png.ts';
import { psnr } from '../../src/image/quality/psnr.ts';
import { pcg32 } from '../../src/rng.ts';

describe('a PNG', () => {
  test.each([2, 4, 16, 256, 300])(
    'of %i colours keeps its bits, half-transparent ones too',
    async (n) => {
      const { indices, palette, rgba } = pictureOf(n, false);
      const read = await decodeImage(await encodePng(indices, 40, 30, palette));
      expect([...read.data]).toEqual([...rgba]);
    },
  );

  test.each([2, 4, 16, 256, 300])(
    'of %i opaque colours is what the browser makes of it',
    async (n) => {
      const { indices, palette, rgba } = pictureOf(n, true);
      const file = await encodePng(indices, 40, 30, palette);
      expect([...(await drawn(new Blob([file])))]).toEqual([...rgba]);
    },
  );
});

test('a GIF is what the browser makes of it', async () => {
  const { indices, palette } = pictureOf(200, false);
  const bytes = await encodeGif([{ indices, width: 40, height: 30, palette }]);
  const expected = Array.from(indices).flatMap((index) => {
    const [r, g, b, a] = palette.subarray(4 * index, 4 * index + 4);
    return a < 128 ? [0, 0, 0, 0] : [r, g, b, 255];
  });
  expect([...(await drawn(new Blob([bytes], { type: 'image/gif' })))]).toEqual(expected);
});

describe('a JPEG', () => {
  test("is the browser's, strip by strip, and near to jpeg-js's", async () => {
    const bytes = new Uint8Array(await (await fetch(photoUrl)).arrayBuffer());
    const image = await decodeImage(bytes);
    const whole = await drawn(new Blob([bytes]));
    expect(image.data.every((value, at) => value === whole[at])).toBe(true);
    const other = jpeg.decode(bytes, { useTArray: true });
    expect([image.width, image.height]).toEqual([other.width, other.height]);
    expect(await psnr(image, other)).toBeGreaterThan(35);
  });

  test('is turned as browsers turn it, which is how it is turned elsewhere', async () => {
    const file = await jpegOf(48, 32);
    const { data } = jpeg.decode(file, { useTArray: true });
    for (let orientation = 1; orientation <= 8; orientation++) {
      const image = await decodeImage(withOrientation(file, orientation));
      const expected = turned({ data, width: 48, height: 32 }, orientation);
      expect([image.width, image.height]).toEqual([expected.width, expected.height]);
      expect(await psnr(image, expected), `orientation ${orientation}`).toBeGreaterThan(35);
    }
  });
});

describe('damage', () => {
  test('files that are cut short are errors', async () => {
    const { indices, palette } = pictureOf(9, false);
    for (const file of [await encodePng(indices, 40, 30, palette), await jpegOf(20, 12)])
      for (let length = 0; length < file.length; length += 7)
        expect(await codeOf(file.subarray(0, length)), `${length} bytes`).toBe('invalid-input');
  });

  test('files with bytes changed are errors or images', async () => {
    const { indices, palette } = pictureOf(9, false);
    const files = [await encodePng(indices, 40, 30, palette), await jpegOf(20, 12)];
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.nat(1e6), fc.nat(255), async (which, place, value) => {
        const broken = files[which].slice();
        broken[place % broken.length] = value;
        expect(['fine', 'invalid-input']).toContain(await codeOf(broken));
      }),
      { numRuns: 200 },
    );
  });

  test('a PNG that inflates past its size, or says it is larger than it is, is an error', async () => {
    const zeros = await encodePng(
      new Uint8Array(2 ** 26),
      2 ** 13,
      2 ** 13,
      Uint8Array.of(0, 0, 0, 255),
    );
    await expect(decodeImage(resized(zeros, 100, 100))).rejects.toThrow('inflates past its size');
    await expect(decodeImage(resized(zeros, 2 ** 13, 2 ** 13 + 1))).rejects.toThrow('ends early');
    await expect(decodeImage(resized(zeros, 60_000, 60_000))).rejects.toThrow(
      '60000 × 60000 pixels',
    );
  });
});

test('a signal stops', async () => {
  const bytes = await encodePng(
    new Uint8Array(2 ** 24),
    2 ** 12,
    2 ** 12,
    Uint8Array.of(0, 0, 0, 255),
  );
  const controller = new AbortController();
  const decoding = decodeImage(bytes, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(decoding).rejects.toThrow('enough');
});

async function codeOf(file: Uint8Array): Promise<string> {
  try {
    await decodeImage(file, { maxPixels: 2 ** 20 });
    return 'fine';
  } catch (error) {
    return error instanceof KMeansError ? error.code : String(error);
  }
}

/** By the browser, in one go. */
async function drawn(blob: Blob): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(blob);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  if (!context) throw new Error('no 2d context');
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

function pictureOf(entries: number, opaque: boolean) {
  const random = pcg32(entries);
  const palette = Uint8Array.from({ length: 4 * entries }, (_, at) =>
    at % 4 === 3 && opaque ? 255 : random.uint32() & 255,
  );
  const indices = Uint16Array.from({ length: 40 * 30 }, () => random() * entries);
  const rgba = Uint8Array.from(
    { length: 4 * indices.length },
    (_, at) => palette[4 * indices[at >> 2] + (at & 3)],
  );
  return { indices, palette, rgba };
}

/** Brightness rises to the right and downwards. */
async function jpegOf(width: number, height: number): Promise<Uint8Array> {
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, at) => {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
    return at % 4 === 3 ? 255 : 40 + (150 * x) / width + (40 * y) / height;
  });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
  return new Uint8Array(await blob.arrayBuffer());
}

function withOrientation(file: Uint8Array, orientation: number): Uint8Array {
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0];
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
  ];
  const segment = [...exif, ...tiff, 0, 0, 0, 0];
  return Uint8Array.from([
    0xff,
    0xd8,
    0xff,
    0xe1,
    0,
    segment.length + 2,
    ...segment,
    ...file.subarray(2),
  ]);
}

function resized(bytes: Uint8Array, width: number, height: number): Uint8Array {
  const png = bytes.slice();
  const view = new DataView(png.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(png, 12, 29));
  return png;
}
