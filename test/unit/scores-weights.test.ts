/** Scores with weights: whole ones are repeated rows, to the bit; others are shares; both are judged. */
import { describe, expect, test } from 'vitest';
import {
  adjustedRandIndex,
  blobs,
  calinskiHarabasz,
  daviesBouldin,
  homogeneityCompletenessV,
  InvalidInputError,
  normalizedMutualInformation,
  silhouette,
  silhouetteSamples,
  type Labels,
  type Matrix,
  type WeightOptions,
} from '../../src/index.ts';
import { below, pcg32 } from '../../src/rng.ts';
import { repeats, rowsAt } from '../support/repeats.ts';

const ROWS = 203;
const random = pcg32(4);
const points = blobs(ROWS, 4, { columns: 3, seed: 8, deviation: 0.3 });
const truth = Array.from(points.labels);
/** Mostly the truth, else any. */
const labels = truth.map((label) => (random() < 0.8 ? label : below(5, random)));

const WEIGHTS: readonly (readonly [string, (row: number) => number])[] = [
  ['two each', () => 2],
  ['one to three', (row) => 1 + (row % 3)],
  ['none to six', (row) => (row * 5) % 7],
  ['one that is heavy', (row) => (row === 100 ? 999 : 1)],
];

/** Every score that is one number, and those that are many. */
async function scores(rows: Matrix, truth: Labels, labels: Labels, options: WeightOptions = {}) {
  const both = homogeneityCompletenessV(truth, labels, { ...options, beta: 0.7 });
  return {
    silhouette: await silhouette(rows, labels, options),
    daviesBouldin: daviesBouldin(rows, labels, options),
    calinskiHarabasz: calinskiHarabasz(rows, labels, options),
    adjustedRandIndex: adjustedRandIndex(truth, labels, options),
    normalizedMutualInformation: normalizedMutualInformation(truth, labels, options),
    ...both,
  };
}

describe.each(WEIGHTS)('whole weights, %s', (_, weight) => {
  const weights = Array.from({ length: ROWS }, (_, row) => weight(row));

  test.each(['beside', 'anywhere'] as const)('are so many equal rows, %s', async (where) => {
    const places = repeats(weights, where);
    const repeated = rowsAt(points, places);
    const pick = (list: readonly number[]) => places.map((row) => list[row]);
    // toEqual compares numbers by Object.is
    expect(await scores(repeated, pick(truth), pick(labels))).toEqual(
      await scores(points, truth, labels, { weights }),
    );
    const each = await silhouetteSamples(points, labels, { weights });
    expect([...(await silhouetteSamples(repeated, pick(labels)))]).toEqual(pick([...each]));
    weights.forEach((w, row) => w === 0 && expect(each[row]).toBe(0));
  });

  test('a sample is that of the rows repeated beside each other', async () => {
    const places = repeats(weights, 'beside');
    const own = places.map((row) => labels[row]);
    for (const sample of [2, 50, 10_000])
      expect(await silhouette(points, labels, { weights, sample, seed: 3 })).toEqual(
        await silhouette(rowsAt(points, places), own, { sample, seed: 3 }),
      );
  });
});

test.each(['beside', 'anywhere'] as const)('of rows near and far, %s', async (where) => {
  const data = points.data.map((x, at) => x * 2 ** (((at * 37) % 120) - 60));
  const rows = { ...points, data };
  const weights = Array.from({ length: ROWS }, (_, row) => 1 + (row % 5));
  const places = repeats(weights, where);
  const pick = (list: readonly number[]) => places.map((row) => list[row]);
  expect(await scores(rowsAt(rows, places), pick(truth), pick(labels))).toEqual(
    await scores(rows, truth, labels, { weights }),
  );
  expect([...(await silhouetteSamples(rowsAt(rows, places), pick(labels)))]).toEqual(
    pick([...(await silhouetteSamples(rows, labels, { weights }))]),
  );
});

test('weights of one each are none, in any array', async () => {
  const plain = await scores(points, truth, labels);
  for (const weights of [new Float32Array(ROWS).fill(1), new Array<number>(ROWS).fill(1)])
    expect(await scores(points, truth, labels, { weights })).toEqual(plain);
});

test('the order of the rows does not count', async () => {
  const order = repeats(new Array<number>(ROWS).fill(1), 'anywhere');
  const pick = (list: readonly number[]) => order.map((row) => list[row]);
  expect(await scores(rowsAt(points, order), pick(truth), pick(labels))).toEqual(
    await scores(points, truth, labels),
  );
});

describe('shares', () => {
  const weights = Array.from({ length: ROWS }, (_, row) => 0.25 + (row % 5));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const counts = weights.map((w) => (w / total) * ROWS);
  // agreement counts in 32 bits
  const close = (numbers: object) =>
    Object.fromEntries(Object.entries(numbers).map(([n, x]) => [n, (x as number).toPrecision(8)]));

  test('count as if they added up to the rows, whatever their size', async () => {
    const one = await scores(points, truth, labels, { weights });
    for (const factor of [1e-200, 1 / 3, 1e200]) {
      const scaled = { weights: weights.map((w) => w * factor) };
      expect(close(await scores(points, truth, labels, scaled))).toEqual(close(one));
    }
    const even = { weights: new Array<number>(ROWS).fill(0.3) };
    expect(close(await scores(points, truth, labels, even))).toEqual(
      close(await scores(points, truth, labels)),
    );
    expect(close(one)).not.toEqual(close(await scores(points, truth, labels)));
  });

  test('silhouettes by their definition', async () => {
    const distance = (i: number, j: number) =>
      Math.hypot(...[0, 1, 2].map((t) => points.data[3 * i + t] - points.data[3 * j + t]));
    const found = await silhouetteSamples(points, labels, { weights });
    for (let i = 0; i < ROWS; i += 20) {
      const means = [0, 1, 2, 3, 4].map((cluster) => {
        const rows = labels.flatMap((label, row) => (label === cluster ? [row] : []));
        const size = rows.reduce((sum, row) => sum + counts[row], 0);
        const sum = rows.reduce((sum, row) => sum + counts[row] * distance(i, row), 0);
        return sum / (cluster === labels[i] ? size - Math.min(1, counts[i]) : size);
      });
      const a = means[labels[i]];
      const b = Math.min(...means.filter((_, cluster) => cluster !== labels[i]));
      expect(found[i]).toBeCloseTo((b - a) / Math.max(a, b), 11);
    }
  });

  test('of clusters that count less than a row', async () => {
    const light = await silhouetteSamples([[0], [1], [5], [9]], [0, 0, 1, 2], {
      weights: [0.01, 0.02, 0.7, 2.5],
    });
    expect([...light]).toEqual([4 / 5, 3 / 4, 0, 1]);
  });

  test('the adjusted Rand index by its definition', () => {
    const pairs = (cell: (row: number) => string) => {
      const sizes = new Map<string, number>();
      counts.forEach((n, row) => sizes.set(cell(row), (sizes.get(cell(row)) ?? 0) + n));
      return [...sizes.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
    };
    const [a, b] = [pairs((row) => `${truth[row]}`), pairs((row) => `${labels[row]}`)];
    const expected = (a * b) / ((ROWS * (ROWS - 1)) / 2);
    const both = pairs((row) => `${truth[row]} ${labels[row]}`);
    const wanted = (both - expected) / ((a + b) / 2 - expected);
    expect(adjustedRandIndex(truth, labels, { weights })).toBeCloseTo(wanted, 8);
    expect(adjustedRandIndex(truth, truth, { weights })).toBe(1);
    expect(adjustedRandIndex(new Uint8Array(ROWS), new Uint8Array(ROWS), { weights })).toBe(1);
  });
});

describe('refuses', () => {
  const rows = [[0], [1], [2], [3]];
  const own = [0, 0, 1, 1];
  const calls: readonly [string, (weights: readonly number[], labels?: Labels) => unknown][] = [
    ['silhouette', (weights, labels = own) => silhouette(rows, labels, { weights })],
    ['a sample', (weights, labels = own) => silhouette(rows, labels, { weights, sample: 3 })],
    ['silhouetteSamples', (weights, labels = own) => silhouetteSamples(rows, labels, { weights })],
    ['daviesBouldin', (weights, labels = own) => daviesBouldin(rows, labels, { weights })],
    ['calinskiHarabasz', (weights, labels = own) => calinskiHarabasz(rows, labels, { weights })],
    ['adjustedRandIndex', (weights) => adjustedRandIndex(own, own, { weights })],
    ['mutual information', (weights) => normalizedMutualInformation(own, own, { weights })],
    ['homogeneity', (weights) => homogeneityCompletenessV(own, own, { weights })],
  ];
  const messageOf = async (call: () => unknown) => {
    const error = await new Promise((resolve) => resolve(call())).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as Error).message;
  };

  test.each(calls)('%s: weights that are none', async (_, call) => {
    expect(await messageOf(() => call([1, 2, 3]))).toBe(
      'weights.length is 3; expected 4 (one weight a row). Give every row a weight.',
    );
    expect(await messageOf(() => call([1, -2, 3, 4]))).toMatch(
      /^weights\[1\] is -2; expected a finite number ≥ 0\. /,
    );
    expect(await messageOf(() => call([1, 2, NaN, 4]))).toMatch(/^weights\[2\] is NaN; /);
    expect(await messageOf(() => call([1, 2, Infinity, 4]))).toMatch(/^weights\[2\] is Infinity; /);
    expect(await messageOf(() => call([0, 0, 0, 0]))).toMatch(
      /^the sum of weights is 0; expected more than 0\. /,
    );
  });

  test.each(calls.slice(0, 5))('%s: clusters that no weight is left to', async (_, call) => {
    expect(await messageOf(() => call([1, 1, 0, 0]))).toMatch(
      /^the number of clusters in labels of rows with a weight above 0 is 1; expected 2 to 1 /,
    );
    expect(await messageOf(() => call([1, 0, 1, 0]))).toMatch(/ is 2; expected 2 to 1 /);
    // two equal rows are company
    expect(await call([2, 0, 1, 0])).not.toBeNaN();
  });

  test('options of other names', async () => {
    const wrong = { weight: [1, 1, 1, 1] } as object;
    for (const call of [
      () => daviesBouldin(rows, own, wrong),
      () => calinskiHarabasz(rows, own, wrong),
      () => silhouetteSamples(rows, own, wrong),
      () => adjustedRandIndex(own, own, wrong),
      () => normalizedMutualInformation(own, own, wrong),
      () => homogeneityCompletenessV(own, own, wrong),
    ])
      expect(await messageOf(call)).toMatch(/^options\.weight is an array of 4; expected only /);
  });
});
