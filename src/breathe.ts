/**
 * Lets others have the thread: long loops on a thread that has other things to do (a page, a
 * server) call the function made here often, and once in `budget` milliseconds it really pauses.
 */

/** Makes a pause that gives way after `budget` ms of work, and rejects once `signal` is aborted. */
export function breather(signal?: AbortSignal, budget = 12): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < budget) return undefined;
    return nextTask().then(() => {
      since = performance.now();
      signal?.throwIfAborted();
    });
  };
}

/** Resolves in a task of its own, after events that wait; not delayed as nested timers are. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Works on rows slice by slice, with a pause after each. */
export async function inSlices(
  rows: number,
  slice: number,
  pause: () => Promise<void> | undefined,
  work: (start: number, end: number) => void,
): Promise<void> {
  for (let start = 0; start < rows; start += slice) {
    work(start, Math.min(rows, start + slice));
    const waiting = pause();
    if (waiting) await waiting;
  }
}

/** Long work in stretches; whoever asks for it decides what happens between two of them. */
export type Stretches<T> = Generator<void, T, void>;

/** All stretches one after the other, for callers that cannot wait. */
export function atOnce<T>(work: Stretches<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The same with pauses between them. */
export async function inStretches<T>(
  work: Stretches<T>,
  pause: () => Promise<void> | undefined,
): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    const waiting = pause();
    if (waiting) await waiting;
  }
}
