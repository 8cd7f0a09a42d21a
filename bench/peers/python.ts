/** Finds a Python that has what is needed, and asks a script: task and answer are JSON. */
import { spawn, spawnSync } from 'node:child_process';

const VARIABLE = 'CENTROIDS_PYTHON';

/** The second is Debian's, which may hide behind another one that lacks the packages. */
const PYTHONS = ['python3', '/usr/bin/python3', 'python'];

/** A Python that can import the modules (comma-separated), or null. CENTROIDS_PYTHON names the only one to try. */
export function findPython(modules: string): string | null {
  const named = process.env[VARIABLE];
  const works = (python: string) =>
    spawnSync(python, ['-c', `import ${modules}`], { stdio: 'ignore' }).status === 0;
  return (named ? [named] : PYTHONS).find(works) ?? null;
}

/** Rejects with what Python said last. */
export function askPython<Answer>(
  python: string,
  script: string,
  task: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const worker = spawn(python, [script], { env: { ...process.env, ...environment } });
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
