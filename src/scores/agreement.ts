/** Scores that compare two labelings of the same rows, whatever the labels are called. Float64. */
import { refuse } from '../errors.ts';
import { sameLength, toClusters, type Labels } from './labels.ts';

/** How two labelings fall together: rows of each class, of each cluster, and of each pair that occurs. */
interface Contingency {
  readonly rows: number;
  readonly truth: Float64Array;
  readonly labels: Float64Array;
  readonly cells: readonly { truth: number; label: number; rows: number }[];
}

function contingency(truth: Labels, labels: Labels): Contingency {
  const classes = toClusters(truth, 'truth');
  sameLength('labels', labels, truth.length, 'as many as in truth');
  const clusters = toClusters(labels, 'labels');
  const k = clusters.sizes.length;
  // a cell of the table is a label as well
  const pairs = toClusters(Float64Array.from(classes.of, (c, i) => c * k + clusters.of[i]));
  return {
    rows: truth.length,
    truth: classes.sizes,
    labels: clusters.sizes,
    cells: pairs.labels.map((pair, at) => ({
      truth: Math.floor(pair / k),
      label: pair % k,
      rows: pairs.sizes[at],
    })),
  };
}

/**
 * The Rand index, adjusted for chance: 1 for the same partition, about 0 for random ones, −0.5 at
 * least. Symmetric. As scikit-learn's `adjusted_rand_score`.
 *
 * Source: L. Hubert, P. Arabie, "Comparing partitions", Journal of Classification 1985.
 * @param truth one whole number a row
 * @param labels as many
 * @throws InvalidInputError
 */
export function adjustedRandIndex(truth: Labels, labels: Labels): number {
  const table = contingency(truth, labels);
  // Ordered pairs of different rows, exactly: their products reach 2^128.
  const pairs = (sizes: Iterable<number>) => {
    let sum = 0n;
    for (const size of sizes) sum += BigInt(size) * (BigInt(size) - 1n);
    return sum;
  };
  const both = pairs(table.cells.map(({ rows }) => rows));
  const inTruth = pairs(table.truth);
  const inLabels = pairs(table.labels);
  if (both === inTruth && both === inLabels) return 1;
  const all = pairs([table.rows]);
  const expected = inTruth * inLabels;
  return Number(2n * (both * all - expected)) / Number((inTruth + inLabels) * all - 2n * expected);
}

/**
 * Mutual information over the mean of both entropies: 0 (independent) to 1 (the same partition).
 * Symmetric. As scikit-learn's `normalized_mutual_info_score` (arithmetic).
 *
 * Source: N. X. Vinh, J. Epps, J. Bailey, "Information Theoretic Measures for Clusterings
 * Comparison", JMLR 2010.
 * @throws InvalidInputError
 */
export function normalizedMutualInformation(truth: Labels, labels: Labels): number {
  const table = contingency(truth, labels);
  if (table.truth.length === 1 && table.labels.length === 1) return 1;
  const information = mutualInformation(table);
  if (information === 0) return 0;
  return (2 * information) / (entropy(table.truth, table.rows) + entropy(table.labels, table.rows));
}

export interface HomogeneityCompletenessV {
  /** Whether clusters hold rows of one class only; 0 to 1. */
  homogeneity: number;
  /** Whether the rows of a class are in one cluster; 0 to 1. */
  completeness: number;
  /** The harmonic mean of both, homogeneity weighing 1 and completeness beta. */
  vMeasure: number;
}

/**
 * Homogeneity, completeness and their mean, as scikit-learn's `homogeneity_completeness_v_measure`.
 *
 * Source: A. Rosenberg, J. Hirschberg, "V-Measure: A conditional entropy-based external cluster
 * evaluation measure", EMNLP-CoNLL 2007.
 * @param options.beta above 1 completeness counts more, below 1 homogeneity; default 1
 * @throws InvalidInputError
 */
export function homogeneityCompletenessV(
  truth: Labels,
  labels: Labels,
  { beta = 1 }: { beta?: number } = {},
): HomogeneityCompletenessV {
  if (!(typeof beta === 'number' && beta >= 0 && beta < Infinity))
    refuse('beta', beta, 'a finite number ≥ 0', 'Use 1 to weigh both alike.');
  const table = contingency(truth, labels);
  const information = mutualInformation(table);
  const share = (whole: number) => (whole === 0 ? 1 : information / whole);
  const homogeneity = share(entropy(table.truth, table.rows));
  const completeness = share(entropy(table.labels, table.rows));
  const weighted = beta * homogeneity + completeness;
  const vMeasure = weighted === 0 ? 0 : ((1 + beta) * homogeneity * completeness) / weighted;
  return { homogeneity, completeness, vMeasure };
}

/** In nats; exactly 0 for partitions that tell nothing of each other: their ratios are exactly 1. */
function mutualInformation({ rows, truth, labels, cells }: Contingency): number {
  let sum = 0;
  for (const cell of cells) {
    const expected = truth[cell.truth] * labels[cell.label];
    sum += (cell.rows / rows) * Math.log((cell.rows * rows) / expected);
  }
  return Math.max(0, sum);
}

function entropy(sizes: Float64Array, rows: number): number {
  return 0 - sizes.reduce((sum, size) => sum + (size / rows) * Math.log(size / rows), 0);
}
