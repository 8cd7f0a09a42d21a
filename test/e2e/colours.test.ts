/** The Colours tab: the embedded photos, the user's own, and files that are no photos. */
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { openDemo, type DemoPage } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Sorted colours of a canvas, and its size. */
function coloursOn({ page }: DemoPage, id: 'before' | 'after') {
  return page.evaluate((name) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`#${name}`)!;
    const { width, height } = canvas;
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const colours = new Set<string>();
    for (let at = 0; at < data.length; at += 4)
      colours.add(
        `#${[...data.subarray(at, at + 3)].map((c) => c.toString(16).padStart(2, '0')).join('')}`,
      );
    return { width, height, colours: [...colours].sort() };
  }, id);
}

const palette = async ({ page }: DemoPage) =>
  (await page.locator('#palette code').allTextContents()).sort();

/** The palette of a finished run is enabled. */
const enabledSwatches = ({ page }: DemoPage, count: number) =>
  expect
    .poll(() => page.locator('#palette button:enabled').count(), { timeout: 60_000 })
    .toBe(count);

/** Decibels of the page's own words. */
const psnr = async (demo: DemoPage) => Number((await demo.fact('psnr')).replace(' dB', ''));

test('both embedded photos, in 16 colours and in 64', async () => {
  const demo = await openDemo(browser, '?tab=colours');
  const { page } = demo;
  for (const photo of ['Summer Palace', 'Flower']) {
    if (photo === 'Flower') await page.getByRole('button', { name: photo }).click();
    await page.waitForURL(photo === 'Flower' ? /photo=flower/ : /tab=colours/);
    const quality: number[] = [];
    for (const colours of [16, 64]) {
      await page.getByRole('slider', { name: 'Colours' }).fill(String(colours));
      await enabledSwatches(demo, colours);
      expect(await demo.reaches('converged', 'failed')).toBe('converged');
      const before = await coloursOn(demo, 'before');
      const after = await coloursOn(demo, 'after');
      expect([after.width, after.height]).toEqual([640, 427]);
      expect(before.colours.length).toBeGreaterThan(10_000);
      expect(after.colours).toEqual([...new Set(await palette(demo))]);
      expect(after.colours.length).toBe(colours);
      quality.push(await psnr(demo));
    }
    expect(quality[0]).toBeGreaterThan(20);
    expect(quality[1]).toBeGreaterThan(quality[0] + 2);
    await page.getByRole('slider', { name: 'Colours' }).fill('16');
    await enabledSwatches(demo, 16);
  }
  expect(await page.locator('#credit').textContent()).toContain('vultilion, CC BY 2.0');
  await demo.close();
});

test("the user's own file, by the file chooser", async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=4');
  const { page } = demo;
  await demo.reaches('converged');
  // Four flat colours and a transparent corner, made by the browser itself.
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(60, 40);
    const context = canvas.getContext('2d')!;
    ['#ff0000', '#00ff00', '#0000ff', '#ffffff'].forEach((colour, at) => {
      context.fillStyle = colour;
      context.fillRect(15 * at, 0, 15, 40);
    });
    context.clearRect(0, 0, 5, 5);
    const blob = await canvas.convertToBlob();
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page.getByLabel('Choose a photo').setInputFiles({
    name: 'flags.png',
    mimeType: 'image/png',
    buffer: Buffer.from(png),
  });
  await page.getByText('flags.png · 60 × 40 pixels · 4 colours').waitFor();
  await demo.reaches('converged');
  expect(await palette(demo)).toEqual(['#0000ff', '#00ff00', '#ff0000', '#ffffff']);
  expect(await demo.fact('psnr')).toBe('exact');
  // More colours than there are: all are kept, and it says so.
  await page.getByRole('slider', { name: 'Colours' }).fill('40');
  await page.getByText('The picture has only 4 colours').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as PNG' }).click();
  const saved = await readFile(await (await download).path());
  expect(saved.subarray(1, 4).toString()).toBe('PNG');
  await demo.close();
});

test('a photo in JPEG from disk, through the same chooser', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=8');
  await demo.reaches('converged');
  const hash = await demo.fact('hash');
  await demo.page.getByLabel('Choose a photo').setInputFiles('demo/photos/flower.jpg');
  await demo.page.getByText('flower.jpg · 640 × 427 pixels').waitFor();
  await demo.reaches('converged');
  expect(await demo.fact('hash')).not.toBe(hash);
  await demo.close();
});

test('a broken file: an alert, and the page goes on', async () => {
  const demo = await openDemo(browser, '?tab=colours');
  const { page } = demo;
  await demo.reaches('converged');
  const hash = await demo.fact('hash');
  const jpeg = await readFile('demo/photos/china.jpg');
  const files: [name: string, buffer: Buffer][] = [
    ['broken.jpg', Buffer.from('this is no picture')],
    ['empty.png', Buffer.alloc(0)],
    ['half.jpg', jpeg.subarray(0, 300)],
  ];
  for (const [name, buffer] of files) {
    await page.getByLabel('Choose a photo').setInputFiles({ name, mimeType: 'image/jpeg', buffer });
    expect(await demo.reaches('failed')).toBe('failed');
    expect(await page.getByRole('alert').textContent()).toContain('could not be read as a picture');
    // The photo before is still there.
    await page.getByRole('slider', { name: 'Colours' }).press('ArrowRight');
    expect(await demo.reaches('converged')).toBe('converged');
    expect(await page.locator('#photo-alert').isVisible()).toBe(false);
    await page.getByRole('slider', { name: 'Colours' }).press('ArrowLeft');
    await page.getByText('became 16').waitFor();
    await expect.poll(() => demo.fact('hash'), { timeout: 60_000 }).toBe(hash);
  }
  await demo.close();
});

test('Stop ends a run, Run begins it again', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=128&engine=reference');
  const { page } = demo;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await demo.reaches('running');
  await button('Stop').click();
  await page.getByText(/^Stopped after \d+ iteration/).waitFor();
  expect(await page.evaluate(() => document.body.dataset.state)).toBe('loading');
  await button('Run').click();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('#palette button').count()).toBe(128);
  await demo.close();
});

test('a photo dropped on the other tab, and one pasted', async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  await demo.reaches('converged');
  const bytes = [...(await readFile('demo/photos/flower.jpg'))];
  const give = (type: 'drop' | 'paste', name: string) =>
    page.evaluate(
      ([kind, as, content]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(content)], as, { type: 'image/jpeg' }));
        const options = { bubbles: true, cancelable: true };
        document.body.dispatchEvent(
          kind === 'drop'
            ? new DragEvent('drop', { ...options, dataTransfer: transfer })
            : new ClipboardEvent('paste', { ...options, clipboardData: transfer }),
        );
      },
      [type, name, bytes] as const,
    );
  for (const [type, name] of [
    ['drop', 'dropped.jpg'],
    ['paste', 'pasted.jpg'],
  ] as const) {
    await give(type, name);
    await page.getByText(`${name} · 640 × 427 pixels`).waitFor();
    await demo.reaches('converged');
  }
  // The other tab kept its state.
  await page.getByRole('tab', { name: 'Cluster' }).click();
  expect(await page.evaluate(() => document.body.dataset.state)).toBe('converged');
  await demo.close();
});

test('a click on a colour copies it', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=4', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = demo;
  await demo.reaches('converged');
  const [first] = await page.locator('#palette code').allTextContents();
  await page.locator('#palette button').first().click();
  await page.getByText(`Copied ${first}.`).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  await demo.close();
});
