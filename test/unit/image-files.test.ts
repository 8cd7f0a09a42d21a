/**
 * Image files: what is written is read back; what is read, other decoders read as well; and what is
 * damaged, lies or is too large gives an error with a code, in bounded memory.
 */
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { convertIndexedToRgb, decode as decodeByFastPng } from 'fast-png';
import jpeg from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { KMeansError } from '../../src/errors.ts';
import { decodeImage } from '../../src/image/files/decode.ts';
import { encodePng } from '../../src/image/files/png.ts';
import { pcg32 } from '../../src/rng.ts';
import { chunk, makePng, type MadePng } from '../support/make-png.ts';

const MiB = 2 ** 20;

describe('a PNG that is written', () => {
  test.each(
    [1, 2, 3, 4, 5, 16, 17, 256, 257, 300, 65_536].flatMap(
      (n) =>
        [
          [n, false],
          [n, true],
        ] as const,
    ),
  )(
    'has the same pixels when it is read: %i colours, transparency %s',
    async (entries, transparent) => {
      const { indices, width, height, palette, rgba } = picture(entries, transparent);
      const file = await encodePng(indices, width, height, palette);
      const read = await decodeImage(file);
      expect(read).toMatchObject({ width, height });
      expect(equal(read.data, rgba)).toBe(true);
      expect(file[24]).toBe(entries > 16 ? 8 : entries > 4 ? 4 : entries > 2 ? 2 : 1);
      expect(file[25]).toBe(entries <= 256 ? 3 : transparent ? 6 : 2);
      expect(textOf(file).includes('tRNS')).toBe(transparent && entries <= 256);
      const other = decodeByFastPng(file, { checkCrc: true });
      const channels = entries <= 256 ? (transparent ? 4 : 3) : other.channels;
      const bytes = entries <= 256 ? convertIndexedToRgb(other) : other.data;
      const expected = rgba.filter((_, at) => channels === 4 || at % 4 !== 3);
      expect(equal(bytes, expected)).toBe(true);
    },
  );

  test('is of the smallest depth, and small where the picture is simple', async () => {
    const one = await encodePng(
      new Uint8Array(2 ** 16),
      256,
      256,
      Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255),
    );
    expect(one.length).toBeLessThan(150);
  });

  test('needs indices that fit', async () => {
    const palette = Uint8Array.of(1, 2, 3, 255);
    await expect(encodePng(Uint8Array.of(0, 1), 2, 1, palette)).rejects.toThrow(
      'indices[1] is 1; expected less than 1',
    );
    await expect(encodePng(Uint8Array.of(0, 0), 3, 1, palette)).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await expect(encodePng(Uint8Array.of(0), 1, 1, palette.subarray(1))).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });
});

/** Colour types and depths that PNG has. */
const KINDS = [
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth]),
  ...[8, 16].map((depth) => [2, depth]),
  ...[1, 2, 4, 8].map((depth) => [3, depth]),
  ...[8, 16].map((depth) => [4, depth]),
  ...[8, 16].map((depth) => [6, depth]),
];

describe('a PNG that is read', () => {
  test.each(KINDS)(
    'of colour type %i, %i bits: all sizes, filters, interlaced or not',
    async (colourType, depth) => {
      for (let size = 1; size <= 19; size += size < 9 ? 1 : 5)
        for (const interlaced of [false, true]) {
          const png = madeOf(colourType, depth, size, 20 - size, interlaced);
          const { data, width, height } = await decodeImage(makePng(png));
          expect({ width, height }).toEqual({ width: png.width, height: png.height });
          expect([...data]).toEqual(expectedRgba(png));
        }
    },
  );

  test('rounds 16 bits to the nearest of 8', async () => {
    const samples = Array.from({ length: 2 ** 16 }, (_, v) => v);
    const png = makePng({ width: 256, height: 256, depth: 16, colourType: 0, samples });
    const { data } = await decodeImage(png);
    for (const v of samples) if (data[4 * v] !== Math.round((v * 255) / 65535)) expect(v).toBe(-1);
  });

  test('makes one colour transparent where tRNS says so, by all its bits', async () => {
    const base = { width: 2, height: 1, depth: 16 };
    const grey = makePng({
      ...base,
      colourType: 0,
      samples: [0x1234, 0x1235],
      transparency: [0x12, 0x34],
    });
    expect([...(await decodeImage(grey)).data]).toEqual([18, 18, 18, 0, 18, 18, 18, 255]);
    const samples = [1, 2, 3, 1, 2, 4];
    const rgb = makePng({
      ...base,
      colourType: 2,
      depth: 8,
      samples,
      transparency: [0, 1, 0, 2, 0, 3],
    });
    expect([...(await decodeImage(rgb)).data]).toEqual([1, 2, 3, 0, 1, 2, 4, 255]);
  });

  test('may be given as a buffer or a blob', async () => {
    const bytes = makePng({ width: 1, height: 1, depth: 8, colourType: 2, samples: [9, 8, 7] });
    for (const file of [bytes.slice().buffer, new Blob([bytes.slice()]), Buffer.from(bytes)])
      expect([...(await decodeImage(file)).data]).toEqual([9, 8, 7, 255]);
  });
});

describe('a JPEG', () => {
  const photo = readFileSync('demo/photos/flower.jpg');

  test("is jpeg-js's pixels in Node", async () => {
    const expected = jpeg.decode(photo, { useTArray: true });
    const { data, width, height } = await decodeImage(photo);
    expect([width, height]).toEqual([expected.width, expected.height]);
    expect(equal(data, expected.data)).toBe(true);
  });

  test('is turned as its EXIF orientation says', async () => {
    const upright = await decodeImage(jpegOf(24, 16));
    const at = ({ data, width }: typeof upright, x: number, y: number) => data[4 * (y * width + x)];
    // Where the stored corners (top left, top right, bottom left) are to be seen.
    const corners: Record<number, string[]> = {
      1: ['tl', 'tr', 'bl'],
      2: ['tr', 'tl', 'br'],
      3: ['br', 'bl', 'tr'],
      4: ['bl', 'br', 'tl'],
      5: ['tl', 'bl', 'tr'],
      6: ['tr', 'br', 'tl'],
      7: ['br', 'tr', 'bl'],
      8: ['bl', 'tl', 'br'],
    };
    for (const [orientation, seen] of Object.entries(corners)) {
      const image = await decodeImage(withOrientation(jpegOf(24, 16), Number(orientation)));
      const { width, height } = image;
      expect([width, height]).toEqual(Number(orientation) < 5 ? [24, 16] : [16, 24]);
      const stored = [at(upright, 0, 0), at(upright, 23, 0), at(upright, 0, 15)];
      const found = seen.map((corner) =>
        at(image, corner[1] === 'l' ? 0 : width - 1, corner[0] === 't' ? 0 : height - 1),
      );
      expect(found).toEqual(stored);
    }
  });
});

describe('what is no PNG or JPEG', () => {
  test.each([
    ['GIF', 'GIF89a......'],
    ['WebP', 'RIFF....WEBPVP8 '],
    ['AVIF', '....ftypavif'],
    ['BMP', 'BM......'],
    ['TIFF', 'II*\0....'],
    ['SVG or XML', '<svg xmlns='],
    ['of an unknown format', 'hello'],
    ['empty', ''],
  ])('is named: %s', async (name, text) => {
    await expect(decodeImage(Buffer.from(text, 'latin1'))).rejects.toThrow(
      `The image file is ${name}; expected PNG or JPEG.`,
    );
  });

  test('nor are other things', async () => {
    await expect(decodeImage('photo.png' as never)).rejects.toThrow(
      "file is 'photo.png'; expected a Uint8Array, ArrayBuffer or Blob",
    );
    await expect(decodeImage(new Uint8Array(1), { maxPixels: 0 })).rejects.toThrow(
      'maxPixels is 0',
    );
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(decodeImage(new Uint8Array(1), { signal })).rejects.toThrow('enough');
  });
});

describe('damage', () => {
  const png = makePng({ ...madeOf(6, 8, 9, 7, true), split: 40 });
  const indexed = makePng({ ...madeOf(3, 4, 9, 7, false), split: 10 });
  const jpg = jpegOf(20, 12);

  test.each([
    ['PNG', png],
    ['indexed PNG', indexed],
    ['JPEG', jpg],
  ])('a %s that is cut short anywhere is an error', async (_, file) => {
    for (let length = 0; length < file.length; length++)
      expect(await codeOf(file.subarray(0, length)), `${length} bytes`).toBe('invalid-input');
  });

  test('a PNG with any byte changed is an error: chunks have checksums', async () => {
    for (const file of [png, indexed])
      for (let at = 0; at < file.length; at++) {
        const broken = file.slice();
        broken[at] ^= 1 << (at % 8);
        expect(await codeOf(broken), `byte ${at}`).toBe('invalid-input');
      }
  });

  test('a JPEG with bytes changed is an error or an image, nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(jpg.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const broken = jpg.slice();
          for (const [at, value] of changes) broken[at] = value;
          const code = await codeOf(broken, 2 ** 16);
          expect(['fine', 'invalid-input']).toContain(code);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a PNG with right checksums and wrong content is an error or an image', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 2, 3, 4, 6),
        fc.constantFrom(1, 2, 4, 8, 16, 3),
        fc.nat(40),
        fc.nat(40),
        fc.uint8Array({ maxLength: 60 }),
        fc.uint8Array({ maxLength: 12 }),
        fc.boolean(),
        async (colourType, depth, width, height, rows, extra, interlaced) => {
          const sizes = { width, height, depth, colourType, interlaced, samples: [] };
          const parts = { palette: [...extra], transparency: [...extra.subarray(6)] };
          const code = await codeOf(makePng({ ...sizes, ...parts, data: deflateSync(rows) }));
          expect(['fine', 'invalid-input']).toContain(code);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('ceilings', () => {
  const big = { depth: 8, colourType: 0, samples: [] };

  test('sizes are refused by the header', async () => {
    const bomb = makePng({ ...big, width: 60_000, height: 60_000, data: new Uint8Array(9) });
    await expect(decodeImage(bomb)).rejects.toThrow(
      '60000 × 60000 pixels by its header; expected at most',
    );
    const largest = makePng({
      ...big,
      width: 0xffffffff,
      height: 0xffffffff,
      data: new Uint8Array(9),
    });
    await expect(decodeImage(largest)).rejects.toMatchObject({ code: 'invalid-input' });
    const ten = makePng({ ...big, width: 10, height: 10, samples: new Uint8Array(100) });
    await expect(decodeImage(ten, { maxPixels: 99 })).rejects.toThrow('maxPixels');
    expect((await decodeImage(ten, { maxPixels: 100 })).width).toBe(10);
    const wide = resized(jpegOf(16, 16), 65_000, 65_000);
    await expect(decodeImage(wide)).rejects.toThrow(
      '65000 × 65000 pixels by its header; expected at most',
    );
  });

  test('a small file that claims a large image is refused before anything is allocated', async () => {
    const lying = makePng({
      ...big,
      width: 10_000,
      height: 10_000,
      data: deflateSync(new Uint8Array(500)),
    });
    const peak = await peakOf(() =>
      expect(decodeImage(lying)).rejects.toThrow('enough for 10000 × 10000 pixels'),
    );
    expect(peak).toBeLessThan(16 * MiB);
    const jpeg = resized(jpegOf(16, 16), 8000, 8000);
    await expect(decodeImage(jpeg)).rejects.toThrow('enough for 8000 × 8000 pixels');
  });

  test('what inflates past its size is refused, in bounded memory', async () => {
    const data = deflateSync(new Uint8Array(300 * MiB));
    const bomb = makePng({ ...big, width: 100, height: 100, data });
    const peak = await peakOf(() =>
      expect(decodeImage(bomb)).rejects.toThrow('inflates past its size; expected 10100 bytes'),
    );
    expect(peak).toBeLessThan(64 * MiB);
    const short = makePng({
      ...big,
      width: 100,
      height: 100,
      data: deflateSync(new Uint8Array(10_099)),
    });
    await expect(decodeImage(short)).rejects.toThrow('ends early');
  });

  test('text that inflates is not inflated', async () => {
    const png = makePng({ ...big, width: 1, height: 1, samples: [7] });
    const text = chunk('zTXt', [
      ...Buffer.from('a\0\0'),
      ...deflateSync(new Uint8Array(200 * MiB)),
    ]);
    const file = Uint8Array.from([...png.subarray(0, 33), ...text, ...png.subarray(33)]);
    const peak = await peakOf(async () => expect((await decodeImage(file)).data[0]).toBe(7));
    expect(peak).toBeLessThan(16 * MiB);
  });

  test('a JPEG of more scans than encoders make is refused', async () => {
    const file = jpegOf(16, 16);
    const from = textOf(file).indexOf('\xff\xda');
    const scan = file.subarray(from, file.length - 2);
    const scans = Array.from({ length: 101 }, () => [...scan]).flat();
    const many = Uint8Array.from([...file.subarray(0, from), ...scans, 0xff, 0xd9]);
    await expect(decodeImage(many)).rejects.toThrow('more than 100 scans');
  });
});

/** Bytes of buffers and of the heap beyond those at the beginning, at most, looked at every millisecond. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const used = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const before = used();
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, used() - before)), 1);
  await work();
  clearInterval(timer);
  return Math.max(peak, used() - before);
}

async function codeOf(file: Uint8Array, maxPixels = 2 ** 20): Promise<string> {
  try {
    await decodeImage(file, { maxPixels });
    return 'fine';
  } catch (error) {
    return error instanceof KMeansError ? error.code : String(error);
  }
}

function picture(entries: number, transparent: boolean) {
  const random = pcg32(entries);
  const palette = Uint8Array.from({ length: 4 * entries }, (_, at) =>
    at % 4 === 3 && !transparent ? 255 : random.uint32() & 255,
  );
  // Opaque entries first: tRNS has to reach the last that is not.
  if (transparent) palette.fill(255, 0, 4 * (entries - 1));
  if (transparent) palette[palette.length - 1] = 77;
  const width = 301;
  const height = entries > 60_000 ? 220 : 37;
  const indices = new (entries <= 256 ? Uint8Array : Uint16Array)(width * height);
  for (let i = 0; i < indices.length; i++)
    indices[i] = i < entries ? i : Math.floor(random() * entries);
  const rgba = Uint8Array.from(
    { length: 4 * indices.length },
    (_, at) => palette[4 * indices[at >> 2] + (at & 3)],
  );
  return { indices, width, height, palette, rgba };
}

function madeOf(
  colourType: number,
  depth: number,
  width: number,
  height: number,
  interlaced: boolean,
): MadePng {
  const random = pcg32(1000 * width + 10 * colourType + depth);
  const channels = [1, 0, 3, 1, 2, 0, 4][colourType];
  const samples = Array.from(
    { length: width * height * channels },
    () => random.uint32() % 2 ** depth,
  );
  const filter = (row: number) => row % 5;
  const made = { width, height, depth, colourType, samples, interlaced, filter };
  if (colourType !== 3) return made;
  const palette = Array.from({ length: 3 * 2 ** depth }, () => random.uint32() & 255);
  return { ...made, palette, transparency: [0, 99] };
}

function expectedRgba({ depth, colourType, samples, palette, transparency }: MadePng): number[] {
  const most = 2 ** depth - 1;
  const values = Array.from(samples);
  const bytes = values.map((v) => Math.round((v * 255) / most));
  const group = (n: number) =>
    Array.from({ length: bytes.length / n }, (_, i) => bytes.slice(n * i, n * i + n));
  switch (colourType) {
    case 0:
      return bytes.flatMap((v) => [v, v, v, 255]);
    case 2:
      return group(3).flatMap((rgb) => [...rgb, 255]);
    case 3:
      return values.flatMap((v) => [
        ...(palette ?? []).slice(3 * v, 3 * v + 3),
        transparency?.[v] ?? 255,
      ]);
    case 4:
      return group(2).flatMap(([v, alpha]) => [v, v, v, alpha]);
    default:
      return bytes;
  }
}

/** Brightness falls from the left to the right and rises downwards, so that corners differ. */
function jpegOf(width: number, height: number): Uint8Array {
  const data = Uint8Array.from({ length: 4 * width * height }, (_, at) => {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
    return at % 4 === 3 ? 255 : 60 + (150 * x) / width + (40 * y) / height;
  });
  return Uint8Array.from(jpeg.encode({ data, width, height }, 95).data);
}

function withOrientation(file: Uint8Array, orientation: number): Uint8Array {
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
    0,
    0,
    0,
    0,
  ];
  const segment = [...Buffer.from('Exif\0\0'), ...tiff];
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

function resized(file: Uint8Array, width: number, height: number): Uint8Array {
  const lying = file.slice();
  const at = textOf(file).indexOf('\xff\xc0');
  new DataView(lying.buffer).setUint16(at + 5, height);
  new DataView(lying.buffer).setUint16(at + 7, width);
  return lying;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** By one call: an expectation a byte takes seconds. */
function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return Buffer.compare(Uint8Array.from(a), Uint8Array.from(b)) === 0;
}
