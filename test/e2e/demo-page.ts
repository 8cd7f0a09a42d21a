/** The demo in a real browser, watched: whatever it complains about fails the test that closes it. */
import { encode } from 'fast-png';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright';
import { expect, inject } from 'vitest';

export interface DemoPage {
  page: Page;
  /** Waits for one of these states of the tab in view. */
  reaches(...states: string[]): Promise<string>;
  fact(name: string): Promise<string>;
  /** Closes the page; fails if there were errors, refused resources or requests to elsewhere. */
  close(): Promise<void>;
}

const MINUTES = 60_000;

/**
 * Opens the built demo with these address parameters; `prepare` comes before the page's own scripts. `url` is of
 * another server than the plain one.
 */
export async function openDemo(
  browser: Browser,
  search = '',
  options: BrowserContextOptions = {},
  prepare: (context: BrowserContext) => Promise<unknown> = () => Promise.resolve(),
  url = inject('demoUrl'),
): Promise<DemoPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    serviceWorkers: 'block', // every test has the page as it is at a first visit
    ...options,
  });
  await prepare(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('console', (message) => {
    // A policy violation is reported here as well.
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, origin: to } = new URL(request.url());
    if (protocol.startsWith('http') && to !== origin)
      complaints.push(`request to elsewhere: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // What is on its way when a page is left or closed is let go by the browser.
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') complaints.push(`failed (${reason}): ${request.url()}`);
  });
  await page.goto(url + search);
  return {
    page,
    async reaches(...states) {
      const handle = await page.waitForFunction(
        (wanted) => {
          const { state } = document.body.dataset;
          return state !== undefined && wanted.includes(state) && state;
        },
        states,
        { timeout: 4 * MINUTES },
      );
      return String(await handle.jsonValue());
    },
    async fact(name) {
      const text = await page.locator(`.panel:not([hidden]) [data-fact=${name}]`).textContent();
      return text ?? '';
    },
    async close() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** A file of a picture of very many colours: a small one is worked in at once. */
export function pictureOf(name: string, width: number, height: number) {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    return [5 * x, 7 * y, 3 * (x ^ y)][at % 3];
  });
  const buffer = Buffer.from(encode({ width, height, data, channels: 3 }));
  return { name, mimeType: 'image/png', buffer };
}

/** The page's photos are small pictures: where controls are the point, and not what comes of 270 000 pixels. */
export function shrinkPhotos(context: BrowserContext): Promise<unknown> {
  const { mimeType, buffer } = pictureOf('', 80, 60);
  return context.route(/\.jpg$/, (route) => route.fulfill({ contentType: mimeType, body: buffer }));
}

/** Sorted colours of a canvas, and its size. */
export function coloursOn({ page }: DemoPage, id: 'before' | 'after') {
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

/** Colours of the palette in the order they are shown in. */
export const paletteOf = ({ page }: DemoPage) =>
  page
    .locator('.swatch')
    .evaluateAll((swatches) => swatches.map((swatch) => (swatch as HTMLElement).dataset.colour!));

/** How many colours a part of the page shows, looked up in a picture of it. */
export async function coloursIn(part: Locator): Promise<number> {
  const picture = await part.screenshot();
  return part.page().evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, picture.toString('base64'));
}

/** Light or dark, once colours are no longer in transition: axe would find contrasts of the moment. */
export async function dress(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(changing.map(({ finished }) => finished));
  });
}
