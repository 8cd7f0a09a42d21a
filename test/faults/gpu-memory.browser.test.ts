/**
 * Points that are in a caller's buffer, and results that stay on the GPU: the same bits as from main memory,
 * nothing left behind but what is the caller's, and every fault told.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  blobs,
  DeviceLostError,
  explain,
  GpuError,
  InvalidInputError,
  kmeans,
  NotSupportedError,
  openEngine,
  OutOfMemoryError,
  type GpuMatrix,
  type KMeansOptions,
} from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { FaultyDevice } from '../support/faulty-device.ts';
import { settled } from './problem.ts';

const board = blobs(1501, 6, { columns: 3, seed: 4, deviation: 0.4 });
const points = { data: board.data, columns: 3 };
const K = 6;
let faulty: FaultyDevice;
let device: GPUDevice;
/** The caller's own: points with something before and behind them. */
let buffer: GPUBuffer;
let given: GpuMatrix;
const OFFSET = 20;

beforeAll(async () => {
  faulty = await FaultyDevice.open();
  ({ device } = faulty);
  const { COPY_SRC, COPY_DST, STORAGE } = GPUBufferUsage;
  const size = board.data.byteLength + 64;
  buffer = device.createBuffer({ size, usage: COPY_SRC | COPY_DST | STORAGE });
  device.queue.writeBuffer(buffer, 0, new Float32Array(size / 4).fill(NaN));
  device.queue.writeBuffer(buffer, OFFSET, board.data as Float32Array<ArrayBuffer>);
  given = { buffer, rows: 1501, columns: 3, offset: OFFSET };
});
afterAll(() => device.destroy());

/** Nothing but the caller's. */
async function expectClean(...theirs: GPUBuffer[]): Promise<void> {
  await settled();
  expect(new Set(faulty.live)).toEqual(new Set([buffer, ...theirs]));
}

describe('points on the GPU', () => {
  test('give the bits of points in memory, on every engine that has a device', async () => {
    const truth = await kmeans(points, K, { seed: 2, engine: 'reference' });
    const result = await kmeans(given, K, { seed: 2, device, engine: 'webgpu' });
    expect(result.hash).toBe(truth.hash);
    expect(result.history).toEqual(truth.history);
    expect(await result.predict(given)).toEqual(truth.labels);
    expect((await kmeans(given, K, { seed: 2, device })).hash).toBe(truth.hash);
    expect((await explain(given, K, { device })).engine).toBe('webgpu');
    await expectClean();
    await using engine = await openEngine('webgpu', { device });
    expect(engine.device).toBe(device);
    expect((await kmeans(given, K, { seed: 2, engine })).hash).toBe(truth.hash);
    await expectClean();
  });

  test('several runs at once on one device do not meet', async () => {
    const seeds = [1, 2, 3, 4];
    const [together, alone] = await Promise.all([
      Promise.all(seeds.map((seed) => kmeans(given, K, { seed, device, engine: 'webgpu' }))),
      Promise.all(seeds.map((seed) => kmeans(points, K, { seed, engine: 'reference' }))),
    ]);
    expect(together.map(({ hash }) => hash)).toEqual(alone.map(({ hash }) => hash));
    await expectClean();
  });

  const wrong: [what: string, change: Partial<GpuMatrix>, text: RegExp][] = [
    ['rows', { rows: 0 }, /^points\.rows is 0; expected a whole number ≥ 1/],
    ['columns', { columns: 1.5 }, /^points\.columns is 1\.5/],
    ['an offset', { offset: 6 }, /^points\.offset is 6; expected a multiple of 4/],
    ['a size', { rows: 2000 }, /^points\.buffer\.size is \d+; expected at least 24020/],
    ['what is no number', { offset: 16 }, /^points\[0\]\[0\] is NaN; expected a finite number/],
  ];
  test.each(wrong)('are refused with a wrong %s', async (_, change, text) => {
    const refused = kmeans({ ...given, ...change }, K, { device });
    await expect(refused).rejects.toThrow(InvalidInputError);
    await expect(refused).rejects.toThrow(text);
    await expectClean();
  });

  test('are refused without their device, and where they cannot be copied', async () => {
    await expect(kmeans(given, K)).rejects.toThrow(/and the device that it is on/);
    const usage = GPUBufferUsage.STORAGE;
    const bare = device.createBuffer({ size: 64, usage });
    const refused = kmeans({ buffer: bare, rows: 4, columns: 4 }, 2, { device });
    await expect(refused).rejects.toThrow(
      /^buffer\.usage is 128; expected GPUBufferUsage\.COPY_SRC/,
    );
    bare.destroy();
    await expectClean();
  });

  test('of another device, or destroyed, are an error and never zeros', async () => {
    const other = await FaultyDevice.open();
    for (const engine of ['webgpu', 'auto'] as const)
      await expect(kmeans(given, K, { device: other.device, engine })).rejects.toThrow(GpuError);
    other.device.destroy();
    await expect(kmeans(given, K, { device: other.device })).rejects.toThrow(DeviceLostError);
    const gone = device.createBuffer({ size: 64, usage: GPUBufferUsage.COPY_SRC });
    gone.destroy();
    await expect(kmeans({ buffer: gone, rows: 4, columns: 4 }, 2, { device })).rejects.toThrow(
      GpuError,
    );
    await expectClean();
  });
});

describe("output: 'gpu'", () => {
  const variants: [name: string, options: KMeansOptions][] = [
    ['as it is', {}],
    ['restarts', { nInit: 3, init: 'random' }],
    ['weights', { weights: Array.from({ length: 1501 }, (_, i) => i % 5) }],
    ['whitened', { whiten: true, maxIter: 3 }],
    [
      'clusters dropped',
      { emptyCluster: 'drop', init: (rows) => ({ ...rows, ...six(rows.data) }) },
    ],
  ];
  const six = (data: ArrayLike<number>) => ({
    data: Float64Array.from({ length: 18 }, (_, i) => (i < 12 ? data[i] : 50)),
    rows: 6,
    columns: 3,
  });
  test.each(variants)(
    '%s: the same bits, and no label comes home before it is asked for',
    async (_, options) => {
      const truth = await kmeans(points, K, { ...options, engine: 'reference' });
      let brought = 0;
      const perRow = 4 * 1501;
      faulty.onCall = ({ call, parameters: [descriptor] }) => {
        const { label, size } = (descriptor ?? {}) as GPUBufferDescriptor;
        if (call === 'createBuffer' && label === 'staging' && size === perRow) brought++;
      };
      const sizes = { chunkBytes: 6000 };
      await using engine = await openWebGpu({ device, sizes });
      const result = await kmeans(points, K, { ...options, engine, output: 'gpu' });
      const { labels, centroids, iterations, inertia, stopReason, history } = result;
      expect({ iterations, inertia, stopReason, history }).toEqual({
        iterations: truth.iterations,
        inertia: truth.inertia,
        stopReason: truth.stopReason,
        history: truth.history,
      });
      await expectClean(labels, centroids.buffer);
      expect(brought).toBe(0);
      faulty.onCall = () => undefined;
      expect(labels.size).toBe(perRow);
      const read = await result.read();
      expect(read.hash).toBe(truth.hash);
      expect(read.labels).toEqual(truth.labels);
      expect(read.sizes).toEqual(truth.sizes);
      expect(read.centroids).toEqual(truth.centroids);
      // what is on the GPU is what was read
      const again = await kmeans(centroids, 1, { device, maxIter: 1 });
      const same = await kmeans(truth.centroids, 1, { engine: 'reference', maxIter: 1 });
      expect(again.hash).toBe(same.hash);
      expect(await result.predict(points)).toEqual(truth.labels);
      for (const theirs of [labels, centroids.buffer]) theirs.destroy();
      await expect(result.read()).rejects.toThrow(GpuError);
      await expectClean();
      expect(faulty.destroyed).toBe(false);
    },
  );

  const refused: [options: KMeansOptions, text: RegExp][] = [
    [
      { engine: 'wasm' },
      /^output is 'gpu'; expected engine 'webgpu' with it, not 'wasm'|^device is/,
    ],
    [{ metric: 'cosine' }, /^output is 'gpu'; expected metric 'euclidean' with it, not 'cosine'/],
    [{ refine: 'breathing' }, /^refine is breathing; expected none/],
    [{ margins: true }, /^margins is true; expected false/],
  ];
  test.each(refused)('is refused with %o', async (options, text) => {
    const asked = { ...options, output: 'gpu' } as const;
    await expect(kmeans(points, K, { ...asked, device })).rejects.toThrow(text);
    if (options.engine) await expect(kmeans(points, K, asked)).rejects.toThrow(NotSupportedError);
    await expectClean();
  });

  test('is refused without a device, and with more rows than a buffer holds labels of', async () => {
    await expect(kmeans(points, K, { output: 'gpu' })).rejects.toThrow(/^device is undefined/);
    const tiny = Object.create(device, { limits: { value: { maxBufferSize: 6000 } } }) as GPUDevice;
    const refused = kmeans(points, K, { output: 'gpu', device: tiny });
    await expect(refused).rejects.toThrow(OutOfMemoryError);
    await expect(refused).rejects.toThrow(
      /^labels are 6004 bytes; expected at most 6000 .*maxBufferSize/,
    );
  });

  test('leaves nothing where the device is lost or refuses, and does not fall back', async () => {
    const own = await FaultyDevice.open();
    own.onCall = ({ call, parameters: [descriptor] }) => {
      const { label } = (descriptor ?? {}) as GPUBufferDescriptor;
      if (call === 'createCommandEncoder' && label === 'handing over') own.device.destroy();
    };
    await expect(kmeans(points, K, { output: 'gpu', device: own.device })).rejects.toThrow(
      DeviceLostError,
    );
    await settled();
    expect(own.live.size).toBe(0);
  });
});
