/**
 * `npm run bench:browser`: ten million points in a tab without a GPU. How long until it has converged,
 * and how long the page's main thread was ever away. Exits with 1 where the answers are not right.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureInBrowser } from './browser/measure.ts';
import { browserLines } from './browser/text.ts';
import { commit, machine, quiet } from './machine.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: 'C7' },
    scale: { type: 'string', default: '1' },
    fits: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

/** Refuses what is no number before anything runs. */
function number(name: 'scale' | 'fits' | 'seed', least: number): number {
  const value = Number(values[name]);
  if (value >= least && value < Infinity) return value;
  console.error(`--${name} is '${values[name]}'; expected a number ≥ ${least}.`);
  process.exit(2);
}

const here = machine();
const run = await measureInBrowser({
  name: values.case,
  scale: number('scale', 1e-9),
  seed: number('seed', 0),
  fits: number('fits', 1),
  profile: values.profile,
  options: {},
});
if (run === null) {
  console.error('no Chromium was found; set CHROME_PATH to one.');
  process.exitCode = 1;
} else {
  console.log(browserLines(run).join('\n'));
  if (!quiet(here)) console.log(`The machine was not quiet (load ${here.loadBefore}).`);
  if (values.json !== undefined) {
    mkdirSync(path.dirname(path.resolve(values.json)), { recursive: true });
    const report = { date: new Date().toISOString(), commit: commit(ROOT), machine: here, run };
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}
