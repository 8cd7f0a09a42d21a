/**
 * What the block filter is for, counted: distances that are not computed, blocks that are done without a look
 * at their rows, dispatches and readbacks of the loop. And that under 'auto' it gives way where it does not
 * pay, to the same bits. No time is taken: this is a processor that poses as a GPU.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { kmeans, uniformBoard } from '../../src/index.ts';
import type { Task } from '../../src/engine.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { defaultTuning, plan } from '../../src/engines/webgpu/plan.ts';
import type { WebGpuSession } from '../../src/engines/webgpu/session.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { FaultyDevice } from '../support/faulty-device.ts';
import { filterTraffic, lloydTraffic } from '../support/traffic.ts';
import { limitsOf, openDevice } from '../support/workbench.ts';

let engine: Engine;
/** Its slices stay as they are, however slow this processor is. */
let steady: Engine;
beforeAll(async () => {
  engine = await openWebGpu();
  steady = await openWebGpu({ device: engine.device, sizes: { dispatchWork: 2 ** 40 } });
});
afterAll(async () => {
  await steady?.dispose();
  await engine?.dispose();
});

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
    const { counters } = session as WebGpuSession; // before anything is read
    return { clustering: await session.read(), algorithm: session.algorithm, counters };
  } finally {
    await session.dispose();
  }
}

test('uniform points in two columns, k = 16: most blocks have a single candidate', async () => {
  const shape = [400_000, 2, 16, 3];
  const { algorithm, counters } = await run(engine, 'auto', shape);
  expect(algorithm).toBe('filtered');
  const { dispatches, readbacks, filter } = counters;
  expect(dispatches).toBeLessThanOrEqual(6);
  expect(readbacks).toBe(2); // 1 + 2 iterations
  const blocks = (3 * 400_000) / 64;
  expect(filter!.whole + filter!.mixed).toBe(blocks);
  expect(filter!.whole / blocks).toBeGreaterThan(0.87);
  expect(filter!.crowded).toBe(0);
  // of 16 candidates a row
  expect(counters.compared).toBe(filter!.compared);
  expect(filter!.compared / (3 * 400_000)).toBeLessThan(0.4);

  // beside brute force: distances and bytes
  const lloyd = await run(steady, 'lloyd', [400_000, 2, 16, 1]);
  expect(lloyd.counters.compared).toBe(400_000 * 16);
  expect(counters.compared / 3).toBeLessThan(lloyd.counters.compared / 40);
  const theirs = lloydTraffic(lloyd.counters.plan, 16);
  const ours = filterTraffic(counters, 16, 3);
  expect(ours.points / 3).toBeLessThan(theirs.points / 10);
  expect(ours.all / 3).toBeLessThan(theirs.all / 3);
  // the filter's order is made on the device: points are sent once either way, and their labels cleared
  expect(counters.uploaded).toBeLessThanOrEqual(lloyd.counters.uploaded);
  expect(lloyd.counters.uploaded).toBe(400_000 * (4 * 2 + 4));
});

test('an iteration of brute force reads the points twice, and little else', async () => {
  for (const [rows, columns, k, iterations] of [
    [5000, 3, 5, 3],
    [1500, 24, 12, 2],
    [700, 40, 70, 1],
  ]) {
    const { counters } = await run(steady, 'lloyd', [rows, columns, k, iterations]);
    expect(counters.dispatches).toBeLessThanOrEqual(6);
    expect(counters.compared).toBe(iterations * rows * k);
    // by the proposal and by what adds up
    const { points } = lloydTraffic(counters.plan, k);
    expect(points).toBe(2 * 4 * rows * columns);
    // home come statuses of 32 bytes alone
    expect(counters.readBack).toBe(32 * counters.readbacks);
  }
  // where there are many rows to a cluster, the rest is labels: three words a row
  const limits = limitsOf(await openDevice());
  const [rows, columns, k] = [10_000_000, 24, 12];
  const made = plan({ rows, columns, k, weighted: false }, limits, defaultTuning(true));
  const { points, all } = lloydTraffic(made, k);
  expect(all - points).toBeLessThan(0.2 * points);
});

test('a run is read back no more than log2(iterations) + 1 times', async () => {
  let session: WebGpuSession | undefined;
  const watched: Engine = {
    ...steady,
    open: async (task) => (session = (await steady.open(task)) as WebGpuSession),
  };
  const now = vi.spyOn(performance, 'now').mockReturnValue(0); // batches do not wait for this processor
  try {
    for (const algorithm of ['lloyd', 'filtered'] as const) {
      const options = { engine: watched, algorithm, maxIter: 64, tol: 0, init: 'random' } as const;
      const { iterations } = await kmeans(uniformBoard(3000), 40, options);
      expect(iterations).toBeGreaterThan(15);
      const { readbacks, dispatches } = session!.counters;
      expect(readbacks).toBeLessThanOrEqual(Math.log2(iterations) + 1);
      expect(dispatches).toBeLessThanOrEqual(6);
    }
  } finally {
    now.mockRestore();
  }
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
