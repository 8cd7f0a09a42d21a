/**
 * Every tab wherever the page may find itself: with WebGPU, without, isolated from other origins (where threads
 * share memory) or not, and without workers. The results are the same everywhere, and those of Node.
 */
import type { Browser, BrowserContext } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driveRace, searchOf } from '../../bench/browser/race.ts';
import { findCases } from '../../bench/cases.ts';
import { firstCentroids, makePoints } from '../../bench/data.ts';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { coloursIn, coloursOn, openDemo, paletteOf } from './demo-page.ts';

interface Environment {
  name: string;
  prepare(context: BrowserContext): Promise<unknown>;
  engine: 'webgpu' | 'wasm';
  isolated?: boolean;
  onPage?: boolean;
}

const asItIs = () => Promise.resolve();

/** Init scripts do not reach workers, whose own files are changed for that. */
const withoutWebGpu = async (context: BrowserContext) => {
  await context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }),
  );
  await context.route(/-worker-[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    const first = "Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined });";
    await route.fulfill({ response, body: first + (await response.text()) });
  });
};

const isolate = (context: BrowserContext) =>
  context.route('**/*', async (route) => {
    const response = await route.fetch();
    const headers = {
      ...response.headers(),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    };
    await route.fulfill({ response, headers });
  });

/** As policies and browsers do it: at once, or when the script does not come. */
const refuseWorkers = (atOnce: boolean) => (context: BrowserContext) =>
  context.addInitScript((throws) => {
    class Refused extends EventTarget {
      onerror: ((event: Event) => void) | null = null;
      constructor() {
        super();
        if (throws) throw new DOMException('No workers here.', 'SecurityError');
        setTimeout(() => this.onerror?.(new Event('error', { cancelable: true })), 20);
      }
      postMessage() {}
      terminate() {}
    }
    Object.defineProperty(globalThis, 'Worker', { value: Refused });
  }, atOnce);

const ENVIRONMENTS: Environment[] = [
  { name: 'with WebGPU', prepare: asItIs, engine: 'webgpu' },
  { name: 'without WebGPU', prepare: withoutWebGpu, engine: 'wasm' },
  { name: 'isolated', prepare: isolate, engine: 'wasm', isolated: true },
  { name: 'workers throw', prepare: refuseWorkers(true), engine: 'wasm', onPage: true },
  { name: 'workers fail later', prepare: refuseWorkers(false), engine: 'wasm', onPage: true },
];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const points = gaussianBoard(5000, 16, { seed: 3 });
const { hash } = await kmeans(points, 5, { seed: 3, engine: 'reference' });
const [raced] = findCases(['T2']);
const rows = makePoints(raced, 3);
const init = firstCentroids(rows, raced.k, 3);
const { hash: racedHash } = await kmeans(rows, raced.k, { init, maxIter: 20, tol: 0 });
/** Colours and their shares, of the first environment. */
let palette: string[] | null = null;

test.each(ENVIRONMENTS)('$name: all three tabs, the same results', async (environment) => {
  const { name, prepare, engine, isolated = false, onPage = false } = environment;
  const seen = { n: '5000', k: '5', colours: '5', photo: 'flower', seed: '3', engine };
  const who = `${engine},reference`;
  const search = searchOf({ case: 'T2', who, ...seen, tab: 'cluster' });
  const demo = await openDemo(browser, search, {}, prepare);
  const { page } = demo;
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await demo.fact('hash')).toBe(hash);
  expect(await demo.fact('engine')).toBe(engine);
  const status = (await page.locator('#status').textContent()) ?? '';
  expect(status.includes('on the page: workers')).toBe(onPage);
  await page.getByText('so this runs on the processor').waitFor(); // no graphics card in a test browser
  // The points are seen in their colours, whoever draws them.
  await expect.poll(() => coloursIn(page.locator('#stage'))).toBeGreaterThan(20);

  await page.getByRole('tab', { name: 'Colours' }).click();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  const labels = page.locator('.swatch');
  const colours = await labels.evaluateAll((all) => all.map((each) => each.ariaLabel ?? ''));
  expect(colours.length).toBe(5);
  expect(colours).toEqual((palette ??= colours));
  const after = (await coloursOn(demo, 'after')).colours;
  expect(after).toEqual((await paletteOf(demo)).sort());

  await page.getByRole('tab', { name: 'Race' }).click();
  const { machine, runs } = await driveRace(page);
  expect(machine).toMatchObject({ isolated, workers: !onPage });
  if (name === 'without WebGPU') expect(machine.adapter).toMatch(/^none: /);
  expect(runs.map(({ measurement }) => 'hash' in measurement && measurement.hash)).toEqual([
    racedHash,
    racedHash,
  ]);
  const [{ measurement }] = runs;
  if (onPage)
    expect('description' in measurement && measurement.description).toMatch(/, 1 thread$/);
  // What workers ask for for their own workers is not intercepted: without the headers such a file is refused,
  // and its text taken.
  await demo.close(isolated ? /^failed: .*\/worker-[\w-]+\.js$/ : undefined);
});
