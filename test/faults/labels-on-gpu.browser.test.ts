/**
 * Labels that a callback has on the GPU while a run is under way: those that it could read, with nothing of the run
 * changed by it and no label brought home.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  blobs,
  InvalidInputError,
  kmeans,
  type KMeansOptions,
  type Progress,
} from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import type { WebGpuSession } from '../../src/engines/webgpu/session.ts';
import { bringHome } from '../../src/engines/webgpu/gpu-memory.ts';
import { FaultyDevice } from '../support/faulty-device.ts';
import { settled } from './problem.ts';

const ROWS = 1501;
const K = 6;
const board = blobs(ROWS, K, { columns: 3, seed: 4, deviation: 0.9 });
const points = { data: board.data, columns: 3 };
const options: KMeansOptions = { seed: 2, tol: 0, maxIter: 6, init: 'random' };
const truth = await kmeans(points, K, { ...options, engine: 'reference' });

let faulty: FaultyDevice;
let device: GPUDevice;
let labels: GPUBuffer;
const make = (of: GPUDevice, size = 4 * ROWS, usage = GPUBufferUsage.COPY_DST) =>
  of.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_SRC });
beforeAll(async () => {
  faulty = await FaultyDevice.open();
  ({ device } = faulty);
  labels = make(device);
});
afterAll(() => device.destroy());

const inBuffer = async () =>
  new Uint32Array(await bringHome(device, { buffer: labels, offset: 0, bytes: 4 * ROWS }));

/** Runs, and has the callback called in every moment that has labels. */
const watched = (look: (progress: Progress) => Promise<void>, more: KMeansOptions = {}) =>
  kmeans(points, K, {
    ...options,
    ...more,
    onProgress: (progress) =>
      progress.phase === 'iterate' || progress.phase === 'read' ? look(progress) : undefined,
  });

const plans: [algorithm: 'lloyd' | 'filtered', tuning: Partial<Tuning>][] = [
  ['lloyd', {}],
  ['lloyd', { chunkBytes: 6000, dispatchWork: 64 * 300 }],
  ['lloyd', { streamBytes: 2048, deviceBytes: 55_000 }],
  ['filtered', { chunkBytes: 6000, blockRows: 32, superblock: 3, listCapacity: 5, held: 3 }],
];

test.each(plans)('%s, %o: as they are read, and they stay', async (algorithm, sizes) => {
  await using engine = await openWebGpu({ device, sizes });
  let session: WebGpuSession | null = null;
  const looked: (typeof engine)['open'] = async (task) =>
    (session = (await engine.open(task)) as WebGpuSession);
  const seen: number[] = [];
  const {
    hash,
    history,
    algorithm: run,
  } = await watched(
    async (progress) => {
      const { iteration, phase } = progress;
      if (phase === 'iterate' && iteration % 2 === 1) return; // nothing is left over from the last look
      // the history comes home with the first that reads after some iterations
      await progress.read();
      const before = session!.counters;
      device.queue.writeBuffer(labels, 0, new Uint32Array(ROWS).fill(99));
      const there = await progress.readOnGpu(labels);
      expect(session!.counters.readBack - before.readBack).toBe(4 * K * 3);
      const here = await progress.read();
      expect(session!.counters.readBack - before.readBack).toBeGreaterThan(4 * ROWS);
      expect(there?.centroids).toEqual(here.centroids);
      expect(await inBuffer()).toEqual(here.labels);
      seen.push(phase === 'read' ? -1 : iteration);
    },
    { engine: { ...engine, open: looked }, algorithm },
  );
  expect(seen).toEqual([0, 2, 4, 6, -1]);
  const { chunks, residentChunks } = session!.counters.plan;
  expect(chunks.length > 1).toBe('chunkBytes' in sizes || 'streamBytes' in sizes);
  expect(residentChunks < chunks.length).toBe('streamBytes' in sizes);
  expect(await inBuffer()).toEqual(truth.labels);
  expect([hash, history, run]).toEqual([truth.hash, truth.history, algorithm]);
  expect(faulty.live).toEqual(new Set([labels]));
});

test('there are none before the first centroids, and under other metrics', async () => {
  const found = new Set<string>();
  const look = async ({ phase, readOnGpu }: Progress) =>
    void found.add(`${phase}: ${(await readOnGpu(labels)) ? 'labels' : 'none'}`);
  await kmeans(points, K, { ...options, device, engine: 'webgpu', onProgress: look });
  expect([...found].sort()).toEqual([
    'iterate: labels',
    'open: none',
    'read: labels',
    'seed: none',
  ]);
  for (const metric of ['cosine', 'manhattan'] as const) {
    found.clear();
    await kmeans(points, K, { ...options, metric, device, engine: 'webgpu', onProgress: look });
    expect([...found].filter((what) => !what.endsWith('none'))).toEqual([]);
    expect(found.size).toBeGreaterThan(3);
  }
});

test('what cannot be written is refused, and the run goes on if it is let', async () => {
  const other = await FaultyDevice.open();
  const gone = make(device);
  gone.destroy();
  const useless: [GPUBuffer, RegExp][] = [
    [make(device, 4 * ROWS - 4), /^labels.size is 6000; expected at least 6004 \(4 bytes a row\)/],
    [make(device, 4 * ROWS, GPUBufferUsage.STORAGE), /^labels is .*; expected .*COPY_DST, neither/],
    [make(other.device), /^labels is .*; expected a buffer of the run's device/],
    [gone, /^labels is .*; expected .*neither mapped nor destroyed/],
  ];
  let refused = 0;
  const { hash, engine } = await watched(
    async ({ readOnGpu }) => {
      for (const [buffer, text] of useless) {
        const asked = readOnGpu(buffer);
        await expect(asked).rejects.toThrow(InvalidInputError);
        await expect(asked).rejects.toThrow(text);
        refused++;
      }
    },
    { device },
  );
  expect(refused).toBeGreaterThan(8);
  expect([hash, engine]).toEqual([truth.hash, 'webgpu']);
  for (const [buffer] of useless) buffer.destroy();
  const unlent = kmeans(points, K, {
    ...options,
    engine: 'webgpu',
    onProgress: async ({ phase, readOnGpu }) =>
      phase === 'iterate' ? void (await readOnGpu(labels)) : undefined,
  });
  await expect(unlent).rejects.toThrow(/^device is undefined; expected the caller's GPUDevice/);
  other.device.destroy();
});

test("a device that is lost meanwhile: under 'auto' the next engine has none, and the same end", async () => {
  const own = await FaultyDevice.open();
  const theirs = make(own.device);
  const found: string[] = [];
  own.onCall = ({ call, parameters: [descriptor] }) => {
    const { label } = (descriptor ?? {}) as GPUCommandEncoderDescriptor;
    if (call === 'createCommandEncoder' && label === 'handing over') own.device.destroy();
  };
  const { hash, engine } = await watched(
    async ({ iteration, phase, readOnGpu }) => {
      if (iteration > 1 || phase === 'read')
        found.push((await readOnGpu(theirs)) ? 'labels' : 'none');
    },
    { device: own.device },
  );
  expect(new Set(found)).toEqual(new Set(['none']));
  expect([hash, engine]).toEqual([truth.hash, 'wasm']);
  await settled();
});
