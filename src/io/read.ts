/**
 * Files to points: in memory, or out of core as a source that is read again at every pass.
 */
import { OutOfMemoryError, refuse, refuseUnknown } from '../errors.ts';
import { joined, type Matrix, type PointSource } from '../matrix.ts';
import type { Input } from './bytes.ts';
import { damaged, shown } from './damaged.ts';
import { openFormat, TABLE_OPTIONS, type TableOptions } from './formats.ts';
import {
  chooseColumns,
  concatenated,
  gathered,
  pointRows,
  type MissingPolicy,
  type PointRows,
} from './select.ts';
import { placesOf, tableOfRows, type Column, type Table, type Values } from './table.ts';

/** Options of {@link openSource}. */
export interface SourceOptions extends TableOptions {
  /**
   * The coordinates: names of columns, or `name[i]` for one number of a column of vectors. Default: all columns
   * of vectors, or if there are none, all numeric columns; without `id` and `except`.
   */
  columns?: readonly string[];
  /** Column that identifies the rows. It is kept beside the points, and not a coordinate by default. */
  id?: string;
  /** Columns that are not coordinates by default, such as weights and labels. */
  except?: readonly string[];
  /** What to do with rows that lack a coordinate. Default `'error'`. */
  missing?: MissingPolicy;
}

/** Options of {@link readPoints}. */
export interface PointsOptions extends SourceOptions {
  /** Columns to keep beside the points, unchanged: all (true, default), none (false), or those named. */
  carry?: boolean | readonly string[];
}

/** What {@link labelled} adds columns to: the rows of a file, and which of them are points. */
export interface RowsOfPoints {
  /** The rows of the file, with the columns that are kept. */
  readonly table: Table;
  /** What was done with rows that lack a coordinate. */
  readonly missing: MissingPolicy;
  /** All rows in chunks, with the columns named in `others` and which of the rows are points. */
  walk(others: readonly string[], signal?: AbortSignal): AsyncIterable<Omit<PointRows, 'data'>>;
}

/** What {@link readPoints} resolves with: points in memory. */
export interface ReadPoints extends RowsOfPoints {
  /** The points, as float32. */
  points: Matrix;
  /** Names of the coordinates. */
  names: string[];
  /** Values of the column `id`, one per point; undefined without `id`. */
  ids: Values | undefined;
  /** Number of rows of the file, including those that are not points. */
  rows: number;
  /** Indices in the file of the rows that are points, counted from 0; null if all are. */
  kept: Uint32Array | null;
}

/** What {@link openSource} resolves with: points that are read from the file in every pass, chunk by chunk. */
export interface FileSource extends PointSource, RowsOfPoints {
  /** Names of the coordinates. */
  names: string[];
  /** All rows in chunks, with their points and the columns named in `others`. */
  walk(others: readonly string[], signal?: AbortSignal): AsyncIterable<PointRows>;
}

/**
 * Reads all points of a file into memory. The format is found by the first bytes and the name.
 *
 * @throws
 * - InvalidFileError if the file is damaged, or a cell is not a number: with its row and column
 * - InvalidInputError if a column does not exist, or an option breaks a rule
 * - NotSupportedError if the file is valid, but has something that is not supported
 * - OutOfMemoryError if more than `maxMemory` would be held
 * - the signal's reason, if aborted
 * @example
 * const { points, names } = await readPoints('flowers.csv', { missing: 'drop-row' });
 * const { labels } = await kmeans(points, 3);
 */
export async function readPoints(input: Input, options: PointsOptions = {}): Promise<ReadPoints> {
  refuseUnknown(options, [...TABLE_OPTIONS, 'columns', 'id', 'except', 'missing', 'carry']);
  const { id, missing = 'error', carry = true, signal } = options;
  const file = await openFormat(input, options, false);
  const choice = chooseColumns(file, options);
  const names = carriedNames(file, carry, id);
  const blocks: Float32Array[] = [];
  const carried: Column[][] = names.map(() => []);
  const kept: Uint32Array[] = [];
  let [rows, count] = [0, 0];
  for await (const read of pointRows(file, choice, names, signal)) {
    blocks.push(read.data);
    kept.push((read.kept ?? all(read.chunk.rows)).map((at) => at + rows));
    rows += read.chunk.rows;
    count += read.count;
    const taken = missing === 'drop-row' ? read.kept : null;
    for (const [c, column] of read.chunk.columns.entries())
      carried[c].push(gathered(column, taken));
  }
  if (count === 0)
    damaged(file.name, `has ${rows} rows and none that is a point`, 'at least one', {
      remedy: 'Check the file, and its missing values.',
    });
  const data = inOne(blocks, file.name);
  const infos = placesOf(file, names).map((at) => file.columns[at]);
  const columns = infos.map((info, c): Column => {
    // The very numbers that are the points: not twice.
    const isPoints = carried[c].every(({ values }, i) => values === blocks[i]);
    return isPoints ? { ...info, values: data } : concatenated(info, carried[c]);
  });
  const table = tableOfRows(columns, file.name, missing === 'drop-row' ? count : rows);
  const dropped = count < rows;
  const places = dropped ? joined(Uint32Array, kept) : null;
  const ids = columns.find(({ name }) => name === id);
  return {
    points: { data, rows: count, columns: choice.names.length },
    names: choice.names,
    ids: ids && (missing === 'label' ? gathered(ids, places) : ids).values,
    rows,
    kept: places,
    table,
    missing,
    async *walk(others, signal) {
      let at = 0;
      for await (const chunk of table.chunks({ columns: others, signal })) {
        if (missing !== 'label' || places === null) {
          yield { chunk, count: chunk.rows, kept: null };
          continue;
        }
        const from = at;
        while (at < places.length && places[at] < chunk.start + chunk.rows) at++;
        const inChunk = places.slice(from, at).map((place) => place - chunk.start);
        yield { chunk, count: inChunk.length, kept: inChunk };
      }
    },
  };
}

function carriedNames(
  { columns }: Table,
  carry: boolean | readonly string[],
  id: string | undefined,
): string[] {
  const named = carry === true ? columns.map(({ name }) => name) : carry === false ? [] : carry;
  if (!Array.isArray(named))
    refuse('carry', carry, 'true, false or names of columns', 'Leave it out.');
  return [...new Set([...(id === undefined ? [] : [id]), ...(named as string[])])];
}

function all(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, i) => i);
}

function inOne(blocks: readonly Float32Array[], file: string): Float32Array {
  if (blocks.length === 1) return blocks[0];
  try {
    return joined(Float32Array, blocks);
  } catch (cause) {
    const length = blocks.reduce((sum, block) => sum + block.length, 0);
    throw new OutOfMemoryError(
      `${shown(file)} has ${length} coordinates, ${4 * length} bytes; expected memory for them. ` +
        'Open it with openSource, which reads it chunk by chunk.',
      { cause },
    );
  }
}

/** A table whose named columns are numbers, though they looked like text (codes with zeros before them). */
function withNumbers(table: Table, numbers: readonly string[]): Table {
  return {
    ...table,
    columns: table.columns.map((column) =>
      numbers.includes(column.name) && column.type === 'text'
        ? { ...column, type: 'float64' }
        : column,
    ),
    chunks: (options) => table.chunks({ ...options, numbers }),
  };
}

/** Coordinates of a chunk, at least: pieces of text make smaller ones. */
const LEAST = 1 << 18;

/**
 * Opens a file as a source of points, which are read in chunks and afresh in every pass: for files larger than
 * memory. If the input is a stream, it is kept in memory for that, up to `maxMemory`.
 *
 * @throws
 * - InvalidFileError if the beginning is damaged; if the rest is, iterating rejects with it
 * - InvalidInputError if a column does not exist, or an option breaks a rule
 * - NotSupportedError if the file is valid, but has something that is not supported
 * - OutOfMemoryError if more than `maxMemory` would be held
 * @example
 * const { centroids } = await kmeans(await openSource('large.parquet'), 100);
 */
export async function openSource(input: Input, options: SourceOptions = {}): Promise<FileSource> {
  refuseUnknown(options, [...TABLE_OPTIONS, 'columns', 'id', 'except', 'missing']);
  const { id, missing = 'error' } = options;
  const file = await openFormat(input, options, true);
  if (id !== undefined) placesOf(file, [id]);
  const choice = chooseColumns(file, options);
  const table = withNumbers(file, choice.columns);
  const columns = choice.names.length;
  return {
    columns,
    // Which of them are points only reading tells.
    ...(table.rows !== undefined && missing === 'error' ? { rows: table.rows } : {}),
    // numbers as they lie in the file
    cheap: table.format === 'npy',
    progress: () => table.progress?.(),
    names: choice.names,
    table,
    missing,
    async *chunks(signal) {
      let held: Float32Array[] = [];
      let rows = 0;
      for await (const { data, count } of pointRows(table, choice, [], signal)) {
        if (count > 0) held.push(data);
        rows += count;
        if (rows * columns < LEAST) continue;
        yield { data: inOne(held, table.name), rows, columns };
        [held, rows] = [[], 0];
      }
      if (rows > 0) yield { data: inOne(held, table.name), rows, columns };
    },
    walk: (others, signal) => pointRows(table, choice, others, signal),
  };
}
