/**
 * zlib streams by the platform's own coder, a slice at a time: it works beside the thread that calls
 * it, and what it gives is taken as it comes, so that nobody has to hold what a lying file inflates to.
 */

import { piecesOf } from '../../pieces.ts';

/** Bytes given to the coder at once: deflate's 1032 : 1 makes at most 16 MiB of them before a look. */
const SLICE = 1 << 14;

type Coder = ReadableWritablePair<Uint8Array, BufferSource>;

/** What the coder makes of all slices, in pieces. Leaving the loop early stops it. */
async function* coded(
  slices: Iterator<Uint8Array, unknown>,
  coder: Coder,
): AsyncGenerator<Uint8Array, void> {
  const source = new ReadableStream<BufferSource>(
    {
      pull(controller) {
        const result = slices.next();
        if (result.done === true) controller.close();
        // A copy: streams take no views of shared memory.
        else controller.enqueue(result.value.slice());
      },
    },
    { highWaterMark: 0 },
  );
  yield* piecesOf(source.pipeThrough(coder));
}

function* sliced(parts: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  for (const part of parts)
    for (let at = 0; at < part.length; at += SLICE) yield part.subarray(at, at + SLICE);
}

/** The zlib stream of all parts, as one. */
export async function deflate(parts: Iterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>[]> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const coder = new CompressionStream('deflate');
  for await (const piece of coded(parts[Symbol.iterator](), coder)) pieces.push(piece.slice());
  return pieces;
}

/** What the parts of a zlib stream inflate to, piece by piece. Rejects where they are not one. */
export function inflate(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  return coded(sliced(parts), new DecompressionStream('deflate'));
}
