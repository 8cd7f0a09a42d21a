import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { K_MEANS, OKLAB, PNGQUANT, SRGB } from '../../bench/image/contenders.ts';
import { outcomes } from '../../bench/image/goals.ts';
import { indexed, judge, type Quality } from '../../bench/image/judge.ts';
import { statusBytes, type LargeFit, type LargeRun } from '../../bench/image/large.ts';
import { distinctColors, enlarge } from '../../bench/image/photos.ts';
import type { ImageReport, Row } from '../../bench/image/results.ts';
import { imageSummary, imageText } from '../../bench/image/table.ts';
import type { Pixels } from '../../src/image/pixels.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'centroids-bench-image-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const pixels = (width: number, ...colors: [number, number, number][]): Pixels => ({
  data: Uint8Array.from(colors.flatMap((color) => [...color, 255])),
  ...{ width, height: colors.length / width },
});

const [RED, GREY, DARK] = [
  [200, 10, 10],
  [90, 90, 90],
  [3, 5, 7],
] satisfies [number, number, number][];

describe('the enlarged photograph', () => {
  const photo = pixels(3, RED, GREY, DARK, GREY, RED, RED);

  it('is the photograph itself at its own size', () => {
    const same = enlarge(photo, 3, 2, { deviation: 0 });
    expect([...same.data]).toEqual([...photo.data]);
  });

  it('keeps a plain colour, edges too', () => {
    const plain = enlarge(pixels(2, GREY, GREY), 7, 9, { deviation: 0 });
    expect(distinctColors(plain)).toBe(1);
    expect([...plain.data.subarray(0, 4)]).toEqual([...GREY, 255]);
  });

  it('has noise of the deviation asked for, and the same every time', () => {
    const noisy = () => enlarge(pixels(2, GREY, GREY), 100, 100, { deviation: 3, seed: 1 });
    const { data } = noisy();
    const values = [...data].filter((_, at) => at % 4 !== 3);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(90, 0);
    // rounding to bytes adds a twelfth
    expect(Math.abs(variance - 9 - 1 / 12)).toBeLessThan(0.3);
    expect([...noisy().data]).toEqual([...data]);
  });

  it('counts different colours', () => {
    expect(distinctColors(photo)).toBe(3);
  });
});

describe('the judge', () => {
  const original = pixels(4, RED, RED, GREY, DARK);
  const out = pixels(4, RED, RED, GREY, GREY);
  const claimed = { path: '', seed: null, ownBytes: 7 };

  it('takes colours in order of their use', () => {
    const { palette, indices, colors } = indexed(pixels(5, DARK, RED, GREY, RED, DARK));
    expect(colors).toBe(3);
    expect([...palette.subarray(8)]).toEqual([...GREY, 255]);
    const back = Array.from(indices, (entry) => [...palette.subarray(4 * entry, 4 * entry + 3)]);
    expect(back).toEqual([DARK, RED, GREY, RED, DARK]);
  });

  it('measures what came out', async () => {
    const squares = GREY.reduce((sum, value, t) => sum + (value - DARK[t]) ** 2, 0);
    const psnr = 10 * Math.log10((255 ** 2 * 12) / squares);
    const quality = await judge(original, out, 2, { ...claimed, psnr });
    expect(quality).toMatchObject({ colors: 2, seed: null, ownBytes: 7 });
    expect(quality.psnr).toBeCloseTo(psnr, 10);
    expect(quality.meanDeltaE).toBeCloseTo(quality.maxDeltaE / 4, 10);
    expect(quality.pngBytes).toBeGreaterThan(50);
    const same = await judge(original, original, 3, { ...claimed, psnr: null });
    expect(same).toMatchObject({ psnr: Infinity, meanDeltaE: 0, maxDeltaE: 0 });
  });

  it('refuses what is no result', async () => {
    await expect(judge(original, out, 1, claimed)).rejects.toThrow('2 colours came out');
    await expect(judge(original, pixels(1, RED), 2, claimed)).rejects.toThrow('4 bytes came out');
    const liar = { ...claimed, psnr: 30 };
    await expect(judge(original, out, 2, liar)).rejects.toThrow('30 in NumPy');
    await expect(judge(original, original, 3, liar)).rejects.toThrow('PSNR Infinity here');
    await expect(judge(original, out, 2, { ...claimed, psnr: null })).rejects.toThrow('in NumPy');
  });
});

const clocked = (median: number) => ({ first: 2 * median, times: [median], median });

const quality = (psnr: number, meanDeltaE: number): Quality => ({
  ...{ seed: 0, psnr, ssim: 0.9, meanDeltaE, maxDeltaE: 20, colors: 16 },
  ...{ pngBytes: 1500, ownBytes: null },
});

function row(who: string, ms: number, ...qualities: Quality[]): Row {
  const memory = who === PNGQUANT ? null : clocked(ms);
  return {
    ...{ photo: 'china', width: 640, height: 427, colors: 16, who },
    result: { outcome: 'right', memory, file: clocked(ms + 10), qualities, phases: null },
  };
}

const ROWS = [
  row(OKLAB, 70, quality(26, 5)),
  row(SRGB, 50, quality(27.4, 6), quality(27.6, 6.2)),
  row(K_MEANS, 500, quality(27.4, 6), quality(27.5, 6)),
  row(PNGQUANT, 55, quality(27.2, 6)),
];

describe('goals of images', () => {
  const verdicts = (rows: readonly Row[]) => outcomes(rows, null).map(({ verdict }) => verdict);

  it('are reached or missed photograph by photograph', () => {
    expect(verdicts(ROWS)).toEqual([
      'reached', // mean 27.5 ≥ 27.45
      'missed', // worst 27.4 < best 27.5
      'reached', // 60 < 65 ms
      'reached', // 50 < 65 ms
      'missed', // 80 ms
      'missed', // 70 ms
      'reached', // ΔE 5 < 6.1
    ]);
    const other = ROWS.map((one): Row => ({ ...one, photo: 'flower' }));
    other[0] = { ...row(OKLAB, 20, quality(26, 6.1)), photo: 'flower' };
    expect(verdicts([...ROWS, ...other]).at(-1)).toBe('missed');
  });

  it('are not reached where somebody was not measured', () => {
    const missing: Row = { ...ROWS[3], result: { outcome: 'missing', reason: 'not installed' } };
    expect(verdicts([...ROWS.slice(0, 3), missing]).slice(2, 6)).toEqual(
      new Array(4).fill('not measured'),
    );
    expect(verdicts([])).toEqual(new Array(7).fill('not measured'));
  });

  const fit = (milliseconds: number, peakBytes: number | null): LargeFit => ({
    ...{ milliseconds, peakBytes, engine: 'wasm', phases: { cluster: milliseconds } },
    ...{ longTasks: [{ phase: 'count', milliseconds: 80 }], frameGap: 17, timerGap: 4 },
  });
  const large = (...fits: LargeFit[]): LargeRun => ({
    ...{ photo: 'china', width: 6000, height: 4000, browser: 'Chromium 1', colors: 256, fits },
    ...{ imageBytes: 96e6, distinct: 1_846_552, emptyBytes: 2e8, preparedBytes: 3e8 },
    ...{ heldBytes: 1.2e8, psnr: 34.6, colorsUsed: 256, fingerprint: 'aa' },
  });

  it('of a camera’s image: cold, warm, and the most memory of all runs', () => {
    const of = (run: LargeRun) => outcomes([], run).slice(-2);
    const good = large(fit(2900, 3e8), fit(2500, 5e8), fit(9000, 5.7e8), fit(2000, 5e8));
    expect(of(good).map(({ verdict }) => verdict)).toEqual(['reached', 'reached']);
    expect(of(large(fit(3100, 5e8), fit(2000, 5.8e8))).map(({ verdict }) => verdict)).toEqual([
      ...['missed', 'missed'],
    ]);
    expect(of(large(fit(10, null)))[1].verdict).toBe('not measured');
  });

  it('reads how much memory a process has', () => {
    const status = 'Name:\tchromium\nVmHWM:\t  159576 kB\nVmRSS:\t     100 kB\n';
    expect(statusBytes(status, 'VmHWM')).toBe(159_576 * 1024);
    expect(() => statusBytes(status, 'VmPeak')).toThrow('no VmPeak');
  });

  describe('in tables', () => {
    const rows: Row[] = [
      ...ROWS,
      { ...row('gifenc', 0), result: { outcome: 'wrong', reason: '17 colours came out' } },
    ];
    const run = large(fit(2900, 3e8), fit(2000, 5.8e8));
    const report: ImageReport = {
      ...{ format: 1, kind: 'image', date: '2026-11-21T00:00:00Z', commit: 'abc', quiet: false },
      machine: {
        ...{ cpu: 'AMD EPYC', cores: 4, memoryBytes: 2 ** 34, platform: 'linux x64' },
        ...{ runtime: 'Node v20', loadBefore: 3.25 },
      },
      versions: { [PNGQUANT]: 'pngquant 2.17.0', a: 'Pillow 9', b: 'Pillow 9' },
      options: { repeats: 5, seeds: [0, 1] },
      ...{ rows, large: run, goals: outcomes(rows, run), missing: ['libimagequant is left out'] },
    };

    it('everybody has a line, with no times of a wrong result', () => {
      const lines = imageText(report).split('\n');
      const of = (who: string) => lines.find((line) => line.includes(`| ${who} `))!;
      expect(of(SRGB)).toMatch(/50\.0 .* 60\.0 .* 27\.50 \(27\.40 – 27\.60\) /);
      expect(of(PNGQUANT)).toMatch(/– \| +– \| +65\.0 /);
      expect(of('gifenc')).toContain('wrong: 17 colours came out');
      expect(of('gifenc')).not.toMatch(/dB|1\.5/);
      expect(lines.filter((line) => line.includes('Pillow 9; Pillow 9'))).toEqual([]);
      expect(lines).toContain('- libimagequant is left out');
    });

    it('says plainly what is missed, and that busy times are provisional', () => {
      const text = imageText(report);
      expect(text).toContain('**missed** (china 16: 27.40 and 27.50)');
      expect(text).toContain('1,846,552 different colours; 96 MB');
      expect(text).toContain('**Provisional**');
      expect(imageText({ ...report, quiet: true })).not.toMatch(/provisional/i);
    });

    it('has a short form of means', () => {
      const lines = imageSummary(report).split('\n');
      const of = (who: string) => lines.find((line) => line.startsWith(`| ${who} `))!;
      expect(of(PNGQUANT)).toMatch(/27\.20 \| +6\.000 \| +65\.0 \|/);
      expect(of('gifenc')).toMatch(/– \| +– \| +– \|/);
    });
  });
});

describe('npm run bench:image', () => {
  async function bench(environment: Record<string, string>, ...words: string[]) {
    const preload = ['--import', 'tsx', '--import', './bench/raw-text.ts'];
    const child = spawn(process.execPath, [...preload, 'bench/image.ts', '--no-large', ...words], {
      env: { ...process.env, ...environment },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, out, err };
  }
  const small = ['--photos', 'flower', '--colors', '4', '--quick', '--seeds', '2'];

  it('measures who is here, and says on a line each who is not', async () => {
    const json = path.join(directory, 'image.json');
    const nobody = { PATH: directory, CENTROIDS_PYTHON: path.join(directory, 'no-python') };
    const who = ['--only', 'centroids,gifenc,pngquant,scikit-learn', '--json', json];
    const { code, out } = await bench(nobody, ...small, ...who);
    expect(code).toBe(0);
    expect(out).toContain('- pngquant --speed 1 --nofs is left out: no pngquant on PATH');
    expect(out).toContain('- scikit-learn, k-means is left out: no Python here');
    const report = JSON.parse(readFileSync(json, 'utf8')) as ImageReport;
    expect(report.rows.map(({ who, result }) => [who, result.outcome])).toEqual([
      [OKLAB, 'right'],
      [SRGB, 'right'],
      [`${SRGB}, one thread`, 'right'],
      [K_MEANS, 'missing'],
      [PNGQUANT, 'missing'],
      ['gifenc', 'right'],
    ]);
    const hashes = report.rows.slice(1, 3).map(({ result }) => {
      if (result.outcome !== 'right') throw new Error(result.reason);
      return result.qualities;
    });
    expect(hashes[0]).toHaveLength(2);
    expect(hashes[0]).toEqual(hashes[1]); // threads change nothing
  });

  it('refuses what it does not know', async () => {
    const answers = await Promise.all([
      bench({}, '--photos', 'lena'),
      bench({}, '--colors', '0'),
      bench({}, '--only', 'nobody'),
    ]);
    for (const { code, out } of answers) expect([code, out]).toEqual([2, '']);
  });
});
