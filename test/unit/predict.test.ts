/** Labels of other rows: those of the fit for its rows, the true nearest for any, row by row. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobs, InvalidInputError, kmeans, matrix, uniformBoard } from '../../src/index.ts';
import { cases } from '../conformance/cases.ts';
import { expected } from '../conformance/suite.ts';
import { fakeEngine } from './fake-engines.ts';

const board = blobs(500, 6, { columns: 3, deviation: 0.3, seed: 2 });
const model = await kmeans(board, 6, { engine: 'reference' });

describe('the rows of the fit', () => {
  test.each(cases.filter(({ name }) => expected[name].iterations < 20))(
    '$name',
    async ({ make }) => {
      const { points, k, options } = make();
      const result = await kmeans(points, k, { ...options, engine: 'reference' });
      expect(await result.predict(points)).toEqual(result.labels);
    },
  );
});

describe('any rows', () => {
  test('get the nearest centroid, also far outside the range of the fit', async () => {
    const { data } = model.centroids;
    const coordinate = fc.oneof(
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.constantFrom(3.4e38, -3.4e38, 0, 1e-40),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 9 }),
        async (rows) => {
          const labels = await model.predict(rows);
          rows.forEach((row, i) => {
            const distance = (j: number) => Math.hypot(...row.map((x, t) => x - data[3 * j + t]));
            const best = Math.min(...[0, 1, 2, 3, 4, 5].map(distance));
            expect(distance(labels[i])).toBeLessThanOrEqual(best * (1 + 1e-6) + 1e-6);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('beyond all centroids of a line get the last of them, however far away', async () => {
    const line = [[9], [1.5], [-3], [9.25], [-2.875]];
    for (const metric of ['euclidean', 'manhattan'] as const) {
      const { predict } = await kmeans(line, 5, { init: line, metric, engine: 'reference' });
      for (const far of [9.5, 22, 1e3, 1e6, 1e9, 1e10, 1e20, 1e38])
        expect([...(await predict([[far], [-far]]))]).toEqual([3, 2]);
    }
  });

  test('far away in a plane get the nearest, and the first of two that are as near', async () => {
    const square = [
      [0, 1],
      [0, -1],
      [1, 0],
      [-1, 0],
    ];
    const { predict } = await kmeans(square, 4, { init: square, engine: 'reference' });
    for (const far of [3, 1e5, 1e10, 1e30]) {
      const rows = square.map((row) => row.map((x) => far * x));
      expect([...(await predict(rows))]).toEqual([0, 1, 2, 3]);
      expect([
        ...(await predict([
          [far, far],
          [-far, -far],
        ])),
      ]).toEqual([0, 1]);
    }
  });

  test('each by itself: a part has the labels of the whole', async () => {
    const rows = uniformBoard(200, { columns: 3, seed: 5 }).data.map((x) => 2 * x);
    const whole = await model.predict(matrix(rows, 3));
    for (const size of [1, 7, 64])
      for (let from = 0; from + size <= 200; from += size * 3) {
        const part = await model.predict(matrix(rows.slice(3 * from, 3 * (from + size)), 3));
        expect([...part]).toEqual([...whole.subarray(from, from + size)]);
      }
  });

  test('centroids get their own number', async () => {
    expect([...(await model.predict(model.centroids))]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('of a tie the first centroid has it, inside the range and outside', async () => {
    const line = await kmeans([[-1], [1]], 2, { engine: 'reference', init: [[-1], [1]] });
    expect([...(await line.predict([[0]]))]).toEqual([0]);
    const plane = await kmeans(
      [
        [1, 0],
        [-1, 0],
      ],
      2,
      {
        engine: 'reference',
        init: [
          [1, 0],
          [-1, 0],
        ],
      },
    );
    expect([
      ...(await plane.predict([
        [0, 1e9],
        [0, -5],
        [1e-3, 100],
        [-1e-3, 100],
      ])),
    ]).toEqual([0, 0, 0, 1]);
  });

  test('in the units of the points where columns were whitened', async () => {
    const points = Array.from({ length: 60 }, (_, i) => [i % 2 ? 1e-6 : 0, (i % 7) * 1e6]);
    const whitened = await kmeans(points, 2, { whiten: true, engine: 'reference', seed: 1 });
    expect(await whitened.predict(points)).toEqual(whitened.labels);
    const far = points.map(([x, y]) => [x * 50, y * 50]);
    // Far outside too: columns count by their deviation, not by their size.
    const deviations = [5e-7, deviation(points.map(([, y]) => y))];
    const { data } = whitened.centroids;
    const labels = await whitened.predict(far);
    far.forEach((row, i) => {
      const distance = (j: number) =>
        Math.hypot(...row.map((x, t) => (x - data[2 * j + t]) / deviations[t]));
      expect(distance(labels[i])).toBeLessThanOrEqual(distance(1 - labels[i]) * (1 + 1e-5));
    });
    expect(new Set(labels).size).toBe(2);
  });

  test('infinitely many deviations away: the nearest, and no search for ever', async () => {
    const tiny = [[0], [1e-300], [7e-300], [8e-300]];
    const options = { whiten: true, engine: 'reference', seed: 1 } as const;
    const whitened = await kmeans(tiny, 2, options);
    expect(new Set(whitened.labels).size).toBe(2);
    const { labels } = whitened;
    expect([...(await whitened.predict([[1e38], [-1e38]]))]).toEqual([labels[3], labels[0]]);
    const far = await kmeans(tiny, 2, { ...options, init: [[-1e38], [1e38]] });
    expect(new Set(far.labels).size).toBe(2);
  });

  test('in any form', async () => {
    const lists = Array.from({ length: 500 }, (_, i) => [...board.data.subarray(3 * i, 3 * i + 3)]);
    expect(await model.predict(lists)).toEqual(model.labels);
  });
});

describe('refused', () => {
  test.each<[string, unknown, string]>([
    [
      'other columns',
      [[1, 2]],
      'points.columns is 2; expected 3, as in the fit. Pass rows of the same columns.',
    ],
    [
      'NaN',
      [
        [1, 2, 3],
        [1, NaN, 3],
      ],
      "points[1][1] is NaN; expected a finite number within float32's range. Drop or fill the row, or rescale the column.",
    ],
    ['no rows', [], 'points.rows is 0; expected at least 1. Pass at least one point.'],
  ])('%s', async (_, points, message) => {
    await expect(model.predict(points as number[][])).rejects.toThrow(
      new InvalidInputError(message),
    );
  });
});

test('runs on the engine of the fit and closes what it opens there', async () => {
  const engine = fakeEngine();
  const result = await kmeans(board, 3, { engine });
  engine.calls.length = 0;
  await result.predict(board);
  expect(engine.calls).toEqual(['open', 'place', 'assign']);
  expect([engine.open_, engine.disposed]).toEqual([0, 0]);
});

test('leaves the points as they were', async () => {
  const rows = uniformBoard(20, { columns: 3 }).data.map((x) => 9 * x);
  const before = rows.slice();
  await model.predict(matrix(rows, 3));
  expect(rows).toEqual(before);
});

function deviation(column: number[]): number {
  const mean = column.reduce((a, b) => a + b) / column.length;
  return Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length);
}
