/** The Race tab, driven as `npm run bench:browser` drives it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driveRace, searchOf } from '../../bench/browser/race.ts';
import { findCases } from '../../bench/cases.ts';
import { firstCentroids, makePoints } from '../../bench/data.ts';
import type { RaceMeasurement, RaceReport } from '../../demo/race/messages.ts';
import { kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

function of(report: RaceReport, id: string): RaceMeasurement {
  return report.runs.find((run) => run.id === id)!.measurement;
}

test('engines and libraries side by side: the bits of Node, every answer checked, phases apart', async () => {
  const address = { case: 'T2', who: 'webgpu,wasm-1,reference,ml-kmeans,gpu.js-cpu', seed: '5' };
  const demo = await openDemo(browser, searchOf(address));
  const { page } = demo;
  const report = await driveRace(page);
  const [given] = findCases(['T2']);
  const points = makePoints(given, 5);
  const { hash, iterations } = await kmeans(points, given.k, {
    ...{ init: firstCentroids(points, given.k, 5), maxIter: 20, tol: 0, engine: 'reference' },
  });
  for (const id of ['webgpu', 'wasm-1', 'reference'])
    expect(of(report, id)).toMatchObject({ outcome: 'measured', hash, iterations, repeats: 3 });
  for (const id of ['ml-kmeans', 'gpu.js-cpu'])
    expect(of(report, id)).toMatchObject({ outcome: 'measured', hash: null, iterations });
  for (const { measurement } of report.runs) {
    if (measurement.outcome !== 'measured') throw new Error(measurement.outcome);
    const { prepare, upload, compute, readBack } = measurement.phases;
    const parts = (prepare ?? 0) + (upload ?? 0) + compute + (readBack ?? 0);
    expect(parts).toBeLessThan(2 * measurement.fit.most + 1);
  }
  // others may be over between two ticks of the page's clock
  const slow = of(report, 'webgpu') as RaceMeasurement & { outcome: 'measured' };
  expect(slow.phases.compute).toBeGreaterThan(0);
  const gpu = page.locator('[data-contestant=webgpu]');
  expect(await gpu.textContent()).toContain('software, no GPU: ');
  expect(page.url()).toContain('case=T2');
  await demo.close();
});

test('at all sizes: a chart, the same as a table, for everyone and on a phone', async () => {
  const demo = await openDemo(
    browser,
    searchOf({ case: 'T1', rows: '10000', sizes: 'all', who: 'wasm-1,ml-kmeans' }),
  );
  const { page } = demo;
  const report = await driveRace(page);
  expect(report.runs.map(({ id, rows }) => `${id} ${rows}`)).toEqual(
    [1000, 3000, 10_000].flatMap((rows) => [`wasm-1 ${rows}`, `ml-kmeans ${rows}`]),
  );
  const table = page.getByRole('table', { name: 'Milliseconds' });
  expect(await table.getByRole('columnheader').allTextContents()).toEqual(
    expect.arrayContaining(['1 K', '3 K', '10 K']),
  );
  expect(await page.locator('#race-leaders').textContent()).toMatch(/^Fastest: /);
  expect(await page.locator('.race-chart canvas').isVisible()).toBe(true);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).include('#race').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(100); // the chart follows
  const beyond = await page
    .locator('#race *:not(.race-scroll *)')
    .evaluateAll((all) =>
      all
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 80)),
    );
  expect(beyond).toEqual([]);
  await demo.close();
});

test('who is too slow is not begun, who may not run says why, and a race can be stopped', async () => {
  const address = { case: 'C6-uniform', rows: '100000', who: 'ml-kmeans,gpu.js-cpu' };
  const demo = await openDemo(browser, searchOf(address));
  const { page } = demo;
  await page.route(/race-worker/, async (route) => {
    const response = await route.fetch();
    const policy = "script-src 'self' 'wasm-unsafe-eval'";
    const headers = { ...response.headers(), 'content-security-policy': policy };
    await route.fulfill({ response, headers });
  });
  const report = await driveRace(page);
  expect(of(report, 'ml-kmeans')).toMatchObject({
    outcome: 'too long',
    reason: expect.stringMatching(/^a fit would take about [\d,]+ s, going by /) as string,
  });
  expect(of(report, 'gpu.js-cpu')).toMatchObject({
    outcome: 'unavailable',
    reason: expect.stringContaining('Content-Security-Policy') as string,
  });
  await page.getByRole('checkbox', { name: 'WebAssembly, 1 thread' }).check();
  await page.getByRole('button', { name: 'Race', exact: true }).click();
  await page.locator('[data-outcome=running]').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped. Race goes on').waitFor();
  const row = page.locator('[data-contestant=wasm-1]');
  expect(await row.getAttribute('data-outcome')).toBe('waiting');
  await demo.close();
});
