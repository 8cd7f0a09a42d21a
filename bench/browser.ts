/**
 * `npm run bench:browser`: the page's Race tab in a headless browser: the engines beside other libraries, with the
 * same JSON that the page gives. With `--main-thread` another question: ten million points in a tab without a GPU,
 * how long until it has converged, and how long the page's main thread was ever away. Exits with 1 where an answer
 * is not right.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureInBrowser } from './browser/measure.ts';
import { raceInBrowser, raceTable } from './browser/race.ts';
import { browserLines } from './browser/text.ts';
import { commit, machine, quiet } from './machine.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const USAGE = `npm run bench:browser -- [options]: the page's Race tab

  --case C1-blobs       of npm run bench -- --list         default: the page's
  --rows 30000          one of the sizes that it offers    default: the page's
  --sizes               all smaller sizes, too
  --who wasm,ml-kmeans  as in the page's address, or all   default: all
  --seed 1              of points and first centroids      default: 1
  --json FILE           where the page's JSON goes         default: not written
  --help

npm run bench:browser -- --main-thread [--case C7 --scale 1 --fits 3 --seed 0 --profile --json FILE]
`;

const values = readArguments();
if (values.help) {
  console.log(USAGE);
  process.exit();
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        case: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
        // of the race
        rows: { type: 'string' },
        who: { type: 'string' },
        sizes: { type: 'boolean', default: false },
        // of the other
        'main-thread': { type: 'boolean', default: false },
        scale: { type: 'string', default: '1' },
        fits: { type: 'string', default: '3' },
        profile: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

/** Refuses what is no number before anything runs. */
function number(name: 'scale' | 'fits' | 'seed', least: number): number {
  const value = Number(values[name] ?? 0);
  if (value >= least && value < Infinity) return value;
  console.error(`--${name} is '${values[name]}'; expected a number ≥ ${least}.`);
  process.exit(2);
}

const here = machine();

/** Text for people and the object for the file; null where there is no browser. */
async function answer(): Promise<{ text: string; report: object; right: boolean } | null> {
  if (values['main-thread']) {
    const run = await measureInBrowser({
      name: values.case ?? 'C7',
      scale: number('scale', 1e-9),
      seed: number('seed', 0),
      fits: number('fits', 1),
      profile: values.profile,
      options: {},
    });
    return run && { text: browserLines(run).join('\n'), report: { run }, right: true };
  }
  const { case: name, rows, who } = values;
  const sizes = values.sizes ? 'all' : undefined;
  const asked = { case: name, rows, sizes, who, seed: values.seed && String(number('seed', 0)) };
  const address = Object.fromEntries(
    Object.entries(asked).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
  );
  const report = await raceInBrowser({ address }, (status) => console.error(status));
  if (report === null) return null;
  const right = report.runs.every(({ measurement }) => measurement.outcome !== 'wrong');
  return { text: raceTable(report), report, right };
}

const given = await answer().catch((error: unknown) => {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message); // called wrongly
  process.exit(2);
});
if (given === null) {
  console.error('no Chromium was found; set CHROME_PATH to one.');
  process.exitCode = 1;
} else {
  console.log(given.text);
  if (!given.right) process.exitCode = 1;
  if (!quiet(here)) console.log(`The machine was not quiet (load ${here.loadBefore}).`);
  if (values.json !== undefined) {
    mkdirSync(path.dirname(path.resolve(values.json)), { recursive: true });
    const report = {
      ...given.report,
      date: new Date().toISOString(),
      commit: commit(ROOT),
      ...(values['main-thread'] ? { machine: here } : { host: here }),
    };
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}
