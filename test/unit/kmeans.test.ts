/**
 * k-means as a caller meets it: small problems with answers that can be worked out by hand, among them
 * those that scikit-learn's and SciPy's own tests are built on; the shape of the result; empty clusters.
 */
import { describe, expect, test } from 'vitest';
import {
  blobs,
  EmptyClusterError,
  kmeans,
  uniformBoard,
  type KMeansOptions,
  type Points,
} from '../../src/index.ts';
import { fingerprint } from '../../src/hash.ts';
import { fakeEngine } from './fake-engines.ts';

const fit = (points: Points, k: number, options: KMeansOptions = {}) =>
  kmeans(points, k, { engine: 'reference', ...options });

const square = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [1, 1],
];

describe('by hand', () => {
  test('weights pull a centroid', async () => {
    const result = await fit(square, 2, {
      weights: [3, 1, 1, 3],
      init: [
        [0, 0],
        [1, 1],
      ],
    });
    expect([...result.labels]).toEqual([0, 0, 1, 1]);
    expect([...result.centroids.data]).toEqual([0.125, 0, 0.875, 1]);
    expect(result.inertia).toBe(0.375);
    expect(result.iterations).toBe(2);
    expect([...result.sizes]).toEqual([2, 2]);
  });

  test('a centroid that gets no point takes the farthest', async () => {
    const result = await fit(square, 2, {
      init: [
        [0.5, 0.5],
        [3, 3],
      ],
    });
    expect(result.inertia).toBe(0.25);
    expect(result.iterations).toBe(3);
    // All four points are as far from the first centroid: the lowest row is the one that moves.
    expect([...result.centroids.data]).toEqual([0.75, 1, 0.25, 0]);
  });

  test('two empty clusters take the two farthest points, the first the farther', async () => {
    const line = [-10, -9.5, -9, -8.5, -8, -1, 1, 9, 9.5, 10].map((x) => [x]);
    const { centroids, history } = await fit(line, 3, { init: [[-10], [-10], [-10]], maxIter: 1 });
    expect([...centroids.data]).toEqual([-36 / 8, 10, 9.5].map(Math.fround));
    expect(history[0].moved).toBe(10);
  });

  test('a weighted point that is alone is no cluster of two', async () => {
    const result = await fit([[-1], [1]], 2, { weights: [1.9, 0.1], init: [[-1], [10]] });
    expect([...result.labels]).toEqual([0, 1]);
    expect([...result.centroids.data]).toEqual([-1, 1]);
  });

  test('the eleven points of SciPy', async () => {
    const points = [
      [3, 3],
      [4, 3],
      [4, 2],
      [9, 2],
      [5, 1],
      [6, 2],
      [9, 4],
      [5, 2],
      [5, 4],
      [7, 4],
      [6, 5],
    ];
    const init = points.slice(0, 3);
    const one = await fit(points, 3, { init, maxIter: 1 });
    expect([...one.centroids.data]).toEqual([3, 3, 6.2, 4, 5.8, 1.8].map(Math.fround));
    const two = await fit(points, 3, { init, maxIter: 2 });
    expect([...two.centroids.data]).toEqual(
      [11 / 3, 8 / 3, 6.75, 4.25, 6.25, 1.75].map(Math.fround),
    );
  });

  test('does not stop too early', async () => {
    const points = [-3, -1, 0, 1, 1, 8].map((x) => [x]);
    const { centroids } = await fit(points, 2, { init: [[-3], [0.99]] });
    expect(centroids.data[0]).toBeCloseTo(-0.4, 6);
    expect(centroids.data[1]).toBe(8);
  });

  test('one cluster is the mean', async () => {
    const result = await fit(
      [1, 2, 3, 4, 10].map((x) => [x]),
      1,
    );
    expect(result.centroids.data[0]).toBe(4);
    expect(result.inertia).toBe(9 + 4 + 1 + 0 + 36);
  });

  test('as many clusters as points are the points', async () => {
    for (const n of [1, 2, 7, 64]) {
      const points = uniformBoard(n, { seed: n });
      const result = await fit(points, n);
      expect(result.inertia).toBe(0);
      expect([...result.sizes]).toEqual(new Array(n).fill(1));
      expect(result.iterations).toBe(1);
      for (let i = 0; i < n; i++)
        for (let t = 0; t < 2; t++)
          expect(
            Math.abs(result.centroids.data[2 * result.labels[i] + t] - points.data[2 * i + t]),
          ).toBeLessThan(1e-6);
    }
  });

  test('fewer distinct points than clusters: one iteration, nothing left over', async () => {
    const points = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 0],
    ];
    const result = await fit(points, 4);
    expect(result.inertia).toBe(0);
    expect(new Set(result.labels).size).toBe(3);
    expect(result.labels[2]).toBe(result.labels[3]);
    const given = [...points, [1, 1]];
    expect((await fit(given, 5, { init: given })).iterations).toBe(1);
  });

  test('constant data, in one iteration', async () => {
    const result = await fit(
      Array.from({ length: 9 }, () => [2.5, 1e6]),
      3,
    );
    expect([result.iterations, result.inertia, result.converged]).toEqual([1, 0, true]);
    expect([...result.centroids.data]).toEqual([2.5, 1e6, 2.5, 1e6, 2.5, 1e6]);
    expect([...result.labels]).toEqual(new Array(9).fill(0));
  });
});

describe('the result', () => {
  test('has all that it says', async () => {
    const points = blobs(300, 4, { columns: 3, deviation: 0.3 });
    const result = await fit(points, 4);
    expect(result).toMatchObject({
      centroids: { rows: 4, columns: 3 },
      engine: 'reference',
      algorithm: 'lloyd',
      converged: true,
    });
    expect(result.centroids.data).toBeInstanceOf(Float32Array);
    expect(result.labels).toBeInstanceOf(Uint32Array);
    expect(result.sizes).toBeInstanceOf(Uint32Array);
    expect(result.sizes.reduce((a, b) => a + b)).toBe(300);
    expect(result.hash).toBe(fingerprint(result.labels, result.centroids.data));
    expect(['labels', 'tol']).toContain(result.stopReason);
    expect(result.history).toHaveLength(result.iterations);
  });

  test('names the engine by which it came', async () => {
    const engine = fakeEngine(undefined, { name: 'webgpu' });
    expect((await kmeans(square, 2, { engine })).engine).toBe('webgpu');
    expect((await kmeans(square, 2)).engine).toBe('wasm'); // so small a problem is not worth a GPU
  });

  test('says why it stopped', async () => {
    const points = uniformBoard(500);
    const cut = await fit(points, 8, { maxIter: 3 });
    expect([cut.stopReason, cut.converged, cut.iterations]).toEqual(['maxIter', false, 3]);
    const strict = await fit(points, 8, { tol: 0 });
    expect([strict.stopReason, strict.converged]).toEqual(['labels', true]);
    expect(strict.history.at(-1)!.moved).toBe(0);
    const loose = await fit(points, 8, { tol: 0.1 });
    expect([loose.stopReason, loose.converged]).toEqual(['tol', true]);
    expect(loose.iterations).toBeLessThan(strict.iterations);
  });

  test('stops by the rule of scikit-learn: shift ≤ tol × mean variance of the columns', async () => {
    const points = uniformBoard(400, { seed: 6 });
    const { history } = await fit(points, 6, { tol: 0 });
    const variance = [0, 1].map((t) => {
      const column = Array.from({ length: 400 }, (_, i) => points.data[2 * i + t]);
      const mean = column.reduce((a, b) => a + b) / 400;
      return column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 400;
    });
    const mean = (variance[0] + variance[1]) / 2;
    for (const { iteration, shift } of history.slice(2, -1)) {
      const first = (limit: number) => history.find((r) => r.shift <= limit)!.iteration;
      for (const factor of [0.99, 1.01]) {
        const tol = (shift / mean) * factor;
        const { iterations, stopReason } = await fit(points, 6, { tol });
        expect(iterations).toBe(first(shift * factor));
        if (factor > 1) expect(iterations).toBeLessThanOrEqual(iteration);
        expect(['tol', 'labels']).toContain(stopReason);
      }
    }
  });

  test('converges before the limit, also with tol 0', async () => {
    const points = uniformBoard(5000, { columns: 10 });
    expect((await fit(points, 5, { tol: 0 })).iterations).toBeLessThan(300);
  });

  test('of restarts is the best of them', async () => {
    const points = uniformBoard(300);
    const options = { init: 'random' as const, seed: 4 };
    const best = await fit(points, 9, { ...options, nInit: 6 });
    const fewer = await fit(points, 9, { ...options, nInit: 5 });
    expect(best.inertia).toBeLessThanOrEqual(fewer.inertia);
    expect(best.history.at(-1)!.iteration).toBe(best.iterations);
    expect(best.labels.length).toBe(300);
  });
});

describe('an engine that the caller opened', () => {
  test('serves many runs and is closed by the caller alone', async () => {
    const engine = fakeEngine();
    const points = uniformBoard(100);
    const [one, other] = [await kmeans(points, 3, { engine }), await kmeans(points, 3, { engine })];
    expect(other.hash).toBe(one.hash);
    const together = await Promise.all([2, 3, 4].map((k) => kmeans(points, k, { engine })));
    expect(together[1].hash).toBe(one.hash);
    expect([engine.open_, engine.disposed]).toEqual([0, 0]);
  });

  test('that fails fails the run: nobody takes over unasked', async () => {
    const mine = new Error('no');
    const engine = fakeEngine((verb) => {
      if (verb === 'step') throw mine;
    });
    await expect(kmeans(square, 2, { engine })).rejects.toBe(mine);
    expect([engine.open_, engine.disposed]).toEqual([0, 0]);
  });
});

describe('a cluster that loses its points', () => {
  const points = Array.from({ length: 20 }, (_, i) => [i % 5, Math.floor(i / 5)]);
  const init = [
    [0, 0],
    [4, 3],
    [100, 100],
    [101, 100],
  ];

  test('relocate: every cluster has points again', async () => {
    const { sizes, centroids } = await fit(points, 4, { init });
    expect(centroids.rows).toBe(4);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('keep: it stays where it was, as far as the range goes', async () => {
    const { sizes, centroids } = await fit(points, 4, { init, emptyCluster: 'keep' });
    expect(centroids.rows).toBe(4);
    expect([sizes[2], sizes[3]]).toEqual([0, 0]);
    expect(centroids.data[4]).toBeGreaterThan(30);
    const inside = [
      [0, 0],
      [4, 3],
      [2, 30],
    ];
    const kept = await fit(points, 3, { init: inside, emptyCluster: 'keep' });
    expect([...kept.centroids.data.subarray(4)]).toEqual([2, 30]);
  });

  test('drop: it is gone, and the others are as if it had never been', async () => {
    const dropped = await fit(points, 4, { init, emptyCluster: 'drop', tol: 0 });
    expect(dropped.centroids.rows).toBe(2);
    expect(dropped.sizes).toHaveLength(2);
    const two = await fit(points, 2, { init: init.slice(0, 2), tol: 0 });
    expect([...dropped.labels]).toEqual([...two.labels]);
    expect([...dropped.centroids.data]).toEqual([...two.centroids.data]);
    expect(await dropped.predict(points)).toEqual(dropped.labels);
  });

  test('drop: never an empty one in the end', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const board = uniformBoard(12, { columns: 1, seed });
      const start = uniformBoard(6, { columns: 1, seed: seed + 1000 });
      const { sizes, iterations } = await fit(board, 6, {
        init: start,
        emptyCluster: 'drop',
        maxIter: 1 + (seed % 4),
      });
      expect(Math.min(...sizes)).toBeGreaterThan(0);
      expect(iterations).toBeLessThanOrEqual(1 + (seed % 4));
    }
  });

  test('error: says how many and when', async () => {
    await expect(fit(points, 4, { init, emptyCluster: 'error' })).rejects.toThrow(
      new EmptyClusterError(
        "emptyCluster is 'error'; expected every cluster to keep a point, but 2 of 4 lost all of theirs in iteration 1. Lower k, change seed or init, or use 'relocate'.",
      ),
    );
    await expect(fit(points, 4, { init, emptyCluster: 'error' })).rejects.toMatchObject({
      code: 'empty-cluster',
    });
    const { converged } = await fit(points, 2, { init: init.slice(0, 2), emptyCluster: 'error' });
    expect(converged).toBe(true);
  });

  test('error: also where it loses them only to the last centroids', async () => {
    const given = {
      maxIter: 1,
      init: [
        [3, 8],
        [6, 3],
        [3, 11],
      ],
    };
    const six = [
      [10, 11],
      [11, 9],
      [0, 7],
      [3, 8],
      [4, 11],
      [9, 9],
    ];
    const kept = await fit(six, 3, { ...given, emptyCluster: 'keep' });
    expect(kept.sizes).toContain(0);
    await expect(fit(six, 3, { ...given, emptyCluster: 'error' })).rejects.toThrow(
      new EmptyClusterError(
        "emptyCluster is 'error'; expected every cluster to keep a point, but 1 of 3 lost all of theirs to the centroids of iteration 1. Lower k, change seed or init, or use 'relocate'.",
      ),
    );
    const dropped = await fit(six, 3, { ...given, emptyCluster: 'drop' });
    expect(dropped.sizes).toHaveLength(2);
    expect([dropped.iterations, dropped.stopReason]).toEqual([1, 'maxIter']);
  });

  test('a donor that gives its only point is empty, not divided by nothing', async () => {
    // The first centroid has one point, the farthest of all; two clusters wait for points.
    const result = await fit([[0], [10], [10.5]], 3, { init: [[4], [10.2], [99]], maxIter: 1 });
    expect([...result.centroids.data].every(Number.isFinite)).toBe(true);
    const settled = await fit([[0], [10], [10.5]], 3, { init: [[4], [10.2], [99]] });
    expect(settled.inertia).toBe(0);
  });

  test('rows without weight do not keep a cluster alive', async () => {
    const given = { init: [[0], [9]], weights: [1, 1, 0] };
    const dropped = await fit([[0], [1], [9]], 2, { ...given, emptyCluster: 'drop' });
    expect(dropped.centroids.rows).toBe(1);
    expect([...dropped.labels]).toEqual([0, 0, 0]);
    const relocated = await fit([[0], [1], [9]], 2, given);
    expect(relocated.inertia).toBe(0);
  });
});
