/**
 * Every engine in a real browser against the answers that the reference engine gave in Node.
 *
 * WebGPU is required: a browser without an adapter fails here. It runs every case with the plan it
 * would choose itself, and chosen ones with plans that force what small problems never meet: many chunks, other
 * workgroup sizes, split tiles, split dispatches, the block filter. All have to give the same bits. In a long run
 * every case meets a forced plan, and the reference engine, which has them all in Node, here too.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { blobs, kmeans, uniformBoard, type Engine } from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { LONG_RUN } from '../support/long-run.ts';
import { cases, type Case } from './cases.ts';
import { casesNamed, chosenCases } from './chosen.ts';
import { check, expected, filtering, runCase } from './suite.ts';

/** Small blocks and short lists, so that every way through the filter is gone. */
const BLOCKS = { blockRows: 32, superblock: 3, listCapacity: 5, held: 3 };

/** Plans that nobody would choose, and what is to notice where one is wrong; those with blocks are for the block filter. */
const FORCED: readonly { tuning: Partial<Tuning>; some: readonly string[] }[] = [
  {
    tuning: { workgroupSize: 32, tile: 1, narrowColumns: 0 },
    some: [
      'uniform in 4 columns',
      '257 rows',
      'lattice 8 × 8 × 8, centroids between its points',
      'weights: fractions',
      'relocate: most centroids in one place',
      'manhattan: lattice, centroids between its points',
      'manhattan: weights from 1e-12 to 1e12',
      'k = n = 64',
      "near float32's largest",
    ],
  },
  {
    tuning: { workgroupSize: 64, chunkBytes: 4096, ...BLOCKS },
    some: [
      'blobs of 1 columns',
      'k = 65',
      '129 rows',
      'one outlier, a million times the spread away',
      'weights: from 1e-12 to 1e12',
      'keep: outliers without weight',
      'options {"init":"k-means++","nInit":3}',
      'cosine: drop: most centroids in one place',
    ],
  },
  {
    tuning: { workgroupSize: 128, tile: 7, narrowColumns: 0 },
    some: [
      'uniform in 5 columns',
      'k = 65',
      'symmetric about the origin',
      'drop: outliers without weight',
      'cosine: lattice, centroids between its points',
      'manhattan: blobs of 3 columns',
    ],
  },
  {
    tuning: { workgroupSize: 256, dispatchWork: 1000, narrowColumns: 0, wideColumns: 1 },
    // SwiftShader takes seconds for each kernel of 256 threads
    some: ['uniform in 17 columns', '257 rows', 'relocate: most centroids in one place'],
  },
  {
    tuning: { workgroupSize: 64, tile: 32, chunkBytes: 6000, dispatchWork: 5000, ...BLOCKS },
    some: [
      'uniform in 5 columns',
      'k = 257',
      'lattice 8 × 8 × 8, centroids between its points',
      'columns of scale 1e-9 to 1e9, whitened',
      'relocate: most centroids in one place',
      'breathing: room for two more centroids',
      'clusters of Zipf sizes',
    ],
  },
  {
    tuning: {
      ...{ workgroupSize: 32, tile: 7, chunkBytes: 3000 },
      ...{ privateColumns: Infinity, sortedRows: 64 },
    },
    some: [
      'uniform in 17 columns',
      'k = 65',
      '257 rows',
      'weights: fractions',
      'drop: outliers without weight',
      'manhattan: lattice, centroids between its points',
    ],
  },
];

/** Or all of them in turns; long runs are long enough on their own. */
const casesOf = (plan: number) =>
  LONG_RUN
    ? cases.filter(({ name }, i) => i % FORCED.length === plan && expected[name].iterations <= 500)
    : casesNamed(FORCED[plan].some);

/** Cases of every kind, for many repetitions: races show seldom. */
const REPEATED = [
  'k = 65',
  'blobs of 17 columns',
  'lattice 16 × 16, centroids between its points',
  'weights: fractions',
  'relocate: most centroids in one place',
  'clusters of Zipf sizes',
];
const TIMES = LONG_RUN ? 5 : 3;

describe('reference', () => {
  test.each(LONG_RUN ? cases : chosenCases)('$name', async (problem) => {
    for (let i = 0; i < inject('repeats'); i++)
      check(problem.name, await runCase(problem, { engine: 'reference' }));
  });
});

describe('webgpu, its own plan', () => onWebGpu({}, cases));

FORCED.forEach(({ tuning }, plan) =>
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

describe(`webgpu, ${TIMES} times over`, () => onWebGpu({}, casesNamed(REPEATED), TIMES));

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
