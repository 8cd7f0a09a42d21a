/**
 * Two-fold cross-validation of clusterings: the rows are halved, each half is clustered, and the
 * centroids of one label the other. How well these labels go with the half's own says whether the
 * clusters are there or were made up.
 */
import type { Matrix, Rows } from '../matrix.ts';
import { below, type Random } from '../rng.ts';
import { sampleRows } from '../seeding/sample.ts';
import type { Repeats } from '../scores/weights.ts';

/**
 * Two different halves of the rows, or of a sample of them, of at most so many rows each. Of weighted rows
 * each copy is in one of them.
 */
export function halve(
  { points, total, rowAt }: Pick<Repeats, 'points' | 'total' | 'rowAt'>,
  most: number,
  random: Random,
): [Matrix, Matrix] {
  const rows = sampleRows(total, 2 * most, random);
  for (let last = rows.length - 1; last > 0; last--) {
    const other = below(last + 1, random);
    [rows[last], rows[other]] = [rows[other], rows[last]];
  }
  const middle = Math.floor(rows.length / 2);
  const chosen = rows.map(rowAt);
  return [take(points, chosen.subarray(0, middle)), take(points, chosen.subarray(middle))];
}

function take({ data, columns }: Rows, list: Uint32Array): Matrix {
  const taken = new Float32Array(list.length * columns);
  list.forEach((row, i) => {
    for (let t = 0; t < columns; t++) taken[i * columns + t] = data[row * columns + t];
  });
  return { data: taken, rows: list.length, columns };
}

/**
 * Prediction strength: of the pairs that share a cluster of the half's own, the share that the other
 * half's centroids leave together; of the worst cluster. A cluster of one row has no pairs, and counts 0.
 *
 * Source: R. Tibshirani, G. Walther, "Cluster Validation by Prediction Strength", J. Comp. Graph.
 * Statist. 14, 2005.
 */
export function predictionStrength(own: Uint32Array, predicted: Uint32Array, k: number): number {
  const cells = new Float64Array(k * k);
  const sizes = new Float64Array(k);
  own.forEach((label, i) => {
    cells[label * k + predicted[i]]++;
    sizes[label]++;
  });
  let worst = 1;
  for (let j = 0; j < k; j++) {
    let together = 0;
    for (let other = 0; other < k; other++) {
      const rows = cells[j * k + other];
      together += rows * (rows - 1);
    }
    worst = Math.min(worst, sizes[j] < 2 ? 0 : together / (sizes[j] * (sizes[j] - 1)));
  }
  return worst;
}
