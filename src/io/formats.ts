/**
 * The formats there are, in one place: how each is known, and what opens it, loaded when a file of it
 * comes.
 */
import { refuse, refuseNoSignal, refuseUnknown } from '../errors.ts';
import { counted, OnceBytes, openBytes, type Bytes, type Input } from './bytes.ts';
import { damaged, judgeCeiling, unsupported } from './damaged.ts';
import type { Table } from './table.ts';

/** Formats that can be read. */
export type FormatName = 'csv' | 'tsv' | 'json-lines' | 'npy' | 'npz' | 'parquet' | 'arrow';

/** Options of {@link openTable}, and of all other readers of files. */
export interface TableOptions {
  /** Format of the file. Default: found by its first bytes, or else by the ending of its name. */
  format?: FormatName;
  /** Name of the file, for errors and for its ending. Default: its path, its URL or the name of the `File`. */
  name?: string;
  /**
   * Most bytes to hold at once beside what is returned: row groups, record batches, streams that are kept to be
   * read again. Default 2^30.
   */
  maxMemory?: number;
  /** Aborts opening, and reading of points: rejects with the signal's reason. */
  signal?: AbortSignal;
  /** CSV: what separates cells. Default: whichever of `,` tab `;` and `|` the file uses. */
  delimiter?: string;
  /** CSV: whether the first row has the names of the columns. Default: true if none of its cells is a number. */
  header?: boolean;
  /** CSV: cells that mean a missing value, beside empty ones. Default: NA, NaN, null, None, ? and the like. */
  missingCells?: readonly string[];
  /** CSV: names of columns to read as text even if they look like numbers. */
  text?: readonly string[];
  /** CSV, JSON lines: a label that `TextDecoder` knows. Default: UTF-8, or UTF-16 if there is a byte order mark. */
  encoding?: string;
}

export const TABLE_OPTIONS = [
  'format',
  'name',
  'maxMemory',
  'signal',
  'delimiter',
  'header',
  'missingCells',
  'text',
  'encoding',
];

const DEFAULT_MAX_MEMORY = 2 ** 30;

type Opener = (bytes: Bytes, options: TableOptions & { maxMemory: number }) => Promise<Table>;

interface Format {
  name: FormatName;
  endings: RegExp;
  /** First bytes, for formats that have some of their own. */
  magic: readonly string[];
  /** Whether it is read from its end, by its beginning, so that a stream has to be kept. */
  jumps: (head: string) => boolean;
  open: Opener;
}

const FORMATS: readonly Format[] = [
  {
    name: 'parquet',
    endings: /\.(parquet|pq)$/i,
    magic: ['PAR1', 'PARE'],
    jumps: () => true,
    open: async (...file) => (await import('./parquet.ts')).openParquet(...file),
  },
  {
    name: 'arrow',
    endings: /\.(arrow|arrows|feather|ipc)$/i,
    magic: ['ARROW1', '\xff\xff\xff\xff'],
    // Files have a footer, streams of messages have not.
    jumps: (head) => head.startsWith('ARROW1'),
    open: async (...file) => (await import('./arrow.ts')).openArrow(...file),
  },
  {
    name: 'npy',
    endings: /\.npy$/i,
    magic: ['\x93NUMPY'],
    jumps: () => false,
    open: async (...file) => (await import('./npy.ts')).openNpy(...file),
  },
  {
    name: 'npz',
    endings: /\.npz$/i,
    magic: ['PK\x03\x04', 'PK\x05\x06'],
    jumps: () => true,
    open: async (...file) => (await import('./npz.ts')).openNpz(...file),
  },
  {
    name: 'json-lines',
    endings: /\.(jsonl|ndjson|jsonlines)$/i,
    magic: [],
    jumps: () => false,
    open: async (...file) => (await import('./json-lines.ts')).openJsonLines(...file),
  },
  {
    name: 'tsv',
    endings: /\.(tsv|tab)$/i,
    magic: [],
    jumps: () => false,
    open: async (bytes, options) =>
      (await import('./csv.ts')).openCsv(bytes, { delimiter: '\t', ...options }),
  },
  {
    name: 'csv',
    endings: /\.(csv|txt|dat|data)$/i,
    magic: [],
    jumps: () => false,
    open: async (...file) => (await import('./csv.ts')).openCsv(...file),
  },
];

/** Known by sight, to say what it is. */
const OTHERS: readonly [string, string][] = [
  ['gzip', '\x1f\x8b'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['bzip2', 'BZh'],
  ['xz', '\xfd7zXZ'],
  ['HDF5', '\x89HDF'],
  ['PNG', '\x89PNG'],
];

/** Opens a file as a table. `again`: whether it will be read more than once. */
export async function openFormat(
  input: Input,
  options: TableOptions,
  again: boolean,
): Promise<Table> {
  const { maxMemory = DEFAULT_MAX_MEMORY, signal } = options;
  judgeCeiling(maxMemory);
  refuseNoSignal(signal);
  signal?.throwIfAborted();
  let bytes = await openBytes(input, options.name, signal);
  const head = String.fromCharCode(...(await bytes.slice(0, 16, signal)).subarray(0, 16));
  const format = formatOf(bytes.name, head, options.format);
  if (bytes instanceof OnceBytes && (again || format.jumps(head)))
    bytes = await bytes.kept(maxMemory, signal);
  if (!again) return format.open(bytes, { ...options, maxMemory });
  const file = counted(bytes);
  return { ...(await format.open(file, { ...options, maxMemory })), progress: () => file.share() };
}

function formatOf(file: string, head: string, format: FormatName | undefined): Format {
  const named = (wanted: FormatName) => FORMATS.find(({ name }) => name === wanted);
  if (format !== undefined)
    return (
      named(format) ??
      refuse(
        'format',
        format,
        `one of ${FORMATS.map(({ name }) => name).join(', ')}`,
        'Leave it out.',
      )
    );
  const byMagic = FORMATS.find(({ magic }) => magic.some((start) => head.startsWith(start)));
  if (byMagic) return byMagic;
  const other = OTHERS.find(([, start]) => head.startsWith(start));
  if (other)
    unsupported(
      file,
      `is ${other[0]}`,
      'CSV, NPY, NPZ, Parquet, Arrow or JSON lines',
      'Unpack or convert it.',
    );
  // Who calls it by a format that has magic bytes, and has none: that format says what is wrong.
  const path = file.replace(/[?#].*$/, '');
  const byName = FORMATS.find(({ endings }) => endings.test(path));
  if (byName) return byName;
  if (head === '') damaged(file, 'is empty', 'data', { remedy: 'Check the file.' });
  return named(/^\s*[[{]/.test(head) ? 'json-lines' : 'csv')!;
}

/**
 * Opens a file as a table: its columns, and its rows in chunks, which can be read any number of times. If the
 * input is a stream, it is kept in memory for that, up to `maxMemory`.
 *
 * @throws
 * - InvalidFileError if the file is damaged or cannot be read
 * - NotSupportedError if the file is valid, but has something that is not supported
 * - OutOfMemoryError if more than `maxMemory` would be held
 * - InvalidInputError if an option breaks a rule
 * @example
 * const table = await openTable('points.parquet');
 * for await (const { start, rows, columns } of table.chunks()) console.log(start, rows, columns[0].values);
 */
export async function openTable(input: Input, options: TableOptions = {}): Promise<Table> {
  refuseUnknown(options, TABLE_OPTIONS);
  return openFormat(input, options, true);
}
