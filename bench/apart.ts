/** Does a job in a fresh process of ours: no contender warms up or fills the memory of another. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What became of a process that ended without an answer. */
export interface Lost {
  lost: string;
}

/** `script` is relative to the repository; it gets the job as its first message and sends one back. */
export function inProcess<Answer extends object>(
  script: string,
  job: object,
  flags: readonly string[] = [],
): Promise<Answer | Lost> {
  const rawText = pathToFileURL(path.join(ROOT, 'bench/raw-text.ts')).href;
  const worker = fork(path.join(ROOT, script), {
    cwd: ROOT,
    execArgv: [...flags, '--import', 'tsx', '--import', rawText],
    serialization: 'advanced', // JSON would lose NaN and Infinity
  });
  return new Promise((resolve) => {
    const lose = (lost: string) => resolve({ lost });
    worker.once('message', (answer) => resolve(answer as Answer));
    worker.once('error', (error) => lose(error.message));
    worker.once('exit', (code, signal) =>
      lose(`its process ended ${signal ? `by ${signal}` : `with code ${code}`}`),
    );
    worker.send(job);
  });
}
