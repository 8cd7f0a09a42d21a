/** ml-kmeans, with points as the arrays of arrays that it takes. */
import { kmeans } from 'ml-kmeans';
import type { Matrix } from '../../src/index.ts';
import { listsOf } from '../../src/matrix.ts';
import type { Contender } from './library-run.ts';

export function meetMlKmeans(points: Matrix, start: Matrix): Contender {
  const rows = listsOf(points);
  return {
    description: 'float64 on this thread',
    hardware: false,
    labelsLag: true,
    fit(maxIterations) {
      const found = kmeans(rows, start.rows, {
        initialization: listsOf(start),
        maxIterations,
        tolerance: 0,
      });
      return {
        labels: Uint32Array.from(found.clusters),
        centroids: Float64Array.from(found.centroids.flat()),
        iterations: found.iterations,
        upload: null,
      };
    },
  };
}
