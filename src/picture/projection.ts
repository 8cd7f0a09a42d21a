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

/** Products that the covariance may take: more rows than these allow stand for each other. */
const PRODUCTS = 2 ** 29;
/** From so many columns on only the widest ways are looked for: all of them would take minutes. */
const WIDE = 128;

/** @param whiten every column counts in its standard deviations, as under the library's option */
export function projectionOf(all: Rows, whiten: boolean): Projection {
  const { columns } = all;
  if (columns > WIDE) return widest(someOf(all, Math.ceil(2 ** 21 / columns)), whiten);
  const points = someOf(all, Math.ceil(PRODUCTS / columns ** 2));
  const centre = means(points);
  const matrix = covariance(points, centre);
  const scale = centre.map((_, t) => (whiten && Math.sqrt(matrix[t * columns + t])) || 1);
  matrix.forEach((value, at) => {
    matrix[at] = value / scale[Math.floor(at / columns)] / scale[at % columns];
  });
  if (columns === 2)
    return { centre, axes: Float64Array.of(1 / scale[0], 0, 0, 1 / scale[1]), share: 1 };
  const { values, vectors } = eigen(matrix, columns);
  const order = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, 2);
  const axes = new Float64Array(2 * columns);
  order.forEach((component, way) => {
    const along = centre.map((_, t) => vectors[t * columns + component]);
    const sign = signOf(along);
    along.forEach((x, t) => (axes[2 * t + way] = (sign * x) / scale[t]));
  });
  const total = values.reduce((sum, value) => sum + value, 0);
  const seen = order.reduce((sum, component) => sum + values[component], 0);
  return { centre, axes, share: total > 0 ? seen / total : 1 };
}

/**
 * A component has no sign of its own: its largest part points right, or up. Of parts that are equal
 * but for rounding the first decides.
 */
function signOf(along: Float64Array): number {
  const largest = along.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return Math.sign(along.find((x) => Math.abs(x) > 0.999999 * largest) ?? 1);
}

/** At most so many rows, evenly from all: files may be sorted. */
export function someOf(points: Rows, most: number): Rows {
  const { data, rows, columns } = points;
  if (rows <= most) return points;
  const some = new Float64Array(most * columns);
  for (let i = 0; i < most; i++) {
    const from = Math.floor((i * rows) / most) * columns;
    for (let t = 0; t < columns; t++) some[i * columns + t] = data[from + t];
  }
  return { data: some, rows: most, columns };
}

/** Directions that are turned together: two more than are wanted, so that those come out sooner. */
const TOGETHER = 4;
const TURNS = 40;

/** The two widest ways by subspace iteration: the covariance itself is never written down. */
function widest(points: Rows, whiten: boolean): Projection {
  const { data, rows, columns } = points;
  const centre = means(points);
  const variances = new Float64Array(columns);
  for (let at = 0; at < data.length; at++)
    variances[at % columns] += (data[at] - centre[at % columns]) ** 2 / rows;
  const scale = variances.map((variance) => (whiten && Math.sqrt(variance)) || 1);
  const away = Float64Array.from(data, (x, at) => (x - centre[at % columns]) / scale[at % columns]);
  // Any start that no data is likely to be at right angles to.
  let ways: Float64Array[] = Array.from({ length: TOGETHER }, (_, way) =>
    centre.map((_, t) => Math.sin((t + 1) * (way + 1) * 1.618) + 0.1),
  );
  let spread: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const lengths = orthogonal(ways);
    spread = lengths.map((length) => length / rows);
    if (turn === TURNS - 1) break;
    ways = ways.map((way) => stretched(away, rows, way));
  }
  const order = [...ways.keys()].sort((a, b) => spread[b] - spread[a]).slice(0, 2);
  const axes = new Float64Array(2 * columns);
  order.forEach((at, way) => {
    const sign = signOf(ways[at]);
    ways[at].forEach((x, t) => (axes[2 * t + way] = (sign * x) / scale[t]));
  });
  const total = variances.reduce((sum, variance, t) => sum + variance / scale[t] ** 2, 0);
  const seen = order.reduce((sum, at) => sum + spread[at], 0);
  return { centre, axes, share: total > 0 ? Math.min(1, seen / total) : 1 };
}

/** XᵀX · way. */
function stretched(data: Float64Array, rows: number, way: Float64Array): Float64Array {
  const columns = way.length;
  const sum = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++, at += columns) {
    let along = 0;
    for (let t = 0; t < columns; t++) along += data[at + t] * way[t];
    for (let t = 0; t < columns; t++) sum[t] += data[at + t] * along;
  }
  return sum;
}

/** Makes them unit vectors at right angles, in place, one after the other; answers their lengths. */
function orthogonal(ways: Float64Array[]): number[] {
  return ways.map((way, at) => {
    for (let pass = 0; pass < 2; pass++)
      for (const before of ways.slice(0, at)) {
        const along = way.reduce((sum, x, t) => sum + x * before[t], 0);
        before.forEach((x, t) => (way[t] -= along * x));
      }
    const length = Math.sqrt(way.reduce((sum, x) => sum + x * x, 0));
    way.forEach((x, t) => (way[t] = length > 0 ? x / length : 0));
    return length;
  });
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

export function means({ data, rows, columns }: Rows): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let t = 0; t < columns; t++) sums[t] += data[i * columns + t];
  return sums.map((sum) => sum / rows);
}

/** Standard deviations of the columns of the first rows, around their means. */
export function deviations(
  { data, columns }: Rows,
  rows: number,
  means: Float64Array,
): Float64Array {
  const squares = new Float64Array(columns);
  for (let i = 0; i < rows; i++)
    for (let t = 0; t < columns; t++) squares[t] += (data[i * columns + t] - means[t]) ** 2;
  return squares.map((sum) => Math.sqrt(sum / rows));
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
