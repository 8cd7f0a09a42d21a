/**
 * Scores that compare clusters by their centres: no pairs of rows, a few passes. Float64, sums in any
 * order (sums.ts). Memory: a number a row beside the centres.
 */
import { atOnce, type Stretches } from '../breathe.ts';
import { refuseUnknown } from '../errors.ts';
import { squaredDistance, type Points, type Rows } from '../matrix.ts';
import { groupSums, sumOf } from '../sums.ts';
import { judgeClustering, sizesOf, type Clusters, type Labels } from './labels.ts';
import type { WeightOptions } from './weights.ts';

/**
 * Computes the Davies–Bouldin index: the mean, over clusters, of how much each overlaps with the cluster most
 * like it. Lower is better, 0 is best. As scikit-learn's `davies_bouldin_score`.
 *
 * Source: D. L. Davies, D. W. Bouldin, "A Cluster Separation Measure", IEEE TPAMI 1979.
 *
 * Synchronous, in time O(rows · columns): with many rows, call it in a worker.
 *
 * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
 * @param labels one whole number per row; from 2 to rows − 1 different ones
 * @param options.weights one per row; whole ones count as that many equal rows, to the bit
 * @throws InvalidInputError
 */
export function daviesBouldin(points: Points, labels: Labels, options: WeightOptions = {}): number {
  refuseUnknown(options, ['weights']);
  const { repeats, clusters } = judgeClustering(points, labels, options.weights);
  return atOnce(daviesBouldinOf(repeats.points, clusters, repeats.counts));
}

/** The same of clusters that have been judged; `counts`: how many rows each stands for, null: one. */
export function* daviesBouldinOf(
  rows: Rows,
  clusters: Clusters,
  counts: Float64Array | null,
): Stretches<number> {
  const { columns } = rows;
  const sizes = sizesOf(clusters, counts);
  const centres = yield* centresOf(rows, clusters.of, sizes, counts);
  const spread = yield* sumsWithin(rows, clusters.of, centres, counts, Math.sqrt);
  for (let j = 0; j < sizes.length; j++) spread[j] /= sizes[j];
  const worsts = new Float64Array(sizes.length);
  for (let j = 0; j < sizes.length; j++) {
    for (let other = 0; other < sizes.length; other++) {
      const apart = Math.sqrt(
        squaredDistance(centres, j * columns, centres, other * columns, columns),
      );
      // scikit-learn passes over clusters of one centre, too
      if (apart > 0) worsts[j] = Math.max(worsts[j], (spread[j] + spread[other]) / apart);
    }
    yield;
  }
  return sumOf(worsts) / sizes.length;
}

/**
 * Computes the Caliński–Harabasz index, a ratio of variances: dispersion between clusters over dispersion
 * within them, each divided by its degrees of freedom. Higher is better; 1 if there is no dispersion within.
 * As scikit-learn's `calinski_harabasz_score`.
 *
 * Source: T. Caliński, J. Harabasz, "A dendrite method for cluster analysis", Communications in
 * Statistics 1974.
 *
 * Synchronous, in time O(rows · columns): with many rows, call it in a worker.
 *
 * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
 * @param labels one whole number per row; from 2 to rows − 1 different ones
 * @param options.weights one per row; whole ones count as that many equal rows, to the bit
 * @throws InvalidInputError
 */
export function calinskiHarabasz(
  points: Points,
  labels: Labels,
  options: WeightOptions = {},
): number {
  refuseUnknown(options, ['weights']);
  const { repeats, clusters } = judgeClustering(points, labels, options.weights);
  return atOnce(calinskiHarabaszOf(repeats.points, clusters, repeats.counts));
}

/** The same of clusters that have been judged; `counts`: how many rows each stands for, null: one. */
export function* calinskiHarabaszOf(
  rows: Rows,
  clusters: Clusters,
  counts: Float64Array | null,
): Stretches<number> {
  const { columns } = rows;
  const sizes = sizesOf(clusters, counts);
  const k = sizes.length;
  const total = sumOf(sizes);
  const centres = yield* centresOf(rows, clusters.of, sizes, counts);
  const all = { data: centres, rows: k, columns };
  const middle = yield* groupSums(all, new Uint32Array(k), 1, sizes);
  for (let t = 0; t < columns; t++) middle[t] /= total;
  const within = sumOf(yield* sumsWithin(rows, clusters.of, centres, counts, (square) => square));
  const squares = Float64Array.from(sizes, (_, j) =>
    squaredDistance(centres, j * columns, middle, 0, columns),
  );
  const between = sumOf(squares, sizes);
  return within === 0 ? 1 : (between * (total - k)) / (within * (k - 1));
}

/** Rows between two stretches. */
const SLICE = 1024;

/** The mean of every cluster, k × columns. */
function* centresOf(
  rows: Rows,
  of: Uint32Array,
  sizes: Float64Array,
  counts: Float64Array | null,
): Stretches<Float64Array> {
  const sums = yield* groupSums(rows, of, sizes.length, counts);
  for (let at = 0; at < sums.length; at++) sums[at] /= sizes[Math.floor(at / rows.columns)];
  return sums;
}

/** What a function of the squared distance of every row to its centre adds up to, cluster by cluster. */
function* sumsWithin(
  { data, rows, columns }: Rows,
  of: Uint32Array,
  centres: Float64Array,
  counts: Float64Array | null,
  measure: (square: number) => number,
): Stretches<Float64Array> {
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    values[i] = measure(squaredDistance(data, i * columns, centres, of[i] * columns, columns));
    if (i % SLICE === 0) yield;
  }
  return yield* groupSums({ data: values, rows, columns: 1 }, of, centres.length / columns, counts);
}
