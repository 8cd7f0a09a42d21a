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
   * Coordinates: names of columns, or `name[i]` for one number of a column of vectors. Default: all
   * columns of vectors, or where there are none all numeric columns but `id`.
   */
  columns?: readonly string[];
  /** A column that names the rows. It is carried, and no coordinate by default. */
  id?: string;
  /** Columns that are no coordinates by default: weights, labels. */
  except?: readonly string[];
  /** Rows that lack a coordinate. Default `'error'`. */
  missing?: MissingPolicy;
}

/** Options of {@link readPoints}. */
export interface PointsOptions extends SourceOptions {
  /** Columns that are kept as they were, beside the points: all (true, default), none, or those named. */
  carry?: boolean | readonly string[];
}

/** Where results are put beside the rows they belong to: what {@link readPoints} and {@link openSource} give. */
export interface RowsOfPoints {
  /** The columns that are carried. */
  readonly table: Table;
  readonly missing: MissingPolicy;
  /** All rows, with the columns named in `others` and which of them are points. */
  walk(others: readonly string[], signal?: AbortSignal): AsyncIterable<Omit<PointRows, 'data'>>;
}

/** Points in memory. */
export interface ReadPoints extends RowsOfPoints {
  points: Matrix;
  /** Names of the coordinates. */
  names: string[];
  /** Of the points, in their order; undefined without `id`. */
  ids: Values | undefined;
  /** Rows of the file, with those that are no points. */
  rows: number;
  /** Places in the file of the rows that are points, from 0; null where all are. */
  kept: Uint32Array | null;
}

/** Points of a file, read at every pass: only a chunk of them is in memory. */
export interface FileSource extends PointSource, RowsOfPoints {
  /** Names of the coordinates. */
  names: string[];
  /** All rows, with their points. */
  walk(others: readonly string[], signal?: AbortSignal): AsyncIterable<PointRows>;
}

/**
 * Reads all points of a file into memory.
 *
 * @throws InvalidFileError with row and column, where a cell is no number, or the file is damaged
 * @throws InvalidInputError for columns that are not there; OutOfMemoryError past `maxMemory`
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
 * Opens a file as a source of points that are read in chunks, anew at every pass. What is given as a
 * stream is kept for that, up to `maxMemory`.
 *
 * @throws InvalidFileError where the beginning is damaged; iterating rejects with it where the rest is
 * @throws InvalidInputError for columns that are not there
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
