/** Finds a Python that has scikit-learn, and asks it. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './exchange.ts';

const SCRIPT = fileURLToPath(new URL('scikit-learn.py', import.meta.url));
const VARIABLE = 'CENTROIDS_PYTHON';

/** The second is Debian's, which may hide behind another one that has no scikit-learn. */
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];

/** A Python that can import scikit-learn, or null. CENTROIDS_PYTHON names the only one to try. */
export function findPython(): string | null {
  const named = process.env[VARIABLE];
  const works = (python: string) =>
    spawnSync(python, ['-c', 'import sklearn'], { stdio: 'ignore' }).status === 0;
  return (named ? [named] : PYTHONS).find(works) ?? null;
}

/** One line for who has none. */
export const NO_SKLEARN =
  'scikit-learn is left out: no Python here can import it. Install it (Debian: python3-sklearn), or name a Python in CENTROIDS_PYTHON.';

/** Rejects with what Python said last. */
export function askSklearn(python: string, task: Task, threads: number): Promise<Answer> {
  const worker = spawn(python, [SCRIPT], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
  });
  let out = '';
  let complaints = '';
  worker.stdout.on('data', (text) => (out += text));
  worker.stderr.on('data', (text) => (complaints += text));
  worker.stdin.on('error', () => {}); // it went away: its exit code says why
  worker.stdin.end(JSON.stringify(task));
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(out) as Answer);
      else
        reject(
          new Error(complaints.trim().split('\n').at(-1) || `Python ended with ${signal ?? code}`),
        );
    });
  });
}
