/** SciPy's `whiten`: every feature in units of its standard deviation. */
import { refuseUnknown } from '../errors.ts';
import {
  toObservations,
  warnOnConsole,
  type DoubleMatrix,
  type FiniteOption,
  type Observations,
  type OnWarning,
} from './observations.ts';

/** Options of {@link whiten}. */
export interface WhitenOptions extends FiniteOption {
  /** Called where a column is constant, which SciPy warns of. Default: `console.warn`. */
  onWarning?: OnWarning;
}

/**
 * Divides every column by its standard deviation (of the whole population: ddof 0). A constant column
 * is left as it is, with a warning.
 *
 * @returns float64, rows × columns, in units of each column's deviation. To keep the scale and have
 *   centroids in the units of the points, use `kmeans(points, k, { whiten: true })` of `centroids`.
 * @throws InvalidInputError
 * @see https://docs.scipy.org/doc/scipy/reference/generated/scipy.cluster.vq.whiten.html
 */
export function whiten(obs: Observations, options: WhitenOptions = {}): DoubleMatrix {
  refuseUnknown(options, ['checkFinite', 'onWarning']);
  const { checkFinite, onWarning = warnOnConsole } = options;
  const { data, rows, columns } = toObservations(obs, 'obs', checkFinite);
  const whitened = Float64Array.from(data);
  const constant: number[] = [];
  for (let t = 0; t < columns; t++) {
    const deviation = deviationOf(whitened, t, columns);
    if (deviation === 0) constant.push(t);
    else for (let at = t; at < whitened.length; at += columns) whitened[at] /= deviation;
  }
  if (constant.length > 0)
    onWarning(`columns ${constant.join(', ')} have standard deviation zero: their values stay.`);
  return { data: whitened, rows, columns };
}

/** Standard deviation of a column, in two passes. */
function deviationOf(data: Float64Array, column: number, columns: number): number {
  const rows = data.length / columns;
  let sum = 0;
  let varies = false;
  for (let at = column; at < data.length; at += columns) {
    sum += data[at];
    varies ||= data[at] !== data[column]; // equal values need not have their mean as a sum of doubles
  }
  if (!varies) return 0;
  const mean = sum / rows;
  let squares = 0;
  for (let at = column; at < data.length; at += columns) squares += (data[at] - mean) ** 2;
  return Math.sqrt(squares / rows);
}
