/** Breathing: what it finds, what it never loses, and that nothing but the result tells of it. */
import { describe, expect, test } from 'vitest';
import { gridBoard } from '../../bench/grid-board.ts';
import { DeviceLostError } from '../../src/errors.ts';
import { inertia, layOnGrid } from '../../src/grid.ts';
import {
  blobs,
  centroidIndex,
  kmeans,
  uniformBoard,
  type KMeansOptions,
  type Matrix,
  type Progress,
} from '../../src/index.ts';
import { inMemory } from '../../src/laid-points.ts';
import { breathe, mostCentroids, type Solution } from '../../src/refine.ts';
import { Run } from '../../src/run.ts';
import { fakeEngine, rungOf, type Verb } from './fake-engines.ts';

const breathing = (points: Matrix, k: number, options: KMeansOptions = {}) =>
  kmeans(points, k, { engine: 'reference', refine: 'breathing', ...options });

describe('known clusters', () => {
  test.each([
    [5, 40, 0.15],
    [7, 40, 0.15],
    [10, 40, 0.15],
    [10, 40, 0.2],
  ])('%i × %i places: none is missed, on any seed', async (side, each, deviation) => {
    const { points, centres, k } = gridBoard(side, each, deviation);
    const inertias: number[] = [];
    for (let seed = 0; seed < 10; seed++) {
      const { centroids, inertia } = await breathing(points, k, { seed, engine: 'wasm' });
      expect([seed, centroidIndex(centroids, centres)]).toEqual([seed, 0]);
      inertias.push(inertia);
    }
    expect(Math.max(...inertias) / Math.min(...inertias)).toBeLessThan(1.0005);
  });

  test('ten restarts do miss some of them', async () => {
    const { points, centres, k } = gridBoard(10, 40, 0.2);
    let missed = 0;
    for (let seed = 0; seed < 4; seed++) {
      const { centroids } = await kmeans(points, k, { seed, engine: 'wasm', nInit: 10 });
      missed += centroidIndex(centroids, centres);
    }
    expect(missed).toBeGreaterThan(0);
  });
});

describe('the result', () => {
  const points = uniformBoard(400, { columns: 3, seed: 2 });
  test.each<[string, number, KMeansOptions]>([
    ['as it is', 12, {}],
    ['to the end', 12, { tol: 0 }],
    ['cut off', 12, { maxIter: 2 }],
    ['restarts', 9, { nInit: 3, init: 'random' }],
    ['whitened', 9, { whiten: true }],
    ['weights', 9, { weights: Array.from({ length: 400 }, (_, i) => (i % 3) * 0.7) }],
    ['few rows weigh', 9, { weights: Array.from({ length: 400 }, (_, i) => (i % 40 ? 0 : 1)) }],
    ['keep', 60, { emptyCluster: 'keep', init: 'random' }],
    ['drop', 60, { emptyCluster: 'drop', init: 'random' }],
    ['error', 60, { emptyCluster: 'error' }],
    ['k = 1', 1, {}],
    ['k = 2', 2, {}],
    ['k = n − 1', 399, {}],
    ['k = n', 400, {}],
  ])('is a k-means result, and no worse: %s', async (_, k, options) => {
    const plain = await kmeans(points, k, { engine: 'reference', ...options });
    const result = await breathing(points, k, options);
    expect(result.inertia).toBeLessThanOrEqual(plain.inertia);
    expect(result.centroids.rows).toBeLessThanOrEqual(k);
    if (options.emptyCluster !== 'drop') expect(result.centroids.rows).toBe(k);
    expect(result.sizes.reduce((a, b) => a + b)).toBe(400);
    expect(await result.predict(points)).toEqual(result.labels);
    expect(result.history.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: result.iterations }, (_, i) => i + 1),
    );
    // A run from its centroids finds nothing to move, but for what tol and maxIter left.
    if (options.tol === 0) {
      const again = await kmeans(points, k, {
        ...options,
        engine: 'reference',
        init: result.centroids,
      });
      expect(again.inertia).toBeLessThanOrEqual(result.inertia * (1 + 1e-6));
      expect(again.inertia).toBeGreaterThanOrEqual(result.inertia * (1 - 1e-6));
    }
    if (k === 12 && options.maxIter === undefined)
      expect(result.inertia).toBeLessThan(plain.inertia);
  });

  test('of rows that are all the same', async () => {
    const same = { data: new Float32Array(200).fill(3), rows: 100, columns: 2 };
    expect((await breathing(same, 4)).inertia).toBe(0);
  });

  test('depends on seed and points only', async () => {
    const board = blobs(900, 20, { deviation: 0.1, seed: 4 });
    const results = await Promise.all(
      [0, 1].flatMap(() => [3, 4].map((seed) => breathing(board, 20, { seed, init: 'random' }))),
    );
    expect(results[2].hash).toBe(results[0].hash);
    expect(results[2].history).toEqual(results[0].history);
    expect(results[1].hash).not.toBe(results[0].hash);
  });

  test('is that of the best restart, refined', async () => {
    const options = { init: 'random', nInit: 4, seed: 6 } as const;
    const board = blobs(900, 20, { deviation: 0.1, seed: 4 });
    const { history } = await kmeans(board, 20, { ...options, engine: 'reference' });
    const refined = await breathing(board, 20, options);
    expect(refined.history.slice(0, history.length)).toEqual(history);
    expect(refined.history.length).toBeGreaterThan(history.length);
  });
});

describe('on the way', () => {
  const points = uniformBoard(500, { seed: 8 });

  test.each([true, false])('a phase of its own; every iteration looked at: %s', async (awaited) => {
    const seen: Progress[] = [];
    const { seconds, hash } = await breathing(points, 9, {
      onProgress: (progress) => {
        seen.push(progress);
        return awaited ? Promise.resolve() : undefined;
      },
    });
    expect(seen.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1])).toEqual([
      'seed',
      'open',
      'seed',
      'iterate',
      'read',
      'refine',
      'read',
    ]);
    let before = 0;
    for (const { fraction, secondsLeft } of seen) {
      expect(fraction).toBeGreaterThanOrEqual(before);
      expect(secondsLeft >= 0 || Number.isNaN(secondsLeft)).toBe(true);
      before = fraction;
    }
    expect(before).toBe(1);
    const shares = seen.filter(({ phase }) => phase === 'refine').map(({ fraction }) => fraction);
    expect(shares[0]).toBe(0.5);
    expect(new Set(shares).size).toBe(5);
    expect(Object.keys(seconds).sort()).toEqual(['iterate', 'open', 'read', 'seed']);
    expect(hash).toBe((await breathing(points, 9)).hash);
  });

  test('a look has the centroids of the moment, at most five more than k', async () => {
    const counts = new Set<number>();
    await breathing(points, 9, {
      onProgress: async ({ phase, read }) => {
        if (phase !== 'refine') return;
        const { centroids, labels } = await read();
        counts.add(centroids.rows);
        expect(Math.max(...labels)).toBeLessThan(centroids.rows);
      },
    });
    expect([...counts].sort((a, b) => a - b)).toEqual([9, 10, 11, 12, 13, 14]);
  });

  test('it can be aborted', async () => {
    const engine = fakeEngine();
    const controller = new AbortController();
    await expect(
      breathing(points, 9, {
        engine,
        signal: controller.signal,
        onProgress: ({ phase, fraction }) => {
          if (phase === 'refine' && fraction > 0.6) controller.abort('enough');
        },
      }),
    ).rejects.toBe('enough');
    expect(engine.open_).toBe(0);
  });
});

describe('engines that fail in the search', () => {
  const K = 6;
  const points = inMemory(layOnGrid(uniformBoard(200, { seed: 3 })));
  const { grid } = points;

  /** The search on a run over these engines. */
  async function search(...engines: ReturnType<typeof fakeEngine>[]): Promise<Solution> {
    const run = new Run(
      engines.map((engine) => rungOf(engine)),
      {
        points,
        k: mostCentroids(grid.rows, K),
        shiftLimit: 0n,
        emptyCluster: 'relocate',
        algorithm: 'auto',
      },
    );
    await run.open();
    const lloyd = async (centroids: Float32Array): Promise<Solution> => {
      await run.place(centroids);
      const status = await run.iterate({
        maxIter: 20,
        signal: undefined,
        onBatch: () => {},
        everyIteration: true,
      });
      const clustering = await run.read();
      const { sums, counts } = clustering;
      return { status, clustering, inertia: inertia(grid, clustering.centroids, sums, counts) };
    };
    try {
      const start = await lloyd((await points.values()).slice(0, grid.columns * K));
      return await breathe(points, K, start, {
        ...{ seed: 1, distance: 'euclidean', lloyd },
        pause: () => undefined,
      });
    } finally {
      await run.dispose();
    }
  }

  test('give way to the next, and the result does not tell', async () => {
    const whole = fakeEngine();
    const { status, clustering, inertia } = await search(whole);
    for (const verb of ['place', 'step', 'read'] as const satisfies Verb[]) {
      const calls = whole.calls.filter((call) => call === verb).length;
      expect(calls).toBeGreaterThan(8);
      for (let at = 2; at <= calls; at += 5) {
        const failing = fakeEngine((v, nth) => {
          if (v === verb && nth === at) throw new DeviceLostError('gone');
        });
        const other = await search(failing, fakeEngine());
        expect(other.inertia).toBe(inertia);
        expect(other.status.iteration).toBe(status.iteration);
        expect(other.clustering.labels).toEqual(clustering.labels);
        expect(other.clustering.history).toEqual(clustering.history);
        expect(failing.open_).toBe(0);
      }
    }
  });
});
