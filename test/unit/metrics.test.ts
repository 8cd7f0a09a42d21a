/**
 * Cosine and Manhattan: small examples by hand, what must hold of any answer (recomputed in plain f64
 * from the points and the result), and every option that an iteration of theirs has to heed.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceLostError } from '../../src/errors.ts';
import {
  blobs,
  BisectingKMeans,
  Codebook,
  EmptyClusterError,
  explain,
  InvalidInputError,
  KMeans,
  kmeans,
  matrix,
  MiniBatchKMeans,
  NotSupportedError,
  uniformBoard,
  type Engine,
  type KMeansOptions,
  type KMeansResult,
} from '../../src/index.ts';
import { cluster } from '../../src/kmeans.ts';
import { judge } from '../../src/options.ts';
import type { Metric } from '../../src/support.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { hardCases, makeSet } from '../lanes/sets.ts';
import { fakeEngine, rungOf } from './fake-engines.ts';

const OTHERS = ['cosine', 'manhattan'] as const;
type Other = (typeof OTHERS)[number];

const fit = (points: number[][], init: number[][], options: KMeansOptions) =>
  kmeans(points, init.length, { init, engine: 'reference', tol: 0, ...options });
const rowsOf = ({ centroids }: KMeansResult) =>
  Array.from({ length: centroids.rows }, (_, j) =>
    Array.from(centroids.data.subarray(j * centroids.columns, (j + 1) * centroids.columns)),
  );

describe('by hand', () => {
  test('Manhattan: medians of the columns, the mean of the two in the middle', async () => {
    const points = [
      [0, 0],
      [1, 5],
      [2, 1],
      [10, 10],
      [14, 10],
      [11, 30],
      [15, 12],
    ];
    const result = await fit(points, [points[0], points[3]], { metric: 'manhattan' });
    expect([...result.labels]).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect(rowsOf(result)).toEqual([
      [1, 1],
      [12.5, 11],
    ]);
    // columns of the first: 1 + 0 + 1 and 1 + 4 + 0; of the second: 2.5 + 1.5 + 1.5 + 2.5, 1 + 1 + 19 + 1
    expect(result.inertia).toBe(2 + 5 + 8 + 22);
    expect(result.stopReason).toBe('labels');
  });

  test('Manhattan: nearest by the sum, where Euclid says another', async () => {
    // (3, 3) is 6 from the origin and 5 from (8, 3); Euclid has 4.24 and 5
    const init = [
      [0, 0],
      [8, 3],
    ];
    const points = [[3, 3], [0, 0], [8, 3]]; // prettier-ignore
    const labels = async (metric: Metric) =>
      [...(await fit(points, init, { metric, maxIter: 1 })).labels][0];
    expect(await labels('manhattan')).toBe(1);
    expect(await labels('euclidean')).toBe(0);
  });

  test('Manhattan: an outlier does not move the centre', async () => {
    const { centroids } = await fit([[0], [1], [2], [1e6], [1]], [[0]], { metric: 'manhattan' });
    expect([...centroids.data]).toEqual([1]);
  });

  test('cosine: by direction, whatever the length', async () => {
    const points = [
      [1, 0],
      [300, 40],
      [300, -40],
      [0, 0.001],
      [1, 7],
      [-2, 14],
    ];
    const result = await fit(points, [points[0], points[3]], { metric: 'cosine' });
    expect([...result.labels]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(rowsOf(result)[0]).toEqual([1, 0]);
    expect(Math.hypot(...rowsOf(result)[1])).toBeCloseTo(1, 7);
    const cosine = 300 / Math.hypot(300, 40);
    const [c] = rowsOf(result).slice(1);
    const second = [[0, 0.001], [1, 7], [-2, 14]].map(
      ([x, y]) => 1 - (x * c[0] + y * c[1]) / Math.hypot(x, y),
    ); // prettier-ignore
    expect(result.inertia).toBeCloseTo(2 * (1 - cosine) + second.reduce((a, b) => a + b), 7);
  });

  test('cosine: a mean of zero keeps its centre', async () => {
    const points = [
      [3, 4],
      [-3, -4],
      [4, -3],
      [-4, 3],
    ];
    const result = await fit(points, [[0, 2]], { metric: 'cosine' });
    expect(rowsOf(result)).toEqual([[0, 1]]);
    expect(result.inertia).toBeCloseTo(4, 6);
    expect(result.history[0].shift).toBe(0);
  });

  test('cosine: near directions keep the digits of their differences', async () => {
    const angles = [0, 1e-4, 2e-4, 3e-4];
    const points = angles.map((a) => [Math.cos(a), Math.sin(a)]);
    const { inertia } = await fit(points, [points[0]], { metric: 'cosine' });
    const wanted = 2 * (1 - Math.cos(1.5e-4) + (1 - Math.cos(0.5e-4)));
    expect(inertia / wanted).toBeCloseTo(1, 2); // 2.5e-8 of 4 rows, whose numbers have 24 bits
  });
});

// ---- any answer --------------------------------------------------------------------------------

/** Distance of a row from a centroid, in f64. */
function distanceOf(metric: Other, row: readonly number[], centroid: readonly number[]): number {
  if (metric === 'manhattan') return row.reduce((sum, x, t) => sum + Math.abs(x - centroid[t]), 0);
  const largest = Math.max(...row.map(Math.abs));
  const scaled = row.map((x) => x / largest);
  const dot = scaled.reduce((sum, x, t) => sum + x * centroid[t], 0);
  return 1 - dot / Math.hypot(...scaled) / Math.hypot(...centroid);
}

/** Points without a zero row, so that they have directions too. */
function hardProblem(problem: Parameters<typeof makeSet>[0], metric: Other) {
  const { points, weights, init } = makeSet(problem);
  const { rows, columns } = points;
  const list = (data: ArrayLike<number>, count: number) =>
    Array.from({ length: count }, (_, i) => [
      ...Array.from({ length: columns }, (_, t) => data[i * columns + t]),
      ...(metric === 'cosine' ? [0.5] : []),
    ]);
  return {
    points: list(points.data, rows),
    init: list(init.data, problem.k),
    weights,
  };
}

describe.each(OTHERS)('%s: what must hold', (metric) => {
  test('inertia never rises, labels are the nearest, the inertia is theirs', async () => {
    await fc.assert(
      fc.asyncProperty(hardCases, async (problem) => {
        const { points, init, weights } = hardProblem(problem, metric);
        const result = await fit(points, init, {
          metric,
          ...(weights ? { weights } : {}),
          emptyCluster: problem.emptyCluster === 'keep' ? 'keep' : 'relocate',
          maxIter: 8,
          margins: true,
        });
        const { history, inertia, labels, secondLabels, margins } = result;
        for (let m = 1; m < history.length; m++)
          expect(history[m].inertia).toBeLessThanOrEqual(history[m - 1].inertia);
        expect(inertia).toBeLessThanOrEqual(history.at(-1)!.inertia);
        const centroids = rowsOf(result);
        const range =
          metric === 'cosine'
            ? 1
            : points.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 1e-37) *
              points[0].length;
        let cost = 0;
        points.forEach((row, i) => {
          const own = distanceOf(metric, row, centroids[labels[i]]);
          const best = Math.min(...centroids.map((c) => distanceOf(metric, row, c)));
          expect(own).toBeLessThanOrEqual(best + range * 1e-6);
          const others = centroids.filter((_, j) => j !== labels[i]);
          const second = Math.min(...others.map((c) => distanceOf(metric, row, c)));
          if (others.length === 0) expect(margins![i]).toBe(Infinity);
          else {
            expect(secondLabels![i]).not.toBe(labels[i]);
            expect(distanceOf(metric, row, centroids[secondLabels![i]])).toBeLessThanOrEqual(
              second + range * 1e-6,
            );
            expect(Math.abs(margins![i] - (second - own))).toBeLessThanOrEqual(range * 1e-6);
          }
          cost += (weights ? weights[i] : 1) * own;
        });
        const weight = weights ? weights.reduce((a, b) => a + b) : points.length;
        expect(Math.abs(inertia - cost)).toBeLessThanOrEqual(weight * range * 1e-6);
      }),
      { numRuns: 150 },
    );
  });

  test('whole weights: as many equal rows, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        hardCases.filter(({ rows }) => rows <= 140),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 140, maxLength: 140 }),
        async (problem, counts) => {
          const { points, init } = hardProblem(problem, metric);
          const same = { metric, emptyCluster: 'keep', maxIter: 8 } as const;
          const one = await fit(points, init, {
            ...same,
            weights: points.map((_, i) => counts[i]),
          });
          const other = await fit(
            points.flatMap((row, i) => new Array<number[]>(counts[i]).fill(row)),
            init,
            same,
          );
          expect(rowsOf(other)).toEqual(rowsOf(one));
          expect(other.inertia).toBe(one.inertia);
          expect(other.history.map((h) => [h.shift, h.inertia])).toEqual(
            one.history.map((h) => [h.shift, h.inertia]),
          );
          expect([...other.labels]).toEqual(
            points.flatMap((_, i) => new Array<number>(counts[i]).fill(one.labels[i])),
          );
        },
      ),
      { numRuns: 80 },
    );
  });

  test('restarts: the best of them, each as by itself', async () => {
    const points = uniformBoard(400, { columns: 3, seed: 8 });
    const options = { metric, init: 'random', maxIter: 3, engine: 'reference' } as const;
    const costs = [];
    for (const nInit of [1, 2, 3, 6])
      costs.push((await kmeans(points, 9, { ...options, nInit })).inertia);
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    expect(costs[3]).toBeLessThan(costs[0]);
  });

  test('a restart from where the run before it stopped goes on as one by itself', async () => {
    const { data } = uniformBoard(400, { columns: 3, seed: 8 });
    // small whole numbers: centroids come back, and go in again, as they are
    const points = matrix(
      data.map((x) => Math.round(20 * x) + 30),
      3,
    );
    const options = { metric, maxIter: 1, engine: 'reference' } as const;
    const start = matrix(points.data.slice(0, 27), 3);
    const end = (await kmeans(points, 9, { ...options, init: start })).centroids;
    const starts = [start, end];
    const again = await kmeans(points, 9, { ...options, nInit: 2, init: () => starts.shift()! });
    const alone = await kmeans(points, 9, { ...options, init: end });
    expect(again.hash).toBe(alone.hash);
    expect(again.history).toEqual(alone.history);
  });

  test('other rows get the nearest centroid, and those of the fit their labels', async () => {
    const points = blobs(300, 5, { columns: 4, deviation: 0.4, seed: 3 });
    for (const engine of ['reference', 'wasm'] as const) {
      const result = await kmeans(points, 5, { metric, engine });
      expect(await result.predict(points)).toEqual(result.labels);
      const centroids = rowsOf(result);
      const others = uniformBoard(200, { columns: 4, seed: 4 });
      const rows = Array.from({ length: 200 }, (_, i) =>
        Array.from(others.data.subarray(4 * i, 4 * i + 4), (x) => x * 10 ** ((i % 40) - 10)),
      );
      const labels = await result.predict(rows);
      rows.forEach((row, i) => {
        const own = distanceOf(metric, row, centroids[labels[i]]);
        const best = Math.min(...centroids.map((c) => distanceOf(metric, row, c)));
        expect(own).toBeLessThanOrEqual(best * (1 + 1e-6) + 1e-6);
      });
    }
  });
});

test('margins are in the units of the metric', async () => {
  // 3 + 4 from one and 1 + 0 from the other; whitened by deviations of 2 and 4
  const points = [[1, 1], [3, 9], [1, 9], [3, 1]]; // prettier-ignore
  const options = {
    emptyCluster: 'keep',
    maxIter: 1,
    margins: true,
    weights: [1, 1, 0, 0],
  } as const;
  const init = points.slice(0, 2);
  const plain = await fit(points, init, { ...options, metric: 'manhattan' });
  expect([...plain.margins!]).toEqual([10, 10, 6, 6]);
  expect([...plain.secondLabels!]).toEqual([1, 0, 0, 1]);
  const whitened = await fit(points, init, { ...options, metric: 'manhattan', whiten: true });
  expect([...whitened.margins!]).toEqual([4, 4, 0, 0]);
  // at right angles, and 45° between: of any length
  const angles = await fit([[5, 0], [0, 0.1], [7, 7]], [[5, 0], [0, 1]], { ...options, weights: [1, 1, 0], metric: 'cosine' }); // prettier-ignore
  expect([...angles.margins!]).toEqual([1, 1, 0]);
});

describe.each(OTHERS)('%s: breathing', (metric) => {
  const board = blobs(1200, 24, { columns: 2, deviation: 0.03, seed: 5 });
  const options = { metric, init: 'random', engine: 'reference' } as const;

  test('is never worse, mostly better, and the same every time', async () => {
    let better = 0;
    for (const seed of [1, 2, 3]) {
      const plain = await kmeans(board, 24, { ...options, seed });
      const refined = await kmeans(board, 24, { ...options, seed, refine: 'breathing' });
      expect(refined.inertia).toBeLessThanOrEqual(plain.inertia);
      if (refined.inertia < plain.inertia * 0.99) better++;
      expect(refined.history.slice(0, plain.iterations)).toEqual(plain.history);
      expect(await refined.predict(board)).toEqual(refined.labels);
      if (seed > 1) continue;
      const again = await kmeans(board, 24, {
        ...options,
        ...{ seed, refine: 'breathing', engine: 'wasm' },
      });
      expect([again.hash, again.history]).toEqual([refined.hash, refined.history]);
    }
    expect(better).toBeGreaterThan(1);
  });

  test.each(['relocate', 'keep', 'drop'] as const)(
    '%s: few different rows',
    async (emptyCluster) => {
      const points = Array.from({ length: 60 }, (_, i) => [1 + (i % 4), 1 + (i % 3)]);
      const weights = points.map((_, i) => i % 5);
      const given = { ...options, emptyCluster, weights } as const;
      const plain = await kmeans(points, 10, given);
      const refined = await kmeans(points, 10, { ...given, refine: 'breathing' });
      expect(refined.inertia).toBeLessThanOrEqual(plain.inertia);
    },
  );
});

test('cosine: rows of any length are the same rows', async () => {
  const { data } = blobs(300, 4, { columns: 3, seed: 6 });
  const scaled = data.map((x, at) => x * 2 ** ((Math.floor(at / 3) % 41) - 20));
  const options = { metric: 'cosine', engine: 'reference' } as const;
  const one = await kmeans(matrix(data, 3), 4, options);
  expect((await kmeans(matrix(scaled, 3), 4, options)).hash).toBe(one.hash);
});

test('Manhattan: whitened columns, centroids back in their own units', async () => {
  const points = [[0, 0], [2, 1e6], [4, 3e6], [100, 0], [102, 1e6], [107, 2e6]]; // prettier-ignore
  const result = await fit(points, [points[0], points[3]], { metric: 'manhattan', whiten: true });
  expect([...result.labels]).toEqual([0, 0, 0, 1, 1, 1]);
  expect(rowsOf(result)[0][0]).toBeCloseTo(2, 4);
  expect(rowsOf(result)[1][1] / 1e6).toBeCloseTo(1, 5);
});

// ---- every engine ------------------------------------------------------------------------------

describe('the wasm engine gives the bits of the reference', () => {
  let inline: Engine;
  let workers: Engine;
  beforeAll(async () => {
    inline = await openWasm({ threads: 1 });
    workers = await openWasm({ workers: 3 });
  });
  afterAll(async () => {
    await inline.dispose();
    await workers.dispose();
  });

  test.each(OTHERS)('%s, on sets that are hard on shortcuts', async (metric) => {
    await fc.assert(
      fc.asyncProperty(hardCases, async (problem) => {
        const { points, init, weights } = hardProblem(problem, metric);
        const emptyCluster =
          problem.emptyCluster === 'stop' ? ('drop' as const) : problem.emptyCluster;
        const given = { metric, emptyCluster, maxIter: 6, margins: true };
        const options = { ...given, ...(weights ? { weights } : {}) };
        const wanted = await fit(points, init, options);
        for (const engine of problem.seed % 5 ? [inline] : [inline, workers]) {
          const found = await fit(points, init, { ...options, engine });
          for (const key of ['hash', 'history', 'inertia', 'secondLabels', 'margins'] as const)
            expect(found[key]).toEqual(wanted[key]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('gaps of a single step of the grid, where float32 sees none', async () => {
    const board = uniformBoard(2000, { columns: 3, seed: 9 });
    const init = Array.from({ length: 24 }, (_, j) =>
      [0, 1, 2].map((t) => 2 ** -6 + (((j * 3 + t) * 5) % 16) * 2 ** -29),
    );
    const options = { init, metric: 'manhattan', maxIter: 1, emptyCluster: 'keep' } as const;
    const wanted = await kmeans(board, 24, { ...options, engine: 'reference' });
    for (const engine of [inline, workers])
      expect((await kmeans(board, 24, { ...options, engine })).hash).toBe(wanted.hash);
  });

  test('lanes that have served one metric serve the other', async () => {
    const points = blobs(900, 6, { columns: 40, seed: 1 }); // wide rows, few centroids
    for (const metric of ['manhattan', 'euclidean', 'cosine', 'manhattan', 'euclidean'] as const) {
      const wanted = await kmeans(points, 6, { metric, engine: 'reference' });
      expect((await kmeans(points, 6, { metric, engine: inline })).hash).toBe(wanted.hash);
    }
  });
});

// ---- options -----------------------------------------------------------------------------------

describe.each(OTHERS)('%s: options', (metric) => {
  const board = uniformBoard(500, { columns: 2, seed: 3 });
  const options = { metric, tol: 0, engine: 'reference' } as const;
  /** Two among the points, and four that no point is near to. */
  const crowded = [[2, 2], [2, 2.5], ...Array<number[]>(4).fill([-9, -9.5])]; // prettier-ignore
  const aside = matrix(board.data.map((x) => x + 2), 2); // prettier-ignore

  test('a callback that is awaited sees every iteration, reads, and changes nothing', async () => {
    const wanted = await kmeans(board, 7, options);
    const seen: number[] = [];
    const costs: number[] = [];
    const result = await kmeans(board, 7, {
      ...options,
      onProgress: async ({ phase, iteration, inertia, read }) => {
        if (phase !== 'iterate') return;
        const { centroids, labels } = await read();
        expect([centroids.rows, labels.length]).toEqual([7, 500]);
        seen.push(iteration);
        if (iteration > 0) costs.push(inertia);
        labels.fill(3); // the caller's own
        centroids.data.fill(9);
      },
    });
    expect(seen).toEqual([0, ...result.history.map((record) => record.iteration)]);
    expect(costs).toEqual(result.history.map((record) => record.inertia));
    expect([result.hash, result.history]).toEqual([wanted.hash, wanted.history]);
  });

  test('maxIter and tol', async () => {
    const full = await kmeans(board, 7, options);
    const two = await kmeans(board, 7, { ...options, maxIter: 2 });
    expect(two.history).toEqual(full.history.slice(0, 2));
    expect([two.stopReason, two.converged]).toEqual(['maxIter', false]);
    expect(full.stopReason).toBe('labels');
    expect(full.history.at(-1)).toMatchObject({ moved: 0, shift: 0 });
    const loose = await kmeans(board, 7, { ...options, tol: 0.05 });
    expect(loose.stopReason).toBe('tol');
    expect(loose.history).toEqual(full.history.slice(0, loose.iterations));
  });

  test('abort', async () => {
    const reason = new Error('enough');
    await expect(kmeans(board, 7, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    for (const engine of ['reference', 'wasm'] as const) {
      const stop = new AbortController();
      let last = 0;
      const run = kmeans(board, 7, {
        ...options,
        engine,
        signal: stop.signal,
        onProgress: async ({ iteration }) => {
          last = iteration;
          if (iteration === 2) stop.abort(reason);
        },
      });
      await expect(run).rejects.toBe(reason);
      expect(last).toBe(2);
    }
  });

  test('a cluster that lost its points', async () => {
    const run = (emptyCluster: NonNullable<KMeansOptions['emptyCluster']>) =>
      kmeans(aside, 6, { ...options, init: crowded, emptyCluster });
    expect((await run('relocate')).sizes.every((size) => size > 0)).toBe(true);
    const kept = await run('keep');
    expect([...kept.sizes].filter((size) => size === 0)).toHaveLength(4);
    const dropped = await run('drop');
    expect(dropped.centroids.rows).toBe(2);
    expect(dropped.inertia).toBe(kept.inertia);
    await expect(run('error')).rejects.toThrow(EmptyClusterError);
  });

  test('the farthest row by the metric takes the empty place', async () => {
    // by Euclid it is (9.5, 1), 8.5 away and not 7.1; by Manhattan (6, 6), 10 away and not 8.5
    const points = [[1, 1], [1, 1.01], [1.01, 1], [6, 6], [9.5, 1]]; // prettier-ignore
    const init = [points[0], points[0]];
    const { centroids } = await kmeans(points, 2, { ...options, init, maxIter: 1 });
    const wanted = metric === 'manhattan' ? [6, 6] : [9.5, 1].map((x) => x / Math.hypot(9.5, 1));
    centroids.data.slice(2).forEach((x, t) => expect(x).toBeCloseTo(wanted[t], 6));
  });

  test('every way to start', async () => {
    for (const init of ['auto', 'k-means++', 'k-means||', 'random'] as const) {
      const { hash, converged } = await kmeans(board, 5, { ...options, init });
      expect(converged).toBe(true);
      expect((await kmeans(board, 5, { ...options, init })).hash).toBe(hash);
    }
    const given = matrix(board.data.slice(0, 10), 2);
    const one = await kmeans(board, 5, { ...options, init: given });
    const other = await kmeans(board, 5, { ...options, init: async () => given });
    expect(other.hash).toBe(one.hash);
  });

  test('an engine that fails gives way to the next, at any moment', async () => {
    const settings = judge(board, 7, { ...options, engine: 'auto' });
    const wanted = (await cluster(settings, [rungOf(fakeEngine())])).result;
    for (const verb of ['open', 'place', 'read'] as const)
      for (const nth of [1, 2, 5]) {
        const lost = fakeEngine((v, n) => {
          if (v === verb && n >= nth) throw new DeviceLostError('the device is gone');
        });
        const { result } = await cluster(settings, [
          rungOf(lost),
          rungOf(fakeEngine(undefined, { name: 'wasm', hardware: false })),
        ]);
        expect([result.hash, result.history]).toEqual([wanted.hash, wanted.history]);
        expect(result.engine).toBe(verb === 'open' && nth > 1 ? 'webgpu' : 'wasm');
        expect(lost.open_).toBe(0);
      }
  });

  test('neither points, weights nor first centroids are written to', async () => {
    const points = board.data.slice();
    const init = points.slice(0, 8);
    const weights = Float64Array.from({ length: 500 }, (_, i) => i);
    const before = [points.slice(), init.slice(), weights.slice()];
    await kmeans(matrix(points, 2), 4, { ...options, init: matrix(init, 2), weights });
    expect([points, init, weights]).toEqual(before);
  });
});

describe('refused', () => {
  const points = [
    [1, 2],
    [3, 4],
    [0, 0],
  ];

  test('a zero vector under cosine, with its row, before any engine is opened', async () => {
    const engine = fakeEngine();
    const options = { metric: 'cosine', engine } as const;
    const error = await kmeans(points, 2, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as Error).message).toBe(
      'points[2] is a zero vector under cosine; expected a row with a direction. ' +
        "Drop the row, or use metric: 'euclidean'.",
    );
    await expect(kmeans([[1, NaN]], 1, options)).rejects.toThrow('points[0][1] is NaN');
    await expect(kmeans(points.slice(0, 2), 1, { ...options, init: [[0, 0]] })).rejects.toThrow(
      'init[0] is a zero vector under cosine',
    );
    expect(engine.calls).toEqual([]);
    const { predict } = await kmeans(points.slice(0, 2), 2, { metric: 'cosine' });
    await expect(predict(points)).rejects.toThrow('points[2] is a zero vector under cosine');
  });

  test.each<[KMeansOptions, string]>([
    [
      { metric: 'cosine', whiten: true },
      "whiten is true; expected metric 'euclidean' or 'manhattan' with it, not 'cosine'. " +
        'Divide the columns by their standard deviations yourself.',
    ],
    [
      { metric: 'manhattan', algorithm: 'filtered' },
      "algorithm is 'filtered'; expected metric 'euclidean' or 'cosine' with it, not 'manhattan'. " +
        "Use 'auto' or 'lloyd': the result is the same.",
    ],
  ])('%o', async (options, message) => {
    await expect(kmeans(points, 2, options)).rejects.toThrow(new NotSupportedError(message));
  });

  test('where only means are at home', async () => {
    const metric = 'manhattan';
    const refused =
      /^metric is 'manhattan'; expected a call of kmeans with it, not \w+. Call kmeans, or leave it out.$/;
    for (const attempt of [
      () => new KMeans({ k: 2, metric }).fit(points),
      () => new MiniBatchKMeans({ k: 2, metric }).fit(points),
      () => new MiniBatchKMeans({ k: 2, metric }).partialFit(points),
      () => new BisectingKMeans({ k: 2, metric }).fit(points),
      () => Codebook.train(points, 2, { metric }),
    ])
      await expect(attempt()).rejects.toThrow(refused);
  });
});

test('explain tells the algorithm that will run', async () => {
  const points = uniformBoard(5000, { columns: 2 });
  const algorithm = async (metric: Metric) =>
    (await explain(points, 9, { metric, engine: 'wasm' })).algorithm;
  expect(await algorithm('manhattan')).toBe('lloyd');
  expect(await algorithm('cosine')).toBe('filtered');
});
