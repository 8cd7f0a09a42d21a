/** How the command ends: exit codes, and what is said of an error. */
import { CommanderError } from 'commander';
import { KMeansError } from '../errors.ts';

/** Stable; `centroids --help` lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70, interrupted: 130 } as const;

/** In words, for the help. */
export const EXIT_CODES =
  'Exit codes: 0 done · 1 the input, a file or the machine prevented it · 2 wrong usage · ' +
  '70 a bug of ours · 130 interrupted.';

/** Ctrl-C, or a termination. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  constructor() {
    super('Interrupted; no output was left half written.');
  }
}

/** A wrong argument that the parser of arguments cannot tell. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What is expected where the system says no, and what to do. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'a path that is there. Check its spelling.',
  EACCES: 'leave to read or write there. Check who may, or take another place.',
  EPERM: 'leave to read or write there. Check who may, or take another place.',
  EROFS: 'a place that can be written to. Take another.',
  EISDIR: 'a file, not a folder. Name a file in it.',
  ENOTDIR: 'a folder before the last name. Check the path.',
  ENOSPC: 'room for what is written. Free some, or write elsewhere.',
  EDQUOT: 'room for what is written. Free some, or write elsewhere.',
};

function systemLine({ message, code = '' }: NodeJS.ErrnoException): string {
  return `${message}; expected ${SYSTEM[code] ?? 'that to work. Check the path, and the disk.'}`;
}

/** The exit code for an error, and the line to say; null where the parser has said it already. */
export function verdict(error: unknown): { code: number; line: string | null } {
  if (error instanceof CommanderError)
    return { code: error.exitCode === 0 ? EXIT.done : EXIT.usage, line: null };
  if (error instanceof Interrupted) return { code: EXIT.interrupted, line: error.message };
  if (error instanceof UsageError) return { code: EXIT.usage, line: error.message };
  if (error instanceof KMeansError) return { code: EXIT.failed, line: error.message };
  if (error instanceof Error && 'syscall' in error)
    return { code: EXIT.failed, line: systemLine(error as NodeJS.ErrnoException) };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: EXIT.bug, line: `This is a bug of centroids, please report it:\n${text}` };
}
