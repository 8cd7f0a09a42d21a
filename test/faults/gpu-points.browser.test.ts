/**
 * Points that stay in a caller's buffer: what comes home of them, and that they are there to the end, whole
 * and unchanged, whatever a device does in between.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  blobs,
  DeviceLostError,
  GpuError,
  kmeans,
  uniformBoard,
  type GpuMatrix,
  type KMeansOptions,
} from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { bringHome } from '../../src/engines/webgpu/gpu-memory.ts';
import { inBuffer } from '../conformance/suite.ts';
import { FaultyDevice, type Call } from '../support/faulty-device.ts';
import { limitsOf } from '../support/workbench.ts';
import { settled } from './problem.ts';

const K = 4;
const points = blobs(1501, K, { columns: 3, seed: 4, deviation: 0.4 });
const options = { seed: 2, maxIter: 4 } as const;
let faulty: FaultyDevice;
let given: GpuMatrix;
let truth: string;

beforeAll(async () => {
  faulty = await FaultyDevice.open();
  given = inBuffer(faulty.device, points);
  truth = (await kmeans(points, K, { ...options, engine: 'reference' })).hash;
});
afterAll(() => faulty.device.destroy());

async function expectClean(...theirs: GPUBuffer[]): Promise<void> {
  await settled();
  expect(new Set(faulty.live)).toEqual(new Set([given.buffer, ...theirs]));
}

/** While `work` runs: bytes that the host may read, and of buffers that are called so. */
async function bytesOf<T>(
  work: () => Promise<T>,
): Promise<{ read: number; points: number; done: T }> {
  const bytes = { read: 0, points: 0 };
  faulty.onCall = ({ call, parameters: [descriptor] }) => {
    if (call !== 'createBuffer') return;
    const { label, size, usage } = descriptor as GPUBufferDescriptor;
    if (usage & GPUBufferUsage.MAP_READ) bytes.read += size;
    if (label === 'points') bytes.points += size;
  };
  try {
    return { done: await work(), ...bytes };
  } finally {
    faulty.onCall = () => undefined;
  }
}

describe('what comes home', () => {
  const many = uniformBoard(100_000, { columns: 2, seed: 8 });
  let large: GpuMatrix;
  beforeAll(() => {
    large = inBuffer(faulty.device, many, 256);
  });
  afterAll(() => large.buffer.destroy());
  const PER_ROW = 8;

  const variants: [name: string, init: NonNullable<KMeansOptions['init']>, most: number][] = [
    [
      'explicit centroids: a few numbers',
      [
        [0, 0],
        [0.5, 0],
        [0, 0.5],
      ],
      1000,
    ],
    ['random rows: those', 'random', 1000],
    ["'auto': the sample that it seeds from", 'auto', PER_ROW * 65_536 + 1000],
    ['all rows, once, where seeding looks at all', 'k-means++', PER_ROW * 100_000 + 1000],
  ];
  test.each(variants)('%s', async (_, init, most) => {
    const asked = { init, maxIter: 2, algorithm: 'lloyd' } as const;
    const { device } = faulty;
    const { done, read, points } = await bytesOf(() =>
      kmeans(large, 3, { ...asked, device, output: 'gpu' }),
    );
    expect(read).toBeLessThan(most + 40_000); // statuses, and the ring of the history
    expect(points).toBe(PER_ROW * 100_000); // once, and bound where they are
    const { labels, centroids } = done;
    await expectClean(large.buffer, labels, centroids.buffer);
    const main = await kmeans(many, 3, { ...asked, engine: 'wasm' });
    expect((await done.read()).hash).toBe(main.hash);
    for (const theirs of [labels, centroids.buffer]) theirs.destroy();
  });
});

describe('all, once, before anything else', () => {
  const whole: [name: string, options: KMeansOptions][] = [
    ['whitened', { whiten: true }],
    ['margins', { margins: true }],
    ['cosine', { metric: 'cosine' }],
    ['a callback', { init: (rows) => ({ data: rows.data.slice(0, 3 * K), columns: 3 }) }],
  ];
  test.each(whole)('%s', async (_, more) => {
    const asked = { ...options, ...more };
    const { device } = faulty;
    const { done, read } = await bytesOf(() =>
      kmeans(given, K, { ...asked, device, engine: 'webgpu' }),
    );
    expect(read).toBeGreaterThan(12 * 1501);
    expect(done.hash).toBe((await kmeans(points, K, { ...asked, engine: 'reference' })).hash);
    await expectClean();
  });

  test('the caller’s buffer is as it was', async () => {
    const { device } = faulty;
    await kmeans(given, K, { ...options, device });
    const { buffer, offset = 0 } = given;
    const bytes = await bringHome(device, { buffer, offset, bytes: points.data.byteLength });
    expect(new Float32Array(bytes)).toEqual(points.data);
  });
});

describe('memory', () => {
  const chunks: [name: string, chunkBytes: number, bytes: number][] = [
    ['chunks that begin where a binding may', 12 * 64 * 5, 1],
    ['chunks that do not are copied', 12 * 50, 2],
  ];
  test.each(chunks)('%s', async (_, chunkBytes, times) => {
    const { device } = faulty;
    await using engine = await openWebGpu({ device, sizes: { chunkBytes } });
    const { done, points: bytes } = await bytesOf(() => kmeans(given, K, { ...options, engine }));
    expect(done.hash).toBe(truth);
    expect(bytes).toBe(times * points.data.byteLength);
    await expectClean();
  });

  test('more points than a binding holds', async () => {
    const own = await FaultyDevice.open();
    const { device } = own;
    const limits = {
      ...limitsOf(device, { maxStorageBufferBindingSize: 40_000 }),
      minStorageBufferOffsetAlignment: device.limits.minStorageBufferOffsetAlignment,
    };
    Object.defineProperty(device, 'limits', { value: limits });
    const more = uniformBoard(6000, { columns: 6 });
    const theirs = inBuffer(device, more);
    const bindings: number[] = [];
    own.onCall = ({ call, parameters: [descriptor] }) => {
      if (call !== 'createBindGroup') return;
      for (const { resource } of (descriptor as GPUBindGroupDescriptor).entries)
        if ('buffer' in resource) bindings.push(resource.size ?? resource.buffer.size);
    };
    const result = await kmeans(theirs, K, { ...options, device, init: 'k-means||' });
    const main = await kmeans(more, K, { ...options, init: 'k-means||', engine: 'reference' });
    expect(result.engine).toBe('webgpu');
    expect(result.hash).toBe(main.hash);
    expect(Math.max(...bindings)).toBeLessThanOrEqual(40_000);
    expect(bindings.length).toBeGreaterThan(10);
    await settled();
    expect(new Set(own.live)).toEqual(new Set([theirs.buffer]));
    device.destroy();
  });

  test('a ceiling below: from main memory, streamed', async () => {
    const { device } = faulty;
    await using engine = await openWebGpu({
      device,
      maxMemory: 55_000,
      sizes: { streamBytes: 2048 },
    });
    const { done, points: bytes } = await bytesOf(() => kmeans(given, K, { ...options, engine }));
    expect(done.hash).toBe(truth);
    expect(bytes).toBeLessThan(points.data.byteLength / 2);
    await expectClean();
  });

  /** Refuses memory for the first buffer of that name. */
  function refuseOnce(wanted: string): void {
    let pending = false;
    let refused = false;
    faulty.onCall = ({ call, parameters: [descriptor] }) => {
      if (call === 'createBuffer' && (descriptor as GPUBufferDescriptor).label === wanted)
        pending = !refused;
      if (call !== 'popErrorScope' || !pending) return;
      pending = false;
      refused = true;
      return Promise.resolve(new GPUOutOfMemoryError('no room'));
    };
  }

  test.each(['points', 'labels'])('none for %s: the points leave the GPU', async (label) => {
    const { device } = faulty;
    const more = uniformBoard(6000, { columns: 6 });
    const theirs = inBuffer(device, more);
    refuseOnce(label);
    await using engine = await openWebGpu({ device, sizes: { streamBytes: 2048 } });
    const result = await kmeans(theirs, K, { ...options, engine });
    faulty.onCall = () => undefined;
    const main = await kmeans(more, K, { ...options, engine: 'reference' });
    expect(result.hash).toBe(main.hash);
    await expectClean(theirs.buffer);
    theirs.buffer.destroy();
  });

  test("under 'auto' another engine goes on, with values that are read back", async () => {
    const { device } = faulty;
    faulty.onCall = ({ call, parameters: [descriptor] }) => {
      const { label } = (descriptor ?? {}) as GPUObjectDescriptorBase;
      if (call === 'createCommandEncoder' && label === 'iterating') throw new GpuError('refused');
    };
    const result = await kmeans(given, K, { ...options, device });
    faulty.onCall = () => undefined;
    expect(result.engine).toBe('wasm');
    expect(result.hash).toBe(truth);
    await expectClean();
  });
});

describe('faults while points are laid', () => {
  /** Where in the calls of a run the first session begins. */
  let laying: Call[];
  beforeAll(async () => {
    faulty.calls = [];
    let until = 0;
    faulty.onCall = ({ call, nth, parameters: [descriptor] }) => {
      const { label } = (descriptor ?? {}) as GPUObjectDescriptorBase;
      if (call === 'createBuffer' && label === 'params') until ||= nth;
    };
    await kmeans(given, K, { ...options, device: faulty.device });
    faulty.onCall = () => undefined;
    laying = faulty.calls.slice(0, until);
    expect(laying.length).toBeGreaterThan(20);
  });
  const every = (step: number) => laying.map((_, i) => i + 1).filter((nth) => nth % step === 0);

  test('an abort at any call leaves nothing', async () => {
    for (const nth of every(3)) {
      const abort = new AbortController();
      faulty.calls = [];
      faulty.onCall = (met) => {
        if (met.nth === nth) abort.abort('enough');
      };
      const { signal } = abort;
      const aborted = kmeans(given, K, { ...options, device: faulty.device, signal });
      await expect(aborted).rejects.toBe('enough');
      await expectClean();
    }
    faulty.onCall = () => undefined;
    expect((await kmeans(given, K, { ...options, device: faulty.device })).hash).toBe(truth);
  });

  test('a lost device is told, and no engine goes on without the points', async () => {
    for (const nth of every(24)) {
      const own = await FaultyDevice.open();
      const theirs = inBuffer(own.device, points);
      own.onCall = (met) => {
        if (met.nth === nth) own.device.destroy();
      };
      const engine = nth % 48 === 0 ? 'auto' : 'webgpu';
      const lost = kmeans(theirs, K, { ...options, device: own.device, engine });
      await expect(lost).rejects.toThrow(DeviceLostError);
      await settled();
      expect(new Set(own.live)).toEqual(new Set([theirs.buffer]));
    }
  });
});
