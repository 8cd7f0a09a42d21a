/** The Cluster tab: the main job on the default, the buttons, the controls, a tab that answers. */
import type { Browser } from 'playwright';
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

test('opened with nothing, it clusters a million points and shows them', async () => {
  const demo = await openDemo(browser);
  const { page } = demo;
  // The picture is the point: colours appear while it runs, and centroids lie over them.
  await demo.reaches('running', 'converged');
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
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
  await demo.close();
});

test('the tab answers while it works', async () => {
  const demo = await openDemo(browser, '?n=2000000&k=64&engine=reference');
  const { page } = demo;
  await demo.reaches('running');
  await page.evaluate(() => {
    const gaps = { longest: 0 };
    let last = performance.now();
    const beat = () => {
      const now = performance.now();
      gaps.longest = Math.max(gaps.longest, now - last);
      last = now;
      requestAnimationFrame(beat);
    };
    requestAnimationFrame(beat);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        document.body.dataset.longestTask = String(
          Math.max(Number(document.body.dataset.longestTask ?? 0), duration),
        );
    }).observe({ type: 'longtask' });
    Object.assign(window, { gaps });
  });
  const before = await iterations(demo);
  await page.getByLabel('Voronoi cells').click();
  expect(await page.locator('.cells').isVisible()).toBe(false);
  await page.getByLabel('Voronoi cells').click();
  await page.locator('#stage').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => iterations(demo), { timeout: 60_000 }).toBeGreaterThan(before + 2);
  expect(await page.evaluate(() => document.body.dataset.state)).toBe('running');
  const seen = await page.evaluate(() => ({
    longestGap: (window as unknown as { gaps: { longest: number } }).gaps.longest,
    longestTask: Number(document.body.dataset.longestTask ?? 0),
  }));
  console.log(
    `while clustering: longest frame ${seen.longestGap.toFixed(0)} ms, ` +
      `longest task ${seen.longestTask.toFixed(0)} ms`,
  );
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

test('Stop in the middle of a long run', async () => {
  const demo = await openDemo(browser, '?n=1000000&k=200&engine=reference');
  const { page } = demo;
  await demo.reaches('running');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByText(/^Stopped after \d+ iteration/).waitFor();
  const stopped = await iterations(demo);
  await page.waitForTimeout(1500);
  expect(await iterations(demo)).toBe(stopped);
  // A change of the controls begins again, held as it was.
  await page.getByRole('slider', { name: 'Clusters' }).fill('3');
  await page.getByText('Stopped at the first centroids').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('#sizes span').count()).toBe(3);
  await demo.close();
});

test('every control runs again and is kept in the address', async () => {
  const demo = await openDemo(browser, '?n=5000');
  const { page } = demo;
  await demo.reaches('converged');
  const hashes = new Set([await demo.fact('hash')]);
  const changes: [label: string, change: () => Promise<unknown>, search: RegExp][] = [
    ['Points', () => page.getByRole('slider', { name: 'Points' }).press('ArrowRight'), /n=10000\b/],
    ['Clusters', () => page.getByRole('slider', { name: 'Clusters' }).fill('7'), /k=7\b/],
    ['Seed', () => page.getByRole('slider', { name: 'Seed' }).fill('9'), /seed=9\b/],
    [
      'Board',
      () => page.getByRole('combobox', { name: 'Board' }).selectOption('blobs'),
      /board=blobs\b/,
    ],
    [
      'Board',
      () => page.getByRole('combobox', { name: 'Board' }).selectOption('uniform'),
      /board=uniform\b/,
    ],
    [
      'Init',
      () => page.getByRole('combobox', { name: 'First centroids' }).selectOption('random'),
      /init=random\b/,
    ],
    [
      'Init',
      () => page.getByRole('combobox', { name: 'First centroids' }).selectOption('k-means||'),
      /init=k-means%7C%7C/,
    ],
    [
      'Init',
      () => page.getByRole('combobox', { name: 'First centroids' }).selectOption('k-means++'),
      /init=k-means/,
    ],
  ];
  for (const [label, change, search] of changes) {
    await change();
    await page.waitForURL(search);
    await demo.reaches('converged');
    const hash = await demo.fact('hash');
    // Over 5 000 to 10 000 points 'auto' and 'k-means++' seed alike; all else gives other clusters.
    expect(hash, label).toMatch(/^[0-9a-f]{16}$/);
    hashes.add(hash);
  }
  expect(hashes.size).toBeGreaterThanOrEqual(changes.length);
  // The address alone brings the same back.
  const hash = await demo.fact('hash');
  await page.reload();
  await demo.reaches('converged');
  expect(await demo.fact('hash')).toBe(hash);
  await page.locator('#cluster').getByText('Link and code').click();
  expect(await page.locator('#snippet').textContent()).toContain(
    'uniformBoard(10_000, { seed: 9 })',
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
