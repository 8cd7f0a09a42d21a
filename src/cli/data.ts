/** The points of a verb: in memory, or a file that is read again at every pass. */
import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { KMeansError, refuse } from '../errors.ts';
import type { Input } from '../io/bytes.ts';
import {
  openSource,
  readPoints,
  type FileSource,
  type ReadPoints,
  type RowsOfPoints,
} from '../io/read.ts';
import { gathered } from '../io/select.ts';
import type { Cell, Table } from '../io/table.ts';
import { gatherRows, type Matrix } from '../matrix.ts';
import { pcg32 } from '../rng.ts';
import { sampleRows } from '../seeding/sample.ts';
import { PIPE } from './files.ts';
import { sourceOptions, type DataFlags } from './options.ts';
import type { Terminal } from './terminal.ts';

function inputOf(path: string, terminal: Terminal): Input {
  return path === PIPE ? terminal.input() : path;
}

/** All points, and the columns that are named. */
export function loadPoints(
  path: string,
  flags: DataFlags,
  carry: boolean | readonly string[],
  except: readonly string[],
  terminal: Terminal,
): Promise<ReadPoints> {
  const options = sourceOptions(path, flags, terminal);
  return readPoints(inputOf(path, terminal), { ...options, carry, except });
}

/** The points of a file, chunk by chunk. */
export function openPoints(
  path: string,
  flags: DataFlags,
  terminal: Terminal,
): Promise<FileSource> {
  return openSource(inputOf(path, terminal), sourceOptions(path, flags, terminal));
}

/** The part of the machine's memory that a file may take before it is read chunk by chunk. */
const SHARE = 0.25;
/** Points of a file take about as much as the file, and a fit as much again. */
const COPIES = 4;
/** Float32 that an engine takes at once, in bytes. */
const MOST = 2 ** 32;

/** Whether a file is better read again at every pass than kept. */
export async function isLarge(path: string, maxMemory: number | undefined): Promise<boolean> {
  if (path === PIPE) return maxMemory !== undefined;
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  return (
    size > Math.min(MOST, SHARE * totalmem()) ||
    (maxMemory !== undefined && COPIES * size > maxMemory)
  );
}

/** The table with some of its columns. */
export function carried(table: Table, names: readonly string[] | undefined): Table {
  if (names === undefined) return table;
  const columns = names.map(
    (name) =>
      table.columns.find((column) => column.name === name) ??
      refuse('--carry', name, `a column of ${table.name}`, 'Check the names.'),
  );
  return {
    ...table,
    columns,
    chunks: (options) => table.chunks({ columns: columns.map(({ name }) => name), ...options }),
  };
}

/** The cells of a column, one a point. */
export async function cellsOf(
  from: RowsOfPoints,
  name: string,
  signal: AbortSignal,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for await (const { chunk, kept } of from.walk([name], signal)) {
    const { values } = gathered(chunk.columns[0], kept);
    for (const cell of values as Iterable<Cell>) cells.push(cell);
  }
  return cells;
}

/** A column of numbers, one a point. */
export async function numbersOf(
  from: RowsOfPoints,
  name: string,
  signal: AbortSignal,
): Promise<Float64Array> {
  const cells = await cellsOf(from, name, signal);
  return Float64Array.from(cells, (cell, i) => {
    if (cell !== null && cell !== '' && Number.isFinite(Number(cell))) return Number(cell);
    throw new KMeansError(
      'invalid-input',
      `${from.table.name} has '${String(cell)}' in column '${name}' of point ${i + 1}; ` +
        'expected a finite number. Fill it, or choose another column.',
    );
  });
}

/** A column of labels, one a point: whole numbers from 0 as they are, anything else by what is equal. */
export async function labelsOf(
  from: RowsOfPoints,
  name: string,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const cells = await cellsOf(from, name, signal);
  cells.forEach((cell, i) => {
    if (cell === null || Number.isNaN(cell))
      throw new KMeansError(
        'invalid-input',
        `${from.table.name} has no value in column '${name}' of point ${i + 1}; ` +
          'expected a label in every row. Fill it, or drop the row.',
      );
  });
  if (cells.every(isLabel)) return Uint32Array.from(cells as number[]);
  const places = new Map<Cell, number>();
  return Uint32Array.from(cells, (cell) => {
    const place = places.get(cell) ?? places.size;
    places.set(cell, place);
    return place;
  });
}

function isLabel(cell: Cell): boolean {
  return typeof cell === 'number' && Number.isInteger(cell) && cell >= 0 && cell < 1_000_000;
}

/** The place of some of so many rows, in order, at random: same seed, same rows. */
export function samplePlaces(rows: number, most: number, seed: number): Uint32Array {
  return sampleRows(rows, most, pcg32(seed, PICTURE));
}

/** A random stream of its own. */
const PICTURE = 501;

/** Rows of points that come in chunks, by their places. */
export async function sampled(
  chunks: AsyncIterable<Matrix> | Iterable<Matrix>,
  places: Uint32Array,
  columns: number,
): Promise<Matrix> {
  const data = new Float32Array(places.length * columns);
  let [start, next] = [0, 0];
  for await (const chunk of chunks) {
    const first = next;
    while (next < places.length && places[next] < start + chunk.rows) next++;
    const own = places.subarray(first, next).map((place) => place - start);
    data.set(gatherRows(chunk, own).data, first * columns);
    start += chunk.rows;
    if (next === places.length) break;
  }
  return { data, rows: places.length, columns };
}
