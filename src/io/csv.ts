/**
 * CSV and TSV, with papaparse, which splits the text of one piece after the other into cells; what is a
 * number, what is missing and whether rows are whole is judged here. Memory is that of a piece.
 */
import { refuse } from '../errors.ts';
import { breather } from '../breathe.ts';
import type { Bytes } from './bytes.ts';
import { damaged, shown } from './damaged.ts';
import {
  distinct,
  placesOf,
  type Chunk,
  type Column,
  type ColumnInfo,
  type Table,
} from './table.ts';
import { encodingOf, textHead, textOf } from './text.ts';

export interface CsvOptions {
  /** Between cells. Default: found among `,` tab `;` and `|`. */
  delimiter?: string | undefined;
  /** Whether the first row has names. Default: if none of its cells is a number. */
  header?: boolean | undefined;
  /** Cells of numeric columns that stand for what is missing, beside empty ones. Default {@link MISSING}. */
  missingCells?: readonly string[] | undefined;
  /** Columns that are text though they look like numbers. */
  text?: readonly string[] | undefined;
  /** What TextDecoder calls the encoding. Default UTF-8, or UTF-16 where a byte order mark says so. */
  encoding?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** As pandas has them, and UCI's question mark. */
const MISSING = ['NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', '-NaN', 'NULL', 'null', 'None', '?'];

/** Bytes by which header, delimiter and types are found. */
const SAMPLE = 1 << 20;
const SAMPLE_ROWS = 1000;

/** Characters of one row: a quote that nobody closes would make the rest of the file one. */
const LONGEST_ROW = 1 << 24;

interface Split {
  data: string[][];
  errors: { message: string; row?: number }[];
  meta: { cursor: number };
}
type Splitter = { parse(text: string, baseIndex: number, ignoreLastRow: boolean): Split };

/** @throws InvalidFileError where it has no columns, or is no text */
export async function openCsv(bytes: Bytes, options: CsvOptions = {}): Promise<Table> {
  const { header, missingCells, text } = options;
  if (header !== undefined && typeof header !== 'boolean')
    refuse('header', header, 'true or false', 'Leave it out to have it found.');
  for (const [name, list] of Object.entries({ missingCells, text }))
    if (list !== undefined && !Array.isArray(list as unknown))
      refuse(name, list, 'an array of texts', 'Put it in brackets.');
  const { default: papa } = await import('papaparse');
  const { name: file } = bytes;
  const head = await bytes.slice(0, SAMPLE, options.signal);
  const encoding = encodingOf(head, file, options.encoding);
  const sample = textHead(head, encoding, file);
  judgeBlanks(sample, file);
  const delimiter =
    options.delimiter ??
    guessed(papa.parse(sample.slice(0, 1 << 16), { preview: 20, skipEmptyLines: true }));
  if (typeof delimiter !== 'string' || delimiter === '' || /["\r\n\uFEFF]/.test(delimiter))
    refuse('delimiter', delimiter, 'characters that are no quote and no line end', "Try ','.");
  // Papa keeps no state between pieces. Lines end with \n, with \r before it or not, or with \r alone.
  const newline = sample.includes('\n') || !sample.includes('\r') ? '\n' : '\r';
  const splitter = () => new papa.Parser({ delimiter, newline }) as unknown as Splitter;
  const isWhole = head.length < SAMPLE;
  const { data } = splitter().parse(sample, 0, !isWhole);
  const returns = /^[^\n]*\r\n/.test(sample);
  if (returns) data.forEach(dropReturn);
  const rows = data.filter((row) => row.length > 1 || data[0]?.length === 1 || row[0] !== '');
  if (rows.length === 0)
    damaged(file, isWhole ? 'is empty' : 'has no whole row at its beginning', 'rows of cells', {
      remedy: 'Check the file, and the delimiter.',
    });

  const missing = new Set(missingCells ?? MISSING);
  const hasHeader = header ?? !rows[0].some((cell) => Number.isFinite(toNumber(cell)));
  const width = rows[0].length;
  const names = distinct(
    hasHeader ? rows[0].map((cell) => cell.trim()) : rows[0].map((_, i) => `column${i}`),
  );
  const body = rows.slice(hasHeader ? 1 : 0, SAMPLE_ROWS + 1);
  if (isWhole && body.length === 0)
    damaged(file, 'has a header and nothing else', 'rows below it', {
      remedy: 'Check the file; header: false takes its first row for numbers.',
    });
  const texts = new Set(text);
  const columns = names.map((name, place): ColumnInfo => {
    const numeric = !texts.has(name) && isNumericColumn(body, place, missing);
    return { name, type: numeric ? 'float64' : 'text', width: 1 };
  });
  placesOf({ columns, name: file }, text);

  return {
    name: file,
    format: 'csv',
    text: { delimiter, header: hasHeader },
    columns,
    rows: undefined,
    async *chunks({ signal, columns: wanted, numbers } = {}) {
      const places = placesOf({ columns, name: file }, wanted);
      const asNumbers = new Set(numbers);
      const infos = places.map((place): ColumnInfo => {
        const info = columns[place];
        return asNumbers.has(info.name) ? { ...info, type: 'float64' } : info;
      });
      let isFirst = true;
      let start = 0;
      const pause = breather(signal);
      for await (const rows of splitRows(bytes, encoding, splitter(), newline, signal)) {
        if (returns) rows.forEach(dropReturn);
        const first = isFirst && hasHeader ? 1 : 0;
        if (rows.length > 0) isFirst = false;
        const chunk = chunkOf(rows, first, { file, start, width, places, infos, missing });
        start += chunk.rows;
        if (chunk.rows > 0) yield chunk;
        await pause();
      }
    },
  };
}

function guessed({ meta }: { meta: { delimiter: string } }): string {
  return meta.delimiter;
}

/** A row's last cell, where lines end with \r\n and were parted at \n. */
function dropReturn(row: string[]): void {
  const last = row[row.length - 1];
  if (last.endsWith('\r')) row[row.length - 1] = last.slice(0, -1);
}

/** Steps that are spent on blanks in one piece, at most: a part of a second. */
const MOST_STEPS = 2 ** 27;

/**
 * Papa looks at all blanks before a line's end after every quote that closes nothing, so that quotes and
 * blanks in one line can take it hours (papaparse 5.7.1, `extraSpaces`).
 */
function judgeBlanks(text: string, file: string): void {
  if (!text.includes('"') || !/\s{256}/.test(text)) return;
  let [quotes, blanks, longest] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) quotes++;
    if (code <= 32 || (code >= 160 && /\s/.test(text[i]))) longest = Math.max(longest, ++blanks);
    else blanks = 0;
  }
  if (quotes * longest > MOST_STEPS)
    damaged(file, `has ${longest} blanks one after the other among ${quotes} quotes`, 'cells', {
      remedy: 'It may not be CSV, or a quote is not closed.',
    });
}

/** The rows of a file, piece by piece. */
async function* splitRows(
  bytes: Bytes,
  encoding: string,
  splitter: Splitter,
  newline: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string[][], void> {
  const { name } = bytes;
  let text = '';
  let rows = 0;
  // A row that does not end in a piece is parsed again with twice as much, so that work stays linear.
  let enough = 0;
  const split = (isLast: boolean) => {
    judgeBlanks(text, name);
    const { data, errors, meta } = splitter.parse(text, 0, !isLast);
    // What is wrong with a row that is cut off may come right with its rest.
    const wrong = errors.find(({ row = 0 }) => isLast || row < data.length);
    if (wrong) badQuotes(name, rows + 1 + (wrong.row ?? 0));
    text = isLast ? '' : text.slice(meta.cursor);
    rows += data.length;
    return data;
  };
  for await (const piece of textOf(bytes, encoding, signal)) {
    text += piece;
    if (text.length < enough) continue;
    // A lone \r at the end may be half of \r\n; a row is only whole with its line end.
    const data = split(false);
    if (text.length > LONGEST_ROW)
      damaged(
        name,
        `has a row of more than ${LONGEST_ROW} characters (row ${rows + 1})`,
        'shorter ones',
        {
          row: rows + 1,
          remedy: 'A quote is not closed, or lines end in another way.',
        },
      );
    enough = 2 * text.length;
    yield data;
  }
  if (text !== '' && text !== newline) yield split(true);
}

function badQuotes(file: string, line: number): never {
  return damaged(
    file,
    `has a quote out of place in its row ${line}`,
    'quotes in pairs around a cell, doubled within it',
    {
      remedy:
        'Correct the row, or pass the delimiter the file has. The header counts as a row here.',
    },
  );
}

interface Context {
  file: string;
  start: number;
  /** Cells a row. */
  width: number;
  places: number[];
  infos: ColumnInfo[];
  missing: ReadonlySet<string>;
}

function chunkOf(data: string[][], first: number, context: Context): Chunk {
  const { file, start, width, places, infos, missing } = context;
  const rows: string[][] = [];
  for (let i = first; i < data.length; i++) {
    const row = data[i];
    if (row.length === width) rows.push(row);
    // An empty line; in a file of one column it is a row whose cell is missing.
    else if (row.length !== 1 || row[0] !== '') ragged(file, start + rows.length + 1, row, width);
  }
  const columns = infos.map((info, c): Column => {
    const place = places[c];
    if (info.type === 'text') return { ...info, values: rows.map((row) => row[place]) };
    const values = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i][place];
      const value = toNumber(cell);
      // NaN is rare: the cell is looked at again.
      if (value === value) values[i] = value;
      else if (isMissing(cell, missing)) values[i] = NaN;
      else notNumeric(file, start + i + 1, info.name, cell);
    }
    return { ...info, values };
  });
  return { start, rows: rows.length, columns };
}

function ragged(file: string, row: number, cells: string[], width: number): never {
  return damaged(file, `has ${cells.length} cells in row ${row}`, `${width}, as in the first row`, {
    row,
    remedy: 'Correct the row, or pass the delimiter the file has.',
  });
}

function notNumeric(file: string, row: number, column: string, cell: string): never {
  return damaged(
    file,
    `has '${shown(cell)}' in row ${row}, column '${shown(column)}'`,
    'a number',
    {
      row,
      column,
      remedy:
        'Correct the cell, name it in missingCells, or name the column in text to carry it as it is.',
    },
  );
}

/** Up to 15 digits a double holds exactly, and a power of ten up to 22: their quotient is rounded once. */
const MOST_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MOST_DIGITS + 2 }, (_, i) => 10 ** i);

/** NaN for what is no decimal number. Most cells are short ones, which take a tenth of Number()'s time. */
function toNumber(cell: string): number {
  const { length } = cell;
  if (length > MOST_DIGITS) return anyNumber(cell);
  const isNegative = cell.charCodeAt(0) === 45;
  let digits = 0;
  let whole = 0;
  let point = -1;
  for (let i = isNegative ? 1 : 0; i < length; i++) {
    const digit = cell.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      whole = 10 * whole + digit;
      digits++;
    } else if (digit === -2 && point < 0) point = i;
    else return anyNumber(cell);
  }
  if (digits === 0) return NaN;
  const value = point < 0 ? whole : whole / POWERS_OF_TEN[length - 1 - point];
  return isNegative ? -value : value;
}

/** Number() takes blanks for 0, and hexadecimal digits; NumPy and R write inf and Inf. */
function anyNumber(cell: string): number {
  if (/^\s*[+-]?(\d|\.\d)/.test(cell)) return /^\s*0[xob]/i.test(cell) ? NaN : Number(cell);
  const [, sign] = /^\s*([+-]?)inf(?:inity)?\s*$/i.exec(cell) ?? [];
  return sign === undefined ? NaN : sign === '-' ? -Infinity : Infinity;
}

function isMissing(cell: string, missing: ReadonlySet<string>): boolean {
  const trimmed = cell.trim();
  return trimmed === '' || missing.has(trimmed);
}

function isNumeric(cell: string): boolean {
  return !Number.isNaN(toNumber(cell));
}

/** Digits after a leading zero are a code (a postal one), and no number that may lose it. */
function isNumericColumn(rows: string[][], place: number, missing: ReadonlySet<string>): boolean {
  let numbers = 0;
  for (const row of rows) {
    const cell = row[place];
    if (cell === undefined || isMissing(cell, missing)) continue;
    if (!isNumeric(cell) || /^\s*[+-]?0\d/.test(cell)) return false;
    numbers++;
  }
  return numbers > 0;
}
