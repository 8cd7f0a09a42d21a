/**
 * The packed tarball in the hands of its users: bundled by Vite, webpack and esbuild, served as it is,
 * from another origin as from a CDN, and under strict Content-Security-Policies. Each page clusters
 * 200 000 points in a real browser and says what came of it, and how many workers answered. Processes in Node
 * are in `packed-processes.ts`, and tested from here: packing takes longer than most of these tests.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build as esbuild, type BuildOptions } from 'esbuild';
import type { Browser } from 'playwright';
import { build as viteBuild } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { once } from '../../src/once.ts';
import { launchBrowser } from '../support/browser.ts';
import { installPacked, type Consumer } from '../support/packed.ts';
import { serve, type StaticServer } from '../support/static-server.ts';
import { testProcesses } from './packed-processes.ts';

/** As many as the page asks for. */
const THREADS = 3;
const FIXTURE = new URL('fixtures/lanes/main.js', import.meta.url);

let consumer: Consumer;
let browser: Browser;
let wanted = '';
const servers: StaticServer[] = [];

beforeAll(async () => {
  const points = gaussianBoard(200_000, 16, { seed: 1 });
  [consumer, browser, { hash: wanted }] = await Promise.all([
    installPacked(),
    launchBrowser(),
    kmeans(points, 16, { seed: 1, engine: 'wasm' }),
  ]);
  await cp(FIXTURE, join(consumer.folder, 'main.js'));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all(servers.map((server) => server.close()));
  await consumer?.remove();
});

interface Report {
  hash: string;
  used: string;
  turns: number;
  passedOver: { engine: string; reason: string }[];
  isolated: boolean;
  error?: string;
}

/** A worker that the page started, and whether it ever answered. */
interface Started {
  url: string;
  answered: boolean;
}

/** Serves a folder, opens a page of it and waits for its report. */
async function visit(
  folder: string,
  headers: Record<string, string> = {},
  search = '',
): Promise<{ report: Report; workers: Started[]; origin: string }> {
  const server = await serve(folder, () => headers);
  servers.push(server);
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(() => {
    const started: Started[] = [];
    Object.assign(window, { started });
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        const one = { url: String(url), answered: false };
        started.push(one);
        this.addEventListener('message', () => (one.answered = true));
      }
    };
  });
  await page.goto(`${server.origin}/index.html${search}`);
  await page.waitForFunction(() => 'report' in window, undefined, { timeout: 60_000 });
  const [report, workers] = await page.evaluate(() => {
    const { report, started } = window as unknown as { report: Report; started: Started[] };
    return [report, started] as const;
  });
  await context.close();
  expect(errors).toEqual([]);
  return { report, workers, origin: server.origin };
}

const PAGE = (script: string) =>
  `<!doctype html><meta charset="utf-8"><title>lanes</title><script type="module" src="${script}"></script>`;

async function folderFor(name: string, script = './main.js'): Promise<string> {
  const folder = join(consumer.folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.html'), PAGE(script));
  return folder;
}

/** The library's files as a static host has them, and the page that imports them from `from`. */
async function plain(name: string, from: string): Promise<string> {
  const folder = await folderFor(name);
  const main = await readFile(FIXTURE, 'utf8');
  await writeFile(join(folder, 'main.js'), main.replace("'centroids'", `'${from}/index.js'`));
  await cp(dist(), join(folder, 'centroids'), { recursive: true });
  return folder;
}
const dist = () => join(consumer.folder, 'node_modules', 'centroids', 'dist');

function onWorkers(report: Report, answered: readonly Started[]): void {
  expect(report).toMatchObject({ hash: wanted, used: 'wasm' });
  expect(answered).toHaveLength(THREADS);
}
const thatAnswered = (workers: readonly Started[]) => workers.filter(({ answered }) => answered);
const schemes = (workers: readonly Started[]) => [
  ...new Set(workers.map(({ url }) => new URL(url).protocol)),
];

describe('bundled by', () => {
  test('Vite: workers start from a file of the bundle', async () => {
    const folder = await folderFor('vite');
    const root = await folderFor('vite-root', '../main.js');
    await viteBuild({
      root,
      configFile: false,
      logLevel: 'warn',
      base: './',
      build: { outDir: folder, emptyOutDir: true },
    });
    const { report, workers, origin } = await visit(folder);
    onWorkers(report, thatAnswered(workers));
    expect(workers.every(({ url }) => url.startsWith(origin))).toBe(true);
  });

  test('webpack: workers start from a file of the bundle', async () => {
    const folder = await webpacked();
    const { report, workers, origin } = await visit(folder);
    onWorkers(report, thatAnswered(workers));
    expect(workers.every(({ url }) => url.startsWith(origin))).toBe(true);
  });

  test('esbuild, which leaves the file behind: workers start from their text', async () => {
    const folder = await folderFor('esbuild');
    await bundleWithEsbuild(folder);
    const { report, workers } = await visit(folder);
    onWorkers(report, thatAnswered(workers));
    expect(schemes(thatAnswered(workers))).toEqual(['blob:']);
  });
});

async function bundleWithEsbuild(outdir: string, options: BuildOptions = {}): Promise<void> {
  await esbuild({
    absWorkingDir: consumer.folder,
    entryPoints: ['main.js'],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    ...options,
  });
}

/** The longest of them: made once. */
const webpacked = once(async () => {
  const folder = await folderFor('webpack');
  const compiler = webpack({
    mode: 'production',
    context: consumer.folder,
    entry: './main.js',
    devtool: false,
    optimization: { minimize: false }, // half of its time
    output: { path: folder, filename: 'main.js' },
  });
  await new Promise<void>((resolve, reject) => {
    compiler.run((error, stats) => {
      const failure =
        error ?? (stats?.hasErrors() ? new Error(stats.toString('errors-only')) : null);
      compiler.close(() => (failure ? reject(failure) : resolve()));
    });
  });
  return folder;
});

describe('served as it is', () => {
  test('workers start from their file', async () => {
    const folder = await plain('plain', './centroids');
    const { report, workers, origin } = await visit(folder);
    onWorkers(report, workers);
    expect(workers.map(({ url }) => url)).toEqual(
      Array<string>(THREADS).fill(`${origin}/centroids/chunks/worker.js`),
    );
    expect(report.isolated).toBe(false);
  });

  test('on an isolated page, points in shared memory', async () => {
    const folder = await plain('isolated', './centroids');
    const headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    const { report, workers } = await visit(folder, headers, '?shared');
    onWorkers(report, workers);
    expect(report.isolated).toBe(true);
  });

  test("from another origin, as a CDN does: that one's workers are forbidden, their text is not", async () => {
    const cdn = await serve(dist(), () => ({ 'Access-Control-Allow-Origin': '*' }));
    servers.push(cdn);
    const { report, workers } = await visit(await plain('from-cdn', cdn.origin));
    onWorkers(report, workers);
    expect(schemes(workers)).toEqual(['blob:']);
  });
});

describe('webgl', () => {
  test('without gpu.js, bundled or not: says that it is missing', async () => {
    for (const folder of [await webpacked(), await plain('plain', './centroids')]) {
      const { report } = await visit(folder, {}, '?engine=webgl&rows=100');
      expect(report.error).toMatch(
        /^EngineUnavailableError: engine is 'webgl'; expected one that can run here: it needs the package 'gpu.js' beside this one: npm install gpu.js\. /,
      );
    }
  });

  test('with gpu.js, where nothing may be evaluated: the same bits', async () => {
    const folder = await folderFor('webgl');
    await bundleWithEsbuild(folder, {
      alias: { 'gpu.js': createRequire(import.meta.url).resolve('gpu.js/dist/gpu-browser.js') },
    });
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const headers = { 'Content-Security-Policy': policy };
    const { report } = await visit(folder, headers, '?engine=webgl&rows=3000');
    const points = gaussianBoard(3000, 16, { seed: 1 });
    const { hash } = await kmeans(points, 16, { seed: 1, engine: 'reference' });
    expect(report).toMatchObject({ hash, used: 'webgl' });
  });
});

describe('under a Content-Security-Policy', () => {
  const visitUnder = async (policy: string, search = '') =>
    visit(await plain('policy', './centroids'), { 'Content-Security-Policy': policy }, search);

  test('that allows scripts and workers of its own and WebAssembly: nothing is missing', async () => {
    const { report, workers } = await visitUnder(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
    );
    onWorkers(report, workers);
    expect(schemes(workers)).toEqual(['http:']);
  });

  test('that forbids workers: on the page, which stays responsive', async () => {
    const { report, workers } = await visitUnder(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'",
    );
    expect(report).toMatchObject({ hash: wanted, used: 'wasm' });
    expect(thatAnswered(workers)).toEqual([]);
    expect(report.turns).toBeGreaterThan(0);
  });

  test("that forbids WebAssembly: 'auto' takes the reference engine and says why", async () => {
    const policy = "default-src 'none'; script-src 'self'; worker-src 'self'";
    const { report, workers } = await visitUnder(policy, '?engine=auto&rows=20000');
    const points = gaussianBoard(20_000, 16, { seed: 1 });
    const { hash } = await kmeans(points, 16, { seed: 1, engine: 'reference' });
    expect(report).toMatchObject({ hash, used: 'reference' });
    expect(report.passedOver).toEqual([
      {
        engine: 'wasm',
        reason: expect.stringMatching(/^WebAssembly may not be compiled here/) as string,
      },
    ]);
    expect(workers).toEqual([]);
    const byName = await visitUnder(policy, '?rows=20000');
    expect(byName.report.error).toMatch(
      /^EngineUnavailableError: engine is 'wasm'; expected one that can run here: WebAssembly may not be compiled here/,
    );
  });
});

describe('in Node', () => testProcesses(() => consumer));
