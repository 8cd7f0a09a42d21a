/**
 * How files are refused that do not keep to their format, or to what memory may be taken: with the name
 * of the file and the place, before anything is allocated by the word of a header.
 */
import {
  InvalidFileError,
  InvalidInputError,
  KMeansError,
  NotSupportedError,
  OutOfMemoryError,
  type FilePlace,
} from '../errors.ts';

const COPY_AGAIN = 'It is cut short or damaged: copy it again, or save it again.';

/** A text out of a file or of a caller as messages show it: short, in one line, without control characters. */
export function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}

/** `{file} {is}; expected {expected}. {remedy}` @throws InvalidFileError */
export function damaged(
  file: string,
  is: string,
  expected: string,
  { remedy = COPY_AGAIN, ...place }: FilePlace & { remedy?: string; cause?: unknown } = {},
): never {
  throw new InvalidFileError(file, `${shown(file)} ${is}; expected ${expected}. ${remedy}`, place);
}

/** What is valid, and not read here. @throws NotSupportedError */
export function unsupported(file: string, is: string, expected: string, remedy: string): never {
  throw new NotSupportedError(`${shown(file)} ${is}; expected ${expected}. ${remedy}`);
}

/** Holds what is about to be taken against the ceiling. @throws OutOfMemoryError */
export function judgeMemory(
  file: string,
  what: string,
  bytes: number,
  maxMemory: number,
  remedy: string,
): void {
  if (!(bytes <= maxMemory))
    throw new OutOfMemoryError(
      `${shown(file)} needs ${bytes} bytes for ${what}; expected at most ${maxMemory} (maxMemory). ` +
        `Raise maxMemory if the file is to be trusted, or ${remedy}.`,
    );
}

/**
 * What a library complains of a file, in this library's words. What is none of the file's fault
 * (aborts, a network that fails) goes through.
 */
export function blamed(file: string, format: string, error: unknown, signal?: AbortSignal): never {
  if (error instanceof KMeansError || signal?.aborted || error instanceof DOMException) throw error;
  if (!(error instanceof Error)) throw error;
  damaged(file, `is not a readable ${format} file (${shown(error.message)})`, 'one that is whole', {
    cause: error,
  });
}

/** @throws InvalidInputError where an option is no number of bytes */
export function judgeCeiling(maxMemory: number): void {
  if (!(maxMemory >= 1))
    throw new InvalidInputError(
      `maxMemory is ${String(maxMemory)}; expected a number of bytes above 0. Leave it out.`,
    );
}
