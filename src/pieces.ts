/** What a stream gives, piece by piece: Safari iterates over no streams. */

/** Leaving the loop early cancels the stream. */
export async function* piecesOf<Piece>(stream: ReadableStream<Piece>): AsyncGenerator<Piece, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // whatever it says: nobody is waiting for more of it
    await reader.cancel().catch(() => undefined);
  }
}
