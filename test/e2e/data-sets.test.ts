/** Real data in the page: the same result on every engine and in Node, drawn in two dimensions. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBoard } from '../../demo/cluster/boards.ts';
import { measure } from '../../demo/format.ts';
import { kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const ENGINES = ['webgpu', 'wasm', 'reference'];

test.each([
  { board: 'iris', rows: 150, columns: 4, k: 3, seed: 5, whiten: false },
  { board: 'wine', rows: 178, columns: 13, k: 3, seed: 2, whiten: false },
  { board: 'wine', rows: 178, columns: 13, k: 3, seed: 2, whiten: true },
  { board: 'digits', rows: 600, columns: 64, k: 10, seed: 1, whiten: false },
] as const)(
  '$board, equal scale $whiten: all engines show what Node finds',
  async ({ board, rows, columns, k, seed, whiten }) => {
    const here = await kmeans(await makeBoard({ board, n: 1, seed }), k, { seed, whiten });
    expect(here.converged).toBe(true);
    const search = `?engine=webgpu&seed=${seed}&board=${board}${whiten ? '&whiten=1' : ''}`;
    const demo = await openDemo(browser, search);
    const { page } = demo;
    for (const engine of ENGINES) {
      await page.locator('#engine').selectOption(engine);
      await expect.poll(() => demo.fact('engine'), { timeout: 60_000 }).toBe(engine);
      expect(await demo.reaches('converged', 'failed')).toBe('converged');
      expect(await page.locator('#status').textContent()).toMatch(/^Converged after/);
      const fact = async (name: string) => [name, await demo.fact(name)];
      expect(await Promise.all(['engine', 'hash', 'inertia', 'iterations'].map(fact))).toEqual([
        ['engine', engine],
        ['hash', here.hash],
        ['inertia', measure(here.inertia)],
        ['iterations', String(here.iterations)],
      ]);
      expect(await page.locator('#stage-points').textContent()).toMatch(
        new RegExp(
          `^${rows} points of ${columns} columns, drawn on the first two principal components ` +
            String.raw`\(>?[\d.]+ % of the variance\)$`,
        ),
      );
      // Centroids in the colours of their points, and no cells: they would not be the clusters.
      expect(await page.locator('.marks path').count()).toBe(k);
      expect(await page.locator('.cells').getAttribute('d')).toBeFalsy();
      expect(await page.getByLabel('Voronoi cells').isVisible()).toBe(false);
      expect(await page.locator('#sizes span').count()).toBe(k);
    }
    expect(new URL(page.url()).search).toBe(search.replace('webgpu', 'reference'));
    await demo.close();
  },
);

test('chosen by the control: its k and its points, and back again', async () => {
  const demo = await openDemo(browser, '?n=5000&k=7');
  const { page } = demo;
  const slider = (name: string) => page.getByRole('slider', { name });
  const board = page.getByRole('combobox', { name: 'Data' });
  await demo.reaches('converged');
  await board.selectOption('digits');
  await page.waitForURL(/board=digits\b/);
  await demo.reaches('converged');
  expect(new URL(page.url()).search).toBe('?k=10&board=digits');
  expect(await slider('Points').isDisabled()).toBe(true);
  expect(await page.locator('#n-value').textContent()).toBe('600');
  expect(await page.locator('#k-value').textContent()).toBe('10');
  await page.getByText('600 handwritten digits').waitFor();

  // No more clusters than points can be asked for.
  await board.selectOption('iris');
  await page.waitForURL(/board=iris\b/);
  await slider('Clusters').press('End');
  await page.waitForURL(/k=150\b/);
  await demo.reaches('converged');
  expect(await demo.fact('inertia')).toBe('0');

  await board.selectOption('gaussian');
  await page.waitForURL(/n=5000\b/);
  await demo.reaches('converged');
  expect(new URL(page.url()).search).toBe('?n=5000&k=7&board=gaussian');
  expect(await slider('Points').isDisabled()).toBe(false);
  expect(await page.locator('#stage-points').textContent()).toBe('5,000 points');
  expect(await page.locator('.marks path').count()).toBe(0);
  expect(await page.locator('.cells').getAttribute('d')).toMatch(/^M/);
  expect(await page.getByLabel('Voronoi cells').isVisible()).toBe(true);
  expect(await page.locator('#credit-data').isVisible()).toBe(false);
  await demo.close();
});

test('equal scale is a switch of any board, and in the address', async () => {
  const demo = await openDemo(browser, '?board=wine&axes=13-1');
  const { page } = demo;
  await demo.reaches('converged');
  await page.getByText('178 points of 13 columns, drawn on proline and alcohol').waitFor();
  await page.getByLabel('Across').selectOption('Principal components');
  await page.waitForURL(/board=wine$/);
  const hash = await demo.fact('hash');
  await page.getByLabel('Equal scale for all columns').check();
  await page.waitForURL(/whiten=1/);
  await demo.reaches('converged');
  const scaled = await demo.fact('hash');
  expect(scaled).not.toBe(hash);
  await page.reload();
  await demo.reaches('converged');
  expect(await demo.fact('hash')).toBe(scaled);
  await page.locator('#cluster').getByText('Link and code').click();
  expect(await page.locator('#snippet').textContent()).toContain('whiten: true');
  await page.getByLabel('Equal scale for all columns').uncheck();
  await page.waitForURL(/whiten=0/);
  await demo.reaches('converged');
  expect(await demo.fact('hash')).toBe(hash);

  await page.goto(page.url().replace(/\?.*/, '?board=blobs&n=2000&whiten=1'));
  await demo.reaches('converged');
  expect(await page.locator('#stage-points').textContent()).toBe('2,000 points');
  expect(await page.locator('.cells').getAttribute('d')).toMatch(/^M/);
  await demo.close();
});

test('data that does not arrive is said aloud, and the page goes on', async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  await demo.reaches('converged');
  await page.route(/digits-.*\.js$/, (route) =>
    route.fulfill({ status: 200, body: 'throw 0', contentType: 'text/javascript' }),
  );
  await page.getByRole('combobox', { name: 'Data' }).selectOption('digits');
  await page.getByText('The data set digits did not arrive.').waitFor();
  await page.getByRole('combobox', { name: 'Data' }).selectOption('iris');
  await page.waitForURL(/board=iris\b/);
  expect(await demo.reaches('converged')).toBe('converged');
  await demo.close();
});

test('a run overtaken while its data is on the way leaves it to the next', async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  await demo.reaches('converged');
  let arrive = () => {};
  const onTheWay = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(/digits-.*\.js$/, async (route) => {
    await onTheWay;
    await route.continue();
  });
  const asked = page.waitForRequest(/digits-/);
  await page.getByRole('combobox', { name: 'Data' }).selectOption('digits');
  await asked;
  await page.getByRole('slider', { name: 'Seed' }).fill('9');
  await page.waitForURL(/seed=9\b/);
  arrive();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('#stage-points').textContent()).toMatch(/^600 points of 64 columns/);
  expect(await page.locator('.marks path').count()).toBe(10);
  await demo.close();
});
