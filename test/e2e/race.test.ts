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
import { dress, openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

function of(report: RaceReport, id: string): RaceMeasurement {
  return report.runs.find((run) => run.id === id)!.measurement;
}

test('engines and libraries side by side: the bits of Node, every answer checked, phases apart', async () => {
  const ours = ['webgpu', 'wasm-1', 'reference'];
  const others = ['ml-kmeans', 'gpu.js-webgpu', 'gpu.js', 'gpu.js-wasm', 'gpu.js-cpu'];
  const who = [...ours, ...others].join();
  const demo = await openDemo(browser, searchOf({ case: 'T2', who, seed: '5' }));
  const { page } = demo;
  const report = await driveRace(page);
  const [given] = findCases(['T2']);
  const points = makePoints(given, 5);
  const { hash, iterations } = await kmeans(points, given.k, {
    ...{ init: firstCentroids(points, given.k, 5), maxIter: 20, tol: 0, engine: 'reference' },
  });
  for (const id of ours)
    expect(of(report, id)).toMatchObject({ outcome: 'measured', hash, iterations, repeats: 3 });
  for (const id of others)
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
  for (const id of ['webgpu', 'gpu.js-webgpu', 'gpu.js']) {
    const gpu = page.locator(`[data-contestant="${id}"]`);
    expect(await gpu.textContent()).toMatch(/software, no GPU: (?!.*\(software\))/);
  }
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
    await dress(page, colorScheme);
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

test('by keyboard: a seed that is none is told, and the address reproduces the race', async () => {
  const demo = await openDemo(browser, searchOf({ case: 'T1', rows: '3000', who: 'wasm-1' }));
  const { page } = demo;
  await page.getByLabel('All smaller sizes').press('Space');
  const seed = page.getByRole('spinbutton', { name: 'Seed' });
  await seed.fill('7.5');
  await seed.press('Enter');
  await page
    .getByRole('alert')
    .getByText('seed is 7.5; expected a whole number from 0 to 4,294,967,295')
    .waitFor();
  expect(await page.locator('[data-outcome=waiting]').count()).toBe(1);
  await seed.fill('7');
  await seed.press('Enter');
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  await page.locator('#race-run:focus').waitFor();
  expect(await page.locator('#race-alert').isVisible()).toBe(false);
  const again = await openDemo(browser, new URL(page.url()).search);
  const { options, runs } = await driveRace(again.page);
  expect(options.seed).toBe(7);
  const [given] = findCases(['T1']);
  for (const { rows, measurement } of runs) {
    const points = makePoints({ ...given, rows }, 7);
    const init = firstCentroids(points, given.k, 7);
    const { hash } = await kmeans(points, given.k, { init, maxIter: 20, tol: 0 });
    expect(measurement).toMatchObject({ hash });
  }
  expect(runs.map(({ rows }) => rows)).toEqual([1000, 3000]);
  // all have run: once more, from the start
  const { runs: more } = await driveRace(again.page);
  expect(more.map(({ rows }) => rows)).toEqual([1000, 3000]);
  expect(more).not.toEqual(runs);
  expect(await again.page.locator('#race-sizes-region tbody td').allTextContents()).toHaveLength(2);
  await demo.close();
  await again.close();
});

/** Without workers; and what the page and those who race on it say to each other. */
const eavesdrop = () => {
  Object.defineProperty(globalThis, 'Worker', { value: undefined });
  const said: string[] = [];
  Object.assign(globalThis, { said });
  const send = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'postMessage')!.value as (
    ...args: unknown[]
  ) => void;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...args: unknown[]) {
    const message = args[0] as { type?: string; measurement?: RaceMeasurement } | null;
    if (message?.type) said.push(`${message.type} ${message.measurement?.outcome ?? ''}`.trim());
    send.apply(this, args);
  };
};

test('on the page, where workers are blocked: Stop ends the fit under way, and waits until it has ended', async () => {
  const address = searchOf({ case: 'C2-uniform', rows: '100000', who: 'reference' });
  const demo = await openDemo(browser, address, {}, (context) => context.addInitScript(eavesdrop));
  const { page } = demo;
  await page.getByRole('button', { name: 'Race', exact: true }).click();
  await page.locator('[data-outcome=running]').waitFor();
  await page.getByText('Workers are blocked here').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped. Race goes on').waitFor();
  // the last word is no measurement
  expect(await page.evaluate(() => (globalThis as unknown as { said: string[] }).said)).toEqual([
    ...['look', 'engines', 'measure', 'stop', 'measured failed'],
  ]);
  expect(await page.locator('[data-outcome=waiting]').count()).toBe(1);
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
