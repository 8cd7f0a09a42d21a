/** The Cluster tab: the main job on the default, the buttons, the controls, a tab that answers. */
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Response } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { coloursIn, openDemo, type DemoPage } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const iterations = async (demo: DemoPage) => Number(await demo.fact('iterations'));

/** In the page: when it came to its end, and how long its main thread was away, in milliseconds. */
interface Watch {
  converged: number;
  longestTask: number;
  longestFrame: number;
}

/** Before the page's own scripts. */
const watch = (context: BrowserContext) =>
  context.addInitScript(() => {
    const seen: Watch = { converged: 0, longestTask: 0, longestFrame: 0 };
    Object.assign(window, { seen });
    new MutationObserver(() => {
      if (document.body?.dataset.state === 'converged') seen.converged ||= performance.now();
    }).observe(document, { subtree: true, attributeFilter: ['data-state'] });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        seen.longestTask = Math.max(seen.longestTask, duration);
    }).observe({ type: 'longtask' });
    let last = performance.now();
    const beat = (now: number) => {
      seen.longestFrame = Math.max(seen.longestFrame, now - last);
      last = now;
      requestAnimationFrame(beat);
    };
    requestAnimationFrame(beat);
  });

const seenIn = ({ page }: DemoPage) =>
  page.evaluate(() => {
    const [{ loadEventEnd }] = performance.getEntriesByType(
      'navigation',
    ) as PerformanceNavigationTiming[];
    return { ...(window as unknown as { seen: Watch }).seen, loaded: loadEventEnd };
  });

const ms = (time: number) => `${Math.round(time)} ms`;

/** Compressed as static hosts do it; the preview server does not. */
const sizeOf = async (response: Response) =>
  [new URL(response.url()).pathname, gzipSync(await response.body()).length] as const;

test('opened with nothing, it clusters a million points and shows them; 150 kB are loaded for it', async () => {
  const bodies: Promise<readonly [path: string, bytes: number]>[] = [];
  let runIsOver = () => {};
  const isOver = new Promise<void>((resolve) => (runIsOver = resolve));
  const demo = await openDemo(browser, '', {}, async (context) => {
    // What is shown of a result comes with the first one; WebGL is looked for later.
    const later = /\/(uPlot|inertia-chart|hover|webgl|gpu-browser)/;
    context.on('response', (response) => {
      if (!later.test(response.url())) bodies.push(sizeOf(response));
    });
    // No hardware GPU here: the engine for one is asked for once the run is over, and the run does without it.
    await context.route(/\/webgpu-/, async (route) => {
      await isOver;
      await route.fallback();
    });
    await watch(context);
  });
  const { page } = demo;
  // The picture is the point: colours appear while it runs, and centroids lie over them.
  await demo.reaches('running', 'converged');
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  const loadedFirst = await Promise.all(bodies);
  runIsOver();
  const { converged, loaded, longestTask } = await seenIn(demo);
  // Written down and not judged: how long it takes is the machine's affair (bench/README.md has a quiet one's).
  console.log(
    `first visit: converged ${ms(converged - loaded)} after load (${ms(converged)} after navigation), ` +
      `longest task ${ms(longestTask)}`,
  );
  expect(converged).toBeGreaterThan(0);
  expect(await page.locator('#stage-points').textContent()).toBe('1,000,000 points');
  expect(await page.locator('#status').textContent()).toMatch(/^Converged after \d+ iterations/);
  const here = await kmeans(gaussianBoard(1_000_000, 16, { seed: 1 }), 16, { seed: 1 });
  expect(await demo.fact('hash')).toBe(here.hash);
  expect(await iterations(demo)).toBe(here.iterations);
  expect(await demo.fact('engine')).toBe('wasm'); // no hardware GPU in a test browser
  await page.waitForFunction(() => document.querySelector('.dots')?.getAttribute('d'));
  expect(await page.locator('.dots').getAttribute('d')).toMatch(/^(M[-\d.]+ [-\d.]+h0){16}$/);
  expect(await page.locator('.cells').getAttribute('d')).toMatch(/^M/);
  expect(await page.locator('#sizes span').count()).toBe(16);
  await expect
    .poll(() => coloursIn(page.locator('#stage')), { timeout: 30_000 })
    .toBeGreaterThan(200);
  expect(new URL(page.url()).search).toBe('');

  const files = [...new Map(loadedFirst)] // a script of many workers comes once
    .sort(([, a], [, b]) => b - a);
  // What draws on a GPU comes with a run that is on one.
  expect(files.map(([name]) => name).filter((name) => name.includes('on-gpu'))).toEqual([]);
  const bytes = files.reduce((sum, [, length]) => sum + length, 0);
  expect(bytes, JSON.stringify(files)).toBeLessThan(150_000);
  await demo.close();
});

test('ten million points: the tab answers while it works', async () => {
  const demo = await openDemo(browser, '?n=10000000&seed=3', {}, watch);
  const { page } = demo;
  await demo.reaches('loading');
  await page.getByText('Making the points…').or(page.getByText('Clustering…')).waitFor();
  await page.getByLabel('Voronoi cells').click();
  expect(await page.locator('.cells').isVisible()).toBe(false);
  await page.locator('#stage').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowLeft');
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('#stage-points').textContent()).toMatch(/10,000,000 points/);
  const { longestFrame, longestTask } = await seenIn(demo);
  // Judged where nothing else runs: `npm run bench:browser -- --main-thread`.
  console.log(
    `ten million points: longest task of the page ${ms(longestTask)}, ` +
      `longest frame ${ms(longestFrame)}, ${await iterations(demo)} iterations`,
  );
  await demo.close();
});

test('Stop in the middle of a long run; a change begins again, held', async () => {
  const demo = await openDemo(browser, '?n=100000&k=200&board=uniform&engine=reference');
  const { page } = demo;
  await demo.reaches('running');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText(/^Stopped after \d+ iteration/).waitFor();
  const stopped = await iterations(demo);
  await page.waitForTimeout(300); // an iteration would be over
  expect(await iterations(demo)).toBe(stopped);
  await page.getByRole('slider', { name: 'Clusters' }).fill('3');
  await page.getByText('Stopped at the first centroids').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('#sizes span').count()).toBe(3);
  await demo.close();
});

test('Step does one iteration, Stop holds, Run ends it: the same result', async () => {
  const demo = await openDemo(browser, '?n=20000&k=32&seed=5');
  const { page } = demo;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await demo.reaches('converged');
  const [hash, total] = [await demo.fact('hash'), await iterations(demo)];
  expect(total).toBeGreaterThan(4);

  await button('Start over').click();
  await page.getByText('Stopped at the first centroids').waitFor();
  expect(await iterations(demo)).toBe(0);
  expect(await demo.fact('hash')).toBe('–');
  for (let done = 1; done <= 3; done++) {
    await button('Step').click();
    await page.getByText(`Stopped after ${done} iteration${done === 1 ? '' : 's'}.`).waitFor();
    expect(await iterations(demo)).toBe(done);
    expect(await page.evaluate(() => document.body.dataset.state)).toBe('loading');
  }
  await button('Run').click();
  await demo.reaches('converged');
  expect(await demo.fact('hash')).toBe(hash);
  expect(await iterations(demo)).toBe(total);

  // From the end, Step begins a new run with its first iteration.
  await button('Step').click();
  await page.getByText('Stopped after 1 iteration.').waitFor();
  expect(await iterations(demo)).toBe(1);
  await demo.close();
});

test('whatever a list offers runs, is in the address, and comes back from it', async () => {
  const demo = await openDemo(browser, '?n=2000&k=7&seed=9&board=blobs');
  const { page } = demo;
  await demo.reaches('converged');
  const hashes = new Set([await demo.fact('hash')]);
  for (const [list, choice, search] of [
    ['First centroids', 'k-means||', /init=k-means%7C%7C/],
    ['Data', 'uniform', /board=uniform\b/],
    ['First centroids', 'random', /init=random\b/],
  ] as const) {
    await page.getByRole('combobox', { name: list }).selectOption(choice);
    await page.waitForURL(search);
    await demo.reaches('converged');
    hashes.add(await demo.fact('hash'));
  }
  expect(hashes.size).toBe(4);
  const hash = await demo.fact('hash');
  await page.reload();
  await demo.reaches('converged');
  expect(await demo.fact('hash')).toBe(hash);
  await page.locator('#cluster').getByText('Link and code').click();
  expect(await page.locator('#snippet').textContent()).toContain(
    'uniformBoard(2_000, { seed: 9 })',
  );
  await demo.close();
});

test('more clusters than points: the message is shown, and the page goes on', async () => {
  const demo = await openDemo(browser, '?n=10&k=16');
  const { page } = demo;
  expect(await demo.reaches('converged', 'failed')).toBe('failed');
  expect(await page.getByRole('alert').textContent()).toContain(
    'k is 16; expected at most 10 (the number of points)',
  );
  await page.getByRole('slider', { name: 'Clusters' }).fill('4');
  await demo.reaches('converged');
  expect(await page.locator('#alert').isVisible()).toBe(false);
  await demo.close();
});

test('an address with nonsense in it is put right, aloud', async () => {
  const demo = await openDemo(browser, '?n=lots&k=9999&board=chess&seed=3');
  const { page } = demo;
  const remarks = (await page.locator('#remarks').textContent()) ?? '';
  expect(remarks).toContain('n is lots in the address');
  expect(remarks).toContain('so it uses 256');
  expect(remarks).toContain('board is chess in the address');
  await page.waitForURL(/n=1000000&k=256&board=gaussian/);
  await demo.close();
});
