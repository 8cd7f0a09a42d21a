/**
 * Rows of any number of columns as places on a plane. Two columns are the plane. Of more, the first
 * two principal components are seen: the plane on which the rows keep the most of their variance.
 *
 * For the picture only: nothing that is clustered comes through here.
 */
import type { Rows } from '../matrix.ts';

export interface Projection {
  /** Mean of every column: it lies at the origin. */
  readonly centre: Float64Array;
  /** columns × 2: how far a unit of each column leads to the right and up. */
  readonly axes: Float64Array;
  /** Part of the variance that is seen, 0 to 1. */
  readonly share: number;
}

/** @param whiten every column counts in its standard deviations, as under the library's option */
export function projectionOf(points: Rows, whiten: boolean): Projection {
  const { columns } = points;
  const centre = means(points);
  const variances = variancesOf(points, centre);
  const scale = variances.map((variance) => (whiten && Math.sqrt(variance)) || 1);
  if (columns === 2)
    return { centre, axes: Float64Array.of(1 / scale[0], 0, 0, 1 / scale[1]), share: 1 };
  const { values, vectors } =
    columns > WIDE ? widest(points, centre, scale) : principal(points, centre, scale);
  const axes = new Float64Array(2 * columns);
  vectors.forEach((along, way) => {
    // A component has no sign of its own: its largest part points right, or up. Of parts that are
    // equal but for rounding the first decides.
    const largest = along.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const sign = Math.sign(along.find((x) => Math.abs(x) > 0.999999 * largest) ?? 1);
    along.forEach((x, t) => (axes[2 * t + way] = (sign * x) / scale[t]));
  });
  const total = variances.reduce((sum, variance, t) => sum + variance / scale[t] ** 2, 0);
  const seen = values.reduce((sum, value) => sum + value, 0);
  return { centre, axes, share: total > 0 ? Math.min(1, seen / total) : 1 };
}

/** Places of rows, rows × 2. */
export function project({ data, rows, columns }: Rows, { centre, axes }: Projection): Float32Array {
  const places = new Float32Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    let [x, y] = [0, 0];
    for (let t = 0; t < columns; t++) {
      const away = data[i * columns + t] - centre[t];
      x += away * axes[2 * t];
      y += away * axes[2 * t + 1];
    }
    places[2 * i] = x;
    places[2 * i + 1] = y;
  }
  return places;
}

function means({ data, rows, columns }: Rows): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let t = 0; t < columns; t++) sums[t] += data[i * columns + t];
  return sums.map((sum) => sum / rows);
}

function variancesOf({ data, rows, columns }: Rows, centre: Float64Array): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++)
    for (let t = 0; t < columns; t++) sums[t] += (data[i * columns + t] - centre[t]) ** 2;
  return sums.map((sum) => sum / rows);
}

/** Columns above which a matrix of all pairs of them would take too long. */
const WIDE = 64;

/** The two widest ways, the wider one first, and the variance along them. */
interface Widest {
  values: number[];
  vectors: Float64Array[];
}

/** Of all components by the covariances. */
function principal(points: Rows, centre: Float64Array, scale: Float64Array): Widest {
  const { columns } = points;
  const matrix = covariance(points, centre).map(
    (value, at) => value / scale[Math.floor(at / columns)] / scale[at % columns],
  );
  const { values, vectors } = eigen(matrix, columns);
  const order = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, 2);
  return {
    values: order.map((component) => values[component]),
    vectors: order.map((component) => centre.map((_, t) => vectors[t * columns + component])),
  };
}

/** Passes over the rows, at most: what has not settled by then are ways of almost equal variance. */
const MOST_PASSES = 50;

/** Of the rows alone, by orthogonal iteration: two ways are turned by the covariances until they stay. */
function widest({ data, rows, columns }: Rows, centre: Float64Array, scale: Float64Array): Widest {
  // Any start will do that is not at right angles to them.
  let vectors = [0, 1].map((way) => centre.map((_, t) => Math.sin((way + 1) * (t + 1))));
  orthonormal(vectors);
  let values = [0, 0];
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const next = vectors.map(() => new Float64Array(columns));
    const away = new Float64Array(columns);
    for (let i = 0; i < rows; i++) {
      for (let t = 0; t < columns; t++) away[t] = (data[i * columns + t] - centre[t]) / scale[t];
      for (let way = 0; way < 2; way++) {
        const reach = dot(away, vectors[way]) / rows;
        const to = next[way];
        for (let t = 0; t < columns; t++) to[t] += reach * away[t];
      }
    }
    const before = values;
    values = vectors.map((along, way) => dot(along, next[way]));
    orthonormal(next);
    vectors = next;
    if (values.every((value, way) => Math.abs(value - before[way]) <= 1e-9 * value)) break;
  }
  return { values, vectors };
}

/** Gram and Schmidt's; a vector without a length of its own becomes 0. */
function orthonormal(vectors: readonly Float64Array[]): void {
  vectors.forEach((along, way) => {
    for (const other of vectors.slice(0, way)) {
      const shared = dot(along, other);
      along.forEach((_, t) => (along[t] -= shared * other[t]));
    }
    const length = Math.sqrt(dot(along, along));
    if (length > 0) along.forEach((_, t) => (along[t] /= length));
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[t];
  return sum;
}

function covariance({ data, rows, columns }: Rows, centre: Float64Array): Float64Array {
  const sums = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++)
    for (let s = 0; s < columns; s++) {
      const away = data[i * columns + s] - centre[s];
      for (let t = 0; t <= s; t++)
        sums[s * columns + t] += away * (data[i * columns + t] - centre[t]);
    }
  for (let s = 0; s < columns; s++)
    for (let t = 0; t < s; t++) sums[t * columns + s] = sums[s * columns + t];
  return sums.map((sum) => sum / rows);
}

/**
 * Eigenvalues and eigenvectors (the columns of `vectors`) of a symmetric matrix, by Jacobi's
 * rotations: each turns a pair of axes so that their product vanishes, until all have.
 */
function eigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const vectors = Float64Array.from(a, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  const norm = Math.hypot(...a);
  for (let sweep = 0, rotated = true; rotated && sweep < 50; sweep++) {
    rotated = false;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) <= 1e-14 * norm) continue;
        rotated = true;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
        const tan = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cos = 1 / Math.hypot(tan, 1);
        const sin = tan * cos;
        // a becomes RᵀaR, vectors become vectors·R
        for (let i = 0; i < n; i++) turn(a, i * n + p, i * n + q, cos, sin);
        for (let i = 0; i < n; i++) turn(a, p * n + i, q * n + i, cos, sin);
        for (let i = 0; i < n; i++) turn(vectors, i * n + p, i * n + q, cos, sin);
      }
  }
  return { values: Float64Array.from({ length: n }, (_, t) => a[t * (n + 1)]), vectors };
}

function turn(matrix: Float64Array, p: number, q: number, cos: number, sin: number): void {
  const [x, y] = [matrix[p], matrix[q]];
  matrix[p] = cos * x - sin * y;
  matrix[q] = sin * x + cos * y;
}
