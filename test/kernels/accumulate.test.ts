/** `accumulate` in workgroup memory, in groups of columns, and straight to the global sums. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDevice, Workbench } from '../support/workbench.ts';
import { accumulateDifferences, makeProblem, type Problem, type Recipe } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

const BASE: Recipe = { rows: 700, columns: 3, k: 5 };

async function expectTwin(recipe: Recipe): Promise<void> {
  for (const weighted of [false, true])
    expect(await accumulateDifferences(device, makeProblem({ ...recipe, weighted }))).toEqual([]);
}

describe.each([32, 64, 128, 256])('workgroups of %i', (workgroupSize) => {
  const tuning = { workgroupSize };

  test.each([1, workgroupSize - 1, workgroupSize, workgroupSize + 1, 5000])('%i rows', (rows) =>
    expectTwin({ ...BASE, rows, tuning }),
  );

  test.each([1, 2, 5, 17])('%i columns', (columns) => expectTwin({ ...BASE, columns, tuning }));

  test('k = 1', () => expectTwin({ ...BASE, k: 1, tuning }));
});

test.each([39, 40, 41, 79, 80, 81])('%i rows in chunks of 40', (rows) =>
  expectTwin({ ...BASE, rows, tuning: { chunkBytes: 480 } }),
);

describe('more sums than workgroup memory holds', () => {
  /** Word pairs and weights of k clusters: 4088 words are there by default. */
  const recipes: [name: string, groups: number | 'direct', recipe: Recipe][] = [
    ['in one group', 1, { rows: 3000, columns: 3, k: 584 }],
    ['in two groups', 2, { rows: 3000, columns: 3, k: 585 }],
    ['a column at a time', 5, { rows: 3000, columns: 5, k: 1362 }],
    ['not even one column', 'direct', { rows: 3000, columns: 5, k: 1363 }],
    ['4096 columns', 5, { rows: 30, columns: 4096, k: 2 }],
  ];
  test.each(recipes)('%s', async (_, groups, recipe) => {
    const bench = new Workbench(device, makeProblem(recipe));
    const { privateSums, columnGroups } = bench.plan;
    bench.dispose();
    expect(privateSums ? columnGroups : 'direct').toBe(groups);
    await expectTwin(recipe);
  });
});

/** All rows in cluster 0 at `value`, which has to come out at the end of the range. */
function extreme(rows: number, value: number, weight: number | null): Problem {
  const problem = makeProblem({ rows, columns: 1, k: 2, weighted: weight !== null });
  problem.grid.values.fill(value);
  problem.grid.columnExponents.fill(0);
  problem.grid.weights?.fill(weight!);
  problem.labels.fill(0);
  return problem;
}

describe('the largest sums', () => {
  test.each([1, -1, 1 - 2 ** -24, 2 ** -30, 0])('of %f', async (value) => {
    for (const weight of [null, 0, 1, 0xffff, 0x10000, 0xffffffff >>> 10])
      expect(await accumulateDifferences(device, extreme(1000, value, weight))).toEqual([]);
  });

  test.each([1, -1])('±2^62 less a little: one row of weight 2^32 − 1 at %i', async (value) => {
    expect(await accumulateDifferences(device, extreme(1, value, 0xffffffff))).toEqual([]);
  });
});

test('columns of very different scale', async () => {
  const problem = makeProblem({ rows: 500, columns: 4, k: 3 });
  const scales = [0, -11, -60, -96];
  const { values, columnExponents } = problem.grid;
  columnExponents.set(scales);
  for (let i = 0; i < values.length; i++) values[i] = values[i] * 2 ** scales[i % 4];
  expect(await accumulateDifferences(device, problem)).toEqual([]);
});
