/** The comparison with other libraries: no time of a wrong answer, and no goal reached that was not. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeFits, type Fit } from '../../bench/browser/measure.ts';
import { busyStretches } from '../../bench/browser/profile.ts';
import { browserLines } from '../../bench/browser/text.ts';
import { findCases, scaled } from '../../bench/cases.ts';
import { firstCentroids, makePoints } from '../../bench/data.ts';
import { quiet } from '../../bench/machine.ts';
import { enough, PACE, Stopwatch, timed, type Pace } from '../../bench/peers/clock.ts';
import type { Answer, Clusters } from '../../bench/peers/exchange.ts';
import { geometricMean, outcomes, type Goal } from '../../bench/peers/goals.ts';
import { compare, DRIFTED, EARLY, inertia, SAME } from '../../bench/peers/judge.ts';
import type { PeersReport, Row } from '../../bench/peers/results.ts';
import { ratiosOf } from '../../bench/peers/run.ts';
import { NO_SKLEARN } from '../../bench/peers/sklearn.ts';
import { peersSummary } from '../../bench/peers/summary.ts';
import { peersTable, peersText } from '../../bench/peers/table.ts';
import { kmeans, type Matrix } from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(path.join(os.tmpdir(), 'centroids-peers-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the clock', () => {
  const pace: Pace = { ...PACE, repeats: 5, atLeast: 5, maxSeconds: 10 };
  const fits = (...lengths: number[]) => {
    let next = 0;
    return async () => {
      const milliseconds = lengths[Math.min(next, lengths.length - 1)];
      return { answer: next++, milliseconds };
    };
  };

  it('takes what was asked for of long fits, and the first one as their warm-up', async () => {
    const result = await timed(fits(5000, 4000, 6000, 3000, 7000, 5500), pace);
    expect(result).toEqual({
      last: 5,
      first: 5000,
      warmUps: 0,
      times: [4000, 6000, 3000, 7000, 5500],
      median: 5500,
    });
  });

  it('warms short fits up, and repeats them for a second', async () => {
    const result = await timed(fits(400, 100), pace);
    expect(result.warmUps).toBe(3);
    expect(result.times).toHaveLength(10);
  });

  it('ends: with so many fits, or where time is up and there are enough', () => {
    expect(enough(Array<number>(101).fill(0.1), pace)).toBe(true);
    expect(enough(Array<number>(100).fill(0.1), pace)).toBe(false);
    expect(enough([11_000], pace)).toBe(false);
    expect(enough([11_000], { ...pace, atLeast: 1 })).toBe(true);
    expect(enough([9_000], { ...pace, atLeast: 1 })).toBe(false);
  });

  it('is content with the first fit of what nobody waits for', async () => {
    const result = await timed(fits(11_000, 1), { ...pace, atLeast: 0 });
    expect(result).toMatchObject({ first: 11_000, times: [11_000], median: 11_000 });
    expect((await timed(fits(9_000, 9_500), { ...pace, atLeast: 0 })).times).toHaveLength(2);
  });

  it('divides a fit into phases; before an engine is opened points are laid', () => {
    const stopwatch = new Stopwatch();
    const entered: [phase: string, at: number][] = [
      ...([
        ['seed', 10],
        ['open', 15],
        ['seed', 18],
        ['seed', 19],
      ] as [string, number][]),
      ...([
        ['iterate', 25],
        ['iterate', 30],
        ['read', 40],
      ] as [string, number][]),
    ];
    for (const [phase, at] of entered) stopwatch.enter(phase, at);
    expect(stopwatch.split(42)).toEqual({ lay: 5, open: 3, seed: 7, iterate: 15, read: 2 });
  });
});

describe('the judge', () => {
  const given = scaled(findCases(['C1-uniform'])[0], 0.002);
  const points = makePoints(given, 3);

  async function answer(maxIter = 5): Promise<Clusters> {
    const init = firstCentroids(points, given.k, 3);
    const { labels, centroids } = await kmeans(points, given.k, { init, maxIter, tol: 0 });
    return { labels, centroids: Float64Array.from(centroids.data) };
  }
  const copy = ({ labels, centroids }: Clusters): Clusters => ({
    labels: labels.slice(),
    centroids: centroids.slice(),
  });

  it('finds nothing wrong with the same answer', async () => {
    const ours = await answer();
    expect(compare(points, copy(ours), ours)).toEqual({
      ...{ faults: [], differing: 0, unexplained: 0, centroidsOff: 0, inertiaOff: 0 },
    });
  });

  it('refuses one wrong label', async () => {
    const ours = await answer();
    const theirs = copy(ours);
    theirs.labels[7] = (theirs.labels[7] + 1) % given.k;
    const verdict = compare(points, theirs, ours);
    expect(verdict).toMatchObject({ differing: 1 / points.rows, unexplained: 1 });
    expect(verdict.faults[0]).toBe('1 labels differ by more than rounding explains');
  });

  it('lets a point on a border be on either side of it', () => {
    const line: Matrix = { data: Float32Array.of(0, 1, 2, 3, 4), rows: 5, columns: 1 };
    const centroids = Float64Array.of(0.5, 3.5);
    const ours = { labels: Uint32Array.of(0, 0, 0, 1, 1), centroids };
    const theirs = { labels: Uint32Array.of(0, 0, 1, 1, 1), centroids };
    const verdict = compare(line, theirs, ours);
    expect(verdict).toMatchObject({ differing: 0.2, unexplained: 0, inertiaOff: 0 });
    // but not so many of them, unless float32 sums had the time to drift
    expect(verdict.faults).toEqual(['20.00 % of the labels differ']);
    expect(compare(line, theirs, ours, DRIFTED).faults).toEqual([]);
  });

  it('refuses another iteration', async () => {
    const [before, ours] = [await answer(2), await answer(3)];
    for (const tolerance of [SAME, EARLY, DRIFTED])
      expect(compare(points, before, ours, tolerance).faults.join()).toContain('inertia is off');
  });

  it('knows labels of one iteration before', async () => {
    const [before, ours] = [await answer(4), await answer(5)];
    const theirs = { labels: before.labels, centroids: ours.centroids };
    expect(compare(points, theirs, ours).faults).not.toEqual([]);
    expect(compare(points, theirs, theirs, SAME, before.centroids).faults).toEqual([]);
  });

  it('refuses what is no clustering of these points', async () => {
    const ours = await answer();
    const short = { ...ours, labels: ours.labels.slice(1) };
    const stray = copy(ours);
    stray.labels[0] = given.k;
    const broken = copy(ours);
    broken.centroids[0] = NaN;
    for (const theirs of [short, stray, broken])
      expect(compare(points, theirs, ours).faults).toHaveLength(1);
  });

  it('computes inertia by its definition', () => {
    const two: Matrix = { data: Float32Array.of(0, 0, 3, 4), rows: 2, columns: 2 };
    const clusters = { labels: Uint32Array.of(0, 0), centroids: Float64Array.of(0, 0) };
    expect(inertia(two, clusters)).toBe(25);
  });
});

describe('goals', () => {
  const goal: Goal = { peer: 'scikit-learn', cases: ['A', 'B'], mean: 20, each: 10 };
  const verdictOf = (...times: [id: string, times: number][]) => {
    const ratios = times.map(([id, factor]) => ({ id, peer: goal.peer, times: factor }));
    return outcomes(ratios, [goal])[0];
  };

  it('are reached where the mean is and no case is below', () => {
    const reached = verdictOf(['A', 10], ['B', 40]);
    expect(reached).toMatchObject({ verdict: 'reached', least: 10, measured: 2, missing: [] });
    expect(reached.mean).toBeCloseTo(20, 12);
  });

  it('are missed by the mean, and by one case', () => {
    expect(verdictOf(['A', 10], ['B', 39.9]).verdict).toBe('missed');
    expect(verdictOf(['A', 9.9], ['B', 1000]).verdict).toBe('missed');
    // several data of a workload count one by one
    expect(verdictOf(['A', 50], ['A', 9], ['B', 50])).toMatchObject({
      verdict: 'missed',
      measured: 3,
    });
  });

  it('are not reached by half', () => {
    expect(verdictOf(['A', 100])).toMatchObject({ verdict: 'not measured', missing: ['B'] });
    expect(verdictOf(['A', 9]).verdict).toBe('missed');
    expect(verdictOf()).toMatchObject({ verdict: 'not measured', missing: ['A', 'B'] });
  });

  it('look at one peer only', () => {
    const ratios = ['A', 'B'].map((id) => ({ id, peer: 'skmeans' as const, times: 100 }));
    expect(outcomes(ratios, [goal])[0]).toMatchObject({ verdict: 'not measured', measured: 0 });
  });

  it('are those of the plan', () => {
    const all = ['T1', 'T2', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8'];
    const reached = all.map((id) => ({ id, peer: 'scikit-learn' as const, times: 20 }));
    expect(outcomes(reached).map(({ verdict }) => verdict)).toEqual([
      ...['reached', 'reached', 'reached', 'reached'],
      ...['not measured', 'not measured'],
    ]);
    expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
  });
});

describe('what is printed', () => {
  const [given] = findCases(['C1-blobs']);
  const right = (changes: Partial<Row>, median: number, times: number): Row => {
    const answer: Answer = {
      ...{ iterations: 20, first: 99, warmUps: 1, times: [median], median, inertia: null },
      ...{ description: 'Somebody 1.0', algorithm: 'filtered', hash: 'f00' },
    };
    const others = { case: given, share: 1, who: 'centroids' as const, threads: 4 };
    const result = { outcome: 'right' as const, answer, verdict: null, times };
    return { ...others, algorithm: 'auto', result, ...changes };
  };
  const wrong: Row = {
    ...right({ who: 'skmeans', algorithm: null }, 1, 1),
    result: { outcome: 'wrong', faults: ['2 labels differ'] },
  };
  const rows = [
    right({ who: 'scikit-learn', algorithm: null }, 1234, 17.5),
    right({}, 70.5, 1),
    right({ threads: 1 }, 150, 2.1),
    right({ who: 'ml-kmeans', algorithm: null, share: 0.1 }, 640, 32.5),
    wrong,
  ];
  const report: PeersReport = {
    ...{ format: 1, kind: 'peers', date: '2026-11-21T00:00:00Z', commit: 'abc', quiet: false },
    machine: {
      ...{ cpu: 'A processor', cores: 4, memoryBytes: 2 ** 34, platform: 'linux x64' },
      ...{ runtime: 'Node v20', loadBefore: 3.25 },
    },
    versions: { centroids: 'WebAssembly SIMD' },
    options: {
      ...{ iterations: 20, repeats: 5, seed: 0, scale: 1, maxSeconds: 10, threads: 4, flags: [] },
    },
    rows,
    goals: outcomes(ratiosOf(rows)),
    browser: null,
    missing: [NO_SKLEARN],
  };

  it('has a line for everybody, without times of a wrong answer', () => {
    const lines = peersTable(report).split('\n');
    const of = (who: string) => lines.find((line) => line.includes(`| ${who}`))!;
    expect(of('scikit-learn')).toMatch(/1,234 .* 17\.5× /);
    expect(of('centroids (auto: filtered, 4 threads)')).toContain('70.5');
    expect(of('ml-kmeans')).toContain('(0.1 of the rows)');
    expect(of('skmeans')).toContain('WRONG: 2 labels differ');
    expect(of('skmeans')).not.toContain('×  ');
    expect(ratiosOf(rows).map(({ peer }) => peer)).toEqual(['scikit-learn', 'ml-kmeans']);
  });

  it('has a line for every goal, and says plainly what is missed', () => {
    const line = (who: string, cases: string) =>
      peersTable(report)
        .split('\n')
        .find((text) => text.includes('goal') && text.includes(who) && text.includes(cases))!;
    expect(line('scikit-learn', 'C7')).toContain('not measured: C2, C3, C7');
    const slow = { ...report, goals: outcomes([{ id: 'C4', peer: 'scikit-learn', times: 2 }]) };
    expect(peersTable(slow)).toMatch(/C4 .* least 2\.00× .*≥ 3×: \*\*missed\*\* \(provisional\)/);
    expect(peersTable({ ...slow, quiet: true })).toMatch(/≥ 3×: \*\*missed\*\* +\|/);
  });

  it('calls no run quiet where others used the machine', () => {
    expect(peersText(report)).toContain('NOT A QUIET RUN: the load was 3.3 at the start');
    expect(peersText({ ...report, quiet: true })).not.toContain('NOT A QUIET RUN');
    const { machine } = report;
    expect([1.01, 1, 0, null].map((load) => quiet({ ...machine, loadBefore: load }))).toEqual([
      ...[false, true, true, false],
    ]);
  });

  it('says on one line what could not be had', () => {
    expect(peersText(report).split('\n')).toContain(NO_SKLEARN);
  });

  it('has a short form, with the same verdicts', () => {
    const text = peersSummary(report);
    expect(text).toMatch(/\| C1-blobs \|.*\| +1,234 \| +17\.5× \| +32\.5× \(0\.1\) \| +differs \|/);
    expect(text).toContain('**Provisional**');
    expect(peersSummary({ ...report, quiet: true })).not.toContain('**Provisional**');
  });
});

describe('a tab', () => {
  const fit = (changes: Partial<Fit> = {}): Fit => ({
    ...{ milliseconds: 1000, split: { iterate: 900 }, engine: 'wasm', algorithm: 'filtered' },
    ...{ iterations: 9, converged: true, stopReason: 'tol', inertia: 1, hash: 'aa' },
    ...{ longTasks: [], frameGap: 20, timerGap: 8 },
    ...changes,
  });

  it('misses its goal by one long task', () => {
    expect(judgeFits([fit()])).toMatchObject({ verdict: 'reached', longestTask: 0 });
    const blocked = fit({ longTasks: [{ phase: 'seed', milliseconds: 51 }] });
    const judged = judgeFits([fit(), blocked]);
    expect(judged).toMatchObject({ verdict: 'missed', longestTask: 51 });
    expect(judgeFits([fit({ frameGap: 68 })]).verdict).toBe('missed');
    expect(judgeFits([fit({ frameGap: 66 })]).verdict).toBe('reached');
    const idle = { longTasks: [], frameGap: 17, timerGap: 4 };
    const run = { name: 'C7', scale: 1, seed: 0, browser: 'Chromium 1', options: {}, idle };
    const lines = browserLines({ ...run, ...judged, stretches: [] }).join('\n');
    expect(lines).toContain('**missed**');
    expect(lines).toContain('long tasks of fit 2: 51.0 ms in seed');
  });

  it('tells no times of answers that differ or did not converge', () => {
    expect(() => judgeFits([fit(), fit({ hash: 'bb' })])).toThrow('other bits: bb, aa');
    expect(() => judgeFits([fit({ converged: false })])).toThrow('not converged after 9');
  });

  it('profiles: stretches without rest, with what they were spent on', () => {
    const node = (id: number, functionName: string, url = '') => ({
      id,
      callFrame: { functionName, url, lineNumber: 9 },
    });
    const stretches = busyStretches({
      nodes: [node(1, '(idle)'), node(2, 'work', 'http://x/a/b.js'), node(3, '(program)')],
      samples: [2, 1, 2, 3, 2, 1, 3],
      timeDeltas: [0, 1000, 5000, 10_000, 2000, 4000, 7000],
    });
    expect(stretches).toEqual([
      {
        milliseconds: 16,
        where: [
          { at: 'work b.js:10', milliseconds: 14 },
          { at: '(program)', milliseconds: 2 },
        ],
      },
      { milliseconds: 1, where: [{ at: 'work b.js:10', milliseconds: 1 }] },
      { milliseconds: 0, where: [{ at: '(program)', milliseconds: 0 }] },
    ]);
  });
});

describe('npm run bench -- --peers', () => {
  async function bench(python: string, ...words: string[]) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'bench/node.ts', '--peers', '--no-browser', ...words],
      { cwd: ROOT, env: { ...process.env, CENTROIDS_PYTHON: python } },
    );
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, out, err };
  }
  const quick = ['--max-seconds', '0.05', '--repeat', '1'];
  /** No JavaScript library is asked. */
  const tiny = ['--cases', 'T2', ...quick, '--threads', '1'];
  const small = ['--cases', 'C1-uniform', '--scale', '0.002', ...quick];

  it('without scikit-learn says so on one line, and measures the others', async () => {
    const json = path.join(directory, 'none.json');
    const nobody = path.join(directory, 'no-python');
    const { code, out, err } = await bench(nobody, ...small, '--threads', '2', '--json', json);
    expect([code, err]).toEqual([0, expect.stringContaining('ml-kmeans: right')]);
    expect(out.split('\n').filter((line) => line.includes('scikit-learn is left out'))).toEqual([
      NO_SKLEARN,
    ]);
    const report = JSON.parse(readFileSync(json, 'utf8')) as PeersReport;
    expect(report.rows.map(({ who, threads, result }) => [who, threads, result.outcome])).toEqual([
      ['centroids', 2, 'right'],
      ['centroids', 1, 'right'],
      ['ml-kmeans', 1, 'right'],
      ['skmeans', 1, 'right'],
    ]);
    expect(report).toMatchObject({ kind: 'peers', missing: [NO_SKLEARN], goals: [] });
    expect(report.quiet).toBe(quiet(report.machine));
  });

  it('has no times of a Python that gives wrong answers, and fails', async () => {
    const liar = path.join(directory, 'liar.mjs');
    writeFileSync(liar, LIAR);
    chmodSync(liar, 0o755);
    const { code, out } = await bench(liar, ...tiny);
    expect(code).toBe(1);
    expect(out).toMatch(/\| scikit-learn +\| WRONG: .*of the spread from ours/);
    expect(out).toMatch(/\| centroids \(auto: \w+, 1 thread\) .*same bits/);
  });

  it('passes on what Python complains of', async () => {
    const broken = path.join(directory, 'broken.mjs');
    writeFileSync(broken, BROKEN);
    chmodSync(broken, 0o755);
    const { code, out } = await bench(broken, ...tiny);
    expect(code).toBe(1);
    expect(out).toContain('failed: MemoryError: no more');
  });

  it('refuses what it does not know', async () => {
    const answers = await Promise.all([
      bench('none', '--engines', 'wasm'),
      bench('none', '--algorithms', 'elkan'),
      bench('none', '--iterations', '1'),
    ]);
    for (const { code, out } of answers) expect([code, out]).toEqual([2, '']);
  });
});

/** Stand in for Python: the first says that it has scikit-learn and puts every centroid at 0. */
const LIAR = `#!${process.execPath}
import { readFileSync, writeFileSync } from 'node:fs';
if (process.argv[2] !== '-c') {
  const { folder, rows, columns, k, iterations } = JSON.parse(readFileSync(0, 'utf8'));
  for (const name of ['/sklearn', '/sklearn-early']) {
    writeFileSync(folder + name + '.labels.u32', new Uint32Array(rows));
    writeFileSync(folder + name + '.centroids.f64', new Float64Array(k * columns));
  }
  const times = { first: 1, warmUps: 1, times: [1], median: 1 };
  console.log(JSON.stringify({ iterations, ...times, inertia: 0, description: 'a liar' }));
}
`;
const BROKEN = `#!${process.execPath}
if (process.argv[2] !== '-c') {
  console.error('Traceback\\nMemoryError: no more');
  process.exitCode = 1;
}
`;
