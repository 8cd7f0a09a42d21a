/**
 * A file of the user's as points, in the worker. The file is kept as it is (a browser holds no more than
 * where it lies) and read anew where other columns are chosen, or where labels are written beside all
 * that it has: in memory are only the points. Loaded with the first file.
 */
import {
  labelled,
  openSource,
  openTable,
  readPoints,
  type ColumnType,
  type MissingPolicy,
  type ReadPoints,
  type Table,
} from '../../src/io/index.ts';
import { InvalidFileError } from '../../src/index.ts';
import { count } from '../format.ts';

/** What of a file is clustered. */
export interface OwnChoice {
  file: File;
  /** Other for every file that is opened, whatever it is called. */
  number: number;
  /** Coordinates, as the readers of `centroids/io` call them. */
  columns: readonly string[];
  /** The column that names the rows, or ''. */
  id: string;
  missing: MissingPolicy;
  /** Of a file of text: what is between cells, and the names of all columns where the file has none. */
  text?: { delimiter: string; names: readonly string[] | null };
}

export interface OwnColumn {
  name: string;
  type: ColumnType;
  width: number;
  /** Whether it may be a coordinate. */
  isNumeric: boolean;
}

/** What a file says of itself before its rows are read. */
export interface OwnFile {
  format: string;
  /** Undefined where only reading tells. */
  rows: number | undefined;
  columns: OwnColumn[];
  /** The first choice: numbers, but for a column whose name says that it names the rows. */
  chosen: string[];
  id: string;
  text?: Table['text'];
}

/** Bytes of points that a tab can hold beside what clustering takes. */
const MOST_BYTES = 2 ** 31;
/** Bytes of a file of text that may be read for them. */
const MOST_TEXT = 2 ** 32;

const IDS = /^(id|_id|index|key|row|row_?id|uuid)?$/i;

/** What a program passes is chosen on the page, or is not to be had there. */
const REMEDIES: [RegExp, string][] = [
  [
    /or pass missing: 'drop-row' or 'label'\./,
    'or choose under “Missing values” what becomes of such rows.',
  ],
  [
    /(?<='-?\d+,\d+' .*)Correct the cell, .* as it is\./,
    'Save it with decimal points: 1.5, not 1,5.',
  ],
  [/Correct the cell, .* as it is\./, 'Correct the cell, or leave the column out.'],
  [/, or read it in a newer Node\./, " or 'gzip'."],
  [/or pass the delimiter the file has\./, 'or save the file with the same delimiter everywhere.'],
  [/If it is UTF-16 .* pass its format\./, 'Save it as text in UTF-8, or in another format.'],
  [/Pass its encoding, .* save it as UTF-8\./, 'Save it as UTF-8.'],
];

/** The same, with remedies that a reader of the page has. */
function forReaders(error: unknown): never {
  if (!(error instanceof InvalidFileError)) throw error;
  const words = REMEDIES.reduce((text, pair) => text.replace(...pair), error.message);
  throw new Error(words, { cause: error });
}

/** @throws Error where it is none of the formats, or damaged */
export async function openOwn(file: File, signal: AbortSignal): Promise<OwnFile> {
  const table = await openTable(file, { signal }).catch(forReaders);
  // Text may turn out to be numbers where a format has no types.
  const isText = /^[ct]sv$/.test(table.format);
  const columns = table.columns.map(({ name, type, width }): OwnColumn => {
    const isNumber = type !== 'other' && type !== 'boolean' && type !== 'text';
    return { name, type, width, isNumeric: isNumber || (isText && type === 'text') };
  });
  const id = columns.length > 1 ? (columns.find(({ name }) => IDS.test(name))?.name ?? '') : '';
  const numbers = columns.filter(({ type, isNumeric }) => isNumeric && type !== 'text');
  const vectors = numbers.filter(({ width }) => width > 1);
  const chosen = (vectors.length > 0 ? vectors : numbers)
    .map(({ name }) => name)
    .filter((name) => name !== id);
  const { format, rows, text } = table;
  return { format, rows, columns, chosen, id, ...(text && { text }) };
}

/** Points in memory, with what names their rows. */
export async function readOwn(
  choice: OwnChoice,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<ReadPoints> {
  const { file, columns, id, missing } = choice;
  if (columns.length === 0)
    throw new Error(
      'No column is chosen; expected at least one with numbers, written as 1.5 and not as 1,5. ' +
        'Choose below what is to be clustered.',
    );
  const table = await openTable(file, { signal }).catch(forReaders);
  judgeSize(table, choice);
  return readPoints(new CountedFile(file, onShare), {
    columns,
    missing,
    carry: false,
    signal,
    ...(id === '' ? {} : { id }),
  }).catch(forReaders);
}

/** @throws Error where its points are more than a tab should try to hold */
function judgeSize({ rows, columns }: Table, { file, columns: chosen }: OwnChoice): void {
  const width = columns.reduce(
    (sum, { name, width }) => sum + (chosen.includes(name) ? width : 0),
    0,
  );
  const bytes = rows === undefined ? 0 : 4 * rows * width;
  if (bytes > MOST_BYTES)
    throw new Error(
      `${file.name} has ${count(rows!)} rows × ${count(width)} numbers, ${count(bytes)} bytes; ` +
        `expected at most ${count(MOST_BYTES)} in a tab. Choose fewer columns, or use the command line.`,
    );
  if (rows === undefined && file.size > MOST_TEXT)
    throw new Error(
      `${file.name} has ${count(file.size)} bytes; expected at most ${count(MOST_TEXT)} of text in a ` +
        'tab. Save it as Parquet or NPY, or use the command line.',
    );
}

/** A file that tells how much of it has been read. */
class CountedFile extends File {
  readonly #onShare: (share: number) => void;
  #read = 0;

  constructor(file: File, onShare: (share: number) => void) {
    super([file], file.name);
    this.#onShare = onShare;
  }

  override slice(from = 0, to = this.size, type?: string): Blob {
    this.#read += Math.min(to, this.size) - from;
    this.#onShare(Math.min(1, this.#read / Math.max(1, this.size)));
    return super.slice(from, to, type);
  }
}

/** Everything that the file has, with the labels of its points in one more column. */
export async function labelledOwn(
  { file, columns, id, missing }: OwnChoice,
  name: (taken: readonly string[]) => string,
  labels: Uint32Array,
  signal: AbortSignal,
): Promise<Table> {
  const source = await openSource(file, {
    columns,
    missing,
    signal,
    ...(id === '' ? {} : { id }),
  });
  return labelled(source, { [name(source.table.columns.map((column) => column.name))]: labels });
}
