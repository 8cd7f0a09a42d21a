/** `assign` proposes, `settle` decides: together they are the reference's `assign`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { someOf } from '../support/long-run.ts';
import { openDevice } from '../support/workbench.ts';
import { assignDifferences, makeProblem, nearTies, type Recipe } from './twins.ts';

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
    for (const second of recipe.k > 1 ? [false, true] : [false]) {
      const problem = { ...makeProblem({ ...recipe, data }), second };
      expect(await assignDifferences(device, problem)).toEqual([]);
    }
}

describe.each(WORKGROUPS)('workgroups of %i', (workgroupSize) => {
  const tuning = { workgroupSize };

  test.each([1, workgroupSize - 1, workgroupSize, workgroupSize + 1])('%i rows', (rows) =>
    expectTwin({ ...BASE, rows, tuning }),
  );

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17])('k = %i in tiles of 8', (k) =>
    expectTwin({ ...BASE, k, tuning: { ...tuning, tile: 8 } }),
  );

  test.each([1, 3, 4, 16, 17])('%i columns', (columns) => expectTwin({ ...BASE, columns, tuning }));
});

// 40 rows of 3 columns are 480 bytes
test.each([39, 40, 41, 79, 80, 81])('%i rows in chunks of 40', (rows) =>
  expectTwin({ ...BASE, columns: 3, rows, tuning: { chunkBytes: 480 } }),
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

  // (256 / 4 − 8) words: two columns of four centroids would take eight of them
  test.each([13, 14, 15, 28, 29, 56, 57, 112])('%i columns in 256 bytes', (columns) =>
    expectTwin({ ...BASE, columns, k: 9, limits: { maxComputeWorkgroupStorageSize: 256 } }),
  );
});

describe('narrow', () => {
  const tuning = { narrowColumns: 4, workgroupSize: 32, tile: 7 };
  test.each([1, 31, 32, 33, 127, 128, 129])('%i rows', (rows) =>
    expectTwin({ ...BASE, rows, tuning }),
  );
  test.each([1, 2, 6, 7, 8, 15])('k = %i', (k) => expectTwin({ ...BASE, k, tuning }));
  test.each([1, 3, 4])('%i columns', (columns) => expectTwin({ ...BASE, columns, tuning }));
  test('in chunks and slices', () =>
    expectTwin({ ...BASE, tuning: { ...tuning, chunkBytes: 8 * 90, dispatchWork: 32 * 10 } }));
});

test('near-ties are rare in data without ties, and many on a lattice', async () => {
  const shape = { rows: 5000, columns: 2, k: 16 };
  expect(await nearTies(device, makeProblem({ ...shape, data: 'uniform' }))).toBeLessThan(0.01);
  expect(await nearTies(device, makeProblem({ ...shape, data: 'lattice' }))).toBeGreaterThan(0.3);
});

test('every row a near-tie: more than the dispatch of settle has threads', async () => {
  const problem = makeProblem({ rows: 70_000, columns: 1, k: 2, tuning: { workgroupSize: 32 } });
  problem.centroids.fill(0.25);
  expect(await nearTies(device, problem)).toBe(1);
  expect(await assignDifferences(device, problem)).toEqual([]);
  // of three, two are left to tie
  const three = makeProblem({ rows: 70_000, columns: 1, k: 3, tuning: { workgroupSize: 32 } });
  three.centroids.fill(0.25);
  expect(await assignDifferences(device, { ...three, second: true })).toEqual([]);
});

test('numbers at the ends of the grid, and the smallest there are', async () => {
  const problem = makeProblem({ rows: 600, columns: 3, k: 12 });
  const ends = [1, -1, 0, 2 ** -29, 2 ** -30, -(2 ** -30), 2 ** -31, 2 ** -126, 1 - 2 ** -24, 0.5];
  const { values } = problem.grid;
  for (let i = 0; i < values.length; i++) values[i] = ends[(i * 7 + (i >> 4)) % ends.length];
  for (let i = 0; i < problem.centroids.length; i++)
    problem.centroids[i] = ends[(i * 3 + (i >> 2)) % ends.length];
  for (const second of [false, true])
    expect(await assignDifferences(device, { ...problem, second })).toEqual([]);
});

test('gaps of a single step of the grid, where float32 sees none', async () => {
  const problem = makeProblem({ rows: 2000, columns: 2, k: 8 });
  // all centroids within a few steps of each other, all rows far away
  const { centroids } = problem;
  for (let i = 0; i < centroids.length; i++) centroids[i] = 2 ** -6 + ((i * 5) % 16) * 2 ** -29;
  for (const second of [false, true])
    expect(await assignDifferences(device, { ...problem, second })).toEqual([]);
});
