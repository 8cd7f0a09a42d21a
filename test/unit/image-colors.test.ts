/** Colours counted, and colours in spaces: against maps and against culori. */
import { converter } from 'culori';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countColors } from '../../src/image/count.ts';
import { boundsOf, fromSpace, SPACES, toSpace } from '../../src/image/spaces.ts';
import { splitRows } from '../../src/image/split.ts';
import { pixelsOf, scene } from '../support/images.ts';

const now = () => undefined;
const byte = fc.integer({ min: 0, max: 255 });
/** Few values, so that colours repeat. */
const colors = fc.array(
  fc.tuple(
    fc.oneof(byte, fc.constant(255)),
    fc.constantFrom(0, 7, 255),
    fc.constantFrom(9, 255),
    fc.constantFrom(0, 128, 255),
  ),
  { minLength: 1, maxLength: 300 },
);
const keyOf = ([r, g, b, a]: readonly number[] | Uint8Array | Uint8ClampedArray) =>
  a === 0 ? '0,0,0,0' : `${r},${g},${b},${a}`;

test('counts every colour, transparent ones as one, whatever their order', async () => {
  await fc.assert(
    fc.asyncProperty(colors, fc.nat(), async (list, turn) => {
      const counted = new Map<string, number>();
      for (const color of list) counted.set(keyOf(color), (counted.get(keyOf(color)) ?? 0) + 1);
      const census = await countColors([pixelsOf(list)], now);
      const found = Array.from(census.counts, (count, i) => [
        keyOf(census.colors.subarray(4 * i, 4 * i + 4)),
        count,
      ]);
      expect(new Map(found as [string, number][])).toEqual(counted);
      expect(found.length).toBe(counted.size);
      const turned = [...list.slice(turn % list.length), ...list.slice(0, turn % list.length)];
      const other = await countColors([pixelsOf(turned)], now);
      expect(other.colors).toEqual(census.colors);
      expect(other.counts).toEqual(census.counts);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['few pixels', 100, 90],
  ['so many that opaque colours have a table of their own', 1500, 1400],
])('maps pixels back to their colours: %s', async (_, width, height) => {
  const image = scene(width, height, { alpha: true });
  const census = await countColors([image], now);
  const size = census.counts.length;
  const low = Uint16Array.from({ length: size }, (_, i) => i);
  const high = Uint16Array.from({ length: size }, (_, i) => i >> 16);
  const [lows, highs] = [await census.map(image, low), await census.map(image, high)];
  let wrong = 0;
  for (let i = 0; i < lows.length; i++) {
    const at = 4 * (lows[i] + 65536 * highs[i]);
    const clear = image.data[4 * i + 3] === 0;
    for (let t = 0; t < 4; t++)
      if (census.colors[at + t] !== (clear ? 0 : image.data[4 * i + t])) wrong++;
  }
  expect(wrong).toBe(0);
  expect(census.counts.reduce((sum, count) => sum + count)).toBe(width * height);
});

// All bits set, or none: what a table might take for "nothing there".
test.each([
  ['white', 255, 255],
  ['black', 0, 255],
  ['nothing', 0, 0],
  ['nearly clear white', 255, 1],
])('%s is a colour like others, alone, first and last', async (_, level, alpha) => {
  const color = [level, level, level, alpha];
  for (const pixels of [1, 5, 2 ** 21 + 3]) {
    const data = new Uint8Array(4 * pixels);
    for (let at = 0; at < data.length; at += 4) data.set(color, at);
    const alone = await countColors([{ data, width: pixels, height: 1 }], now);
    expect([...alone.colors]).toEqual(color);
    expect([...alone.counts]).toEqual([pixels]);
    if (pixels === 1) continue;
    data.set([1, 2, 3, 255], 4 * 2);
    const image = { data, width: pixels, height: 1 };
    const census = await countColors([image], now);
    expect([...census.counts].sort((a, b) => a - b)).toEqual([1, pixels - 1]);
    const places = await census.map(image, Uint8Array.of(0, 1));
    const one = places[2];
    expect([...census.colors.subarray(4 * one, 4 * one + 4)]).toEqual([1, 2, 3, 255]);
    expect(places.reduce((sum, place) => sum + (place === one ? 1 : 0), 0)).toBe(1);
  }
});

test('sums what pixels are given by colour, over several images', async () => {
  const red = [255, 0, 0];
  const blue = [0, 0, 255];
  const images = [pixelsOf([red, blue, red]), pixelsOf([blue])];
  const census = await countColors(images, now);
  const sums = await census.sums(images, [1, 10, 100, 1000]);
  expect(Object.fromEntries(sums.entries())).toEqual({ 0: 1010, 1: 101 }); // blue sorts first
});

test.each([
  ['oklab', 'oklab', 1e-4, ['l', 'a', 'b'], 1.5],
  ['lab', 'lab65', 0.02, ['l', 'a', 'b'], 1],
  ['linear-rgb', 'lrgb', 1e-6, ['r', 'g', 'b'], 1],
] as const)(
  '%s is what culori says, a and b of OKLab stretched',
  (space, mode, tolerance, names, chroma) => {
    const convert = converter(mode) as unknown as (color: object) => Record<string, number>;
    fc.assert(
      fc.property(byte, byte, byte, (r, g, b) => {
        const { data } = toSpace([r, g, b, 255], space);
        const expected = convert({ mode: 'rgb', r: r / 255, g: g / 255, b: b / 255 });
        names.forEach((name, t) =>
          expect(Math.abs(data[t] - expected[name] * (t === 0 ? 1 : chroma))).toBeLessThan(
            tolerance,
          ),
        );
      }),
    );
  },
);

test.each(SPACES)('bytes come back from %s as they went, within its bounds', (space) => {
  const { data: low } = boundsOf(space, true);
  fc.assert(
    fc.property(byte, byte, byte, (r, g, b) => {
      const there = toSpace([r, g, b, 255], space);
      expect(Array.from(fromSpace(there, space))).toEqual([r, g, b, 255]);
      there.data.forEach((x, t) => {
        expect(x).toBeGreaterThanOrEqual(low[t]);
        expect(x).toBeLessThanOrEqual(low[4 + t]);
      });
    }),
  );
});

test.each(SPACES)('alpha is premultiplied in %s', (space) => {
  const [clear, half, full] = [0, 51, 255].map((a) => toSpace([200, 100, 50, a], space, true).data);
  expect(Array.from(clear)).toEqual([0, 0, 0, 0]);
  full.forEach((x, t) => expect(half[t]).toBeCloseTo(x / 5, 5));
  expect(Array.from(fromSpace(toSpace([200, 100, 50, 51], space), space))).toEqual([
    200, 100, 50, 51,
  ]);
  expect(toSpace([200, 100, 50, 255], space).columns).toBe(3);
});

test('boxes are cut until there are k, and no further than rows differ', async () => {
  const rows = toSpace(
    pixelsOf([
      [0, 0, 0],
      [0, 0, 9],
      [0, 0, 9],
      [99, 0, 0],
    ]).data,
    'srgb',
  );
  const split = async (k: number) =>
    Array.from(await splitRows(rows, [3, 1, 1, 1], k, now)).map((x) => Math.round(100 * x) / 100);
  expect(await split(1)).toEqual([16.5, 0, 3]);
  expect(await split(2)).toEqual([0, 0, 3.6, 99, 0, 0]);
  expect((await split(9)).length).toBe(9);
});
