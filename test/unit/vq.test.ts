/** `centroids/vq`: SciPy's rules beyond its examples, quirks, errors, and code books that lie anywhere. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { blobs, EmptyClusterError, InvalidInputError, uniformBoard } from '../../src/index.ts';
import { kmeans, kmeans2, vq, whiten, type DoubleMatrix } from '../../src/vq/index.ts';
import { pcg32 } from '../../src/rng.ts';
import { gaussianStart } from '../../src/vq/starts.ts';
import { fakeEngine } from './fake-engines.ts';

afterEach(() => vi.restoreAllMocks());

const points = blobs(3000, 5, { columns: 3, seed: 2, deviation: 0.2 });
const rowsOf = ({ data, columns }: Pick<DoubleMatrix, 'data' | 'columns'>) =>
  Array.from({ length: data.length / columns }, (_, j) => [
    ...data.subarray(j * columns, (j + 1) * columns),
  ]);
const mean = (values: Float64Array) => values.reduce((a, b) => a + b) / values.length;

/** The nearest code in plain float64. */
function nearest(point: ArrayLike<number>, book: number[][]): number {
  const distances = book.map((code) => Math.hypot(...code.map((c, t) => c - point[t])));
  return distances.indexOf(Math.min(...distances));
}

describe('one column of plain numbers', () => {
  test.each([[[0, 1, 5, 9]], [Float32Array.of(0, 1, 5, 9)], [Uint8Array.of(0, 1, 5, 9)]])(
    '%o',
    async (obs) => {
      expect(await vq(obs, [1, 8])).toEqual({
        code: Uint32Array.of(0, 0, 1, 1),
        dist: Float64Array.of(1, 0, 3, 1),
      });
      const { codebook } = await kmeans(obs, [0, 9]);
      expect(codebook).toEqual({ data: Float64Array.of(0.5, 7), rows: 2, columns: 1 });
      expect(whiten([1, 3]).data).toEqual(Float64Array.of(1, 3));
    },
  );
});

describe('whiten', () => {
  test('leaves a constant column as it is, with a warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    // 0.1 three times over has no mean that is a double
    const { data } = whiten([[0.1, 1], [0.1, 2], [0.1, 3]]); // prettier-ignore
    expect([data[0], data[2], data[4]]).toEqual([0.1, 0.1, 0.1]);
    expect(data[5] - data[1]).toBeCloseTo(2 / Math.sqrt(2 / 3), 12);
    expect(warn.mock.calls).toEqual([
      ['columns 0 have standard deviation zero: their values stay.'],
    ]);
  });

  test('checkFinite: refuses, or lets through', () => {
    const bad = [[1, NaN], [2, 2]]; // prettier-ignore
    expect(() => whiten(bad)).toThrow(/^obs\[0\]\[1\] is NaN; expected a finite number/);
    const { data } = whiten(bad, { checkFinite: false });
    expect([...data]).toEqual([2, NaN, 4, NaN]);
  });
});

describe('vq', () => {
  test('far code books: those that cannot win are left out, and all can be far', async () => {
    const books = [
      [[0, 0, 0], [1e9, 0, 0], [0.5, 0.5, 0.5], [-1e30, 1, 1]],
      [[100, 5, 0], [100, 0, 0], [100, -5, 0], [3000, 0, 0]],
      [[1e6, 0, 0], [1e5, 0, 0], [2e6, 0, 0]],
    ]; // prettier-ignore
    const cloud = rowsOf({ data: Float64Array.from(points.data), columns: 3 });
    for (const book of books)
      for (const engine of ['reference', 'wasm'] as const) {
        const { code, dist } = await vq(cloud, book, { engine });
        expect([...code]).toEqual(cloud.map((point) => nearest(point, book)));
        expect(dist[7]).toBeCloseTo(Math.hypot(...book[code[7]].map((c, t) => c - cloud[7][t])), 9);
      }
  });

  test('more codes than observations; ties to the lowest', async () => {
    const { code } = await vq([[0], [10]], [[4], [-1], [1], [10], [10]]);
    expect([...code]).toEqual([1, 3]);
  });
});

describe('kmeans', () => {
  test('drops codes without members', async () => {
    const { codebook, distortion } = await kmeans(
      [[0], [1], [10], [11]],
      [[0], [500], [10], [-90]],
    );
    expect([...codebook.data]).toEqual([0.5, 10.5]);
    expect(distortion).toBe(0.5);
  });

  test('the distortion is the mean distance to the code book returned', async () => {
    for (const thresh of [0.1, 1e-5, 0]) {
      const { codebook, distortion } = await kmeans(points, 5, { iter: 2, thresh });
      expect(mean((await vq(points, codebook)).dist)).toBe(distortion);
    }
  });

  test('iter counts restarts: more are never worse, a given book runs once', async () => {
    const distortions = [];
    for (const iter of [1, 3, 9]) distortions.push((await kmeans(points, 8, { iter })).distortion);
    expect([...distortions].sort((a, b) => b - a)).toEqual(distortions);
    expect(distortions[2]).toBeLessThan(distortions[0]);
    const engine = fakeEngine();
    await kmeans(points, [[0, 0, 0], [1, 1, 1]], { engine, iter: 9, thresh: 1e3 }); // prettier-ignore
    expect(engine.calls.filter((call) => call === 'assign')).toHaveLength(3);
  });

  test('thresh: 0 goes on to the end, a larger one stops before', async () => {
    const start = uniformBoard(8, { columns: 3 });
    const exact = await kmeans(points, start, { thresh: 0 });
    const rough = await kmeans(points, start, { thresh: 0.05 });
    expect(rough.distortion).toBeGreaterThan(exact.distortion);
    // at the end: every code is the mean of its members
    const { code } = await vq(points, exact.codebook);
    const again = await kmeans2(points, exact.codebook, { iter: 1 });
    expect(again).toEqual({ centroid: exact.codebook, label: code });
  });

  test('the same seed, the same bits, on every engine', async () => {
    const run = (seed: number, engine: 'reference' | 'wasm') =>
      kmeans(points, 6, { seed, engine, iter: 3 });
    const first = await run(4, 'reference');
    expect(await run(4, 'wasm')).toEqual(first);
    expect(await run(5, 'wasm')).not.toEqual(first);
  });
});

describe('kmeans2', () => {
  test('the label is that of the code book before', async () => {
    const { centroid, label } = await kmeans2([[0], [4], [6], [20]], [[0], [7]], { iter: 1 });
    expect([...label]).toEqual([0, 1, 1, 1]); // 4 is nearer to 7 than to 0 …
    expect([...centroid.data]).toEqual([0, 10]); // … but nearer to 0 than to 10
  });

  test('runs all of its iterations', async () => {
    let book: DoubleMatrix | number[][] = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]; // prettier-ignore
    const whole = await kmeans2(points, book, { iter: 4 });
    let step;
    for (let i = 0; i < 4; i++) {
      step = await kmeans2(points, book, { iter: 1 });
      book = step.centroid;
    }
    expect(step).toEqual(whole);
  });

  test('a missing cluster keeps its centre, to the bit, and is warned of once', async () => {
    const warnings: string[] = [];
    const obs = [[0], [1], [10], [11]];
    const { centroid } = await kmeans2(obs, [[0], [12345.678], [9]], {
      onWarning: (message) => warnings.push(message),
    });
    expect([...centroid.data]).toEqual([0.5, 12345.678, 10.5]);
    expect(warnings).toEqual([
      '1 of 3 clusters have no members in iteration 1 and keep their centres. ' +
        "Try another seed, or minit: '++'.",
    ]);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await kmeans2(obs, [[0], [1e9], [9]]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test("missing: 'raise'", async () => {
    const error = await kmeans2([[0], [1]], [[0], [5]], { missing: 'raise' }).catch(
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(EmptyClusterError);
    expect((error as Error).message).toBe(
      "missing is 'raise'; expected every cluster to have a member, but 1 of 2 have none in " +
        "iteration 1. Try another seed or minit: '++', or use 'warn'.",
    );
  });

  test.each(['random', 'points', '++'] as const)('minit %s: seeded', async (minit) => {
    const run = (seed: number) => kmeans2(points, 5, { minit, seed, iter: 2, onWarning: () => {} });
    const first = await run(1);
    expect(first.centroid).toMatchObject({ rows: 5, columns: 3 });
    expect(await run(1)).toEqual(first);
    expect((await run(2)).centroid).not.toEqual(first.centroid);
  });

  test("minit: 'points' and '++' start from different observations", async () => {
    // as many clusters as there are: every one of them has to be taken
    const obs = [[0], [1], [5], [20], [21]];
    for (const minit of ['points', '++'] as const) {
      const { centroid } = await kmeans2(obs, 5, { minit, iter: 1, missing: 'raise' });
      expect([...centroid.data].sort((a, b) => a - b)).toEqual([0, 1, 5, 20, 21]);
    }
  });

  test("minit: 'random' may ask for more clusters than observations", async () => {
    const { centroid } = await kmeans2([[0], [1]], 7, { onWarning: () => {} });
    expect(centroid.rows).toBe(7);
  });

  test('a fraction of k is cut off, with a warning', async () => {
    const warnings: string[] = [];
    const { centroid } = await kmeans2(points, 2.7, {
      minit: '++',
      onWarning: (message) => warnings.push(message),
    });
    expect(centroid.rows).toBe(2);
    expect(warnings).toEqual(['k is 2.7, no whole number: 2 is used.']);
  });
});

describe("the Gaussian of minit: 'random'", () => {
  const momentsOf = (rows: number[][]) => {
    const n = rows.length;
    const d = rows[0].length;
    const mean = Array.from({ length: d }, (_, t) => rows.reduce((a, r) => a + r[t], 0) / n);
    const covariance = mean.map((m, s) =>
      mean.map((o, t) => rows.reduce((a, r) => a + (r[s] - m) * (r[t] - o), 0) / (n - 1)),
    );
    return [mean, ...covariance].flat();
  };
  const obs = [[0, 1, 7], [2, 3, 7], [4, 9, 7], [1, 0, 7], [8, 8, 7]]; // prettier-ignore

  test.each([
    ['more rows than columns, one of them constant', obs],
    ['more columns than rows', [[0, 1, 7, 2], [2, 3, 7, -1], [5, 0, 7, 1]]], // prettier-ignore
  ])('has mean and covariance of the observations: %s', (_, rows) => {
    const flat = {
      data: Float64Array.from(rows.flat()),
      rows: rows.length,
      columns: rows[0].length,
    };
    const draws = rowsOf(gaussianStart(flat, 40_000, pcg32(3)));
    const wanted = momentsOf(rows);
    momentsOf(draws).forEach((moment, at) =>
      expect(Math.abs(moment - wanted[at])).toBeLessThan(0.3),
    );
    expect(new Set(draws.map((row) => row[2].toFixed(9)))).toEqual(new Set(['7.000000000']));
  });
});

describe('refuses', () => {
  const obs = [[0, 0], [1, 1]]; // prettier-ignore
  test.each<[() => Promise<unknown>, string]>([
    [() => vq(obs, [[0]]), 'codeBook.columns is 1; expected 2, as the observations have.'],
    [() => vq([[0, Infinity]], obs), 'obs[0][1] is Infinity; expected a finite number'],
    [() => vq(obs, [[NaN, 0]]), 'codeBook[0][0] is NaN; expected a finite number'],
    [() => vq([[NaN]], [[0]], { checkFinite: false }), 'points[0][0] is NaN; expected a finite'],
    [() => kmeans(obs, 3), 'kOrGuess is 3; expected at most 2 (the number of observations).'],
    [() => kmeans(obs, 1.5), 'kOrGuess is 1.5; expected a whole number ≥ 1. Round it.'],
    [() => kmeans(obs, []), 'kOrGuess.rows is 0; expected at least 1.'],
    [() => kmeans(obs, 1, { iter: 0 }), 'iter is 0; expected a whole number ≥ 1. Raise it.'],
    [() => kmeans(obs, 1, { thresh: -1 }), 'thresh is -1; expected a finite number ≥ 0.'],
    [() => kmeans(obs, 1, { seed: -1 }), 'seed is -1; expected a whole number ≥ 0.'],
    [() => kmeans2(obs, 3, { minit: '++' }), 'k is 3; expected at most 2 (the number of obs'],
    [() => kmeans2(obs, NaN), 'k is NaN; expected a whole number ≥ 1.'],
    [() => kmeans2(obs, 2, { minit: 'matrix' }), "k is 2; expected a code book beside minit: 'mat"],
    [() => kmeans2(obs, 1, { minit: 'best' as '++' }), "minit is 'best'; expected 'random', 'poi"],
    [() => kmeans2(obs, 1, { missing: 'no' as 'warn' }), "missing is 'no'; expected 'warn', 'ra"],
    [
      () => kmeans2(obs, 1, { maxIter: 5 } as object),
      'options.maxIter is 5; expected only options named iter, thresh, minit, missing, onWarning,',
    ],
    [
      () => kmeans2(obs, 1, { checkFinite: 1 as unknown as boolean }),
      'checkFinite is 1; expected true or false.',
    ],
  ])('%s', async (call, message) => {
    const error = await call().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as Error).message.slice(0, message.length)).toBe(message);
  });
});

test('an abort is heard, and nothing stays open', async () => {
  const engine = fakeEngine();
  const controller = new AbortController();
  const reason = new Error('enough');
  const running = kmeans2(uniformBoard(20_000), 50, {
    engine,
    iter: 1e9,
    signal: controller.signal,
    minit: 'points',
  });
  setTimeout(() => controller.abort(reason), 50);
  await expect(running).rejects.toBe(reason);
  expect(engine.open_).toBe(0);
  await expect(vq(points, points, { engine, signal: controller.signal })).rejects.toBe(reason);
});
