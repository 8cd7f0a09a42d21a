/** `compare` proposes, `settle` decides: together they are the reference's `assign`, on rows of any width. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../support/workbench.ts';
import { assignDifferences, makeProblem, nearTies, type Recipe } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const WIDE = { wideColumns: 1, wideWorkgroup: 64 };
const BASE: Recipe = { rows: 150, columns: 37, k: 19 };

async function expectTwin({ tuning, ...recipe }: Partial<Recipe>): Promise<void> {
  for (const data of ['uniform', 'lattice'] as const) {
    const wide = { ...WIDE, ...tuning };
    const problem = makeProblem({ ...BASE, ...recipe, data, tuning: wide });
    for (const second of problem.k > 1 ? [false, true] : [false])
      expect(await assignDifferences(device, { ...problem, second })).toEqual([]);
  }
}

test.each([1, 3, 4, 5, 63, 64, 65, 127, 129])('%i rows', (rows) => expectTwin({ rows }));

test.each([1, 4, 5, 8, 17, 32, 33, 65])('k = %i', (k) => expectTwin({ k }));

test.each([1, 7, 15, 16, 17, 33, 130])('%i columns', (columns) => expectTwin({ columns }));

test.each([16, 256])('workgroups of %i', (wideWorkgroup) =>
  expectTwin({ k: 70, rows: 300, tuning: { wideWorkgroup } }),
);

test('in chunks and slices', () =>
  expectTwin({
    tuning: { chunkBytes: 40 * 4 * 37, dispatchWork: 16 * 37 * 19, workgroupSize: 16 },
  }));

describe('rounding', () => {
  /** Rows and centroids far from the middle of the grid, as if nobody had centred them. */
  const far = makeProblem({ rows: 500, columns: 64, k: 12, tuning: WIDE });
  far.grid.values.forEach((y, at) => (far.grid.values[at] = 0.75 + y * 2 ** -12));
  far.centroids.forEach((c, at) => (far.centroids[at] = 0.75 + c * 2 ** -12));

  test('norms that are 1e4 times the distances: nothing is settled by dot products', async () => {
    expect(await nearTies(device, far)).toBe(1);
    for (const second of [false, true])
      expect(await assignDifferences(device, { ...far, second })).toEqual([]);
  });

  test('gaps of a single step of the grid', async () => {
    const close = makeProblem({ rows: 300, columns: 40, k: 9, tuning: WIDE });
    close.centroids.forEach((_, i) => {
      close.centroids[i] = 2 ** -6 + ((i * 5) % 16) * 2 ** -29;
    });
    for (const second of [false, true])
      expect(await assignDifferences(device, { ...close, second })).toEqual([]);
  });

  test('one centroid at the end of the grid makes near-ties of rows, but no wrong labels', async () => {
    const problem = makeProblem({ rows: 500, columns: 64, k: 12, tuning: WIDE });
    problem.grid.values.forEach((y, at) => (problem.grid.values[at] = y * 2 ** -11));
    problem.centroids.forEach((c, at) => (problem.centroids[at] = at < 64 ? 1 : c * 2 ** -11));
    expect(await nearTies(device, problem)).toBeGreaterThan(0.5);
    expect(await assignDifferences(device, problem)).toEqual([]);
  });

  test('data around its mean has few near-ties', async () => {
    const problem = makeProblem({ rows: 2000, columns: 64, k: 40, tuning: WIDE });
    expect(await nearTies(device, problem)).toBeLessThan(0.02);
  });
});
