/**
 * A table as every format gives it: columns with names and types, and rows in chunks, as often as one
 * likes. Columns are arrays beside each other and never objects keyed by their names, which are a
 * file's to choose (`__proto__`).
 */
import { refuse } from '../errors.ts';
import type { NumericArray } from '../matrix.ts';

/** A value of a column that is not an array of numbers; null if missing. */
export type Cell = string | number | bigint | boolean | null;

/** Values of a column, row after row, `width` of them per row. NaN or null means a missing value. */
export type Values = NumericArray | BigInt64Array | BigUint64Array | readonly Cell[];

/** Types of numbers in a column. */
export type NumberType =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

/** Type of a column. `'other'`: values that are only kept, as text, as far as the format can be read. */
export type ColumnType = NumberType | 'boolean' | 'text' | 'other';

/** Name and type of a column. */
export interface ColumnInfo {
  /** Name of the column. */
  name: string;
  /** Type of its values. */
  type: ColumnType;
  /** Values per row: above 1 in columns of vectors, such as NPY arrays, and embeddings in Parquet and Arrow. */
  width: number;
}

/** A column with its values. */
export interface Column extends ColumnInfo {
  /** rows × width values, row after row. */
  values: Values;
}

/** Consecutive rows of a table. */
export interface Chunk {
  /** Index of the first row in the table, counted from 0. */
  start: number;
  /** Number of rows. */
  rows: number;
  /** The columns asked for, in that order. */
  columns: readonly Column[];
}

/** Options of {@link Table.chunks}. */
export interface ChunksOptions {
  /** Aborts reading: iterating rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Names of the columns to read, in this order. Default: all. */
  columns?: readonly string[] | undefined;
  /**
   * Text formats: names of the columns to read as numbers, even if they look like text. Default: those with a
   * type of numbers.
   */
  numbers?: readonly string[] | undefined;
}

/** A file, or columns in memory, as a table that is read in chunks of rows. */
export interface Table {
  /** Name of the table, for errors. */
  readonly name: string;
  /** Format of the file; `'memory'` for columns in memory. */
  readonly format: string;
  /** How text was divided: its delimiter, and whether the first line names the columns. Text formats only. */
  readonly text?: { readonly delimiter: string; readonly header: boolean };
  /** Names and types of the columns. */
  readonly columns: readonly ColumnInfo[];
  /** Number of rows; undefined if it is not known before reading. */
  readonly rows: number | undefined;
  /** Starts a pass over the rows. Every pass gives the same rows. */
  chunks(options?: ChunksOptions): AsyncIterable<Chunk>;
  /** Share of the current pass that has been read, 0 to 1; undefined if unknown. */
  progress?(): number | undefined;
}

export function isNumberType(type: ColumnType): type is NumberType {
  return type !== 'boolean' && type !== 'text' && type !== 'other';
}

/** Places of the named columns. @throws InvalidInputError for a name that is none */
export function placesOf(
  table: Pick<Table, 'columns' | 'name'>,
  names?: readonly string[],
): number[] {
  if (names === undefined) return table.columns.map((_, place) => place);
  if (!Array.isArray(names as unknown))
    refuse('columns', names, 'an array of names', 'Put the name in brackets.');
  const places = new Map(table.columns.map(({ name }, place) => [name, place]));
  return names.map(
    (name) =>
      places.get(name) ??
      refuse(
        'a column',
        name,
        `one of ${listed(table.columns)} (${table.name})`,
        'Check the names.',
      ),
  );
}

function listed(columns: readonly ColumnInfo[]): string {
  const names = columns.slice(0, 20).map(({ name }) => `'${name}'`);
  return names.join(', ') + (columns.length > 20 ? ` and ${columns.length - 20} more` : '');
}

/** Names made different from each other, as pandas does: `x`, `x.1`. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let i = 1; taken.has(free); i++) free = `${name}.${i}`;
    taken.add(free);
    return free;
  });
}

/** A column for {@link tableOf}. */
export interface ColumnValues {
  /** Name of the column. */
  name: string;
  /** rows × width values, row after row. */
  values: Values;
  /** Values per row. Default 1. */
  width?: number;
  /** Type of the values. Default: by the kind of array, or by the first values. */
  type?: ColumnType;
}

/**
 * Makes a table of columns in memory.
 *
 * @param name how errors call the table
 * @throws InvalidInputError if the columns differ in their number of rows
 */
export function tableOf(columns: readonly ColumnValues[], name = 'the table'): Table {
  return tableOfRows(columns, name);
}

/** {@link tableOf}; of `rows` rows where there may be no column to count them by. */
export function tableOfRows(columns: readonly ColumnValues[], name: string, known?: number): Table {
  const whole = columns.map(({ name, values, width = 1, type = typeOf(values) }) => ({
    name,
    values,
    width,
    type,
  }));
  const rows = known ?? (whole.length === 0 ? 0 : whole[0].values.length / whole[0].width);
  for (const { name, values, width } of whole)
    if (values.length !== rows * width || !Number.isInteger(rows))
      refuse(
        `values.length of column '${name}'`,
        values.length,
        `${rows} rows × ${width} (width)`,
        'Pass columns of one length.',
      );
  return {
    name,
    format: 'memory',
    columns: whole.map(({ name, type, width }) => ({ name, type, width })),
    rows,
    async *chunks({ signal, columns: names } = {}) {
      const wanted = placesOf({ columns: whole, name }, names).map((place) => whole[place]);
      const step = rowsOfChunk(wanted);
      for (let start = 0; start < rows; start += step) {
        signal?.throwIfAborted();
        const end = Math.min(rows, start + step);
        yield { start, rows: end - start, columns: wanted.map((c) => part(c, start, end)) };
      }
    },
  };
}

/** Bytes of a chunk, about: enough that what is done once a chunk does not count. */
const CHUNK = 1 << 23;

/** How many rows of such columns make a chunk. */
export function rowsOfChunk(columns: readonly ColumnInfo[]): number {
  const bytes = columns.reduce((sum, { width }) => sum + 8 * width, 0);
  return Math.max(1, Math.floor(CHUNK / Math.max(8, bytes)));
}

/** Some rows of a column: a view where it is an array of numbers. */
export function part(column: Column, from: number, to: number): Column {
  const { values, width } = column;
  const [start, end] = [from * width, to * width];
  return {
    ...column,
    values: ArrayBuffer.isView(values)
      ? (values as Float64Array).subarray(start, end)
      : values.slice(start, end),
  };
}

const BY_ARRAY: readonly [new (length: number) => Values, NumberType][] = [
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
  [Int8Array, 'int8'],
  [Uint8Array, 'uint8'],
  [Uint8ClampedArray, 'uint8'],
  [Int16Array, 'int16'],
  [Uint16Array, 'uint16'],
  [Int32Array, 'int32'],
  [Uint32Array, 'uint32'],
  [BigInt64Array, 'int64'],
  [BigUint64Array, 'uint64'],
];

function typeOf(values: Values): ColumnType {
  if (ArrayBuffer.isView(values)) {
    const known = BY_ARRAY.find(([array]) => values instanceof array);
    if (known) return known[1];
    return refuse('values', values, 'an array, or a typed array of numbers', 'Convert it.');
  }
  const kinds = new Set(values.map((cell) => (cell === null ? 'null' : typeof cell)));
  kinds.delete('null');
  if (kinds.size === 0) return 'text';
  if (kinds.size > 1) return 'other';
  const [kind] = kinds;
  if (kind === 'number') return 'float64';
  if (kind === 'bigint') return 'int64';
  return kind === 'boolean' ? 'boolean' : 'text';
}

/** An array for `length` numbers of a type; of float16 in float32, which holds them all. */
export function arrayOf(
  type: NumberType,
  length: number,
): NumericArray | BigInt64Array | BigUint64Array {
  if (type === 'float16') return new Float32Array(length);
  const [array] = BY_ARRAY.find(([, known]) => known === type)!;
  return new array(length) as NumericArray;
}
