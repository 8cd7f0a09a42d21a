/** Codebooks in a real browser: every engine writes the same file and gives the same codes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobs, Codebook, openEngine, uniformBoard, type Engine } from '../../src/index.ts';
import { FaultyDevice, withGpu } from '../support/faulty-device.ts';

const points = blobs(1200, 30, { columns: 12, deviation: 0.3, seed: 6 });
/** Rows of all sizes, most of them outside the range of the points. */
const strangers = uniformBoard(400, { columns: 12, seed: 7 });
strangers.data.forEach((x, at) => (strangers.data[at] = x * 10 ** ((at % 41) - 20)));

const BOOKS = [
  { subspaces: 1 },
  { subspaces: 3 },
  { subspaces: 12 },
  { subspaces: 4, whiten: true, weights: points.labels, seed: 2 },
];

describe.each(['wasm', 'webgpu'] as const)('%s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(name);
  });
  afterAll(() => engine?.dispose());

  test.each(BOOKS)('%o', async (options) => {
    const truth = await Codebook.train(points, 40, { ...options, engine: 'reference' });
    const codebook = await Codebook.train(points, 40, { ...options, engine });
    const bytes = codebook.save();
    expect(bytes).toEqual(truth.save());
    const loaded = Codebook.load(bytes);
    for (const rows of [points, strangers]) {
      const codes = await truth.encode(rows, { engine: 'reference' });
      expect(await codebook.encode(rows, { engine })).toEqual(codes);
      expect(await loaded.encode(rows, { engine })).toEqual(codes);
      expect(await loaded.distortion(rows, { engine })).toBe(
        await truth.distortion(rows, { engine: 'reference' }),
      );
    }
  });
});

test('a borrowed device is left as it was, and compiles nothing twice', async () => {
  const faulty = await FaultyDevice.open();
  const { device } = faulty;
  const options = { subspaces: 6, engine: 'webgpu', device } as const;
  await Codebook.train(points, 8, options);
  faulty.calls = [];
  const codebook = await Codebook.train(points, 8, options);
  await codebook.encode(points, { engine: 'webgpu', device });
  expect(faulty.calls).toContain('submit');
  expect(faulty.calls).not.toContain('createComputePipelineAsync');
  expect(faulty.live.size).toBe(0);
  expect(faulty.destroyed).toBe(false);
  device.destroy();
});

test('one device does for all subspaces, and is destroyed', async () => {
  const codebook = await Codebook.train(points, 8, { subspaces: 6, engine: 'reference' });
  for (const work of [
    () => Codebook.train(points, 8, { subspaces: 6, engine: 'webgpu' }),
    () => codebook.encode(points, { engine: 'webgpu' }),
  ]) {
    const faulty = await FaultyDevice.open();
    let requested = 0;
    const adapter = {
      info: {},
      limits: faulty.device.limits,
      requestDevice: async () => (requested++, faulty.device),
    };
    await withGpu({ requestAdapter: async () => adapter }, async () => void (await work()));
    expect([requested, faulty.live.size, faulty.destroyed]).toEqual([1, 0, true]);
  }
});
