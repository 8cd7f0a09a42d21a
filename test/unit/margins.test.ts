/** Second labels and margins as a caller meets them; that they are the same everywhere is conformance. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openReference } from '../../src/engines/reference/index.ts';
import { blobs, kmeans, uniformBoard, type Engine, type KMeansOptions } from '../../src/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { fakeEngine } from './fake-engines.ts';

let workers: Engine;
beforeAll(async () => {
  workers = await openWasm({ workers: 2 });
});
afterAll(() => workers.dispose());

const ENGINES: [string, () => KMeansOptions][] = [
  ['reference', () => ({ engine: 'reference' })],
  ['wasm, lloyd', () => ({ engine: 'wasm', algorithm: 'lloyd' })],
  ['wasm, filtered', () => ({ engine: 'wasm', algorithm: 'filtered' })],
  ['wasm, workers', () => ({ engine: workers })],
];

describe.each(ENGINES)('%s', (_, choose) => {
  const fit = async (points: number[][], k: number, options: KMeansOptions = {}) => {
    const { labels, secondLabels, margins, centroids, hash } = await kmeans(points, k, {
      margins: true,
      ...choose(),
      ...options,
    });
    return {
      labels: [...labels],
      second: [...secondLabels!],
      margins: [...margins!],
      centroids: [...centroids.data],
      hash,
    };
  };

  test('by hand: distances, not their squares, in the units of the points', async () => {
    const points = [[0], [10], [110], [120], [1000]];
    const { labels, second, margins } = await fit(points, 3, { init: [[5], [115], [1000]] });
    expect(labels).toEqual([0, 0, 1, 1, 2]);
    expect(second).toEqual([1, 1, 0, 0, 1]);
    expect(margins).toEqual([110, 100 - 0, 100, 110, 885]);
  });

  test('under whiten of the scaled points, and of the raw ones for a constant column', async () => {
    // deviations 2 and 8
    const points = [0, 4].flatMap((x) => [0, 16].map((y) => [x, y, 7]));
    const init = [0, 4].map((x) => [x, 8, 7]);
    const { second, margins } = await fit(points, 2, { init, whiten: true });
    expect(second).toEqual([1, 1, 0, 0]);
    for (const margin of margins) expect(margin).toBe(Math.fround(Math.sqrt(5) - 1));
  });

  test('ties go to the lowest index, but never to the own label', async () => {
    // centroids on the corners of a square that stay where they are; rows on them and in the middle
    const init = [0, 2].flatMap((x) => [0, 2].map((y) => [x, y]));
    const points = [...init, [1, 1]];
    const { labels, second, margins } = await fit(points, 4, {
      init,
      weights: [1, 1, 1, 1, 0],
      emptyCluster: 'keep',
    });
    expect(labels).toEqual([0, 1, 2, 3, 0]);
    expect(second).toEqual([1, 0, 0, 1, 1]);
    expect(margins).toEqual([2, 2, 2, 2, 0]); // the last row weighs nothing
  });

  test('a centroid that stands there twice is the second, at margin 0', async () => {
    const init = [[1], [5], [1], [5], [1]];
    const points = [[1], [1], [5], [5], [1]];
    const { labels, second, margins } = await fit(points, 5, { init, emptyCluster: 'keep' });
    expect(labels).toEqual([0, 0, 1, 1, 0]);
    expect(second).toEqual([2, 2, 3, 3, 2]);
    expect(margins).toEqual([0, 0, 0, 0, 0]);
  });

  test('of two centroids the other one', async () => {
    const points = Array.from({ length: 300 }, (_, i) => [Math.sin(i), i % 7]);
    const { labels, second, margins } = await fit(points, 2);
    expect(second).toEqual(labels.map((label) => 1 - label));
    for (const margin of margins) expect(margin).toBeGreaterThanOrEqual(0);
  });

  test('of a single centroid none', async () => {
    const points = [[1], [2], [6]];
    for (const one of [
      await fit(points, 1),
      await fit(points, 2, { init: [[3], [900]], emptyCluster: 'drop' }),
    ]) {
      expect(one.centroids).toEqual([3]);
      expect(one.second).toEqual([0xffffffff, 0xffffffff, 0xffffffff]);
      expect(one.margins).toEqual([Infinity, Infinity, Infinity]);
    }
  });

  test('of the restart that won, whichever it was', async () => {
    const points = Array.from({ length: 400 }, (_, i) => [Math.sin(3 * i), Math.cos(7 * i)]);
    const options = { init: 'random', nInit: 6, maxIter: 3 } as const;
    let earlier = 0;
    for (const seed of [1, 2, 3, 4]) {
      const won = await fit(points, 9, { ...options, seed });
      const { labels, second, margins, centroids } = won;
      if ((await fit(points, 9, { ...options, nInit: 5, seed })).hash === won.hash) earlier++;
      points.forEach(([x, y], i) => {
        const distances = Array.from({ length: 9 }, (_, j) =>
          Math.hypot(x - centroids[2 * j], y - centroids[2 * j + 1]),
        );
        const [best, next] = [...distances].sort((a, b) => a - b);
        expect(distances[labels[i]]).toBe(best);
        expect(distances[second[i]]).toBe(next);
        expect(margins[i]).toBeCloseTo(next - best, 6);
      });
    }
    expect(earlier).toBeGreaterThan(0); // it was not always the last one
  });
});

test('only where they are asked for, and then nothing else changes', async () => {
  const points = blobs(5000, 6, { seed: 2 });
  const engine = fakeEngine();
  const without = await kmeans(points, 6, { engine });
  expect(without).not.toHaveProperty('secondLabels');
  expect(without).not.toHaveProperty('margins');
  expect(engine.calls).not.toContain('assignSecond');
  const { secondLabels, margins, ...others } = await kmeans(points, 6, { engine, margins: true });
  expect([secondLabels!.length, margins!.length]).toEqual([5000, 5000]);
  const { labels, hash, history, inertia } = others;
  expect({ labels, hash, history, inertia }).toEqual({
    labels: without.labels,
    hash: without.hash,
    history: without.history,
    inertia: without.inertia,
  });
});

test.each<[string, () => Engine | Promise<Engine>]>([
  ['reference', openReference],
  ['wasm', () => openWasm({ threads: 1 })],
  ['wasm, workers', () => openWasm({ workers: 2 })],
])('an abort is heard in the middle of it: %s', async (_, open) => {
  const inner = await open();
  const controller = new AbortController();
  let asked: Promise<unknown> = Promise.resolve('was never asked');
  const engine: Engine = {
    ...inner,
    open: async (task) => {
      const session = await inner.open(task);
      const assignSecond = session.assignSecond.bind(session);
      session.assignSecond = (labels) => {
        setTimeout(() => controller.abort('enough'), 1);
        const found = assignSecond(labels);
        asked = found;
        return found;
      };
      return session;
    },
  };
  const run = kmeans(uniformBoard(60_000, { columns: 16, seed: 1 }), 500, {
    engine,
    margins: true,
    init: 'random',
    maxIter: 1,
    signal: controller.signal,
  });
  await expect(run).rejects.toBe('enough');
  await expect(asked).rejects.toBe('enough');
  await inner.dispose();
});
