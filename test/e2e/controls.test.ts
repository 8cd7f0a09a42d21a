/**
 * Every control of every tab, wherever the page may find itself: with WebGPU, without, without isolation from other
 * origins (where threads share no memory), and without workers. The results are the same everywhere, and those of Node.
 *
 * What is done to a control, and what must come of it, is in `drives.ts`. A control that nobody drives fails.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { searchOf } from '../../bench/browser/race.ts';
import { launchBrowser } from '../support/browser.ts';
import { ISOLATION_HEADERS } from '../support/demo-server.ts';
import { coloursIn, openDemo, shrinkPhotos } from './demo-page.ts';
import {
  CLUSTER,
  COLOURS,
  FRAME,
  gives,
  hold,
  MANUAL,
  RACE,
  type Drives,
  type Scene,
} from './drives.ts';

interface Environment {
  name: string;
  engine: Scene['engine'];
  isolated?: boolean;
  /** There is no WebGPU, and the page says why. */
  lacks?: boolean;
  onPage?: boolean;
  /** Workers seem to start, and fail. */
  later?: boolean;
}

const ENVIRONMENTS: Environment[] = [
  { name: 'with WebGPU', engine: 'webgpu', isolated: true },
  { name: 'without WebGPU', engine: 'wasm', isolated: true, lacks: true },
  { name: 'not isolated', engine: 'wasm' },
  { name: 'without workers', engine: 'wasm', onPage: true },
];

/** As policies and browsers do it: at once, or when the script does not come. */
const refuseWorkers = (context: BrowserContext, atOnce: boolean) =>
  context.addInitScript((throws) => {
    class Refused extends EventTarget {
      onerror: ((event: Event) => void) | null = null;
      constructor() {
        super();
        if (throws) throw new DOMException('No workers here.', 'SecurityError');
        setTimeout(() => this.onerror?.(new Event('error', { cancelable: true })), 20);
      }
      postMessage() {}
      terminate() {}
    }
    Object.defineProperty(globalThis, 'Worker', { value: Refused });
  }, atOnce);

/** Init scripts do not reach workers, whose own files are changed for that. */
const takeWebGpuAway = async (context: BrowserContext) => {
  await context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }),
  );
  await context.route(/-worker-[^/]*\.js/, async (route) => {
    const first = "Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined });";
    const script = await readFile(join('build/demo', new URL(route.request().url()).pathname));
    await route.fulfill({
      contentType: 'text/javascript',
      headers: ISOLATION_HEADERS,
      body: first + script.toString(),
    });
  });
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Whatever a user can act on; uPlot's are of no kind that says so. */
const INTERACTIVE =
  'a[href], button, input, select, textarea, summary, [tabindex="0"], [contenteditable], ' +
  '[role=button], [role=link], [role=slider], .u-over, .u-series th';

interface Watch {
  /** Selectors whose controls were acted on since it was asked last. */
  takeTouched(): string[];
  /** Controls that no selector names. */
  strangers(): string[];
}

/**
 * In the page, before its own scripts. The clipboard is one for all pages of a browser,
 * and cameras have millions of pixels: stand-ins take their places.
 */
function watch([ofPage, ofManual, interactive]: readonly [string[], string[], string]): void {
  const selectors = location.pathname.includes('/manual/') ? ofManual : ofPage;
  const parts = selectors.map((selector) => {
    const [, css, text] = /^(.*?)(?::text-is\("(.*)"\))?$/.exec(selector)!;
    return { selector, css, text };
  });
  const named = (element: Element) =>
    parts.find(
      ({ css, text }) =>
        element.matches(css) && (text === undefined || element.textContent.trim() === text),
    )?.selector;
  /** Kept for the next page where a link was followed. */
  const touched = () => (sessionStorage.getItem('touched') ?? '').split('\n');
  for (const type of ['pointerdown', 'click', 'keydown', 'input', 'change', 'focusin'])
    addEventListener(
      type,
      ({ target }) => {
        const control = target instanceof Element ? target.closest(interactive) : null;
        const selector = control && named(control);
        if (selector) sessionStorage.setItem('touched', [...touched(), selector].join('\n'));
      },
      true,
    );
  const seen: Watch = {
    takeTouched() {
      const selectors = touched();
      sessionStorage.removeItem('touched');
      return selectors;
    },
    strangers: () =>
      [...document.querySelectorAll(interactive)]
        .filter((control) => !named(control))
        .map((control) => (control.cloneNode() as Element).outerHTML + control.textContent.trim()),
  };
  Object.assign(window, { watch: seen });
  Object.defineProperty(navigator.clipboard, 'writeText', {
    value: async (text: string) => void (document.body.dataset.copied = text),
  });
  Object.defineProperty(navigator.mediaDevices, 'getUserMedia', {
    async value() {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [48, 32];
      canvas.getContext('2d')!.fillRect(0, 0, 20, 20);
      return Promise.resolve(canvas.captureStream());
    },
  });
}

/** Drives them all, and looks for controls that are in no list. */
async function drive(scene: Scene, drives: Drives): Promise<void> {
  const { page } = scene;
  for (const [selector, act] of Object.entries(drives)) {
    try {
      await act(page.locator(selector), scene);
    } catch (error) {
      throw new Error(`${selector}: ${(error as Error).message}`, { cause: error });
    }
    const { touched, strangers } = await page.evaluate(() => {
      const { watch } = window as unknown as { watch: Watch };
      return { touched: watch.takeTouched(), strangers: watch.strangers() };
    });
    expect(touched, `controls that the drive of ${selector} used`).toContain(selector);
    expect(strangers, 'controls without a line in test/e2e/drives.ts').toEqual([]);
  }
}

async function open(environment: Environment): Promise<Scene> {
  const { engine, isolated = false, lacks = false, onPage = false, later = false } = environment;
  const asked = { board: 'uniform', n: 2000, k: 8, seed: 3 } as const;
  const numbers = Object.entries({ ...asked, colours: 5, rows: 1000 });
  const search = searchOf({
    ...Object.fromEntries(numbers.map(([name, value]) => [name, String(value)])),
    ...{ engine, photo: 'flower', case: 'T2', who: `${engine},reference`, tab: 'cluster' },
  });
  const selectors = Object.keys({ ...CLUSTER, ...COLOURS, ...RACE, ...FRAME });
  const demo = await openDemo(
    browser,
    search,
    { viewport: { width: 1000, height: 700 } },
    async (context) => {
      await context.addInitScript(watch, [selectors, Object.keys(MANUAL), INTERACTIVE] as const);
      await shrinkPhotos(context);
      // Looked for after five seconds, at the price of a whole run: it never comes.
      await context.route(/\/gpu-browser-/, () => {});
      if (onPage) await refuseWorkers(context, !later);
      if (lacks) await takeWebGpuAway(context);
    },
    inject(isolated ? 'isolatedUrl' : 'demoUrl'),
  );
  const { page } = demo;
  const rest = { init: 'auto', tol: '0.0001', whiten: false, metric: 'euclidean' } as const;
  const arrive = await hold(page, /\/png-/);
  return { demo, page, engine, isolated, asked: { ...asked, ...rest }, arrive };
}

/** Where every engine runs there is nothing to say of why some do not. */
const inPlace = (drives: Drives, { lacks }: Environment): Drives =>
  Object.fromEntries(
    Object.entries(drives).filter(([of]) => lacks || !of.includes('[data-engine-reasons]')),
  );

/** The first run, whoever does it. */
async function hasBegun(scene: Scene, { onPage = false }: Environment): Promise<void> {
  const { demo, page, engine } = scene;
  await gives(scene);
  expect(await demo.fact('engine')).toBe(engine);
  const status = (await page.locator('#status').textContent()) ?? '';
  expect(status.includes('on the page: workers')).toBe(onPage);
  if (onPage)
    await vi.waitFor(async () => expect(await demo.fact('adapter')).toMatch(/, 1 thread$/), 30_000);
  await page.getByText('so this runs on the processor').waitFor(); // no graphics card in a test browser
  // The points are seen in their colours, whoever draws them.
  await vi.waitFor(
    async () => expect(await coloursIn(page.locator('#stage'))).toBeGreaterThan(20),
    { timeout: 30_000 },
  );
}

test.concurrent.each(ENVIRONMENTS)(
  '$name: every control, and the answers of Node',
  async (here) => {
    const scene = await open(here);
    const { demo, page } = scene;
    await hasBegun(scene, here);
    await drive(scene, inPlace(CLUSTER, here));
    await drive(scene, inPlace(COLOURS, here));
    await drive(scene, RACE);
    const adapter = page
      .locator('#race-machine')
      .getByText(here.lacks ? 'none: ' : 'software, no GPU');
    await adapter.waitFor();
    await drive(scene, FRAME);
    await drive(scene, MANUAL);
    await demo.close();
  },
);

test.concurrent('workers that fail later: the answer of Node', async () => {
  const here = { name: '', engine: 'wasm', onPage: true, later: true } as const;
  const scene = await open(here);
  await hasBegun(scene, here);
  await scene.demo.close();
});
