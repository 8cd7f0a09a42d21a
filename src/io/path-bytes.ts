/**
 * Files of Node, without an import that a bundler for browsers would stumble over. A file is opened for
 * every slice and every pass, so that nothing is left open by who forgets a source.
 */
import { refuse } from '../errors.ts';
import type { Bytes } from './bytes.ts';
import { damaged } from './damaged.ts';

const PIECE = 1 << 20;

function files() {
  return process.getBuiltinModule('node:fs/promises');
}

/** A file, or what can be read once: a pipe. @throws InvalidFileError where there is none */
export async function openPath(
  address: string | URL,
  name: string,
): Promise<Bytes | { name: string; rest: AsyncIterable<Uint8Array> }> {
  if (typeof process !== 'object' || !('getBuiltinModule' in process))
    refuse('input', String(address), 'no path outside of Node', 'Pass a Blob, a URL or bytes.');
  const path =
    address instanceof URL || /^file:/i.test(address)
      ? process.getBuiltinModule('node:url').fileURLToPath(address)
      : address;
  const stat = await files()
    .stat(path)
    .catch((cause: unknown) => missing(name, cause));
  if (stat.isDirectory())
    damaged(name, 'is a folder', 'a file', { remedy: 'Name the file in it.' });
  if (!stat.isFile())
    return { name, rest: process.getBuiltinModule('node:fs').createReadStream(path) };
  return {
    name,
    size: stat.size,
    slice: async (from, to) => {
      const handle = await files()
        .open(path)
        .catch((cause: unknown) => missing(name, cause));
      try {
        return await filled(handle, from, Math.max(0, Math.min(to, stat.size) - from));
      } finally {
        await handle.close();
      }
    },
    async *stream(signal, from = 0) {
      const handle = await files()
        .open(path)
        .catch((cause: unknown) => missing(name, cause));
      try {
        for (let at = from; ;) {
          signal?.throwIfAborted();
          const piece = await filled(handle, at, PIECE);
          if (piece.length === 0) return;
          at += piece.length;
          yield piece;
        }
      } finally {
        await handle.close();
      }
    },
  };
}

/** `length` bytes, fewer at the end of the file. */
async function filled(
  handle: {
    read(to: Uint8Array, at: number, length: number, from: number): Promise<{ bytesRead: number }>;
  },
  from: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await handle.read(bytes, at, length - at, from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

function missing(name: string, cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return damaged(name, `cannot be opened (${code})`, 'a file that can be read', {
    remedy: 'Check the path, and who may read it.',
    cause,
  });
}

export function openStdin(): AsyncIterable<Uint8Array> {
  if (typeof process !== 'object' || !process.stdin)
    refuse('input', '-', 'no standard input outside of Node', 'Pass a Blob, a URL or bytes.');
  return process.stdin;
}
