/** `accumulate` in workgroup memory, in groups of columns; `reduce`, which sorts; and how often each adds to one sum. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accumulate } from '../../src/engines/reference/lloyd.ts';
import { updateOf, workgroupsOf } from '../../src/engines/webgpu/parameters.ts';
import { openDevice, Workbench } from '../support/workbench.ts';
import {
  accumulateDifferences,
  additionDifferences,
  countAdditions,
  makeProblem,
  type Problem,
  type Recipe,
} from './twins.ts';

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

describe.each([32, 256])('workgroups of %i', (workgroupSize) => {
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
  const tuning = { privateColumns: 1 };
  const recipes: [name: string, groups: number | 'sorted', recipe: Recipe][] = [
    ['in one group', 1, { rows: 3000, columns: 3, k: 584 }],
    ['in two groups', 2, { rows: 3000, columns: 3, k: 585, tuning }],
    ['not worth two groups', 'sorted', { rows: 3000, columns: 3, k: 585 }],
    ['a column at a time', 5, { rows: 3000, columns: 5, k: 1362, tuning }],
    ['not even one column', 'sorted', { rows: 3000, columns: 5, k: 1363, tuning }],
    ['4096 columns', 5, { rows: 30, columns: 4096, k: 2 }],
  ];
  test.each(recipes)('%s', async (_, groups, recipe) => {
    const bench = new Workbench(device, makeProblem(recipe));
    const { privateSums, columnGroups } = bench.plan;
    bench.dispose();
    expect(privateSums ? columnGroups : 'sorted').toBe(groups);
    await expectTwin(recipe);
  });
});

describe('sorted', () => {
  const SORTED = { privateColumns: Infinity };

  test.each([1, 256, 257])('%i rows', (rows) => expectTwin({ ...BASE, rows, tuning: SORTED }));
  test.each([1, 5, 64, 130])('%i columns', (columns) =>
    expectTwin({ ...BASE, columns, tuning: SORTED }),
  );
  test.each([1, 2, 699])('k = %i', (k) => expectTwin({ ...BASE, k, tuning: SORTED }));
  test.each([32, 256])('workgroups of %i', (workgroupSize) =>
    expectTwin({ ...BASE, tuning: { ...SORTED, workgroupSize } }),
  );
  test.each([2, 64, 2048])('%i rows at a time', (sortedRows) =>
    expectTwin({ ...BASE, rows: 5000, tuning: { ...SORTED, sortedRows } }),
  );
  test('in chunks and slices', () =>
    expectTwin({
      ...BASE,
      tuning: { ...SORTED, chunkBytes: 12 * 300, dispatchWork: 64 * 3 * 5, sortedRows: 32 },
    }));
  test('labels of 24 bits', async () => {
    const k = 2 ** 24 - 1;
    const problem = makeProblem({ rows: 300, columns: 1, k: 300 });
    problem.labels.forEach((label, i) => (problem.labels[i] = k - 300 + label));
    const { sums, counts } = await accumulate(problem.grid, problem.labels, k, () => undefined);
    const bench = new Workbench(device, { ...problem, k });
    expect(bench.plan.sortedRows).toBe(256);
    bench.set('labels', problem.labels);
    await bench.run('reduce');
    const last = (words: Uint32Array, each: number) => words.subarray(each * (k - 300));
    expect(last(await bench.get('counts'), 1)).toEqual(counts.subarray(k - 300));
    expect(last(await bench.get('sums'), 2)).toEqual(new Uint32Array(sums.buffer, 8 * (k - 300)));
    bench.dispose();
  });
});

/**
 * Additions to the global sums, counted by a change to the kernels that makes them add one: what skewed
 * clusters could make slow is that many go to one sum, one after the other.
 */
describe('additions to one sum', () => {
  const ROWS = 8192;
  const skews: [name: string, label: (i: number, k: number) => number][] = [
    ['evenly spread', (i, k) => (i * 7919) % k],
    ['of Zipf sizes', (i, k) => Math.min(k - 1, Math.floor(k ** ((i * 0.618034) % 1)) - 1)],
    ['in one cluster', () => 3],
  ];
  describe.each(skews)('rows %s', (_, labelOf) => {
    test.each([
      [2, 16, 'accumulate'],
      [16, 64, 'accumulate'],
      [32, 1024, 'reduce'],
      [70, 1500, 'reduce'],
    ] as const)('%i columns, k = %i: %s', async (columns, k, kernel) => {
      const problem = makeProblem({ rows: ROWS, columns, k });
      problem.labels.forEach((__, i) => (problem.labels[i] = labelOf(i, k)));
      const bench = new Workbench(device, problem, countAdditions);
      const { plan } = bench;
      expect(updateOf(plan)).toBe(kernel);
      bench.set('labels', problem.labels);
      await bench.run(kernel);
      const added = (await bench.get('sums')).filter((__, word) => word % 2 === 0);
      bench.dispose();
      const groups = plan.slices.reduce(
        (sum, slice) => sum + workgroupsOf(kernel, plan, slice)[0],
        0,
      );
      const stretches =
        kernel === 'reduce' ? Math.max(1, Math.floor(plan.workgroupSize / columns)) : 1;
      // a workgroup adds to a sum once, or once a stretch of its sorted rows; never once a row
      expect(added.reduce((most, one) => Math.max(most, one))).toBeLessThanOrEqual(
        groups * stretches,
      );
      expect(groups * stretches).toBeLessThanOrEqual(ROWS / 64);
      if (kernel === 'reduce') expect(await additionDifferences(device, problem)).toEqual([]);
      const all = added.reduce((sum, one) => sum + one, 0);
      expect(all).toBeGreaterThan(0);
      expect(all).toBeLessThanOrEqual(ROWS * columns);
    });
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
