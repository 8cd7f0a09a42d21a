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

const here = machine();
const run = await measureInBrowser({
  name: values.case,
  scale: Number(values.scale),
  seed: Number(values.seed),
  fits: Number(values.fits),
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
