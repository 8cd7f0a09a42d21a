/**
 * The silhouette: whether rows lie nearer to their own cluster than to the next one.
 *
 * Source: P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of
 * cluster analysis", J. Computational and Applied Mathematics 20, 1987. Float64 throughout.
 *
 * It takes the distances of all pairs of rows: 10¹² for a million of them. So a sample is of the rows
 * whose silhouette is taken, each still against all other rows: then their mean estimates the exact
 * score without bias, and how they vary says how far off it may be. (scikit-learn's sample leaves the
 * other rows out of the clusters as well: cheaper, but the answer to another question.)
 * Memory: a copy of the points, in the order of their clusters.
 */
import { breather } from '../breathe.ts';
import { refuse, refuseUnknown } from '../errors.ts';
import type { NumericArray, Points, Rows } from '../matrix.ts';
import { pcg32 } from '../rng.ts';
import { sampleRows } from '../seeding/sample.ts';
import { judgeClustering, sizesOf, type Clusters, type Labels } from './labels.ts';

export interface SilhouetteOptions {
  /** Rejects with its reason. */
  signal?: AbortSignal;
}

export interface SampleOptions extends SilhouetteOptions {
  /** Rows to take the silhouette of, each against all rows; a whole number ≥ 2. */
  sample: number;
  /** Which rows: same seed, same rows. A whole number ≥ 0; default 0. */
  seed?: number;
}

/** A silhouette from a sample, and where the exact one lies: see {@link silhouette}. */
export interface SilhouetteEstimate {
  /** Mean silhouette of the rows of the sample. */
  score: number;
  /** With 95 % confidence the score of all rows is at least this … */
  low: number;
  /** … and at most this. Both equal the score where the sample has all rows. */
  high: number;
  /** Rows in the sample. */
  rows: number;
}

/** The 97.5 % quantile of the normal distribution: 95 % lie between it and its negative. */
const TWO_SIDED_95 = 1.959963984540054;

/**
 * The mean silhouette of all rows: −1 (in the wrong cluster) to 1 (far from all others), as
 * scikit-learn's `silhouette_score`. With `sample`, an estimate with its 95 % confidence interval.
 *
 * Time grows with rows × rows × columns; with a sample, with sample × rows × columns. Others get the
 * thread in between.
 *
 * @param labels one whole number a row; 2 to rows − 1 different ones
 * @throws InvalidInputError; the signal's reason
 */
export function silhouette(
  points: Points,
  labels: Labels,
  options?: SilhouetteOptions & { sample?: undefined; seed?: number },
): Promise<number>;
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
  refuseUnknown(options, ['sample', 'seed', 'signal']);
  const { rows, clusters } = judgeClustering(points, labels);
  const { sample, seed = 0, signal } = options;
  if (sample === undefined) return mean(await samplesOf(rows, clusters, null, signal));
  if (!Number.isSafeInteger(sample) || sample < 2)
    refuse('sample', sample, 'a whole number ≥ 2', 'One row does not tell how rows vary.');
  if (!Number.isSafeInteger(seed) || seed < 0)
    refuse('seed', seed, 'a whole number ≥ 0', 'Pass another.');
  return estimate(rows, clusters, null, { sample, seed, signal });
}

/** Weighted rows as so many equal ones, each beside its copies; all together are `total`. */
export interface Copies {
  /** How many rows each stands for; null: one. */
  readonly counts: Float64Array | null;
  readonly total: number;
  /** Which row a copy is of. */
  rowAt(place: number): number;
}

/** The estimate from a sample, of clusters that have been judged; `copies`: of all rows, null: none. */
export async function estimate(
  rows: Rows,
  clusters: Clusters,
  copies: Copies | null,
  { sample, seed, signal }: { sample: number; seed: number; signal: AbortSignal | undefined },
): Promise<SilhouetteEstimate> {
  const total = copies?.total ?? rows.rows;
  const drawn = sampleRows(total, sample, pcg32(seed, SILHOUETTE));
  const chosen = copies ? drawn.map((place) => copies.rowAt(place)) : drawn;
  const values = await samplesOf(rows, clusters, chosen, signal, copies?.counts);
  const score = mean(values);
  const variance = values.reduce((sum, s) => sum + (s - score) ** 2, 0) / (values.length - 1);
  // Drawn without replacement: a sample of all rows leaves nothing open.
  const unseen = 1 - values.length / total;
  const margin = TWO_SIDED_95 * Math.sqrt((variance / values.length) * unseen);
  return { score, low: score - margin, high: score + margin, rows: values.length };
}

/** A random stream of its own. */
const SILHOUETTE = 301;

/**
 * The silhouette of every row, as scikit-learn's `silhouette_samples`: (b − a) / max(a, b), where a is
 * the mean distance to the others of its cluster and b the least mean distance to another cluster; 0
 * for a row that is alone in its cluster.
 *
 * @throws InvalidInputError; the signal's reason
 */
export async function silhouetteSamples(
  points: Points,
  labels: Labels,
  options: SilhouetteOptions = {},
): Promise<Float64Array> {
  refuseUnknown(options, ['signal']);
  const { rows, clusters } = judgeClustering(points, labels);
  return samplesOf(rows, clusters, null, options.signal);
}

/** Silhouettes of some rows (null: all). */
async function samplesOf(
  { data, rows, columns }: Rows,
  clusters: Clusters,
  chosen: Uint32Array | null,
  signal: AbortSignal | undefined,
  counts: Float64Array | null = null,
): Promise<Float64Array> {
  signal?.throwIfAborted();
  const pause = breather(signal);
  const { of } = clusters;
  const sizes = sizesOf(clusters, counts);
  const { ordered, starts, places } = await byCluster({ data, rows, columns }, clusters, pause);
  const own = counts && places.map((row) => counts[row]);
  const stretch = Math.max(1, Math.floor(STRETCH / columns));
  const silhouettes = new Float64Array(chosen?.length ?? rows);
  const point = new Float64Array(columns);
  for (let s = 0; s < silhouettes.length; s++) {
    const row = chosen ? chosen[s] : s;
    for (let t = 0; t < columns; t++) point[t] = data[row * columns + t];
    const cluster = of[row];
    let a = 0;
    let b = Infinity;
    for (let j = 0; j < sizes.length; j++) {
      let sum = 0;
      for (let from = starts[j]; from < starts[j + 1]; from += stretch) {
        const to = Math.min(from + stretch, starts[j + 1]);
        sum += distances(point, ordered, from, to, own);
        const waiting = pause();
        if (waiting) await waiting;
      }
      if (j === cluster) a = sum / Math.max(1, sizes[j] - 1);
      else b = Math.min(b, sum / sizes[j]);
    }
    const larger = Math.max(a, b);
    silhouettes[s] = sizes[cluster] <= 1 || larger === 0 ? 0 : (b - a) / larger;
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

/**
 * Σ‖point − row‖ of the rows from `from` to before `to`, each as often as it counts. Four rows at once, since one row's additions
 * wait for each other: 1.5 times as fast with 16 columns (Node 20 on an AMD EPYC).
 */
function distances(
  point: Float64Array,
  data: NumericArray,
  from: number,
  to: number,
  counts: Float64Array | null,
): number {
  const columns = point.length;
  let sum = 0;
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
    if (counts)
      sum +=
        counts[i] * Math.sqrt(a) +
        counts[i + 1] * Math.sqrt(b) +
        (counts[i + 2] * Math.sqrt(c) + counts[i + 3] * Math.sqrt(d));
    else sum += Math.sqrt(a) + Math.sqrt(b) + (Math.sqrt(c) + Math.sqrt(d));
  }
  for (; i < to; i++) {
    let square = 0;
    for (let t = 0; t < columns; t++) square += (data[i * columns + t] - point[t]) ** 2;
    sum += (counts ? counts[i] : 1) * Math.sqrt(square);
  }
  return sum;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
