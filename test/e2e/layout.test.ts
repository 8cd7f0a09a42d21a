/** The page as a thing to look at and to reach: phones, keyboard, no WebGL. Names of controls are axe's (`site.test.ts`). */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { openDemo, type DemoPage } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** Nothing is wider than the window, even where it would be cut off; code may scroll. */
async function fits({ page }: DemoPage): Promise<void> {
  const widths = () =>
    page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      window: innerWidth,
      beyond: [...document.querySelectorAll('main *:not(pre *)')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 80)),
    }));
  const { width } = page.viewportSize()!;
  // Charts are drawn anew a moment after the window is another.
  await expect.poll(widths).toEqual({ page: width, window: width, beyond: [] });
}

test('every board fits on a phone', async () => {
  const demo = await openDemo(browser, '?n=2000', PHONE);
  const { page } = demo;
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  await fits(demo);
  for (const [board, columns] of [
    ['iris', 4],
    ['digits', 64],
    ['wine', 13],
  ] as const) {
    await page.locator('#board').selectOption(board);
    await page.getByText(new RegExp(`points of ${columns} columns`)).waitFor();
    await demo.reaches('converged');
    await fits(demo);
  }
  await page.getByLabel('Equal scale for all columns').check();
  await page.waitForURL(/whiten=1/);
  await demo.reaches('converged');
  await fits(demo);
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(demo);
  await demo.close();
});

test('many colours fit on a phone', async () => {
  const demo = await openDemo(browser, '?tab=colours&photo=flower&colours=256', PHONE);
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  await fits(demo);
  await demo.close();
});

test('tabs by the keyboard, each in the address, each with its state', async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  await demo.reaches('converged');
  await page.getByRole('tab', { name: 'Cluster' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL(/tab=colours/);
  expect(await page.getByRole('tab', { name: 'Colours' }).getAttribute('aria-selected')).toBe(
    'true',
  );
  expect(await page.locator('#cluster').isVisible()).toBe(false);
  await demo.reaches('converged');
  await page.locator('#split').focus();
  await page.keyboard.press('End');
  expect(await page.locator('#compare').getAttribute('style')).toContain('--split: 100%');
  await demo.close();
});

test('without WebGL the points are missing, and it says so; the rest works', async () => {
  const plain = await launchBrowser(['--disable-gpu', '--disable-software-rasterizer']);
  const demo = await openDemo(plain, '?n=2000');
  const { page } = demo;
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('.dots').getAttribute('d')).toMatch(/^M/);
  await page.getByText('no WebGL').waitFor();
  await demo.close();
  await plain.close();
});
