/**
 * Are two answers the same clustering? Other libraries round otherwise (scikit-learn sums in float32),
 * so their centroids are a little elsewhere and points near a border may fall on the other side.
 * That much is allowed, computed for the data at hand; a label it does not explain makes an answer wrong.
 *
 * What is left out by float32 sums also grows: points that cross a border move centroids, and those
 * move borders. Where clusters lie inside one blob, every twentieth label may differ in the end. So a
 * library with float32 sums is held to the same labels early on, and to as good an inertia at the end.
 */
import type { Matrix } from '../../src/index.ts';
import { squaredDistance } from '../../src/matrix.ts';
import type { Clusters } from './exchange.ts';

/** What may be different. */
export interface Tolerance {
  /** Distance of a centroid from ours, by the points' spread. */
  centroids: number;
  /** Inertia, by itself. */
  inertia: number;
  /** Share of the rows with another label: only such as lie on a border. */
  labels: number;
}

/** For libraries that compute in float64: ours rounds points to its grid. */
export const SAME: Tolerance = { centroids: 1e-2, inertia: 1e-5, labels: 1e-2 };
/**
 * With float32 sums, after two iterations. One point more or less moves a small cluster's centroid by
 * a hundredth; inertia falls by far more than this in each of the first iterations.
 */
export const EARLY: Tolerance = { centroids: 5e-2, inertia: 1e-5, labels: 5e-2 };
/** After twenty iterations with float32 sums. */
export const DRIFTED: Tolerance = { centroids: 0.1, inertia: 1e-3, labels: 1 };

/** Rounding of float32 distances in their expanded form, by the square of the points' reach. */
const ROUNDING = 2 ** -20;

export interface Verdict {
  /** What is wrong, in words; empty where nothing is. */
  faults: string[];
  /** Rows with another label, as a share. */
  differing: number;
  /** Such rows that rounding does not explain. */
  unexplained: number;
  /** Farthest distance of a centroid from ours, by the points' spread. */
  centroidsOff: number;
  /** Their inertia by ours, less 1; both computed here, in float64, in the same way. */
  inertiaOff: number;
}

/** `labelled`: the centroids that our labels are nearest to, where they are not those of `ours`. */
export function compare(
  points: Matrix,
  theirs: Clusters,
  ours: Clusters,
  tolerance: Tolerance = SAME,
  labelled: Float64Array = ours.centroids,
): Verdict {
  const { rows, columns } = points;
  const faults: string[] = [];
  const k = ours.centroids.length / columns;
  if (
    theirs.labels.length !== rows ||
    theirs.centroids.length !== ours.centroids.length ||
    theirs.labels.some((label) => label >= k) ||
    theirs.centroids.some((x) => !Number.isFinite(x))
  )
    return {
      faults: [
        `${theirs.labels.length} labels and ${theirs.centroids.length} coordinates for ${rows} points and k = ${k}`,
      ],
      ...{ differing: NaN, unexplained: NaN, centroidsOff: NaN, inertiaOff: NaN },
    };

  const { spread, reach } = extent(points);
  const off = distances(theirs.centroids, ours.centroids, columns);
  const furthest = off.reduce((most, one) => Math.max(most, one), 0);
  const centroidsOff = spread === 0 ? furthest : furthest / spread;
  if (!(centroidsOff <= tolerance.centroids))
    faults.push(`a centroid is ${centroidsOff.toExponential(1)} of the spread from ours`);

  const { differing, unexplained } = countDiffering(points, theirs.labels, ours.labels, {
    centroids: labelled,
    off,
    rounding: ROUNDING * reach * reach,
  });
  if (differing > tolerance.labels)
    faults.push(`${(100 * differing).toFixed(2)} % of the labels differ`);
  if (unexplained > 0) faults.push(`${unexplained} labels differ by more than rounding explains`);

  const own = inertia(points, ours);
  const inertiaOff = own === 0 ? inertia(points, theirs) : inertia(points, theirs) / own - 1;
  if (!(Math.abs(inertiaOff) <= tolerance.inertia))
    faults.push(`inertia is off by ${inertiaOff.toExponential(1)} of itself`);
  return { faults, differing, unexplained, centroidsOff, inertiaOff };
}

/** Root of the mean squared distance from the mean, and the farthest distance of all. */
function extent({ data, rows, columns }: Matrix): { spread: number; reach: number } {
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++)
    for (let t = 0; t < columns; t++) mean[t] += data[i * columns + t] / rows;
  let [total, most] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const square = squaredDistance(data, i * columns, mean, 0, columns);
    total += square / rows;
    most = Math.max(most, square);
  }
  return { spread: Math.sqrt(total), reach: Math.sqrt(most) };
}

function distances(a: Float64Array, b: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: a.length / columns }, (_, j) =>
    Math.sqrt(squaredDistance(a, j * columns, b, j * columns, columns)),
  );
}

/**
 * Their centroid j is off[j] from ours, or was within some times that an iteration ago: so much may a
 * distance to it be off.
 */
function countDiffering(
  { data, rows, columns }: Matrix,
  theirs: Uint32Array,
  ours: Uint32Array,
  { centroids, off, rounding }: { centroids: Float64Array; off: Float64Array; rounding: number },
) {
  let [differing, unexplained] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const [own, other] = [ours[i], theirs[i]];
    if (own === other) continue;
    differing++;
    const near = squaredDistance(data, i * columns, centroids, own * columns, columns);
    const far = squaredDistance(data, i * columns, centroids, other * columns, columns);
    const allowed = slack(near, off[own]) + slack(far, off[other]) + rounding;
    if (far - near > allowed) unexplained++;
  }
  return { differing: differing / rows, unexplained };
}

/** How much a squared distance to a centroid changes at most when that moves by 4 · off. */
function slack(square: number, off: number): number {
  return 4 * off * (2 * Math.sqrt(square) + 4 * off);
}

/** Σ ‖point − centroid of its label‖². */
export function inertia({ data, rows, columns }: Matrix, { labels, centroids }: Clusters): number {
  let total = 0;
  for (let i = 0; i < rows; i++)
    total += squaredDistance(data, i * columns, centroids, labels[i] * columns, columns);
  return total;
}
