/** scikit-learn's estimators where no random stream matters: splits from given rows, batches in order. */
import { describe, expect, test } from 'vitest';
import { BisectingKMeans, MiniBatchKMeans, type Matrix, type Points } from '../../src/index.ts';
import type { Rows } from '../../src/matrix.ts';
import { FLOAT32_TOLERANCE, largest, near } from './suite.ts';
import bySize from './estimator-bisecting-largest.json' with { type: 'json' };
import byInertia from './estimator-bisecting-biggest.json' with { type: 'json' };
import stream from './estimator-stream.json' with { type: 'json' };

const close = (ours: number, theirs: number) =>
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(FLOAT32_TOLERANCE * Math.abs(theirs));
const alike = (ours: Matrix, theirs: number[][], points: number[][]) =>
  near([...ours.data], theirs.flat(), largest(points));

/** The first rows that are least and greatest in the third column. */
function ends({ data, rows, columns }: Rows): Points {
  const third = Array.from({ length: rows }, (_, i) => data[i * columns + 2]);
  return [Math.min(...third), Math.max(...third)].map((x) => {
    const at = third.indexOf(x) * columns;
    return Array.from(data.subarray(at, at + columns));
  });
}

describe.each(['reference', 'wasm'] as const)('%s', (engine) => {
  test.each([
    ['biggest-inertia', byInertia],
    ['largest-cluster', bySize],
  ] as const)('bisecting, %s', async (bisectingStrategy, { points, beyond, expected }) => {
    const model = await new BisectingKMeans({
      k: 6,
      init: ends,
      tol: 0,
      bisectingStrategy,
      engine,
    }).fit(points);
    expect([...model.labels]).toEqual(expected.labels);
    alike(model.centroids, expected.centroids, points);
    close(model.inertia, expected.inertia);
    // theirs takes the nearest of all centroids here, which are not those of the clusters
    close(await model.score(points), -expected.inertia);
    expect([...(await model.predict(beyond))]).toEqual(expected.predicted);
    alike(await model.transform(beyond), expected.transformed, expected.transformed);
  });

  test('mini-batches of a weighted stream', async () => {
    const { points, weights, init, beyond, expected } = stream;
    const model = new MiniBatchKMeans({ k: 5, init, reassignmentRatio: 0, engine });
    for (let at = 0; at < points.length; at += 30)
      await model.partialFit(points.slice(at, at + 30), { weights: weights.slice(at, at + 30) });
    alike(model.centroids, expected.centroids, points);
    expect([...model.labels]).toEqual(expected.batch_labels);
    close(model.inertia, expected.inertia);
    expect([...(await model.predict(points))]).toEqual(expected.labels);
    close(await model.score(points, { weights }), expected.score);
    alike(await model.transform(beyond), expected.transformed, expected.transformed);
    expect([model.iterations, model.steps]).toEqual([5, 5]);
  });
});
