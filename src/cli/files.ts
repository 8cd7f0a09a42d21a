/** Reading and writing files, so that a file is either whole or not there. */
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Standard input, or standard output. */
export const PIPE = '-';

/** The bytes of a file, or of the standard input. */
export function read(path: string, terminal: Terminal): Promise<Uint8Array> {
  return path === PIPE ? terminal.input() : readFile(path, { signal: terminal.signal });
}

/**
 * Writes a file by another name beside it and renames it then: whoever looks sees the old file or the new
 * one, and after a failure, a full disk or Ctrl-C the old one.
 */
export async function write(
  path: string,
  data: string | Uint8Array,
  terminal: Terminal,
): Promise<void> {
  if (path === PIPE) return terminal.out(data);
  if ((await stat(path).catch(() => null))?.isDirectory())
    throw new UsageError(`--output is '${path}'; expected a file, not a directory. Name a file.`);
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  try {
    const file = await open(partial, 'wx');
    try {
      await file.writeFile(data, { signal: terminal.signal });
      await file.sync();
    } finally {
      await file.close();
    }
    terminal.signal.throwIfAborted();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
