/** What all pages have in common: access for everyone, times without a network, the manual. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { dress, openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What axe finds and calls serious or worse, with where. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

test('axe finds nothing serious in the Colours tab, light and dark', async () => {
  const demo = await openDemo(browser, '?tab=colours&colours=8');
  await demo.reaches('converged');
  for (const colorScheme of ['light', 'dark'] as const) {
    await dress(demo.page, colorScheme);
    expect(await barriers(demo.page), colorScheme).toEqual([]);
  }
  await demo.close();
});

test('axe finds nothing serious in the Cluster tab: as it is opened, and where everything is in use, light and dark', async () => {
  const demo = await openDemo(browser, '?board=iris', { colorScheme: 'dark' });
  const { page } = demo;
  await demo.reaches('converged');
  expect(await barriers(page)).toEqual([]);
  const tool = (name: string) => page.locator('.tools').getByText(name, { exact: true });
  await tool('Centroids').click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await dress(page, 'light');
  expect(await barriers(page)).toEqual([]);
  await tool('Lasso').click();
  await page.getByRole('button', { name: 'Take what is in view' }).click();
  await page.locator('#inside table').first().waitFor();
  for (const card of ['#save', '#code']) await page.locator(`${card} summary`).click();
  await page.getByRole('button', { name: 'How many clusters?' }).click();
  await page.locator('#chosen figure').first().waitFor();
  await page.locator('#inertia-chart canvas').waitFor();
  expect(await barriers(page)).toEqual([]);
  await demo.close();
});

test('once loaded it works without a network, whatever the address says', async () => {
  const demo = await openDemo(browser, '?n=2000', { serviceWorkers: 'allow' });
  const { page } = demo;
  await demo.reaches('converged');
  const hash = await demo.fact('hash');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.goto(page.url().replace('n=2000', 'n=3000'));
  await demo.reaches('converged');
  expect(await demo.fact('hash')).not.toBe(hash);
  await page.getByRole('tab', { name: 'Colours' }).click(); // code that was never asked for
  await page.locator('.swatch').first().waitFor();
  await demo.reaches('converged');
  await demo.close();
});

test('the licences of what is built into the page are a link away', async () => {
  const demo = await openDemo(browser, '?n=2000');
  const { page } = demo;
  const link = await page.getByRole('link', { name: 'Licences' }).getAttribute('href');
  const licences = await (await page.request.get(new URL(link!, page.url()).href)).text();
  const files = (await readdir('demo', { recursive: true })).filter((name) => /\.ts$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join('demo', name), 'utf8')));
  const imported = texts
    .join('\n')
    .matchAll(/^import (?!type\b)[^;]* from '((?:@[^/']+\/)?[a-z][^/':]+)'/gm);
  const names = new Set([...imported].map(([, name]) => name));
  names.delete('centroids');
  expect(names.size).toBeGreaterThan(8);
  // the last are inside the files of others
  for (const name of [...names, 'delaunator', 'acorn'])
    expect(licences).toMatch(new RegExp(`^# ${name} .*\n\n.`, 'm'));
  await demo.close();
});

test('axe finds nothing serious in the manual', async () => {
  const demo = await openDemo(browser, 'manual/index.html');
  await demo.page.getByRole('heading', { name: 'Quick start' }).waitFor();
  expect(await barriers(demo.page)).toEqual([]);
  await demo.close();
});
