/**
 * What the block filter is for, counted: distances that are not computed, blocks that are done without a look
 * at their rows, dispatches and readbacks of the loop. And that under 'auto' it gives way where it does not
 * pay, to the same bits. No time is taken: this is a processor that poses as a GPU.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { uniformBoard } from '../../src/index.ts';
import type { Task } from '../../src/engine.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import type { WebGpuSession } from '../../src/engines/webgpu/session.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { FaultyDevice } from '../support/faulty-device.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openWebGpu();
});
afterAll(() => engine?.dispose());

/** So many iterations in batches of one, two, four from the first rows; what comes out, and the counters. */
async function run(on: Engine, algorithm: Task['algorithm'], shape: readonly number[]) {
  const [rows, columns, k, iterations] = shape;
  const grid = layOnGrid(uniformBoard(rows, { columns, seed: 3 }));
  const session = await on.open({
    points: inMemory(grid),
    k,
    shiftLimit: 0n,
    emptyCluster: 'relocate',
    algorithm,
    restorePoints: false,
  });
  try {
    await session.place(grid.values.slice(0, k * columns));
    for (let done = 0, batch = 1; done < iterations; done += batch, batch *= 2)
      await session.step(Math.min(batch, iterations - done));
    const { counters } = session as WebGpuSession;
    return { clustering: await session.read(), algorithm: session.algorithm, counters };
  } finally {
    await session.dispose();
  }
}

test('uniform points in two columns, k = 16: most blocks have a single candidate', async () => {
  const shape = [400_000, 2, 16, 7];
  const { algorithm, counters } = await run(engine, 'auto', shape);
  expect(algorithm).toBe('filtered');
  const { dispatches, readbacks, filter } = counters;
  expect(dispatches).toBeLessThanOrEqual(6);
  expect(readbacks).toBe(3); // 1 + 2 + 4 iterations
  const blocks = (7 * 400_000) / 64;
  expect(filter!.whole + filter!.mixed).toBe(blocks);
  expect(filter!.whole / blocks).toBeGreaterThan(0.87);
  expect(filter!.crowded).toBe(0);
  // of 16 candidates a row
  expect(filter!.compared / (7 * 400_000)).toBeLessThan(0.4);
});

test("where the filter spares too little, 'auto' goes on by brute force, to the same bits", async () => {
  const shape = [65_536, 16, 8, 3];
  const { clustering, algorithm, counters } = await run(engine, 'auto', shape);
  expect(algorithm).toBe('lloyd');
  expect(counters.filter!.compared).toBeGreaterThan(65_536 * 4);
  const truth = await run(openReference(), 'lloyd', shape);
  expect(clustering).toEqual(truth.clustering);
});

test("where memory does not suffice for it, 'auto' runs brute force, and the filter asked for is refused", async () => {
  const faulty = await FaultyDevice.open();
  await using small = await openWebGpu({ device: faulty.device });
  let asked = false;
  faulty.onCall = ({ call, parameters }) => {
    if (call === 'createBuffer') asked ||= (parameters[0] as GPUBufferDescriptor).label === 'tree';
    if (call !== 'popErrorScope' || !asked) return undefined;
    asked = false;
    return Promise.resolve(new GPUOutOfMemoryError('no room at all'));
  };
  const { algorithm, clustering } = await run(small, 'auto', [65_536, 2, 8, 1]);
  expect([algorithm, clustering.history.length]).toEqual(['lloyd', 1]);
  expect(faulty.live.size).toBe(0);
  const refused = run(small, 'filtered', [500, 2, 8, 1]);
  await expect(refused).rejects.toThrow(/block filter: out of GPU memory .*no room at all/);
  expect(faulty.live.size).toBe(0);
  faulty.device.destroy();
});

test('an even smaller problem is not worth the order of its rows', async () => {
  const { algorithm, counters } = await run(engine, 'auto', [65_535, 2, 8, 1]);
  expect([algorithm, counters.filter]).toEqual(['lloyd', null]);
});
