/**
 * What the tests of scikit-learn (`cluster/tests/test_k_means.py`: B1 to B28; those of
 * `utils/estimator_checks.py` that it is put through: C1 to C13) and SciPy (`cluster/vq/tests/test_vq.py`:
 * S1 to S14) check, as behaviour of ours. What no other test shows is tested here, under its number; the
 * map says where the rest is, and what is otherwise on purpose. The last tests read the map. What is shown
 * on the reference engine holds on all: the conformance suite compares their bits.
 *
 * B1   the result by hand, with weights: test/unit/kmeans.test.ts “weights pull a centroid”; on other engines
 *      sk-toy-weights.json in test/golden/wasm.test.ts and test/golden/golden.browser.test.ts.
 * B2   an empty cluster takes the farthest point: test/unit/kmeans.test.ts “a centroid that gets no point takes
 *      the farthest”. Theirs accepts either labelling; ours has one, for of rows as far the lowest moves.
 * B3   two empty clusters: test/unit/kmeans.test.ts “two empty clusters take the two farthest points”;
 *      any number of them: test/unit/lloyd.test.ts “agrees with sorting all rows”.
 * B4   relocation with weights: test/unit/kmeans.test.ts “a weighted point that is alone is no cluster of two”.
 * B5   two algorithms agree: here. There is no Elkan; the other algorithm is 'filtered', and agrees to the bit.
 * B6   with tol 0 it ends: here.
 * B7   one iteration counts as one: here.
 * B8   one iteration by plain means: here; to the bit, beside an independent twin: test/conformance/truth.test.ts
 *      “give the bits of the twin”.
 * B9   every init finds blobs: here.
 * B10  a fixed start runs once: test/unit/options.test.ts “a fixed start is run once, however often asked for”,
 *      without a warning, which would tell nobody anything; of another shape it is refused by name:
 *      test/unit/options.test.ts “init.columns is 3; expected 2, as the points have.”; it is not written to:
 *      test/conformance/invariants.test.ts “neither points, weights nor first centroids are written to”.
 * B11  more restarts are never worse: test/conformance/invariants.test.ts “with more iterations, and with more
 *      restarts”. One restart is the default for every init, 'random' too: test/unit/options.test.ts “are those
 *      of the manual”. Nobody starts at random by default, and who does says how often.
 * B12  more iterations are never worse: test/conformance/invariants.test.ts “with more iterations, and with
 *      more restarts”.
 * B13  predict gives the labels of the fit: test/unit/estimators.test.ts “labels, centroids and inertia belong
 *      together, maxIter %i”; test/unit/predict.test.ts “the rows of the fit”; their problem: here.
 * B14  predict changes nothing: test/unit/estimators.test.ts “predict does not change the model, nor a fit its
 *      points and options”; test/unit/predict.test.ts “leaves the points as they were”.
 * B15  transform: test/unit/estimators.test.ts “transform gives the distance to every centroid”. There is no
 *      fitTransform: `(await model.fit(x)).transform(x)`.
 * B16  float32 and float64 input: here. Theirs has the type of the input; ours is float32,
 *      which is what engines compute centroids to.
 * B17  memory in another order: here. Centring is no option that could spoil the input: points are only read (C9).
 * B18  weights: test/conformance/invariants.test.ts “whole weights: as many equal rows”, “weights of another size:
 *      nothing but the inertia”, “weights that are all 1, or all 7: none”.
 * B19  seeding by weight: here. No row without weight starts a cluster: test/unit/seeding.test.ts “never
 *      takes a row without weight while there are others”.
 * B20  fewer distinct rows than k: here. Theirs warns; of ours `sizes` says it, with a 0 for every
 *      centroid that has no row.
 * B21  all rows as a start, some equal: test/unit/kmeans.test.ts “fewer distinct points than clusters: one
 *      iteration, nothing left over”.
 * B22  a fitted optimum stays: test/conformance/invariants.test.ts “not, from a fitted optimum”.
 * B23  k above n is refused: test/unit/options.test.ts “k is 6; expected at most 5 (the number of points).”
 * B24  threads change nothing: test/conformance/wasm.test.ts “wasm, workers: %i”; test/unit/abreast.test.ts “is
 *      that of one after the other: %s”.
 * B25  inertia: test/conformance/invariants.test.ts “on every case”, from labels and centroids in float64; exactly:
 *      test/unit/grid.test.ts “is exact in every column”; of a weighted fit: test/unit/estimators.test.ts “a fit counts
 *      weights: its own before those of the estimator”.
 * B26  k-means++ takes k different rows of the points: test/unit/seeding.test.ts “takes k different rows”,
 *      “finds blobs that lie far apart, whatever the seed”. No norms are precomputed; other forms of the same
 *      numbers: test/conformance/invariants.test.ts “other forms of the same numbers”.
 * B27  equal but for the names of clusters: here. The score that tells it is adjustedRandIndex.
 * B28  the rows that are seeded from: here; batches larger than the points and smaller than k:
 *      test/unit/mini-batch.test.ts “k %i with batches of %i”; reassignment: “as scikit-learn tests it: perfect
 *      centroids get worse at 1, and stay at 1e-15”; “steps and iterations: all of them where nothing stops
 *      it”; “stops where the centroids hardly move, if asked to”.
 *
 * C1   NaN and infinities: test/unit/options.test.ts “points[1][1] is Infinity”; of predict and its like:
 *      test/unit/estimators.test.ts “refuses what is wrong, and says so”.
 * C2   no rows, no columns: test/unit/matrix.test.ts “no rows”, “rows of nothing”; test/unit/predict.test.ts “no rows”.
 * C3   one row: test/unit/estimators.test.ts “with as many clusters as rows (%i)”.
 * C4   one column: here.
 * C5   a list of numbers is no points: test/unit/matrix.test.ts “a list of numbers: rows of one column are
 *      meant, or one row”; `centroids/vq` takes it for a column, as SciPy does (S2).
 * C6   predict and transform judge row by row: here; a fit of rows in another order: test/conformance/invariants.test.ts
 *      “rows in another order: the same centroids, the labels in that order”.
 * C7   a second fit knows nothing of the first: here.
 * C8   saved and loaded: test/unit/estimators.test.ts “and loaded it is the same, %o”.
 * C9   read-only input: here. JavaScript has no read-only typed arrays, but frozen lists.
 * C10  predict leaves the model alone: test/unit/estimators.test.ts “predict does not change the model, nor a fit its
 *      points and options”.
 * C11  nothing before a fit: test/unit/estimators.test.ts “before a fit there is nothing to ask for”.
 * C12  parameters: test/unit/options.test.ts “refused”; test/unit/mini-batch.test.ts “refuses %o”.
 * C13  a weight of 2 is a row twice over from a given start (B18), and not from a random one, which draws other
 *      rows: with theirs an expected failure for the same reason. Bisecting: test/unit/bisecting.test.ts “whole
 *      weights are repeated rows: %s”.
 *
 * S1   eleven points by hand: here.
 * S2   one column of plain numbers: here.
 * S3   float32 and float64 agree: here. Theirs computes in float32 where it is given that, ours never.
 * S4   large numbers: here.
 * S5   more columns than rows: here.
 * S6   lost clusters: test/unit/vq.test.ts “drops codes without members”, “a missing cluster keeps its centre, to
 *      the bit, and is warned of once”, “missing: 'raise'”.
 * S7   nothing to cluster: here; test/unit/vq.test.ts “kOrGuess.rows is 0; expected at least 1.”
 * S8   thresh and distortion: here.
 * S9   a stop that came too early: here.
 * S10  the distortion belongs to the book: test/unit/vq.test.ts “the distortion is the mean distance to the code
 *      book returned”.
 * S11  seeds: test/unit/vq.test.ts “the same seed, the same bits, on every engine”, “minit %s: seeded”.
 * S12  ++ in 2 and 100 columns: here.
 * S13  whiten: test/unit/vq.test.ts “leaves a constant column as it is, with a warning”, “checkFinite: refuses, or
 *      lets through”; infinities: here.
 * S14  the covariance of random starts: here.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  adjustedRandIndex,
  BisectingKMeans,
  blobs,
  homogeneityCompletenessV,
  InvalidInputError,
  KMeans,
  kmeans,
  matrix,
  MiniBatchKMeans,
  uniformBoard,
  type KMeansOptions,
  type Points,
  type Progress,
} from '../../src/index.ts';
import { normal, pcg32 } from '../../src/rng.ts';
import * as scipy from '../../src/vq/index.ts';
import { gaussianStart } from '../../src/vq/starts.ts';
import { near } from './suite.ts';

type Init = NonNullable<KMeansOptions['init']>;

const ENGINES = ['reference', 'wasm'] as const;

/** Normal numbers, `rows` × `columns`. */
function normals(rows: number, columns: number, seed = 0): number[][] {
  const random = pcg32(seed);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => normal(random)));
}

const squared = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, t) => sum + (x - b[t]) ** 2, 0);

/** The nearest of the centroids, ties to the first, in plain float64. */
function nearest(point: readonly number[], centroids: readonly (readonly number[])[]): number {
  const distances = centroids.map((centroid) => squared(point, centroid));
  return distances.indexOf(Math.min(...distances));
}

const rowsOf = ({ data, columns }: { data: ArrayLike<number>; columns: number }) =>
  Array.from({ length: data.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, t) => data[i * columns + t]),
  );

/** Where a run starts: what it tells before its first iteration. */
async function firstCentroids(
  run: (onProgress: (progress: Progress) => Promise<void>) => Promise<unknown>,
): Promise<number[]> {
  let first: number[] | null = null;
  await run(async (progress) => {
    if (progress.phase === 'iterate') first ??= [...(await progress.read()).centroids.data];
  });
  return first!;
}

describe.each(ENGINES)('scikit-learn, on %s', (engine) => {
  const fit = (points: Points, k: number, options: KMeansOptions = {}) =>
    kmeans(points, k, { engine, ...options });

  test.each([
    ['half of the coordinates 0', normals(1000, 10).map((row) => row.map((x) => Math.max(0, x)))],
    ['blobs', blobs(1000, 5, { columns: 10, deviation: 0.5 })],
  ])('B5: algorithms agree whatever tol is, B6: with 0 it ends: %s', async (_, points) => {
    for (const tol of [1e-2, 1e-8, 1e-100, 0]) {
      const lloyd = await fit(points, 5, { tol, algorithm: 'lloyd' });
      const filtered = await kmeans(points, 5, { tol, algorithm: 'filtered', engine: 'wasm' });
      expect([filtered.hash, filtered.history]).toEqual([lloyd.hash, lloyd.history]);
      expect(filtered.inertia).toBe(lloyd.inertia);
      if (tol === 0) expect(lloyd.stopReason).toBe('labels');
    }
  });

  test('B7, B8: one iteration is labels, means, and the labels of these', async () => {
    const points = normals(100, 5, 1);
    const init = points.slice(0, 5);
    const result = await fit(points, 5, { init, maxIter: 1, tol: 0 });
    const before = points.map((point) => nearest(point, init));
    const means = init.map((_, j) => {
      const own = points.filter((_, i) => before[i] === j);
      return init[j].map((_, t) => own.reduce((sum, row) => sum + row[t], 0) / own.length);
    });
    const labels = points.map((point) => nearest(point, means));
    expect([result.iterations, result.stopReason]).toEqual([1, 'maxIter']);
    expect(labels).not.toEqual(before);
    expect([...result.labels]).toEqual(labels);
    near([...result.centroids.data], means.flat(), 5);
    const inertia = points.reduce((sum, row, i) => sum + squared(row, means[labels[i]]), 0);
    near([result.inertia], [inertia], inertia);
  });

  const centres = [
    [0, 5, 0, 0, 0],
    [1, 1, 4, 0, 0],
    [1, 0, 0, 5, 1],
  ];
  const truth = Array.from({ length: 100 }, (_, i) => i % 3);
  const around = normals(100, 5, 42).map((row, i) => row.map((x, t) => x + centres[truth[i]][t]));
  test.each<[string, Init]>([
    ['auto', 'auto'],
    ['k-means++', 'k-means++'],
    ['k-means||', 'k-means||'],
    ['random', 'random'],
    ['centroids', centres],
    ['a function', () => centres],
  ])('B9: blobs are found from %s', async (_, init) => {
    const options = { k: 3, init, nInit: 10, seed: 1, engine };
    for (const model of [new KMeans(options), new MiniBatchKMeans({ ...options, batchSize: 10 })]) {
      const labels = await model.fitPredict(around);
      expect(homogeneityCompletenessV(truth, labels).vMeasure).toBeCloseTo(1, 12);
    }
  });

  test.each([2, 100])('B13: labels, centroids and predict agree, maxIter %i', async (maxIter) => {
    const points = blobs(200, 10, { columns: 10, deviation: 0.3 });
    const options = { k: 10, maxIter, tol: 0, seed: 3, engine };
    for (const make of [() => new KMeans(options), () => new MiniBatchKMeans(options)]) {
      const model = await make().fit(points);
      expect(await model.predict(points)).toEqual(model.labels);
      expect(await make().fitPredict(points)).toEqual(model.labels);
      expect([...(await model.predict(model.centroids))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  test('B16: float64 points give what float32 ones do, to the rounding; integers what floats do', async () => {
    const doubles = Float64Array.from(normals(300, 4, 5).flat());
    for (const make of [
      () => new KMeans({ k: 6, seed: 2, engine }),
      () => new MiniBatchKMeans({ k: 6, seed: 2, engine }),
    ]) {
      const [one, other] = [{ data: doubles, columns: 4 }, matrix(Float32Array.from(doubles), 4)];
      const [double, single] = [await make().fit(one), await make().fit(other)];
      expect(double.labels).toEqual(single.labels);
      near([double.inertia], [single.inertia], single.inertia);
      near([...double.centroids.data], [...single.centroids.data], 5);
      const distances = [await double.transform(one), await single.transform(other)];
      near([...distances[0].data], [...distances[1].data], 5);
      expect(double.centroids.data).toBeInstanceOf(Float32Array);

      const whole = Int32Array.from(doubles, (x) => Math.round(9 * x));
      const integers = await make().fit({ data: whole, columns: 4 });
      const floats = await make().fit(matrix(Float32Array.from(whole), 4));
      expect([integers.labels, integers.centroids]).toEqual([floats.labels, floats.centroids]);
    }
  });

  test('B17: points by columns, and every other row of more', async () => {
    const points = normals(120, 3, 6);
    const shape = [120, 3];
    const { hash } = await fit(points, 4);
    const byColumns = Float64Array.from([0, 1, 2].flatMap((t) => points.map((row) => row[t])));
    expect((await fit({ data: byColumns, shape, stride: [1, 120] }, 4)).hash).toBe(hash);
    const between = Float64Array.from(points.flatMap((row) => [...row, NaN, NaN, NaN]));
    expect((await fit({ data: between, shape, stride: [6, 1] }, 4)).hash).toBe(hash);
  });

  test('B19: first centroids are drawn by weight', async () => {
    const points = uniformBoard(100);
    const weights = Float64Array.from({ length: 100 }, (_, i) => (i === 17 ? 1e4 : 1));
    const [x, y] = rowsOf(points)[17];
    const timesChosen = async (init: Init) => {
      let times = 0;
      for (let seed = 0; seed < 20; seed++) {
        const first = await firstCentroids((onProgress) =>
          fit(points, 1, { init, seed, weights, maxIter: 1, onProgress }),
        );
        if (Math.hypot(first[0] - x, first[1] - y) < 1e-6) times++;
      }
      return times;
    };
    for (const init of ['auto', 'k-means++', 'k-means||', 'random'] as const)
      expect(await timesChosen(init)).toBeGreaterThan(16); // 99 of 100 are wanted
  });

  test('B20: fewer distinct points than clusters: no label is left out, and sizes tell', async () => {
    const points = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 0],
    ];
    for (let seed = 0; seed < 10; seed++) {
      const { labels, sizes, converged, centroids } = await fit(points, 4, { seed });
      expect(new Set(labels)).toEqual(new Set([0, 1, 2]));
      expect(labels[2]).toBe(labels[3]);
      expect([...sizes].sort()).toEqual([0, 1, 1, 2]);
      expect(sizes[3]).toBe(0);
      expect([centroids.rows, converged]).toEqual([4, true]);
    }
  });

  test('B28: mini-batches are seeded from 3 batches, or 3 rows a cluster, if there are more', async () => {
    const points = uniformBoard(300, { seed: 8 });
    const startsOf = (k: number, batchSize: number) => {
      const options = { init: 'random', engine, maxIter: 1 } as const;
      return Promise.all([
        firstCentroids((onProgress) => fit(points, k, { ...options, onProgress })),
        firstCentroids((onProgress) =>
          new MiniBatchKMeans({ k, batchSize, ...options, onProgress }).fit(points),
        ),
      ]);
    };
    for (const [k, batchSize] of [
      [3, 100],
      [3, 500],
      [100, 99],
      [100, 1],
    ]) {
      // prettier-ignore
      const [ofAll, own] = await startsOf(k, batchSize);
      expect(own).toEqual(ofAll);
    }
    for (const [k, batchSize] of [
      [3, 99],
      [99, 1],
    ]) {
      // prettier-ignore
      const [ofAll, own] = await startsOf(k, batchSize);
      expect(own).not.toEqual(ofAll);
    }
  });

  const CLASSES = [
    ['KMeans', () => new KMeans({ k: 5, engine })],
    ['MiniBatchKMeans', () => new MiniBatchKMeans({ k: 5, batchSize: 50, engine })],
    ['BisectingKMeans', () => new BisectingKMeans({ k: 5, engine })],
  ] as const;
  describe.each(CLASSES)('%s', (_, make) => {
    test.each([1, 4])(
      'C4, C6: rows are judged one by one, in any order, columns: %i',
      async (columns) => {
        const model = await make().fit(normals(150, columns, 7));
        const rows = normals(40, columns, 8).map((row) => row.map((x) => 2 * x));
        const labels = [...(await model.predict(rows))];
        const distances = rowsOf(await model.transform(rows));
        const turned = rows.map((_, i) => (i * 17) % 40);
        const inOrder = turned.map((i) => rows[i]);
        expect([...(await model.predict(inOrder))]).toEqual(turned.map((i) => labels[i]));
        expect(rowsOf(await model.transform(inOrder))).toEqual(turned.map((i) => distances[i]));
        for (const [i, row] of rows.entries()) {
          expect([...(await model.predict([row]))]).toEqual([labels[i]]);
          expect([...(await model.transform([row])).data]).toEqual(distances[i]);
        }
      },
    );

    test('C7: fitted again it is the same, and knows nothing of what it was fitted to before', async () => {
      const points = normals(150, 3, 9);
      const model = await make().fit(points);
      const once = model.toJSON();
      expect((await model.fit(points)).toJSON()).toEqual(once);
      await model.fit(normals(60, 2, 10));
      expect((await model.fit(points)).toJSON()).toEqual(once);
    });
  });

  test('C9: frozen points, weights and first centroids', async () => {
    const frozen = (rows: number[][]) => Object.freeze(rows.map((row) => Object.freeze(row)));
    const points = normals(80, 3, 11);
    const options = { weights: points.map(([x]) => Math.abs(x)), init: points.slice(0, 4) };
    const { hash } = await fit(points, 4, { ...options, whiten: true });
    const given = Object.freeze({
      weights: Object.freeze(options.weights.slice()),
      init: frozen(options.init.map((row) => row.slice())),
      whiten: true,
    });
    const again = await fit(frozen(points.map((row) => row.slice())), 4, given);
    expect(again.hash).toBe(hash);
  });
});

test('B27: the same clusters under other names', () => {
  const labels = [1, 0, 0, 1, 2, 0, 2, 1];
  expect(adjustedRandIndex(labels, labels)).toBe(1);
  expect(adjustedRandIndex(labels, [0, 2, 2, 0, 1, 2, 1, 0])).toBe(1);
  expect(adjustedRandIndex(labels, [1, 0, 0, 2, 2, 0, 2, 1])).toBeLessThan(1);
});

describe.each(ENGINES)('SciPy, on %s', (engine) => {
  const eleven = [
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

  test('S1: the eleven points', async () => {
    const book = eleven.slice(0, 3);
    const { code } = await scipy.vq(eleven, book, { engine });
    expect([...code]).toEqual([0, 1, 2, 2, 2, 2, 1, 2, 1, 1, 1]);
    const after = async (iter: number) =>
      (await scipy.kmeans2(eleven, book, { iter, minit: 'matrix', engine })).centroid.data;
    near([...(await after(1))], [3, 3, 6.2, 4, 5.8, 1.8], 1e-6);
    near([...(await after(2))], [11 / 3, 8 / 3, 6.75, 4.25, 6.25, 1.75], 1e-6);
  });

  test('S2: numbers alone are a column', async () => {
    const numbers = eleven.map(([x]) => x);
    const column = numbers.map((x) => [x]);
    const book = [3, 9];
    const inColumn = [[3], [9]];
    expect(await scipy.vq(numbers, book, { engine })).toEqual(
      await scipy.vq(column, inColumn, { engine }),
    );
    expect(await scipy.kmeans(numbers, book, { engine })).toEqual(
      await scipy.kmeans(column, inColumn, { engine }),
    );
    for (const k of [1, 2])
      expect(await scipy.kmeans2(numbers, k, { minit: 'points', engine })).toEqual(
        await scipy.kmeans2(column, k, { minit: 'points', engine }),
      );
  });

  /** Codes and distances as plain float64 has them. */
  async function judgeCodes(obs: number[][], book: number[][]): Promise<void> {
    const { code, dist } = await scipy.vq(obs, book, { engine });
    const wanted = obs.map((row) => nearest(row, book));
    expect([...code]).toEqual(wanted);
    const distances = obs.map((row, i) => Math.sqrt(squared(row, book[wanted[i]])));
    near([...dist], distances, Math.max(...distances));
  }

  test('S3: many columns, in float64 and float32', async () => {
    const [obs, book] = [normals(20, 20, 1), normals(3, 20, 2)];
    await judgeCodes(obs, book);
    const single = (rows: number[][]) => rows.map((row) => Float32Array.from(row));
    const [double, rounded] = [
      await scipy.vq(obs, book, { engine }),
      await scipy.vq(single(obs), single(book), { engine }),
    ];
    expect(rounded.code).toEqual(double.code);
    near([...rounded.dist], [...double.dist], 5);
  });

  test('S4: large numbers', async () => {
    const large = (rows: number, seed: number) =>
      rowsOf(uniformBoard(rows, { columns: 5, seed })).map((row) => row.map((x) => x * 1e6));
    await judgeCodes(large(10, 1), large(2, 2));
    const [low, high] = normals(2, 300, 3);
    const far = normals(200, 300, 4).map((row, i) =>
      row.map((x, t) => 1e4 * x + 2e4 * (i < 100 ? -low[t] : high[t])),
    );
    const { codebook } = await scipy.kmeans(far, 2, { iter: 3, engine });
    const { code } = await scipy.vq(far, codebook, { engine });
    expect(code.slice(0, 100)).toEqual(new Uint32Array(100).fill(code[0]));
    expect(code.slice(100)).toEqual(new Uint32Array(100).fill(1 - code[0]));
  });

  test('S5: more columns than rows', async () => {
    const wide = normals(10, 20, 5);
    for (const minit of ['random', 'points', '++'] as const) {
      const { centroid, label } = await scipy.kmeans2(wide, 2, { minit, engine });
      expect(centroid).toMatchObject({ rows: 2, columns: 20 });
      const means = [0, 1].map((j) => {
        const own = wide.filter((_, i) => label[i] === j);
        return wide[0].map((_, t) => own.reduce((sum, row) => sum + row[t], 0) / own.length);
      });
      near([...centroid.data], means.flat(), 1e-6);
    }
  });

  test('S7: nothing to cluster, or into nothing', async () => {
    for (const refused of [
      () => scipy.kmeans(eleven, 0, { engine }),
      () => scipy.kmeans2(eleven, 0, { engine }),
      () => scipy.kmeans(eleven, [], { engine }),
      () => scipy.kmeans2(eleven, new Float64Array(), { engine }),
      () => scipy.kmeans([], 2, { engine }),
      () => scipy.kmeans2([], 2, { engine }),
      () => scipy.vq([], eleven, { engine }),
    ])
      await expect(refused()).rejects.toBeInstanceOf(InvalidInputError);
  });

  test('S8: a threshold that nothing is over; the distortion is not squared', async () => {
    const found = await scipy.kmeans([1, 2, 3, 4, 10], 1, { thresh: 1e16, engine });
    expect([...found.codebook.data]).toEqual([4]);
    expect(found.distortion).toBeCloseTo(2.4, 14);
  });

  test('S9: it does not stop where the distortion stays for once', async () => {
    const { codebook, distortion } = await scipy.kmeans([-3, -1, 0, 1, 1, 8], [-3, 0.99], {
      engine,
    });
    near([...codebook.data], [-0.4, 8], 1e-8);
    expect(distortion).toBeCloseTo(1.0666666666666667, 14);
  });

  test.each([2, 100])('S12: ++ finds two clouds in %i columns', async (columns) => {
    const clouds = normals(20, columns, 6).map((row, i) => row.map((x) => x + (i < 10 ? 5 : -5)));
    const { centroid } = await scipy.kmeans2(clouds, 2, { minit: '++', engine });
    const [a, b] = rowsOf(centroid).sort((a, b) => b[0] - a[0]);
    expect(Math.max(...a.map((x) => Math.abs(x - 5)))).toBeLessThan(1.5);
    expect(Math.max(...b.map((x) => Math.abs(x + 5)))).toBeLessThan(1.5);
  });
});

test('S13: whiten refuses infinities', () => {
  for (const infinite of [Infinity, -Infinity])
    expect(() => scipy.whiten([[1, 2], [3, infinite]])).toThrow(InvalidInputError); // prettier-ignore
});

test.each([
  [200, 2, 1e6],
  [10, 20, 1e5],
])('S14: random starts vary as the points do: %i × %i', (rows, columns, draws) => {
  // columns that depend on each other
  const obs = normals(rows, columns, 12).map((row) => row.map((x, t) => x + row[0] - 2 * t));
  const moments = (list: number[][]) => {
    const mean = list[0].map((_, t) => list.reduce((sum, row) => sum + row[t], 0) / list.length);
    return mean.flatMap((a, s) =>
      mean.map((b, t) => {
        let sum = 0;
        for (const row of list) sum += (row[s] - a) * (row[t] - b);
        return sum / (list.length - 1);
      }),
    );
  };
  const flat = { data: Float64Array.from(obs.flat()), rows, columns };
  const drawn = moments(rowsOf(gaussianStart(flat, draws, pcg32(1))));
  const wanted = moments(obs);
  const most = Math.max(...wanted);
  drawn.forEach((x, at) => expect(Math.abs(x - wanted[at])).toBeLessThan(1.1e-2 * most));
});

describe('the map', () => {
  const [head, tests] = readFileSync('test/golden/behaviours.test.ts', 'utf8').split('*/\nimport');
  const map = new Map(head.split(/\n \* (?=[BCS]\d)/).map((entry) => [entry.split(' ')[0], entry]));
  const numbers = (letter: string, last: number) =>
    Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);

  test.each([...numbers('B', 28), ...numbers('C', 13), ...numbers('S', 14)])('%s', (item) => {
    const entry = map.get(item)!.replace(/\n \*\s*/g, ' ');
    let source = '';
    for (const [, file, title] of entry.matchAll(/(test\/\S+\.ts)|“([^”]+)”/g))
      if (file) source = readFileSync(file, 'utf8');
      else expect(source).toContain(title);
    const here = new RegExp(`'[^'\\n]*\\b${item}\\b`).test(tests);
    expect(/\bhere\b/.test(entry)).toBe(here);
    expect(here || source !== '').toBe(true);
  });
});
