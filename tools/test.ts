/**
 * `npm test`: the projects of `vite.config.ts`, each a run of Vitest of its own, watched from outside.
 * `npm test -- chromium e2e` runs those only. Node runs beside Chromium: both wait for others a good part of
 * their time (a page for a software GPU, a test for a process). The demo's tests have the machine to themselves.
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

/** Those of a stage run side by side. */
const STAGES = [['node', 'chromium'], ['e2e']];
const PROJECTS = STAGES.flat();

/** Milliseconds. The longest file takes one minute on four processors. */
const SILENCE = Number(process.env['CENTROIDS_TEST_SILENCE'] ?? 6 * 60_000);

/** Milliseconds that are waited for them. */
const LAST_WORDS = 10_000;

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

/** Lines of what is written in pieces, each under the name of who wrote it. */
function underName(name: string, to: NodeJS.WriteStream) {
  let rest = '';
  const lines = (text: string) => text.replace(/^(?=.)/gm, `${name} | `);
  return {
    write(chunk: string) {
      const whole = rest + chunk;
      const end = whole.lastIndexOf('\n') + 1;
      rest = whole.slice(end);
      if (end > 0) to.write(lines(whole.slice(0, end)));
    },
    end() {
      if (rest) to.write(`${lines(rest)}\n`);
    },
  };
}

/** `alone`: what it prints goes out as it is. */
function run(project: string, alone: boolean): Promise<Outcome> {
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
  const ends: (() => void)[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    const to = process[name];
    const named = underName(project, to);
    if (!alone) ends.push(() => named.end());
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      if (alone) to.write(chunk);
      else named.write(chunk);
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE);
      const said = /^(\d+) passed, (\d+) failed$/m.exec(stripVTControlCharacters(chunk));
      if (said) counts = { passed: Number(said[1]), failed: Number(said[2]) };
    });
  }
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
      const done = () => {
        for (const end of ends) end();
        resolve({ status: code ?? 1, silent, counts });
      };
      // its last words may still be on their way
      child.once('close', done);
      setTimeout(done, LAST_WORDS).unref();
    });
  });
}

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((name) => !PROJECTS.includes(name));
if (unknown !== undefined) {
  console.error(`There is no test project '${unknown}'; expected ${PROJECTS.join(', ')}.`);
  process.exit(2);
}

/** Once more where nothing was heard of it. */
async function tried(project: string, alone: boolean): Promise<Outcome> {
  console.log(`\n---- ${project}`);
  const outcome = await run(project, alone);
  if (!outcome.silent || interrupted) return outcome;
  console.error(`\nNothing was heard of '${project}' for ${SILENCE / 1000} s: ended, once more.`);
  return run(project, alone);
}

const wanted = positionals.length > 0 ? positionals : PROJECTS;
let passed = 0;
let failed = 0;
for (const stage of STAGES) {
  const projects = stage.filter((project) => wanted.includes(project));
  const alone = projects.length === 1;
  for (const outcome of await Promise.all(projects.map((project) => tried(project, alone)))) {
    passed += outcome.counts?.passed ?? 0;
    failed += outcome.counts?.failed ?? 0;
    // Cut short, or failed outside of all tests.
    if (outcome.silent || (outcome.status !== 0 && !outcome.counts?.failed)) failed++;
  }
  if (interrupted) break;
}
if (!(Number(process.env['CENTROIDS_REPEATS']) > 1))
  console.log(
    '\nAn ordinary run. More of the same: CENTROIDS_REPEATS=2 npm test (CONTRIBUTING.md).',
  );
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
