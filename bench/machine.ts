/** What a measurement was taken on. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import type { Machine } from './report.ts';

export function machine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() || 'unknown processor',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    platform: `${os.platform()} ${os.arch()}`,
    runtime: `Node ${process.version}`,
    // Windows does not count it and says 0.
    loadBefore: os.platform() === 'win32' ? null : os.loadavg()[0],
  };
}

/** The checked-out commit, with '+' where tracked files differ from it. */
export function commit(directory: string): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: directory, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short=10', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown'; // not a checkout
  }
}

/** Above this load a run is not quiet: others had a part of its times. */
const QUIET = 1;

/** Whether nobody else used the machine, as far as it says. Where it does not, it was not seen to be quiet. */
export function quiet({ loadBefore }: Machine): boolean {
  return loadBefore !== null && loadBefore <= QUIET;
}
