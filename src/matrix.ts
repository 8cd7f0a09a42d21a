/**
 * Points as a caller has them, and as the library reads them: flat, row-major, never copied when
 * they are flat already. What is not a set of points is refused here, with its place.
 */
import { refuse } from './errors.ts';
import { refuseForm } from './support.ts';

// Programs that are compiled without WebGPU's types (Node without the library "dom") would find errors here.
declare global {
  /* eslint-disable @typescript-eslint/no-empty-object-type -- they merge with the host's, and add nothing */
  interface GPUBuffer {}
  interface GPUDevice {}
  /* eslint-enable @typescript-eslint/no-empty-object-type */
}

/** Flat arrays one after the other, copied into one. */
export function joined<Kind extends { set(part: ArrayLike<number>, at: number): void }>(
  Whole: new (length: number) => Kind,
  parts: readonly ArrayLike<number>[],
): Kind {
  const whole = new Whole(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Row-major float32 matrix: row i is `data[i * columns … (i + 1) * columns − 1]`. */
export interface Matrix {
  /** rows × columns numbers, row after row. */
  data: Float32Array;
  /** Number of rows (points). */
  rows: number;
  /** Number of columns (coordinates of a point). */
  columns: number;
}

/** Typed arrays accepted as points: all but the BigInt ones. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * Points in a GPU buffer: float32, row-major. Pass the device it belongs to as `device`, or an opened
 * engine that has it. The library neither changes nor destroys the buffer.
 */
export interface GpuMatrix {
  /** Needs the usage STORAGE or COPY_SRC; with both, every option works. */
  buffer: GPUBuffer;
  /** Number of rows (points). */
  rows: number;
  /** Number of columns (coordinates of a point). */
  columns: number;
  /** Bytes from the start of the buffer to the first number, a multiple of 4. Default 0. */
  offset?: number;
}

/** Points that do not fit in memory and are read in chunks, possibly several times. */
export interface PointSource {
  /** Number of columns (coordinates of a point). */
  columns: number;
  /** Number of rows of all chunks together, if known in advance. */
  rows?: number;
  /** True if reading again needs no parsing: then the library does not cache the rows. */
  cheap?: boolean;
  /** Starts a pass over the rows. Every pass must give the same rows in the same order. */
  chunks(signal?: AbortSignal): AsyncIterable<Matrix>;
  /** Share of the current pass that has been read, 0 to 1; undefined if unknown. */
  progress?(): number | undefined;
}

export function isPointSource(points: unknown): points is PointSource {
  return (
    typeof points === 'object' &&
    points !== null &&
    typeof (points as { chunks?: unknown }).chunks === 'function' &&
    !('data' in points) &&
    !('getChildAt' in points)
  );
}

/**
 * A two-dimensional array in the style of ndarray libraries. Contiguous row-major data are read in
 * place; any other layout (transposed, every second row) is copied.
 */
export interface NdarrayLike {
  /** All numbers, in the order that `stride` and `offset` describe. */
  data: NumericArray;
  /** [rows, columns]. */
  shape: readonly number[];
  /** Elements of `data` from one row to the next, and from one column to the next. Default: row-major. */
  stride?: readonly number[];
  /** Another name for `stride`, which wins if both are given. */
  strides?: readonly number[];
  /** Index in `data` of the first number. Default 0. */
  offset?: number;
}

/** The part of an Apache Arrow table or record batch that the library reads; Arrow itself is not imported. */
export interface ArrowLike {
  /** Number of rows. */
  readonly numRows: number;
  /** Number of columns. */
  readonly numCols: number;
  /** The column at an index, counted from 0. Its values must be numbers or bigints, without nulls. */
  getChildAt(index: number): { toArray(): ArrayLike<number | bigint> } | null;
}

/** `ImageData`, or an object like it: one row per pixel, four columns. */
export interface ImageLike {
  readonly data: NumericArray;
  readonly width: number;
  readonly height: number;
  readonly colorSpace?: string;
}

/**
 * The forms in which points are accepted. A row is a point, a column a coordinate; of an `ImageData` a
 * row is a pixel, with the columns red, green, blue and alpha. Nothing passed in is changed. NaN,
 * infinities, numbers beyond the float32 range and rows of different lengths are refused.
 *
 * Every function takes all of them, except for two: a {@link GpuMatrix} is taken by `kmeans`, `predict` of its
 * result and `explain`; a {@link PointSource} by `kmeans`, `predict` of its result, and `fit` of `KMeans` and
 * `MiniBatchKMeans`.
 */
export type Points =
  | Matrix
  | { data: NumericArray; columns: number; rows?: number }
  | NdarrayLike
  | readonly (readonly number[] | NumericArray)[]
  | ImageLike
  | ArrowLike
  | GpuMatrix
  | PointSource;

/** Points after judging: flat and row-major, in whichever numeric type the caller had. */
export interface Rows {
  data: NumericArray;
  rows: number;
  columns: number;
}

/** Points on a GPU after judging. */
export interface GpuRows {
  readonly device: GPUDevice;
  readonly buffer: GPUBuffer;
  /** Of the first number, in bytes. */
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/** Points whose numbers the host looks at: a run has brought such home before (gpu-points.ts). */
export function atHand(points: Rows | GpuRows): Rows {
  return 'device' in points ? refuseForm('GpuMatrix', 'points') : points;
}

/** Some rows, in the order asked for, in the numeric type they have. */
export function gatherRows<Data extends NumericArray>(
  { data, columns }: { data: Data; columns: number },
  rows: Uint32Array,
): { data: Data; rows: number; columns: number } {
  const gathered = new (data.constructor as new (length: number) => Data)(rows.length * columns);
  for (let i = 0, at = 0; i < rows.length; i++)
    for (let t = 0, from = rows[i] * columns; t < columns; t++) gathered[at++] = data[from++];
  return { data: gathered, rows: rows.length, columns };
}

/** Every row as an array of its own. */
export function listsOf({ data, rows, columns }: Rows): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from(data.subarray(i * columns, (i + 1) * columns)),
  );
}

/** ‖a − b‖² of two rows of flat numbers that begin at `from` and `to`: in f64, columns added in order. */
export function squaredDistance(
  a: ArrayLike<number>,
  from: number,
  b: ArrayLike<number>,
  to: number,
  columns: number,
): number {
  let sum = 0;
  for (let t = 0; t < columns; t++) {
    const difference = a[from + t] - b[to + t];
    sum += difference * difference;
  }
  return sum;
}

/**
 * Makes a {@link Matrix} from flat, row-major numbers.
 *
 * @param data numbers, row after row; a `Float32Array` is used in place, anything else is copied to float32
 * @param columns numbers in a row, a whole number ≥ 1 that divides `data.length`
 * @throws InvalidInputError
 * @example
 * const points = matrix([0, 0, 0, 1, 9, 9], 2); // three points of two columns
 */
export function matrix(data: ArrayLike<number>, columns: number): Matrix {
  if (!Number.isInteger(columns) || columns < 1)
    refuse('columns', columns, 'a whole number ≥ 1', 'Pass the number of columns of a row.');
  if (data.length % columns !== 0)
    refuse('data.length', data.length, `a multiple of columns (${columns})`, 'Check the shape.');
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  return { data: values, rows: data.length / columns, columns };
}

/** Reads any accepted form of points. `name` is how errors call them. Finiteness is checked in grid.ts. */
export function toRows(points: Points, name = 'points'): Rows {
  if (Array.isArray(points)) return checked(fromArrays(points, name), name);
  if (typeof points !== 'object' || points === null)
    refuse(name, points, 'a matrix, an array of rows, ImageData or an Arrow table', FORMS);
  if (ArrayBuffer.isView(points)) refuse(name, points, 'a number of columns beside it', FORMS);
  if ('getChildAt' in points && 'numRows' in points) return checked(fromArrow(points), name);
  if (isPointSource(points)) refuseForm('PointSource', name);
  if ('buffer' in points && !('data' in points)) refuseForm('GpuMatrix', name);
  if (!('data' in points) || !isNumericArray(points.data))
    refuse(`${name}.data`, (points as { data?: unknown }).data, 'a typed array', FORMS);
  const { data } = points;
  if ('columns' in points) return checked(flat(data, points.columns, points.rows, name), name);
  if ('shape' in points) {
    if (points.shape?.length !== 2)
      refuse(
        `${name}.shape.length`,
        points.shape?.length,
        '2: [rows, columns]',
        'Reshape it to two axes.',
      );
    return checked(fromNdarray(points, name), name);
  }
  if ('width' in points && 'height' in points)
    return checked(flat(data, 4, points.width * points.height, name), name);
  refuse(name, points, 'columns or shape beside data', FORMS);
}

const FORMS =
  'Pass { data, columns }, matrix(data, columns), number[][], ImageData or an Apache Arrow table.';

function flat(data: NumericArray, columns: number, rows: number | undefined, name: string): Rows {
  if (!Number.isInteger(columns) || columns < 1)
    refuse(`${name}.columns`, columns, 'a whole number ≥ 1', 'A row needs at least one column.');
  if (data.length % columns !== 0)
    refuse(
      `${name}.data.length`,
      data.length,
      `a multiple of columns (${columns})`,
      'Check the shape.',
    );
  if (rows !== undefined && rows * columns !== data.length)
    refuse(
      `${name}.data.length`,
      data.length,
      `rows × columns (${rows} × ${columns})`,
      'Check the shape.',
    );
  return { data, rows: data.length / columns, columns };
}

function fromNdarray(points: NdarrayLike, name: string): Rows {
  const { data, shape, offset = 0, stride = points.strides ?? [shape[1], 1] } = points;
  const [rows, columns] = shape;
  const rowMajor = stride?.length === 2 && stride[0] === columns && stride[1] === 1;
  if (rowMajor && offset === 0) return flat(data, columns, rows, name);
  if (!Number.isInteger(offset)) refuse(`${name}.offset`, offset, 'a whole number', 'Round it.');
  for (const [what, axes] of Object.entries({ shape, stride }))
    if (axes?.length !== 2 || !Array.from(axes).every(Number.isInteger))
      refuse(`${name}.${what}`, axes, 'two whole numbers, one per axis', 'Check shape and stride.');
  if (rows < 1 || columns < 1) return { data, rows, columns };
  const [down, across] = stride;
  const ends = [0, (rows - 1) * down].flatMap((at) => [at, at + (columns - 1) * across]);
  const [first, last] = [offset + Math.min(...ends), offset + Math.max(...ends)];
  if (first < 0 || last >= data.length)
    refuse(
      `${name}.data.length`,
      data.length,
      `indices ${first} to ${last} within it, as shape, stride and offset say`,
      'Check all of these.',
    );
  if (rowMajor) return flat(data.subarray(first, last + 1), columns, rows, name);
  const copy = new (data.constructor as new (length: number) => NumericArray)(rows * columns);
  for (let i = 0, at = 0; i < rows; i++)
    for (let t = 0; t < columns; t++, at++) copy[at] = data[offset + i * down + t * across];
  return { data: copy, rows, columns };
}

function fromArrays(list: readonly (readonly number[] | NumericArray)[], name: string): Rows {
  const rows = list.length;
  const columns = list[0]?.length ?? 0;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = list[i];
    if (!Array.isArray(row) && !isNumericArray(row))
      refuse(`${name}[${i}]`, row, 'an array of numbers', FORMS);
    if (row.length !== columns)
      refuse(
        `${name}[${i}].length`,
        row.length,
        `${columns}, as in the first row`,
        'Give every row the same length.',
      );
    for (let t = 0; t < columns; t++) {
      const value: unknown = row[t];
      if (typeof value !== 'number')
        refuse(`${name}[${i}][${t}]`, value, 'a number', 'Fill or drop the row.');
      data[i * columns + t] = value;
    }
  }
  return { data, rows, columns };
}

function fromArrow(table: ArrowLike): Rows {
  const rows = table.numRows;
  const columns = table.numCols;
  const data = new Float64Array(rows * columns);
  for (let t = 0; t < columns; t++) {
    const column = table.getChildAt(t)?.toArray();
    for (let i = 0; i < rows; i++) {
      const value = column?.[i];
      // null, undefined and text become NaN, which the grid refuses with its row and column
      data[i * columns + t] =
        typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
    }
  }
  return { data, rows, columns };
}

function checked(rows: Rows, name: string): Rows {
  if (rows.rows < 1) refuse(`${name}.rows`, rows.rows, 'at least 1', 'Pass at least one point.');
  if (rows.columns < 1)
    refuse(`${name}.columns`, rows.columns, 'at least 1', 'A point needs a coordinate.');
  return rows;
}

function isNumericArray(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}
