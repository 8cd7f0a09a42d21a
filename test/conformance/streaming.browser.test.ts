/**
 * Points that do not fit the GPU memory that may be taken: most chunks stream through, in every pass, and
 * every bit is that of points which stay. Likewise where slices are cut anew while a run is under way.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmeans, OutOfMemoryError, uniformBoard, type Engine } from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { defaultTuning, plan, STREAM_BUFFERS } from '../../src/engines/webgpu/plan.ts';
import type { WebGpuSession } from '../../src/engines/webgpu/session.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { toRows } from '../../src/matrix.ts';
import { FaultyDevice } from '../support/faulty-device.ts';
import { limitsOf } from '../support/workbench.ts';
import { casesNamed } from './chosen.ts';
import { check, runCase } from './suite.ts';

const SOME = [
  'k = 65',
  'blobs of 17 columns',
  'clusters of Zipf sizes',
  'weights: fractions',
  'relocate: most centroids in one place',
];
describe('one device', () => {
  let faulty: FaultyDevice;
  beforeAll(async () => {
    faulty = await FaultyDevice.open();
  });
  afterAll(() => faulty.device.destroy());

  /** Memory with which so many chunks stay. */
  const bytesFor = (shape: Parameters<typeof plan>[0], streamBytes: number, resident: number) => {
    const tuning = { ...defaultTuning(false), chunkBytes: streamBytes };
    const whole = plan(shape, limitsOf(faulty.device), tuning);
    const chunk = 4 * whole.chunks[0].rows * shape.columns;
    const beside = whole.totalBytes - 4 * shape.rows * shape.columns;
    return beside + (STREAM_BUFFERS + resident) * chunk;
  };

  test.each(casesNamed(SOME))('$name', async (problem) => {
    const { points, k, options } = problem.make();
    const { rows, columns } = toRows(points);
    const shape = { rows, columns, k, weighted: options?.weights !== undefined };
    const streamBytes = Math.ceil((4 * rows * columns) / 7);
    for (const resident of [0, 2]) {
      const tuning = { streamBytes, deviceBytes: bytesFor(shape, streamBytes, resident) };
      await using engine = await openWebGpu({ device: faulty.device, sizes: tuning });
      let pointBytes = 0;
      faulty.onCall = ({ call, parameters: [descriptor] }) => {
        const { label, size } = (descriptor ?? {}) as GPUBufferDescriptor;
        if (call === 'createBuffer' && label === 'points') pointBytes += size;
      };
      check(problem.name, await runCase(problem, { engine }));
      expect(pointBytes).toBeLessThanOrEqual((1 + resident) * streamBytes);
      expect(faulty.live.size).toBe(0);
    }
    await using engine = await openWebGpu({
      device: faulty.device,
      sizes: { streamBytes, deviceBytes: bytesFor(shape, streamBytes, 0) - 1 },
    });
    const refused = kmeans(points, k, { ...options, engine });
    await expect(refused).rejects.toThrow(OutOfMemoryError);
    await expect(refused).rejects.toThrow(/expected at most \d+ .*Raise maxMemory/);
  });

  test('the block filter, which has the points once more, gives way', async () => {
    const shape = { rows: 3000, columns: 3, k: 9, weighted: false };
    const points = uniformBoard(shape.rows, { columns: shape.columns });
    const options = { maxIter: 4, algorithm: 'filtered' } as const;
    const truth = await kmeans(points, shape.k, { maxIter: 4, engine: 'reference' });
    const all = plan(shape, limitsOf(faulty.device), defaultTuning(false)).totalBytes;
    for (const [maxMemory, algorithm] of [
      [10 * all, 'filtered'],
      [all, 'lloyd'],
      [bytesFor(shape, 2048, 1), 'lloyd'],
    ] as const) {
      const tuning = { streamBytes: 2048 };
      await using engine = await openWebGpu({ device: faulty.device, sizes: tuning, maxMemory });
      const result = await kmeans(points, shape.k, { ...options, engine });
      expect(result.hash).toBe(truth.hash);
      expect(result.algorithm).toBe(algorithm);
      expect(faulty.live.size).toBe(0);
    }
  });

  test('no more is made than may be taken', async () => {
    const shape = { rows: 3000, columns: 3, k: 9, weighted: false };
    const tuning = { streamBytes: 2048 };
    const maxMemory = bytesFor(shape, 2048, 2);
    await using engine = await openWebGpu({ device: faulty.device, sizes: tuning, maxMemory });
    let most = 0;
    faulty.onCall = ({ call }) => {
      if (call !== 'submit') return;
      const bytes = [...faulty.live].reduce(
        (sum, { label, size }) => sum + (label === 'staging' ? 0 : size),
        0,
      );
      most = Math.max(most, bytes);
    };
    const points = uniformBoard(shape.rows, { columns: shape.columns });
    const result = await kmeans(points, shape.k, { engine, maxIter: 4 });
    faulty.onCall = () => undefined;
    const truth = await kmeans(points, shape.k, { engine: 'reference', maxIter: 4 });
    expect(result.hash).toBe(truth.hash);
    expect(most).toBeGreaterThan(maxMemory / 2);
    expect(most).toBeLessThanOrEqual(maxMemory);
  });

  test('each chunk that does not stay is sent once an iteration, and no other', async () => {
    const shape = { rows: 3000, columns: 3, k: 9, weighted: false };
    const { values, ...grid } = layOnGrid(uniformBoard(shape.rows, { columns: shape.columns }));
    const points = inMemory({ ...grid, values });
    for (const resident of [0, 2]) {
      const sizes = { streamBytes: 2048, deviceBytes: bytesFor(shape, 2048, resident) };
      await using engine = await openWebGpu({ device: faulty.device, sizes });
      const session = (await engine.open({
        points,
        k: shape.k,
        shiftLimit: 0n,
        emptyCluster: 'keep',
        algorithm: 'lloyd',
        restorePoints: false,
      })) as WebGpuSession;
      await session.place(values.slice(0, shape.k * shape.columns));
      const { plan, uploaded } = session.counters;
      const passing = plan.chunks.slice(plan.residentChunks);
      expect(plan.residentChunks).toBe(resident);
      expect(passing.length).toBeGreaterThan(3);
      const bytes = passing.reduce((sum, { rows }) => sum + 4 * rows * shape.columns, 0);
      await session.step(1);
      expect(session.counters.uploaded - uploaded).toBe(bytes);
      await session.step(3);
      expect(session.counters.uploaded - uploaded).toBe(4 * bytes);
      await session.dispose();
    }
  });

  test('where the GPU has less than it was asked for, points are streamed', async () => {
    const points = uniformBoard(12_000, { columns: 6 });
    const truth = await kmeans(points, 9, { engine: 'reference', maxIter: 4 });
    let refused = 0;
    let pending = false;
    faulty.onCall = ({ call, parameters: [descriptor] }) => {
      if (call === 'createBuffer') {
        const { label, size } = descriptor as GPUBufferDescriptor;
        if (label === 'points' && size > 200_000) pending = true;
      }
      if (call !== 'popErrorScope' || !pending) return;
      pending = false;
      refused++;
      return Promise.resolve(new GPUOutOfMemoryError('no room'));
    };
    await using engine = await openWebGpu({ device: faulty.device, sizes: { streamBytes: 2048 } });
    const result = await kmeans(points, 9, { engine, maxIter: 4 });
    faulty.onCall = () => undefined;
    expect(refused).toBe(1); // half of what it was is to be had
    expect(result.hash).toBe(truth.hash);
    expect(faulty.live.size).toBe(0);
  });
});

describe('slices that are cut anew', () => {
  /** So short that nothing is ever short enough, and so long that everything is. */
  const paces = [
    { dispatchMs: 1e-6, dispatchWork: 2 ** 22 },
    { dispatchMs: 1e9, dispatchWork: 2 ** 21 },
  ];
  test.each(paces)('$dispatchMs ms', async (tuning) => {
    const points = uniformBoard(30_000, { columns: 6 });
    const options = { maxIter: 4, tol: 0, init: 'random' } as const;
    const truth = await kmeans(points, 48, { ...options, engine: 'wasm' });
    const faulty = await FaultyDevice.open();
    const cuts: number[] = [];
    faulty.onCall = ({ call, parameters: [descriptor] }) => {
      const { label, size } = (descriptor ?? {}) as GPUBufferDescriptor;
      if (call === 'createBuffer' && label === 'slice') cuts.push(size);
    };
    let engine: Engine | undefined;
    try {
      engine = await openWebGpu({ device: faulty.device, sizes: tuning });
      const result = await kmeans(points, 48, {
        ...options,
        engine,
        onProgress: () => Promise.resolve(),
      });
      expect(result.hash).toBe(truth.hash);
      expect(result.history).toEqual(truth.history);
      expect(faulty.live.size).toBe(0);
      expect(cuts.length).toBeGreaterThan(1);
      const [first, last] = [cuts[0], cuts.at(-1)!];
      if (tuning.dispatchMs < 1) expect(last).toBeGreaterThan(first);
      else expect(last).toBeLessThan(first);
      // the next session begins with what is known
      await kmeans(points, 48, { ...options, engine, maxIter: 1 });
      expect(cuts.at(-1)).toBe(last);
    } finally {
      await engine?.dispose();
      faulty.device.destroy();
    }
  });
});
