/** Reads ahead: the next value is under way while the last one is worked on. */

/**
 * The same values. An abort is heard at once, also where whoever makes the values does not hear it; their
 * maker is told to stop in any case.
 */
export async function* ahead<T>(
  values: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void> {
  const iterator = values[Symbol.asyncIterator]();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    if (!signal) return;
    const onAbort = () => reject(signal.reason as Error);
    stop = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  aborted.catch(() => {});
  try {
    let next = iterator.next();
    for (;;) {
      const result = await Promise.race([next, aborted]);
      if (result.done) return;
      next = iterator.next();
      next.catch(() => {}); // told when it is asked for
      yield result.value;
    }
  } finally {
    stop();
    const end = Promise.resolve(iterator.return?.()).catch(() => {});
    if (!signal?.aborted) await end;
  }
}
