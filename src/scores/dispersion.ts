/** Scores that compare clusters by their centres: no pairs of rows, one pass or two. Float64. */
import { atOnce, type Stretches } from '../breathe.ts';
import { squaredDistance, type Points, type Rows } from '../matrix.ts';
import { judgeClustering, sizesOf, type Clusters, type Labels } from './labels.ts';

/**
 * Davies–Bouldin: the mean, over clusters, of how much each overlaps with the one most like it; 0 is
 * best. As scikit-learn's `davies_bouldin_score`.
 *
 * Source: D. L. Davies, D. W. Bouldin, "A Cluster Separation Measure", IEEE TPAMI 1979.
 * @param labels one whole number a row; 2 to rows − 1 different ones
 * @throws InvalidInputError
 */
export function daviesBouldin(points: Points, labels: Labels): number {
  const { rows, clusters } = judgeClustering(points, labels);
  return atOnce(daviesBouldinOf(rows, clusters, null));
}

/** The same of clusters that have been judged; `counts`: how many rows each stands for, null: one. */
export function* daviesBouldinOf(
  rows: Rows,
  clusters: Clusters,
  counts: Float64Array | null,
): Stretches<number> {
  const { data, columns } = rows;
  const { of } = clusters;
  const sizes = sizesOf(clusters, counts);
  const centres = yield* centresOf(rows, of, sizes, counts);
  const spread = new Float64Array(sizes.length);
  for (let i = 0; i < rows.rows; i++) {
    const j = of[i];
    spread[j] +=
      countOf(counts, i) *
      Math.sqrt(squaredDistance(data, i * columns, centres, j * columns, columns));
    if (i % SLICE === 0) yield;
  }
  for (let j = 0; j < sizes.length; j++) spread[j] /= sizes[j];
  let total = 0;
  for (let j = 0; j < sizes.length; j++) {
    let worst = 0;
    for (let other = 0; other < sizes.length; other++) {
      const apart = Math.sqrt(
        squaredDistance(centres, j * columns, centres, other * columns, columns),
      );
      // scikit-learn passes over clusters of one centre, too
      if (apart > 0) worst = Math.max(worst, (spread[j] + spread[other]) / apart);
    }
    total += worst;
    yield;
  }
  return total / sizes.length;
}

/**
 * Caliński–Harabasz, the variance ratio: dispersion between clusters over dispersion within, each by
 * its degrees of freedom; higher is better, 1 where there is none within. As scikit-learn's
 * `calinski_harabasz_score`.
 *
 * Source: T. Caliński, J. Harabasz, "A dendrite method for cluster analysis", Communications in
 * Statistics 1974.
 * @param labels one whole number a row; 2 to rows − 1 different ones
 * @throws InvalidInputError
 */
export function calinskiHarabasz(points: Points, labels: Labels): number {
  const { rows, clusters } = judgeClustering(points, labels);
  return atOnce(calinskiHarabaszOf(rows, clusters, null));
}

/** The same of clusters that have been judged; `counts`: how many rows each stands for, null: one. */
export function* calinskiHarabaszOf(
  rows: Rows,
  clusters: Clusters,
  counts: Float64Array | null,
): Stretches<number> {
  const { data, columns } = rows;
  const { of } = clusters;
  const sizes = sizesOf(clusters, counts);
  const k = sizes.length;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const centres = yield* centresOf(rows, of, sizes, counts);
  const middle = new Float64Array(columns);
  for (let at = 0; at < centres.length; at++)
    middle[at % columns] += (centres[at] * sizes[Math.floor(at / columns)]) / total;
  let within = 0;
  for (let i = 0; i < rows.rows; i++) {
    within +=
      countOf(counts, i) * squaredDistance(data, i * columns, centres, of[i] * columns, columns);
    if (i % SLICE === 0) yield;
  }
  let between = 0;
  for (let j = 0; j < k; j++)
    between += sizes[j] * squaredDistance(centres, j * columns, middle, 0, columns);
  return within === 0 ? 1 : (between * (total - k)) / (within * (k - 1));
}

/** Rows between two stretches. */
const SLICE = 1024;

const countOf = (counts: Float64Array | null, row: number) => (counts ? counts[row] : 1);

/** The mean of every cluster, k × columns. */
function* centresOf(
  { data, rows, columns }: Rows,
  of: Uint32Array,
  sizes: Float64Array,
  counts: Float64Array | null,
): Stretches<Float64Array> {
  const sums = new Float64Array(sizes.length * columns);
  for (let i = 0, at = 0; i < rows; i++) {
    const count = countOf(counts, i);
    for (let t = 0; t < columns; t++, at++) sums[of[i] * columns + t] += count * data[at];
    if (i % SLICE === 0) yield;
  }
  for (let at = 0; at < sums.length; at++) sums[at] /= sizes[Math.floor(at / columns)];
  return sums;
}
