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

/** Whole seconds are no long time on a machine that does other things as well. */
const PATIENCE = { timeout: 60_000, polling: 50 };

/**
 * A Firefox that is driven can hang where a worker starts a worker, and only then. Whoever listens to workers, as
 * WebDriver BiDi does, is told of each new one while its parent waits for that on the new worker's own condition
 * variable (WorkerPrivate::WaitForIsDebuggerRegistered); one thread is woken (SetIsDebuggerRegistered), and where it
 * is the new worker, which waits for its script there, both wait for ever. Nobody listens where nobody drives or
 * debugs. On two processors, Firefox 153: 6 of 45 visits hung that were driven, 0 of 105 of the same that were not.
 */
const ATTEMPTS = { retry: 2 };

const converged = (page: Page) =>
  page.waitForFunction(
    () => ['converged', 'failed'].includes(document.body.dataset.state ?? ''),
    PATIENCE,
  );

const fact = (page: Page, name: string) =>
  page.$eval(`.panel:not([hidden]) [data-fact=${name}]`, ({ textContent }) => textContent);

test(
  'all pages: clusters to the bits of Node, reduces colours, races, and opens the manual',
  ATTEMPTS,
  async () => {
    const { page, complaints } = await open(
      '?n=20000&seed=3&colours=8&case=T2&rows=1000&who=wasm,reference',
    );
    await converged(page);
    const { hash } = await kmeans(gaussianBoard(20_000, 16, { seed: 3 }), 16, {
      seed: 3,
      engine: 'reference',
    });
    expect(await fact(page, 'hash')).toBe(hash);

    await page.click('#tab-colours');
    await page.waitForSelector('#colours:not([hidden])');
    await converged(page);
    expect(await page.$$eval('.swatch', (swatches) => swatches.length)).toBe(8);

    await page.click('#tab-race');
    await page.waitForSelector('#race:not([hidden])');
    await page.click('#race-run');
    await page.waitForFunction(
      () => document.querySelectorAll('[data-outcome=measured]').length === 2,
      PATIENCE,
    );

    await Promise.all([page.waitForNavigation(), page.click('a.manual')]);
    expect(await page.$eval('h2', ({ textContent }) => textContent)).toContain('Install');
    expect(complaints).toEqual([]);
    await page.close();
  },
);
