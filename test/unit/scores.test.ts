/** Scores: what they are for known partitions, whatever labels are called; sampling; errors; aborts. */
import { describe, expect, test } from 'vitest';
import {
  adjustedRandIndex,
  blobs,
  calinskiHarabasz,
  centroidIndex,
  daviesBouldin,
  homogeneityCompletenessV,
  InvalidInputError,
  normalizedMutualInformation,
  silhouette,
  silhouetteSamples,
  type Labels,
} from '../../src/index.ts';
import { below, pcg32 } from '../../src/rng.ts';

const cloud = blobs(3000, 4, { columns: 3, seed: 5, deviation: 0.25 });
const random = pcg32(9);
const fourRandom = Array.from({ length: 3000 }, () => below(4, random));
/** By the side of a plane: a partition that is neither good nor hopeless. */
const halves = Array.from({ length: 3000 }, (_, i) => (cloud.data[3 * i] > 0.1 ? 1 : 0));

describe('by hand', () => {
  const line = [[0], [2], [10], [13]];
  const labels = [0, 0, 1, 1];

  test('silhouette', async () => {
    const wanted = [(11.5 - 2) / 11.5, (9.5 - 2) / 9.5, (9 - 3) / 9, (12 - 3) / 12];
    expect([...(await silhouetteSamples(line, labels))]).toEqual(wanted);
    expect(await silhouette(line, labels)).toBeCloseTo(wanted.reduce((a, b) => a + b) / 4, 15);
  });

  test('a row alone in its cluster, and rows that all lie on one place: 0', async () => {
    expect((await silhouetteSamples(line, [0, 0, 0, 5]))[3]).toBe(0);
    expect([...(await silhouetteSamples([[1], [1], [1], [1]], labels))]).toEqual([0, 0, 0, 0]);
  });

  test('Davies–Bouldin and Caliński–Harabasz', () => {
    expect(daviesBouldin(line, labels)).toBeCloseTo((1 + 1.5) / 10.5, 15);
    const between = 2 * (1 - 6.25) ** 2 + 2 * (11.5 - 6.25) ** 2;
    expect(calinskiHarabasz(line, labels)).toBeCloseTo((between * 2) / (2 + 4.5), 12);
    expect(daviesBouldin([[1], [1], [1], [1]], labels)).toBe(0);
    expect(calinskiHarabasz([[1], [1], [2], [2]], labels)).toBe(1);
  });

  // the values of scikit-learn's manual
  test.each<[Labels, Labels, number, number]>([
    [[0, 0, 1, 1], [0, 0, 1, 1], 1, 1],
    [[0, 0, 1, 1], [1, 1, 0, 0], 1, 1],
    [[0, 0, 0, 0], [0, 1, 2, 3], 0, 0],
    [[0, 0, 1, 1], [0, 1, 0, 1], -0.5, 0],
    [[0, 0, 1, 2], [0, 0, 1, 1], 4 / 7, 0.8],
    [[7, 7, 7], [2, 2, 2], 1, 1],
    [[5], [3], 1, 1],
  ])('agreement of %o and %o', (truth, labels, rand, mutual) => {
    for (const [a, b] of [
      [truth, labels],
      [labels, truth],
    ]) {
      // prettier-ignore
      expect(adjustedRandIndex(a, b)).toBeCloseTo(rand, 15);
      expect(normalizedMutualInformation(a, b)).toBeCloseTo(mutual, 15);
      expect(homogeneityCompletenessV(a, b).vMeasure).toBeCloseTo(mutual, 15);
    }
  });

  test('homogeneity is not completeness, and beta weighs them', () => {
    const split = homogeneityCompletenessV([0, 0, 1, 1], [0, 1, 2, 3], { beta: 2 });
    expect(split.homogeneity).toBeCloseTo(1, 15);
    expect(split.completeness).toBeCloseTo(0.5, 15);
    expect(split.vMeasure).toBeCloseTo((3 * 0.5) / (2 + 0.5), 15);
    const beta = 0;
    const joined = homogeneityCompletenessV([0, 0, 1, 1], [0, 0, 0, 0], { beta });
    expect(joined).toEqual({ homogeneity: 0, completeness: 1, vMeasure: 0 });
  });

  test('the centroid index counts centroids in the wrong place', () => {
    const truth = [[0], [10], [20], [30]];
    expect(centroidIndex(truth, [[31], [1], [9], [21]])).toBe(0);
    // two in the first cluster, none in the third
    expect(centroidIndex(truth, [[-1], [1], [10], [30]])).toBe(1);
    expect(centroidIndex(truth, [[-1], [0], [1], [2]])).toBe(3);
    // a solution of fewer centroids misses some, in either order of the arguments
    expect(centroidIndex(truth, [[0], [30]])).toBe(2);
    expect(centroidIndex([[0], [30]], truth)).toBe(2);
  });
});

describe('labels', () => {
  test('may be any numbers in any array', async () => {
    const wanted = await silhouette(cloud, fourRandom);
    const names = [-3, 2 ** 40, 70_000, 0]; // far apart: not a table's business
    const forms: Labels[] = [
      Uint8Array.from(fourRandom),
      Int32Array.from(fourRandom, (j) => j - 2),
      Float64Array.from(fourRandom, (j) => names[j]),
      fourRandom.map((j) => names[j]),
    ];
    for (const labels of forms) {
      expect(await silhouette(cloud, labels)).toBeCloseTo(wanted, 13);
      expect(daviesBouldin(cloud, labels)).toBeCloseTo(daviesBouldin(cloud, fourRandom), 11);
      expect(adjustedRandIndex(labels, fourRandom)).toBe(1);
      expect(normalizedMutualInformation(fourRandom, labels)).toBeCloseTo(1, 14);
    }
  });

  test('drawn at random agree no better than chance', () => {
    expect(Math.abs(adjustedRandIndex(fourRandom, halves))).toBeLessThan(0.003);
    expect(normalizedMutualInformation(fourRandom, halves)).toBeLessThan(0.003);
  });

  test('independent ones share exactly nothing', () => {
    const a = Array.from({ length: 105 }, (_, i) => i % 3);
    const b = Array.from({ length: 105 }, (_, i) => i % 7);
    expect(normalizedMutualInformation(a, b)).toBe(0);
    expect(homogeneityCompletenessV(a, b)).toEqual({
      homogeneity: 0,
      completeness: 0,
      vMeasure: 0,
    });
  });

  test('the points may be far from the origin', async () => {
    // Doubles at 10⁶ keep ten digits of the distances; ‖x‖² − 2xy + ‖y‖² would keep none.
    const near = Float64Array.from(cloud.data);
    const far = near.map((x) => x + 1e6);
    expect(await silhouette({ data: far, columns: 3 }, halves)).toBeCloseTo(
      await silhouette({ data: near, columns: 3 }, halves),
      8,
    );
  });
});

describe('a sample', () => {
  test('of all rows is the score itself', async () => {
    const score = await silhouette(cloud, halves);
    const all = await silhouette(cloud, halves, { sample: 5000 });
    expect(all).toEqual({ score, low: score, high: score, rows: 3000 });
  });

  test('has the exact score in its interval 95 times of 100', async () => {
    const small = { data: cloud.data.subarray(0, 1800), columns: 3 };
    const labels = halves.slice(0, 600);
    const exact = await silhouette(small, labels);
    let hits = 0;
    const scores = new Set<number>();
    for (let seed = 0; seed < 400; seed++) {
      const { score, low, high, rows } = await silhouette(small, labels, { sample: 60, seed });
      expect(rows).toBe(60);
      scores.add(score);
      if (low <= exact && exact <= high) hits++;
    }
    expect(scores.size).toBeGreaterThan(390);
    expect(hits / 400).toBeGreaterThan(0.92);
    expect(hits / 400).toBeLessThan(0.98);
  });

  test('is the same for the same seed', async () => {
    const run = (seed: number) => silhouette(cloud, halves, { sample: 100, seed });
    expect(await run(3)).toEqual(await run(3));
  });
});

describe('a million points', () => {
  const million = blobs(1_000_000, 8, { seed: 1 });
  const labels = Uint8Array.from({ length: 1_000_000 }, (_, i) =>
    million.data[2 * i] > 0 ? 1 : 0,
  );

  test('by sampling; others get the thread meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const { score, low, high } = await silhouette(million, labels, { sample: 60 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    expect(score).toBeGreaterThan(low);
    expect(high - low).toBeLessThan(0.2);
  });

  test('an abort is heard, before and in between', async () => {
    const reason = new Error('enough');
    const before = AbortSignal.abort(reason);
    await expect(silhouette(million, labels, { signal: before })).rejects.toBe(reason);
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    // all pairs would take hours
    await expect(silhouetteSamples(million, labels, { signal: controller.signal })).rejects.toBe(
      reason,
    );
  });
});

describe('refuses', () => {
  const two = [[0], [1], [2]];
  test.each<[() => unknown, string]>([
    [
      () => silhouette(two, [1, 1, 1]),
      'the number of clusters in labels is 1; expected 2 to 2 (the number of points less one).',
    ],
    [() => daviesBouldin(two, [1, 2, 3]), 'the number of clusters in labels is 3; expected 2 to 2'],
    [() => calinskiHarabasz(two, [0, 1]), 'labels.length is 2; expected 3 (one label a row).'],
    [() => silhouetteSamples(two, [0, 1.5, 1]), 'labels[1] is 1.5; expected a whole number.'],
    [
      () => daviesBouldin(two, ['a', 'b', 'b'] as never),
      "labels[0] is 'a'; expected a whole number.",
    ],
    [() => daviesBouldin(two, null as never), 'labels.length is undefined; expected 3'],
    [() => daviesBouldin([[0], [NaN], [1]], [0, 0, 1]), 'points[1][0] is NaN; expected a finite'],
    [() => silhouette(two, [0, 0, 1], { sample: 1 }), 'sample is 1; expected a whole number ≥ 2.'],
    [
      () => silhouette(two, [0, 0, 1], { samples: 2 } as object),
      'options.samples is 2; expected only options named sample, seed, signal, weights. Check the spelling.',
    ],
    [
      () => silhouette(two, [0, 0, 1], { sample: 2, seed: -1 }),
      'seed is -1; expected a whole number ≥ 0.',
    ],
    [() => adjustedRandIndex([0, 1], [0]), 'labels.length is 1; expected 2 (as many as in truth).'],
    [() => adjustedRandIndex([], []), 'truth.length is 0; expected at least 1.'],
    [() => normalizedMutualInformation([NaN], [0]), 'truth[0] is NaN; expected a whole number.'],
    [() => homogeneityCompletenessV(5 as never, [0]), 'truth is 5; expected an array of whole'],
    [
      () => homogeneityCompletenessV([0], [0], { beta: -1 }),
      'beta is -1; expected a finite number',
    ],
    [() => centroidIndex([[0, 1]], [[0]]), 'others.columns is 1; expected 2, as in centroids.'],
    [() => centroidIndex([[0]], [[Infinity]]), 'others[0][0] is Infinity; expected a finite'],
  ])('%s', async (call, message) => {
    const error = await new Promise((resolve) => resolve(call())).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as Error).message.slice(0, message.length)).toBe(message);
  });
});
