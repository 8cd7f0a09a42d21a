/**
 * The promise, seen in the page: every engine shows what Node finds; and engines that cannot run. That the page's
 * reference engine does as well is seen in `controls.test.ts`.
 */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  blobs,
  gaussianBoard,
  kmeans,
  uniformBoard,
  type KMeansOptions,
  type Matrix,
} from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What a run named in the address ends with. */
async function outcome(search: string): Promise<{ hash: string; iterations: string }> {
  const demo = await openDemo(browser, search);
  expect(await demo.reaches('converged', 'failed'), await alertOf(demo.page)).toBe('converged');
  const [hash, iterations] = [await demo.fact('hash'), await demo.fact('iterations')];
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(search).toContain(`engine=${await demo.fact('engine')}`);
  await demo.close();
  return { hash, iterations };
}

const alertOf = async (page: {
  locator(selector: string): { textContent(): Promise<string | null> };
}) => (await page.locator('#alert').textContent()) ?? '';

const found = async (points: Matrix, k: number, options: KMeansOptions) => {
  const { hash, iterations } = await kmeans(points, k, { ...options, engine: 'reference' });
  return { hash, iterations: String(iterations) };
};

/** A million take SwiftShader a minute: they are for long runs. */
const POINTS = Number(process.env['CENTROIDS_REPEATS'] ?? 1) > 1 ? 1_000_000 : 50_000;

test(`${POINTS} points, k = 16, converge through WebGPU: the hash of Node`, async () => {
  expect(await outcome(`?n=${POINTS}&engine=webgpu&seed=2`)).toEqual(
    await found(gaussianBoard(POINTS, 16, { seed: 2 }), 16, { seed: 2 }),
  );
});

test('WebGPU on other boards, from other first centroids: what Node finds', async () => {
  expect(await outcome('?engine=webgpu&n=3000&k=40&board=uniform&seed=3')).toEqual(
    await found(uniformBoard(3000, { seed: 3 }), 40, { seed: 3 }),
  );
  expect(await outcome('?engine=webgpu&n=5000&k=9&board=blobs&seed=7&init=random')).toEqual(
    await found(blobs(5000, 16, { seed: 7 }), 9, { seed: 7, init: 'random' }),
  );
});

test('both engines give a photo the same colours', async () => {
  const palettes: string[][] = [];
  for (const engine of ['webgpu', 'reference']) {
    const demo = await openDemo(browser, `?tab=colours&engine=${engine}&colours=6`);
    expect(await demo.reaches('converged', 'failed')).toBe('converged');
    expect(await demo.fact('engine')).toBe(engine);
    const labels = demo.page.locator('.swatch');
    // Colours and shares.
    palettes.push(await labels.evaluateAll((all) => all.map((swatch) => swatch.ariaLabel ?? '')));
    await demo.close();
  }
  expect(palettes[0].length).toBe(6);
  expect(palettes[0]).toEqual(palettes[1]);
});

test('WebGL by name shows the same, and says that it is none of a graphics card', async () => {
  const demo = await openDemo(browser, '?engine=webgl&n=2000&k=5&board=blobs&seed=7');
  expect(await demo.reaches('converged', 'failed'), await alertOf(demo.page)).toBe('converged');
  const { hash } = await found(blobs(2000, 16, { seed: 7 }), 5, { seed: 7 });
  expect(await demo.fact('hash')).toBe(hash);
  // asked for when the page has been there for a while
  await demo.page
    .locator('#engine option', { hasText: 'WebGL 2 (on the processor)' })
    .waitFor({ state: 'attached', timeout: 60_000 });
  await demo.close();
});

test('an engine that cannot run is refused by name, and another can be chosen', async () => {
  // Not even a software adapter.
  const plain = await launchBrowser(['--disable-gpu', '--disable-software-rasterizer']);
  const demo = await openDemo(plain, '?engine=webgpu&n=20000');
  const { page } = demo;
  expect(await demo.reaches('converged', 'failed')).toBe('failed');
  expect(await page.getByRole('alert').textContent()).toMatch(
    /^engine is 'webgpu'; expected one that can run here: there is WebGPU but no adapter/,
  );
  await page.getByText('so this runs on the processor').waitFor();
  await page.locator('#cluster').getByText('Why some engines are off').click();
  await page.locator('#cluster').getByText('WebGPU: there is WebGPU but no adapter').waitFor();
  await page.getByRole('combobox', { name: 'Engine' }).selectOption('reference');
  expect(await demo.reaches('converged')).toBe('converged');
  expect(await page.locator('#alert').isVisible()).toBe(false);
  await page.waitForURL(/engine=reference/);
  await demo.close();
  await plain.close();
});

test('a graphics card that is lost in the middle of a run: said in plain words, and the page goes on', async () => {
  const doomed = await launchBrowser();
  const demo = await openDemo(doomed, '?n=1000000&k=100&board=uniform&engine=webgpu');
  const { page } = demo;
  await demo.reaches('running');
  const session = await doomed.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  process.kill(processInfo.find(({ type }) => type === 'GPU')!.id, 'SIGKILL');
  expect(await demo.reaches('converged', 'failed')).toBe('failed');
  expect(await page.getByRole('alert').textContent()).toMatch(
    /^the GPU device was lost \(.*Run again/,
  );
  await page.getByRole('combobox', { name: 'Engine' }).selectOption('wasm');
  await page.getByRole('slider', { name: 'Points' }).press('Home');
  const { hash } = await found(uniformBoard(1000, { seed: 1 }), 100, { seed: 1 });
  await expect.poll(() => demo.fact('hash'), { timeout: 60_000 }).toBe(hash);
  expect(await page.locator('#alert').isVisible()).toBe(false);
  await demo.close();
  await doomed.close();
});

test('an engine that nobody knows is refused in plain words', async () => {
  const demo = await openDemo(browser, '?engine=abacus&n=20000');
  expect(await demo.reaches('converged', 'failed')).toBe('failed');
  expect(await demo.page.getByRole('alert').textContent()).toMatch(
    /^engine is 'abacus'; expected /,
  );
  await demo.close();
});
