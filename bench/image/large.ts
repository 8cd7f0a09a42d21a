/**
 * A camera's image in a tab: headless Chromium without a GPU. How long it takes, and the most memory
 * that the tab's process, its workers in it, had meanwhile.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import type { Away } from '../browser/measure.ts';
import { inBrowser, openPage } from '../browser/measure.ts';
import type { Photo } from './photos.ts';

export interface LargeTask {
  /** That is enlarged. */
  photo: Photo;
  width: number;
  height: number;
}

export interface LargeFit extends Away {
  milliseconds: number;
  engine: string;
  /** Milliseconds, by the library's progress. */
  phases: Record<string, number>;
  /**
   * Most resident memory of the tab's process during the run (the kernel's high-water mark), less what
   * it had as a page without an image. Null where the kernel does not tell (not Linux).
   */
  peakBytes: number | null;
}

export interface LargeRun extends LargeTask {
  browser: string;
  colors: number;
  imageBytes: number;
  /** Different colours of the image. */
  distinct: number;
  /** Resident before there was an image, bytes; null as above. */
  emptyBytes: number | null;
  /** Resident with the image, before the first run. */
  preparedBytes: number | null;
  /** The first one starts workers and compiles. */
  fits: LargeFit[];
  /** Bytes held by the page and its workers with image and result, by the browser's own account. */
  heldBytes: number;
  psnr: number;
  colorsUsed: number;
  fingerprint: string;
}

/** Null where there is no browser. */
export async function measureLarge(
  task: LargeTask,
  colors: number,
  fits: number,
): Promise<LargeRun | null> {
  return inBrowser(
    (browser, url) => measureOn(browser, `${url}image.html`, task, colors, fits),
    // otherwise the browser takes a minute before it counts
    ['--enable-blink-features=ForceEagerMeasureMemory'],
  );
}

async function measureOn(
  browser: Browser,
  url: string,
  task: LargeTask,
  colors: number,
  count: number,
): Promise<LargeRun> {
  const { page, complaints } = await openPage(browser, url, 'imageBench');
  await page.waitForTimeout(1000);
  const memory = await tabMemory(browser);
  const emptyBytes = memory?.resident() ?? null;
  const { distinct } = await page.evaluate((asked) => window.imageBench.prepare(asked), task);
  await page.waitForTimeout(1000);
  const preparedBytes = memory?.resident() ?? null;
  const fits: LargeFit[] = [];
  const fingerprints = new Set<string>();
  for (let i = 0; i < count; i++) {
    memory?.restart();
    const fit = await page.evaluate((most) => window.imageBench.quantize(most), colors);
    const peak = memory?.peak() ?? null;
    fits.push({
      ...fit,
      peakBytes: peak === null || emptyBytes === null ? null : peak - emptyBytes,
    });
    fingerprints.add(await page.evaluate(() => window.imageBench.fingerprint()));
  }
  if (fingerprints.size > 1)
    throw new Error(`the same run gave other bits: ${[...fingerprints].join(', ')}`);
  const heldBytes = await page.evaluate(() => window.imageBench.held());
  // the last: it leaves garbage behind, which would count as a run's
  const quality = await page.evaluate(() => window.imageBench.quality());
  if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join('; ')}`);
  return {
    ...task,
    ...{ colors, fits, distinct, emptyBytes, preparedBytes, heldBytes },
    browser: `Chromium ${browser.version()}`,
    imageBytes: 4 * task.width * task.height,
    psnr: quality.psnr,
    colorsUsed: quality.colors,
    fingerprint: [...fingerprints][0],
  };
}

interface Memory {
  /** Starts the high-water mark anew. */
  restart(): void;
  peak(): number;
  resident(): number;
}

/** Of all renderers together: one has the page and its workers, others rest. Null where /proc is not. */
async function tabMemory(browser: Browser): Promise<Memory | null> {
  if (process.platform !== 'linux') return null;
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const ids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  if (ids.length === 0) throw new Error('the browser names no renderer');
  const sum = (field: string) =>
    ids.reduce(
      (total, id) => total + statusBytes(readFileSync(`/proc/${id}/status`, 'utf8'), field),
      0,
    );
  return {
    // "5" resets the mark: proc(5)
    restart: () => ids.forEach((id) => writeFileSync(`/proc/${id}/clear_refs`, '5')),
    peak: () => sum('VmHWM'),
    resident: () => sum('VmRSS'),
  };
}

/** A field of /proc/…/status, in bytes. */
export function statusBytes(status: string, field: string): number {
  const found = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status);
  if (found === null) throw new Error(`/proc/…/status has no ${field} in kB`);
  return 1024 * Number(found[1]);
}
