/** Asks scikit-learn. */
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './exchange.ts';
import { askPython } from './python.ts';

const SCRIPT = fileURLToPath(new URL('scikit-learn.py', import.meta.url));

/** One line for who has none. */
export const NO_SKLEARN =
  'scikit-learn is left out: no Python here can import it. Install it (Debian: python3-sklearn), or name a Python in CENTROIDS_PYTHON.';

/** Rejects with what Python said last. */
export function askSklearn(python: string, task: Task, threads: number): Promise<Answer> {
  return askPython(python, SCRIPT, task, { OMP_NUM_THREADS: String(threads) });
}
