/**
 * Every control of the page, what a user does to it, and what must come of it: tab by tab, in an order in which each
 * finds what it needs. `controls.test.ts` goes through the lists in every environment, and fails where the page has
 * a control that no list names: a new one gets its line here, under a selector of its own.
 *
 * A selector is CSS, with `:text-is("…")` at its end where only a button's words tell it from its neighbours. One for
 * several controls (swatches, rows of a table) is for those that differ only in what they stand for.
 */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright';
import { expect, vi } from 'vitest';
import { makeBoard } from '../../demo/cluster/boards.ts';
import { findCases, scaled } from '../../bench/cases.ts';
import { firstCentroids, makePoints } from '../../bench/data.ts';
import type { RaceReport } from '../../demo/race/messages.ts';
import type { Settings } from '../../demo/settings.ts';
import { kmeans } from '../../src/index.ts';
import { paletteOf, pictureOf, type DemoPage } from './demo-page.ts';

/** What a run's answer follows from. */
type Asked = Pick<Settings, 'board' | 'n' | 'k' | 'seed' | 'init' | 'whiten' | 'metric' | 'tol'>;

/** A page and what was asked of it so far. */
export interface Scene {
  demo: DemoPage;
  page: Page;
  /** The engine that the address names, and whether threads may share memory. */
  engine: 'webgpu' | 'wasm';
  isolated: boolean;
  asked: Asked;
  /** Lets scripts come that the page was opened without. */
  arrive(): void;
}

export type Drives = Record<string, (control: Locator, scene: Scene) => Promise<unknown>>;

// ---- what is waited for ------------------------------------------------------------------------

/** Looks again and again. (`expect.poll` does not know its test where several run at a time.) */
const until = (check: () => Promise<unknown>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 80 });

const says = ({ page }: Scene, text: string | RegExp) =>
  page.getByText(text).filter({ visible: true }).first().waitFor();
const address = ({ page }: Scene) => new URL(page.url()).search;
const copied = ({ page }: Scene) => page.evaluate(() => document.body.dataset.copied);

/** By what was asked: Node answers once for all environments. */
const answers = new Map<string, Promise<string>>();

function answerTo(asked: Asked): Promise<string> {
  const key = JSON.stringify(asked);
  const known = answers.get(key);
  if (known) return known;
  const { board, n, k, tol, ...options } = asked;
  const answer = makeBoard({ board, n, seed: asked.seed })
    .then((points) => kmeans(points, k, { ...options, tol: Number(tol), engine: 'reference' }))
    .then(({ hash }) => hash);
  answers.set(key, answer);
  return answer;
}

/** The page comes to the result that Node has for what is asked now. */
export async function gives(scene: Scene, change: Partial<Asked> = {}): Promise<void> {
  Object.assign(scene.asked, change);
  const hash = await answerTo(scene.asked);
  await until(async () => expect(await scene.demo.fact('hash')).toBe(hash));
  for (const [name, value] of Object.entries(change))
    expect(address(scene)).toContain(
      new URLSearchParams([[name, String(value === true ? 1 : value)]]).toString(),
    );
}

/** A file is saved under this name, with something in it. */
async function saves(button: Locator, name: string | RegExp): Promise<Buffer> {
  const begun = button.page().waitForEvent('download');
  await button.click();
  const file = await begun;
  expect(file.suggestedFilename()).toMatch(name);
  const bytes = await readFile(await file.path());
  expect(bytes.length).toBeGreaterThan(10);
  return bytes;
}

/** Scripts of this name do not come before `arrive`: what needs them lasts as long as the test likes. */
export async function hold(page: Page, script: RegExp): Promise<() => void> {
  let arrive = () => {};
  const later = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(script, async (route) => {
    await later;
    await route.fallback();
  });
  return arrive;
}

const centroidsDrawn = ({ page }: Scene) => page.locator('.dots').getAttribute('d');

/** The view moves by `act`. */
async function moves(scene: Scene, act: () => Promise<unknown>): Promise<void> {
  const before = await centroidsDrawn(scene);
  await act();
  await until(async () => expect(await centroidsDrawn(scene)).not.toBe(before));
}

/** Opens what a summary stands for. */
const opens = async (summary: Locator) => {
  await summary.click();
  expect(await summary.locator('..').getAttribute('open')).not.toBeNull();
};

/** Reached by the keyboard, though nothing but scrolling is done there. */
const isReached = async (region: Locator) => {
  await region.press('ArrowDown');
  expect(await region.evaluate((element) => element === document.activeElement)).toBe(true);
};

/** To elsewhere: never followed here, as nothing may be asked of other sites. */
const leadsElsewhere = async (link: Locator) => {
  await link.focus();
  expect(await link.getAttribute('href')).toMatch(/^https:\/\//);
  expect(await link.getAttribute('rel')).toBe('noopener');
};

/** A radio button that is drawn as a part of a switch. */
const pick = (radio: Locator) => radio.check({ force: true });

const each = <T extends string>(
  names: readonly T[],
  drive: (name: T) => readonly [string, Drives[string]],
): Drives => Object.fromEntries(names.map(drive));

// ---- the frame of all tabs ---------------------------------------------------------------------

const opensTab: Drives[string] = async (button, { page }) => {
  await button.click();
  await page.locator(`#${await button.getAttribute('aria-controls')}`).waitFor();
  expect(await button.getAttribute('aria-selected')).toBe('true');
  expect(await page.locator('.panel').filter({ visible: true }).count()).toBe(1);
};

export const FRAME: Drives = {
  '#tab-cluster': opensTab,
  '.foot a[rel]': leadsElsewhere,
  '.foot a[href="third-party.txt"]': async (link) => {
    await link.focus();
    const licences = await link
      .page()
      .request.get(await link.evaluate((a: HTMLAnchorElement) => a.href));
    expect(await licences.text()).toMatch(/^# /m);
  },
  '.manual': async (link, { page }) => {
    await link.click();
    await page.getByRole('heading', { name: 'Quick start' }).waitFor();
  },
};

// ---- Cluster -----------------------------------------------------------------------------------

const past = (scene: Scene, iteration: number) =>
  says(scene, new RegExp(`, after ${iteration} of \\d+ iterations`));

const chart = ({ page }: Scene) =>
  page.locator('#inertia-chart canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

/** A gap in its last column; its name is no markup. */
const MINE = {
  name: '<b>mine</b>.csv',
  mimeType: '',
  buffer: Buffer.from(
    ['id,a,b,c']
      .concat(
        Array.from(
          { length: 40 },
          (_, i) => `${i},${(i * 5) % 7},${(i * 3) % 11},${i === 9 ? '' : i % 5}`,
        ),
      )
      .join('\n'),
  ),
};

export const CLUSTER: Drives = {
  '#stage': async (stage, scene) => {
    await moves(scene, () => stage.press('ArrowLeft'));
    await moves(scene, async () => {
      await stage.hover();
      await scene.page.mouse.down();
      await scene.page.mouse.move(300, 300);
      await scene.page.mouse.up();
    });
    await moves(scene, () => scene.page.mouse.wheel(0, -200));
    await stage.press('i');
    await scene.page.locator('#tip').waitFor();
  },
  '#zoom-in': (button, scene) => moves(scene, () => button.click()),
  '#zoom-out': (button, scene) => moves(scene, () => button.click()),
  '#zoom-reset': async (button, scene) => {
    await moves(scene, () => button.click());
    const whole = await centroidsDrawn(scene);
    await scene.page.locator('#zoom-in').click();
    await button.click();
    await until(async () => expect(await centroidsDrawn(scene)).toBe(whole));
  },
  '#cells': async (box, { page }) => {
    await box.uncheck();
    expect(await page.locator('.cells').isVisible()).toBe(false);
    await box.check();
    expect(await page.locator('.cells').isVisible()).toBe(true);
  },
  '#restart': async (button, scene) => {
    await button.click();
    await says(scene, 'Stopped at the first centroids');
  },
  '#step': async (button, scene) => {
    await button.click();
    await says(scene, 'Stopped after 1 iteration.');
  },
  '#run': async (button, scene) => {
    await button.click();
    await gives(scene);
  },
  '#copy-hash': async (button, scene) => {
    await button.click();
    await until(async () => expect(await copied(scene)).toBe(await answerTo(scene.asked)));
  },
  '#moment': async (slider, scene) => {
    await slider.press('Home');
    await past(scene, 0);
  },
  '#moment-on': async (button, scene) => {
    await button.click();
    await past(scene, 1);
  },
  '#moment-back': async (button, scene) => {
    await button.click();
    await past(scene, 0);
  },
  // Played from its beginning.
  '#stop': async (button, { page }) => {
    await page.locator('#run').click();
    await button.click();
    expect(await page.locator('#run').isEnabled()).toBe(true);
    const [at, most] = await Promise.all(
      ['value', 'max'].map((of) =>
        page.locator('#moment').evaluate((slider, name) => Reflect.get(slider, name) as string, of),
      ),
    );
    expect(Number(at)).toBeLessThan(Number(most));
  },
  '#inertia-chart .u-over': async (plot, scene) => {
    await scene.page.locator('#moment').press('Home');
    await plot.click({ position: { x: 60, y: 40 } });
    await says(scene, /, after [1-9]\d* of \d+ iterations/);
  },
  '#late-gains': async (box, scene) => {
    const before = await chart(scene);
    await box.check();
    await until(async () => expect(await chart(scene)).not.toBe(before));
  },
  '[name=tool][value=lasso]': async (radio, { page }) => {
    await pick(radio);
    await page.locator('.lasso').waitFor();
  },
  '#tool-bar button:text-is("Take what is in view")': async (button, scene) => {
    await button.click();
    await says(scene, '2,000 points of 2,000 drawn (100 %), from 8 clusters.');
  },
  '#inside .tables': isReached,
  '#inside button:text-is("Clear")': async (button, { page }) => {
    await button.click();
    expect(await page.locator('#inside').isVisible()).toBe(false);
  },
  '[name=tool][value=centroids]': async (radio, { page }) => {
    await pick(radio);
    await page.locator('.handle').nth(7).waitFor();
  },
  '.handle': async (handles, scene) => {
    await handles.first().press('ArrowUp');
    await says(scene, 'Stopped at 8 centroids placed by hand');
  },
  ...each(['Add', 'Remove', 'Undo'], (name) => [
    `#tool-bar button:text-is("${name}")`,
    async (button, scene) => {
      await button.click();
      const k = name === 'Remove' ? 8 : 9;
      await says(scene, `Stopped at ${k} centroids placed by hand`);
      expect(address(scene)).toContain(`k=${k}`);
    },
  ]),
  '[name=tool][value=view]': async (radio, { page }) => {
    await pick(radio);
    expect(await page.locator('#tool-bar').isVisible()).toBe(false);
    expect(await page.locator('.handle').count()).toBe(0);
    await page.locator('#run').click(); // what is changed from now on runs
    await page.getByText(/^Converged after/).waitFor();
  },
  '#n': async (slider, scene) => {
    await slider.press('ArrowLeft');
    await gives(scene, { n: 1000, k: 9 });
  },
  '#k': async (slider, scene) => {
    await slider.fill('4');
    await gives(scene, { k: 4 });
  },
  '#seed': async (slider, scene) => {
    await slider.fill('9');
    await gives(scene, { seed: 9 });
  },
  '#init': async (list, scene) => {
    await list.selectOption('random');
    await gives(scene, { init: 'random' });
  },
  '#tol': async (list, scene) => {
    await list.selectOption('0');
    await gives(scene, { tol: '0' });
  },
  '#whiten': async (box, scene) => {
    await box.check();
    await gives(scene, { whiten: true });
  },
  '#metric': async (list, scene) => {
    for (const metric of ['manhattan', 'euclidean'] as const) {
      await list.selectOption(metric);
      await gives(scene, { metric });
    }
  },
  '#board': async (list, scene) => {
    await list.selectOption('iris');
    await gives(scene, { board: 'iris', k: 3 });
    expect(await scene.page.locator('.marks path').count()).toBe(3);
  },
  '#engine': async (list, scene) => {
    await list.selectOption('reference');
    await until(async () => expect(await scene.demo.fact('engine')).toBe('reference'));
    await gives(scene);
    expect(address(scene)).toContain('engine=reference');
  },
  '#cluster [data-engine-reasons] summary': async (summary, scene) => {
    await opens(summary);
    await says(scene, /^WebGPU: .*\.$/);
  },
  '#across': async (list, scene) => {
    await list.selectOption('2');
    await says(scene, 'drawn on petal length (cm) and sepal width (cm)');
  },
  '#up': async (list, scene) => {
    await list.selectOption('3');
    await says(scene, 'drawn on petal length (cm) and petal width (cm)');
  },
  '#credit-data a': (links) => leadsElsewhere(links.last()),
  '#save summary': opens,
  '#save-cancel': async (button, scene) => {
    const arrive = await hold(scene.page, /save-tables-/);
    await scene.page.locator('[data-save="labels.csv"]').click();
    await button.click();
    arrive();
    await says(scene, 'Nothing was saved.');
  },
  ...each(
    [
      ...['labels.csv', 'labels.parquet', 'labels.arrow', 'labels.npy'],
      ...['centroids.csv', 'centroids.json', 'picture.png', 'picture.svg'],
    ],
    (file) => [`[data-save="${file}"]`, (button) => saves(button, `iris-${file}`)],
  ),
  '#code summary': opens,
  '#code pre': isReached,
  ...each(['python', 'shell', 'typescript'], (language) => [
    `[name=language][value=${language}]`,
    async (radio, scene) => {
      await pick(radio);
      const words = {
        python: 'import KMeans',
        shell: 'npx centroids',
        typescript: 'await kmeans(',
      };
      await until(async () =>
        expect(await scene.page.locator('#snippet').textContent()).toContain(words[language]),
      );
    },
  ]),
  '#copy-code': async (button, scene) => {
    await button.click();
    await until(async () =>
      expect(await copied(scene)).toBe(await scene.page.locator('#snippet').textContent()),
    );
  },
  '#copy-link': async (button, scene) => {
    await button.click();
    await until(async () => expect(await copied(scene)).toBe(scene.page.url()));
  },
  '#own-file': async (chooser, scene) => {
    await chooser.setInputFiles(MINE);
    await says(scene, `${MINE.name} lacks a number in row`);
    expect(address(scene)).toContain('board=own');
  },
  '#own-missing': async (list, scene) => {
    await list.selectOption('label');
    await says(scene, '40 rows of which 1 lacks a number and gets label −1');
  },
  '#own-none': async (button, { page }) => {
    await button.click();
    expect(await page.locator('#own-columns input:checked').count()).toBe(0);
  },
  '#own-all': async (button, scene) => {
    await button.click();
    expect(await scene.page.locator('#own-columns input:checked').count()).toBe(4);
    await says(scene, /^39 points of 4 columns/);
  },
  '#own-columns input': async (boxes, scene) => {
    await boxes.last().uncheck();
    await says(scene, /^40 points of 3 columns/);
  },
  // What names rows is no coordinate.
  '#own-id': async (list, scene) => {
    await list.selectOption('1');
    expect(await scene.page.locator('#own-columns input:checked').count()).toBe(2);
    await says(scene, /^40 points($|,)/);
    await scene.demo.reaches('converged');
  },
  '#choose-k': async (button, { page }) => {
    await button.click();
    await page.locator('#chosen figure').nth(8).waitFor();
    expect(await button.isEnabled()).toBe(true);
  },
  '#chosen summary': async (summaries) => {
    for (const summary of await summaries.all()) await opens(summary);
  },
  '#chosen .tables': isReached,
  '#chosen .u-over': async (plots, { page }) => {
    await plots.first().click({ position: { x: 2, y: 20 } });
    await page.waitForURL(/k=1\b/);
  },
  '#chosen .votes button': async (buttons, { page }) => {
    await buttons.nth(4).click();
    await page.waitForURL(/k=5\b/);
    await page.locator('#sizes span').nth(4).waitFor();
  },
  '#chosen .card-head button': async (button, { page }) => {
    await button.click();
    expect(await page.locator('#chosen').isVisible()).toBe(false);
  },
  // The code that reads columns comes late: until then the file is being read.
  '#own-cancel': async (button, scene) => {
    const arrive = await hold(scene.page, /\/(column|rowgroup)-/);
    await scene.page.locator('#own-file').setInputFiles('test/golden/io/duckdb-snappy.parquet');
    await button.click();
    arrive();
    await says(scene, 'Reading was cancelled.');
  },
  '#own-close': async (button, scene) => {
    await button.click();
    expect(await scene.page.locator('#own').isVisible()).toBe(false);
    await gives(scene, { board: 'gaussian', k: 4 });
  },
};

// ---- Colours -----------------------------------------------------------------------------------

const SMALL = pictureOf('<i>small</i>.png', 48, 32);

const paletteSize = (scene: Scene, colours: number) =>
  until(async () =>
    expect(await scene.page.locator('#palette-size').textContent()).toBe(`${colours} colours`),
  );

/** The last change is worked in, and what it lost is measured. */
const isMeasured = (scene: Scene) =>
  until(async () => expect(await scene.demo.fact('psnr')).toMatch(/dB/));

/** Another picture comes of the change: measured, it is as far from the first in other numbers. */
async function repaints(scene: Scene, change: () => Promise<unknown>, word: string) {
  const seen = async () => `${await scene.demo.fact('psnr')} ${await scene.demo.fact('ssim')}`;
  const before = await seen();
  await change();
  await until(async () => expect(await seen()).toMatch(new RegExp(`^(?!${before}|–).*[^–]$`)));
  await until(async () => expect(address(scene)).toContain(word));
}

const photo = (name: string, title: string): Drives => ({
  [`[data-photo=${name}]`]: async (button, scene) => {
    await button.click();
    await says(scene, new RegExp(`^${title} · `));
    await scene.demo.reaches('converged');
    expect(await button.getAttribute('aria-pressed')).toBe('true');
  },
});

export const COLOURS: Drives = {
  '#tab-colours': opensTab,
  '#split': async (slider, { page }) => {
    await slider.press('End');
    expect(await page.locator('#compare').getAttribute('style')).toContain('--split: 100%');
  },
  // The first run waits for the code that makes files, which the page was opened without.
  '#cancel': async (button, scene) => {
    await button.click();
    scene.arrive();
    await says(scene, 'Cancelled.');
  },
  '#again': async (button, scene) => {
    await button.click();
    await isMeasured(scene);
    expect(await button.isVisible()).toBe(false);
  },
  ...photo('china', 'Summer Palace'),
  ...photo('flower', 'Flower'),
  '#file': async (chooser, scene) => {
    await chooser.setInputFiles(SMALL);
    await says(scene, SMALL.name);
    await isMeasured(scene);
  },
  '#colour-count': async (slider, scene) => {
    await slider.fill('6');
    await scene.page.waitForURL(/colours=6\b/);
    await paletteSize(scene, 6);
  },
  '#colour-number': async (box, scene) => {
    await box.fill('8');
    await paletteSize(scene, 8);
    await isMeasured(scene);
  },
  '#dither': (list, scene) => repaints(scene, () => list.selectOption('bayer'), 'dither=bayer'),
  '#space': (list, scene) => repaints(scene, () => list.selectOption('srgb'), 'space=srgb'),
  ...each(['hue', 'lightness', 'use'], (order) => [
    `[name=sort][value=${order}]`,
    async (radio, scene) => {
      const before = (await paletteOf(scene.demo)).join();
      await pick(radio);
      await until(async () => expect((await paletteOf(scene.demo)).join()).not.toBe(before));
      expect((await paletteOf(scene.demo)).sort()).toEqual(before.split(',').sort());
      expect(address(scene)).toContain(`sort=${order}`);
    },
  ]),
  '.swatch': async (swatches, scene) => {
    const [, , third] = await paletteOf(scene.demo);
    await swatches.nth(2).click();
    await until(async () => expect((await paletteOf(scene.demo))[0]).toBe(third));
    expect(await swatches.first().getAttribute('aria-pressed')).toBe('true');
  },
  '#swatch-colour': async (well, scene) => {
    await well.fill('#123456');
    await until(async () => expect((await paletteOf(scene.demo))[0]).toBe('#123456'));
  },
  '#swatch-copy': async (button, scene) => {
    await button.click();
    await until(async () => expect(await copied(scene)).toBe('#123456'));
  },
  '#unlock-all': async (button, scene) => {
    await button.click();
    await until(async () => expect(await paletteOf(scene.demo)).not.toContain('#123456'));
    expect(await button.isVisible()).toBe(false);
  },
  '#swatch-lock': async (button, { page }) => {
    await button.click();
    await page.locator('.swatch[aria-pressed=true]').waitFor();
    expect(await button.textContent()).toBe('Unlock');
  },
  '#image-engine': async (list, scene) => {
    await list.selectOption('reference');
    await until(async () => expect(await scene.demo.fact('engine')).toContain('reference'));
    await isMeasured(scene);
  },
  '#colours [data-engine-reasons] summary': async (summary, scene) => {
    await opens(summary);
    await says(scene, /^WebGPU: .*\.$/);
  },
  ...each(['png', 'css', 'json', 'gpl', 'ase'], (format) => [
    `[data-export=${format}]`,
    (button) => saves(button, new RegExp(`small.*-8-colours\\.${format}$`)),
  ]),
  '#colours .code summary': opens,
  '#colours .code pre': isReached,
  '#camera-open': async (button, { page }) => {
    await button.click();
    await page.locator('#camera-take:enabled').waitFor();
  },
  '#camera-close': async (button, { page }) => {
    await button.click();
    expect(await page.locator('#camera').isVisible()).toBe(false);
  },
  '#camera-take': async (button, scene) => {
    await scene.page.locator('#camera-open').click();
    await button.click();
    await says(scene, 'camera.png');
    await scene.demo.reaches('converged');
  },
};

// ---- Race --------------------------------------------------------------------------------------

/** What the race's engines have to find: by number of rows. */
async function raced(rows: number, seed: number): Promise<string> {
  const [whole] = findCases(['T1']);
  const given = scaled(whole, rows / whole.rows);
  const points = makePoints(given, seed);
  const init = firstCentroids(points, given.k, seed);
  const { hash } = await kmeans(points, given.k, {
    init,
    maxIter: 20,
    tol: 0,
    engine: 'reference',
  });
  return hash;
}

async function isReport(text: string, { isolated, engine, asked }: Scene): Promise<void> {
  const { machine, runs } = JSON.parse(text) as RaceReport;
  expect(machine.isolated).toBe(isolated);
  const hashes = await Promise.all([1000, 3000].map((rows) => raced(rows, asked.seed)));
  expect(
    runs.map(({ id, rows, measurement }) => [id, rows, 'hash' in measurement && measurement.hash]),
  ).toEqual(
    expect.arrayContaining(
      [1000, 3000].flatMap((rows, at) => [engine, 'reference'].map((id) => [id, rows, hashes[at]])),
    ),
  );
}

export const RACE: Drives = {
  '#tab-race': opensTab,
  '#race-case': async (list, scene) => {
    await list.selectOption('T1');
    await until(async () => expect(address(scene)).toContain('case=T1'));
    await says(scene, /^T1 \(overhead\)/);
  },
  '#race-rows': async (list, scene) => {
    await list.selectOption('1000');
    await until(async () => expect(address(scene)).toContain('rows=1000'));
  },
  '#race-seed': async (box, scene) => {
    await box.fill('4');
    await box.press('Tab');
    await until(async () => expect(address(scene)).toContain('seed=4'));
    scene.asked.seed = 4;
  },
  '#race-run': async (button, scene) => {
    await button.click();
    await says(scene, /^Done in/);
    const outcomes = scene.page.locator('#race-rows-body tr[data-outcome=measured]');
    expect(await outcomes.count()).toBe(2);
  },
  '#race-sizes': async (box, scene) => {
    await scene.page.locator('#race-rows').selectOption('3000');
    await box.check();
    await until(async () => expect(address(scene)).toContain('sizes=all'));
    await scene.page.locator('#race-run').click();
    await says(scene, /^Fastest: /);
    await says(scene, /^Done in/);
  },
  '#race-sizes-region': isReached,
  '#race-chart .u-over': async (plot, { page }) => {
    // A click may meet a chart that is about to be drawn anew, which knows of no pointer.
    await until(async () => {
      await plot.click({ position: { x: 3, y: 30 } });
      expect(await page.locator('#race-chart .u-cursor-pt:not(.u-off)').count()).toBeGreaterThan(0);
    });
  },
  '#race-chart .u-series th': async (names, { page }) => {
    await names.last().click();
    expect(await page.locator('#race-chart .u-series.u-off').count()).toBe(1);
  },
  '#race-copy': async (button, scene) => {
    await button.click();
    await says(scene, 'Results copied.');
    await isReport((await copied(scene))!, scene);
  },
  '#race-save': async (button, scene) =>
    isReport((await saves(button, 'race-T1.json')).toString(), scene),
  '#race-link': async (button, scene) => {
    await button.click();
    await until(async () => expect(await copied(scene)).toBe(scene.page.url()));
  },
  '#race-who input': async (boxes, { page }) => {
    await page.locator('#race-who input[value=ml-kmeans]').check();
    await page.locator('[data-contestant=ml-kmeans][data-outcome=waiting]').waitFor();
    await page.waitForURL(/ml-kmeans/);
    expect(await boxes.count()).toBe(10);
  },
  '#race-stop': async (button, scene) => {
    const arrive = await hold(scene.page, /ml-kmeans-/);
    const asked = scene.page.waitForRequest(/ml-kmeans-/);
    await scene.page.locator('#race-run').click();
    await asked;
    await button.click();
    arrive();
    await says(scene, 'Stopped. Race goes on');
    expect(await scene.page.locator('#race-run').isEnabled()).toBe(true);
  },
  '#race-clear': async (button, scene) => {
    await button.click();
    await says(scene, 'Ready.');
    expect(await scene.page.locator('[data-outcome=measured]').count()).toBe(0);
  },
};

// ---- the manual --------------------------------------------------------------------------------

const theme = ({ page }: Scene) => page.locator('html').getAttribute('data-theme');

export const MANUAL: Drives = {
  '#tsd-search-trigger': async (button, { page }) => {
    await button.click();
    await page.locator('#tsd-search-input').waitFor();
  },
  '#tsd-search-input': async (box, { page }) => {
    await box.fill('quantizeIm');
    await page
      .getByRole('option', { name: /quantizeImage/ })
      .first()
      .click();
    await page
      .getByRole('heading', { name: /quantizeImage/ })
      .first()
      .waitFor();
    await page.goBack();
  },
  'pre > button': async (buttons, scene) => {
    await buttons.first().click();
    await until(async () => expect(await copied(scene)).toContain('npm'));
  },
  summary: async (summaries, { page }) => {
    const contents = page.locator('a:visible').getByText('How it compares');
    await summaries.getByText('On This Page').click();
    await contents.first().waitFor({ state: 'hidden' });
    await summaries.getByText('Settings').click();
    await page.locator('#tsd-theme').waitFor();
  },
  '#tsd-theme': async (list, scene) => {
    await list.selectOption('dark');
    await until(async () => expect(await theme(scene)).toBe('dark'));
  },
  ...each(['protected', 'inherited', 'external'], (kind) => [
    `#tsd-filter-${kind}`,
    async (box, { page }) => {
      const hides = () =>
        page.evaluate((of) => document.documentElement.classList.contains(of), `filter-${kind}`);
      const before = await hides();
      await box.click({ force: true });
      await until(async () => expect(await hides()).toBe(!before));
    },
  ]),
  '#tsd-toolbar-menu-trigger': async (button, { page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await button.click();
    await page.locator('html.has-menu').waitFor();
    await page.keyboard.press('Escape');
  },
  'a[href]': async (links, { page }) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await links
      .filter({ hasText: /^Images$/, visible: true })
      .first()
      .click();
    await page.waitForURL(/Images/i);
  },
};
