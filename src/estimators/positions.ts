/**
 * Distances to centroids in float64, on the host, whatever the order of the rows: what `transform` and `score`
 * give, and what the mini-batch and the bisecting fit decide by. No engine works them out, so that they
 * are the same bits everywhere.
 *
 * A position is a centroid in units of x / scale, as the distances are: of the points, or under
 * `whiten` of the scaled ones.
 */
import { inStretches } from '../breathe.ts';
import { powerOfTwo, toOriginal } from '../grid.ts';
import type { Matrix, Rows } from '../matrix.ts';
import type { Model } from '../predict.ts';
import { groupSums } from '../sums.ts';

export interface Positions {
  /** k × columns. */
  readonly data: Float64Array;
  readonly columns: number;
  readonly scale: Float64Array | null;
}

type Pause = () => Promise<void> | undefined;

/** Where the centroids of a model are. */
export function positionsOf({ frame, centroids }: Model): Positions {
  const { columns, centre, scale, exponent } = frame;
  const grow = powerOfTwo(exponent);
  const data = Float64Array.from(centroids, (y, at) => y * grow + centre[at % columns]);
  return { data, columns, scale };
}

/** The centroids of a model in the units of the points. */
export function centroidsOf({ frame, centroids, k }: Model): Matrix {
  return { data: toOriginal(centroids, frame), rows: k, columns: frame.columns };
}

/** ‖point − position‖². */
function squaredDistance(points: Rows, row: number, to: Positions, j: number): number {
  const { columns, scale, data } = to;
  let sum = 0;
  for (let t = 0; t < columns; t++) {
    const x = points.data[row * columns + t];
    const difference = (scale ? x / scale[t] : x) - data[j * columns + t];
    sum += difference * difference;
  }
  return sum;
}

/** The distance of every row to every position, rows × k. */
export async function distances(points: Rows, to: Positions, pause: Pause): Promise<Matrix> {
  const k = to.data.length / to.columns;
  const data = new Float32Array(points.rows * k);
  for (let i = 0; i < points.rows; i++) {
    for (let j = 0; j < k; j++) data[i * k + j] = Math.sqrt(squaredDistance(points, i, to, j));
    const waiting = pause();
    if (waiting) await waiting;
  }
  return { data, rows: points.rows, columns: k };
}

/**
 * Σ weight · ‖point − position‖² of the rows of each cluster: whole weights give the bits of so many equal
 * rows, in any order. Memory: a number a row.
 */
export async function clusterCosts(
  points: Rows,
  weights: ArrayLike<number> | undefined,
  labels: Uint32Array,
  to: Positions,
  pause: Pause,
): Promise<Float64Array> {
  const { rows } = points;
  const data = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    data[i] = squaredDistance(points, i, to, labels[i]);
    const waiting = pause();
    if (waiting) await waiting;
  }
  const k = to.data.length / to.columns;
  return inStretches(groupSums({ data, rows, columns: 1 }, labels, k, weights ?? null), pause);
}

/** The numbers of all rows. */
export function allRows({ rows }: Rows): Uint32Array {
  const numbers = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) numbers[i] = i;
  return numbers;
}
