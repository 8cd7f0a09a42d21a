/** The page as a thing to look at and to reach: phones, keyboard, names, no WebGL. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test.each([
  '?n=2000',
  '?tab=colours&photo=flower&colours=256',
  '?board=iris',
  '?board=wine&whiten=1',
  '?board=wine',
  '?board=digits',
])('%s fits on a phone', async (search) => {
  const demo = await openDemo(browser, search, PHONE);
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  const widths = await demo.page.evaluate(() => ({
    page: document.documentElement.scrollWidth,
    window: innerWidth,
    // Nothing is wider than the window, even where it would be cut off; code may scroll.
    beyond: [...document.querySelectorAll('main *:not(pre *)')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 80)),
  }));
  expect(widths).toEqual({ page: 360, window: 360, beyond: [] });
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

test('every control has a name', async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  for (const tab of ['Cluster', 'Colours']) {
    await page.getByRole('tab', { name: tab }).click();
    await demo.reaches('converged');
    for (const control of await page.locator('button, input, select').all()) {
      if (!(await control.isVisible())) continue;
      const tree = await control.ariaSnapshot();
      expect(tree, await control.evaluate((element) => element.outerHTML)).toMatch(/^- \w+ ".+"/);
    }
  }
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
