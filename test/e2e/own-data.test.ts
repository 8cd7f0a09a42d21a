/** The user's own data in the Cluster tab: opened, dropped, pasted, refused, inspected, saved. */
import { readFileSync } from 'node:fs';
import type { Browser, Download, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPoints } from '../../src/io/index.ts';
import { kmeans } from '../../src/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { openDemo } from './demo-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const csv = readFileSync('test/golden/io/duckdb.csv');

/** Names that would do something where they were taken for markup. */
const NAME = '<img src=x onerror=throw>.csv';
const HEAD = 'id,a <b>,b,c\n';

function open(page: Page, name: string, buffer: Buffer): Promise<void> {
  return page.locator('#own-file').setInputFiles({ name, mimeType: '', buffer });
}

async function save(page: Page, what: string): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.locator(`[data-save="${what}"]`).click();
  return readFileSync(await (await (download as Promise<Download>)).path());
}

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test('on a phone: a file, its gaps said, its columns chosen; labels and pictures are saved', async () => {
  const demo = await openDemo(browser, '?n=2000&k=3', PHONE);
  const { page } = demo;
  const alert = page.locator('#alert');
  await demo.reaches('converged');
  const before = await demo.fact('hash');

  // What is no file of data leaves everything as it was.
  await open(page, 'nothing.parquet', Buffer.from('nothing'));
  await alert.getByText('nothing.parquet has 7 bytes').waitFor();
  expect(await demo.fact('hash')).toBe(before);

  // One of fewer points than clusters takes as many as it can, and hands on what was asked for.
  await open(page, 'short.csv', Buffer.from('a,b\n1,2\n3,5\n'));
  await page.waitForURL(/k=2\b/);
  await page.getByText('CSV, 2 columns, 2 rows').waitFor();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');

  await open(page, 'mine.csv', csv);
  await alert.getByText("mine.csv lacks a number in row 4, column 'gaps'").waitFor();
  expect(await demo.reaches('failed')).toBe('failed');
  await page.getByLabel('Missing values').selectOption('label');
  await page.getByText('40 rows of which 8 lack a number and get label −1').waitFor();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await alert.isVisible()).toBe(false);
  const read = await readPoints(csv, { id: 'id', missing: 'label' });
  const here = await kmeans(read.points, 3, { seed: 1 });
  expect(await demo.fact('hash')).toBe(here.hash);
  expect(new URL(page.url()).search).toContain('board=own');

  // Another column of the same file, then all that it has with labels beside it.
  await page.getByRole('checkbox', { name: 'gaps' }).uncheck();
  await page.getByText(/^40 points/).waitFor();
  expect(await demo.reaches('converged')).toBe('converged');
  const whole = await readPoints(csv, { columns: ['whole', 'single'], id: 'id' });
  const both = await kmeans(whole.points, 3, { seed: 1 });
  await expect.poll(() => demo.fact('hash')).toBe(both.hash);
  await page.locator('#save summary').click();
  const lines = (await save(page, 'labels.csv')).toString().trim().split('\n');
  expect(lines[0]).toBe('id,whole,single,gaps,grp,label');
  expect(lines.slice(1).map((line) => Number(line.split(',').at(-1)))).toEqual([...both.labels]);
  const json = JSON.parse((await save(page, 'centroids.json')).toString()) as { hash: string };
  expect(json.hash).toBe(both.hash);
  const labels = await save(page, 'labels.npy');
  expect([
    ...new Int32Array(
      labels.buffer.slice(
        labels.byteOffset + labels.length - 160,
        labels.byteOffset + labels.length,
      ),
    ),
  ]).toEqual([...both.labels]);
  const svg = (await save(page, 'picture.svg')).toString();
  expect(svg).toContain('stroke-linecap="round"');
  expect((await save(page, 'picture.png')).subarray(1, 4).toString()).toBe('PNG');
  await page.getByText('Saved as mine-picture.png').waitFor();

  // Nothing is wider than the window, and every control has a name.
  await page.locator('#code summary').click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const tree = await page.locator('#cluster .side').ariaSnapshot();
  const controls = tree.match(/^ *- (button|checkbox|combobox|radio|slider).*/gm) ?? [];
  expect(controls.length).toBeGreaterThan(30);
  for (const control of controls) expect(control).toMatch(/- \w+ "[^"]+"/);
  await demo.close();
});

test('dropped and pasted rows; names are text; what lies where; the same as code', async () => {
  const demo = await openDemo(browser, '?tab=colours&photo=flower');
  const { page } = demo;
  await demo.reaches('converged');
  const rows = Array.from({ length: 60 }, (_, i) => `r${i},${i % 3},${10 * (i % 3)},${i / 60}\n`);
  await page.evaluate(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name));
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    },
    [NAME, HEAD + rows.join('')],
  );
  await page.getByText('60 points of 3 columns, drawn on the first two').waitFor();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  expect(await page.locator('#own-name').textContent()).toBe(NAME);
  await page.getByLabel('Across').selectOption('a <b>');
  await page.getByText('60 points of 3 columns, drawn on a <b> and b').waitFor();
  const hash = await demo.fact('hash');
  expect(hash).toMatch(/^[0-9a-f]{16}$/);

  // The middle column of points, and the middle of the picture.
  await page.locator('#stage').focus();
  await expect
    .poll(async () => {
      await page.keyboard.press('i');
      return page.locator('#tip').textContent();
    })
    .toMatch(/^r\d+ \(row \d+\), cluster \d+a <b>1b10c0/);
  expect(await page.locator('#pin').isVisible()).toBe(true);

  await page.locator('#code summary').click();
  await page.locator('#language').getByText('Python').click();
  await page.getByText('From the same first centroids').waitFor();
  expect(await page.locator('#snippet').textContent()).toContain(`pd.read_csv("${NAME}")`);

  // From a spreadsheet: cells between tabs.
  await page.getByRole('slider', { name: 'Clusters' }).fill('2');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '1\t2\n3\t4\n50\t60\n');
    document.body.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true }),
    );
  });
  await page.getByText('CSV, 2 columns, 3 rows').waitFor();
  expect(await demo.reaches('converged', 'failed')).toBe('converged');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.waitForURL(/board=gaussian/);
  expect(await page.locator('#own').isVisible()).toBe(false);
  await demo.close();
});

test('own data on chosen axes, by angle: looked back at, picked out, and begun from placed centroids', async () => {
  const wine = readFileSync('demo/data/wine.csv');
  const { points } = await readPoints(wine);
  const options = { seed: 1, metric: 'cosine' } as const;
  const demo = await openDemo(browser, '?n=2000&k=3&metric=cosine');
  const { page } = demo;
  await demo.reaches('converged');
  await open(page, 'wine.csv', wine);
  await page.getByText('178 points of 13 columns, drawn on the first two').waitFor();
  await demo.reaches('converged');
  const { iterations, history, sizes } = await kmeans(points, 3, options);
  expect(await page.locator('#moment').inputValue()).toBe(String(iterations));

  // What was looked at stays on the screen where the axes become others.
  await page.locator('#moment').press('Home');
  await page.keyboard.press('ArrowRight');
  await page.getByText(`after 1 of ${iterations} iterations`).waitFor();
  await page.getByLabel('Across').selectOption('hue');
  await page
    .getByText(`drawn on hue and malic acid, after 1 of ${iterations} iterations`)
    .waitFor();
  expect(await page.locator('#moment-moved').textContent()).toBe(String(history[0].moved));
  await page.locator('.tools').getByText('Lasso', { exact: true }).click();
  await page.getByRole('button', { name: 'Take what is in view' }).click();
  await page.getByText('178 points of 178 drawn (100 %), from 3 clusters.').waitFor();
  await page.getByRole('rowheader', { name: 'alcohol', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForFunction(
    (end) => document.querySelector<HTMLInputElement>('#moment')!.value === end,
    String(iterations),
  );
  const spread = `${Math.min(...sizes)} to ${Math.max(...sizes)} points`;
  await page.locator(`#sizes[aria-label$="${spread}"]`).waitFor();

  await page.locator('.tools').getByText('Centroids', { exact: true }).click();
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText('Stopped at 4 centroids placed by hand').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await demo.reaches('converged');
  const code = (await page.locator('#snippet').textContent()) ?? '';
  const init = [...code.matchAll(/^ {2}\[(.*)\],$/gm)].map(([, row]) => row.split(',').map(Number));
  expect(init[3]).toHaveLength(13);
  const placed = await kmeans(points, 4, { ...options, init });
  expect(await demo.fact('hash')).toBe(placed.hash);
  // In another language the same rows.
  await page.locator('#code summary').click();
  await page.locator('#language').getByText('Python').click();
  await page.locator('#snippet').getByText('starts = np.array').waitFor();
  await demo.close();
});
