/** The race's judgement: nobody has a time for another answer, and nobody keeps the others waiting. */
import { describe, expect, it } from 'vitest';
import { findCases, scaled, type Case } from '../../bench/cases.ts';
import { runEngine } from '../../demo/race/engine-run.ts';
import { runLibrary, type Answer, type Meet } from '../../demo/race/library-run.ts';
import type { RaceMeasurement, RaceRun } from '../../demo/race/messages.ts';
import { meetMlKmeans } from '../../demo/race/ml-kmeans.ts';
import { agreed, atSize, leaders, sizesOf, suggestedSize } from '../../demo/race/standings.ts';
import { leastMemory, planMemory } from '../../src/out-of-core/plan.ts';

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

  it('is ended by its signal', async () => {
    const ended = new AbortController();
    setTimeout(() => ended.abort(new Error('enough')), 20);
    const large = scaled(findCases(['C2-uniform'])[0], 0.1);
    const all = runEngine({ engine: 'reference' }, large, OPTIONS, ended.signal);
    await expect(all).rejects.toThrow('enough');
  });

  it('takes a case out of core as a source: with the bits of the points in memory', async () => {
    const given = { ...CASE, maxMemory: leastMemory(CASE.columns, CASE.k) };
    const rows = 20_000; // five pages
    const of = (each: Case) => runEngine({ engine: 'reference' }, { ...each, rows }, OPTIONS);
    const [paged, whole] = [await of(given), await of(CASE)];
    if (paged.outcome !== 'measured') throw new Error(JSON.stringify(paged));
    expect(paged).toMatchObject({ hash: (whole as typeof paged).hash, repeats: 2 });
    const { upload, compute, readBack } = paged.phases;
    expect(Math.min(upload!, compute, readBack!)).toBeGreaterThan(0);
    expect(upload! + compute + readBack!).toBeLessThan(paged.fit.most);
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

  it('is stopped between two fits, and has no part in cases out of core', async () => {
    const ended = new AbortController();
    let whole = 0;
    const watched: Meet = (points, start) => {
      const honest = meetMlKmeans(points, start);
      const fit = (iterations: number) => {
        if (points.rows === CASE.rows && iterations > 1) {
          whole++;
          ended.abort();
        }
        return honest.fit(iterations);
      };
      return { ...honest, fit };
    };
    await expect(runLibrary(watched, CASE, OPTIONS, ended.signal)).rejects.toThrow('abort');
    expect(whole).toBe(1);
    expect(await runLibrary(watched, { ...CASE, maxMemory: 1e6 }, OPTIONS)).toMatchObject({
      outcome: 'unsupported',
      reason: expect.stringContaining('in memory') as string,
    });
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
    for (const rows of sizes) {
      const { columns, k, maxMemory } = atSize(given, rows);
      expect(atSize(given, rows)).toMatchObject({ rows, k: given.k });
      expect(() => planMemory(maxMemory, columns, k)).not.toThrow();
    }
    expect(sizes).toContain(suggestedSize(given));
  }
});
