/** Bisecting k-means: which cluster is split, how the tree labels, and what cannot be split. */
import { describe, expect, test } from 'vitest';
import {
  adjustedRandIndex,
  BisectingKMeans,
  blobs,
  InvalidInputError,
  kmeans,
  matrix,
  uniformBoard,
  type BisectingKMeansOptions,
  type Matrix,
  type Points,
} from '../../src/index.ts';
import { powerOfTwo } from '../../src/grid.ts';
import type { Rows } from '../../src/matrix.ts';
import { fakeEngine } from './fake-engines.ts';

const STRATEGIES = ['biggest-inertia', 'largest-cluster'] as const;
const bisecting = (options: BisectingKMeansOptions) =>
  new BisectingKMeans({ engine: 'reference', ...options });
const column = (...xs: number[]) => xs.map((x) => [x]);
/** The least and the greatest row: a start that hangs on no random number. */
const ends = ({ data }: Rows): Points => column(Math.min(...data), Math.max(...data));

describe.each(STRATEGIES)('%s', (bisectingStrategy) => {
  test.each(['auto', 'random', 'k-means++'] as const)(
    'three clusters, as scikit-learn tests them; init %s',
    async (init) => {
      const rows = [
        ...[
          [1, 1],
          [10, 1],
          [3, 1],
          [10, 0],
          [2, 1],
          [10, 2],
          [10, 8],
          [10, 9],
          [10, 10],
        ],
      ];
      const model = await bisecting({ k: 3, init, bisectingStrategy }).fit(rows);
      expect(adjustedRandIndex([0, 1, 0, 1, 0, 1, 2, 2, 2], model.labels)).toBe(1);
      const centroids = [0, 1, 2].map((j) => [...model.centroids.data.subarray(2 * j, 2 * j + 2)]);
      expect(centroids).toEqual(
        expect.arrayContaining([
          [2, 1],
          [10, 1],
          [10, 9],
        ]),
      );
      expect(model.inertia).toBe(6);
    },
  );

  test.each([1, 2, 4, 5, 9])(
    '%i clusters: every label, and predict gives them again',
    async (k) => {
      const board = uniformBoard(60, { columns: 2, seed: k });
      const model = await bisecting({ k, bisectingStrategy }).fit(board);
      expect(new Set(model.labels).size).toBe(k);
      expect(Math.max(...model.labels)).toBe(k - 1);
      expect(await model.predict(board)).toEqual(model.labels);
    },
  );

  test('k = n takes all rows apart', async () => {
    const board = uniformBoard(40, { columns: 3, seed: 1 });
    const model = await bisecting({ k: 40, bisectingStrategy }).fit(board);
    expect(new Set(model.labels).size).toBe(40);
    expect(model.inertia).toBeLessThan(1e-12);
    const order = [...model.labels].flatMap((label) => [
      ...model.centroids.data.subarray(3 * label, 3 * label + 3),
    ]);
    order.forEach((x, at) => expect(Math.abs(x - board.data[at])).toBeLessThan(1e-6));
  });

  test('equal rows cannot be taken apart: halves stay empty, at the same place', async () => {
    const model = await bisecting({ k: 4, bisectingStrategy }).fit(column(3, 3, 3, 3, 3));
    expect([...model.centroids.data]).toEqual([3, 3, 3, 3]);
    expect(new Set(model.labels).size).toBe(1);
    expect(await model.predict(column(3, 3, 3, 3, 3))).toEqual(model.labels);
    expect(model.inertia).toBe(0);
    const some = await bisecting({ k: 5, bisectingStrategy }).fit(column(0, 0, 0, 7, 7));
    expect(some.inertia).toBe(0);
    expect(await some.predict(column(0, 0, 0, 7, 7))).toEqual(some.labels);
  });

  test('rows far outside never crash: some splits get none', async () => {
    const board = uniformBoard(3000, { columns: 10, seed: 3 });
    const model = await bisecting({ k: 10, bisectingStrategy }).fit(board);
    const far = matrix(
      uniformBoard(100, { columns: 10, seed: 4 }).data.map((x) => 50 * x),
      10,
    );
    const labels = await model.predict(far);
    expect(Math.max(...labels)).toBeLessThan(10);
    expect(labels).toEqual(walk(model, far));
  });

  test('of clusters with the same score the first is split', async () => {
    // two equal pairs, far apart: whichever comes first, label 0 of the halves, is split again
    const rows = column(0, 1, 1000, 1001);
    for (let seed = 0; seed < 6; seed++) {
      const halves = await bisecting({ k: 2, seed, bisectingStrategy }).fit(rows);
      const three = await bisecting({ k: 3, seed, bisectingStrategy }).fit(rows);
      const first = [0, 1, 2, 3].filter((i) => halves.labels[i] === 0);
      const second = [0, 1, 2, 3].filter((i) => halves.labels[i] === 1);
      expect(first.map((i) => three.labels[i]).sort()).toEqual([0, 1]);
      expect(second.map((i) => three.labels[i])).toEqual([2, 2]);
    }
  });

  test('labels go from left to right through the tree', async () => {
    const model = await bisecting({ k: 6, init: ends, bisectingStrategy }) //
      .fit(column(0, 10, 30, 70, 150, 310));
    expect([...model.labels]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...model.centroids.data]).toEqual([0, 10, 30, 70, 150, 310]);
  });
});

test('the strategies choose differently', async () => {
  // many rows close together on the left, few far apart on the right
  const rows = column(...Array.from({ length: 20 }, (_, i) => i / 20), 100, 110);
  const third = async (bisectingStrategy: (typeof STRATEGIES)[number]) =>
    (await bisecting({ k: 3, init: ends, bisectingStrategy }).fit(rows)).labels;
  expect([...(await third('biggest-inertia'))].slice(-2)).toEqual([1, 2]);
  expect([...(await third('largest-cluster'))].slice(-2)).toEqual([2, 2]);
  expect((await bisecting({ k: 3, init: ends }).fit(rows)).labels).toEqual(
    await third('biggest-inertia'),
  );
});

test('a row is labelled by walking down, not by the nearest of all', async () => {
  const model = await bisecting({ k: 3, init: ends }).fit(column(0, 10, 10, 10, 20));
  // first 0, 10, 10, 10 beside 20 (the border at 13.75), then 0 beside 10
  expect([...model.centroids.data]).toEqual([0, 10, 20]);
  expect([...(await model.predict(column(13.5, 14, 4, 6)))]).toEqual([1, 2, 0, 1]);
  const { data } = await model.transform(column(14));
  expect(data[1]).toBeLessThan(data[2]); // nearer to 10, and yet with 20
});

test.each(STRATEGIES)('whole weights are repeated rows: %s', async (bisectingStrategy) => {
  const { data } = uniformBoard(50, { columns: 1, seed: 7 });
  const rows = [...data].map((x) => [x]);
  const weights = rows.map((_, i) => [1, 5, 2, 0, 1][i % 5]);
  const repeated = rows.flatMap((row, i) => Array.from({ length: weights[i] }, () => row));
  const options = { k: 7, init: ends, bisectingStrategy };
  // rows without weight would be ends of a split: keep to those that count
  const counted = rows.filter((_, i) => weights[i] > 0);
  const weighted = await bisecting(options).fit(counted, { weights: weights.filter((w) => w > 0) });
  const plain = await bisecting(options).fit(repeated);
  expect(weighted.centroids).toEqual(plain.centroids);
  expect(Math.abs(weighted.inertia / plain.inertia - 1)).toBeLessThan(1e-12);
  expect(await plain.predict(counted)).toEqual(weighted.labels);
});

test('rows without any weight are split too where nothing else is left', async () => {
  const weights = [1, 1, 0, 0, 0];
  const model = await bisecting({ k: 5, weights, init: ends }).fit(column(0, 1, 50, 60, 75));
  expect([...model.labels]).toEqual([0, 1, 2, 3, 4]);
  expect(model.inertia).toBe(0);
});

test('every split is kmeans with two clusters', async () => {
  const board = blobs(300, 4, { columns: 3, deviation: 0.4, seed: 2 });
  const model = await bisecting({ k: 2, seed: 9 }).fit(board);
  const init = [model.centroids.data.subarray(0, 3), model.centroids.data.subarray(3)];
  const again = await kmeans(board, 2, { init, engine: 'reference' });
  expect(again.labels).toEqual(model.labels);
  const one = await bisecting({ k: 1 }).fit(board);
  expect(one.centroids).toEqual((await kmeans(board, 1, { engine: 'reference' })).centroids);
});

test('iterations are those of all splits, and each is told of', async () => {
  const board = blobs(300, 4, { columns: 3, deviation: 0.4, seed: 2 });
  let told = 0;
  const model = await bisecting({ k: 5, seed: 9 }).fit(board, {
    onProgress: async ({ phase, iteration }) => {
      if (phase === 'iterate' && iteration > 0) told++;
    },
  });
  expect(model.iterations).toBe(told);
  expect(told).toBeGreaterThan(4);
});

test('an engine that fails in a later split: nothing changes, nothing stays open', async () => {
  const board = uniformBoard(100, { columns: 2 });
  const failure = new Error('broken');
  let broken = false;
  const engine = fakeEngine((verb) => {
    if (broken && verb === 'step') throw failure;
  });
  const model = await bisecting({ k: 5, engine }).fit(board);
  const before = model.toJSON();
  const fit = model.fit(board, {
    onProgress: ({ fraction }) => {
      if (fraction > 0.5) broken = true;
    },
  });
  await expect(fit).rejects.toBe(failure);
  expect(model.toJSON()).toEqual(before);
  expect([engine.open_, engine.disposed]).toEqual([0, 0]);
});

test.each<[object, string]>([
  [
    { bisectingStrategy: 'smallest' },
    "bisectingStrategy is 'smallest'; expected 'biggest-inertia' or 'largest-cluster'. Choose one of them.",
  ],
  [
    { init: [[0], [1]] },
    'init is an array of 2; expected a name or a function: every split has a start of its own. Pass one of these.',
  ],
  [{ init: () => column(1, 2, 3) }, 'init.rows is 3; expected 2 (k). Give one row a centroid.'],
])('refuses %o', async (options, message) => {
  await expect(bisecting({ k: 2, ...options }).fit(column(0, 1, 2))).rejects.toThrow(
    new InvalidInputError(message),
  );
});

test('a saved tree that is none is refused', async () => {
  const model = await bisecting({ k: 5 }).fit(uniformBoard(30, { columns: 2 }));
  const damaged: [(json: ReturnType<typeof model.toJSON>) => void, string][] = [
    [
      ({ splits }) => splits.pop(),
      'json.splits.length is 3; expected 4 (k − 1, or 1 where k is 1)',
    ],
    [({ splits }) => (splits[0].children[0] = 0), 'json.splits[0].children[0] is 0'],
    [({ splits }) => (splits[3].children = [-1, -1]), 'json.splits'],
    [({ splits }) => (splits[3].children = [-1, -6]), 'json.splits'],
    [({ splits }) => (splits[1].children = [1, 2]), 'json.splits[1].children[0] is 1'],
    [({ splits }) => splits[2].children.pop(), 'json.splits[2].children.length is 1; expected 2'],
    [
      ({ splits }) => splits[2].centroids.splice(0, 2),
      'json.splits[2].centroids.length is 2; expected 2 × 2 (centroids × columns)',
    ],
  ];
  for (const [damage, message] of damaged) {
    const json = model.toJSON();
    damage(json);
    expect(() => BisectingKMeans.fromJSON(json)).toThrow(message);
  }
});

/** The walk in float64, from what is saved. */
function walk(model: BisectingKMeans, points: Matrix): Uint32Array {
  const { splits } = model.toJSON();
  const { data, rows, columns } = points;
  return Uint32Array.from({ length: rows }, (_, i) => {
    let at = 0;
    while (at >= 0) {
      const { centre, exponent, centroids, children } = splits[at];
      const [left, right] = [0, 1].map((side) =>
        centre.reduce((sum, c, t) => {
          const to = centroids[side * columns + t] * powerOfTwo(exponent) + c;
          return sum + (data[i * columns + t] - to) ** 2;
        }, 0),
      );
      at = children[right < left ? 1 : 0];
    }
    return -1 - at;
  });
}
