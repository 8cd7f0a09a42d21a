/** The page's Race tab, driven from outside: set by its address, started by its button, read by its JSON. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from 'markdown-table';
import { chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { whatRan } from '../../demo/race/contestants.ts';
import type { RaceReport, RaceRun } from '../../demo/race/messages.ts';
import { findBrowser, launchOptions } from '../../tools/browser.ts';
import { digits } from '../report.ts';

const CONFIG = fileURLToPath(new URL('../../vite.config.ts', import.meta.url));

export interface RaceWanted {
  /** What the address of the tab is to say: case, rows, sizes, who, seed. */
  address: Record<string, string>;
}

/** Builds the page, opens it in a headless browser and races; null where there is no browser. */
export async function raceInBrowser(
  wanted: RaceWanted,
  tell: (status: string) => void,
): Promise<RaceReport | null> {
  const executable = findBrowser();
  if (executable === null) return null;
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'centroids-race-'));
  const config = { configFile: CONFIG, mode: 'demo', logLevel: 'error' as const };
  await build({ ...config, build: { outDir } });
  const server = await preview({ ...config, build: { outDir }, preview: { port: 0 } });
  const { args = [], ...launch } = launchOptions(executable);
  // the machine's own GPU where it has one, and not the software adapter that tests take
  const own = args.filter((word) => !word.startsWith('--use-webgpu-adapter'));
  const browser = await chromium.launch({
    ...launch,
    args: [...own, '--enable-features=Vulkan', '--ignore-gpu-blocklist'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0] + searchOf(wanted.address));
    return await driveRace(page, tell);
  } finally {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

/** The tab's part of the page's address. */
export const searchOf = (address: Record<string, string>) =>
  `?${new URLSearchParams({ tab: 'race', ...address })}`;

/** Races on a page that is open at its tab. Rejects where the page refuses what its address asks for. */
export async function driveRace(
  page: Page,
  tell: (status: string) => void = () => {},
): Promise<RaceReport> {
  page.setDefaultTimeout(0);
  await page.locator('#race-rows option').first().waitFor({ state: 'attached' });
  for (const place of ['#race-alert', '#remarks']) {
    const remark = await page.locator(place).textContent();
    if (remark) throw new RangeError(remark);
  }
  await page.getByRole('button', { name: 'Race', exact: true }).click();
  const status = page.locator('#race-status');
  for (let last = ''; ;) {
    const now = (await status.textContent()) ?? '';
    if (now !== last) tell((last = now));
    if (await page.locator('#race-stop').isDisabled()) break;
    await page.waitForTimeout(250);
  }
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download JSON' }).click();
  return JSON.parse(readFileSync(await (await download).path(), 'utf8')) as RaceReport;
}

/** Milliseconds of each contestant, or why there are none. */
export function raceTable({ runs }: RaceReport): string {
  const times = ['fit', 'first', 'compile', 'lay', 'upload', 'compute', 'read back'];
  return markdownTable([['n', 'who', ...times, 'checked'], ...runs.map(cells)], {
    align: ['r', 'l', ...times.map(() => 'r'), 'l'],
  });
}

function cells({ id, rows, measurement }: RaceRun): string[] {
  const n = rows.toLocaleString('en');
  if (measurement.outcome === 'wrong')
    return [n, id, ...blank, `WRONG: ${measurement.faults.join('; ')}`];
  if (measurement.outcome !== 'measured')
    return [n, id, ...blank, `${measurement.outcome}: ${measurement.reason}`];
  const { fit, firstFit, phases, verified } = measurement;
  const { compile, prepare, upload, compute, readBack } = phases;
  const times = [fit.median, firstFit, compile, prepare, upload, compute, readBack];
  const what = whatRan(id, measurement);
  return [n, `${id} (${what})`, ...times.map((t) => (t === null ? '–' : digits(t))), verified];
}

const blank: string[] = Array.from({ length: 7 }, () => '');
