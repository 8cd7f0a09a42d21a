/**
 * SciPy's `kmeans2`: a fixed number of iterations from one start.
 *
 * Its quirks are kept: the labels are those that the last update was made from, so they belong to the
 * code book before the one returned; and a cluster without members stays where it is.
 */
import { EmptyClusterError, refuse } from '../errors.ts';
import type { Rows } from '../matrix.ts';
import { judgeChoices } from '../options.ts';
import { pcg32, type Random } from '../rng.ts';
import { allOf, plusPlus } from '../seeding/plus-plus.ts';
import { distinctRows } from '../seeding/sample.ts';
import { Coder } from './coder.ts';
import {
  judgeCount,
  judgeOptions,
  toBook,
  toObservations,
  warnOnConsole,
  type DoubleMatrix,
  type EngineChoice,
  type FiniteOption,
  type Observations,
  type OnWarning,
} from './observations.ts';
import { gaussianStart, pickRows } from './starts.ts';

type Minit = 'random' | 'points' | '++' | 'matrix';

/** Options of {@link kmeans2}. */
export interface KMeans2Options extends FiniteOption, EngineChoice {
  /** Iterations, all of which are run; default 10. */
  iter?: number;
  /** Not used, in SciPy neither. */
  thresh?: number;
  /**
   * The start. `'random'` (the default): draws from a Gaussian with the mean and the covariance of the
   * observations. `'points'`: k of the observations. `'++'`: k-means++, one trial a code. `'matrix'`:
   * `k` is the code book, as it is taken to be whenever it is no number.
   */
  minit?: Minit;
  /**
   * A cluster that has no members: `'warn'` (the default) once a call and keep its centre, or `'raise'`
   * an {@link EmptyClusterError}.
   */
  missing?: 'warn' | 'raise';
  /** Called with what SciPy would warn of. Default: `console.warn`. */
  onWarning?: OnWarning;
  /** Of the random start: same seed, same result. A whole number ≥ 0; default 0. */
  seed?: number;
}

const CHOICES = { minit: ['random', 'points', '++', 'matrix'], missing: ['warn', 'raise'] };

/** What {@link kmeans2} resolves with. */
export interface KMeans2Result {
  /** k × columns. */
  centroid: DoubleMatrix;
  /** The nearest centroid of every observation before the last update. */
  label: Uint32Array;
}

/**
 * Clusters observations into k clusters in a fixed number of iterations.
 *
 * @param k number of clusters, or the centroids to start from (k × columns)
 * @throws InvalidInputError; EmptyClusterError under `missing: 'raise'`; EngineUnavailableError; the
 *   signal's reason
 * @see https://docs.scipy.org/doc/scipy/reference/generated/scipy.cluster.vq.kmeans2.html
 */
export async function kmeans2(
  data: Observations,
  k: number | Observations,
  options: KMeans2Options = {},
): Promise<KMeans2Result> {
  const rows = toObservations(data, 'data', options.checkFinite);
  const settings = judgeOptions(rows, options, [
    'iter',
    'thresh',
    'minit',
    'missing',
    'onWarning',
    'seed',
  ]);
  const { iter = 10, minit = 'random', missing = 'warn', onWarning = warnOnConsole } = options;
  judgeCount('iter', iter);
  judgeChoices(options, CHOICES);
  const given = typeof k === 'number' ? null : toBook(k, 'k', rows, options.checkFinite);
  const count = given?.rows ?? wholeCount(k as number, rows, minit, onWarning);

  const random = pcg32(settings.seed);
  const first = given ?? start(rows, count, minit, random);
  const coder = await Coder.open(settings, count, 'auto', first ?? undefined);
  try {
    let centroid = first ?? (await plusPlusStart(coder, rows, count, random));
    let label: Uint32Array = new Uint32Array();
    let warned = false;
    for (let i = 0; i < iter; i++) {
      label = await coder.nearest(centroid);
      const { means, members } = await coder.means(label, count);
      const empty = members.reduce((empties, members) => empties + (members === 0 ? 1 : 0), 0);
      if (empty > 0 && missing === 'raise') raise(empty, count, i + 1);
      if (empty > 0 && !warned)
        onWarning(
          `${empty} of ${count} clusters have no members in iteration ${i + 1} and keep their ` +
            "centres. Start otherwise: another seed, or minit: '++'.",
        );
      warned ||= empty > 0;
      keepPlaces(means, centroid, members);
      centroid = means;
    }
    return { centroid, label };
  } finally {
    await coder.dispose();
  }
}

/** k as a number; SciPy cuts a fraction off, and warns. */
function wholeCount(k: number, rows: Rows, minit: Minit, onWarning: OnWarning): number {
  if (minit === 'matrix') refuse('k', k, "a code book beside minit: 'matrix'", 'Pass its rows.');
  const count = Math.floor(k);
  if (count !== k && count >= 1 && count < Infinity)
    onWarning(`k is ${k}, no whole number: ${count} is used.`);
  // A Gaussian has as many draws as one likes.
  judgeCount('k', count, minit === 'random' ? Infinity : rows.rows, 'the number of observations');
  return count;
}

/** The start that is known before the observations are laid; null for '++', which needs them laid. */
function start(rows: Rows, k: number, minit: Minit, random: Random): DoubleMatrix | null {
  if (minit === '++') return null;
  if (minit === 'points') return pickRows(rows, distinctRows(rows.rows, k, random));
  return gaussianStart(rows, k, random);
}

async function plusPlusStart(
  coder: Coder,
  rows: Rows,
  k: number,
  random: Random,
): Promise<DoubleMatrix> {
  const { laid, pause } = coder;
  const options = { rows: null, trials: 1, centres: k, owners: false, pause };
  const distances = await laid.distances(options);
  const chosen = await plusPlus(allOf(rows.rows), distances, k, 1, random);
  await distances.close();
  return pickRows(rows, chosen);
}

function keepPlaces(means: DoubleMatrix, before: DoubleMatrix, members: Uint32Array): void {
  const { columns } = means;
  members.forEach((count, j) => {
    if (count === 0)
      means.data.set(before.data.subarray(j * columns, (j + 1) * columns), j * columns);
  });
}

function raise(empty: number, k: number, iteration: number): never {
  throw new EmptyClusterError(
    `missing is 'raise'; expected every cluster to have a member, but ${empty} of ${k} have none in ` +
      `iteration ${iteration}. Start otherwise (another seed, or minit: '++'), or use 'warn'.`,
  );
}
