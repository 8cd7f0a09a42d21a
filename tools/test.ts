/**
 * `npm test`: the projects of `vite.config.ts` one after the other, each a run of Vitest of its own,
 * watched from outside. `npm test -- chromium e2e` runs those only.
 *
 * Vitest's browser mode can wait for ever when a page does not load or a socket drops at the wrong moment
 * (vitest-dev/vitest#10166, #11243): no time-out of a test sees that. A run that prints nothing for
 * SILENCE is ended, and tried once more. Only that: a test that fails has failed. This can go when both
 * are closed.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { endTree } from './system.ts';

const PROJECTS = ['node', 'chromium', 'e2e'];

/** Milliseconds. The longest file takes one minute on four processors. */
const SILENCE = Number(process.env['CENTROIDS_TEST_SILENCE'] ?? 6 * 60_000);

const VITEST = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

/** Files at a time, in Node: on two processors Vitest would take one, though many wait for processes. */
const WORKERS = Math.max(2, availableParallelism() - 1);

/** By Ctrl-C: no more runs. */
let interrupted = false;

/** How a run ended. Counts are null where the reporter did not come to say them. */
interface Outcome {
  status: number;
  silent: boolean;
  counts: { passed: number; failed: number } | null;
}

function run(project: string): Promise<Outcome> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const options = ['--project', project, '--maxWorkers', String(WORKERS)];
  const child = spawn(process.execPath, [VITEST, 'run', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...colour },
    // A group of its own, to be ended as a whole.
    detached: process.platform !== 'win32',
  });
  let counts: Outcome['counts'] = null;
  let silent = false;
  const giveUp = () => {
    silent = true;
    endTree(child);
  };
  let timer = setTimeout(giveUp, SILENCE);
  const heard = (chunk: Buffer, to: NodeJS.WriteStream) => {
    to.write(chunk);
    clearTimeout(timer);
    timer = setTimeout(giveUp, SILENCE);
    const said = /^(\d+) passed, (\d+) failed$/m.exec(stripVTControlCharacters(String(chunk)));
    if (said) counts = { passed: Number(said[1]), failed: Number(said[2]) };
  };
  child.stdout.on('data', (chunk: Buffer) => heard(chunk, process.stdout));
  child.stderr.on('data', (chunk: Buffer) => heard(chunk, process.stderr));
  const interrupt = () => {
    interrupted = true;
    endTree(child);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      endTree(child); // what outlived it
      resolve({ status: code ?? 1, silent, counts });
    });
  });
}

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((name) => !PROJECTS.includes(name));
if (unknown !== undefined) {
  console.error(`There is no test project '${unknown}'; expected ${PROJECTS.join(', ')}.`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const project of positionals.length > 0 ? positionals : PROJECTS) {
  console.log(`\n---- ${project}`);
  let outcome = await run(project);
  if (outcome.silent && !interrupted) {
    console.error(`\nNothing was heard of '${project}' for ${SILENCE / 1000} s: ended, once more.`);
    outcome = await run(project);
  }
  passed += outcome.counts?.passed ?? 0;
  failed += outcome.counts?.failed ?? 0;
  // Cut short, or failed outside of all tests.
  if (outcome.silent || (outcome.status !== 0 && !outcome.counts?.failed)) failed++;
  if (interrupted) break;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
