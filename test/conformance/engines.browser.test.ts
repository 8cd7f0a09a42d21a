/**
 * Every engine in a real browser against the answers that the reference engine gave in Node.
 *
 * WebGPU is required: a browser without an adapter fails here. It runs every case with the plan it
 * would choose itself and with one that forces what small problems never meet: many chunks, other
 * workgroup sizes, split tiles, split dispatches, the block filter. All have to give the same bits.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { blobs, kmeans, uniformBoard, type Engine } from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { cases, type Case } from './cases.ts';
import { check, expected, filtering, runCase } from './suite.ts';

/** Small blocks and short lists, so that every way through the filter is gone. */
const BLOCKS = { blockRows: 32, superblock: 3, listCapacity: 5, held: 3 };

/** Plans that nobody would choose; those with blocks are for the block filter. */
const TUNINGS: readonly Partial<Tuning>[] = [
  { workgroupSize: 32, tile: 1, narrowColumns: 0 },
  { workgroupSize: 64, chunkBytes: 4096, ...BLOCKS },
  { workgroupSize: 128, tile: 7, narrowColumns: 0 },
  { workgroupSize: 256, dispatchWork: 1000, narrowColumns: 0, wideColumns: 1 },
  { workgroupSize: 64, tile: 32, chunkBytes: 6000, dispatchWork: 5000, ...BLOCKS },
  { workgroupSize: 32, tile: 7, chunkBytes: 3000, privateColumns: Infinity, sortedRows: 64 },
];

/**
 * Cases take turns with them: number i runs on plan i, every second of them where nothing is repeated. Long
 * runs are long enough on their own.
 */
const casesOf = (plan: number) =>
  cases.filter(
    ({ name }, i) =>
      i % TUNINGS.length === plan &&
      (inject('repeats') > 1 || Math.floor(i / TUNINGS.length) % 2 === 0) &&
      expected[name].iterations <= 500,
  );

/** Cases of every kind, for many repetitions: races show seldom. */
const REPEATED = [
  'k = 65',
  'blobs of 17 columns',
  'lattice 16 × 16, centroids between its points',
  'weights: fractions',
  'relocate: most centroids in one place',
  'clusters of Zipf sizes',
];
const TIMES = 5;

test('the repeated cases exist', () => {
  expect(cases.map(({ name }) => name)).toEqual(expect.arrayContaining(REPEATED));
});

describe('reference', () => {
  test.each(cases)('$name', async (problem) => {
    for (let i = 0; i < inject('repeats'); i++)
      check(problem.name, await runCase(problem, { engine: 'reference' }));
  });
});

describe('webgpu, its own plan', () => onWebGpu({}, cases));

TUNINGS.forEach((tuning, plan) =>
  describe(`webgpu, ${JSON.stringify(tuning)}`, () => onWebGpu(tuning, casesOf(plan))),
);

describe('webgpu, predict', () => {
  test('gives the labels of the reference engine, far outside the range of the fit too', async () => {
    const points = blobs(700, 9, { columns: 5, deviation: 0.4, seed: 3 });
    const rows = uniformBoard(600, { columns: 5, seed: 4 });
    rows.data.forEach((x, at) => (rows.data[at] = x * 10 ** ((at % 97) - 20)));
    rows.data.forEach((x, at) => (rows.data[at] = Math.abs(x) < 1e30 ? x : Math.sign(x) * 1e30));
    const all = [{}, { whiten: true }, { metric: 'cosine' }, { metric: 'manhattan' }] as const;
    for (const options of all) {
      const truth = await kmeans(points, 9, { ...options, engine: 'reference' });
      const result = await kmeans(points, 9, { ...options, engine: 'webgpu' });
      expect(result.hash).toBe(truth.hash);
      expect(await result.predict(points)).toEqual(truth.labels);
      expect(await result.predict(rows)).toEqual(await truth.predict(rows));
    }
  });
});

describe(`webgpu, ${TIMES} times over`, () =>
  onWebGpu(
    {},
    cases.filter(({ name }) => REPEATED.includes(name)),
    TIMES,
  ));

function onWebGpu(
  tuning: Partial<Tuning>,
  problems: readonly Case[],
  times = inject('repeats'),
): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWebGpu({ sizes: tuning });
    if (tuning.blockRows) engine = filtering(engine);
    expect(engine.name).toBe('webgpu');
  });
  afterAll(() => engine?.dispose());
  test.each(problems)('$name', async (problem) => {
    for (let i = 0; i < times; i++) check(problem.name, await runCase(problem, { engine }));
  });
}
