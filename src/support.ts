/**
 * What not every engine, metric or caller has. Options are checked against this table, and
 * docs/options.md is made of it (tools/options-table.ts): what changes is changed here, in one place.
 * Whatever it does not name is had by all.
 */
import type { EngineName } from './engine.ts';
import { NotSupportedError } from './errors.ts';

export const METRICS = ['euclidean', 'cosine', 'manhattan'] as const;
export type Metric = (typeof METRICS)[number];

/** Engines that this version has, in the order in which they are preferred. */
export const ENGINES = [
  'webgpu',
  'webgl',
  'wasm',
  'reference',
] as const satisfies readonly EngineName[];

/** Whoever takes the options of `kmeans`. */
export const CALLERS = [
  'kmeans',
  'KMeans',
  'MiniBatchKMeans',
  'BisectingKMeans',
  'Codebook',
] as const;
export type Caller = (typeof CALLERS)[number];

/** An option, or a value of one, that only some have. A list that is missing: all of them. */
export interface Limit {
  readonly option: string;
  /** Missing: whatever is given. */
  readonly value?: string | boolean;
  readonly engines?: readonly EngineName[];
  readonly metrics?: readonly Metric[];
  readonly callers?: readonly Caller[];
  /** False: not of a PointSource, whose rows are never in memory as a whole. */
  readonly sources?: false;
  /** Engines asked for by name are held to it; `'auto'` may fall back to others all the same. */
  readonly onlyNamed?: boolean;
  /** What to do instead. */
  readonly instead: string;
}

/** Options that make no sense to some, who know nothing of them. */
export const UNKNOWN: Partial<Record<Caller, readonly string[]>> = {
  MiniBatchKMeans: ['emptyCluster', 'algorithm'],
  BisectingKMeans: ['emptyCluster'],
};

const KMEANS_ONLY = { callers: ['kmeans'], instead: 'Call kmeans, or leave it out.' } as const;

/** Others are many runs, or no runs of Lloyd. */
const ONE_RUN = {
  callers: ['kmeans', 'KMeans'],
  instead: 'Call kmeans or KMeans, or leave it out.',
} as const;

export const LIMITS: readonly Limit[] = [
  // first, since it makes a PointSource of the points
  {
    option: 'output',
    value: 'stream',
    metrics: ['euclidean'],
    callers: ['kmeans'],
    instead: "Use 'cpu'.",
  },
  {
    option: 'points',
    value: 'GpuMatrix',
    engines: ['webgpu'],
    callers: ['kmeans'], // and its predict, and explain
    instead: 'Read the buffer back into a Float32Array.',
  },
  {
    option: 'points',
    value: 'PointSource',
    metrics: ['euclidean'],
    callers: ['kmeans', 'KMeans', 'MiniBatchKMeans'],
    instead: 'Load the rows into one matrix.',
  },
  {
    option: 'init',
    value: 'k-means++',
    sources: false,
    instead: "Use 'auto', which takes a sample, or 'k-means||', which takes a few passes.",
  },
  { option: 'metric', value: 'cosine', ...KMEANS_ONLY },
  { option: 'metric', value: 'manhattan', ...KMEANS_ONLY },
  {
    option: 'refine',
    value: 'breathing',
    callers: ['kmeans', 'KMeans', 'BisectingKMeans', 'Codebook'],
    sources: false,
    instead: 'Leave it out.',
  },
  {
    option: 'algorithm',
    value: 'filtered',
    engines: ['webgpu', 'wasm'],
    metrics: ['euclidean', 'cosine'], // what spares distances knows squared ones only
    instead: "Use 'auto' or 'lloyd': the result is the same.",
  },
  {
    option: 'whiten',
    value: true,
    metrics: ['euclidean', 'manhattan'], // cosine scales rows, and not columns
    instead: 'Divide the columns by their standard deviations yourself.',
  },
  {
    option: 'device',
    engines: ['webgpu'],
    onlyNamed: true,
    instead: "Use engine: 'webgpu' or 'auto', or leave device out.",
  },
  { option: 'margins', value: true, ...KMEANS_ONLY, sources: false },
  {
    option: 'output',
    value: 'gpu',
    engines: ['webgpu'],
    metrics: ['euclidean'],
    callers: ['kmeans'],
    sources: false,
    instead: "Use 'cpu'.",
  },
  { option: 'checkpoint', ...ONE_RUN },
  { option: 'resume', ...ONE_RUN },
];

/** What is asked for: options by their names, and the form of the points where it is a rare one. */
export type Asked = Readonly<Record<string, unknown>>;

/**
 * The engines that have all that is asked for, in the order of `among`.
 * @throws NotSupportedError where there is none, or where metric or caller do not have it: a clear
 *   error, never a silent substitute
 */
export function enginesWith(
  asked: Asked,
  among: readonly EngineName[],
  caller: Caller,
): EngineName[] {
  const metric = (asked['metric'] as Metric | undefined) ?? 'euclidean';
  let able = [...among];
  for (const limit of LIMITS) {
    const { option, value, engines, metrics, callers, sources, onlyNamed } = limit;
    const given = asked[option];
    if (given === undefined || (value !== undefined && given !== value)) continue;
    if (callers && !callers.includes(caller))
      refuse(limit, given, `a call of ${either(callers)}`, caller);
    if (sources === false && asked['points'] === 'PointSource')
      refuse(limit, given, 'points in memory', "a PointSource or output: 'stream'");
    if (metrics && !metrics.includes(metric))
      refuse(limit, given, `metric ${either(metrics.map(quoted))}`, quoted(metric));
    if (!engines || (onlyNamed && among.length > 1)) continue;
    if (engines.length === 0) refuseAll(limit, shown(given));
    const before = able;
    able = able.filter((name) => engines.includes(name));
    if (able.length === 0)
      refuse(limit, given, `engine ${either(engines.map(quoted))}`, either(before.map(quoted)));
  }
  return able;
}

/** For points, which are read before there are options. @throws NotSupportedError */
export function refuseForm(form: 'GpuMatrix' | 'PointSource', name: string): never {
  const limit = LIMITS.find(({ option, value }) => option === 'points' && value === form)!;
  const { engines, callers = [], instead } = limit;
  const where = engines
    ? ` on the engine ${either(engines.map(quoted))} with it, and the device that it is on`
    : ' with it';
  throw new NotSupportedError(
    `${name} is a ${form}; expected a fit by ${either(callers)}${where}. ${instead}`,
  );
}

function refuseAll({ option, instead }: Limit, given: string): never {
  throw new NotSupportedError(
    `${option} is ${given}; no engine of this version supports it. ${instead}`,
  );
}

function refuse({ option, instead }: Limit, given: unknown, wanted: string, not: string): never {
  throw new NotSupportedError(
    `${option} is ${shown(given)}; expected ${wanted} with it, not ${not}. ${instead}`,
  );
}

const quoted = (name: string) => `'${name}'`;

/** "a, b or c". */
function either(names: readonly string[]): string {
  const last = names.at(-1)!;
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' ? 'given' : `${value as number | boolean}`;
}
