/** The race's judgement: nobody has a time for another answer, and nobody keeps the others waiting. */
import { describe, expect, it } from 'vitest';
import { findCases, scaled } from '../../bench/cases.ts';
import { runEngine } from '../../demo/race/engine-run.ts';
import { runLibrary, type Answer, type Meet } from '../../demo/race/library-run.ts';
import type { RaceMeasurement, RaceRun } from '../../demo/race/messages.ts';
import { meetMlKmeans } from '../../demo/race/ml-kmeans.ts';
import { agreed, leaders, sizesOf, suggestedSize } from '../../demo/race/standings.ts';

const CASE = scaled(findCases(['C1-blobs'])[0], 0.002);
const OPTIONS = { seed: 1, iterations: 5, warmUps: 1, repeats: 2, maxSeconds: 30 };

describe('an engine', () => {
  it('tells upload, compute and read-back apart, within its fit', async () => {
    const measured = await runEngine({ engine: 'reference' }, CASE, OPTIONS);
    if (measured.outcome !== 'measured') throw new Error(JSON.stringify(measured));
    const { fit, phases, iterations, repeats } = measured;
    expect({ iterations, repeats }).toEqual({ iterations: 5, repeats: 2 });
    expect(phases.compute).toBeGreaterThan(0);
    expect(phases.readBack).toBeGreaterThan(0);
    expect(phases.upload! + phases.compute + phases.readBack!).toBeLessThan(fit.most);
  });

  it('that cannot run here says why', async () => {
    expect(await runEngine({ engine: 'webgl' }, CASE, OPTIONS)).toMatchObject({
      outcome: 'unavailable',
      reason: expect.stringContaining('canvas') as string,
    });
  });
});

describe('a library', () => {
  it('is measured once its answer is ours', async () => {
    const measured = await runLibrary(meetMlKmeans, CASE, OPTIONS);
    expect(measured).toMatchObject({ outcome: 'measured', iterations: 5, hash: null });
    expect((measured as { verified: string }).verified).toMatch(/^every label the same; /);
  });

  it.each<[string, (answer: Answer) => void]>([
    ['labels differ', ({ labels }) => labels.forEach((label, i) => (labels[i] = (label + 1) % 16))],
    ['from ours', ({ centroids }) => (centroids[3] += 1)],
    ['iterations instead of', (answer) => answer.iterations++],
  ])('that answers otherwise has no times: %s', async (fault, spoil) => {
    const cheat: Meet = (points, start) => {
      const honest = meetMlKmeans(points, start);
      const fit = async (iterations: number) => {
        const answer = await honest.fit(iterations);
        spoil(answer);
        return answer;
      };
      return { ...honest, fit };
    };
    const { outcome, ...rest } = await runLibrary(cheat, CASE, OPTIONS);
    expect(outcome).toBe('wrong');
    expect(JSON.stringify(rest)).toContain(fault);
  });

  it('that would take too long is not begun', async () => {
    const fits: number[] = [];
    const watched: Meet = (points, start) => {
      const honest = meetMlKmeans(points, start);
      const fit = (iterations: number) => {
        fits.push(points.rows);
        return honest.fit(iterations);
      };
      return { ...honest, fit };
    };
    const large = scaled(findCases(['C2-uniform'])[0], 0.1);
    const measured = await runLibrary(watched, large, { ...OPTIONS, maxSeconds: 1e-6 });
    expect(measured.outcome).toBe('too long');
    expect(Math.max(...fits)).toBeLessThan(large.rows);
  });
});

const run = (id: string, rows: number, median: number, hash: string | null = 'a'): RaceRun => ({
  id,
  rows,
  measurement: {
    outcome: 'measured',
    ...{ description: '', hardware: false, hash, iterations: 1, repeats: 1, firstFit: median },
    fit: { median, least: median, most: median },
    phases: { compile: null, prepare: null, upload: null, compute: median, readBack: null },
    verified: '',
  } satisfies RaceMeasurement,
});

it('engines that disagree: the reference is believed; libraries have no hash', () => {
  const runs = [run('wasm', 10, 1, 'b'), run('reference', 10, 2), run('ml-kmeans', 10, 3, null)];
  expect(agreed(runs).map(({ measurement }) => measurement.outcome)).toEqual([
    ...['wrong', 'measured', 'measured'],
  ]);
  // at another size they are others
  expect(agreed([runs[0], run('reference', 20, 2)]).map((one) => one.measurement.outcome)).toEqual([
    ...['measured', 'measured'],
  ]);
});

it('names who is fastest from which size on', () => {
  const runs = [run('a', 10, 1), run('b', 10, 2), run('a', 100, 9), run('b', 100, 3)];
  expect(leaders([...runs, run('b', 1000, 4)])).toEqual([
    { id: 'a', from: 10 },
    { id: 'b', from: 100 },
  ]);
});

it('offers sizes that leave k as it is, the largest that takes seconds first', () => {
  for (const given of findCases(['all'])) {
    const sizes = sizesOf(given);
    expect(sizes.at(-1)).toBe(given.rows);
    for (const rows of sizes)
      expect(scaled(given, rows / given.rows)).toMatchObject({ rows, k: given.k });
    expect(sizes).toContain(suggestedSize(given));
  }
});
