/**
 * What the functions of SciPy's names take and give: observations in any form, float64 out.
 *
 * SciPy computes in float64. Here codes are chosen by the engines, on the integer grid (grid.ts); all
 * else (means, distances, deviations) is float64 on the host, from the numbers as they were given.
 */
import { refuse, refuseUnknown } from '../errors.ts';
import { refuseNonFinite } from '../grid.ts';
import { toRows, type NumericArray, type Points, type Rows } from '../matrix.ts';
import { judge, type KMeansOptions, type Settings } from '../options.ts';

/** Row-major float64 matrix: row i is `data[i * columns … (i + 1) * columns − 1]`. */
export interface DoubleMatrix {
  /** rows × columns numbers, row after row. */
  data: Float64Array;
  /** Number of rows (observations or codes). */
  rows: number;
  /** Number of columns (features). */
  columns: number;
}

/**
 * The forms in which observations are accepted: those of points in memory. A plain array of numbers is one
 * column.
 */
export type Observations = Points | readonly number[] | NumericArray;

/** What concerns the input. */
export interface FiniteOption {
  /**
   * Whether to refuse NaN and infinities at once. Default true. With false, `whiten` lets them through; the
   * other functions still refuse them, only later (SciPy's results for such rows are undefined).
   */
  checkFinite?: boolean;
}

/** What concerns the machine: as {@link KMeansOptions} has it. */
export type EngineChoice = Pick<KMeansOptions, 'engine' | 'device' | 'threads' | 'signal'>;

/** Where warnings go; default `console.warn`. */
export type OnWarning = (message: string) => void;

export function warnOnConsole(message: string): void {
  // eslint-disable-next-line no-console -- SciPy warns unless it is told not to; onWarning tells it
  console.warn(message);
}

export function toObservations(given: Observations, name: string, checkFinite: unknown): Rows {
  if (checkFinite !== undefined && typeof checkFinite !== 'boolean')
    refuse('checkFinite', checkFinite, 'true or false', 'Choose one of them.');
  const rows = isFlat(given)
    ? toRows(
        { data: ArrayBuffer.isView(given) ? given : Float64Array.from(given), columns: 1 },
        name,
      )
    : toRows(given, name);
  if (checkFinite !== false) refuseNonFinite(rows, name);
  return rows;
}

function isFlat(given: Observations): given is readonly number[] | NumericArray {
  return ArrayBuffer.isView(given) || (Array.isArray(given) && typeof given[0] === 'number');
}

/** A code book, in float64, with the columns of the observations. */
export function toBook(given: Observations, name: string, obs: Rows, check: unknown): DoubleMatrix {
  const { data, rows, columns } = toObservations(given, name, check);
  if (columns !== obs.columns)
    refuse(
      `${name}.columns`,
      columns,
      `${obs.columns}, as the observations have`,
      'Give both the same features.',
    );
  return { data: Float64Array.from(data), rows, columns };
}

const ENGINE_OPTIONS = ['checkFinite', 'engine', 'device', 'threads', 'signal'] as const;

/** Judges what all functions share, and that no option is misspelt. */
export function judgeOptions(
  obs: Rows,
  options: EngineChoice & { seed?: number },
  own: readonly string[] = [],
): Settings {
  const known: readonly string[] = [...own, ...ENGINE_OPTIONS];
  refuseUnknown(options, known);
  const shared = ['engine', 'device', 'threads', 'signal', 'seed'] as const;
  const given = shared.filter((name) => options[name] !== undefined);
  return judge(obs, 1, Object.fromEntries(given.map((name) => [name, options[name]])));
}

/** Judges a count: `rule` says the most where there is one. */
export function judgeCount(name: string, value: number, most = Infinity, rule = ''): void {
  if (!Number.isInteger(value) || value < 1)
    refuse(name, value, 'a whole number ≥ 1', value < 1 ? 'Raise it.' : 'Round it.');
  if (value > most) refuse(name, value, `at most ${most} (${rule})`, `Lower ${name}.`);
}
