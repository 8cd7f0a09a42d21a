/** The picture of a run on WebGPU, drawn on its device: the picture that WebGL draws, and whatever one does with it. */
import { readFile } from 'node:fs/promises';
import { decode } from 'fast-png';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { coloursIn, openDemo, type DemoPage } from './demo-page.ts';

/** A processor that poses as a GPU shows WebGPU on a canvas only where all the rest is drawn by it, too. */
const SHOWS = ['--enable-features=Vulkan', '--use-vulkan=swiftshader', '--use-angle=swiftshader'];

/** A processor draws. */
const PATIENT = { timeout: 30_000 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser(process.platform === 'linux' ? SHOWS : []);
});
afterAll(() => browser.close());

const ROWS = 6000; // more than are saved as dots
const SEARCH = `?n=${ROWS}&k=6&seed=3`;
const truth = await kmeans(gaussianBoard(ROWS, 16, { seed: 3 }), 6, { seed: 3 });

/** What the session's worker has done with GPUs. */
interface Watched {
  /** Bytes of every read-back. */
  reads: number[];
  devices: GPUDevice[];
}

/**
 * Keeps book in the session's worker, where the adapter does not tell that it is a processor: only on hardware pictures
 * are drawn on the GPU. `most`: bytes that may be bound.
 */
const watching = (most: number | null) => (context: BrowserContext) =>
  context.route(/\/cluster-worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const watch = `(${String((most: number | null) => {
      const watched: Watched = { reads: [], devices: [] };
      Object.assign(globalThis, { watched });
      const { mapAsync } = GPUBuffer.prototype;
      GPUBuffer.prototype.mapAsync = function (...how) {
        watched.reads.push(this.size);
        return mapAsync.apply(this, how);
      };
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...what) {
        const device = await requestDevice.apply(this, what);
        watched.devices.push(device);
        const { limits } = device;
        const fewer = (_: unknown, name: keyof GPUSupportedLimits) =>
          name === 'maxStorageBufferBindingSize' && most ? most : limits[name];
        Object.defineProperty(device, 'limits', { value: new Proxy({}, { get: fewer }) });
        return device;
      };
      const info = { value: { vendor: 'acme', architecture: '', device: '', description: '' } };
      Object.defineProperty(GPUAdapter.prototype, 'info', info);
      Object.defineProperty(GPUDevice.prototype, 'adapterInfo', info);
    })})(${most});`;
    await route.fulfill({ response, body: watch + (await response.text()) });
  });

const session = (page: Page) => page.workers().find((it) => it.url().includes('cluster-worker'))!;
const reads = (page: Page) =>
  session(page).evaluate(() => (globalThis as unknown as { watched: Watched }).watched.reads);

const loseAll = (page: Page) =>
  session(page).evaluate(() => {
    for (const device of (globalThis as unknown as { watched: Watched }).watched.devices)
      device.destroy();
  });

const button = ({ page }: DemoPage, name: string) =>
  page.getByRole('button', { name, exact: true });

/** Who draws: of the two canvases the one that is seen. */
const seen = ({ page }: DemoPage) =>
  page
    .locator('#stage canvas')
    .evaluateAll((all) =>
      all.map((canvas) => (getComputedStyle(canvas).visibility === 'visible' ? 'seen' : 'behind')),
    );

/** From the first centroids on, so that colours are those of the same moment. */
async function fromTheFirst(demo: DemoPage): Promise<void> {
  await demo.reaches('converged');
  await button(demo, 'Start over').click();
  await demo.page.getByText('Stopped at the first centroids').waitFor();
}

async function saved({ page }: DemoPage, what: string): Promise<Uint8Array> {
  const begun = page.waitForEvent('download');
  await page.locator(`[data-save="${what}"]`).click();
  return readFile((await (await begun).path())!);
}

/** Largest mean difference of a channel in a block of 16 × 16 pixels, of 255. */
function apart(one: Uint8Array, other: Uint8Array): number {
  const [a, b] = [decode(one), decode(other)];
  expect([a.width, a.height, a.channels]).toEqual([b.width, b.height, b.channels]);
  let most = 0;
  for (let y = 0; y + 16 <= a.height; y += 16)
    for (let x = 0; x + 16 <= a.width; x += 16) {
      let sum = 0;
      for (let line = y; line < y + 16; line++) {
        const from = a.channels * (line * a.width + x);
        for (let at = from; at < from + 16 * a.channels; at++)
          sum += Math.abs(a.data[at] - b.data[at]);
      }
      most = Math.max(most, sum / (256 * a.channels));
    }
  return most;
}

test('it is the picture of WebAssembly and WebGL, wherever one looks', async () => {
  const gpu = await openDemo(browser, `${SEARCH}&engine=webgpu`, {}, watching(null));
  const cpu = await openDemo(browser, `${SEARCH}&engine=wasm`);
  const both = [gpu, cpu];
  const each = (act: (demo: DemoPage) => Promise<unknown>) => Promise.all(both.map(act));
  /** Both pictures come to rest alike. */
  const alike = (what: string) =>
    expect
      .poll(
        async () => {
          const stages = both.map(({ page }) => page.locator('#stage').screenshot());
          const [one, other] = await Promise.all(stages);
          return apart(one, other);
        },
        { message: what, ...PATIENT },
      )
      .toBeLessThan(4);

  await each(fromTheFirst);
  await expect.poll(() => seen(gpu), PATIENT).toEqual(['behind', 'seen']);
  expect(await seen(cpu)).toEqual(['seen']);
  await alike('at the first centroids');
  await each((demo) => button(demo, 'Step').click());
  await each(({ page }) => page.getByText('Stopped after 1 iteration.').waitFor());

  const before = (await reads(gpu.page)).length;
  await each((demo) => button(demo, 'Run').click());
  await each((demo) => demo.reaches('converged'));
  expect(await gpu.fact('hash')).toBe(truth.hash);
  expect(await gpu.fact('picture')).toMatch(/^Drawn on the GPU/);
  expect(await cpu.fact('picture')).toBe('');
  await alike('at the end');
  // Labels came home once, at the end.
  const brought = (await reads(gpu.page)).slice(before);
  expect(brought.length).toBeGreaterThan(truth.iterations - 2);
  expect(brought.filter((bytes) => bytes === 4 * ROWS)).toHaveLength(1);

  await each(async ({ page }) => {
    await page.locator('#stage').focus();
    for (const key of ['+', '+', 'ArrowLeft', 'ArrowUp']) await page.keyboard.press(key);
  });
  await each(({ page }) => page.locator('#save summary').click());
  expect(apart(await saved(gpu, 'picture.png'), await saved(cpu, 'picture.png'))).toBeLessThan(4);
  expect((await saved(gpu, 'picture.svg')).toString()).toContain('<image href="data:image/png');

  await each(async ({ page }) => {
    await page.locator('#stage').press('0');
    await page.getByRole('slider', { name: 'Iteration' }).press('Home');
    await page.getByText(/points, after 0 of/).waitFor();
  });
  await alike('back at the first centroids');
  expect(await seen(gpu)).toEqual(['behind', 'seen']);

  // Another board, and another engine.
  await each(({ page }) =>
    page.getByRole('combobox', { name: 'Data' }).selectOption({ label: 'Iris' }),
  );
  await each(({ page }) => page.waitForURL(/board=iris/));
  await each(fromTheFirst);
  await each(({ page }) => page.getByLabel('Across').selectOption({ index: 1 }));
  await alike('another board, on other axes');
  expect(await seen(gpu)).toEqual(['behind', 'seen']);
  await gpu.page.getByRole('combobox', { name: 'Engine' }).first().selectOption('wasm');
  await gpu.page.waitForURL(/engine=wasm/);
  await gpu.reaches('converged');
  expect(await gpu.fact('picture')).toBe('');
  expect(await seen(gpu)).toEqual(['seen', 'behind']);
  for (const demo of both) await demo.close();
});

test('a device that is lost takes nothing with it', async () => {
  // Engine and painter bind 16 384 rows at a time.
  const demo = await openDemo(browser, '?n=20000&k=6&seed=3&engine=webgpu', {}, watching(65536));
  const { page } = demo;
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  const hash = await demo.fact('hash');
  await expect.poll(() => seen(demo), PATIENT).toEqual(['behind', 'seen']);
  const before = await page.locator('#stage').screenshot();
  await loseAll(page);
  // The last picture, in WebGL.
  await expect.poll(() => seen(demo), PATIENT).toEqual(['seen', 'behind']);
  await expect
    .poll(async () => apart(await page.locator('#stage').screenshot(), before), PATIENT)
    .toBeLessThan(4);
  // The next run has another device.
  await button(demo, 'Run').click();
  await expect.poll(() => seen(demo), PATIENT).toEqual(['behind', 'seen']);
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await demo.fact('hash')).toBe(hash);
  await demo.close();
});

test("under 'auto' a run whose device is lost goes on, and its pictures with it", async () => {
  const search = '?n=200000&k=130&seed=3'; // as much as is worth a GPU
  const demo = await openDemo(browser, search, {}, watching(null));
  const { page } = demo;
  await expect.poll(() => seen(demo), PATIENT).toEqual(['behind', 'seen']);
  expect(await demo.fact('engine')).toBe('webgpu');
  await loseAll(page);
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await demo.fact('engine')).toBe('wasm');
  const there = await kmeans(gaussianBoard(200_000, 16, { seed: 3 }), 130, { seed: 3 });
  expect(await demo.fact('hash')).toBe(there.hash);
  expect(await seen(demo)).toEqual(['seen', 'behind']);
  await expect.poll(() => coloursIn(page.locator('#stage')), PATIENT).toBeGreaterThan(200);
  await demo.close();
});
