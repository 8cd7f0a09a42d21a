/**
 * Bytes to text, in pieces: UTF-8, UTF-16 with a byte order mark, or what the caller names. Bytes that
 * are no text of the encoding are refused, since what a decoder puts in their place would be data.
 */
import { InvalidInputError } from '../errors.ts';
import type { Bytes } from './bytes.ts';
import { damaged } from './damaged.ts';

/** Bytes of a piece, at most: what is split out of a short text is gone before it has grown old. */
const PIECE = 1 << 16;

/** The encoding of a text by its first bytes. */
export function encodingOf(head: Uint8Array, file: string, encoding?: string): string {
  if (encoding !== undefined) return judged(encoding);
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const zero = head.subarray(0, 4096).indexOf(0);
  if (zero >= 0)
    damaged(file, `has a zero byte at ${zero}`, 'text', {
      remedy:
        "If it is UTF-16 without a byte order mark, pass encoding: 'utf-16le'; if it is no text, pass its format.",
    });
  return 'utf-8';
}

function judged(encoding: string): string {
  try {
    return new TextDecoder(encoding).encoding;
  } catch {
    throw new InvalidInputError(
      `encoding is '${encoding}'; expected a name that TextDecoder knows. Try 'utf-8' or 'windows-1252'.`,
    );
  }
}

/** The beginning of a text: of `head`, which may end within a character. */
export function textHead(head: Uint8Array, encoding: string, file: string): string {
  return decoded(new TextDecoder(encoding, { fatal: true }), head, true, file);
}

/** All of a text, in pieces. */
export async function* textOf(
  bytes: Bytes,
  encoding: string,
  signal?: AbortSignal,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const piece of bytes.stream(signal))
    for (let at = 0; at < piece.length; at += PIECE)
      yield decoded(decoder, piece.subarray(at, at + PIECE), true, bytes.name);
  yield decoded(decoder, new Uint8Array(0), false, bytes.name);
}

function decoded(decoder: TextDecoder, bytes: Uint8Array, stream: boolean, file: string): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (cause) {
    return damaged(file, `has bytes that are no ${decoder.encoding}`, 'text of one encoding', {
      remedy: "Pass its encoding, for example encoding: 'windows-1252', or save it as UTF-8.",
      cause,
    });
  }
}
