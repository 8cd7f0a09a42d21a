/**
 * The library in a tab: serves a small page, opens it in headless Chromium without a GPU, has it
 * cluster a large case and reports the time and how long the page's main thread was away.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { build, preview } from 'vite';
import type { KMeansOptions } from '../../src/index.ts';
import { findBrowser, launchOptions } from '../../tools/browser.ts';
import type { Split } from '../peers/clock.ts';
import { busyStretches, type Profile, type Stretch } from './profile.ts';

const PAGE = fileURLToPath(new URL('.', import.meta.url));

/** Only an isolated page is told how much memory it has. */
const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** No task of ours on the main thread may be longer, ms. */
export const LONGEST_TASK = 50;
/** Frames are so far apart, at the most, where nothing is in the way. */
const FRAME = 17;

export interface PageTask {
  /** Of the case. */
  name: string;
  scale: number;
  seed: number;
}

/** How long the main thread was away, ms. */
export interface Away {
  /** Tasks above 50 ms, as the browser sees them, with the phase of the run that they began in. */
  longTasks: { phase: string; milliseconds: number }[];
  /** Longest time between two animation frames: 17 where nothing is in the way. */
  frameGap: number;
  /** Longest time between two timers: 4 where nothing is in the way. */
  timerGap: number;
}

export interface Fit extends Away {
  milliseconds: number;
  split: Split;
  engine: string;
  algorithm: string;
  iterations: number;
  converged: boolean;
  stopReason: string;
  inertia: number;
  hash: string;
}

export interface BrowserOptions extends PageTask {
  fits: number;
  /** One more fit under the profiler, which says what keeps the main thread. */
  profile: boolean;
  options: KMeansOptions;
}

export interface BrowserRun extends PageTask {
  browser: string;
  options: KMeansOptions;
  /** The same watching where nothing happened: what the machine adds by itself. */
  idle: Away;
  /** The first one starts workers and compiles. */
  fits: Fit[];
  /** Longest task of all fits, ms; below 50 the browser does not report them. */
  longestTask: number;
  verdict: 'reached' | 'missed';
  /** What kept the main thread, longest first, in a fit of its own; empty where not asked for. */
  stretches: Stretch[];
}

/** Null where there is no browser. */
export async function measureInBrowser(wanted: BrowserOptions): Promise<BrowserRun | null> {
  return inBrowser((browser, url) => measureOn(browser, url, wanted));
}

/** Gives `work` a browser without a GPU and the address of our pages; null where there is none. */
export async function inBrowser<T>(
  work: (browser: Browser, url: string) => Promise<T>,
  more: readonly string[] = [],
): Promise<T | null> {
  const executable = findBrowser();
  if (executable === null) return null;
  const { serve, stop } = await pageServer();
  let browser: Browser | null = null;
  try {
    const { args = [], ...launch } = launchOptions(executable);
    // a page of somebody without a GPU: no software one in its place either
    const plain = args.filter((word) => !/webgpu/.test(word));
    browser = await chromium.launch({ ...launch, args: [...plain, '--disable-gpu', ...more] });
    return await work(browser, serve);
  } finally {
    await browser?.close();
    await stop();
  }
}

/** Opens a page and waits until it can be `asked`; `complaints` collects its errors. */
export async function openPage(browser: Browser, url: string, asked = 'bench') {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.waitForFunction((name) => name in window, asked);
  return { page, complaints };
}

async function measureOn(
  browser: Browser,
  url: string,
  { fits: count, profile, options, ...task }: BrowserOptions,
): Promise<BrowserRun> {
  const { page, complaints } = await openPage(browser, url);
  await page.evaluate((asked) => window.bench.prepare(asked), task);
  const idle = await page.evaluate(() => window.bench.idle());
  const fits: Fit[] = [];
  const once = () => page.evaluate((asked) => window.bench.fit(asked), options);
  for (let i = 0; i < count; i++) fits.push(await once());
  const stretches = profile ? await profiled(page, once) : [];
  if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join('; ')}`);
  const version = browser.version();
  return { ...task, browser: `Chromium ${version}`, options, idle, ...judgeFits(fits), stretches };
}

/** Throws where the answers are not the same, or not converged: then no time means anything. */
export function judgeFits(fits: Fit[]): Pick<BrowserRun, 'fits' | 'longestTask' | 'verdict'> {
  const stray = fits.find(({ hash }) => hash !== fits[0].hash);
  if (stray) throw new Error(`the same fit gave other bits: ${stray.hash}, ${fits[0].hash}`);
  const unfinished = fits.find(({ converged }) => !converged);
  if (unfinished) throw new Error(`not converged after ${unfinished.iterations} iterations`);
  const tasks = fits.flatMap(({ longTasks }) => longTasks.map(({ milliseconds }) => milliseconds));
  const longestTask = Math.max(0, ...tasks);
  // a row of shorter tasks that lets no frame in is as bad
  const away = Math.max(longestTask, ...fits.map(({ frameGap }) => frameGap - FRAME));
  return { fits, longestTask, verdict: away > LONGEST_TASK ? 'missed' : 'reached' };
}

async function profiled(page: Page, work: () => Promise<unknown>): Promise<Stretch[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 500 });
  await session.send('Profiler.start');
  await work();
  const { profile } = await session.send('Profiler.stop');
  return busyStretches(profile as Profile).slice(0, 8);
}

/** Built as a user's page would be, but readable, and served by Vite. */
export async function pageServer(
  root = PAGE,
): Promise<{ serve: string; stop: () => Promise<void> }> {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'centroids-page-'));
  const config = { configFile: false as const, root, base: './', logLevel: 'error' as const };
  await build({
    ...config,
    build: {
      ...{ target: 'es2022', outDir, emptyOutDir: true, minify: false },
      rolldownOptions: { input: ['index.html', 'image.html'].map((name) => path.join(PAGE, name)) },
    },
    worker: { format: 'es' },
  });
  const server = await preview({
    ...config,
    build: { outDir },
    preview: { port: 0, headers: ISOLATION_HEADERS },
  });
  return {
    serve: server.resolvedUrls!.local[0],
    stop: async () => {
      await server.close();
      rmSync(outDir, { recursive: true });
    },
  };
}
