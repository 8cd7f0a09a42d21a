/** Sizes of the kernels: the same bits under all of them; measured once, and only where that is asked for or pays. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kmeans, openEngine, uniformBoard, type Matrix } from '../../src/index.ts';
import type { TuningOption } from '../../src/engine.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { CANDIDATES, PROPOSALS } from '../../src/engines/webgpu/kernel-sizes.ts';
import type { Proposal } from '../../src/engines/webgpu/parameters.ts';
import { forget } from '../../src/engines/webgpu/tuning-memory.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { FaultyDevice } from '../support/faulty-device.ts';

/** Problems that each kernel looks at. */
const PROBLEMS: Record<Proposal, [points: Matrix, k: number]> = {
  narrow: [uniformBoard(1500, { columns: 3 }), 70],
  assign: [uniformBoard(900, { columns: 9 }), 20],
  compare: [uniformBoard(700, { columns: 40 }), 70],
};
const options = { maxIter: 2, tol: 0, init: 'random', algorithm: 'lloyd' } as const;

/** One for all: what has been compiled stays. */
let faulty: FaultyDevice;
/** Submissions that measure. */
let measured = 0;
beforeAll(async () => {
  faulty = await FaultyDevice.open();
  faulty.onCall = ({ call, parameters: [descriptor] }) => {
    const { label } = (descriptor ?? {}) as GPUObjectDescriptorBase;
    if (call === 'createCommandEncoder' && label === 'tuning') measured++;
  };
});
beforeEach(() => {
  measured = 0;
  forget();
  localStorage.clear();
});
afterAll(() => {
  localStorage.clear();
  faulty.device.destroy();
});

/** A run on an engine with that tuning: its fingerprint, and the sizes that were found. */
async function run(kernel: Proposal, tuning: TuningOption) {
  const [points, k] = PROBLEMS[kernel];
  // much longer than a GPU is given: a kernel's first dispatch compiles it here
  const sizes = { tuneMs: 10_000 };
  await using engine = await openWebGpu({ device: faulty.device, tuning, sizes });
  const { hash } = await kmeans(points, k, { ...options, engine });
  return { hash, sizes: engine.kernelSizes };
}

describe.each(PROPOSALS)('%s', (kernel) => {
  let hash = '';
  beforeAll(async () => {
    ({ hash } = await kmeans(...PROBLEMS[kernel], { ...options, engine: 'reference' }));
  });

  test.each(CANDIDATES[kernel])('%j: the same bits', async (sizes) => {
    const given = { [kernel]: sizes };
    expect(await run(kernel, given)).toEqual({ hash, sizes: given });
    expect([localStorage.length, measured]).toEqual([0, 0]);
  });

  test('is measured where it is asked for, and once', async () => {
    const first = await run(kernel, 'always');
    expect(first.hash).toBe(hash);
    expect(measured).toBeGreaterThan(1);
    // the default, or one of those that are tried
    expect([{}, ...CANDIDATES[kernel]]).toContainEqual(first.sizes![kernel]);
    expect(Object.keys(first.sizes!)).toEqual([kernel]);
    measured = 0;
    expect(await run(kernel, 'always')).toEqual(first);
    // neither on a processor that poses as a GPU nor against its will
    for (const tuning of ['auto', 'off'] as const)
      expect(await run(kernel, tuning)).toEqual({ hash, sizes: {} });
    expect(measured).toBe(0);
    expect(faulty.live.size).toBe(0);
  });
});

test('what a page has stored is used on its next visit, and what no kernel can have is not', async () => {
  const visit = async () => {
    forget();
    return (await run('narrow', 'always')).sizes;
  };
  const found = await visit();
  expect(localStorage).toHaveLength(1);
  const name = localStorage.key(0)!;
  const stored = JSON.parse(localStorage.getItem(name)!) as { sizes: object };
  expect(stored.sizes).toEqual(found);
  const other = { narrow: { workgroup: 32 } }; // none of those that are tried
  localStorage.setItem(name, JSON.stringify({ ...stored, sizes: other }));
  measured = 0;
  expect([await visit(), measured]).toEqual([other, 0]);
  localStorage.setItem(name, JSON.stringify({ ...stored, sizes: { narrow: { workgroup: 7 } } }));
  await visit();
  expect(measured).toBeGreaterThan(0);
});

describe("'auto' on a GPU", () => {
  beforeAll(() => {
    const adapterInfo = { vendor: 'acme', architecture: 'one', device: '', description: '' };
    Object.defineProperty(faulty.device, 'adapterInfo', { value: adapterInfo });
  });

  test.each([
    ['measures where there is enough to do', 2 ** 15, 2 ** 13, true],
    ['does not where a run may be over before', 2 ** 12, 2 ** 10, false],
  ] as const)('%s', async (_, rows, k, expected) => {
    await using engine = await openEngine('webgpu', { device: faulty.device });
    expect(engine.hardware).toBe(true);
    const session = await engine.open({
      points: inMemory(layOnGrid(uniformBoard(rows, { columns: 33 }))),
      k,
      shiftLimit: 0n,
      emptyCluster: 'keep',
      algorithm: 'lloyd',
      restorePoints: false,
    });
    await session.dispose();
    // a GPU's worth of work on a processor: the time is up after the first
    expect(measured).toBe(expected ? 1 : 0);
    expect(engine.kernelSizes).toEqual({});
    expect(faulty.live.size).toBe(0);
  });
});
