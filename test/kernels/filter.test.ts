/** The kernels of the block filter beside their twins, at the edges of blocks, superblocks and lists. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../support/workbench.ts';
import {
  boundDifferences,
  filterDifferences,
  orderDifferences,
  placeBetween,
  turns,
} from './filter-twins.ts';
import { makeProblem, type Problem, type Recipe } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const TUNING = { workgroupSize: 32, blockRows: 32, superblock: 3, listCapacity: 9, held: 4 };
const BASE: Recipe = { rows: 300, columns: 2, k: 5, tuning: TUNING };

function make(recipe: Partial<Recipe>, seed = 1): Problem {
  return makeProblem({ ...BASE, ...recipe, filtered: true }, seed);
}

/** Along the curve only where no rounding can go either way: few different numbers, cells of a power of two. */
async function expectTwins(recipe: Partial<Recipe>): Promise<void> {
  const lattice = make({ ...recipe, data: 'lattice' });
  expect(await orderDifferences(device, lattice)).toEqual([]);
  expect(await boundDifferences(device, make(recipe))).toEqual([]);
  for (const problem of [lattice, make({ ...recipe, weighted: true })])
    expect(await filterDifferences(device, { ...problem, steps: turns(problem) })).toEqual([]);
}

test.each([1, 31, 32, 33, 95, 96, 97, 193])('%i rows', (rows) => expectTwins({ rows }));

test.each([1, 2, 4, 9, 10, 33])('k = %i', (k) => expectTwins({ k }));

test.each([1, 3, 8, 9, 17, 23])('%i columns', (columns) => expectTwins({ columns, rows: 200 }));

test.each([64, 256])('blocks of %i', (blockRows) =>
  expectTwins({ rows: 700, tuning: { ...TUNING, blockRows, workgroupSize: blockRows } }),
);

describe('many columns', () => {
  test.each([
    [13, 300], // (256 / 4 − 32) words: not even two candidates
    [300, 1024],
  ])('%i of them, in %i bytes', (columns, maxComputeWorkgroupStorageSize) =>
    expectTwins({ columns, rows: 70, limits: { maxComputeWorkgroupStorageSize } }),
  );
});

test('in spans of a superblock', () => expectTwins({ tuning: { ...TUNING, dispatchWork: 1 } }));

test('gaps of a single step of the grid, where float32 sees none', async () => {
  const problem = make({ rows: 2000, k: 8 });
  problem.centroids.forEach((_, i) => {
    problem.centroids[i] = 2 ** -6 + ((i * 5) % 16) * 2 ** -29;
  });
  expect(await filterDifferences(device, problem)).toEqual([]);
  const held = { ...problem, tuning: { ...TUNING, held: 8 } };
  expect(await filterDifferences(device, held)).toEqual([]);
});

test('ties that boxes meet at their corners: a lattice, centroids between its points', async () => {
  const problem = make({ rows: 4000, columns: 2, k: 16, data: 'lattice' });
  placeBetween(problem);
  expect(await filterDifferences(device, problem)).toEqual([]);
});
