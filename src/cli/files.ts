/** Reading and writing files, so that a file is either whole or not there. */
import {
  access,
  constants,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KMeansError } from '../errors.ts';
import { inOne } from '../io/bytes.ts';
import { UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Standard input, or standard output. */
export const PIPE = '-';

/** What a file is made of: all of it, or piece after piece. */
export type Data = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A file as it is spoken of. */
export function nameOf(path: string): string {
  return path === PIPE ? 'standard input' : path;
}

/** The bytes of a file, or of the standard input. */
export async function read(path: string, terminal: Terminal): Promise<Uint8Array> {
  if (path !== PIPE) return readFile(path, { signal: terminal.signal });
  const parts: Uint8Array[] = [];
  for await (const part of terminal.input()) parts.push(part);
  return inOne(parts);
}

/** What the library says of a file's bytes, with the file's name. */
export async function naming<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KMeansError)) throw error;
    throw new KMeansError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/**
 * Files that are to be written, by the option that names them: judged before any work.
 * @throws UsageError where two are the same, or one is an input; the system's error where none can be
 */
export async function judgePaths(
  inputs: readonly string[],
  outputs: readonly (readonly [option: string, path: string | undefined])[],
): Promise<void> {
  const taken = new Map(
    inputs.filter((path) => path !== PIPE).map((path) => [resolve(path), 'the input']),
  );
  if (inputs.filter((path) => path === PIPE).length > 1)
    throw new UsageError('The standard input is given twice; expected once. Leave one - out.');
  for (const [option, path] of outputs) {
    if (path === undefined) continue;
    const place = path === PIPE ? PIPE : resolve(path);
    const other = taken.get(place);
    if (other !== undefined)
      throw new UsageError(
        `${option} is '${path}', and so is ${other}; expected files that differ. Rename one.`,
      );
    taken.set(place, option);
    if (path === PIPE) continue;
    const there = await stat(path).catch(() => null);
    if (there?.isDirectory())
      throw new UsageError(`${option} is '${path}'; expected a file, not a folder. Name a file.`);
    if (!there || there.isFile()) await access(dirname(path), constants.W_OK);
  }
}

/**
 * Writes a file by another name beside it and renames it then: whoever looks sees the old file or the new
 * one, and after a failure, a full disk or Ctrl-C the old one. What is no file (a device, a named pipe)
 * is written to as it is.
 *
 * @param signal null: to the end, whatever happens
 */
export async function write(
  path: string,
  data: Data,
  terminal: Terminal,
  signal: AbortSignal | null = terminal.signal,
): Promise<void> {
  if (path === PIPE) {
    if (typeof data === 'string' || data instanceof Uint8Array) return terminal.out(data);
    for await (const piece of data) await terminal.out(piece);
    return;
  }
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory())
    throw new UsageError(`--output is '${path}'; expected a file, not a directory. Name a file.`);
  if (there && !there.isFile()) {
    const device = await open(path, 'w');
    // Whoever reads a named pipe may stop early.
    return into(device, data, signal).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  // A link stays one.
  const target = there ? await realpath(path) : path;
  const partial = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  const file = await open(partial, 'wx');
  try {
    await into(file, data, signal, true);
    signal?.throwIfAborted();
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Says what was found: beside the results, where one of the outputs is standard output. */
export async function tell(
  text: string,
  outputs: readonly (string | undefined)[],
  { out, say }: Terminal,
): Promise<void> {
  if (outputs.includes(PIPE)) say(text);
  else await out(text);
}

async function into(
  file: FileHandle,
  data: Data,
  signal: AbortSignal | null,
  sync = false,
): Promise<void> {
  try {
    await file.writeFile(data, signal ? { signal } : {});
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}
