/** SciPy's `vq`: the nearest code of every observation. */
import { Coder } from './coder.ts';
import {
  judgeOptions,
  toBook,
  toObservations,
  type EngineChoice,
  type FiniteOption,
  type Observations,
} from './observations.ts';

/** Options of {@link vq}. */
export interface VqOptions extends FiniteOption, EngineChoice {}

/** What {@link vq} resolves with. */
export interface VqResult {
  /** One per observation: the index of the nearest row of the code book; ties go to the lowest. */
  code: Uint32Array;
  /** One per observation: the Euclidean distance to that row (not squared), in the units of the observations. */
  dist: Float64Array;
}

/**
 * Finds the nearest code of every observation. As SciPy's `vq`.
 *
 * @param obs observations: rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`; SciPy
 *   recommends to {@link whiten} them first
 * @param codeBook codes × columns; there may be more codes than observations
 * @throws
 * - InvalidInputError
 * - EngineUnavailableError if an engine given by name cannot run here
 * - the signal's reason, if aborted
 * @see https://docs.scipy.org/doc/scipy/reference/generated/scipy.cluster.vq.vq.html
 */
export async function vq(
  obs: Observations,
  codeBook: Observations,
  options: VqOptions = {},
): Promise<VqResult> {
  const rows = toObservations(obs, 'obs', options.checkFinite);
  const book = toBook(codeBook, 'codeBook', rows, options.checkFinite);
  const settings = judgeOptions(rows, options);
  const coder = await Coder.open(settings, book.rows, 'lloyd', book);
  try {
    const code = await coder.nearest(book);
    return { code, dist: await coder.distances(book, code) };
  } finally {
    await coder.dispose();
  }
}
