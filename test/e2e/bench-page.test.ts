/** The benchmark's page in a real browser: the answer is that of Node, bit for bit, and is watched. */
import { expect, it } from 'vitest';
import { measureInBrowser } from '../../bench/browser/measure.ts';
import { findCases, scaled } from '../../bench/cases.ts';
import { makePoints } from '../../bench/data.ts';
import { measureLarge } from '../../bench/image/large.ts';
import { kmeans } from '../../src/index.ts';

it('measures a case in a tab, and says what kept its main thread', async () => {
  const task = { name: 'C1-uniform', scale: 0.02, seed: 5 };
  const options = { maxIter: 1000 };
  const run = await measureInBrowser({ ...task, fits: 2, profile: true, options });
  const given = scaled(findCases([task.name])[0], task.scale);
  const here = await kmeans(makePoints(given, task.seed), given.k, options);
  expect(run!.fits.map(({ hash }) => hash)).toEqual([here.hash, here.hash]);
  for (const { engine, iterations, milliseconds, split, frameGap, timerGap } of run!.fits) {
    expect([engine, iterations]).toEqual(['wasm', here.iterations]);
    const parts = Object.values(split).reduce((sum, part) => sum + part, 0);
    expect(parts).toBeGreaterThan(0);
    expect(parts).toBeLessThanOrEqual(milliseconds + 1);
    expect(Math.min(frameGap, timerGap)).toBeGreaterThan(0);
  }
  expect(run!.browser).toMatch(/^Chromium \d+/);
  const all = run!.stretches.flatMap(({ where }) => where.map(({ at }) => at)).join('\n');
  expect(all).toMatch(/wasm-function\[|\.js:\d+/); // ours, by name and place
});

it('measures an image in a tab: the same bits every time, and what memory it took', async () => {
  const run = await measureLarge({ photo: 'flower', width: 900, height: 600 }, 32, 2);
  expect(run).toMatchObject({ imageBytes: 4 * 900 * 600, colorsUsed: 32 });
  expect(run!.distinct).toBeGreaterThan(10_000);
  expect(run!.psnr).toBeGreaterThan(25);
  expect(run!.heldBytes).toBeGreaterThan(run!.imageBytes);
  expect(run!.fits).toHaveLength(2);
  for (const { milliseconds, engine, phases, peakBytes } of run!.fits) {
    expect(engine).toBe('wasm');
    expect(Object.keys(phases)).toEqual(expect.arrayContaining(['count', 'cluster', 'map']));
    const parts = Object.values(phases).reduce((sum, part) => sum + part, 0);
    expect(parts).toBeLessThanOrEqual(milliseconds + 1);
    // elsewhere the kernel does not say
    if (process.platform === 'linux') expect(peakBytes).toBeGreaterThan(run!.imageBytes);
  }
});
