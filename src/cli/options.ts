/** Options that several verbs have, and what the library takes for them. */
import type { Command } from 'commander';
import { ENGINE_NAMES, type KMeansOptions } from '../options.ts';
import type { FormatName } from '../io/formats.ts';
import { MISSING_POLICIES, type MissingPolicy } from '../io/select.ts';
import type { SourceOptions } from '../io/read.ts';
import { choice, bytes, given, list, number } from './arguments.ts';
import { nameOf } from './files.ts';
import type { Terminal } from './terminal.ts';

const FORMATS: readonly FormatName[] = [
  'csv',
  'tsv',
  'json-lines',
  'npy',
  'npz',
  'parquet',
  'arrow',
];

/** How a file is read. */
export interface DataFlags {
  columns?: string[];
  id?: string;
  missing?: MissingPolicy;
  inputFormat?: FormatName;
  delimiter?: string;
  header?: boolean;
  encoding?: string;
  maxMemory?: number;
}

export function dataOptions(command: Command): Command {
  return command
    .option('--columns <names>', 'coordinates, as x,y (default: all numbers)', list)
    .option('--id <column>', 'names the rows, and is no coordinate')
    .addOption(
      choice(
        '--missing <what>',
        MISSING_POLICIES,
        'rows that lack a number: refuse, leave out, or label −1 (default: error)',
      ),
    )
    .addOption(choice('--input-format <format>', FORMATS, '(default: by its first bytes and name)'))
    .option('--delimiter <text>', 'CSV: between cells (default: found)')
    .option('--header', 'CSV: the first row has names')
    .option('--no-header', 'CSV: it has none (default: found)')
    .option('--encoding <name>', 'of text (default: utf-8)')
    .option('--max-memory <bytes>', 'most that is held at once, as 512MB or 2GiB', bytes);
}

/** What the library takes for a file. */
export function sourceOptions(path: string, flags: DataFlags, { signal }: Terminal): SourceOptions {
  const { columns, id, missing, inputFormat: format, delimiter, header, encoding } = flags;
  return given({
    columns,
    id,
    missing,
    format,
    delimiter,
    header,
    encoding,
    maxMemory: flags.maxMemory,
    name: nameOf(path),
    signal,
  });
}

/** Who computes, and how. */
export interface RunFlags {
  engine?: Exclude<KMeansOptions['engine'], object>;
  threads?: number;
  seed?: number;
}

/** Engines have the same names everywhere, also where one cannot run. */
export function engineOptions(command: Command): Command {
  const text = 'who computes; webgl needs a browser (default: auto)';
  return command
    .addOption(choice('--engine <engine>', ENGINE_NAMES, text))
    .option('--threads <count>', 'most worker threads', number);
}

export function runOptions(command: Command): Command {
  return engineOptions(command).option(
    '--seed <number>',
    'same seed, same result, to the bit (default: 0)',
    number,
  );
}

/** What is told. */
export interface TellFlags {
  json?: true;
  quiet?: true;
}

/** `isResult`: what is told is all that the command is for, and stays when it is quiet. */
export function tellOptions(command: Command, isResult = false): Command {
  return command
    .option('--json', 'tell what was found as JSON')
    .option('--quiet', isResult ? 'no progress' : 'no progress, no report');
}
