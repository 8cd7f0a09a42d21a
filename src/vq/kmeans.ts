/**
 * SciPy's `kmeans`: restarts from random observations, until the mean distance hardly changes.
 *
 * Its quirks are kept: `iter` counts restarts, a code without members is dropped (so that fewer than k
 * may come back), and the distortion is the mean of the distances themselves, not of their squares.
 * That distortion belongs to the code book returned, as SciPy's manual says; SciPy up to 1.17 returns the
 * one of an iteration earlier, which is a little larger where the last update still gained something.
 */
import { refuse } from '../errors.ts';
import { pcg32 } from '../rng.ts';
import { distinctRows } from '../seeding/sample.ts';
import { Coder } from './coder.ts';
import {
  judgeCount,
  judgeOptions,
  toBook,
  toObservations,
  type DoubleMatrix,
  type EngineChoice,
  type FiniteOption,
  type Observations,
} from './observations.ts';
import { pickRows } from './starts.ts';

/** Options of {@link kmeans}. */
export interface VqKMeansOptions extends FiniteOption, EngineChoice {
  /**
   * Number of restarts (not of iterations), a whole number ≥ 1; the lowest distortion wins. Default 20. A code
   * book given to start from runs once.
   */
  iter?: number;
  /** Stop when the mean distance changes by no more than this, a number ≥ 0. Default 1e-5. */
  thresh?: number;
  /** Seed of the random starts: the same seed gives the same result. A whole number ≥ 0; default 0. */
  seed?: number;
}

/** What {@link kmeans} resolves with. */
export interface VqKMeansResult {
  /** At most k × columns, in the units of the observations: codes without members are dropped. */
  codebook: DoubleMatrix;
  /** Mean Euclidean distance (not squared) of the observations to their codes. */
  distortion: number;
}

/**
 * Clusters observations into a code book, by restarts from random observations. As SciPy's `kmeans`: `iter`
 * counts restarts, codes without members are dropped, and the distortion is the mean of distances that are
 * not squared.
 *
 * @param obs observations: rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`; SciPy
 *   recommends to {@link whiten} them first
 * @param kOrGuess number of codes, from 1 to the number of observations, or the code book to start from
 *   (codes × columns)
 * @throws
 * - InvalidInputError
 * - EngineUnavailableError if an engine given by name cannot run here
 * - the signal's reason, if aborted
 * @see https://docs.scipy.org/doc/scipy/reference/generated/scipy.cluster.vq.kmeans.html
 */
export async function kmeans(
  obs: Observations,
  kOrGuess: number | Observations,
  options: VqKMeansOptions = {},
): Promise<VqKMeansResult> {
  const rows = toObservations(obs, 'obs', options.checkFinite);
  const settings = judgeOptions(rows, options, ['iter', 'thresh', 'seed']);
  const { iter = 20, thresh = 1e-5 } = options;
  judgeCount('iter', iter);
  if (!(typeof thresh === 'number' && thresh >= 0 && thresh < Infinity))
    refuse('thresh', thresh, 'a finite number ≥ 0', 'Use 0 to run until nothing changes.');
  const guess =
    typeof kOrGuess === 'number' ? null : toBook(kOrGuess, 'kOrGuess', rows, options.checkFinite);
  if (typeof kOrGuess === 'number')
    judgeCount('kOrGuess', kOrGuess, rows.rows, 'the number of observations');
  const k = guess?.rows ?? (kOrGuess as number);

  const coder = await Coder.open(settings, k, 'auto', guess ?? undefined);
  try {
    if (guess) return await refine(coder, guess, thresh);
    let best: VqKMeansResult | null = null;
    for (let restart = 0; restart < iter; restart++) {
      const chosen = distinctRows(rows.rows, k, pcg32(settings.seed, restart));
      const found = await refine(coder, pickRows(rows, chosen), thresh);
      if (best === null || found.distortion < best.distortion) best = found;
    }
    return best!;
  } finally {
    await coder.dispose();
  }
}

async function refine(coder: Coder, start: DoubleMatrix, thresh: number): Promise<VqKMeansResult> {
  let codebook = start;
  for (let before = Infinity; ;) {
    const codes = await coder.nearest(codebook);
    const distortion = mean(await coder.distances(codebook, codes));
    codebook = withMembers(await coder.means(codes, codebook.rows));
    if (Math.abs(before - distortion) <= thresh) break;
    before = distortion;
  }
  const codes = await coder.nearest(codebook);
  return { codebook, distortion: mean(await coder.distances(codebook, codes)) };
}

function withMembers({ means, members }: Awaited<ReturnType<Coder['means']>>): DoubleMatrix {
  const kept = members.reduce((count, members) => count + (members > 0 ? 1 : 0), 0);
  if (kept === means.rows) return means;
  const data = means.data.filter((_, at) => members[Math.floor(at / means.columns)] > 0);
  return { data, rows: kept, columns: means.columns };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
