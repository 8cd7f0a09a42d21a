/**
 * The silhouette: whether rows lie nearer to their own cluster than to the next one.
 *
 * Source: P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of
 * cluster analysis", J. Computational and Applied Mathematics 20, 1987. Float64 throughout, sums in any
 * order (sums.ts).
 *
 * It takes the distances of all pairs of rows: 10¹² for a million of them. So a sample is of the rows
 * whose silhouette is taken, each still against all other rows: then their mean estimates the exact
 * score without bias, and how they vary says how far off it may be. (scikit-learn's sample leaves the
 * other rows out of the clusters as well: cheaper, but the answer to another question.)
 * Memory: a copy of the points, in the order of their clusters.
 */
import { breather } from '../breathe.ts';
import { refuse, refuseNoSignal, refuseUnknown } from '../errors.ts';
import type { NumericArray, Points, Rows } from '../matrix.ts';
import { pcg32 } from '../rng.ts';
import { sampleRows } from '../seeding/sample.ts';
import { sumOf, Sums } from '../sums.ts';
import { judgeClustering, sizesOf, type Clusters, type Labels } from './labels.ts';
import type { Repeats, WeightOptions } from './weights.ts';

/** Options of {@link silhouette} and {@link silhouetteSamples}. */
export interface SilhouetteOptions extends WeightOptions {
  /** Aborts the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of {@link silhouette} for an estimate from a sample. */
export interface SampleOptions extends SilhouetteOptions {
  /**
   * Number of rows to compute the silhouette of, each against all rows; a whole number ≥ 2. Rows with whole
   * weights are drawn like that many equal rows.
   */
  sample: number;
  /** Decides which rows are drawn: the same seed draws the same rows. A whole number ≥ 0; default 0. */
  seed?: number;
}

/** What {@link silhouette} resolves with for a sample. */
export interface SilhouetteEstimate {
  /** Mean silhouette of the rows of the sample. */
  score: number;
  /** Lower end of the 95 % confidence interval of the score of all rows; `score` if the sample has all rows. */
  low: number;
  /** Upper end of that interval. */
  high: number;
  /** Number of rows in the sample. */
  rows: number;
}

/** The 97.5 % quantile of the normal distribution: 95 % lie between it and its negative. */
const TWO_SIDED_95 = 1.959963984540054;

/**
 * Computes the mean silhouette of all rows, from −1 (in the wrong cluster) to 1 (far from all others). As
 * scikit-learn's `silhouette_score`. With `sample`, an estimate with its 95 % confidence interval; unlike in
 * scikit-learn, each row of the sample is still compared with all rows.
 *
 * Time grows with rows × rows × columns; with a sample, with sample × rows × columns. It runs on the calling
 * thread, and yields to other work from time to time.
 *
 * Source: P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
 * analysis", J. Computational and Applied Mathematics 20, 1987.
 *
 * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
 * @param labels one whole number per row; from 2 to rows − 1 different ones
 * @throws
 * - InvalidInputError
 * - the signal's reason, if aborted
 * @example
 * const score = await silhouette(points, labels);
 * const { low, high } = await silhouette(points, labels, { sample: 1000 });
 */
export function silhouette(
  points: Points,
  labels: Labels,
  options?: SilhouetteOptions & { sample?: undefined; seed?: number },
): Promise<number>;
/** Estimates the mean silhouette of all rows from a sample of them, with its 95 % confidence interval. */
export function silhouette(
  points: Points,
  labels: Labels,
  options: SampleOptions,
): Promise<SilhouetteEstimate>;
export async function silhouette(
  points: Points,
  labels: Labels,
  options: SilhouetteOptions & { sample?: number | undefined; seed?: number } = {},
): Promise<number | SilhouetteEstimate> {
  refuseUnknown(options, ['sample', 'seed', 'signal', 'weights']);
  const { sample, seed = 0, signal, weights } = options;
  refuseNoSignal(signal);
  const { repeats, clusters } = judgeClustering(points, labels, weights);
  if (sample === undefined) {
    const { counts, total } = repeats;
    return sumOf(await samplesOf(repeats, clusters, null, signal), counts) / total;
  }
  if (!Number.isSafeInteger(sample) || sample < 2)
    refuse(
      'sample',
      sample,
      'a whole number ≥ 2',
      'Raise it: one row does not show how rows vary.',
    );
  if (!Number.isSafeInteger(seed) || seed < 0)
    refuse('seed', seed, 'a whole number ≥ 0', 'Leave it out for 0.');
  return estimate(repeats, clusters, { sample, seed, signal });
}

/** The estimate from a sample, of clusters that have been judged. */
export async function estimate(
  repeats: Repeats,
  clusters: Clusters,
  { sample, seed, signal }: { sample: number; seed: number; signal: AbortSignal | undefined },
): Promise<SilhouetteEstimate> {
  const { total, rowAt } = repeats;
  const chosen = sampleRows(total, sample, pcg32(seed, SILHOUETTE)).map(rowAt);
  const values = await samplesOf(repeats, clusters, chosen, signal);
  const score = sumOf(values) / values.length;
  const variance = sumOf(values.map((s) => (s - score) ** 2)) / (values.length - 1);
  // Drawn without replacement: a sample of all rows leaves nothing open.
  const unseen = 1 - values.length / total;
  const margin = TWO_SIDED_95 * Math.sqrt((variance / values.length) * unseen);
  return { score, low: score - margin, high: score + margin, rows: values.length };
}

/** A random stream of its own. */
const SILHOUETTE = 301;

/**
 * Computes the silhouette of every row: (b − a) / max(a, b), where a is the mean distance to the other rows
 * of its cluster and b the least mean distance to the rows of another cluster; 0 for a row that is alone in
 * its cluster. As scikit-learn's `silhouette_samples`. With weights, both means are weighted, and a row
 * of weight w has w − 1 equal rows for company; a row of weight 0 gets 0.
 *
 * Time grows with rows × rows × columns.
 *
 * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
 * @param labels one whole number per row; from 2 to rows − 1 different ones
 * @throws
 * - InvalidInputError
 * - the signal's reason, if aborted
 */
export async function silhouetteSamples(
  points: Points,
  labels: Labels,
  options: SilhouetteOptions = {},
): Promise<Float64Array> {
  refuseUnknown(options, ['signal', 'weights']);
  refuseNoSignal(options.signal);
  const { repeats, clusters } = judgeClustering(points, labels, options.weights);
  const silhouettes = await samplesOf(repeats, clusters, null, options.signal);
  const { kept } = repeats;
  if (!kept) return silhouettes;
  const all = new Float64Array(labels.length);
  kept.forEach((row, i) => (all[row] = silhouettes[i]));
  return all;
}

/** Silhouettes of some rows (null: all). */
async function samplesOf(
  { points, counts }: Pick<Repeats, 'points' | 'counts'>,
  clusters: Clusters,
  chosen: Uint32Array | null,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  signal?.throwIfAborted();
  const pause = breather(signal);
  const { data, rows, columns } = points;
  const { of } = clusters;
  const sizes = sizesOf(clusters, counts);
  const { ordered, starts, places } = await byCluster(points, clusters, pause);
  const boxes = await boxesOf(ordered, starts, columns, pause);
  const own = counts && places.map((row) => counts[row]);
  const stretch = Math.max(1, Math.floor(STRETCH / columns));
  const silhouettes = new Float64Array(chosen?.length ?? rows);
  const point = new Float64Array(columns);
  const lengths = new Float64Array(stretch);
  const sums = new Sums(1);
  for (let s = 0; s < silhouettes.length; s++) {
    const row = chosen ? chosen[s] : s;
    for (let t = 0; t < columns; t++) point[t] = data[row * columns + t];
    const cluster = of[row];
    // a heavy row has copies of itself for company
    const others = sizes[cluster] - (counts ? Math.min(1, counts[row]) : 1);
    let a = 0;
    let b = Infinity;
    for (let j = 0; j < sizes.length; j++) {
      sums.begin(0, farthest(point, boxes, j), sizes[j]);
      for (let from = starts[j]; from < starts[j + 1]; from += stretch) {
        const to = Math.min(from + stretch, starts[j + 1]);
        distances(point, ordered, from, to, lengths);
        sums.addAll(0, lengths, to - from, own, from);
        const waiting = pause();
        if (waiting) await waiting;
      }
      const sum = sums.sum(0);
      if (j === cluster) a = sum / others;
      else b = Math.min(b, sum / sizes[j]);
    }
    const larger = Math.max(a, b);
    silhouettes[s] = others <= 0 || larger === 0 ? 0 : (b - a) / larger;
  }
  return silhouettes;
}

/** Numbers, and rows that are copied, between two looks at the clock. */
const STRETCH = 2 ** 15;
const ROWS = 2 ** 10;

/** The rows, one cluster after the other, and which they are; cluster j from row starts[j] to before starts[j + 1]. */
async function byCluster(
  { data, rows, columns }: Rows,
  { of, sizes }: Clusters,
  pause: () => Promise<void> | undefined,
): Promise<{ ordered: NumericArray; starts: Uint32Array; places: Float64Array }> {
  const starts = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, j) => (starts[j + 1] = starts[j] + size));
  const next = starts.slice();
  const Numbers = data.constructor as new (length: number) => NumericArray;
  const ordered = new Numbers(data.length); // its pages are touched bit by bit, a slice's at once
  const places = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const place = next[of[i]]++;
    const to = place * columns;
    places[place] = i;
    for (let t = 0; t < columns; t++) ordered[to + t] = data[i * columns + t];
    const waiting = i % ROWS === 0 ? pause() : undefined;
    if (waiting) await waiting;
  }
  return { ordered, starts, places };
}

/** The least and the greatest of every column of every cluster, two numbers a column. */
async function boxesOf(
  ordered: NumericArray,
  starts: Uint32Array,
  columns: number,
  pause: () => Promise<void> | undefined,
): Promise<Float64Array> {
  const boxes = new Float64Array(2 * columns * (starts.length - 1));
  for (let j = 0; j + 1 < starts.length; j++) {
    const box = boxes.subarray(2 * columns * j, 2 * columns * (j + 1));
    for (let t = 0; t < columns; t++) box.fill(ordered[starts[j] * columns + t], 2 * t, 2 * t + 2);
    for (let i = starts[j], at = i * columns; i < starts[j + 1]; i++) {
      for (let t = 0; t < columns; t++, at++) {
        const x = ordered[at];
        if (x < box[2 * t]) box[2 * t] = x;
        if (x > box[2 * t + 1]) box[2 * t + 1] = x;
      }
      const waiting = i % ROWS === 0 ? pause() : undefined;
      if (waiting) await waiting;
    }
  }
  return boxes;
}

/** No row of the cluster is farther from the point: not even by rounding, which is the same here. */
function farthest(point: Float64Array, boxes: Float64Array, cluster: number): number {
  const columns = point.length;
  let square = 0;
  for (let t = 0, at = 2 * columns * cluster; t < columns; t++, at += 2) {
    const x = point[t];
    const difference = Math.max(Math.abs(boxes[at] - x), Math.abs(boxes[at + 1] - x));
    square += difference * difference;
  }
  return Math.sqrt(square);
}

/**
 * ‖point − row‖ of the rows from `from` to before `to`. Four rows at once, since one row's additions wait
 * for each other: 1.5 times as fast with 16 columns (Node 20 on an AMD EPYC).
 */
function distances(
  point: Float64Array,
  data: NumericArray,
  from: number,
  to: number,
  lengths: Float64Array,
): void {
  const columns = point.length;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let t = 0, at = i * columns; t < columns; t++, at++) {
      const x = point[t];
      const da = data[at] - x;
      const db = data[at + columns] - x;
      const dc = data[at + 2 * columns] - x;
      const dd = data[at + 3 * columns] - x;
      a += da * da;
      b += db * db;
      c += dc * dc;
      d += dd * dd;
    }
    const place = i - from;
    lengths[place] = Math.sqrt(a);
    lengths[place + 1] = Math.sqrt(b);
    lengths[place + 2] = Math.sqrt(c);
    lengths[place + 3] = Math.sqrt(d);
  }
  for (; i < to; i++) {
    let square = 0;
    for (let t = 0; t < columns; t++) {
      const difference = data[i * columns + t] - point[t];
      square += difference * difference;
    }
    lengths[i - from] = Math.sqrt(square);
  }
}
