/** What can be done with a run in the Cluster tab: look back, place centroids, pick rows, ask for k. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { count, measure } from '../../demo/format.ts';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { openDemo, type DemoPage } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const points = gaussianBoard(5000, 16, { seed: 1 });

function on({ page }: DemoPage) {
  return {
    button: (name: string | RegExp) => page.getByRole('button', { name, exact: true }),
    tool: (name: string) => page.locator('.tools').getByText(name, { exact: true }),
    slider: page.getByRole('slider', { name: 'Iteration' }),
    said: (text: string | RegExp) => page.getByText(text).waitFor(),
    focused: () => page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
  };
}

test('look back by the keyboard, play, and go on to the same result', async () => {
  const here = await kmeans(points, 8, { seed: 1 });
  const { iterations, history } = here;
  const demo = await openDemo(browser, '?n=5000&k=8', { reducedMotion: 'reduce' });
  const { button, slider, said } = on(demo);
  await demo.reaches('converged');
  expect(await demo.page.locator('#status').textContent()).toContain(
    `8 clusters of 5,000 points: the largest has ${count(Math.max(...here.sizes))}`,
  );
  await demo.page.getByRole('img', { name: /^Inertia by iteration: / }).waitFor();
  await slider.focus();
  await demo.page.keyboard.press('Home');
  await said(`5,000 points, after 0 of ${iterations} iterations`);
  await demo.page.keyboard.press('ArrowRight');
  await button('Step').click();
  await button('One iteration on').click();
  await button('One iteration back').click();
  await said(`5,000 points, after 2 of ${iterations} iterations`);
  expect(await slider.getAttribute('aria-valuetext')).toBe(
    `Iteration 2 of ${iterations} · inertia ${measure(history[1].inertia)} · ${count(history[1].moved)} moved`,
  );
  // Clusters as they were then.
  const { sizes } = await kmeans(points, 8, { seed: 1, maxIter: 2 });
  const range = `${count(Math.min(...sizes))} to ${count(Math.max(...sizes))} points`;
  expect(await demo.page.locator('#sizes').getAttribute('aria-label')).toContain(range);
  // Without motion Run goes to the end at once.
  await button('Run').click();
  expect(await slider.inputValue()).toBe(String(iterations));

  // A run that is held goes on from where it is, whatever was looked at.
  await button('Start over').click();
  await said('Stopped at the first centroids');
  await button('Step').click();
  await said('Stopped after 1 iteration.');
  await slider.press('ArrowLeft');
  await said('5,000 points, after 0 of 1 iterations');
  await button('Run').press('Enter');
  await demo.reaches('converged');
  // The keys are where they were: on the button that was off meanwhile.
  expect(await demo.page.evaluate(() => document.activeElement?.id)).toBe('run');
  expect(await demo.fact('hash')).toBe(here.hash);
  await demo.close();
});

test('centroids by pointer and keyboard: the run from there is that of the code it shows', async () => {
  const demo = await openDemo(browser, '?n=5000&k=8');
  const { page } = demo;
  const { button, tool, said, focused } = on(demo);
  await demo.reaches('converged');
  await tool('Centroids').click();
  await button(/^Centroid 8 of 8, cluster 7, [\d,]+ points$/).waitFor();
  await page.locator('#stage').click({ position: { x: 300, y: 320 } });
  await said('Stopped at 9 centroids placed by hand');
  await expect.poll(focused).toMatch(/^Centroid 9 of 9/);
  expect(new URL(page.url()).search).toContain('k=9');

  const third = button(/^Centroid 3 of 9/);
  const before = (await third.boundingBox())!;
  await page.mouse.move(before.x + 15, before.y + 15);
  await page.mouse.down();
  await page.mouse.move(before.x + 55, before.y + 45);
  await page.mouse.up();
  const after = (await third.boundingBox())!;
  expect([after.x - before.x, after.y - before.y].map(Math.round)).toEqual([40, 30]);
  expect(await focused()).toMatch(/^Centroid 3 of 9/);
  await page.keyboard.press('PageDown');
  expect(await focused()).toMatch(/^Centroid 4 of 9/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Delete');
  await said('Stopped at 8 centroids placed by hand');
  await page.keyboard.press('Control+z');
  await said('Stopped at 9 centroids placed by hand');

  await button('Run').click();
  await demo.reaches('converged');
  const code = (await page.locator('#snippet').textContent()) ?? '';
  const rows = [...code.matchAll(/^ {2}\[(.*)\],$/gm)].map(([, row]) => row.split(',').map(Number));
  const here = await kmeans(points, 9, { seed: 1, init: rows });
  expect(await demo.fact('hash')).toBe(here.hash);
  // The address has them: opened anew it comes to the same.
  await page.reload();
  await demo.reaches('converged');
  expect(await demo.fact('hash')).toBe(here.hash);
  const first = page.getByRole('combobox', { name: 'First centroids' });
  expect(await first.inputValue()).toBe('placed');
  // What changes neither points nor their number leaves them in place.
  await page.getByLabel('Equal scale for all columns').check();
  await page.waitForURL(/whiten=1/);
  await demo.reaches('converged');
  const scaled = await kmeans(points, 9, { seed: 1, init: rows, whiten: true });
  expect(await demo.fact('hash')).toBe(scaled.hash);
  await page.getByLabel('Equal scale for all columns').uncheck();
  // Another way of choosing them lets go of these.
  await first.selectOption('auto');
  await page.waitForFunction(() => !document.querySelector('#snippet')!.textContent.includes('['));
  await demo.reaches('converged');
  const { hash } = await kmeans(points, 9, { seed: 1 });
  expect(await demo.fact('hash')).toBe(hash);
  await demo.close();
});

test('rows are picked out, on a phone as well; all of it can be reached', async () => {
  const demo = await openDemo(browser, '?board=iris', {
    viewport: { width: 390, height: 800 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = demo;
  const { button, tool, said } = on(demo);
  await demo.reaches('converged');
  await tool('Lasso').click();
  await button('Take what is in view').click();
  await said('150 points of 150 drawn (100 %), from 3 clusters.');
  expect(await page.getByRole('table', { name: 'Means by column' }).isVisible()).toBe(true);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBe(390);
  // With the pointer: around the left half of the stage.
  await page.evaluate(() => scrollTo(0, 0));
  const { x, y, width, height } = (await page.locator('#stage').boundingBox())!;
  const draw = async (afterwards = async () => {}) => {
    await page.mouse.move(x + 2, y + 60);
    await page.mouse.down();
    await afterwards();
    for (const [right, down] of [
      [width / 2, 60],
      [width / 2, height - 2],
      [2, height - 2],
      [2, height / 2],
    ])
      await page.mouse.move(x + right, y + down);
    await page.mouse.up();
  };
  // Escape ends what is being drawn.
  await draw(() => page.keyboard.press('Escape'));
  expect(await page.locator('.lasso path').getAttribute('d')).toBe('');
  await draw();
  await said(/^\d+ points of 150 drawn \(\d+ %\), from [12] clusters?\.$/);
  await button('Clear').click();
  expect(await page.locator('#inside').isVisible()).toBe(false);
  await demo.close();
});

test('how many clusters: asked, cancelled, asked again, and taken', async () => {
  const demo = await openDemo(browser, '?board=iris');
  const { page } = demo;
  const { button } = on(demo);
  await demo.reaches('converged');
  await button('How many clusters?').click();
  await button('Cancel').click();
  expect(await page.locator('#chosen').isVisible()).toBe(false);
  await button('How many clusters?').click();
  await button(/^2 clusters: \d votes$/).click();
  expect(await page.locator('#chosen .verdict').textContent()).toMatch(
    /^No clear number. 2 has the most votes, \d of \d; /,
  );
  expect(await page.locator('#chosen figure').count()).toBe(9);
  await page.waitForURL(/k=2\b/);
  await demo.reaches('converged');
  expect(await page.locator('#sizes span').count()).toBe(2);
  await demo.close();
});
