/** `manhattan` decides by itself what the reference's `manhattan` does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { someOf } from '../support/long-run.ts';
import { openDevice } from '../support/workbench.ts';
import { makeProblem, manhattanDifferences, type Recipe } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

/** The least and the most; those between in a long run. */
const WORKGROUPS = someOf([32, 64, 256, 128], 2);
const BASE: Recipe = { rows: 300, columns: 2, k: 5 };

async function expectTwin(recipe: Recipe): Promise<void> {
  for (const data of ['uniform', 'lattice'] as const)
    for (const second of data === 'lattice' && recipe.k > 1 ? [false, true] : [false]) {
      const problem = { ...makeProblem({ ...recipe, data }), second };
      expect(await manhattanDifferences(device, problem)).toEqual([]);
    }
}

describe.each(WORKGROUPS)('workgroups of %i', (workgroupSize) => {
  const tuning = { workgroupSize };

  test.each([1, workgroupSize - 1, workgroupSize, workgroupSize + 1])('%i rows', (rows) =>
    expectTwin({ ...BASE, rows, tuning }),
  );

  test.each([1, 2, 3, 4, 5, 127, 128, 129, 257])('k = %i', (k) =>
    expectTwin({ ...BASE, k, tuning }),
  );

  test.each([1, 3, 7, 64, 65])('%i columns', (columns) => expectTwin({ ...BASE, columns, tuning }));
});

test.each([39, 40, 41, 79, 80, 81])('%i rows in chunks of 40', (rows) =>
  expectTwin({ ...BASE, rows, tuning: { chunkBytes: 320 } }),
);

test.each([63, 64, 65, 127, 128, 129])('%i rows in slices of 64', (rows) =>
  expectTwin({ ...BASE, rows, tuning: { workgroupSize: 64, dispatchWork: 64 * 2 * 5 } }),
);

test.each([1, 2, 3, 4, 5, 6])('tiles of %i', (tile) =>
  expectTwin({ ...BASE, k: 11, tuning: { tile } }),
);

describe('tiles that do not hold whole centroids', () => {
  test.each([4088 / 4, 4088 / 4 + 1, 4088, 4089, 4096])('%i columns', (columns) =>
    expectTwin({ rows: 40, columns, k: 6 }),
  );

  test.each([13, 14, 15, 28, 29, 56, 57, 112])('%i columns in 256 bytes', (columns) =>
    expectTwin({ ...BASE, columns, k: 9, limits: { maxComputeWorkgroupStorageSize: 256 } }),
  );
});

test('numbers at the ends of the grid, and the smallest there are', async () => {
  const problem = makeProblem({ rows: 600, columns: 9, k: 12 });
  const ends = [1, -1, 0, 2 ** -29, 2 ** -30, -(2 ** -30), 2 ** -31, 2 ** -126, 1 - 2 ** -24, 0.5];
  const { values } = problem.grid;
  for (let i = 0; i < values.length; i++) values[i] = ends[(i * 7 + (i >> 4)) % ends.length];
  for (let i = 0; i < problem.centroids.length; i++)
    problem.centroids[i] = ends[(i * 3 + (i >> 2)) % ends.length];
  for (const second of [false, true])
    expect(await manhattanDifferences(device, { ...problem, second })).toEqual([]);
});

test('gaps of a single step of the grid, where float32 sees none', async () => {
  const problem = makeProblem({ rows: 2000, columns: 2, k: 8 });
  const { centroids } = problem;
  for (let i = 0; i < centroids.length; i++) centroids[i] = 2 ** -6 + ((i * 5) % 16) * 2 ** -29;
  expect(await manhattanDifferences(device, problem)).toEqual([]);
});

test('distances of more than one word', async () => {
  const problem = makeProblem({ rows: 200, columns: 40, k: 7 });
  problem.grid.values.forEach((_, i) => (problem.grid.values[i] = i % 3 ? 1 : -1));
  problem.centroids.forEach((_, i) => (problem.centroids[i] = i % 5 ? -1 : 1));
  expect(await manhattanDifferences(device, problem)).toEqual([]);
});
