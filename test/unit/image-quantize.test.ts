/** Palettes as callers ask for them: what they promise, on small images made here. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastDifference } from '../../src/image/apart.ts';
import { fewest } from '../../src/image/fewest.ts';
import {
  deltaE,
  psnr,
  quantizeImage,
  type ImageInput,
  type ImageOptions,
  type QuantizedImage,
} from '../../src/image/index.ts';
import { SPACES, toSpace } from '../../src/image/spaces.ts';
import { InvalidInputError } from '../../src/index.ts';
import { squaredDistance } from '../../src/matrix.ts';
import { names, pixelsOf, scene } from '../support/images.ts';

const image = scene(80, 60);
const faded = scene(80, 60, { alpha: true });

const answer = ({ palette, indices }: QuantizedImage) => ({ palette, indices });

describe('engines', () => {
  test.each(SPACES)('give the same palette and indices in %s', async (space) => {
    const of = async (engine: 'reference' | 'wasm') =>
      answer(await quantizeImage(faded, { colors: 20, space, engine, seed: 3 }));
    expect(await of('wasm')).toEqual(await of('reference'));
  });

  test('agree around locked colours, and about many', async () => {
    for (const options of [{ colors: 9, lock: ['#f00', '#808080'] }, { colors: 600 }] as const) {
      const [a, b] = await Promise.all(
        (['reference', 'wasm'] as const).map((engine) =>
          quantizeImage(image, { ...options, engine }),
        ),
      );
      expect(answer(a)).toEqual(answer(b));
      expect([a.engine, b.engine]).toEqual(['reference', 'wasm']);
    }
  });
});

test('every pixel has the entry that is nearest in the space', async () => {
  for (const space of SPACES)
    for (const picture of [image, faded]) {
      const { palette, indices } = await quantizeImage(picture, { colors: 12, space });
      const alpha = picture === faded;
      const entries = toSpace(palette, space, alpha);
      const points = toSpace(picture.data, space, alpha);
      const { columns } = points;
      let worse = 0;
      for (let i = 0; i < points.rows; i++) {
        const to = (j: number) =>
          squaredDistance(points.data, i * columns, entries.data, j * columns, columns);
        const own = to(indices[i]);
        for (let j = 0; j < entries.rows; j++) if (to(j) < own * (1 - 1e-5)) worse++;
      }
      expect(worse).toBe(0);
    }
});

test('the same colours in another place make the same palette', async () => {
  const { data, width, height } = image;
  const turned = new Uint32Array(data.slice().buffer).reverse();
  const back = { data: new Uint8ClampedArray(turned.buffer), width: height, height: width };
  const [a, b] = await Promise.all([image, back].map((i) => quantizeImage(i, { colors: 16 })));
  expect(b.palette).toEqual(a.palette);
  expect(b.indices).toEqual(a.indices.slice().reverse());
});

test('in sRGB the PSNR is the best, in OKLab the colour difference is smaller', async () => {
  const of = (space: 'srgb' | 'oklab') => quantizeImage(image, { colors: 16, space });
  const [srgb, oklab] = await Promise.all([
    (await of('srgb')).quality(),
    (await of('oklab')).quality(),
  ]);
  expect(srgb.psnr).toBeGreaterThan(oklab.psnr);
  expect(oklab.deltaE.mean).toBeLessThan(srgb.deltaE.mean);
});

test('the quality is that of the image made', async () => {
  const result = await quantizeImage(image, { colors: 7 });
  const made = result.toImageData();
  const { psnr: decibels, deltaE: difference } = await result.quality();
  expect(decibels).toBe(await psnr(image, made));
  expect(difference).toEqual(await deltaE(image, made));
});

test('colours that all have room stay as they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(0, 1, 128, 255))), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.constantFrom(...SPACES),
      async (colors, space) => {
        const picture = pixelsOf(colors);
        const result = await quantizeImage(picture, { colors: 40, space });
        const clear = picture.data.map((byte, at) => (picture.data[at | 3] === 0 ? 0 : byte));
        expect(Array.from(result.toImageData().data)).toEqual(Array.from(clear));
        expect(result.lossless).toBe(true);
        expect(result.engine).toBe('none');
        expect(result.colors).toBe(new Set(new Uint32Array(clear.buffer)).size);
      },
    ),
    { numRuns: 30 },
  );
});

test('whatever is asked for: no more entries than that, locked ones first, an entry a pixel', async () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const color = fc.tuple(byte, byte, byte, fc.constantFrom(0, 90, 255, 255));
  await fc.assert(
    fc.asyncProperty(
      fc.array(color, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.uniqueArray(color, { maxLength: 3, selector: (c) => (c[3] === 0 ? '' : c.join()) }),
      fc.constantFrom(0, 12),
      fc.boolean(),
      fc.constantFrom(...SPACES),
      async (list, least, lock, minDeltaE, weighed, space) => {
        const colors = Math.max(least, lock.length);
        const importance = list.map((_, i) => (i * 7) % 3);
        const some = weighed && importance.some((weight) => weight > 0);
        const options = { colors, lock, minDeltaE, space, engine: 'reference' } as const;
        const { palette, indices, counts } = await quantizeImage(
          pixelsOf(list),
          some ? { ...options, importance } : options,
        );
        expect(palette.length).toBeLessThanOrEqual(4 * colors);
        expect(Array.from(palette.subarray(0, 4 * lock.length))).toEqual(lock.flat());
        expect(indices.length).toBe(list.length);
        expect(indices.every((entry) => entry < palette.length / 4)).toBe(true);
        expect(counts.subarray(lock.length).every((count) => count > 0)).toBe(true);
        expect(leastDifference(palette, lock.length)).toBeGreaterThanOrEqual(minDeltaE);
      },
    ),
    { numRuns: 150 },
  );
});

test('an opaque image has opaque entries, a faded one keeps what is clear and what is not', async () => {
  const opaque = await quantizeImage(image, { colors: 8 });
  expect(opaque.palette.filter((_, at) => at % 4 === 3)).toEqual(new Uint8Array(8).fill(255));
  const result = await quantizeImage(faded, { colors: 32 });
  const made = result.toImageData().data;
  let off = 0;
  for (let at = 3; at < made.length; at += 4)
    off = Math.max(off, Math.abs(made[at] - faded.data[at]));
  expect(off).toBeLessThan(64);
  expect(names(result.palette)).toContain('#00000000');
  const grain = { ...image, data: image.data.map((v, at) => (at % 44 === 3 ? 249 : v)) };
  const { palette } = await quantizeImage(grain, { colors: 8 });
  expect(palette.filter((_, at) => at % 4 === 3)).toEqual(new Uint8Array(8).fill(255));
});

test('more than 256 entries have indices of 16 bits', async () => {
  const result = await quantizeImage(image, { colors: 700 });
  expect(result.indices).toBeInstanceOf(Uint16Array);
  expect(result.colors).toBeGreaterThan(650);
  expect(Math.max(...result.indices)).toBe(result.colors - 1);
  expect(Array.from(result.counts).reduce((sum, count) => sum + count)).toBe(80 * 60);
});

test('several images have one palette', async () => {
  const images = [scene(40, 30, { seed: 1 }), scene(20, 25, { seed: 2 })];
  const [a, b] = await quantizeImage(images, { colors: 12 });
  expect(a.palette).toEqual(b.palette);
  expect([a.indices.length, b.indices.length]).toEqual([1200, 500]);
  const both = {
    data: Uint8Array.from([...images[0].data, ...images[1].data]),
    width: 1700,
    height: 1,
  };
  expect((await quantizeImage(both, { colors: 12 })).palette).toEqual(a.palette);
});

describe('order', () => {
  const colors = [
    [255, 0, 0],
    [0, 0, 255],
    [0, 160, 0],
    [20, 20, 20],
    [200, 200, 200],
    [0, 0, 255],
  ];
  test.each([
    ['use', ['#0000ff', '#141414', '#00a000', '#ff0000', '#c8c8c8']],
    ['lightness', ['#141414', '#0000ff', '#00a000', '#ff0000', '#c8c8c8']],
    ['hue', ['#141414', '#c8c8c8', '#ff0000', '#00a000', '#0000ff']],
  ] as const)('by %s', async (sort, expected) => {
    const { palette } = await quantizeImage(pixelsOf(colors), { sort });
    expect(names(palette)).toEqual(expected);
  });
});

describe('lock', () => {
  const lock = ['#ff00ff', [1, 2, 3], '#00ff0088'];
  test('comes first and exactly, used or not; the others form around it', async () => {
    const result = await quantizeImage(image, { colors: 10, lock, sort: 'lightness' });
    expect(names(result.palette).slice(0, 3)).toEqual(['#ff00ff', '#010203', '#00ff0088']);
    expect(result.colors).toBe(10);
    const free = await quantizeImage(image, { colors: 7 });
    expect((await result.quality()).psnr).toBeGreaterThan((await free.quality()).psnr - 0.5);
  });

  test('of all entries leaves nothing to choose', async () => {
    const { palette } = await quantizeImage(image, { colors: 2, lock: ['#000', '#fff'] });
    expect(names(palette)).toEqual(['#000000', '#ffffff']);
  });

  test('of a colour that is in an image without room for more does not double it', async () => {
    const picture = pixelsOf([
      [255, 0, 0],
      [0, 0, 255],
    ]);
    const { palette, lossless } = await quantizeImage(picture, { colors: 2, lock: ['#00f'] });
    expect(names(palette)).toEqual(['#0000ff', '#ff0000']);
    expect(lossless).toBe(true);
  });
});

test('a palette is kept as it is given, and pixels are mapped to it', async () => {
  const palette = ['#fff', '#000', '#ff0000', '#000'];
  const picture = pixelsOf([
    [250, 250, 250],
    [200, 30, 30],
    [3, 0, 0],
  ]);
  const result = await quantizeImage(picture, { palette });
  expect(names(result.palette)).toEqual(['#ffffff', '#000000', '#ff0000', '#000000']);
  expect(Array.from(result.indices)).toEqual([0, 2, 1]);
  const bytes = await quantizeImage(picture, { palette: result.palette });
  expect(answer(bytes)).toEqual(answer(result));
});

describe('minDeltaE', () => {
  test.each([
    ['many colours', image, 24, 6],
    [
      'few that are too near',
      pixelsOf([
        [9, 9, 9],
        [10, 9, 9],
        [200, 0, 0],
      ]),
      8,
      3,
    ],
    ['alpha', faded, 16, 5],
  ])('keeps entries apart: %s', async (_, picture, colors, minDeltaE) => {
    const result = await quantizeImage(picture, { colors, minDeltaE });
    expect(leastDifference(result.palette, 0)).toBeGreaterThanOrEqual(minDeltaE);
    expect(result.colors).toBeLessThanOrEqual(colors);
    expect(result.colors).toBeGreaterThan(colors / 5);
  });

  test('does not touch locked colours', async () => {
    const lock = ['#808080', '#818181'];
    const result = await quantizeImage(image, { colors: 12, minDeltaE: 10, lock });
    expect(names(result.palette).slice(0, 2)).toEqual(['#808080', '#818181']);
    expect(leastDifference(result.palette, 2)).toBeGreaterThanOrEqual(10);
  });
});

describe('minQuality', () => {
  test.each([{ psnr: 30 }, { deltaE: 3 }, { ssim: 0.8, psnr: 20 }])(
    'is reached, and not by one colour fewer: %o',
    async (minQuality) => {
      const result = await quantizeImage(image, { minQuality });
      const reached = async (colors: number) => {
        const quality = await (await quantizeImage(image, { colors })).quality();
        return (
          quality.psnr >= (minQuality.psnr ?? 0) &&
          quality.deltaE.mean <= (minQuality.deltaE ?? Infinity) &&
          quality.ssim >= (minQuality.ssim ?? 0)
        );
      };
      expect(await reached(result.colors)).toBe(true);
      expect(await reached(result.colors - 1)).toBe(false);
      const same = await quantizeImage(image, { colors: result.colors });
      expect(answer(result)).toEqual(answer(same));
    },
  );

  test('finds the least number that is enough, in few steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 500 }), async (needed) => {
        let steps = 0;
        const enough = async (k: number) => {
          steps++;
          return k >= needed;
        };
        expect(await fewest(1, 256, enough)).toBe(Math.min(256, needed));
        expect(steps).toBeLessThanOrEqual(16);
      }),
    );
  });
});

test('dithered pixels mix to what the palette does not have; minQuality sees them', async () => {
  const grey = { data: new Uint8Array(4 * 900).fill(128), width: 30, height: 30 };
  grey.data.forEach((_, at) => at % 4 === 3 && (grey.data[at] = 255));
  const palette = ['#000', '#fff'];
  const plain = await quantizeImage(grey, { palette });
  expect(new Set(plain.indices).size).toBe(1);
  const mixed = await quantizeImage(grey, { palette, dither: 'floyd-steinberg' });
  const light = mixed.counts[1] / 900; // 128 has 0.216 of white's light
  expect(Math.abs(light - 0.216)).toBeLessThan(0.03);
  const none = await quantizeImage(grey, { palette, dither: 'bayer', ditherStrength: 0 });
  expect(none.indices).toEqual(plain.indices);

  const options = { dither: 'bayer', minQuality: { psnr: 28 } } as const;
  const result = await quantizeImage(image, options);
  expect((await result.quality()).psnr).toBeGreaterThanOrEqual(28);
  const less = await quantizeImage(image, { dither: 'bayer', colors: result.colors - 1 });
  expect((await less.quality()).psnr).toBeLessThan(28);
});

test('reads files, and writes them', async () => {
  const made = await quantizeImage(faded, { colors: 30 });
  const file = await made.toPng();
  for (const form of [file, file.buffer, new Blob([file])]) {
    const again = await quantizeImage(form, { colors: 30, sort: 'lightness' });
    expect(again.lossless).toBe(true);
    expect(again.toImageData()).toEqual(made.toImageData());
  }
  expect(String.fromCharCode(...(await made.toGif()).subarray(0, 6))).toBe('GIF89a');
  const [first] = names(made.palette);
  expect(made.toCss('tone')).toContain(`--tone-0: ${first};`);
  expect(JSON.parse(made.toJson())).toEqual(names(made.palette));
  expect(made.toGpl('scene')).toMatch(/^GIMP Palette\nName: scene\n/);
  expect(made.toAse().length).toBeGreaterThan(30 * 30);
  await expect(quantizeImage(file, { maxPixels: 4799 })).rejects.toThrow('maxPixels');
});

describe('importance', () => {
  test('counts a pixel as so many', async () => {
    const picture = scene(24, 20);
    const weights = Array.from({ length: 480 }, (_, i) => i % 4);
    const repeated = weights.flatMap((weight, i) =>
      Array.from({ length: weight }, () => Array.from(picture.data.subarray(4 * i, 4 * i + 4))),
    );
    const options = { colors: 9, sort: 'lightness' } as const;
    const weighed = await quantizeImage(picture, { ...options, importance: weights });
    expect(weighed.palette).toEqual((await quantizeImage(pixelsOf(repeated), options)).palette);
  });
});

test('tells how far it is, and stops when it is told to', async () => {
  const told: number[] = [];
  const seen = new Set<string>();
  await quantizeImage(image, {
    colors: 8,
    onProgress: ({ phase, fraction }) => {
      told.push(fraction);
      seen.add(phase);
    },
  });
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect([told[0], told.at(-1)]).toEqual([0, 1]);
  expect([...seen]).toEqual(['read', 'count', 'cluster', 'map']);

  for (const at of ['before', 'count', 'cluster', 'map']) {
    const controller = new AbortController();
    const reason = new Error(`stopped ${at}`);
    if (at === 'before') controller.abort(reason);
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === at) controller.abort(reason);
    };
    const { signal } = controller;
    await expect(quantizeImage(image, { colors: 300, signal, onProgress })).rejects.toBe(reason);
  }
});

describe('refuses, before any work,', () => {
  const small = pixelsOf([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  test.each<[string, ImageInput, ImageOptions, string]>([
    ['no pixels', { ...small, width: 0 }, {}, 'image.width is 0; expected a whole number ≥ 1.'],
    [
      'a broken size',
      { ...small, height: 1.5 },
      {},
      'image.height is 1.5; expected a whole number ≥ 1.',
    ],
    [
      'wrong data',
      { ...small, width: 3 },
      {},
      'image.data.length is 8; expected 12 (4 × width × height).',
    ],
    [
      'too many colours',
      small,
      { colors: 65537 },
      'colors is 65537; expected a whole number from 1 to 65536.',
    ],
    ['no colours', small, { colors: 0 }, 'colors is 0; expected a whole number from 1 to 65536.'],
    [
      'a space',
      small,
      { space: 'hsl' as 'lab' },
      "space is 'hsl'; expected 'srgb', 'linear-rgb', 'oklab', 'lab'.",
    ],
    [
      'a misspelt option',
      small,
      { colours: 3 } as ImageOptions,
      'options.colours is 3; expected only options named',
    ],
    [
      'a colour name',
      small,
      { lock: ['red'] },
      "lock[0] is 'red'; expected a colour. Write '#rgb'",
    ],
    [
      'a short colour',
      small,
      { palette: [[1, 2]] },
      'palette[0] is an array of 2; expected a colour.',
    ],
    [
      'a byte',
      small,
      { lock: [[0, 256, 0]] },
      'lock[0][1] is 256; expected a whole number from 0 to 255.',
    ],
    [
      'too many locked',
      small,
      { colors: 1, lock: ['#000', '#fff'] },
      'lock.length is 2; expected at most 1 (colors).',
    ],
    ['a colour locked twice', small, { lock: ['#000', '#000000'] }, 'lock[1] is'],
    ['no palette', small, { palette: [] }, 'palette.length is 0; expected at least one colour.'],
    [
      'half a colour',
      small,
      { palette: new Uint8Array(3) },
      'palette.length is 3; expected a multiple of 4.',
    ],
    [
      'colours beside a palette',
      small,
      { palette: ['#000'], colors: 3 },
      'colors is 3; expected none beside palette.',
    ],
    [
      'importance of another length',
      small,
      { importance: [1] },
      'importance.length is 1; expected 2 (the number of pixels).',
    ],
    [
      'negative importance',
      small,
      { importance: [1, -1] },
      'importance[1] is -1; expected a finite number ≥ 0.',
    ],
    [
      'no importance',
      small,
      { importance: [0, 0] },
      'importance is an array of 2; expected some weight above 0.',
    ],
    [
      'a quality',
      small,
      { minQuality: {} },
      'minQuality is an object; expected psnr, deltaE or ssim in it.',
    ],
    ['a seed', small, { seed: -1 }, 'seed is -1; expected a whole number ≥ 0.'],
    [
      'another colour space',
      { ...small, colorSpace: 'display-p3' } as ImageInput,
      {},
      "image.colorSpace is 'display-p3'; expected 'srgb'.",
    ],
    ['no image', 7 as unknown as ImageInput, {}, 'image is 7; expected an image.'],
  ])('%s', async (_, input, options, message) => {
    const refused = await quantizeImage(input, options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidInputError);
    expect((refused as Error).message).toContain(message);
  });

  test('no images', async () => {
    await expect(quantizeImage([])).rejects.toThrow('images.length is 0; expected at least 1.');
  });
});
