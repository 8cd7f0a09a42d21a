/** How many clusters there may be, asked of some of the points. Loaded by the worker at the first question. */
import { chooseK, type ChosenK, type KMeansOptions } from '../../src/index.ts';
import type { Call } from '../desk.ts';
import type { Rows } from '../../src/matrix.ts';
import { deviations, means, someOf } from '../../src/picture/projection.ts';

export interface Choice {
  chosen: ChosenK;
  /** Rows that were looked at, and rows that there are. */
  rows: number;
  of: number;
  /** Distances of the run; all criteria judge by Euclidean ones. */
  metric: NonNullable<KMeansOptions['metric']>;
}

/** Rows that are looked at: fits of every k, and of references, add up. */
const CHOOSING_ROWS = 4000;

/** @param options of the run on the screen */
export async function choose(
  points: Rows,
  { whiten, seed = 0, engine = 'auto', metric = 'euclidean' }: KMeansOptions,
  kMax: number,
  { signal, progress }: Call,
): Promise<Choice> {
  const sample = someOf(points, CHOOSING_ROWS);
  const chosen = await chooseK(whiten ? whitened(sample) : sample, {
    kMax: Math.min(kMax, sample.rows),
    seed,
    engine,
    signal,
    onProgress: ({ fraction }) => progress(fraction),
  });
  return { chosen, rows: sample.rows, of: points.rows, metric };
}

/** Columns in their standard deviations, which chooseK has no option for. */
function whitened(points: Rows): Rows {
  const { data, rows, columns } = points;
  const scale = deviations(points, rows, means(points));
  const scaled = Float64Array.from(data, (x, at) => x / (scale[at % columns] || 1));
  return { data: scaled, rows, columns };
}
