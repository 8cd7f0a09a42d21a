/** `centroids/vq` against SciPy: its tutorial, and the examples of its manual as they are printed. */
import { describe, expect, test } from 'vitest';
import { kmeans, kmeans2, vq, whiten } from '../../src/vq/index.ts';
import { judgeVq, largest, near, scipy, whiten as whitened } from './suite.ts';

describe.each(['reference', 'wasm'] as const)('on %s, from their code book', (engine) => {
  test.each(scipy)('$name', ({ golden }) => judgeVq(golden, engine));
});

describe('from a start of our own: the same clusters', () => {
  test.each(scipy)('$name', async ({ golden: { points, expected } }) => {
    const scale = largest(points);
    const sorted = (rows: readonly (readonly number[])[]) =>
      [...rows].sort((a, b) => a[0] - b[0]).flat();
    const rowsOf = ({ data }: { data: Float64Array }) =>
      [0, 1, 2].map((j) => [...data.subarray(2 * j, 2 * j + 2)]);
    const { codebook } = await kmeans(points, 3);
    near(sorted(rowsOf(codebook)), sorted(expected.centroids), scale);
    const { centroid } = await kmeans2(points, 3, { minit: '++' });
    near(sorted(rowsOf(centroid)), sorted(expected.centroids), scale);
  });
});

test.each(whitened)('$name', ({ name, golden: { points, expected } }) => {
  const warnings: string[] = [];
  const { data } = whiten(points, { onWarning: (message) => warnings.push(message) });
  near([...data], expected.whitened.flat(), largest(expected.whitened));
  expect(warnings).toHaveLength(name === 'scipy-whiten-constant' ? 1 : 0);
});

describe('as the manual prints it', () => {
  const three = [
    [1.9, 2.3, 1.7],
    [1.5, 2.5, 2.2],
    [0.8, 0.6, 1.7],
  ];
  const nine = [
    [1.9, 2.3],
    [1.5, 2.5],
    [0.8, 0.6],
    [0.4, 1.8],
    [0.1, 0.1],
    [0.2, 1.8],
    [2.0, 0.5],
    [0.3, 1.5],
    [1.0, 1.0],
  ];
  const printed = (values: Iterable<number>) => Array.from(values, (x) => Number(x.toFixed(8)));

  test('whiten', () => {
    expect(printed(whiten(three).data)).toEqual(
      [
        [4.17944278, 2.69811351, 7.21248917],
        [3.29956009, 2.93273208, 9.33380951],
        [1.75976538, 0.7038557, 7.21248917],
      ].flat(),
    );
  });

  test('vq', async () => {
    const book = [
      [1, 1, 1],
      [2, 2, 2],
    ];
    const { code, dist } = await vq(three, book);
    expect([...code]).toEqual([1, 1, 0]);
    expect(printed(dist)).toEqual([0.43588989, 0.73484692, 0.83066239]);
  });

  // Printed when whiten still divided by n − 1: whitened as it is now, SciPy too answers otherwise.
  const asThen = whiten(nine).data.map((x) => x * Math.sqrt(8 / 9));
  const asNow = whiten(nine).data;

  test.each([
    ['as printed', asThen, [2.3110306, 2.86287398, 0.93218041, 1.24398691], 0.85684700941625547],
    ['by SciPy 1.10', asNow, [2.45121811, 3.03653641, 0.98872663, 1.31944737], 0.9088234961964715],
  ])('kmeans from a code book, %s', async (_, data, book, distortion) => {
    const guess = { data: Float64Array.of(...data.slice(0, 2), ...data.slice(4, 6)), columns: 2 };
    const found = await kmeans({ data, columns: 2 }, guess);
    expect(found.codebook).toMatchObject({ rows: 2, columns: 2 });
    expect(printed(found.codebook.data)).toEqual(book);
    expect(Math.abs(found.distortion - distortion)).toBeLessThan(1e-15);
  });

  test.each([
    ['as printed', asThen, 0.5196582527686241],
    ['by SciPy 1.10', asNow, 0.5511808116483707],
  ])('kmeans: the best of 20 restarts, %s', async (_, data, distortion) => {
    const found = await kmeans({ data, columns: 2 }, 3);
    expect(found.codebook.rows).toBe(3);
    expect(Math.abs(found.distortion - distortion)).toBeLessThan(1e-15);
  });
});
