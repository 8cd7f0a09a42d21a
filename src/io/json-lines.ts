/**
 * JSON lines: an object or an array a line. Columns are what the first lines have; a name that comes
 * later is refused, since it would be lost. Arrays of numbers of one length are a column of vectors.
 */
import { breather } from '../breathe.ts';
import type { Bytes } from './bytes.ts';
import { damaged, shown } from './damaged.ts';
import {
  placesOf,
  type Cell,
  type Chunk,
  type Column,
  type ColumnInfo,
  type Table,
} from './table.ts';
import { encodingOf, textHead, textOf } from './text.ts';

export interface JsonLinesOptions {
  encoding?: string | undefined;
  signal?: AbortSignal | undefined;
}

const SAMPLE = 1 << 20;
const SAMPLE_ROWS = 1000;
const LONGEST_LINE = 1 << 26;

/** A line, as names and values: names of arrays are their places. */
type Row = Map<string, unknown>;

/** @throws InvalidFileError where the first lines are no JSON */
export async function openJsonLines(bytes: Bytes, options: JsonLinesOptions = {}): Promise<Table> {
  const { name: file } = bytes;
  const head = await bytes.slice(0, SAMPLE, options.signal);
  const encoding = encodingOf(head, file, options.encoding);
  const lines = textHead(head, encoding, file).split('\n');
  if (head.length === SAMPLE) lines.pop();
  const sample = lines
    .filter((line) => line.trim() !== '')
    .slice(0, SAMPLE_ROWS)
    .map((line, i) => rowOf(line, file, i + 1));
  if (sample.length === 0)
    damaged(
      file,
      head.length < SAMPLE ? 'is empty' : 'has no whole line at its beginning',
      'lines of JSON',
      {
        remedy: 'Check the file.',
      },
    );
  const columns = columnsOf(sample);
  const known = new Set(columns.map(({ name }) => name));

  return {
    name: file,
    format: 'json-lines',
    columns,
    rows: undefined,
    async *chunks({ signal, columns: wanted } = {}) {
      const infos = placesOf({ columns, name: file }, wanted).map((place) => columns[place]);
      const pause = breather(signal);
      let start = 0;
      for await (const lines of linesOf(bytes, encoding, signal)) {
        const rows: Row[] = [];
        for (const line of lines) {
          if (line.trim() === '') continue;
          const row = rowOf(line, file, start + rows.length + 1);
          // Who names columns does not want the others.
          if (wanted === undefined) judgeNames(row, known, file, start + rows.length + 1);
          rows.push(row);
        }
        if (rows.length > 0) yield chunkOf(rows, infos, file, start);
        start += rows.length;
        await pause();
      }
    },
  };
}

async function* linesOf(
  bytes: Bytes,
  encoding: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string[], void> {
  let parts: string[] = [];
  let held = 0;
  for await (const piece of textOf(bytes, encoding, signal)) {
    const end = piece.lastIndexOf('\n');
    if (end < 0) {
      parts.push(piece);
      held += piece.length;
      if (held > LONGEST_LINE)
        damaged(bytes.name, `has a line of more than ${LONGEST_LINE} characters`, 'shorter ones', {
          remedy: 'It may be one JSON document: write it as an object a line.',
        });
      continue;
    }
    yield (parts.join('') + piece.slice(0, end)).split('\n');
    parts = [piece.slice(end + 1)];
    held = parts[0].length;
  }
  const last = parts.join('');
  if (last !== '') yield [last];
}

function rowOf(line: string, file: string, row: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    damaged(file, `has '${shown(line)}' in row ${row}`, 'an object or an array of JSON', {
      row,
      remedy: 'Correct the line.',
      cause,
    });
  }
  if (Array.isArray(value)) return new Map(value.map((cell, i) => [`column${i}`, cell]));
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value));
  return damaged(file, `has '${shown(line)}' in row ${row}`, 'an object or an array of JSON', {
    row,
    remedy: 'Write an object a line.',
  });
}

function judgeNames(row: Row, known: ReadonlySet<string>, file: string, at: number): void {
  for (const name of row.keys())
    if (!known.has(name))
      damaged(file, `has a '${shown(name)}' in row ${at}`, 'the names of its first rows', {
        row: at,
        column: name,
        remedy: 'Name the columns that are wanted (columns), or give the first row all names.',
      });
}

function columnsOf(sample: Row[]): ColumnInfo[] {
  const names = new Set(sample.flatMap((row) => [...row.keys()]));
  return [...names].map((name) => {
    const values = sample.map((row) => row.get(name) ?? null).filter((value) => value !== null);
    const [first] = values;
    if (Array.isArray(first) && first.length > 0 && values.every((v) => isVector(v, first.length)))
      return { name, type: 'float64', width: first.length };
    const kinds = new Set(values.map((value) => typeof value));
    const kind = kinds.size === 1 ? [...kinds][0] : 'none';
    const type = kind === 'number' ? 'float64' : kind === 'boolean' ? 'boolean' : 'text';
    return { name, type: kind === 'object' || kinds.size > 1 ? 'other' : type, width: 1 };
  });
}

function isVector(value: unknown, width: number): value is unknown[] {
  return (
    Array.isArray(value) &&
    value.length === width &&
    value.every((number) => typeof number === 'number' || number === null)
  );
}

type Wrong = (row: number, column: ColumnInfo, value: unknown, expected: string) => never;

function chunkOf(rows: Row[], infos: ColumnInfo[], file: string, start: number): Chunk {
  const wrong: Wrong = (i, { name }, value, expected) =>
    damaged(
      file,
      `has ${shown(JSON.stringify(value))} in row ${start + i + 1}, column '${shown(name)}'`,
      expected,
      {
        row: start + i + 1,
        column: name,
        remedy: 'Correct the line, or leave the column out (columns).',
      },
    );
  const columns = infos.map((info): Column => {
    const { name, type, width } = info;
    if (type !== 'float64') return { ...info, values: rows.map((row) => cellOf(row.get(name))) };
    const values = new Float64Array(rows.length * width).fill(NaN);
    for (const [i, row] of rows.entries()) {
      const value = row.get(name) ?? null;
      if (value === null) continue;
      if (width === 1) {
        if (typeof value !== 'number') wrong(i, info, value, 'a number or null');
        values[i] = value;
      } else {
        if (!isVector(value, width)) wrong(i, info, value, `an array of ${width} numbers`);
        for (let t = 0; t < width; t++) values[i * width + t] = (value[t] as number | null) ?? NaN;
      }
    }
    return { ...info, values };
  });
  return { start, rows: rows.length, columns };
}

/** What is nested is carried as text. */
function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean);
}
