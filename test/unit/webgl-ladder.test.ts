/** When `engine: 'auto'` takes webgl: on hardware, and where it was measured to be faster than wasm. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { explain, kmeans, uniformBoard } from '../../src/index.ts';
import type { Engine } from '../../src/engine.ts';
import { EngineUnavailableError, OutOfMemoryError } from '../../src/errors.ts';
import type * as faster from '../../src/faster.ts';
import { fakeEngine } from './fake-engines.ts';

const webgl = vi.hoisted(() => ({ open: vi.fn(), compare: vi.fn() }));
const noGpu = () => Promise.reject(new EngineUnavailableError('webgpu', 'a test'));
vi.mock('../../src/engines/webgpu/device.ts', () => ({ requestDevice: () => noGpu() }));
vi.mock('../../src/engines/webgpu/index.ts', () => ({ openWebGpu: () => noGpu() }));
vi.mock('../../src/engines/webgl/index.ts', () => ({ openWebGl: webgl.open }));
vi.mock('../../src/faster.ts', () => ({ compareSpeed: webgl.compare }));

/** Enough work for a GPU; every test has columns of its own, since what is measured is remembered. */
const board = (columns: number) => uniformBoard(Math.ceil(6e7 / (256 * columns)), { columns });
const K = 256;

let engine: ReturnType<typeof fakeEngine>;
beforeEach(() => {
  engine = fakeEngine(() => {}, { name: 'webgl' });
  webgl.open.mockReset().mockImplementation(async () => engine);
  webgl.compare.mockReset().mockResolvedValue([1, 2]);
});

describe('auto', () => {
  test('takes webgl where it is faster, and measures once for as many columns', async () => {
    for (const columns of [100, 120, 128]) {
      const { engine, reason } = await explain(board(columns), K);
      expect([engine, reason]).toEqual([
        'webgl',
        expect.stringContaining('measured to be faster than wasm'),
      ]);
    }
    expect(webgl.open).toHaveBeenCalledWith({ onlyHardware: true });
    expect(webgl.compare).toHaveBeenCalledTimes(1);
    const [engines, columns] = webgl.compare.mock.calls[0] as [Engine[], number];
    expect([engines.map(({ name }) => name), columns]).toEqual([['webgl', 'wasm'], 128]);
  });

  test('leaves it where it is slower, says so, closes it and asks no more', async () => {
    webgl.compare.mockResolvedValue([20.25, 10]);
    for (let i = 0; i < 3; i++) {
      const { engine, passedOver } = await explain(board(40), K);
      expect(engine).toBe('wasm');
      expect(passedOver).toEqual([
        { engine: 'webgpu', reason: 'a test' },
        {
          engine: 'webgl',
          reason:
            'wasm is faster here: an iteration that was measured took it 10.0 ms, the GPU 20.3 ms',
        },
      ]);
    }
    expect([webgl.open.mock.calls.length, engine.disposed]).toEqual([1, 1]);
  });

  test('goes on where the measurement fails, and measures again another time', async () => {
    webgl.compare.mockRejectedValueOnce(new OutOfMemoryError('a test'));
    expect(await explain(board(20), K)).toMatchObject({ engine: 'wasm' });
    expect(await explain(board(20), K)).toMatchObject({ engine: 'webgl' });
  });

  test('has the engine that it chose do the work, and closes it', async () => {
    const points = board(300);
    const init = { data: points.data.subarray(0, 300 * K), rows: K, columns: 300 };
    const result = await kmeans(points, K, { maxIter: 1, init });
    expect([result.engine, engine.open_, engine.disposed]).toEqual(['webgl', 0, 1]);
    const truth = await kmeans(points, K, { maxIter: 1, init, engine: 'wasm' });
    expect(result.hash).toBe(truth.hash);
  });

  test('does not ask for it for small work, for the block filter, or beside a device', async () => {
    await explain(uniformBoard(100), 3);
    await explain(board(2), K, { algorithm: 'filtered' });
    await explain(board(2), K, { device: { createBuffer() {} } as unknown as GPUDevice });
    expect(webgl.open).not.toHaveBeenCalled();
  });
});

test('speed is compared by the quickest iteration after the first', async () => {
  const { compareSpeed } = await vi.importActual<typeof faster>('../../src/faster.ts');
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const taking = (...times: number[]): Engine => ({
    ...fakeEngine(),
    open: async () => ({
      ...({} as Awaited<ReturnType<Engine['open']>>),
      place: async () => {},
      step: async () => {
        now += times.shift()!;
        return { iteration: 1, stop: null, last: null, empty: 0, restorePoint: null };
      },
      dispose: async () => {},
    }),
  });
  try {
    expect(await compareSpeed([taking(1, 9, 7, 8), taking(90, 5, 6, 7)], 8)).toEqual([7, 5]);
  } finally {
    clock.mockRestore();
  }
});
