/** Tables to files: the format follows from the name, or for pipes from what is asked for. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Table } from '../io/table.ts';
import { writeTable, type WriteFormat } from '../io/write.ts';
import { choice, list } from './arguments.ts';
import type { AddedNames } from './assign.ts';
import { UsageError } from './exit.ts';
import { PIPE, write, type Data } from './files.ts';
import type { DataFlags } from './options.ts';
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

export function addedNames({ labelName: label, distances, margins }: WriteFlags): AddedNames {
  return { label, distance: distances && 'distance', margin: margins && 'margin' };
}

/** Names of the columns that are written beside the labels; undefined: all. */
export function carriedNames(
  { carry, id }: Pick<WriteFlags & DataFlags, 'carry' | 'id'>,
  format: WriteFormat,
): string[] | undefined {
  const names = carry?.join() === 'none' || (carry === undefined && format === 'npy') ? [] : carry;
  return names && [...new Set([...(id === undefined || format === 'npy' ? [] : [id]), ...names])];
}

/** What is written where. */
export interface WriteFlags {
  output?: string;
  format?: WriteFormat;
  carry?: string[];
  labelName: string;
  distances?: true;
  margins?: true;
}

/** Options of the columns that are written. */
export function writeOptions(command: Command): Command {
  return command
    .option('-o, --output <file>', 'labels beside the columns of the file')
    .addOption(
      choice('--format <format>', WRITE_FORMATS, 'of the output (default: by its name; csv)'),
    )
    .option('--carry <names>', 'columns beside the labels; none (default: all; for NPY none)', list)
    .option('--label-name <name>', 'of the column of labels', 'label')
    .option('--distances', 'also a column distance: to the nearest centroid')
    .option('--margins', 'also a column margin: how much farther the second-nearest is');
}
