/** Labels as a caller has them, and as scores count them: the numbers 0 to clusters − 1. */
import { refuse } from '../errors.ts';
import { refuseNonFinite } from '../grid.ts';
import { toRows, type Points, type Rows } from '../matrix.ts';
import { repeatsOf, type Repeats } from './weights.ts';

/** One whole number per row, in any kind of array. Only which labels are equal matters, not their values. */
export type Labels = ArrayLike<number>;

export interface Clusters {
  /** Which cluster each row is in: 0 to clusters − 1, in the order of first appearance. */
  readonly of: Uint32Array;
  /** Rows of each cluster; never 0. */
  readonly sizes: Float64Array;
  /** The label that each cluster had. */
  readonly labels: readonly number[];
}

/** Tables this many times as long as the labels are worth their memory. */
const SPARSE = 4;

/** Numbers the clusters. @throws InvalidInputError */
export function toClusters(labels: Labels, name = 'labels'): Clusters {
  if (typeof labels !== 'object' || labels === null || !Number.isInteger(labels.length))
    refuse(name, labels, 'an array of whole numbers', 'Pass one label a row.');
  const { length } = labels;
  if (length === 0) refuse(`${name}.length`, 0, 'at least 1', 'Pass one label a row.');
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < length; i++) {
    const label = labels[i];
    if (!Number.isSafeInteger(label))
      refuse(`${name}[${i}]`, label, 'a whole number', 'Number the clusters.');
    if (label < low) low = label;
    if (label > high) high = label;
  }
  const of = new Uint32Array(length);
  const labelOf: number[] = [];
  const sizes: number[] = [];
  const known = finder(low, high, length); // cluster + 1, or 0
  for (let i = 0; i < length; i++) {
    let cluster = known.get(labels[i]) - 1;
    if (cluster < 0) {
      cluster = labelOf.push(labels[i]) - 1;
      sizes.push(0);
      known.set(labels[i], cluster + 1);
    }
    of[i] = cluster;
    sizes[cluster]++;
  }
  return { of, sizes: Float64Array.from(sizes), labels: labelOf };
}

/** Rows of each cluster where each row stands for so many; null: for one. */
export function sizesOf(
  { of, sizes }: Pick<Clusters, 'of' | 'sizes'>,
  counts: Float64Array | null,
): Float64Array {
  if (!counts) return sizes;
  const sums = new Float64Array(sizes.length);
  for (let i = 0; i < of.length; i++) sums[of[i]] += counts[i];
  return sums;
}

interface Finder {
  /** What was set for a label, or 0. */
  get(label: number): number;
  set(label: number, value: number): void;
}

/** A table where labels lie close together, as they mostly do; else a map. */
function finder(low: number, high: number, length: number): Finder {
  if (high - low < SPARSE * length + 1024) {
    const table = new Uint32Array(high - low + 1);
    return {
      get: (label) => table[label - low],
      set: (label, value) => (table[label - low] = value),
    };
  }
  const map = new Map<number, number>();
  return { get: (label) => map.get(label) ?? 0, set: (label, value) => map.set(label, value) };
}

/**
 * Points and the clusters they are in, of the rows that weigh something, for scores of how well those lie
 * apart. @throws InvalidInputError
 */
export function judgeClustering(
  points: Points,
  labels: Labels,
  weights: ArrayLike<number> | undefined,
): { repeats: Repeats; clusters: Clusters } {
  const rows = toRows(points);
  refuseInfinite(rows);
  sameLength('labels', labels, rows.rows, 'one label a row');
  const given = toClusters(labels);
  const repeats = repeatsOf(rows, weights);
  const { kept, total } = repeats;
  const clusters = kept ? toClusters(Float64Array.from(kept, (row) => labels[row])) : given;
  const k = clusters.sizes.length;
  if (k < 2 || k >= total)
    refuse(
      `the number of clusters in labels${kept ? ' of rows with a weight above 0' : ''}`,
      k,
      `2 to ${total - 1} (the number of points${weights ? ', by their weights,' : ''} less one)`,
      k < 2 ? 'Use at least two clusters.' : 'Use fewer clusters.',
    );
  return { repeats, clusters };
}

/** As {@link refuseNonFinite} for a thread that has other things to do: it looks closely where it must. */
export function refuseInfinite(rows: Rows, name?: string): void {
  let sum = 0; // NaN once there is a NaN or an infinity
  for (let at = 0; at < rows.data.length; at++) sum += rows.data[at] - rows.data[at];
  if (sum !== 0) refuseNonFinite(rows, name);
}

export function sameLength(name: string, labels: Labels, length: number, rule: string): void {
  if (labels?.length !== length)
    refuse(
      `${name}.length`,
      labels?.length,
      `${length} (${rule})`,
      'Pass labels of the same rows.',
    );
}
