/** `npm run bench -- --peers`: everybody in one run on one machine, and what it adds up to. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Case } from '../cases.ts';
import { commit, machine, quiet } from '../machine.ts';
import { compareOn, type CompareOptions } from './compare.ts';
import { outcomes, type Ratio } from './goals.ts';
import { findPython } from './python.ts';
import type { PeersReport, Row } from './results.ts';
import { NO_SKLEARN } from './sklearn.ts';
import { peersText } from './table.ts';

/** Fits of the large case in a tab. */
const BROWSER_FITS = 3;

export interface PeersOptions extends Omit<CompareOptions, 'python' | 'say'> {
  cases: readonly Case[];
  scale: number;
  browser: boolean;
  json: string | undefined;
}

/** Prints the table; resolves with the exit code: 1 where an answer was wrong or could not be had. */
export async function comparePeers(root: string, options: PeersOptions): Promise<number> {
  const here = machine();
  const date = new Date().toISOString();
  const say = (line: string) => console.error(line);
  const python = findPython('sklearn');
  const missing = python === null ? [NO_SKLEARN] : [];
  const rows: Row[] = [];
  for (const each of options.cases)
    rows.push(...(await compareOn(each, { ...options, python, say })));

  let browser: PeersReport['browser'] = null;
  if (options.browser) {
    const task = { name: 'C7', scale: options.scale, seed: options.seed };
    // Vite and Playwright take a second to load.
    const { measureInBrowser } = await import('../browser/measure.ts');
    browser = await measureInBrowser({ ...task, fits: BROWSER_FITS, profile: true, options: {} });
    if (browser === null) missing.push('No Chromium was found: nothing was measured in a tab.');
  }
  const { iterations, repeats, seed, scale, maxSeconds, threads, flags } = options;
  const report: PeersReport = {
    format: 1,
    kind: 'peers',
    date,
    commit: commit(root),
    machine: here,
    quiet: quiet(here),
    versions: versionsOf(rows),
    options: { iterations, repeats, seed, scale, maxSeconds, threads, flags: [...flags] },
    rows,
    // they are for whole cases
    goals: scale === 1 ? outcomes(ratiosOf(rows)) : [],
    browser,
    missing,
  };
  console.log(peersText(report));
  if (options.json !== undefined) {
    mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
    writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    console.error(`written: ${options.json}`);
  }
  return rows.some(({ result }) => result.outcome !== 'right') ? 1 : 0;
}

export function ratiosOf(rows: readonly Row[]): Ratio[] {
  return rows.flatMap(({ case: { id }, who, result }) =>
    who === 'centroids' || result.outcome !== 'right'
      ? []
      : [{ id, peer: who, times: result.times }],
  );
}

function versionsOf(rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(
    rows.flatMap(({ who, threads, algorithm, result }) =>
      result.outcome !== 'right' || (who === 'centroids' && (threads === 1 || algorithm !== 'auto'))
        ? []
        : [[who, result.answer.description]],
    ),
  );
}
