/**
 * `npm run check:size`: 40 million rows through WebGPU in a headless Chromium, with bindings of 128 MiB, on
 * whatever adapter there is (a software one too: this is about size, not speed). The points and their
 * labels exceed a binding; in a second run they exceed the memory that may be taken, and are streamed. Both
 * must have the bits of the wasm engine. Exits with 1 where they have not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { findBrowser, launchOptions } from '../tools/browser.ts';
import { pageServer } from './browser/measure.ts';
import { commit, machine } from './machine.ts';
import { setting } from './report.ts';
import type { Outcome, Way } from './size/page.ts';
import { workload } from './whole-numbers.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '40000000' },
    columns: { type: 'string', default: '2' },
    k: { type: 'string', default: '8' },
    iterations: { type: 'string', default: '3' },
    'max-memory': { type: 'string', default: String(640 * 2 ** 20) },
  },
});
const task = workload(values);
const WAYS: readonly Way[] = ['wasm', 'webgpu', 'webgpu, streamed'];

const executable = findBrowser();
if (executable === null) {
  console.error('no Chromium was found; set CHROME_PATH to one.');
  process.exit(1);
}
const { serve, stop } = await pageServer(fileURLToPath(new URL('size', import.meta.url)));
const browser = await chromium.launch(launchOptions(executable));
try {
  const here = machine();
  console.log(setting({ machine: here, date: new Date().toISOString(), commit: commit(ROOT) }));
  console.log(`${task.rows.toLocaleString('en')} × ${task.columns}, k = ${task.k}`);
  const outcomes: Outcome[] = [];
  for (const way of WAYS) {
    const page = await browser.newPage(); // of which the next one has nothing
    page.setDefaultTimeout(0);
    await page.goto(serve);
    await page.waitForFunction(() => 'size' in window);
    const limits = await page.evaluate((asked) => window.size.prepare(asked), task);
    if (way === 'webgpu') console.log(limits);
    const memory = watchMemory();
    const outcome = await page.evaluate((asked) => window.size.run(asked), way);
    const { most, before } = memory.stop();
    await page.close();
    outcomes.push(outcome);
    const { all, ...phases } = outcome.seconds;
    const split = Object.entries(phases).map(([name, s]) => `${name} ${s.toFixed(1)}`);
    console.log(
      `${way}: ${outcome.hash}, ${outcome.iterations} iterations, ${all.toFixed(1)} s (${split.join(', ')}), ` +
        `memory of the browser ${mib(before)} MiB before, ${mib(most)} MiB at most`,
    );
  }
  const [truth] = outcomes;
  const wrong = outcomes.filter(
    ({ hash, inertia }) => hash !== truth.hash || inertia !== truth.inertia,
  );
  for (const { what } of wrong) console.error(`${what} has other bits than ${truth.what}.`);
  console.log(wrong.length === 0 ? 'The same bits.' : 'NOT the same bits.');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  await stop();
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** Memory of all processes below this one, shared pages counted once; on Linux, elsewhere 0. */
function watchMemory() {
  const before = below(process.pid);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, below(process.pid))), 200);
  return {
    stop() {
      clearInterval(timer);
      return { before, most: Math.max(most, below(process.pid)) };
    },
  };
}

function below(root: number): number {
  if (process.platform !== 'linux') return 0;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? text(`/proc/${name}/stat`) : null;
    // the name of a program may hold anything, even a bracket
    if (stat)
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  let bytes = 0;
  for (const id of parents.keys())
    if (isBelow(id))
      bytes +=
        1024 * Number(/^Pss:\s+(\d+) kB/m.exec(text(`/proc/${id}/smaps_rollup`) ?? '')?.[1] ?? 0);
  return bytes;
}

/** Null where the process has ended meanwhile. */
function text(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
