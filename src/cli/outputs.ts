/** Tables to files: the format follows from the name, or for pipes from what is asked for. */
import { extname } from 'node:path';
import type { Table } from '../io/table.ts';
import { writeTable, type WriteFormat } from '../io/write.ts';
import { UsageError } from './exit.ts';
import { PIPE, write, type Data } from './files.ts';
import type { Terminal } from './terminal.ts';

export const WRITE_FORMATS: readonly WriteFormat[] = [
  'csv',
  'tsv',
  'json-lines',
  'npy',
  'parquet',
  'arrow',
];

const ENDINGS: Readonly<Record<string, WriteFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.jsonl': 'json-lines',
  '.ndjson': 'json-lines',
  '.npy': 'npy',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.arrow': 'arrow',
  '.feather': 'arrow',
};

export const ENDINGS_HELP = `${Object.keys(ENDINGS).join(', ')}; - is the standard output (--format)`;

/** @throws UsageError for a name that does not say what it is */
export function formatOf(
  option: string,
  path: string,
  format: WriteFormat | undefined,
): WriteFormat {
  if (format !== undefined) return format;
  if (path === PIPE) return 'csv';
  const ending = extname(path).toLowerCase();
  if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending];
  throw new UsageError(
    `${option} is '${path}'; expected a name that ends in ${Object.keys(ENDINGS).join(', ')}. ` +
      'Rename it, or pass --format.',
  );
}

export function save(
  path: string,
  table: Table,
  format: WriteFormat,
  terminal: Terminal,
): Promise<void> {
  const stream = writeTable(table, format, { signal: terminal.signal });
  return write(path, stream as unknown as Data, terminal);
}
