/**
 * How the page looks, against pictures that are kept: an eighth of the size, by averages, so that fonts and smooth
 * edges do not count, and a panel that is missing, out of place or of another colour does.
 *
 * `UPDATE_LOOKS=1` keeps what is seen now. What differs is left below build/looks/.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { decode, encode } from 'fast-png';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { openDemo } from './demo-page.ts';

const SHRINK = 8;
/** A block of the small picture is compared by its mean, of so many small pixels a side. */
const BLOCK = 5;
/** Largest difference of a block, of 255, as the mean of its channels. */
const MOST = 9;

const KEPT = 'test/e2e/looks';
const SEEN = 'build/looks';

interface Look {
  width: number;
  height: number;
  /** Red, green and blue of every pixel. */
  data: Uint8Array;
}

const SCREENS: Record<string, BrowserContextOptions> = {
  'desktop-light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'phone-dark': {
    ...{ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    colorScheme: 'dark',
  },
};

/** Of each tab, its address and parts that must be missed when they are gone. */
const TABS = {
  cluster: { search: '?board=iris', parts: ['.side', '#stage', '#inertia-chart'] },
  colours: { search: '?tab=colours&colours=8', parts: ['.side', '#compare', '#palette'] },
  race: { search: '?tab=race&case=T2', parts: ['#race-form', '#race-who'] },
} as const;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Times and machines, which are others every time. */
const CHANGING = '[data-fact=time], [data-fact=pace], [data-fact=adapter], #race-machine dd';

/** What the window shows, small. */
async function look(page: Page): Promise<Look> {
  await page.locator(CHANGING).evaluateAll((all) => all.forEach((of) => (of.textContent = '1 ms')));
  const { width, height, channels, data } = decode(await page.screenshot());
  const small = {
    width: Math.ceil(width / SHRINK),
    height: Math.ceil(height / SHRINK),
  };
  return { ...small, data: averages({ width, height, channels, data }, SHRINK) };
}

/** Means over squares of pixels; those at the right and lower edges may be cut. */
function averages(
  {
    width,
    height,
    channels,
    data,
  }: Omit<Look, 'data'> & { channels: number; data: ArrayLike<number> },
  side: number,
): Uint8Array {
  const means: number[] = [];
  for (let top = 0; top < height; top += side)
    for (let left = 0; left < width; left += side)
      for (let channel = 0; channel < 3; channel++) {
        let [sum, count] = [0, 0];
        for (let y = top; y < Math.min(height, top + side); y++)
          for (let x = left; x < Math.min(width, left + side); x++, count++)
            sum += data[channels * (y * width + x) + channel];
        means.push(Math.round(sum / count));
      }
  return Uint8Array.from(means);
}

/** The largest mean absolute difference of a block; infinite where the sizes differ. */
function difference(a: Look, b: Look): number {
  if (a.width !== b.width || a.height !== b.height) return Infinity;
  const { width, height } = a;
  const gaps = a.data.map((value, at) => Math.abs(value - b.data[at]));
  const blocks = averages({ width, height, channels: 3, data: gaps }, BLOCK);
  let most = 0;
  for (let at = 0; at < blocks.length; at += 3)
    most = Math.max(most, (blocks[at] + blocks[at + 1] + blocks[at + 2]) / 3);
  return most;
}

const asPng = ({ width, height, data }: Look) => encode({ width, height, data, channels: 3 });

async function kept(name: string): Promise<Look> {
  const { width, height, data } = decode(await readFile(`${KEPT}/${name}.png`));
  return { width, height, data: Uint8Array.from(data) };
}

for (const [tab, { search, parts }] of Object.entries(TABS))
  for (const [screen, options] of Object.entries(SCREENS))
    test(`${tab}, ${screen}: as it was, and faults are noticed`, async () => {
      const name = `${tab}-${screen}`;
      const demo = await openDemo(browser, search, { ...options, reducedMotion: 'reduce' });
      const { page } = demo;
      if (tab === 'race') await page.locator('#race-machine').getByText('software, no').waitFor();
      else expect(await demo.reaches('converged', 'failed')).toBe('converged');
      if (tab === 'cluster') await page.locator('#inertia-chart canvas').waitFor();
      if (process.env['UPDATE_LOOKS']) {
        await page.waitForTimeout(1000); // whatever comes late
        await mkdir(KEPT, { recursive: true });
        await writeFile(`${KEPT}/${name}.png`, asPng(await look(page)));
      }
      const before = await kept(name);
      let seen = await look(page);
      for (let i = 0; i < 10 && difference(before, seen) > MOST; i++) {
        await page.waitForTimeout(100);
        seen = await look(page);
      }
      if (difference(before, seen) > MOST) {
        await mkdir(SEEN, { recursive: true });
        await writeFile(`${SEEN}/${name}.png`, asPng(seen));
      }
      expect(difference(before, seen), `now: ${SEEN}/${name}.png`).toBeLessThanOrEqual(MOST);

      // Letters that are drawn a little bolder, as another machine may draw them, are no fault.
      const letters = page.locator('body');
      await letters.evaluate((body) => (body.style.webkitTextStroke = '0.2px'));
      expect(difference(before, await look(page))).toBeLessThanOrEqual(MOST);
      await letters.evaluate((body) => (body.style.webkitTextStroke = ''));

      const faults = [
        ...parts.map((part) => [part, 'opacity: 0']),
        ['', 'translate: 24px'],
        ['', 'filter: invert(0.1)'],
      ];
      let noticed = 0;
      for (const [part, fault] of faults) {
        const element = page.locator(`#${tab} ${part}`.trim()).first();
        const box = await element.boundingBox({ timeout: 1000 });
        if (!box || box.y > page.viewportSize()!.height - 100) continue; // further down
        noticed++;
        await element.evaluate((of: HTMLElement, style) => (of.style.cssText = style), fault);
        const off = difference(before, await look(page));
        expect(off, `${part} ${fault}`).toBeGreaterThan(MOST);
        await element.evaluate((of: HTMLElement) => (of.style.cssText = ''));
      }
      expect(noticed).toBeGreaterThan(2);
      await demo.close();
    });
