/** What a benchmark run leaves behind: the JSON file's shape, and the tables made from it. */
import { markdownTable } from 'markdown-table';
import type { EngineInfo, EngineName } from '../src/index.ts';
import type { Case } from './cases.ts';
import type { Measured, MeasureOptions, Measurement } from './measure.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  /** Operating system and processor family. */
  platform: string;
  /** Node's version, or the browser's. */
  runtime: string;
  /** Processes that wanted a core in the minute before, on average: others make times noisy. */
  loadBefore: number | null;
}

export interface Run {
  /** As it was run: scaled. */
  case: Case;
  engine: EngineName;
  measurement: Measurement;
}

export interface Report {
  format: 1;
  date: string;
  /** Of the library; with '+' where files were changed since. */
  commit: string;
  machine: Machine;
  options: Omit<MeasureOptions, 'engine' | 'peakMemory'> & { scale: number | 'quick' };
  /** Those that were asked for, or all. */
  engines: EngineInfo[];
  runs: Run[];
}

/**
 * Engines of one case must agree: where one has other bits than the reference (or, without it, than
 * the first), its times are taken away.
 */
export function agreed(runs: readonly Run[]): Run[] {
  const measured = runs.filter((run) => run.measurement.outcome === 'measured');
  const judge = measured.find((run) => run.engine === 'reference') ?? measured[0];
  if (!judge) return [...runs];
  const { hash } = judge.measurement as Measured;
  return runs.map((run) => {
    const { measurement } = run;
    if (measurement.outcome !== 'measured' || measurement.hash === hash) return run;
    const faults = [`hash ${measurement.hash}; ${judge.engine} has ${hash}`];
    return { ...run, measurement: { outcome: 'wrong', hash: measurement.hash, faults } };
  });
}

const COLUMNS: [title: string, cell: (m: Measured) => string][] = [
  ['iterations', (m) => String(m.iterations)],
  ['ms an iteration', (m) => digits(m.iteration)],
  ['fit, ms', (m) => digits(m.fit.median)],
  ['first fit, ms', (m) => digits(m.firstFit)],
  ['open · seed · iterate · read, ms', (m) => phases(m)],
  ['GFLOP/s', (m) => digits(m.gigaflops)],
  ['GB/s', (m) => digits(m.gigabytes)],
  ['peak MB', (m) => (m.peakMemory === null ? '–' : String(Math.round(m.peakMemory / 1e6)))],
  ['inertia off', (m) => (m.audit.inertiaRatio - 1).toExponential(0)],
  ['labels wrong', (m) => `${m.audit.wrongLabels} of ${m.audit.rowsSearched.toLocaleString('en')}`],
];

/** All runs, a line each; a run without times says why. */
export function table(runs: readonly Run[]): string {
  const head = ['case', 'n × d, k', 'engine', ...COLUMNS.map(([title]) => title)];
  const lines = runs.map(({ case: { name, rows, columns, k }, engine, measurement }) => {
    const size = `${rows.toLocaleString('en')} × ${columns}, ${k.toLocaleString('en')}`;
    const cells =
      measurement.outcome === 'measured'
        ? COLUMNS.map(([, cell]) => cell(measurement))
        : [complaint(measurement), ...COLUMNS.slice(1).map(() => '')];
    return [name, size, label(engine, measurement), ...cells];
  });
  const align = ['l', 'l', 'l', ...COLUMNS.map(() => 'r')];
  return markdownTable([head, ...lines], { align });
}

/** An engine as a reader should think of it: a software adapter is never called a GPU. */
export function label(engine: string, measurement: Measurement): string {
  if (measurement.outcome !== 'measured' || engine === 'reference') return engine;
  const { hardware, description } = measurement;
  if (engine !== 'webgpu' && engine !== 'webgl') return engine;
  return `${engine} (${hardware ? 'GPU' : 'software, no GPU'}: ${description})`;
}

export function complaint(measurement: Exclude<Measurement, Measured>): string {
  return measurement.outcome === 'wrong'
    ? `WRONG: ${measurement.faults.join('; ')}`
    : `${measurement.outcome}: ${measurement.reason}`;
}

/** One line on where and when. */
export function setting({
  machine,
  date,
  commit,
}: Pick<Report, 'machine' | 'date' | 'commit'>): string {
  const memory = Math.round(machine.memoryBytes / 2 ** 30);
  return (
    `${machine.cpu}, ${machine.cores} cores, ${memory} GiB, ${machine.platform}, ` +
    `${machine.runtime}, commit ${commit}, ${date.slice(0, 10)}`
  );
}

function phases({ phases: { open, seed, iterate, read } }: Measured): string {
  return [open, seed, iterate, read].map(digits).join(' · ');
}

/** Three digits, without an exponent. */
export function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3);
}
