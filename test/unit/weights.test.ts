/** Whole weights are repeated rows, to the bit: fits, seedings, predictions, mini-batches and what measures them. */
import { describe, expect, test } from 'vitest';
import {
  BisectingKMeans,
  blobs,
  Codebook,
  kmeans,
  KMeans,
  matrix,
  MiniBatchKMeans,
  uniformBoard,
  type KMeansOptions,
  type Matrix,
} from '../../src/index.ts';
import { repeats, rowsAt } from '../support/repeats.ts';

const ROWS = 300;
const points = blobs(ROWS, 5, { columns: 3, seed: 3, deviation: 0.3 });
const weights = Array.from({ length: ROWS }, (_, row) => 1 + ((row * 7) % 4));
const init = matrix(points.data.slice(0, 15), 3);
const others = uniformBoard(100, { columns: 3, seed: 2 });

const same = (a: Float32Array, b: Float32Array) =>
  expect(new Uint32Array(a.buffer)).toEqual(new Uint32Array(b.buffer));

/** Fits the points with weights and the repeated ones, and compares them. */
async function compare(options: KMeansOptions, where: 'beside' | 'anywhere') {
  const places = repeats(weights, where);
  const own = await kmeans(points, 5, { ...options, weights });
  const copies = await kmeans(rowsAt(points, places), 5, options);
  same(copies.centroids.data, own.centroids.data);
  expect([...copies.labels]).toEqual(places.map((row) => own.labels[row]));
  expect([copies.inertia, copies.iterations]).toEqual([own.inertia, own.iterations]);
  expect(await copies.predict(others)).toEqual(await own.predict(others));
}

describe.each(['reference', 'wasm'] as const)('a fit on %s', (engine) => {
  test.each<[string, KMeansOptions]>([
    ['from given centroids', { init }],
    ['whitened', { init, whiten: true }],
    ['until no label changes', { init, tol: 0 }],
    ['by angle', { init, metric: 'cosine' }],
    ['of medians', { init, metric: 'manhattan' }],
  ])('%s: the copies anywhere', async (_, options) => {
    await compare({ ...options, engine }, 'beside');
    await compare({ ...options, engine }, 'anywhere');
  });

  // A number that is drawn is a place among all weight, so copies have to stand beside each other.
  test.each<[string, KMeansOptions]>([
    ['k-means++', { init: 'k-means++' }],
    ['a sample that is all rows', { init: 'auto' }],
    ['restarts', { init: 'k-means++', nInit: 4 }],
    ['breathing', { init: 'k-means++', refine: 'breathing' }],
  ])('from %s: the copies beside each other', async (_, options) => {
    for (const seed of [1, 2, 3]) await compare({ ...options, seed, engine }, 'beside');
  });
});

// These draw rows: more rows, other draws. What is left is that weight draws, or that none is never drawn.
describe('seedings that go by rows', () => {
  const line = matrix(
    Array.from({ length: 64 }, (_, i) => i),
    1,
  );
  const far = Array.from({ length: 64 }, (_, i) => (i % 16 === 0 ? 1 : 0));

  test.each(['random', 'k-means||', 'k-means++', 'auto'] as const)(
    '%s never draws a row of weight 0',
    async (init) => {
      for (let seed = 0; seed < 20; seed++) {
        const options = { init, seed, weights: far, engine: 'reference' } as const;
        const { centroids } = await kmeans(line, 4, { ...options, maxIter: 1 });
        expect([...centroids.data].sort((a, b) => a - b)).toEqual([0, 16, 32, 48]);
      }
    },
  );

  test('random draws a row once, however heavy it is; of copies it may draw many', async () => {
    const heavy = far.map((w, i) => (i === 0 ? 1000 : w));
    const options = { init: 'random', engine: 'reference', emptyCluster: 'keep' } as const;
    const weighted = await kmeans(line, 4, { ...options, weights: heavy });
    expect(weighted.inertia).toBe(0);
    const copies = rowsAt(line, repeats(heavy, 'beside'));
    expect((await kmeans(copies, 4, options)).inertia).toBeGreaterThan(0);
  });

  test('k-means‖ ends as near to the points as with copies', async () => {
    const copies = rowsAt(points, repeats(weights, 'beside'));
    const least = async (rows: Matrix, extra: KMeansOptions) =>
      (await kmeans(rows, 5, { init: 'k-means||', nInit: 5, engine: 'reference', ...extra }))
        .inertia;
    const [own, repeated] = [await least(points, { weights }), await least(copies, {})];
    expect(Math.abs(own / repeated - 1)).toBeLessThan(0.01);
  });
});

describe('a stream', () => {
  test.each(['beside', 'anywhere'] as const)('of batches, copies %s', async (where) => {
    const places = repeats(weights, where);
    const copies = rowsAt(points, places);
    for (const whiten of [false, true]) {
      const options = { k: 5, init, whiten, reassignmentRatio: 0, engine: 'reference' } as const;
      const [own, other] = [new MiniBatchKMeans(options), new MiniBatchKMeans(options)];
      for (let step = 0; step < 4; step++) {
        await own.partialFit(points, { weights });
        await other.partialFit(copies);
        same(other.centroids.data, own.centroids.data);
        expect([...other.labels]).toEqual(places.map((row) => own.labels[row]));
        expect(other.inertia).toBe(own.inertia);
        const [{ stream }, { stream: wanted }] = [other.toJSON(), own.toJSON()];
        expect([stream.positions, stream.counts]).toEqual([wanted.positions, wanted.counts]);
      }
    }
  });
});

test.each([
  ['KMeans', KMeans],
  ['MiniBatchKMeans', MiniBatchKMeans],
  ['BisectingKMeans', BisectingKMeans],
])('a score of %s', async (_, Class) => {
  const model = await new Class({ k: 5, seed: 1, engine: 'reference' }).fit(others);
  for (const pattern of [weights, weights.map((w) => w - 1)])
    for (const where of ['beside', 'anywhere'] as const)
      expect(await model.score(rowsAt(points, repeats(pattern, where)))).toBe(
        await model.score(points, { weights: pattern }),
      );
});

test('a bisecting fit, copies beside each other', async () => {
  const copies = rowsAt(points, repeats(weights, 'beside'));
  for (const bisectingStrategy of ['biggest-inertia', 'largest-cluster'] as const) {
    const options = { k: 6, seed: 4, bisectingStrategy, engine: 'reference' } as const;
    const own = await new BisectingKMeans(options).fit(points, { weights });
    const other = await new BisectingKMeans(options).fit(copies);
    same(other.centroids.data, own.centroids.data);
    expect(other.inertia).toBe(own.inertia);
  }
});

test('the distortion of a codebook', async () => {
  const codebook = await Codebook.train(others, 4, { subspaces: 3, engine: 'reference' });
  const one = await codebook.distortion(points, { weights });
  for (const where of ['beside', 'anywhere'] as const)
    expect(await codebook.distortion(rowsAt(points, repeats(weights, where)))).toBe(one);
  expect(await codebook.distortion(points)).not.toBe(one);
  const halves = weights.map((w) => w / 3);
  expect((await codebook.distortion(points, { weights: halves })) / one).toBeCloseTo(1, 14);
  await expect(codebook.distortion(points, { weights: [1] })).rejects.toThrow(
    'weights.length is 1; expected 300 (one weight a row).',
  );
});
