/** Mini-batch k-means: its steps, its ends, and streams whose range nobody knows. */
import { describe, expect, test } from 'vitest';
import {
  adjustedRandIndex,
  blobs,
  InvalidInputError,
  kmeans,
  matrix,
  MiniBatchKMeans,
  uniformBoard,
  type MiniBatchKMeansOptions,
} from '../../src/index.ts';
import { start, step, type Batch, type Stream } from '../../src/estimators/mini-batch-step.ts';
import { pcg32 } from '../../src/rng.ts';

const mini = (options: MiniBatchKMeansOptions) =>
  new MiniBatchKMeans({ engine: 'reference', ...options });
const board = blobs(600, 6, { columns: 2, deviation: 0.05, seed: 3 });

describe('a step', () => {
  const stream = (data: number[], columns: number, counts?: number[]): Stream => {
    const first = start({ data: Float64Array.from(data), columns, scale: null });
    return counts ? { ...first, counts: Float64Array.from(counts) } : first;
  };
  const batch = (rows: number[][], labels: number[], weights?: number[]): Batch => ({
    points: { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0].length },
    labels: Uint32Array.from(labels),
    weights,
  });

  test('moves each centroid to the mean of all it was ever given', () => {
    const first = step(stream([0, 10], 1), batch([[1], [3], [11]], [0, 0, 1]), 0, pcg32(0));
    expect([...first.stream.positions.data]).toEqual([2, 11]);
    expect([...first.stream.counts]).toEqual([2, 1]);
    expect([first.inertia, first.shift]).toEqual([1 + 9 + 1, 4 + 1]);
    const second = step(first.stream, batch([[8], [12]], [0, 0]), 0, pcg32(0));
    expect([...second.stream.positions.data]).toEqual([6, 11]); // (1 + 3 + 8 + 12) / 4
    expect([...second.stream.counts]).toEqual([4, 1]);
    expect(second.stream.steps).toBe(2);
  });

  test('takes a whole weight as so many rows', () => {
    const rows = [
      [1, 5],
      [3, 6],
      [11, 0],
      [2, 2],
    ];
    const weighted = batch(rows, [0, 0, 1, 1], [3, 1, 4, 0]);
    const repeated = [0, 0, 0, 1, 2, 2, 2, 2];
    const plain = batch(
      repeated.map((i) => rows[i]),
      repeated.map((i) => [0, 0, 1, 1][i]),
    );
    const before = stream([0, 0, 8, 8], 2);
    const [a, b] = [step(before, weighted, 0, pcg32(0)), step(before, plain, 0, pcg32(0))];
    expect(a.stream.positions).toEqual(b.stream.positions);
    expect(a.stream.counts).toEqual(b.stream.counts);
    expect([a.inertia, a.shift]).toEqual([b.inertia, b.shift]);
  });

  test('does not touch the stream it is given', () => {
    const before = stream([0, 10], 1, [5, 1]);
    step(before, batch([[1], [3], [11]], [0, 0, 1]), 1, pcg32(0));
    expect([[...before.positions.data], [...before.counts]]).toEqual([
      [0, 10],
      [5, 1],
    ]);
  });

  describe('reassigns', () => {
    const rows = Array.from({ length: 40 }, (_, i) => [100 + i]);
    const labels = rows.map(() => 0);

    test('centroids with hardly any rows to different rows of the batch', () => {
      const { stream: after } = step(
        stream([110, 0, 0, 50, 0], 1, [1000, 9, 0, 11, 1]),
        batch(rows, labels),
        0.01,
        pcg32(1),
      );
      const [first, a, b, kept, c] = after.positions.data;
      // 1040 · 0.01 = 10.4: those with 9, 0 and 1
      expect(kept).toBe(50);
      expect(first).toBeGreaterThan(110);
      expect(rows.flat()).toEqual(expect.arrayContaining([a, b, c]));
      expect(new Set([a, b, c]).size).toBe(3);
      expect([...after.counts]).toEqual([1040, 11, 11, 11, 11]); // the least of the others
      expect(after.sinceReassigned).toBe(0);
    });

    test('none at ratio 0, and none that has enough', () => {
      const before = stream([110, 0], 1, [1000, 0]);
      expect(step(before, batch(rows, labels), 0, pcg32(1)).stream.positions.data[1]).toBe(0);
      const fed = stream([110, 0], 1, [1000, 20]);
      expect(step(fed, batch(rows, labels), 0.01, pcg32(1)).stream.positions.data[1]).toBe(0);
    });

    test('never more than half of the batch, those with the least first', () => {
      const counts = [1000, 3, 1, 2, 0, 5];
      const before = stream([110, -1, -2, -3, -4, -5], 1, counts);
      const small = batch(rows.slice(0, 5), labels.slice(0, 5));
      const { data } = step(before, small, 0.5, pcg32(1)).stream.positions;
      expect([...data].map((x) => x > 0)).toEqual([true, false, true, false, true, false]);
      const single = batch(rows.slice(0, 1), [0]);
      expect([...step(before, single, 0.5, pcg32(1)).stream.positions.data.slice(1)]).toEqual([
        -1, -2, -3, -4, -5,
      ]);
    });

    test('to no row without weight', () => {
      const weights = rows.map((_, i) => (i === 7 ? 1 : 0));
      const before = stream([110, 0, 0], 1, [1000, 0, 0]);
      const { positions } = step(before, batch(rows, labels, weights), 0.5, pcg32(1)).stream;
      expect([...positions.data.slice(1)]).toEqual([107, 0]);
    });

    test('only every ten rows a centroid, where all have been given something', () => {
      let state = stream([100, 0], 1, [1000, 1]);
      const four = batch(rows.slice(0, 4), [0, 0, 0, 0]);
      const moved: boolean[] = [];
      for (let i = 0; i < 5; i++) {
        state = step(state, four, 0.01, pcg32(i)).stream;
        moved.push(state.positions.data[1] !== 0);
      }
      expect(moved).toEqual([false, false, false, false, true]); // 20 rows, 2 centroids
    });

    test('as scikit-learn tests it: perfect centroids get worse at 1, and stay at 1e-15', async () => {
      const { centroids, labels } = await kmeans(board, 6, {
        engine: 'reference',
        nInit: 3,
        tol: 0,
      });
      const before = stream([...centroids.data], 2, [6, 5, 4, 3, 2, 1]);
      const all = { points: board, labels, weights: undefined };
      const same = step(before, all, 1e-15, pcg32(2)).stream.positions.data;
      same.forEach((x, at) => expect(Math.abs(x - centroids.data[at])).toBeLessThan(1e-6));
      const worse = step(before, all, 1, pcg32(2)).stream.positions.data;
      const cost = (data: ArrayLike<number>) =>
        Array.from({ length: 600 }, (_, i) =>
          Math.min(
            ...[0, 1, 2, 3, 4, 5].map(
              (j) =>
                (board.data[2 * i] - data[2 * j]) ** 2 +
                (board.data[2 * i + 1] - data[2 * j + 1]) ** 2,
            ),
          ),
        ).reduce((a, b) => a + b);
      expect(cost(worse)).toBeGreaterThan(cost(same));
    });
  });
});

describe('fit', () => {
  test('comes near to k-means', async () => {
    const many = blobs(20_000, 10, { columns: 4, deviation: 0.3, seed: 2 });
    const full = await kmeans(many, 10, { engine: 'wasm', seed: 1 });
    const model = await mini({ k: 10, seed: 1, engine: 'wasm' }).fit(many);
    expect(model.inertia / full.inertia).toBeGreaterThan(1);
    expect(model.inertia / full.inertia).toBeLessThan(1.1);
  });

  test('finds clear clusters', async () => {
    const clear = blobs(500, 4, { columns: 2, deviation: 0.001, seed: 1 });
    for (const batchSize of [16, 100, 1024]) {
      const { labels } = await mini({ k: 4, batchSize, seed: 2 }).fit(clear);
      expect(adjustedRandIndex(clear.labels, labels)).toBe(1);
    }
  });

  test.each([
    [5, 1],
    [5, 2],
    [50, 10],
    [100, 10],
    [6, 10_000],
  ])('k %i with batches of %i', async (k, batchSize) => {
    const model = await mini({ k, batchSize, seed: 1, maxIter: 2 }).fit(board);
    expect(model.centroids.rows).toBe(k);
    expect([...model.centroids.data].every(Number.isFinite)).toBe(true);
    expect(await model.predict(board)).toEqual(model.labels);
    // within the range of the points
    for (let t = 0; t < 2; t++) {
      const column = (data: Float32Array) => data.filter((_, at) => at % 2 === t);
      expect(Math.min(...column(model.centroids.data))).toBeGreaterThanOrEqual(
        Math.min(...column(board.data)),
      );
    }
  });

  test('equal first centroids are taken apart (scikit-learn: sensible reassignment)', async () => {
    const zeroed = matrix(
      board.data.slice(0, 200).map((x, at) => (at % 4 < 2 ? 0 : x)),
      2,
    );
    const apart = ({ centroids: { data } }: MiniBatchKMeans) =>
      Array.from({ length: 20 }, (_, j) => data[2 * j] !== 0 || data[2 * j + 1] !== 0).filter(
        Boolean,
      ).length;
    for (const batchSize of [10, 200])
      expect(apart(await mini({ k: 20, batchSize, init: 'random' }).fit(zeroed))).toBeGreaterThan(
        9,
      );
    const stream = mini({ k: 20, init: 'random' });
    for (let i = 0; i < 100; i++) await stream.partialFit(zeroed);
    expect(apart(stream)).toBeGreaterThan(9);
  });

  test('steps and iterations: all of them where nothing stops it', async () => {
    const free = { k: 3, batchSize: 70, maxIter: 10, maxNoImprovement: null };
    const model = await mini(free).fit(board);
    expect([model.steps, model.iterations]).toEqual([Math.floor((10 * 600) / 70), 10]);
    const stopped = await mini({ ...free, maxIter: 100, maxNoImprovement: 10 }).fit(board);
    expect(stopped.steps).toBeLessThan(Math.floor((100 * 600) / 70));
    expect(stopped.iterations).toBe(Math.ceil((stopped.steps * 70) / 600));
    const atOnce = await mini({ ...free, maxNoImprovement: 0 }).fit(board);
    expect(atOnce.steps).toBe(2); // the first tells nothing
    const patient = await mini({ ...free, maxIter: 100, maxNoImprovement: 40 }).fit(board);
    expect(patient.steps).toBeGreaterThan(stopped.steps);
  });

  test('stops where the centroids hardly move, if asked to', async () => {
    const model = await mini({ k: 6, batchSize: 100, tol: 1e-4, maxNoImprovement: null }).fit(
      board,
    );
    expect(model.steps).toBeGreaterThan(1);
    expect(model.steps).toBeLessThan(600);
    const never = { k: 6, batchSize: 100, maxNoImprovement: null, maxIter: 20 };
    expect((await mini({ ...never, tol: 0 }).fit(board)).steps).toBe(120);
  });

  test('of several starts it takes the best', async () => {
    const far = blobs(400, 12, { columns: 2, deviation: 0.001, seed: 5 });
    const options = { k: 12, init: 'random', maxIter: 1, reassignmentRatio: 0 } as const;
    const found = async (nInit: number) =>
      adjustedRandIndex(far.labels, (await mini({ ...options, nInit }).fit(far)).labels);
    expect(await found(100)).toBeGreaterThan(await found(1));
  });

  test('a seed gives the same bits again, another seed others', async () => {
    const fit = async (seed: number) => [
      ...(await mini({ k: 9, batchSize: 50, seed }).fit(board)).centroids.data,
    ];
    expect(await fit(1)).toEqual(await fit(1));
    expect(await fit(2)).not.toEqual(await fit(1));
  });

  test('explicit centroids, also far away, and those of a function', async () => {
    const { data } = board;
    const init = [0, 1, 2].map((i) => [data[2 * i], data[2 * i + 1]]);
    const given = await mini({ k: 3, init, seed: 4 }).fit(board);
    const asked = await mini({ k: 3, init: () => init, seed: 4 }).fit(board);
    expect(asked.centroids).toEqual(given.centroids);
    const far = await mini({
      k: 2,
      init: [
        [0, 0],
        [1e9, 1e9],
      ],
      reassignmentRatio: 0,
    }).fit(board);
    expect(new Set(far.labels)).toEqual(new Set([0]));
  });
});

describe('partialFit', () => {
  test('of one cluster keeps the mean of all rows of all batches, wherever they are', async () => {
    const model = mini({ k: 1 });
    const rows = [[1], [2], [3], [1e6], [-7e5], [0.5], [1e6 + 1], [4]];
    for (let i = 0; i < rows.length; i += 2) {
      await model.partialFit(rows.slice(i, i + 2));
      const seen = rows.slice(0, i + 2).flat();
      const mean = seen.reduce((a, b) => a + b) / seen.length;
      expect(Math.abs(model.centroids.data[0] - mean)).toBeLessThanOrEqual(1e-6 * Math.abs(mean));
      expect([model.iterations, model.steps]).toEqual([i / 2 + 1, i / 2 + 1]);
    }
  });

  test('a batch far outside the range of the first: the true nearest centroids', async () => {
    const model = mini({ k: 2, init: [[0], [1]], reassignmentRatio: 0 });
    await model.partialFit([[0], [1]]);
    await model.partialFit([[1e6], [1e6 + 2], [-1e6]]);
    expect([...model.labels]).toEqual([1, 1, 0]);
    // centroids: (0 − 1e6) / 2 and (1 + 2e6 + 2) / 3
    const [low, high] = model.centroids.data;
    expect(low).toBe(-5e5);
    expect(Math.abs(high - (2e6 + 3) / 3)).toBeLessThan(0.1);
    // narrow again, and then nothing but one place
    await model.partialFit([[-5e5], [-5e5 + 0.25], [700_000.5]]);
    expect([...model.labels]).toEqual([0, 0, 1]);
    await model.partialFit([[-5e5], [-5e5]]);
    expect([...model.labels]).toEqual([0, 0]);
    expect([...(await model.predict([[1e9], [-1e9]]))]).toEqual([1, 0]);
  });

  test('many small batches of shuffled rows come near to k-means', async () => {
    const model = mini({ k: 6, seed: 1 });
    for (let i = 0; i < 600; i += 20)
      await model.partialFit(matrix(board.data.slice(2 * i, 2 * (i + 20)), 2));
    const full = await kmeans(board, 6, { engine: 'reference', nInit: 5 });
    expect(-(await model.score(board)) / full.inertia).toBeLessThan(1.3);
  });

  test('labels and inertia are those of the last batch, weights too', async () => {
    const model = mini({ k: 4, seed: 1 });
    const weights = Float64Array.from({ length: 600 }, (_, i) => i % 3);
    await model.partialFit(board, { weights });
    expect(await model.predict(board)).toEqual(model.labels);
    expect(await model.score(board, { weights })).toBe(-model.inertia);
  });

  test('goes on after a fit, and a fit begins afresh', async () => {
    const model = await mini({ k: 4, seed: 1 }).fit(board);
    const [before, steps] = [model.toJSON(), model.steps];
    await model.partialFit(uniformBoard(50, { columns: 2 }));
    expect(model.steps).toBe(steps + 1);
    expect(model.labels).toHaveLength(50);
    expect(model.toJSON().stream.counts).not.toEqual(before.stream.counts);
    await model.fit(board);
    expect(model.toJSON()).toEqual(before);
  });

  test('calls at the same time take turns', async () => {
    const parts = [0, 1, 2, 3].map((i) => matrix(board.data.slice(300 * i, 300 * (i + 1)), 2));
    const [one, other] = [mini({ k: 5 }), mini({ k: 5 })];
    for (const part of parts) await one.partialFit(part);
    await Promise.all(parts.map((part) => other.partialFit(part)));
    expect(other.toJSON()).toEqual(one.toJSON());
  });

  test('saved in the middle of a stream and loaded, it goes on to the same bits', async () => {
    const options = { k: 8, seed: 3, whiten: true };
    const parts = [0, 1, 2, 3, 4, 5].map((i) =>
      matrix(
        board.data.slice(200 * i, 200 * (i + 1)).map((x) => x * 4 ** i),
        2,
      ),
    );
    const whole = mini(options);
    let again = mini(options);
    for (const part of parts) {
      await whole.partialFit(part);
      await again.partialFit(part);
      again = MiniBatchKMeans.fromJSON(JSON.stringify(again), { engine: 'reference' });
      expect(again.toJSON()).toEqual(whole.toJSON());
    }
  });

  test('refuses what it cannot do, and stays as it was', async () => {
    const model = mini({ k: 3 });
    await expect(model.partialFit([[1, 2]])).rejects.toThrow(
      'k is 3; expected at most 1 (the number of points).',
    );
    expect(() => model.centroids).toThrow();
    await model.partialFit(board);
    const before = model.toJSON();
    await expect(model.partialFit([[1]])).rejects.toThrow(
      new InvalidInputError(
        'points.columns is 1; expected 2, as in the batches before. Pass rows of the same columns.',
      ),
    );
    await expect(model.partialFit([[1, Infinity]])).rejects.toThrow('points[0][1] is Infinity');
    await expect(model.partialFit([[1, 2]], { weights: [0] })).rejects.toThrow(
      'the sum of weights is 0',
    );
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(model.partialFit(board, { signal })).rejects.toBe(reason);
    expect(model.toJSON()).toEqual(before);
    await model.partialFit([[1, 2]]); // fewer rows than clusters are enough now
    expect(model.labels).toHaveLength(1);
  });
});

test.each<[Partial<MiniBatchKMeansOptions>, string]>([
  [{ batchSize: 0 }, 'batchSize is 0; expected a whole number ≥ 1. Raise it.'],
  [{ batchSize: 1.5 }, 'batchSize is 1.5; expected a whole number ≥ 1. Round it.'],
  [{ maxNoImprovement: -1 }, 'maxNoImprovement is -1; expected a whole number ≥ 0. Raise it.'],
  [
    { reassignmentRatio: 2 },
    'reassignmentRatio is 2; expected a number from 0 to 1. Use 0 for never.',
  ],
  [{ metric: 'cosine' }, "metric is 'cosine'; expected a call of kmeans with it"],
  [{ refine: 'breathing' }, "refine is 'breathing'; expected a call of kmeans, KMeans,"],
])('refuses %o', async (options, message) => {
  const model = mini({ k: 3, ...options });
  await expect(model.fit(board)).rejects.toThrow(message);
  await expect(model.partialFit(board)).rejects.toThrow(message);
});

test('progress tells how many rows of a batch have another label than before', async () => {
  const points = Array.from({ length: 40 }, (_, i) => [i < 20 ? i : 100 + i]);
  const moved: number[] = [];
  await mini({
    ...{ k: 2, init: [[0], [100]], batchSize: 10, maxIter: 20, maxNoImprovement: null },
    onProgress: (progress) => {
      if (progress.phase === 'iterate' && progress.iteration > 0) moved.push(progress.moved);
    },
  }).fit(points);
  // labels never change here: each row is new once
  expect(moved).toHaveLength(80);
  expect(moved[0]).toBeGreaterThan(5);
  expect(moved.reduce((a, b) => a + b)).toBe(40);
  expect(moved.slice(-20)).toEqual(new Array<number>(20).fill(0));
});

test('has no option that would do nothing', () => {
  expect(() => mini({ k: 3, emptyCluster: 'drop' } as MiniBatchKMeansOptions)).toThrow(
    "options.emptyCluster is 'drop'; expected only options named",
  );
});

test('a saved stream that does not belong to its centroids is refused', async () => {
  const json = (await mini({ k: 3 }).fit(board)).toJSON();
  json.stream.positions[2] += 0.1;
  expect(() => MiniBatchKMeans.fromJSON(json)).toThrow(
    /^json\.stream\.positions\[2\] is .*; expected the position of json\.centroids\[2\]\./,
  );
});
