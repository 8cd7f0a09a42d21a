/**
 * How clearly rows belong to their clusters: the distance to the second-nearest centroid less that to
 * the nearest, by the metric: ‖x − c‖, 1 − cos, or Σ|x − c|. Of the caller's points and of the centroids
 * as they are returned, in float64 and in one order, so that it is the same wherever the labels were found.
 */
import { inSlices } from './breathe.ts';
import type { Rows } from './matrix.ts';
import type { Metric } from './support.ts';

/** Coordinates between two chances for others to have the thread. */
const SLICE_WORK = 2 ** 18;

/** Rows, and the centroids that they belong to. */
export interface Assigned {
  readonly metric: Metric;
  readonly points: Rows;
  /** In the units of the points. */
  readonly centroids: Float32Array;
  readonly labels: Uint32Array;
  /** Divides every column, where there is one. */
  readonly scale: Float64Array | null;
}

/** Offered between slices of rows. */
type Pause = () => Promise<void> | undefined;

/**
 * Margins of all rows, never below 0: the centroids that were compared had not yet been rounded to
 * float32 in the units of the points.
 */
export async function marginsOf(
  assigned: Assigned,
  secondLabels: Uint32Array,
  pause: Pause,
): Promise<Float32Array> {
  const { points, labels } = assigned;
  const distance = distanceOf(assigned);
  return filled(new Float32Array(points.rows), points.columns, pause, (row) =>
    Math.max(0, distance(row, secondLabels[row]) - distance(row, labels[row])),
  );
}

/** The distance of every row to the centroid of its label, in float64 as margins are. */
export async function distancesTo(assigned: Assigned, pause: Pause): Promise<Float32Array> {
  const { points, labels } = assigned;
  const distance = distanceOf(assigned);
  return filled(new Float32Array(points.rows), points.columns, pause, (row) =>
    distance(row, labels[row]),
  );
}

/**
 * The second-nearest centroid of every row, by the same distances: where no engine holds the rows. Two
 * that are equally near but for rounding may come the other way round than an engine has them.
 */
export async function secondNearest(assigned: Assigned, pause: Pause): Promise<Uint32Array> {
  const { points, centroids, labels } = assigned;
  const distance = distanceOf(assigned);
  const k = centroids.length / points.columns;
  return filled(new Uint32Array(points.rows), centroids.length, pause, (row) => {
    let [least, second] = [Infinity, 0];
    for (let j = 0; j < k; j++) {
      if (j === labels[row]) continue;
      const away = distance(row, j);
      if (away < least) [least, second] = [away, j];
    }
    return second;
  });
}

/** Fills in what is found of every row, at so many differences each. */
async function filled<Values extends Float32Array | Uint32Array>(
  values: Values,
  differences: number,
  pause: Pause,
  find: (row: number) => number,
): Promise<Values> {
  const slice = Math.max(1, Math.floor(SLICE_WORK / differences));
  await inSlices(values.length, slice, pause, (start, end) => {
    for (let row = start; row < end; row++) values[row] = find(row);
  });
  return values;
}

type Distance = (row: number, label: number) => number;
type DistanceOf = (assigned: Pick<Assigned, 'points' | 'centroids' | 'scale'>) => Distance;

const euclidean: DistanceOf =
  ({ points: { data, columns }, centroids, scale }) =>
  (row, label) => {
    let sum = 0;
    for (let t = 0; t < columns; t++) {
      const difference = data[row * columns + t] - centroids[label * columns + t];
      const scaled = scale ? difference / scale[t] : difference;
      sum += scaled * scaled;
    }
    return Math.sqrt(sum);
  };

const manhattan: DistanceOf =
  ({ points: { data, columns }, centroids, scale }) =>
  (row, label) => {
    let sum = 0;
    for (let t = 0; t < columns; t++) {
      const difference = Math.abs(data[row * columns + t] - centroids[label * columns + t]);
      sum += scale ? difference / scale[t] : difference;
    }
    return sum;
  };

/** Of rows divided by their largest number, so that no square is too small. */
const cosine: DistanceOf = ({ points: { data, columns }, centroids }) => {
  const lengths = Float64Array.from({ length: centroids.length / columns }, (_, j) => {
    const own = centroids.subarray(j * columns, (j + 1) * columns);
    return Math.sqrt(own.reduce((sum, c) => sum + c * c, 0));
  });
  return (row, label) => {
    let largest = 0;
    for (let t = 0; t < columns; t++)
      largest = Math.max(largest, Math.abs(data[row * columns + t]));
    let product = 0;
    let square = 0;
    for (let t = 0; t < columns; t++) {
      const x = data[row * columns + t] / largest;
      product += x * centroids[label * columns + t];
      square += x * x;
    }
    return 1 - product / (Math.sqrt(square) * lengths[label]);
  };
};

const DISTANCES: Record<Metric, DistanceOf> = { euclidean, cosine, manhattan };
const distanceOf = (assigned: Assigned) => DISTANCES[assigned.metric](assigned);
