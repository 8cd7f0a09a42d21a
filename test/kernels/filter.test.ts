/** The kernels of the block filter, at the edges of blocks, superblocks and lists. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../support/workbench.ts';
import { boundDifferences, filterDifferences, orderDifferences } from './filter-twins.ts';
import { makeProblem, type Recipe } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const SMALL = { blockRows: 32, superblock: 2 };
const make = (recipe: Recipe) => makeProblem({ ...recipe, filtered: true });

test('one', async () => {
  const p = make({ rows: 300, columns: 2, k: 5, data: 'lattice', tuning: SMALL });
  expect(await orderDifferences(device, p)).toEqual([]);
  expect(await boundDifferences(device, p)).toEqual([]);
  expect(await filterDifferences(device, p)).toEqual([]);
});
