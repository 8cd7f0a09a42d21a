/**
 * Which columns of a table are coordinates, and its rows as points: what is missing, and what no
 * float32 holds, is found here, with its place.
 */
import { InvalidInputError, refuse } from '../errors.ts';
import { gatherRows, joined } from '../matrix.ts';
import { damaged, shown } from './damaged.ts';
import {
  isNumberType,
  type Chunk,
  type Column,
  type ColumnInfo,
  type Table,
  type Values,
} from './table.ts';

/**
 * What to do with a row that lacks a coordinate (an empty cell, NaN, null). `'error'` throws, with its row and
 * column; `'drop-row'` leaves it out altogether; `'label'` leaves it out of the points, and `labelled` gives it
 * the label −1.
 */
export type MissingPolicy = 'error' | 'drop-row' | 'label';

export const MISSING_POLICIES: readonly MissingPolicy[] = ['error', 'drop-row', 'label'];

/** A coordinate: one number of a row of a column. */
interface Slot {
  column: string;
  within: number;
  width: number;
}

/** The coordinates of a table's rows. */
export interface Choice {
  slots: readonly Slot[];
  /** Names of the coordinates. */
  names: string[];
  /** Names of the columns they are in. */
  columns: string[];
  missing: MissingPolicy;
}

/** What a caller says of the coordinates: see SourceOptions. */
interface Wanted {
  columns?: readonly string[];
  id?: string;
  except?: readonly string[];
  missing?: MissingPolicy;
}

/** @throws InvalidInputError for names that are none, and where no column is numeric */
export function chooseColumns(
  table: Table,
  { columns, id, except = [], missing = 'error' }: Wanted,
): Choice {
  if (!MISSING_POLICIES.includes(missing))
    refuse(
      'missing',
      missing,
      MISSING_POLICIES.map((policy) => `'${policy}'`).join(', '),
      'Leave it out.',
    );
  for (const [name, list] of Object.entries({ columns, except }))
    if (list !== undefined && !Array.isArray(list as unknown))
      refuse(name, list, 'an array of names', 'Put the name in brackets.');
  const slots = columns
    ? columns.flatMap((name) => slotsOf(table, name))
    : defaultSlots(table, [id, ...except]);
  if (slots.length === 0)
    throw new InvalidInputError(
      `${shown(table.name)} has no numeric column; expected coordinates. ` +
        `Name them (columns): it has ${table.columns
          .map(({ name }) => `'${shown(name)}'`)
          .slice(0, 20)
          .join(', ')}.`,
    );
  return {
    slots,
    names: slots.map(nameOf),
    columns: [...new Set(slots.map(({ column }) => column))],
    missing,
  };
}

function nameOf({ column, within, width }: Slot): string {
  return width === 1 ? column : `${column}[${within}]`;
}

/** Columns of vectors where there are some, since numbers beside them are mostly labels; else all numbers. */
function defaultSlots({ columns }: Table, except: readonly (string | undefined)[]): Slot[] {
  const numeric = columns.filter(({ name, type }) => isNumberType(type) && !except.includes(name));
  const vectors = numeric.filter(({ width }) => width > 1);
  return (vectors.length > 0 ? vectors : numeric).flatMap(allOf);
}

function allOf({ name, width }: ColumnInfo): Slot[] {
  return Array.from({ length: width }, (_, within) => ({ column: name, within, width }));
}

/** A column by its name, or one number of a column of vectors: `embedding[3]`. */
function slotsOf({ name: file, columns, format }: Table, name: string): Slot[] {
  const info = columns.find((column) => column.name === name);
  // Text may turn out to be numbers where a format has no types.
  const isText =
    info !== undefined &&
    (info.type === 'other' || (info.type === 'text' && !/^[ct]sv$/.test(format)));
  if (isText)
    throw new InvalidInputError(
      `Column '${shown(name)}' of ${shown(file)} is ${info.type}; expected numbers. Choose other columns.`,
    );
  if (info) return allOf(info);
  const [, base, within] = /^(.*)\[(\d+)\]$/.exec(name) ?? [];
  const vector = columns.find((column) => column.name === base);
  if (vector === undefined || Number(within) >= vector.width || !isNumberType(vector.type))
    return refuse(
      'a column',
      name,
      `one of ${columns
        .slice(0, 20)
        .map((column) => `'${shown(column.name)}'`)
        .join(', ')} (${shown(file)})`,
      'Check the names.',
    );
  return [{ column: vector.name, within: Number(within), width: vector.width }];
}

/** Some rows of a table with the points in them. */
export interface PointRows {
  /** The columns asked for beside the points. */
  chunk: Chunk;
  /** Coordinates of the points, row-major. */
  data: Float32Array;
  /** Number of points. */
  count: number;
  /** Indices in the chunk of the rows that are points; null if all are. */
  kept: Uint32Array | null;
}

/** All rows of a table, with their points and the columns named in `others`. */
export async function* pointRows(
  table: Table,
  choice: Choice,
  others: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<PointRows, void> {
  const columns = [...new Set([...choice.columns, ...others])];
  for await (const chunk of table.chunks({ columns, numbers: choice.columns, signal })) {
    const byName = new Map(chunk.columns.map((column) => [column.name, column]));
    const points = pointsOf(table.name, chunk, byName, choice);
    const beside = others.map((name) => byName.get(name)!);
    yield { chunk: { ...chunk, columns: beside }, ...points };
  }
}

const MOST = 3.4028234663852886e38;

function pointsOf(
  file: string,
  { start, rows }: Chunk,
  columns: ReadonlyMap<string, Column>,
  { slots, names, missing }: Choice,
): { data: Float32Array; count: number; kept: Uint32Array | null } {
  const width = slots.length;
  const [{ column: first }] = slots;
  const alone = columns.get(first)!;
  const isFlat =
    alone.width === width &&
    alone.values instanceof Float32Array &&
    slots.every(({ column, within }, t) => column === first && within === t);
  const data = isFlat ? (alone.values as Float32Array) : new Float32Array(rows * width);
  const lacking = new Uint8Array(rows);
  let count = rows;
  for (const [t, slot] of slots.entries()) {
    const values: Values = columns.get(slot.column)!.values;
    for (let i = 0, from = slot.within, to = t; i < rows; i++, from += slot.width, to += width) {
      const cell = values[from];
      const value = cell === null ? NaN : typeof cell === 'number' ? cell : Number(cell);
      if (value >= -MOST && value <= MOST) {
        if (!isFlat) data[to] = value;
        continue;
      }
      const row = start + i + 1;
      const place = `row ${row}, column '${shown(names[t])}'`;
      if (!Number.isNaN(value))
        damaged(file, `has ${value} in ${place}`, "a finite number within float32's range", {
          row,
          column: names[t],
          remedy: 'Drop or fill the row, or rescale the column.',
        });
      if (missing === 'error')
        damaged(file, `lacks a number in ${place}`, 'one in every row', {
          row,
          column: names[t],
          remedy: "Fill it, or pass missing: 'drop-row' or 'label'.",
        });
      count -= lacking[i] === 0 ? 1 : 0;
      lacking[i] = 1;
    }
  }
  if (count === rows) return { data, count, kept: null };
  const kept = new Uint32Array(count);
  for (let i = 0, at = 0; i < rows; i++) if (lacking[i] === 0) kept[at++] = i;
  return { data: gatherRows({ data, columns: width }, kept).data, count, kept };
}

/** Some rows of a column, by their places. */
export function gathered(column: Column, kept: Uint32Array | null): Column {
  if (kept === null) return column;
  const { values, width } = column;
  const places = Array.from(
    { length: kept.length * width },
    (_, i) => kept[Math.floor(i / width)] * width + (i % width),
  );
  if (!ArrayBuffer.isView(values)) return { ...column, values: places.map((at) => values[at]) };
  const array = new (values.constructor as new (length: number) => Float64Array)(places.length);
  for (const [i, at] of places.entries()) array[i] = (values as Float64Array)[at];
  return { ...column, values: array };
}

/** Columns of several chunks as one. What was an array of integers may go on as one that has room for NaN. */
export function concatenated(info: ColumnInfo, parts: readonly Column[]): Column {
  if (parts.length === 1) return parts[0];
  const [first] = parts;
  if (first === undefined) return { ...info, values: [] };
  const arrays = parts.map(({ values }) => values);
  if (!arrays.every((values) => ArrayBuffer.isView(values)))
    return { ...first, values: arrays.flatMap((values) => Array.from(values as Float64Array)) };
  const kinds = new Set(arrays.map(({ constructor }) => constructor));
  const kind = (kinds.size === 1 ? first.values.constructor : Float64Array) as typeof Float64Array;
  return { ...first, values: joined(kind, arrays as Float64Array[]) };
}
