/**
 * Traps that others fell into on GPUs and that no other file is about; README.md beside this one says where
 * each known trap is tested.
 */
import { expect, test } from 'vitest';
import { blobs, kmeans } from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { FaultyDevice } from '../support/faulty-device.ts';

test('an upload never lets much wait in the queue', async () => {
  const faulty = await FaultyDevice.open();
  const columns = 64;
  const rows = 400_000; // 102 MB
  const few = layOnGrid(blobs(10, 2, { columns }));
  const values = new Float32Array(rows * columns);
  let waiting = 0;
  let most = 0;
  let drained = 0;
  faulty.onCall = ({ call, parameters }) => {
    if (call === 'writeBuffer') {
      const [, , data, , size] = parameters as [
        unknown,
        unknown,
        ArrayBufferView,
        unknown,
        number?,
      ];
      waiting += size === undefined ? data.byteLength : 4 * size;
      most = Math.max(most, waiting);
    }
    if (call === 'onSubmittedWorkDone') {
      waiting = 0;
      drained++;
    }
  };
  await using engine = await openWebGpu({ device: faulty.device });
  await using session = await engine.open({
    points: inMemory({ ...few, rows, totalWeight: rows, values }),
    k: 1,
    shiftLimit: 0n,
    emptyCluster: 'keep',
    algorithm: 'lloyd',
    restorePoints: false,
  });
  expect(session.algorithm).toBe('lloyd');
  expect(drained).toBeGreaterThan(0);
  expect(most).toBeGreaterThan(2 ** 25);
  expect(most).toBeLessThanOrEqual(80 * 2 ** 20);
  await session.dispose();
  faulty.device.destroy();
});

test('30 000 000 ones add up to 30 000 000, where float32 stops at 16 777 216', async () => {
  // as weights: a weighted row is that many equal rows, to the bit
  const points = { data: Float32Array.of(1, 1, 1, -1, 0.5), columns: 1 };
  const weights = [1e7, 1e7, 1e7, 3e7, 1];
  const options = { weights, init: [[1], [-1]], tol: 0 };
  const result = await kmeans(points, 2, { ...options, engine: 'webgpu' });
  const truth = await kmeans(points, 2, { ...options, engine: 'reference' });
  expect(result.hash).toBe(truth.hash);
  expect(result.inertia).toBe(truth.inertia);
  // the one row beside them pulls the mean by its weight, no more and no less
  expect(result.centroids.data[0]).toBe(Math.fround(30_000_000.5 / 30_000_001));
  expect(result.centroids.data[1]).toBe(-1);
  expect(result.inertia).toBeCloseTo(0.25, 6);
});

test('an offset of 1e4 costs no label: float32 alone has 78 % wrong there', async () => {
  const board = blobs(5000, 32, { columns: 16, deviation: 0.3, seed: 2 });
  const near = { data: Float64Array.from(board.data), columns: 16 };
  const far = { data: near.data.map((x) => x + 1e4), columns: 16 };
  const init = (rows: { data: ArrayLike<number> }) => ({
    data: Float64Array.from({ length: 32 * 16 }, (_, i) => rows.data[i]),
    columns: 16,
  });
  const options = { maxIter: 8, tol: 0, engine: 'webgpu' } as const;
  const here = await kmeans(near, 32, { ...options, init: init(near) });
  const there = await kmeans(far, 32, { ...options, init: init(far) });
  expect(there.labels).toEqual(here.labels);
  expect(there.iterations).toBe(here.iterations);
});
