/** Small questions to the machine: is this program there, may packages be installed; and end a process. */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of a program on PATH, or null. */
export function onPath(names: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const name of names)
    for (const folder of folders) {
      const file = join(folder, name);
      if (isProgram(file)) return file;
    }
  return null;
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How to become root without a question: nothing to do, `sudo -n`, or null where neither works. */
export function asRoot(): string[] | null {
  if (process.getuid?.() === 0) return [];
  const sudo = onPath(['sudo']);
  return sudo && spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? [sudo, '-n']
    : null;
}

/**
 * Installs Debian or Ubuntu packages. Answers whether that worked: false too where there is no
 * apt-get or no right to use it.
 */
export function installDebianPackages(packages: readonly string[]): boolean {
  if (!existsSync('/usr/bin/apt-get')) return false;
  const root = asRoot();
  if (!root) return false;
  console.error(`Installing ${packages.join(', ')} with apt-get …`);
  const apt = (...args: string[]): boolean => {
    const [program = '', ...rest] = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
    // Installers may chat on stdout; ours is for results.
    return spawnSync(program, [...rest, ...args], { stdio: ['ignore', 2, 2] }).status === 0;
  };
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  // A machine's package lists may be absent or old: fetch them, but only when needed.
  return apt('-qq', ...install) || (apt('-qq', 'update') && apt('-qq', ...install));
}

/**
 * Ends a process and all it started; one that was spawned `detached`. First politely: Playwright closes
 * its browser, which is in a group of its own. What does not listen is killed five seconds later.
 */
export function endTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  const signal = (name: NodeJS.Signals): boolean => {
    try {
      return process.kill(-pid, name);
    } catch {
      return false; // all gone
    }
  };
  if (signal('SIGTERM')) setTimeout(() => signal('SIGKILL'), 5_000);
}
