/** The Colours tab: pictures from everywhere, every control, files out, and what is no picture. */
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { coloursOn, openDemo, paletteOf, shrinkPhotos, type DemoPage } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser(['--use-fake-device-for-media-stream']);
});
afterAll(() => browser.close());

/** A change is made, and worked in, however quickly. */
async function settled(demo: DemoPage, change: () => Promise<unknown>): Promise<void> {
  await demo.page.evaluate(() => (document.body.dataset.state = 'before'));
  await change();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
}

const slide = (demo: DemoPage, colours: number) =>
  settled(demo, () => demo.page.getByRole('slider', { name: 'Colours' }).fill(String(colours)));

async function download({ page }: DemoPage, name: string) {
  const begun = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  const file = await begun;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** A red pixel, then a blue one. */
const TWO_FRAMES =
  'R0lGODlhAQABAPAAAP8AAAAAACH5BAAKAAAAIf8LTkVUU0NBUEUyLjADAQAAACwAAAAAAQABAAACAkQBACH5BAAKAAAALAAAAAABAAEAgAAA/wAAAAICRAEAOw==';

/** Four flat colours and a transparent corner, made by the browser itself. */
const flags = ({ page }: DemoPage) =>
  page.evaluate(async () => {
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

test('both photos, more colours, more quality; what is saved is what is seen', async () => {
  const demo = await openDemo(browser, '?tab=colours');
  const { page } = demo;
  await demo.reaches('converged');
  for (const photo of ['Summer Palace', 'Flower']) {
    if (photo === 'Flower')
      await settled(demo, () => page.getByRole('button', { name: photo }).click());
    const psnr: number[] = [];
    const ssim: number[] = [];
    for (const colours of [16, 64]) {
      if (colours === 64) await slide(demo, 64);
      const before = await coloursOn(demo, 'before');
      const after = await coloursOn(demo, 'after');
      expect([after.width, after.height]).toEqual([640, 427]);
      expect(before.colours.length).toBeGreaterThan(10_000);
      expect(after.colours).toEqual((await paletteOf(demo)).sort());
      expect(after.colours.length).toBe(colours);
      psnr.push(parseFloat(await demo.fact('psnr')));
      ssim.push(parseFloat(await demo.fact('ssim')));
    }
    expect(psnr[0]).toBeGreaterThan(20);
    expect(psnr[1]).toBeGreaterThan(psnr[0] + 2);
    expect(ssim[1]).toBeGreaterThan(ssim[0]);
    if (photo === 'Summer Palace') await slide(demo, 16);
  }
  expect(await page.locator('#picture-name').textContent()).toBe('Flower · vultilion, CC BY 2.0');
  await page.waitForURL(/colours=64&photo=flower/);

  const png = await download(demo, 'Download PNG');
  expect(png.name).toBe('Flower-64-colours.png');
  // The signature, 640 × 427, 8 bits, a palette of 64.
  expect(png.bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([640, 427]);
  expect([...png.bytes.subarray(24, 26)]).toEqual([8, 3]);
  expect(png.bytes.readUInt32BE(33)).toBe(3 * 64);
  expect(await demo.fact('size')).toBe(`${Math.round(png.bytes.length / 1000)} KB`);
  const [first] = await paletteOf(demo);
  for (const [format, content] of [
    ['CSS', first],
    ['JSON', first],
    ['GPL', 'GIMP Palette'],
    ['ASE', 'ASEF'],
  ]) {
    const { name, bytes } = await download(demo, format);
    expect(name).toBe(`Flower-64-colours.${format.toLowerCase()}`);
    expect(bytes.toString('latin1').toLowerCase()).toContain(content.toLowerCase());
  }
  await demo.close();
});

test('a colour is locked, changed and let go; by the keyboard too', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=8', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = demo;
  await demo.reaches('converged');
  const found = await paletteOf(demo);
  const use = page.locator('#swatch-use');
  const swatch = (at: number) => page.locator('.swatch').nth(at);

  // Pointed at it tells of itself, chosen or not.
  await swatch(3).hover();
  expect(await page.locator('#swatch-hex').textContent()).toBe(found[3]);
  expect(await use.textContent()).toMatch(/^[\d.]+ % · [\d,]+ pixels$/);
  await settled(demo, () => swatch(3).click());
  expect((await paletteOf(demo))[0]).toBe(found[3]);
  expect(await swatch(0).getAttribute('aria-pressed')).toBe('true');
  await page.getByRole('button', { name: 'Unlock', exact: true }).waitFor();

  await settled(demo, () => page.getByLabel('Change this colour').fill('#123456'));
  expect((await paletteOf(demo))[0]).toBe('#123456');
  expect((await coloursOn(demo, 'after')).colours).toContain('#123456');
  expect(await page.locator('#image-snippet').textContent()).toContain("lock: ['#123456']");
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('Copied #123456.').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('#123456');

  // One stop for all swatches, arrows between them.
  await page.locator('.swatch[tabindex="0"]').focus();
  await page.keyboard.press('End');
  const last = (await paletteOf(demo))[7];
  expect(await page.locator('#swatch-hex').textContent()).toBe(last);
  await settled(demo, () => page.keyboard.press('Enter'));
  expect((await paletteOf(demo)).slice(0, 2)).toEqual(['#123456', last]);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-colour'))).toBe(last);
  await page.keyboard.press('ArrowLeft');
  await settled(demo, () => page.getByRole('button', { name: 'Unlock', exact: true }).click());
  expect(await paletteOf(demo)).not.toContain('#123456');
  await settled(demo, () => page.getByRole('button', { name: 'Unlock all' }).click());
  expect(await paletteOf(demo)).toEqual(found);

  // The same colours, from dark to light.
  await settled(demo, () => page.getByRole('radio', { name: 'Lightness' }).check({ force: true }));
  expect((await paletteOf(demo)).sort()).toEqual([...found].sort());
  const light = (await paletteOf(demo)).map((colour) => parseInt(colour.slice(3, 5), 16));
  expect(light[0]).toBeLessThan(60);
  expect(light[7]).toBeGreaterThan(200);
  await page.waitForURL(/sort=lightness/);
  await demo.close();
});

test('every dither and every space is another picture; a number beyond the slider', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=6', {}, shrinkPhotos);
  const { page } = demo;
  await demo.reaches('converged');
  const seen = async () =>
    `${await demo.fact('psnr')} ${await demo.fact('ssim')} ${await demo.fact('size')}`;
  const pictures = [await seen()];
  for (const [list, names] of [
    ['Dither', ['Floyd–Steinberg', 'Atkinson', 'Bayer', 'Blue noise', 'None']],
    ['Colour space', ['sRGB', 'Linear RGB', 'CIELAB']],
  ] as const)
    for (const name of names) {
      await settled(demo, () => page.getByLabel(list).selectOption({ label: name }));
      pictures.push(await seen());
    }
  // None is what it was.
  expect(pictures.splice(5, 1)).toEqual([pictures[0]]);
  expect(new Set(pictures).size).toBe(pictures.length);
  await page.waitForURL(/space=lab/);
  await settled(demo, () => page.getByLabel('Number of colours').fill('2000'));
  expect(await page.locator('#palette-size').textContent()).toMatch(
    /^(2,000|1,99\d) colours$/, // two may round to the same bytes
  );
  await page.getByText('The first 512 of').waitFor();
  expect(await page.locator('.swatch').count()).toBe(512);
  await demo.close();
});

test("the user's own: chosen, dropped on the other tab, pasted", async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  await demo.reaches('converged');
  const give = (type: 'drop' | 'paste', name: string, bytes: number[]) =>
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
  const jpeg = [...(await readFile('demo/photos/flower.jpg'))];
  for (const [type, name] of [
    ['drop', 'dropped.jpg'],
    // Not markup.
    ['paste', '<b>pasted</b>.jpg'],
  ] as const) {
    await give(type, name, jpeg);
    await expect.poll(() => page.locator('#picture-name').textContent()).toBe(name);
    await demo.reaches('converged');
  }
  const buffer = Buffer.from(await flags(demo));
  await page
    .getByLabel('Open a picture')
    .setInputFiles({ name: 'flags.png', mimeType: 'image/png', buffer });
  await page.getByText('60 × 40 pixels · 5 colours').waitFor();
  await demo.reaches('converged');
  expect((await paletteOf(demo)).sort()).toEqual([
    ...['#00000000', '#0000ff', '#00ff00', '#ff0000', '#ffffff'],
  ]);
  await page.getByText('The picture has only 5 colours').waitFor();
  expect(await demo.fact('psnr')).toBe('exact');
  // Of two frames the second is not passed over in silence.
  const moving = {
    name: 'moving.gif',
    mimeType: 'image/gif',
    buffer: Buffer.from(TWO_FRAMES, 'base64'),
  };
  await page.getByLabel('Open a picture').setInputFiles(moving);
  await page.getByText('It moves: only its first frame is taken.').waitFor();
  // The other tab kept its state.
  await page.getByRole('tab', { name: 'Cluster' }).click();
  expect(await page.evaluate(() => document.body.dataset.state)).toBe('converged');
  await demo.close();
});

test('without leave to use the camera, an alert; with it, a still', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=4', { permissions: [] }, shrinkPhotos);
  const { page } = demo;
  await demo.reaches('converged');
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByText('The camera was refused').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('open a file');
  expect(await page.getByRole('dialog').isVisible()).toBe(false);
  await page.context().grantPermissions(['camera']);
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await page.getByText('camera.png').waitFor();
  await demo.reaches('converged');
  expect((await coloursOn(demo, 'before')).colours.length).toBeGreaterThan(2);
  expect(await page.getByRole('dialog').isVisible()).toBe(false);
  await demo.close();
});

test('what is no picture: an alert, and the page goes on', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=4', {}, shrinkPhotos);
  const { page } = demo;
  await demo.reaches('converged');
  const found = await paletteOf(demo);
  const jpeg = await readFile('demo/photos/china.jpg');
  for (const [name, buffer] of [
    ['broken.jpg', Buffer.from('this is no picture')],
    ['empty.png', Buffer.alloc(0)],
    ['half.jpg', jpeg.subarray(0, 300)],
  ] as const) {
    await page.getByLabel('Open a picture').setInputFiles({ name, mimeType: 'image/jpeg', buffer });
    await page.getByRole('alert').waitFor();
    expect(await demo.reaches('failed')).toBe('failed');
    expect(await page.getByRole('alert').textContent()).toContain('could not be read as a picture');
    // The picture before is still there.
    await slide(demo, 5);
    expect(await page.locator('#image-alert').isVisible()).toBe(false);
    await slide(demo, 4);
  }
  expect(await paletteOf(demo)).toEqual(found);
  await demo.close();
});

interface Shown {
  widths: number[];
}

test('a large picture is seen at once, and can be given up', async () => {
  /** Whatever is shown, by its width. */
  const watch = () => {
    const widths: number[] = [];
    Object.assign(globalThis, { widths });
    const { prototype } = ImageBitmapRenderingContext;
    const show = prototype.transferFromImageBitmap;
    prototype.transferFromImageBitmap = function (bitmap) {
      if (bitmap) widths.push(bitmap.width);
      show.call(this, bitmap);
    };
  };
  const demo = await openDemo(browser, '?tab=colours&colours=250&engine=reference', {}, (context) =>
    context.addInitScript(watch),
  );
  const { page } = demo;
  await page.locator('#colours').waitFor();
  // Of very many colours.
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(2100, 300);
    const context = canvas.getContext('2d')!;
    for (const [colour, x, y] of [
      ['red', 2100, 300],
      ['lime', 0, 300],
      ['blue', 1050, 0],
    ] as const) {
      const gradient = context.createRadialGradient(x, y, 0, x, y, 2000);
      gradient.addColorStop(0, colour);
      gradient.addColorStop(1, 'transparent');
      context.globalCompositeOperation = 'lighter';
      context.fillStyle = gradient;
      context.fillRect(0, 0, 2100, 300);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page
    .getByLabel('Open a picture')
    .setInputFiles({ name: 'large.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(png) });
  await page.getByText('2,100 × 300 pixels').waitFor();
  await page.getByRole('progressbar').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled.').waitFor();
  expect(await page.evaluate(() => document.body.dataset.state)).toBe('loading');
  await settled(demo, () => page.getByRole('combobox', { name: 'Engine' }).selectOption('wasm'));
  // Before, at the most that is shown; then a small copy, so that there is something to see.
  const widths = await page.evaluate(() => (globalThis as unknown as Shown).widths);
  const before = widths.indexOf(2048);
  expect(widths[before + 1]).toBe(1449);
  expect(widths.at(-1)).toBe(2048);
  await demo.close();
});
