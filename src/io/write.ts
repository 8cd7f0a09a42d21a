/**
 * Tables to files: chunk by chunk, so that a table that is larger than memory can be written.
 */
import { refuse, refuseNoSignal, refuseUnknown } from '../errors.ts';
import { placesOf, type Chunk, type ColumnInfo, type Table } from './table.ts';

/** Formats that can be written. */
export type WriteFormat = 'csv' | 'tsv' | 'json-lines' | 'npy' | 'parquet' | 'arrow';

/** Options of {@link writeTable}. */
export interface WriteOptions {
  /** Names of the columns to write, in this order. Default: all. */
  columns?: readonly string[];
  /** Aborts writing: the stream errors with the signal's reason. */
  signal?: AbortSignal;
  /**
   * CSV: whether to put an apostrophe before text that a spreadsheet would take for a formula (= + - @).
   * Numbers are never changed. Default false.
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
 * Writes a table as a file, and returns its bytes as a stream: `new Response(stream).blob()` collects them,
 * `writeFile(path, stream)` in Node saves them. The table is read as the stream is, chunk by chunk.
 *
 * @throws InvalidInputError if the format or a column does not exist. Other errors come through the stream:
 *   those of reading the table, and of columns that the format cannot hold (text in NPY)
 * @example
 * await writeFile('centroids.csv', writeTable(matrixTable(centroids, ['x', 'y']), 'csv'));
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
