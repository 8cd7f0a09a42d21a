/** The package as its users get it: packed by npm, installed without a network into an empty folder. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Consumer {
  /** The empty folder, with `node_modules/centroids`. */
  folder: string;
  remove(): Promise<void>;
}

export async function installPacked(): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'centroids-consumer-'));
  const npm = (cwd: string, ...args: string[]) =>
    run('npm', args, { cwd, shell: process.platform === 'win32', env: outsideOfTests() });
  // Builds first: `prepack`.
  await npm(process.cwd(), 'pack', '--pack-destination', folder);
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await npm(folder, 'install', '--offline', '--ignore-scripts', '--no-audit', `./${tarball}`);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The runner's NODE_ENV would make another build than users get. */
function outsideOfTests(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, VITEST: __, ...env } = process.env;
  return env;
}
