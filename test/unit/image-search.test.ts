/** Cells of colours, the tree above them, and the search on it: against going through them all. */
import { expect, test } from 'vitest';
import { cellsFor } from '../../src/image/cells.ts';
import type { CellTree } from '../../src/image/cell-tree.ts';
import { countColors } from '../../src/image/count.ts';
import { search, type SearchOptions } from '../../src/image/search.ts';
import { toSpace } from '../../src/image/spaces.ts';
import { pcg32 } from '../../src/rng.ts';
import { scene } from '../support/images.ts';

const now = () => undefined;

async function treeOf(
  width: number,
  height: number,
  { k = 8, alpha = false, weightless = false } = {},
) {
  const { colors, counts } = await countColors([scene(width, height, { alpha })], now);
  const weights = Float64Array.from(counts, (count, i) => (weightless && i % 3 === 0 ? 0 : count));
  const points = toSpace(colors, 'oklab', alpha);
  return { tree: await cellsFor(k, colors, points, weights, now), points, weights };
}

test.each([
  ['few colours, one each', 50, 40, {}],
  ['many colours', 300, 300, {}],
  ['many with alpha', 300, 300, { alpha: true }],
  ['some without weight', 200, 200, { weightless: true }],
])('cells keep the mass and the mean of their colours: %s', async (_, width, height, kind) => {
  const { tree, points, weights } = await treeOf(width, height, kind);
  expect(tree.size).toBeGreaterThan(1900);
  expect(tree.size).toBeLessThanOrEqual(4096);
  const { columns } = points;
  const moments = (data: ArrayLike<number>, step: number, by: ArrayLike<number>, rows: number) =>
    [-1, 0, 1, 2, 3].map((t) => {
      let sum = 0;
      for (let i = 0; i < rows; i++)
        sum += by[i] * (t < 0 ? 1 : t < columns ? data[i * step + t] : 0);
      return sum / 90_000;
    });
  const found = moments(tree.means, 4, tree.weights, tree.size);
  moments(points.data, columns, weights, points.rows).forEach((moment, t) =>
    expect(found[t]).toBeCloseTo(moment, 9),
  );
});

/** Inertia, counts and labels by going through all. */
function bruteForce({ means, weights, size }: CellTree, centroids: Float64Array) {
  const counts = new Float64Array(centroids.length / 4);
  const masses: number[] = [];
  for (let i = 0; i < size; i++) {
    const distances = Array.from(counts, (_, j) =>
      [0, 1, 2, 3].reduce((sum, t) => sum + (means[4 * i + t] - centroids[4 * j + t]) ** 2, 0),
    );
    const least = Math.min(...distances);
    counts[distances.indexOf(least)] += weights[i];
    masses.push(weights[i] * least);
  }
  return { counts, masses, inertia: masses.reduce((sum, mass) => sum + mass, 0) };
}

test.each([3, 40, 300])('the tree finds the nearest of %i as going through all does', async (k) => {
  const { tree } = await treeOf(120, 100, { alpha: k === 40 });
  const random = pcg32(k);
  const centroids = Float64Array.from({ length: 4 * k }, (_, at) =>
    tree.columns === 3 && at % 4 === 3 ? 0 : random(),
  );
  const expected = bruteForce(tree, centroids);
  tree.pass(centroids);
  expect(tree.inertia).toBeCloseTo(expected.inertia, 6);
  expect(tree.counts).toEqual(expected.counts);
  expect(Array.from(tree.masses, (mass) => +mass.toFixed(9))).toEqual(
    expected.masses.map((mass) => +mass.toFixed(9)),
  );
});

const options = (more: Partial<SearchOptions>): SearchOptions => ({
  k: 20,
  seed: 0,
  held: new Float64Array(),
  start: null,
  breathing: true,
  pause: now,
  ...more,
});

async function inertiaOf(tree: CellTree, more: Partial<SearchOptions>): Promise<number> {
  tree.pass(await search(tree, options(more)));
  return tree.inertia;
}

test('breathing finds better ones than k-means++ and a few iterations; the same for the same seed', async () => {
  const { tree } = await treeOf(150, 150);
  let better = 0;
  for (let seed = 0; seed < 8; seed++) {
    const plain = await inertiaOf(tree, { seed, breathing: false });
    const breathed = await inertiaOf(tree, { seed });
    expect(breathed).toBeLessThanOrEqual(plain);
    if (breathed < plain * 0.98) better++;
  }
  expect(better).toBeGreaterThanOrEqual(4);
  const again = await search(tree, options({ seed: 1 }));
  expect(await search(tree, options({ seed: 1 }))).toEqual(again);
  expect(await search(tree, options({ seed: 2 }))).not.toEqual(again);
});

test('held centroids stay where they are, and first; others are as many as asked for', async () => {
  const { tree } = await treeOf(80, 80);
  const held = Float64Array.of(0.2, 0.3, -0.1, 0, 0.9, 0, 0.2, 0);
  for (const k of [3, 20, 60]) {
    const found = await search(tree, options({ k, held }));
    expect(found.length).toBe(4 * k);
    expect(found.slice(0, 8)).toEqual(held);
  }
});

test('where there are no more cells than asked for, each is found', async () => {
  const data = Uint8Array.of(0, 0, 0, 255, 0, 0, 9, 255, 99, 0, 0, 255);
  const tree = await cellsFor(5, data, toSpace(data, 'srgb'), [3, 1, 1], now);
  const found = await search(tree, options({ k: 5 }));
  const places = (rows: Float64Array) =>
    Array.from({ length: rows.length / 4 }, (_, i) => rows.slice(4 * i, 4 * i + 4).join()).sort();
  expect(places(found)).toEqual(places(tree.means));
  expect((await search(tree, options({ k: 1 }))).length).toBe(4);
});
