/**
 * Dithering: the mean of light is kept, nothing leans to one side, what is in the palette stays, and
 * what is transparent keeps out of it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bayer } from '../../src/image/dither/bayer.ts';
import { blueNoise } from '../../src/image/dither/blue-noise.ts';
import { DITHERS, ditherPixels, type Dither } from '../../src/image/dither/index.ts';
import { nearestEntry } from '../../src/image/dither/nearest-entry.ts';
import type { Pixels } from '../../src/image/pixels.ts';
import { LINEAR, SPACES, toByte, type ColorSpace } from '../../src/image/spaces.ts';
import { pcg32 } from '../../src/rng.ts';

const BLACK = [0, 0, 0, 255];
const WHITE = [255, 255, 255, 255];
const CLEAR = [0, 0, 0, 0];

/** All but Atkinson's, which passes on three quarters. */
const KEEPING: readonly Dither[] = ['floyd-steinberg', 'bayer', 'blue-noise'];

describe('the nearest entry', () => {
  test.each([3, 4] as const)('is that of all, the first of equals: %i columns', (columns) => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(3),
        (seed, count, kind) => {
          const random = pcg32(seed);
          const value = [
            () => random(),
            () => random() ** 8,
            () => Math.floor(4 * random()),
            () => 1e-3 * random() + Math.round(random()),
          ][kind];
          const entries = Float64Array.from({ length: count * columns }, value);
          const nearest = nearestEntry(entries, columns);
          for (let i = 0; i < 3000; i++) {
            const width = i % 10 === 0 ? 20 : 2;
            const point = Float64Array.from({ length: columns }, () => width * (random() - 0.3));
            const found = nearest(point);
            const expected = nearestOfAll(entries, point);
            if (found !== expected) expect({ found, point }).toEqual({ found: expected, point });
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is found among 65 536', () => {
    const random = pcg32(3);
    const entries = Float64Array.from({ length: 3 * 65_536 }, () => random());
    const nearest = nearestEntry(entries, 3);
    for (let i = 0; i < 20_000; i++) {
      const point = Float64Array.from({ length: 3 }, () => 0.4 + 0.1 * random());
      const found = nearest(point);
      if (i % 200 === 0) expect(found).toBe(nearestOfAll(entries, point));
    }
  });
});

describe('flat areas keep their mean in linear light', () => {
  const side = 64;

  /**
   * Error diffusion loses only what leaves at the edges: at most 9/16 of an error below each pixel of the
   * last row and 7/16 beside each at an end of a row. Ordered dithers of up to 8 entries draw 64, and what
   * they leave over is at most the range of the palette, or four times that where colours mix in three
   * dimensions and are chosen in a space that is curved in light.
   */
  const tolerance = (dither: Dither, ranges: number) =>
    dither === 'floyd-steinberg' ? (9 + 2 * 7) / 16 / side : ranges / 64;

  test.each(KEEPING)('%s: a ramp of grey from black and white', async (dither) => {
    for (const space of SPACES)
      for (let grey = 0; grey <= 255; grey += 15) {
        const image = flat(side, side, [grey, grey, grey, 255]);
        const [red] = await meanLight(image, [...BLACK, ...WHITE], dither, space);
        expect(Math.abs(red - LINEAR[grey])).toBeLessThanOrEqual(tolerance(dither, 1));
      }
  });

  test.each(KEEPING)('%s: colours from the corners of the cube', async (dither) => {
    const corners = Array.from({ length: 8 }, (_, i) => [
      ...[1, 2, 4].map((b) => (i & b ? 255 : 0)),
      255,
    ]);
    const random = pcg32(1);
    for (let i = 0; i < 12; i++) {
      const colour = [0, 0, 0].map(() => random.uint32() & 255);
      const image = flat(side, side, [...colour, 255]);
      const mean = await meanLight(image, corners.flat(), dither, 'oklab');
      for (let t = 0; t < 3; t++)
        expect(Math.abs(mean[t] - LINEAR[colour[t]]), colour.join()).toBeLessThanOrEqual(
          tolerance(dither, 4),
        );
    }
  });

  test.each(KEEPING)('%s: half-transparent ones from clear and white', async (dither) => {
    const image = flat(side, side, [255, 255, 255, 100]);
    const mean = await meanLight(image, [...CLEAR, ...WHITE], dither, 'oklab');
    for (const value of mean)
      expect(Math.abs(value - 100 / 255)).toBeLessThanOrEqual(tolerance(dither, 1));
  });

  test('a step of half the strength is about half-way to the nearest', async () => {
    const image = flat(side, side, [137, 137, 137, 255]); // a quarter of the light
    const palette = [...BLACK, ...WHITE];
    const without = await meanLight(image, palette, 'none', 'linear-rgb');
    const half = await meanLight(image, palette, 'floyd-steinberg', 'linear-rgb', 0.5);
    const full = await meanLight(image, palette, 'floyd-steinberg', 'linear-rgb');
    expect(without[0]).toBe(0);
    expect(half[0]).toBeLessThan(full[0]);
  });
});

test.each(DITHERS)('%s gives back what is in the palette, exactly', async (dither) => {
  const random = pcg32(7);
  for (const [entries, opaque] of [
    [5, true],
    [300, true],
    [300, false],
  ] as const) {
    const palette = Uint8Array.from({ length: 4 * entries }, (_, at) =>
      at % 4 === 3 && opaque ? 255 : random.uint32() & 255,
    );
    const given = Uint16Array.from({ length: 40 * 30 }, () => random() * entries);
    const data = Uint8Array.from(
      { length: 4 * given.length },
      (_, at) => palette[4 * given[at >> 2] + (at & 3)],
    );
    const image = { data, width: 40, height: 30 };
    const indices = await dithered(image, palette, dither);
    // Colours of no opacity are all the same.
    const seen = (index: number) => {
      const [r, g, b, a] = palette.subarray(4 * index, 4 * index + 4);
      return a === 0 ? 'clear' : `${r} ${g} ${b} ${a}`;
    };
    expect(Array.from(indices, seen)).toEqual(Array.from(given, seen));
  }
});

test.each(DITHERS)(
  '%s of strength 0 is the nearest entry; every run is the same',
  async (dither) => {
    const image = noise(50, 40, 1);
    const palette = noise(20, 1, 2).data;
    for (const space of SPACES) {
      const none = await dithered(image, palette, 'none', space);
      expect(await dithered(image, palette, dither, space, 0)).toEqual(none);
      const once = await dithered(image, palette, dither, space);
      expect(await dithered(image, palette, dither, space)).toEqual(once);
      if (dither !== 'none') expect(once).not.toEqual(none);
    }
  },
);

test.each(['floyd-steinberg', 'atkinson'] as const)('%s runs back on odd rows', async (dither) => {
  const palette = Uint8Array.from([...BLACK, ...WHITE]);
  const row = noise(61, 1, 5);
  const mirrored = { ...row, data: pixelsOf(row).reverse().flat() };
  const below = {
    data: Uint8Array.from([...new Uint8Array(4 * 61), ...row.data]),
    width: 61,
    height: 2,
  };
  const clear = Uint8Array.from([...palette, ...CLEAR]);
  const forth = await dithered(
    { ...mirrored, data: Uint8Array.from(mirrored.data) },
    clear,
    dither,
  );
  const back = await dithered(below, clear, dither);
  expect([...back.subarray(61)]).toEqual([...forth].reverse());
  expect([...back.subarray(61)]).not.toEqual([...(await dithered(row, clear, dither))]);
});

test.each(DITHERS)('%s leaves transparent pixels alone, whatever their colour', async (dither) => {
  const palette = Uint8Array.from([...BLACK, ...WHITE, 200, 0, 0, 255, ...CLEAR]);
  const random = pcg32(4);
  const holes = Array.from({ length: 40 * 40 }, () => random() < 0.3);
  const withHoles = (seed: number) => {
    const { data } = noise(40, 40, 9);
    const other = noise(40, 40, seed).data;
    return {
      data: data.map((value, at) => (holes[at >> 2] ? (at % 4 === 3 ? 0 : other[at]) : value)),
      width: 40,
      height: 40,
    };
  };
  const indices = await dithered(withHoles(1), palette, dither);
  expect(await dithered(withHoles(2), palette, dither)).toEqual(indices);
  expect(Array.from(indices, (index) => index === 3)).toEqual(holes);
});

test('nothing is passed on through holes', async () => {
  // 0.45 of the light is nearer to black; with a share of what another leaves over it would not be.
  const grey = [toByte(0.45), toByte(0.45), toByte(0.45), 255];
  const palette = Uint8Array.from([...BLACK, ...WHITE, ...CLEAR]);
  for (const [pixels, expected] of [
    [
      [grey, grey],
      [0, 1],
    ],
    [
      [grey, CLEAR, grey],
      [0, 2, 0],
    ],
  ]) {
    const image = { data: Uint8Array.from(pixels.flat()), width: pixels.length, height: 1 };
    const indices = await dithered(image, palette, 'floyd-steinberg', 'linear-rgb');
    expect([...indices]).toEqual(expected);
  }
});

test('any image and palette give indices of the palette', async () => {
  const pixel = fc.tuple(
    fc.nat(255),
    fc.nat(255),
    fc.nat(255),
    fc.constantFrom(0, 1, 100, 254, 255),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(pixel, { minLength: 1, maxLength: 30 }),
      fc.array(pixel, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(...DITHERS),
      fc.constantFrom(...SPACES),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (colours, palette, width, dither, space, strength) => {
        const height = 7;
        const data = Uint8Array.from({ length: width * height }, (_, i) => i).reduce<number[]>(
          (all, i) => [...all, ...colours[(i * i) % colours.length]],
          [],
        );
        const image = { data: Uint8Array.from(data), width, height };
        const bytes = Uint8Array.from(palette.flat());
        const indices = await dithered(image, bytes, dither, space, strength);
        expect(indices).toHaveLength(width * height);
        expect(indices.every((index) => index < palette.length)).toBe(true);
        expect(indices.BYTES_PER_ELEMENT).toBe(palette.length > 256 ? 2 : 1);
      },
    ),
  );
});

test('palettes that are none are refused', async () => {
  for (const length of [0, 3, 4 * 65_537])
    await expect(dithered(noise(2, 2, 1), new Uint8Array(length), 'none')).rejects.toThrow(
      `palette.length is ${length}; expected 4 bytes an entry`,
    );
});

describe('masks', () => {
  test("Bayer's begins as published, and has every threshold once", () => {
    const ranks = ranksOf(bayer().thresholds);
    expect(ranks.slice(0, 8)).toEqual([0, 32, 8, 40, 2, 34, 10, 42]);
    expect(ranks.slice(8, 16)).toEqual([48, 16, 56, 24, 50, 18, 58, 26]);
    expect([...ranks].sort((a, b) => a - b)).toEqual(ranks.map((_, i) => i));
  });

  test('blue noise has every threshold once and little at low frequencies', () => {
    const { side, thresholds } = blueNoise();
    const ranks = ranksOf(thresholds);
    expect([...ranks].sort((a, b) => a - b)).toEqual(ranks.map((_, i) => i));
    // Of white noise the variance in blocks of 64 would be that of 64 draws, 64 / 4.
    for (const level of [0.1, 0.25, 0.5, 0.8]) {
      const blocks = new Float64Array((side / 8) ** 2);
      thresholds.forEach((t, i) => {
        const [x, y] = [i % side, Math.floor(i / side)];
        if (t < level) blocks[Math.floor(y / 8) * (side / 8) + Math.floor(x / 8)]++;
      });
      const variance = blocks.reduce((sum, n) => sum + (n - 64 * level) ** 2, 0) / blocks.length;
      expect(variance).toBeLessThan((64 * level * (1 - level)) / 5);
    }
  });
});

async function dithered(
  image: Pixels,
  palette: Uint8Array | Uint8ClampedArray,
  dither: Dither,
  space: ColorSpace = 'oklab',
  strength = 1,
) {
  const options = { dither, strength, space, pause: () => undefined };
  return ditherPixels(image, Uint8Array.from(palette), options);
}

/** Premultiplied, with opacity. */
async function meanLight(
  image: Pixels,
  palette: number[],
  dither: Dither,
  space: ColorSpace,
  strength = 1,
): Promise<number[]> {
  const indices = await dithered(image, Uint8Array.from(palette), dither, space, strength);
  const sums = [0, 0, 0, 0];
  for (const index of indices) {
    const opacity = palette[4 * index + 3] / 255;
    for (let t = 0; t < 3; t++) sums[t] += LINEAR[palette[4 * index + t]] * opacity;
    sums[3] += opacity;
  }
  return sums.map((sum) => sum / indices.length);
}

function nearestOfAll(entries: Float64Array, point: Float64Array): number {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < entries.length / point.length; i++) {
    const squared = point.reduce((sum, x, t) => sum + (entries[i * point.length + t] - x) ** 2, 0);
    if (squared < least) [best, least] = [i, squared];
  }
  return best;
}

function flat(width: number, height: number, rgba: number[]): Pixels {
  const data = new Uint8Array(4 * width * height).map((_, at) => rgba[at % 4]);
  return { data, width, height };
}

/** Opaque. */
function noise(width: number, height: number, seed: number) {
  const random = pcg32(seed);
  const data = new Uint8Array(4 * width * height).map((_, at) =>
    at % 4 === 3 ? 255 : toByte(random()),
  );
  return { data, width, height };
}

function pixelsOf({ data }: Pixels): number[][] {
  return Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);
}

function ranksOf(thresholds: Float64Array): number[] {
  return Array.from(thresholds, (t) => t * thresholds.length - 0.5);
}
