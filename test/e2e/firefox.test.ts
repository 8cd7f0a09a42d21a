/**
 * The page in a Firefox as people have it. What it finds is what Node finds, to the bit, whichever engine
 * it takes; on machines without a graphics card that is WebAssembly.
 */
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { ensureFirefox } from '../../tools/firefox.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: ensureFirefox(),
    headless: true,
  });
});
afterAll(() => browser.close());

/** Opens the page; what it complains about is asked for at the end. */
async function open(search: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(inject('demoUrl') + search);
  return { page, complaints };
}

const converged = (page: Page) =>
  page.waitForFunction(() => ['converged', 'failed'].includes(document.body.dataset.state ?? ''));

const fact = (page: Page, name: string) =>
  page.$eval(`.panel:not([hidden]) [data-fact=${name}]`, ({ textContent }) => textContent);

test('clusters to the bits of Node', async () => {
  const { page, complaints } = await open('?n=100000&k=16&seed=3');
  await converged(page);
  const expected = await kmeans(gaussianBoard(100_000, 16, { seed: 3 }), 16, {
    seed: 3,
    engine: 'reference',
  });
  expect(await fact(page, 'hash')).toBe(expected.hash);
  expect(complaints).toEqual([]);
  await page.close();
});

test('reduces the colours of a photo, and opens the manual', async () => {
  const { page, complaints } = await open('?tab=colours&colours=8');
  await converged(page);
  expect(await page.$$eval('.swatch', (swatches) => swatches.length)).toBe(8);
  await Promise.all([page.waitForNavigation(), page.click('a.manual')]);
  expect(await page.$eval('h2', ({ textContent }) => textContent)).toContain('Two commands');
  expect(complaints).toEqual([]);
  await page.close();
});
