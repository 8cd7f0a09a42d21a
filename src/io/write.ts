/**
 * Tables to files: chunk by chunk, so that a table that is larger than memory can be written.
 */
import { refuse, refuseNoSignal, refuseUnknown } from '../errors.ts';
import { placesOf, type Chunk, type ColumnInfo, type Table } from './table.ts';

/** Formats that are written. */
export type WriteFormat = 'csv' | 'tsv' | 'json-lines' | 'npy' | 'parquet' | 'arrow';

/** Options of {@link writeTable}. */
export interface WriteOptions {
  /** Names of the columns that are written, in this order. Default all. */
  columns?: readonly string[];
  /** Abort: the stream errors with the signal's reason. */
  signal?: AbortSignal;
  /**
   * CSV: an apostrophe before text that a spreadsheet would take for a formula (= + - @). Default
   * false: the text as it is. Numbers are never touched.
   */
  escapeFormulas?: boolean;
}

/** What a writer is given: columns that are chosen, and their rows. */
export interface Rows {
  name: string;
  columns: readonly ColumnInfo[];
  /** Undefined where only reading tells. */
  rows: number | undefined;
  chunks(): AsyncIterable<Chunk>;
}

type Writer = (rows: Rows, options: WriteOptions) => AsyncIterable<Uint8Array>;

const WRITERS: Record<WriteFormat, () => Promise<Writer>> = {
  csv: async () => (await import('./write-csv.ts')).writeCsv,
  tsv: async () => (await import('./write-csv.ts')).writeTsv,
  'json-lines': async () => (await import('./write-json-lines.ts')).writeJsonLines,
  npy: async () => (await import('./write-npy.ts')).writeNpy,
  parquet: async () => (await import('./write-parquet.ts')).writeParquet,
  arrow: async () => (await import('./write-arrow.ts')).writeArrow,
};

/**
 * The bytes of a table as a file, as a stream: `new Response(stream).blob()` collects it, Node's
 * `writeFile(path, stream)` saves it. Nothing is read before the stream is.
 *
 * @throws InvalidInputError for a format or columns that are not there; others through the stream:
 * text where the format takes only numbers (NPY), and what reading the table throws
 */
export function writeTable(
  table: Table,
  format: WriteFormat,
  options: WriteOptions = {},
): ReadableStream<Uint8Array> {
  refuseUnknown(options, ['columns', 'signal', 'escapeFormulas']);
  if (!Object.hasOwn(WRITERS, format))
    refuse('format', format, `one of ${Object.keys(WRITERS).join(', ')}`, 'Choose one of them.');
  const { signal, columns } = options;
  refuseNoSignal(signal);
  const chosen = placesOf(table, columns).map((at) => table.columns[at]);
  const names = chosen.map(({ name }) => name);
  if (new Set(names).size < names.length)
    refuse('columns', names.join(', '), 'names that differ', 'Leave the double one out.');
  const rows: Rows = {
    name: table.name,
    columns: chosen,
    rows: table.rows,
    chunks: () => table.chunks({ signal, columns: names }),
  };
  let pieces: AsyncIterator<Uint8Array, unknown> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pieces ??= (await WRITERS[format]())(rows, options)[Symbol.asyncIterator]();
        signal?.throwIfAborted();
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await pieces?.return?.()),
    },
    { highWaterMark: 0 },
  );
}
