/** `census` finds the clusters without weight; `farthest`, `elect`, `relocate` refill them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmeans, uniformBoard, type Matrix } from '../../src/index.ts';
import { someOf } from '../support/long-run.ts';
import { openDevice } from '../support/workbench.ts';
import { makeProblem, relocationDifferences, type Problem, type Recipe } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const BASE: Recipe = { rows: 900, columns: 2, k: 7 };

async function expectTwin(recipe: Recipe, used: number): Promise<void> {
  for (const weighted of [false, true])
    for (const data of ['uniform', 'lattice'] as const) {
      const problem = makeProblem({ ...recipe, weighted, data }, 3, used);
      expect(await relocationDifferences(device, problem)).toEqual([]);
    }
}

/** The least and the most; those between in a long run. */
const WORKGROUPS = someOf([32, 64, 256, 128], 2);

describe.each(WORKGROUPS)('workgroups of %i', (workgroupSize) => {
  const tuning = { workgroupSize };

  test.each([7, 6, 4, 1])('of 7 clusters %i have rows', (used) =>
    expectTwin({ ...BASE, tuning }, used),
  );

  test.each([1, workgroupSize - 1, workgroupSize, workgroupSize + 1])('%i rows', (rows) =>
    expectTwin({ ...BASE, rows, tuning }, 1),
  );

  // segments of farthest are 16 workgroups long
  test.each([16 * workgroupSize - 1, 16 * workgroupSize, 16 * workgroupSize + 1])(
    '%i rows: around one segment',
    (rows) => expectTwin({ ...BASE, rows, tuning }, 4),
  );
});

test.each([39, 40, 41, 81])('%i rows in chunks of 40', (rows) =>
  expectTwin({ ...BASE, columns: 3, rows, tuning: { chunkBytes: 480 } }, 4),
);

test('many chunks, slices and segments', () =>
  expectTwin(
    {
      rows: 5000,
      columns: 2,
      k: 20,
      tuning: { workgroupSize: 32, chunkBytes: 9000, dispatchWork: 2e4 },
    },
    6,
  ));

test('more clusters than a workgroup has threads, most of them empty', () =>
  expectTwin({ ...BASE, k: 150, tuning: { workgroupSize: 32 } }, 100));

test('more columns than a workgroup has threads', () =>
  expectTwin({ ...BASE, rows: 100, columns: 70, tuning: { workgroupSize: 32 } }, 4));

describe('fewer rows to give than clusters that want one', () => {
  const three = (): Problem => makeProblem({ rows: 3, columns: 2, k: 9 }, 1, 2);

  test('all rows', async () => {
    expect(await relocationDifferences(device, three())).toEqual([]);
  });

  test('no row: all lie on their centroids', async () => {
    const problem = three();
    for (let at = 0; at < problem.centroids.length; at++)
      problem.centroids[at] = problem.grid.values[at % 2];
    for (let at = 0; at < problem.grid.values.length; at++)
      problem.grid.values[at] = problem.grid.values[at % 2];
    expect(await relocationDifferences(device, problem)).toEqual([]);
  });
});

test('distances of more than 64 bits', () =>
  expectTwin({ rows: 60, columns: 100, k: 4, tuning: { workgroupSize: 32 } }, 2));

describe('in a run, more at once than a submission takes', () => {
  /** All centroids in one place, so that all but one lose their rows. */
  async function bothEngines(points: Matrix, k: number) {
    const init = { data: new Float32Array(2 * k).fill(0.5), columns: 2 };
    const options = { init, maxIter: 3 };
    const onGpu = await kmeans(points, k, { ...options, engine: 'webgpu', device });
    const onCpu = await kmeans(points, k, { ...options, engine: 'reference' });
    expect(onGpu.history).toEqual(onCpu.history);
    expect(onGpu.hash).toBe(onCpu.hash);
  }

  test.each([257, 258, 400])('k = %i', (k) => bothEngines(uniformBoard(1500, { seed: k }), k));

  test('and fewer rows to give', () => {
    const points = uniformBoard(800, { seed: 2 });
    points.data.fill(0.5, 1000); // 300 rows lie on the centroids
    return bothEngines(points, 600);
  });

  test('and no row at all', () =>
    bothEngines({ data: new Float32Array(1200), rows: 600, columns: 2 }, 600));
});
