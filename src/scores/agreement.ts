/**
 * Scores that compare two labelings of the same rows, whatever the labels are called. Float64 of exact
 * counts, sums in any order (sums.ts).
 */
import { refuse, refuseUnknown } from '../errors.ts';
import { integerWeights, powerOfTwo } from '../grid.ts';
import { sumOf } from '../sums.ts';
import { sameLength, sizesOf, toClusters, type Labels } from './labels.ts';
import type { WeightOptions } from './weights.ts';

/**
 * How two labelings fall together: weight of each class, of each cluster, and of each pair that occurs.
 * Whole numbers, as kmeans makes weights whole, so that their sums are exact in any order.
 */
interface Contingency {
  readonly total: number;
  /** So many rows weigh so much: 1 and 1 without weights, all rows and `total` where those are shares. */
  readonly rows: number;
  readonly weigh: number;
  readonly truth: Float64Array;
  readonly labels: Float64Array;
  readonly cells: readonly { truth: number; label: number; weight: number }[];
}

function contingency(
  truth: Labels,
  labels: Labels,
  given: ArrayLike<number> | undefined,
): Contingency {
  toClusters(truth, 'truth'); // judges them all
  sameLength('labels', labels, truth.length, 'as many as in truth');
  toClusters(labels, 'labels');
  const { weights, weightExponent, totalWeight: total } = integerWeights(given, truth.length);
  const kept = Uint32Array.from(truth, (_, i) => i).filter((i) => !weights || weights[i] > 0);
  const counts = weights && Float64Array.from(kept, (i) => weights[i]);
  const classes = toClusters(Float64Array.from(kept, (i) => truth[i]));
  const clusters = toClusters(Float64Array.from(kept, (i) => labels[i]));
  const k = clusters.sizes.length;
  // a cell of the table is a label as well
  const pairs = toClusters(Float64Array.from(classes.of, (c, i) => c * k + clusters.of[i]));
  const sizes = sizesOf(pairs, counts);
  const whole = weightExponent >= 0 && kept.every((i) => !given || Number.isInteger(given[i]));
  return {
    total,
    ...(whole
      ? { rows: 1, weigh: powerOfTwo(weightExponent) }
      : { rows: kept.length, weigh: total }),
    truth: sizesOf(classes, counts),
    labels: sizesOf(clusters, counts),
    cells: pairs.labels.map((pair, at) => ({
      truth: Math.floor(pair / k),
      label: pair % k,
      weight: sizes[at],
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
 * @param options.weights one a row: whole ones give the bits of so many equal rows
 * @throws InvalidInputError
 */
export function adjustedRandIndex(
  truth: Labels,
  labels: Labels,
  options: WeightOptions = {},
): number {
  refuseUnknown(options, ['weights']);
  const table = contingency(truth, labels, options.weights);
  // Ordered pairs of different rows, times weigh², exactly: their products reach 2^256.
  const [rows, weigh] = [BigInt(table.rows), BigInt(table.weigh)];
  const pairs = (sizes: Iterable<number>) => {
    let sum = 0n;
    for (const size of sizes) sum += BigInt(size) * rows * (BigInt(size) * rows - weigh);
    return sum;
  };
  const both = pairs(table.cells.map(({ weight }) => weight));
  const inTruth = pairs(table.truth);
  const inLabels = pairs(table.labels);
  if (both === inTruth && both === inLabels) return 1;
  const all = pairs([table.total]);
  const expected = inTruth * inLabels;
  return Number(2n * (both * all - expected)) / Number((inTruth + inLabels) * all - 2n * expected);
}

/**
 * Mutual information over the mean of both entropies: 0 (independent) to 1 (the same partition).
 * Symmetric. As scikit-learn's `normalized_mutual_info_score` (arithmetic).
 *
 * Source: N. X. Vinh, J. Epps, J. Bailey, "Information Theoretic Measures for Clusterings
 * Comparison", JMLR 2010.
 * @param options.weights one a row: whole ones give the bits of so many equal rows
 * @throws InvalidInputError
 */
export function normalizedMutualInformation(
  truth: Labels,
  labels: Labels,
  options: WeightOptions = {},
): number {
  refuseUnknown(options, ['weights']);
  const table = contingency(truth, labels, options.weights);
  if (table.truth.length === 1 && table.labels.length === 1) return 1;
  const information = mutualInformation(table);
  if (information === 0) return 0;
  return (
    (2 * information) / (entropy(table.truth, table.total) + entropy(table.labels, table.total))
  );
}

/** What {@link homogeneityCompletenessV} gives, each 0 to 1. */
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
 * @param options.weights one a row: whole ones give the bits of so many equal rows
 * @throws InvalidInputError
 */
export function homogeneityCompletenessV(
  truth: Labels,
  labels: Labels,
  options: WeightOptions & { beta?: number } = {},
): HomogeneityCompletenessV {
  refuseUnknown(options, ['beta', 'weights']);
  const { beta = 1, weights } = options;
  if (!(typeof beta === 'number' && beta >= 0 && beta < Infinity))
    refuse('beta', beta, 'a finite number ≥ 0', 'Use 1 to weigh both alike.');
  const table = contingency(truth, labels, weights);
  const information = mutualInformation(table);
  const share = (whole: number) => (whole === 0 ? 1 : information / whole);
  const homogeneity = share(entropy(table.truth, table.total));
  const completeness = share(entropy(table.labels, table.total));
  const weighted = beta * homogeneity + completeness;
  const vMeasure = weighted === 0 ? 0 : ((1 + beta) * homogeneity * completeness) / weighted;
  return { homogeneity, completeness, vMeasure };
}

/** In nats; exactly 0 for partitions that tell nothing of each other: their ratios are exactly 1. */
function mutualInformation({ total, truth, labels, cells }: Contingency): number {
  const terms = cells.map((cell) => {
    const expected = truth[cell.truth] * labels[cell.label];
    return (cell.weight / total) * Math.log((cell.weight * total) / expected);
  });
  return Math.max(0, sumOf(Float64Array.from(terms)));
}

function entropy(sizes: Float64Array, total: number): number {
  return 0 - sumOf(sizes.map((size) => (size / total) * Math.log(size / total)));
}
