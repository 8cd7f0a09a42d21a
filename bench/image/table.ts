/** The comparison of quantizers as tables: a line for everybody on every image, and a line for every goal. */
import { markdownTable } from 'markdown-table';
import { mean } from 'simple-statistics';
import { digits, setting } from '../report.ts';
import { CONTENDERS } from './contenders.ts';
import type { Cell, Outcome } from './goals.ts';
import type { LargeRun } from './large.ts';
import type { ImageReport, Row } from './results.ts';

const HEAD = [
  ...['image', 'colours', 'who', 'in memory, ms', 'first', 'file to file, ms'],
  ...['PSNR, dB', 'SSIM', 'ΔE2000 mean', 'most', 'used', 'PNG, kB', 'its own, kB'],
];
const ALIGN = ['l', 'r', 'l', ...HEAD.slice(3).map(() => 'r')];

/** Everything: where, everybody, what was reached. */
export function imageText(report: ImageReport): string {
  return [
    ...intro(report),
    '',
    markdownTable([HEAD, ...report.rows.map(line)], { align: ALIGN }),
    '',
    ...phaseTable(report.rows),
    ...(report.large === null ? [] : largeLines(report.large)),
    ...report.missing.map((text) => `- ${text}`),
    '',
    'Goals:',
    '',
    ...report.goals.map((outcome) => goalLine(outcome, report.quiet)),
  ].join('\n');
}

/** For the main README: one photograph's size of palette a line, those that goals are about. */
export function imageSummary(report: ImageReport): string {
  const { rows, goals, quiet, large } = report;
  const whos = CONTENDERS.filter(({ name }) => rows.some(({ who }) => who === name)).filter(
    ({ name }) => !name.endsWith('one thread'),
  );
  const counts = [...new Set(rows.map(({ colors }) => colors))];
  const head = ['who', ...counts.flatMap((colors) => [`${colors}: dB`, 'ΔE', 'ms'])];
  const lines = whos.map(({ name }) => [
    name,
    ...counts.flatMap((colors) =>
      averages(rows.filter((row) => row.who === name && row.colors === colors)),
    ),
  ]);
  const align = ['l', ...head.slice(1).map(() => 'r')];
  return [
    ...intro(report),
    '',
    `Means of ${[...new Set(rows.map(({ photo }) => photo))].join(' and ')}: PSNR, mean ΔE2000, time from RGBA to palette and indices (pngquant: from file to file).`,
    '',
    markdownTable([head, ...lines], { align }),
    '',
    ...(large === null ? [] : largeLines(large)),
    ...goals.map((outcome) => goalLine(outcome, quiet)),
  ].join('\n');
}

function intro(report: ImageReport): string[] {
  const { machine, quiet, versions, options } = report;
  const busy = quiet
    ? ''
    : ` **Provisional**: others used the machine (a load of ${machine.loadBefore?.toFixed(1) ?? '?'} on ${machine.cores} cores at the start).`;
  return [
    `${setting(report)}; ${[...new Set(Object.values(versions))].join('; ')}.${busy}`,
    `Medians of at least ${options.repeats} runs after warm-up. Quality of ours and of scikit-learn: mean of ${options.seeds.length} seeds.`,
  ];
}

function line({ photo, width, height, colors, who, result }: Row): string[] {
  const head = [`${photo}, ${width} × ${height}`, String(colors), who];
  if (result.outcome !== 'right') {
    const what = result.outcome === 'missing' ? 'not here' : result.outcome;
    return [...head, `${what}: ${result.reason}`, ...HEAD.slice(4).map(() => '')];
  }
  const { memory, file, qualities } = result;
  const of = (name: keyof (typeof qualities)[number]) =>
    mean(qualities.map((one) => one[name] ?? NaN));
  const kilobytes = (bytes: number) => (Number.isNaN(bytes) ? '–' : (bytes / 1000).toFixed(1));
  const psnrs = qualities.map(({ psnr }) => psnr);
  const spread =
    psnrs.length > 1
      ? ` (${Math.min(...psnrs).toFixed(2)} – ${Math.max(...psnrs).toFixed(2)})`
      : '';
  return [
    ...head,
    ...(memory === null ? ['–', '–'] : [digits(memory.median), digits(memory.first)]),
    file === null ? '–' : digits(file.median),
    of('psnr').toFixed(2) + spread,
    of('ssim').toFixed(4),
    of('meanDeltaE').toFixed(3),
    of('maxDeltaE').toFixed(1),
    String(Math.round(of('colors'))),
    kilobytes(of('pngBytes')),
    kilobytes(of('ownBytes')),
  ];
}

/** PSNR, ΔE and time of some images of one contender. */
function averages(rows: readonly Row[]): string[] {
  const right = rows.flatMap(({ result }) => (result.outcome === 'right' ? [result] : []));
  if (right.length === 0 || right.length < rows.length) return ['–', '–', '–'];
  const average = (name: 'psnr' | 'meanDeltaE') =>
    mean(right.flatMap(({ qualities }) => mean(qualities.map((one) => one[name]))));
  return [
    average('psnr').toFixed(2),
    average('meanDeltaE').toFixed(3),
    digits(mean(right.map(({ memory, file }) => (memory ?? file)!.median))),
  ];
}

/** Where our time goes: medians by the library's progress. */
function phaseTable(rows: readonly Row[]): string[] {
  const own = rows.flatMap(({ photo, colors, who, result }) =>
    result.outcome === 'right' && result.phases ? [{ photo, colors, who, ...result }] : [],
  );
  if (own.length === 0) return [];
  const names = [...new Set(own.flatMap(({ phases }) => Object.keys(phases ?? {})))];
  const head = ['where the time goes, ms', 'colours', 'who', ...names];
  const lines = own.map(({ photo, colors, who, phases }) => [
    ...[photo, String(colors), who],
    ...names.map((name) => digits(phases?.[name] ?? 0)),
  ]);
  const align = ['l', 'r', 'l', ...names.map(() => 'r')];
  return [markdownTable([head, ...lines], { align }), ''];
}

function split(phases: Readonly<Record<string, number>>): string {
  return Object.entries(phases)
    .map(([phase, time]) => `${phase} ${digits(time)}`)
    .join(' · ');
}

function largeLines(run: LargeRun): string[] {
  const { photo, width, height, colors, browser, imageBytes, distinct, fits } = run;
  const megabytes = (bytes: number | null) => (bytes === null ? '–' : (bytes / 1e6).toFixed(0));
  const [{ engine }] = fits;
  const last = fits.at(-1)!;
  const longest = Math.max(
    0,
    ...fits.flatMap(({ longTasks }) => longTasks.map((one) => one.milliseconds)),
  );
  return [
    `- ${width} × ${height} (${photo} enlarged, with noise: ${distinct.toLocaleString('en')} different colours; ` +
      `${megabytes(imageBytes)} MB) to ${colors} colours in ${browser}, no GPU: ${engine}, ` +
      `${fits.map(({ milliseconds }) => digits(milliseconds)).join(' · ')} ms (the first run is cold), ` +
      `${run.colorsUsed} colours, ${run.psnr.toFixed(2)} dB`,
    `- most memory of the tab in each run, above the ${megabytes(run.emptyBytes)} MB of the page without an image: ` +
      `${fits.map(({ peakBytes }) => megabytes(peakBytes)).join(' · ')} MB; the browser counts ` +
      `${megabytes(run.heldBytes)} MB held after the last`,
    `- longest task on the main thread: ${longest === 0 ? 'at most 50' : digits(longest)} ms ` +
      `(of the last run: ${last.longTasks.map(({ phase, milliseconds }) => `${digits(milliseconds)} in ${phase}`).join(', ') || 'none above 50'}); ` +
      `where the last run's time went, ms: ${split(last.phases)}`,
  ];
}

function goalLine({ goal, cells, verdict }: Outcome, quiet: boolean): string {
  const said = verdict === 'missed' ? '**missed**' : verdict;
  const provisional =
    quiet || verdict === 'not measured' || !/ms|seconds/.test(goal) ? '' : ' (provisional)';
  const [missed, all] = [cells.filter(({ reached }) => !reached), cells];
  const list = (missed.length > 0 ? missed : all).map(cellText).join(', ');
  return `- ${goal}: ${said}${provisional}${list === '' ? '' : ` (${list})`}`;
}

const cellText = ({ photo, colors, ours, theirs }: Cell) =>
  `${photo} ${colors}: ${number(ours)} and ${number(theirs)}`;

const number = (value: number) => (value >= 100 ? digits(value) : value.toFixed(2));
