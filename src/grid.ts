/**
 * The grid: points are centred and scaled once, and from there on integers decide.
 *
 * Floating point differs between devices (fusing, reordering, rounding direction), integers do not.
 * So every decision of a run is one about integers, and every engine gives the same bits:
 *
 *   value      y = f32((x / scale − centre) · 2^−exponent), |y| ≤ 1: the data of every engine. No
 *              subnormals: |y| < 2^−126 becomes 0, because a GPU may flush it anyway.
 *   label grid q = round(y · 2^29), an i32, the same step for all columns. The nearest centroid of a
 *              point is argmin over j of Σ_t (q_t − g_jt)², in integers; ties go to the lowest j.
 *   sum grid   p = round(y · 2^(30 − e_t)), one exponent e_t a column, so that a small column keeps
 *              its digits. Sums are 64-bit. A new centroid is the sum divided by the weight, rounded
 *              to the nearest integer, then to 24 bits, which a float32 holds exactly.
 *   weights    integers too, W = round(w · 2^s) with s as large as keeps ΣW < 2^32: a weighted row
 *              is that many equal rows, to the bit.
 *
 * Every rounding is to the nearest, halves away from zero: the same few integer operations
 * everywhere. The statistics of the grid itself are integer sums, so that they do not depend on the
 * order of the rows either, and may be computed in shards.
 *
 * Memory: values 4 bytes a coordinate, weights 4 bytes a row.
 */
import { refuse } from './errors.ts';
import type { Rows } from './matrix.ts';

/** Label-grid steps in 1: q = round(y · 2^29). */
export const LABEL_BITS = 29;
/** Sum-grid steps in 2^e_t: p = round(y · 2^(30 − e_t)). */
export const SUM_BITS = 30;
/** Smallest column exponent: keeps every sum-grid value a normal float32. */
const MIN_COLUMN_EXPONENT = -96;
/** Columns down to 2^−11 of the largest enter the running inertia with all their bits (128 in all). */
const MIN_HISTORY_EXPONENT = -11;
/** Finer ranges than 2^−1000 are left as they are: their inverse is more than a double holds. */
const MIN_EXPONENT = -1000;
const LARGEST_SINGLE = (2 - 2 ** -23) * 2 ** 127;
/** Explicit centroids may lie up to 2^4 times the points' range away; farther ones are drawn in. */
const MAX_COVER_BITS = 4;

/** How original coordinates and grid coordinates belong together. All that `predict` needs. */
export interface Frame {
  readonly columns: number;
  /** Subtracted from x / scale; f64. */
  readonly centre: Float64Array;
  /** Divides x: standard deviations under `whiten`, otherwise null. */
  readonly scale: Float64Array | null;
  /** y · 2^exponent is in units of x / scale. */
  readonly exponent: number;
}

/** Points on the grid, but for the points themselves. Read-only for everybody once it is laid. */
export interface GridFacts extends Frame {
  readonly rows: number;
  /** W, one a row, or null where every row counts once. */
  readonly weights: Uint32Array | null;
  /** W = round(w · 2^weightExponent). */
  readonly weightExponent: number;
  /** ΣW < 2^32. */
  readonly totalWeight: number;
  /** e_t: smallest integer with all |y_t| ≤ 2^e_t, at least −96. */
  readonly columnExponents: Int32Array;
  /** ΣW·p² of each column. */
  readonly squares: readonly bigint[];
  /** Variance of each column in units of y². */
  readonly variances: Float64Array;
  /** Common exponent of the running inertia, see {@link runningInertia}. */
  readonly historyExponent: number;
}

/** Points on the grid, in main memory. */
export interface Grid extends GridFacts {
  /** y, row-major. */
  readonly values: Float32Array;
}

export interface GridOptions {
  /** One non-negative weight a row. */
  weights?: ArrayLike<number> | undefined;
  /** Explicit centroids (rows of the same columns): the range grows to hold them. */
  cover?: Rows | undefined;
  /** Divides every column, see {@link Frame.scale}. */
  scale?: Float64Array | undefined;
  /** To lay the points in, instead of one of their own: it holds them all. */
  frame?: Frame | undefined;
  /** How errors call the points. */
  name?: string;
}

// ---- points → grid -----------------------------------------------------------------------------

/**
 * Judges, centres and scales points. Three passes over the data, each a function that lanes have too
 * (lanes/lay.ts); what lies between the passes is shared. Each adds to what it has found, so that rows may
 * come in any parts (out-of-core/lay-pages.ts).
 * @throws InvalidInputError on NaN, ±Infinity or a number outside float32, with its row and column.
 */
export function layOnGrid(points: Rows, options: GridOptions = {}): Grid {
  const weights = integerWeights(options.weights, points.rows);
  const scale = options.scale ?? null;
  const found = noRanges(points.columns);
  if (!findRanges(points, found)) refuseNonFinite(points, options.name);
  const ends = scaledEnds(found, scale);
  const sums = new Float64Array(points.columns);
  addSteps(points, scale, ends, weights.weights, sums);
  const frame = frameOf(ends, centresOf(ends, sums, weights.totalWeight), options);
  const values = toGridValues(points, frame);
  const columnExponents = columnExponentsOf(frame, ends);
  const both = moments(values, points.columns, weights.weights, columnExponents);
  return { ...factsOf(points.rows, frame, weights, columnExponents, both), values };
}

/** Ends of every column in units of x / scale. */
export interface Ends {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Ends of no rows. */
export function noRanges(columns: number): Ends {
  return {
    low: new Float64Array(columns).fill(Infinity),
    high: new Float64Array(columns).fill(-Infinity),
  };
}

/** First pass: widens the ends of every column of x. Whether all of it is finite in float32. */
export function findRanges({ data, rows, columns }: Rows, { low, high }: Ends): boolean {
  let finite = true;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let t = 0; t < columns; t++, at++) {
      const x = data[at];
      // Math.fround(x) − same is 0 for what float32 can hold and NaN for NaN, ±Infinity and 1e39.
      const single = Math.fround(x);
      if (single - single !== 0) finite = false;
      if (x < low[t]) low[t] = x;
      if (x > high[t]) high[t] = x;
    }
  }
  return finite;
}

export function scaledEnds({ low, high }: Ends, scale: Float64Array | null): Ends {
  if (!scale) return { low, high };
  return { low: low.map((x, t) => x / scale[t]), high: high.map((x, t) => x / scale[t]) };
}

/**
 * Refuses NaN, ±Infinity and numbers outside float32, with the first row and column; or returns. `before`:
 * rows that came before these.
 */
export function refuseNonFinite({ data, columns }: Rows, name = 'points', before = 0): void {
  const at = data.findIndex((x: number) => Math.fround(x) - Math.fround(x) !== 0);
  if (at >= 0) refuseNumber(data[at], before + Math.floor(at / columns), at % columns, name);
}

export function refuseNumber(value: number, row: number, column: number, name = 'points'): never {
  refuse(
    `${name}[${row}][${column}]`,
    value,
    "a finite number within float32's range",
    'Drop or fill the row, or rescale the column.',
  );
}

/** Steps of a column's range on which its mean is found: their weighted sum stays below 2^53. */
const CENTRE_STEPS = 2 ** 20;
const CENTRE_BITS = 8;

/** Steps in one unit of x / scale; 0 for a constant column. */
export function stepsPerUnit({ low, high }: Ends): Float64Array {
  return low.map((from, t) => {
    const steps = CENTRE_STEPS / (high[t] - from);
    return steps < Infinity ? steps : 0; // constant, or next to
  });
}

/** Second pass: adds Σ W · step of every column, a whole number below 2^52. */
export function addSteps(
  { data, rows, columns }: Rows,
  scale: Float64Array | null,
  ends: Ends,
  weights: Uint32Array | null,
  sums: Float64Array,
): void {
  const perUnit = stepsPerUnit(ends);
  const { low } = ends;
  for (let i = 0, at = 0; i < rows; i++) {
    const weight = weights ? weights[i] : 1;
    for (let t = 0; t < columns; t++, at++) {
      const x = scale ? data[at] / scale[t] : data[at];
      sums[t] += weight * Math.floor((x - low[t]) * perUnit[t] + 0.5);
    }
  }
}

/**
 * The mean of every column, rounded to 2^−8 of its range (up to a power of two). Centring needs no
 * more: what is left of the offset is far below a float32's precision at the ends of the range. And a
 * short centre keeps short numbers exact: whole numbers stay whole. As a sum of integers the mean
 * comes out the same in any order, in any shards, and for repeated rows as for weights.
 */
export function centresOf(ends: Ends, sums: Float64Array, totalWeight: number): Float64Array {
  const perUnit = stepsPerUnit(ends);
  return ends.low.map((from, t) => {
    if (perUnit[t] === 0) return from + 0;
    const mean = from + sums[t] / totalWeight / perUnit[t];
    const unit = powerOfTwo(ceilLog2(ends.high[t] - from) - CENTRE_BITS);
    return Math.round(mean / unit) * unit + 0; // never −0: its bits would show in a centroid
  });
}

/** The frame that holds all points and, as far as that goes, explicit centroids. */
export function frameOf(ends: Ends, centre: Float64Array, options: GridOptions): Frame {
  if (options.frame) return options.frame;
  const scale = options.scale ?? null;
  // |y| is monotone in x, so the ends of a column tell its largest |y| without another pass.
  let largest = 0;
  for (let t = 0; t < centre.length; t++)
    largest = Math.max(largest, ends.high[t] - centre[t], centre[t] - ends.low[t]);
  const exponent = coveringExponent(largest, options.cover, scale, centre);
  return { columns: centre.length, centre, scale, exponent };
}

/** e_t of every column. */
export function columnExponentsOf({ centre, exponent }: Frame, { low, high }: Ends): Int32Array {
  const shrink = powerOfTwo(-exponent);
  return Int32Array.from(centre, (middle, t) => {
    const reach = Math.max(
      Math.abs(toGridValue(high[t], middle, shrink)),
      Math.abs(toGridValue(low[t], middle, shrink)),
    );
    return Math.max(MIN_COLUMN_EXPONENT, ceilLog2(reach));
  });
}

/** Σ W·p and Σ W·p² of every column. */
export interface Moments {
  readonly sums: readonly bigint[];
  readonly squares: readonly bigint[];
}

/** Moments of all parts. */
export function addMoments(a: Moments, b: Moments): Moments {
  const added = (x: readonly bigint[], y: readonly bigint[]) => x.map((n, t) => n + y[t]);
  return { sums: added(a.sums, b.sums), squares: added(a.squares, b.squares) };
}

export function factsOf(
  rows: number,
  frame: Frame,
  weights: IntegerWeights,
  columnExponents: Int32Array,
  { sums, squares }: Moments,
): GridFacts {
  const { totalWeight } = weights;
  const total = BigInt(totalWeight);
  const variances = Float64Array.from(
    columnExponents,
    (e, t) =>
      (Number(squares[t] * total - sums[t] * sums[t]) / totalWeight / totalWeight) *
      powerOfTwo(2 * (e - SUM_BITS)),
  );
  const smallest = columnExponents
    .filter((_, t) => squares[t] > 0n)
    .reduce((a, b) => Math.min(a, b), 0);
  return {
    ...frame,
    ...weights,
    rows,
    columnExponents,
    squares,
    variances,
    historyExponent: Math.max(MIN_HISTORY_EXPONENT, smallest),
  };
}

/**
 * Standard deviation of every column in the units of the points: the scale of `whiten`.
 * A constant column gets 1, so that it is left as it is (as SciPy's whiten does).
 */
export function standardDeviations(grid: GridFacts): Float64Array {
  const unit = powerOfTwo(grid.exponent);
  return grid.variances.map((variance) => Math.sqrt(variance) * unit || 1);
}

/**
 * Other rows in the frame of a grid, as grid values; a coordinate outside the range exceeds 1. Into
 * `values`, which may be the rows themselves.
 */
export function toGridValues(
  points: Rows,
  frame: Frame,
  values: Float32Array = new Float32Array(points.rows * points.columns),
): Float32Array {
  write(points, frame.scale, frame.centre, powerOfTwo(-frame.exponent), values);
  return values;
}

/** Explicit centroids as grid values, drawn in to |y| ≤ 1 (see MAX_COVER_BITS). */
export function placeOnGrid(centroids: Rows, frame: Frame): Float32Array {
  return toGridValues(centroids, frame).map((y) => Math.max(-1, Math.min(1, y)));
}

/** Grid values back in original units: y · 2^exponent + centre, times scale, in f64, then f32. */
export function toOriginal(values: Float32Array, frame: Frame): Float32Array {
  const { columns, centre, scale } = frame;
  const grow = powerOfTwo(frame.exponent);
  const original = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const t = i % columns;
    const x = (values[i] * grow + centre[t]) * (scale ? scale[t] : 1);
    // Where points reach the end of float32, half a grid step more would be infinite.
    original[i] = Math.max(-LARGEST_SINGLE, Math.min(LARGEST_SINGLE, x)) + 0; // never −0
  }
  return original;
}

/** Smallest e with all |x − centre| ≤ 2^e, grown by at most MAX_COVER_BITS for explicit centroids. */
function coveringExponent(
  largest: number,
  cover: Rows | undefined,
  scale: Float64Array | null,
  centre: Float64Array,
): number {
  let reach = 0;
  if (cover)
    for (let i = 0; i < cover.data.length; i++) {
      const t = i % cover.columns;
      const x = scale ? cover.data[i] / scale[t] : cover.data[i];
      reach = Math.max(reach, Math.abs(x - centre[t]));
    }
  if (largest === 0) return reach === 0 ? 0 : Math.max(MIN_EXPONENT, ceilLog2(reach));
  const own = Math.max(MIN_EXPONENT, ceilLog2(largest));
  return reach > largest ? Math.max(own, Math.min(own + MAX_COVER_BITS, ceilLog2(reach))) : own;
}

function write(
  points: Rows,
  scale: Float64Array | null,
  centre: Float64Array,
  shrink: number,
  values: Float32Array,
): void {
  const { data, rows, columns } = points;
  for (let i = 0, at = 0; i < rows; i++)
    for (let t = 0; t < columns; t++, at++)
      values[at] = toGridValue(scale ? data[at] / scale[t] : data[at], centre[t], shrink);
}

function toGridValue(x: number, centre: number, shrink: number): number {
  const y = Math.fround((x - centre) * shrink);
  return y < SMALLEST_NORMAL && y > -SMALLEST_NORMAL ? 0 : y;
}
const SMALLEST_NORMAL = 2 ** -126;

/** Third pass, over the values: exact moments on the sum grid. */
export function moments(
  values: Float32Array,
  columns: number,
  weights: Uint32Array | null,
  columnExponents: Int32Array,
): Moments {
  const rows = values.length / columns;
  // A product below is under 2^30, or 2^46 with half a weight: this many add up exactly in a double.
  const exactRows = weights ? 64 : 1 << 20;
  const squares: bigint[] = [];
  const sums: bigint[] = [];
  for (let t = 0; t < columns; t++) {
    const perUnit = powerOfTwo(SUM_BITS - columnExponents[t]);
    let square = 0n;
    let sum = 0n;
    const add = (start: number, end: number, halfWeight: number, lift: bigint) => {
      // p = high · 2^15 + low
      let [hh, hl, ll, h, l] = [0, 0, 0, 0, 0];
      for (let i = start; i < end; i++) {
        const p = roundHalfAway(values[i * columns + t] * perUnit);
        const w = weights ? (weights[i] >>> halfWeight) & 0xffff : 1;
        const high = p >> 15;
        const low = p & 0x7fff;
        hh += w * (high * high);
        hl += w * (high * low);
        ll += w * (low * low);
        h += w * high;
        l += w * low;
      }
      square += ((BigInt(hh) << 30n) + (BigInt(hl) << 16n) + BigInt(ll)) << lift;
      sum += ((BigInt(h) << 15n) + BigInt(l)) << lift;
    };
    for (let start = 0; start < rows; start += exactRows) {
      const end = Math.min(rows, start + exactRows);
      add(start, end, 0, 0n);
      if (weights) add(start, end, 16, 16n);
    }
    squares.push(square);
    sums.push(sum);
  }
  return { sums, squares };
}

export type IntegerWeights = Pick<GridFacts, 'weights' | 'weightExponent' | 'totalWeight'>;

/**
 * Weights as integers that add up to less than 2^32: whole ones as they are where they do, so that every
 * number comes out as of so many equal rows; others by a power of two. @throws InvalidInputError
 */
export function integerWeights(given: ArrayLike<number> | undefined, rows: number): IntegerWeights {
  if (!given) return { weights: null, weightExponent: 0, totalWeight: rows };
  if (given.length !== rows)
    refuse(
      'weights.length',
      given.length,
      `${rows} (one weight a row)`,
      'Give every row a weight.',
    );
  let sum = 0;
  let whole = true;
  for (let i = 0; i < rows; i++) {
    const w = given[i];
    if (typeof w !== 'number' || !(w >= 0 && w < Infinity))
      refuse(`weights[${i}]`, w, 'a finite number ≥ 0', 'Drop the row or repair the weight.');
    sum += w;
    whole &&= Number.isInteger(w);
  }
  if (sum === 0)
    refuse('the sum of weights', sum, 'more than 0', 'Leave weights out to count every row once.');
  if (sum === Infinity) refuse('the sum of weights', sum, 'a finite number', 'Scale them down.');
  if (whole && sum < 2 ** 32)
    return { weights: Uint32Array.from(given), weightExponent: 0, totalWeight: sum };
  // One more than can be right: `sum` depends on the order of the rows, the answer must not.
  let weightExponent = 33 - ceilLog2(sum);
  for (; ; weightExponent--) {
    // In two steps: 2^1107 for the smallest weights is more than a double holds.
    const lift = powerOfTwo(Math.min(1000, weightExponent));
    const unit = powerOfTwo(Math.max(0, weightExponent - 1000));
    let totalWeight = 0;
    const weights = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) {
      const w = Math.round(given[i] * lift * unit); // of numbers ≥ 0: halves away from zero
      weights[i] = w;
      totalWeight += w; // < 2^35: exact
    }
    if (totalWeight < 2 ** 32) return { weights, weightExponent, totalWeight };
  }
}

// ---- integers ----------------------------------------------------------------------------------

/** Nearest integer, halves away from zero, never −0; |v| < 2^52. */
export function roundHalfAway(v: number): number {
  return v < 0 ? 0 - Math.floor(0.5 - v) : Math.floor(v + 0.5);
}

const LABEL_STEPS = 2 ** LABEL_BITS;

/** q of a value: round(y · 2^29). */
export function toLabelGrid(y: number): number {
  return roundHalfAway(y * LABEL_STEPS);
}

/** p of a value in a column of exponent `columnExponent`: round(y · 2^(30 − e)). */
export function toSumGrid(y: number, columnExponent: number): number {
  return roundHalfAway(y * powerOfTwo(SUM_BITS - columnExponent));
}

/**
 * The centroid of a column, on the sum grid: sum / weight to the nearest integer, then to the
 * nearest of 24 significant bits.
 */
export function meanOnSumGrid(sum: bigint, weight: number): number {
  const n = BigInt(weight);
  const magnitude = sum < 0n ? -sum : sum;
  let mean = Number((2n * magnitude + n) / (2n * n));
  const surplus = Math.max(0, 32 - Math.clz32(mean) - 24);
  mean = Math.floor((mean + (surplus > 0 ? 2 ** (surplus - 1) : 0)) / 2 ** surplus) * 2 ** surplus;
  return sum < 0n ? 0 - mean : mean; // never −0
}

/** Leading 24 bits of a whole number ≥ 0, the rest dropped: how a shift is reported. */
export function leadingBits(value: bigint): number {
  const surplus = BigInt(Math.max(0, value.toString(2).length - 24));
  return Number((value >> surplus) << surplus);
}

// ---- inertia -----------------------------------------------------------------------------------

/**
 * ΣW‖p − C‖² of the clusters, exactly, in the units of the points (f64).
 * Per column: ΣWp² − Σ_j (2·C_j·S_j − N_j·C_j²), all integers.
 */
export function inertia(
  grid: GridFacts,
  centroids: Float32Array,
  sums: BigInt64Array,
  counts: Uint32Array,
): number {
  let total = 0;
  for (let t = 0; t < grid.columns; t++) {
    let column = grid.squares[t];
    for (let j = 0; j < counts.length; j++) {
      const at = j * grid.columns + t;
      column -= explained(toSumGrid(centroids[at], grid.columnExponents[t]), sums[at], counts[j]);
    }
    total += Number(column) * powerOfTwo(2 * (grid.columnExponents[t] - SUM_BITS));
  }
  return total * powerOfTwo(2 * grid.exponent) * powerOfTwo(-grid.weightExponent);
}

/** What a cluster takes off ΣWp² in a column: 2·C·S − N·C². */
export function explained(mean: number, sum: bigint, weight: number): bigint {
  const c = BigInt(mean);
  return 2n * c * sum - BigInt(weight) * c * c;
}

/** Brings a column's square units to the common unit of the running inertia (floor). */
export function align(grid: GridFacts, column: number, value: bigint): bigint {
  const bits = 2 * (grid.columnExponents[column] - grid.historyExponent);
  return bits >= 0 ? value << BigInt(bits) : value >> BigInt(-bits);
}

/**
 * Inertia after an iteration, from the 128-bit Σ align(2·C·S − N·C²) that an engine reports.
 * Equals {@link inertia} while no column is under 2^−11 of the largest; below that, within a few
 * units of 2^−82 of the squared range.
 */
export function runningInertia(grid: GridFacts, explainedSum: bigint): number {
  let total = -explainedSum;
  for (let t = 0; t < grid.columns; t++) total += align(grid, t, grid.squares[t]);
  return (
    Number(total) *
    powerOfTwo(2 * (grid.historyExponent - SUM_BITS)) *
    powerOfTwo(2 * grid.exponent) *
    powerOfTwo(-grid.weightExponent)
  );
}

// ---- powers of two -----------------------------------------------------------------------------

/** Smallest integer e with v ≤ 2^e, exactly; v > 0. For v = 0 a very small number, for infinity 1024. */
export function ceilLog2(v: number): number {
  if (v === 0) return -1074;
  if (v === Infinity) return 1024;
  let e = Math.ceil(Math.log2(v)) + 0; // not −0
  while (powerOfTwo(e) < v) e++;
  while (e > -1074 && powerOfTwo(e - 1) >= v) e--;
  return e;
}

/** 2^e, exactly, built from its bits: `**` need not be exact in every JavaScript engine. */
export function powerOfTwo(e: number): number {
  if (e < -1022) return powerOfTwo(Math.max(-1022, e + 200)) * powerOfTwo(-200);
  BITS.setInt32(0, (e + 1023) << 20);
  BITS.setInt32(4, 0);
  return BITS.getFloat64(0);
}
const BITS = new DataView(new ArrayBuffer(8));
