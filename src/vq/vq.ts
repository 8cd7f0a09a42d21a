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
  /** The row of the code book that is nearest to each observation; ties to the lowest. */
  code: Uint32Array;
  /** The distance to it, un-squared, in the units of the observations. */
  dist: Float64Array;
}

/**
 * Looks every observation up in a code book.
 *
 * @param obs rows × columns; features should be whitened
 * @param codeBook codes × columns; more codes than observations are welcome
 * @throws InvalidInputError; EngineUnavailableError; the signal's reason
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
