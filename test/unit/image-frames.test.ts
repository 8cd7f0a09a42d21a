/** Videos: palettes that stay, move in their places, and change at a cut. */
import { expect, test } from 'vitest';
import {
  quantizeFrames,
  quantizeImage,
  type FrameOptions,
  type ImageInput,
  type Pixels,
  type QuantizedImage,
} from '../../src/image/index.ts';
import { pcg32 } from '../../src/rng.ts';
import { names, pixelsOf, scene } from '../support/images.ts';

async function all(
  frames: Iterable<ImageInput> | AsyncIterable<ImageInput>,
  options: FrameOptions,
): Promise<QuantizedImage[]> {
  const results: QuantizedImage[] = [];
  for await (const result of quantizeFrames(frames, options)) results.push(result);
  return results;
}

/** The same picture with every byte changed by `change`. */
function changed(pixels: Pixels, change: (byte: number) => number): Pixels {
  const data = pixels.data.map((byte, at) =>
    at % 4 === 3 ? byte : Math.max(0, Math.min(255, change(byte))),
  );
  return { ...pixels, data };
}

test('noise does not change a palette, not by a bit', async () => {
  const random = pcg32(7);
  const still = scene(64, 48);
  const frames = Array.from({ length: 4 }, () =>
    changed(still, (byte) => byte + Math.round(2 * random() - 1)),
  );
  const [first, ...others] = await all(frames, { colors: 24 });
  for (const { palette } of others) expect(palette).toEqual(first.palette);
});

test('what fades takes its entries along, each in its place', async () => {
  const frames = Array.from({ length: 6 }, (_, i) =>
    changed(scene(64, 48), (byte) => byte + 8 * i),
  );
  const results = await all(frames, { colors: 16 });
  const [first] = results;
  const last = results.at(-1)!;
  const alone = await (await quantizeImage(frames.at(-1)!, { colors: 16 })).quality();
  expect((await last.quality()).psnr).toBeGreaterThan(alone.psnr - 1);
  for (let i = 0; i < 16; i++) {
    const steps = Array.from(last.palette.subarray(4 * i, 4 * i + 3), (byte, t) =>
      Math.abs(byte - 40 - first.palette[4 * i + t]),
    );
    expect(Math.max(...steps)).toBeLessThan(40);
  }
});

test('after a cut entries are new, and stand where the like of them stood', async () => {
  const before = pixelsOf([
    [255, 0, 0],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 0],
  ]);
  const after = pixelsOf([
    [10, 240, 10],
    [10, 240, 10],
    [250, 10, 0],
    [9, 9, 9],
    [0, 0, 255],
  ]);
  const [first, second] = await all([before, after], { colors: 4 });
  expect(names(first.palette)).toEqual(['#ff0000', '#000000', '#00ff00']);
  expect(names(second.palette)).toEqual(['#fa0a00', '#090909', '#0af00a', '#0000ff']);
  expect(second.lossless).toBe(true);
});

test('locked colours and given palettes stay throughout; the order is that of the first frame', async () => {
  const frames = [scene(40, 30, { seed: 1 }), scene(40, 30, { seed: 9 }), scene(30, 40)];
  for (const { palette } of await all(frames, { colors: 8, lock: ['#123456', '#fff'] }))
    expect(names(palette).slice(0, 2)).toEqual(['#123456', '#ffffff']);
  for (const { palette } of await all(frames, { palette: ['#fff', '#000'] }))
    expect(names(palette)).toEqual(['#ffffff', '#000000']);
  const [first] = await all(frames, { colors: 8, sort: 'hue' });
  const alone = await quantizeImage(frames[0], { colors: 8, sort: 'hue' });
  expect(first.palette).toEqual(alone.palette);
});

test('frames are asked for one at a time, and a signal ends it', async () => {
  let asked = 0;
  async function* source() {
    for (;;) {
      asked++;
      yield scene(20, 20, { seed: asked });
    }
  }
  const controller = new AbortController();
  const reason = new Error('enough');
  const watch = async () => {
    for await (const frame of quantizeFrames(source(), { colors: 4, signal: controller.signal })) {
      expect(frame.colors).toBe(4);
      if (asked === 3) controller.abort(reason);
    }
  };
  await expect(watch()).rejects.toBe(reason);
  expect(asked).toBeLessThanOrEqual(4);
});

test('what frames cannot have is refused', async () => {
  const options = { minDeltaE: 3 } as FrameOptions;
  await expect(all([scene(4, 4)], options)).rejects.toThrow('minDeltaE is given');
  await expect(all(7 as unknown as ImageInput[], {})).rejects.toThrow('frames is 7');
});
