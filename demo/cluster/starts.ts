/** The centroids that a run began with, for code that begins with them. Loaded when it is asked for. */
import { kmeans } from '../../src/index.ts';
import { listsOf, type Rows } from '../../src/matrix.ts';
import type { Subject } from './services.ts';

export async function startsOf(
  points: Rows,
  { k, options }: Subject,
  signal: AbortSignal,
): Promise<number[][] | null> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  signal.addEventListener('abort', stop);
  let rows: number[][] | null = null;
  await kmeans(points, k, {
    ...options,
    signal: abort.signal,
    onProgress: async ({ phase, read }) => {
      if (phase !== 'iterate') return;
      rows = listsOf((await read()).centroids);
      abort.abort();
    },
  }).catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  signal.throwIfAborted();
  return rows;
}
