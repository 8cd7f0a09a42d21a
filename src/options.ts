/**
 * What a caller may ask for, judged once. After this file nobody checks an option again.
 */
import type { Algorithm, Engine, EngineName } from './engine.ts';
import {
  NotSupportedError,
  OutOfMemoryError,
  refuse,
  refuseNoDevice,
  refuseNoSignal,
  refuseUnknown,
} from './errors.ts';
import { refuseNonFinite } from './grid.ts';
import type { LaidPoints } from './laid-points.ts';
import {
  atHand,
  toRows,
  type GpuRows,
  type Matrix,
  type Points,
  type PointSource,
  type Rows,
} from './matrix.ts';
import type { Random } from './rng.ts';
import type { Init } from './seeding/index.ts';
import { ENGINES, enginesWith, METRICS, UNKNOWN, type Caller, type Metric } from './support.ts';

/**
 * Phases of a run, in their order: `'load'` (first pass over a {@link PointSource}; its `fraction` counts
 * that pass only), `'seed'` (first centroids), `'open'` (the engine), `'iterate'`, `'read'` (results) and,
 * with `refine`, `'refine'`. Restarts repeat some of them.
 */
export type Phase = 'load' | 'open' | 'seed' | 'iterate' | 'read' | 'refine';

/** What `onProgress` is given; see {@link KMeansOptions.onProgress}. */
export interface Progress {
  /** What the run is doing. */
  readonly phase: Phase;
  /** Iterations done in the current restart; in `'refine'`, in the current run of the search. */
  readonly iteration: number;
  /** Inertia after the last iteration, in the units of the result's inertia; NaN before the first. */
  readonly inertia: number;
  /** Σ‖new − old centroid‖² of the last iteration, in squared units of the points; NaN before the first. */
  readonly shift: number;
  /**
   * Rows whose label changed in the last iteration. Under `MiniBatchKMeans`: rows of the batch whose label
   * changed since they were last drawn.
   */
  readonly moved: number;
  /** Share of the most work there may be, 0 to 1. A run that converges early jumps to 1. */
  readonly fraction: number;
  /** Upper estimate of the seconds left at the present pace; NaN until there is one. */
  readonly secondsLeft: number;
  /**
   * Reads the clustering as it stands. Both arrays are empty before there are centroids; in `'refine'` there
   * may be a few more centroids than k. Call it only before the callback returns (or its promise resolves).
   */
  readonly read: () => Promise<{ centroids: Matrix; labels: Uint32Array }>;
  /**
   * Like {@link read}, but leaves the labels on the GPU: copies them into `labels`, one u32 per row from its
   * beginning, and resolves with the centroids. The buffer is yours, on the device that the run uses, with
   * the usage COPY_DST. Resolves with null, and writes nothing, if there are no centroids yet or the labels
   * are not on that device: another engine runs or has taken over, the metric is not Euclidean, the points
   * are out of core, or `MiniBatchKMeans` or `BisectingKMeans` is at work.
   * @throws
   * - InvalidInputError if `labels` cannot be written
   * - whatever the run would throw, if the GPU fails and no engine takes over
   */
  readonly readOnGpu: (labels: GPUBuffer) => Promise<{ centroids: Matrix } | null>;
}

/** Saves the state of a run; see {@link KMeansOptions.checkpoint}. */
export interface Checkpoint {
  /** Iterations between two states, a whole number ≥ 1. Default 10. */
  every?: number;
  /**
   * Saves a state, which is yours to keep: a few hundred bytes, 4 per coordinate of the centroids and 24 per
   * iteration. The run waits for a promise, and rejects with an error that is thrown. Also called when the
   * run fails, is aborted or ends by `maxIter`, if there is a newer state. `iteration` counts those of the
   * current restart; in the search of `refine`, those on the way to the best solution so far.
   */
  write(state: Uint8Array<ArrayBuffer>, about: { iteration: number }): void | Promise<void>;
}

/** Options of {@link kmeans}. Unknown names are refused. */
export interface KMeansOptions {
  /**
   * First centroids. `'auto'` (default): greedy k-means++ on a seeded sample of max(65 536, 32·k) rows.
   * `'k-means++'`: the same over all rows. `'k-means||'`: greedy k-means++ among about 10·k rows, picked in
   * five passes over all rows. `'random'`: k different rows. Or the centroids themselves, k × columns, in the
   * units of the points; or a function that returns them, given the points, k and seeded random numbers.
   */
  init?:
    | 'auto'
    | 'k-means++'
    | 'k-means||'
    | 'random'
    | Points
    | ((points: Rows, k: number, random: Random) => Points | Promise<Points>);
  /**
   * Number of restarts, a whole number ≥ 1; the lowest inertia wins. Default 1. Restarts may run in parallel,
   * but not with `onProgress`, `checkpoint` or `resume`. Explicit centroids in `init` run once.
   */
  nInit?: number;
  /**
   * `'breathing'`: after the restarts, search globally from the best of them, in the time of some 13
   * warm-started runs. The inertia never gets higher. Default `'none'`.
   * Source: B. Fritzke, "The Breathing K-Means Algorithm", 2020.
   */
  refine?: 'none' | 'breathing';
  /** Most iterations, a whole number ≥ 1; with `refine`, of each of its runs. Default 300. */
  maxIter?: number;
  /**
   * Stop when Σ‖new − old centroid‖² ≤ tol × mean variance of the columns (scikit-learn's rule). A number
   * ≥ 0, default 1e-4; 0: run until no label changes.
   */
  tol?: number;
  /** Seed of all random numbers: the same seed and input give the same bits on every engine. A whole number ≥ 0; default 0. */
  seed?: number;
  /**
   * The distance, which also decides what a centroid is: `'euclidean'` (default; the mean), `'cosine'` (the
   * direction of the mean of rows scaled to unit length; no row may be zero) or `'manhattan'` (the median of
   * every column).
   */
  metric?: Metric;
  /** One non-negative weight per row, not all zero: a row counts as if it were there that many times. Default: 1 each. */
  weights?: ArrayLike<number>;
  /**
   * What to do with a cluster that has lost all its points: `'relocate'` (default, as scikit-learn) restarts
   * it at the row farthest from its own centroid, `'keep'` leaves its centroid in place, `'drop'` removes it
   * (fewer than k centroids come back), `'error'` throws `EmptyClusterError`.
   */
  emptyCluster?: 'relocate' | 'keep' | 'drop' | 'error';
  /**
   * `'lloyd'` computes every distance. `'filtered'` (engines `webgpu` and `wasm`, not `'manhattan'`) skips
   * distances that cannot matter, for the same labels. `'auto'` (default) uses it where it pays.
   */
  algorithm?: 'auto' | 'lloyd' | 'filtered';
  /**
   * Where to run. `'auto'` (default): a hardware GPU if the problem is large enough for it (`webgpu`, or
   * `webgl` where that is faster than `wasm`), otherwise `wasm`, otherwise `reference`; if an engine fails,
   * the next one continues. An engine given by name, or opened by `openEngine`, has no fallback. Results have
   * the same bits everywhere.
   */
  engine?: 'auto' | EngineName | Engine;
  /** Your own GPU device for the `webgpu` engine: borrowed, never destroyed. */
  device?: GPUDevice;
  /** Aborts the call: it rejects with the signal's reason and frees everything. */
  signal?: AbortSignal;
  /**
   * Called as the run proceeds. If it returns a promise, the run waits for it and calls it after every
   * single iteration: use that to step through a run or to draw it. Otherwise iterations run in batches of
   * up to 100 ms. An error it throws rejects the run.
   */
  onProgress?: (progress: Progress) => void | Promise<void>;
  /** Also find every row's second-nearest centroid, and how much farther away it is. Default false. */
  margins?: boolean;
  /**
   * Measure distances in standard deviations of each column. Centroids come back in the units of the points,
   * and `predict` takes unscaled rows. Not with `'cosine'`. Default false.
   */
  whiten?: boolean;
  /** Saves the state of the run every few iterations, so that a later call can `resume` it. */
  checkpoint?: Checkpoint;
  /**
   * A state that `checkpoint.write` was given. The run continues from it, to the same bits as without the
   * break. Points and all options that affect the result must be the same; `maxIter` may be larger. The
   * engine and callbacks may differ.
   * @throws CheckpointError if the state is damaged, or something does not match
   */
  resume?: Uint8Array;
  /**
   * Most bytes that the run may hold, not counting what the runtime itself takes. Points in memory that need
   * more are refused before any work; a {@link PointSource} is read in parts small enough. Default: no limit.
   */
  maxMemory?: number;
  /**
   * Where the rows of a {@link PointSource} are kept after its first pass. `'auto'` (default): in memory if
   * they are few, otherwise in a temporary file (Node) or the origin private file system (browsers).
   * `'none'`: nowhere; the source is read in every pass. Or the folder for the file (Node).
   */
  cache?: 'auto' | 'none' | (string & {});
  /** Most worker threads, a whole number ≥ 1. Default: the number of cores. Does not affect results. */
  threads?: number;
  /**
   * Where results go. `'cpu'` (default): to memory. `'gpu'`: labels and centroids stay in GPU buffers, see
   * {@link GpuResult}. `'stream'`: labels come in parts, on request, see {@link StreamResult}.
   */
  output?: 'cpu' | 'gpu' | 'stream';
}

/** Options after judging: every one present, every one valid. `At`: where points may be. */
export interface Settings<At extends Rows | GpuRows = Rows> {
  readonly points: At;
  readonly k: number;
  readonly init: Init | { kind: 'callback'; make: (random: Random) => Promise<Rows> };
  readonly restarts: number;
  readonly refine: 'none' | 'breathing';
  readonly maxIter: number;
  readonly tol: number;
  readonly seed: number;
  readonly metric: Metric;
  readonly weights: ArrayLike<number> | undefined;
  readonly emptyCluster: 'relocate' | 'keep' | 'drop' | 'error';
  readonly algorithm: 'auto' | Algorithm;
  readonly engine: 'auto' | EngineName | Engine;
  /** Those that have all that is asked for, best first. */
  readonly engines: readonly EngineName[];
  readonly threads: number | undefined;
  readonly maxMemory: number | undefined;
  readonly device: GPUDevice | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void | Promise<void>) | undefined;
  readonly checkpoint: Required<Checkpoint> | undefined;
  /** Not looked into yet: checkpoint/keeper.ts. */
  readonly resume: Uint8Array | undefined;
  readonly whiten: boolean;
  readonly margins: boolean;
  /** Of points out of core: what lays them, with explicit centroids in range; and how long the first pass took. */
  readonly paged?: { lay(cover: Rows | undefined): Promise<LaidPoints>; seconds: number };
  /** Divides the columns, where `whiten` has been worked out before. */
  readonly scale?: Float64Array;
}

/**
 * Judges points, k and options of a caller.
 * @throws InvalidInputError | NotSupportedError | OutOfMemoryError
 */
export function judge(
  given: Points,
  k: number,
  options: KMeansOptions = {},
  caller: Caller = 'kmeans',
): Settings {
  return judgeFor(toRows(given), k, options, caller);
}

/** The same of points that have been judged, wherever they are. */
export function judgeFor<At extends Rows | GpuRows>(
  points: At,
  k: number,
  options: KMeansOptions = {},
  caller: Caller = 'kmeans',
): Settings<At> {
  centroidCount(k, points.rows);
  return judgeRest(points, k, options, caller, {});
}

/**
 * The same of points that are read in parts; how many rows there are may not be known yet.
 * @throws InvalidInputError | NotSupportedError
 */
export function judgeSource(
  { columns, rows = Infinity }: PointSource,
  k: number,
  options: KMeansOptions = {},
  caller: Caller = 'kmeans',
): Settings {
  whole('points.columns', columns, 1);
  if (rows !== Infinity) whole('points.rows', rows, 1);
  centroidCount(k, rows);
  if (typeof options?.init === 'function')
    throw new NotSupportedError(
      'init is a function; expected no function with a PointSource, whose rows are never in memory as a ' +
        'whole. Pass the centroids themselves.',
    );
  const points = { data: new Float32Array(), rows, columns };
  return judgeRest(points, k, options, caller, { points: 'PointSource' });
}

/** `form`: of points that only some take. */
function judgeRest<At extends Rows | GpuRows>(
  points: At,
  k: number,
  options: KMeansOptions,
  caller: Caller,
  form: { points?: 'PointSource' },
): Settings<At> {
  refuseWrong(options);
  const { engine = 'auto' } = options;
  const name = typeof engine === 'object' ? engine.name : engine;
  const engines = enginesWith({ ...options, ...form }, name === 'auto' ? ENGINES : [name], caller);
  refuseTooLarge(points, k, name, options.maxMemory);
  const { nInit = 1, maxIter = 300, tol = 1e-4, seed = 0, metric = 'euclidean' } = options;
  whole('nInit', nInit, 1);
  if (options.device !== undefined && typeof engine === 'object')
    refuse(
      'device',
      options.device,
      'none beside an opened engine, which has its own',
      'Leave one of them out.',
    );
  const init = judgeInit(options.init ?? 'auto', points, k);
  return {
    points,
    k,
    init,
    restarts: init.kind === 'explicit' ? 1 : nInit, // a fixed start gives the same run every time
    refine: options.refine ?? 'none',
    maxIter,
    tol,
    seed,
    metric,
    weights: options.weights,
    emptyCluster: options.emptyCluster ?? 'relocate',
    algorithm: metric === 'manhattan' ? 'lloyd' : (options.algorithm ?? 'auto'),
    engine,
    engines,
    threads: options.threads,
    maxMemory: options.maxMemory,
    device: options.device,
    signal: options.signal,
    onProgress: options.onProgress,
    checkpoint: judgeCheckpoint(options.checkpoint),
    resume: options.resume,
    whiten: options.whiten ?? false,
    margins: options.margins ?? false,
  };
}

function judgeCheckpoint(given: Checkpoint | undefined): Settings['checkpoint'] {
  if (given === undefined) return undefined;
  refuseUnknown(given, ['every', 'write'], 'checkpoint');
  const { every = 10 } = given;
  whole('checkpoint.every', every, 1);
  if (typeof given.write !== 'function')
    refuse('checkpoint.write', given.write, 'a function', 'Pass one that keeps the bytes.');
  return { every, write: (state, about) => given.write(state, about) };
}

function judgeInit(
  init: NonNullable<KMeansOptions['init']>,
  points: Rows | GpuRows,
  k: number,
): Settings['init'] {
  if (init === 'auto' || init === 'k-means++' || init === 'k-means||' || init === 'random')
    return { kind: init };
  if (typeof init === 'string') refuse('init', init, INIT_NAMES, 'Choose one of them.');
  if (typeof init === 'function')
    return {
      kind: 'callback',
      make: async (random) => judgeCentroids(await init(atHand(points), k, random), points, k),
    };
  return { kind: 'explicit', centroids: judgeCentroids(init, points, k) };
}

function judgeCentroids(given: Points, points: Rows | GpuRows, k: number): Rows {
  const centroids = toRows(given, 'init');
  if (centroids.columns !== points.columns)
    refuse(
      'init.columns',
      centroids.columns,
      `${points.columns}, as the points have`,
      'Give centroids the columns of the points.',
    );
  if (centroids.rows !== k)
    refuse('init.rows', centroids.rows, `${k} (k)`, 'Give one row a centroid.');
  refuseNonFinite(centroids, 'init');
  return centroids;
}

const INIT_NAMES =
  "'auto', 'k-means++', 'k-means||', 'random', centroids (k × columns) or a function that makes them";

/** The values of options that have a list of them. */
export const CHOICES: Partial<Record<keyof KMeansOptions, readonly string[]>> = {
  refine: ['none', 'breathing'],
  metric: METRICS,
  emptyCluster: ['relocate', 'keep', 'drop', 'error'],
  algorithm: ['auto', 'lloyd', 'filtered'],
  output: ['cpu', 'gpu', 'stream'],
};

/** What `engine` may be called. */
export const ENGINE_NAMES = ['auto', ...ENGINES];

/** The names of all options. */
export const KNOWN: readonly (keyof KMeansOptions)[] = [
  'init',
  'nInit',
  'refine',
  'maxIter',
  'tol',
  'seed',
  'metric',
  'weights',
  'emptyCluster',
  'algorithm',
  'engine',
  'device',
  'signal',
  'onProgress',
  'margins',
  'whiten',
  'checkpoint',
  'resume',
  'maxMemory',
  'cache',
  'threads',
  'output',
];

/** The options that a caller knows. */
export function knownTo(caller: Caller): string[] {
  return KNOWN.filter((name) => !UNKNOWN[caller]?.includes(name));
}

/** Misspelt options and values outside their list. */
function refuseWrong(options: KMeansOptions): void {
  refuseUnknown(options, KNOWN);
  judgeChoices(options, CHOICES);
  for (const name of ['whiten', 'margins'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      refuse(name, options[name], 'true or false', 'Choose one of them.');
  const { cache, device } = options;
  if (cache !== undefined && typeof cache !== 'string')
    refuse('cache', cache, "'auto', 'none' or a folder", 'Leave it out.');
  refuseNoDevice(device);
  judgeRun(options);
}

/** Options whose values are in a list. @throws InvalidInputError */
export function judgeChoices<Name extends string>(
  options: { readonly [name in Name]?: unknown },
  lists: { readonly [name in Name]?: readonly string[] },
): void {
  for (const name of Object.keys(lists) as Name[]) {
    const value = options[name];
    const choices = lists[name]!;
    if (value !== undefined && !choices.includes(value as string))
      refuse(name, value, choices.map((c) => `'${c}'`).join(', '), 'Choose one of them.');
  }
}

/** What every call that iterates on an engine may be given. @throws InvalidInputError */
export function judgeRun(options: {
  readonly maxIter?: number;
  readonly tol?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly engine?: unknown;
  readonly signal?: AbortSignal;
  readonly onProgress?: unknown;
}): void {
  const { maxIter = 1, tol = 0, seed = 0, threads = 1, engine = 'auto' } = options;
  whole('maxIter', maxIter, 1);
  whole('seed', seed, 0);
  whole('threads', threads, 1);
  if (!(typeof tol === 'number' && tol >= 0 && tol < Infinity))
    refuse('tol', tol, 'a finite number ≥ 0', 'Use 0 to run until no label changes.');
  refuseNoSignal(options.signal);
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function')
    refuse('onProgress', options.onProgress, 'a function', 'Pass a callback or leave it out.');
  const opened =
    typeof engine === 'object' && typeof (engine as Engine | null)?.open === 'function';
  if (!opened && !ENGINE_NAMES.includes(engine as string))
    refuse(
      'engine',
      engine,
      `${ENGINE_NAMES.map((e) => `'${e}'`).join(', ')} or an opened engine`,
      'Choose one of them.',
    );
}

/** What CPU engines hold at most, in bytes of float32. */
const MOST_BYTES = 2 ** 32;

/** More points than there is memory for: refused before anything is copied. */
function refuseTooLarge(
  points: Rows | GpuRows,
  k: number,
  name: 'auto' | EngineName,
  maxMemory: number | undefined,
): void {
  if (maxMemory !== undefined && !(typeof maxMemory === 'number' && maxMemory >= 1))
    refuse('maxMemory', maxMemory, 'a number of bytes ≥ 1', 'Leave it out for all there is.');
  const { rows, columns } = points;
  // those of a source are not here yet
  const held = 'device' in points ? rows * columns : points.data.length;
  const bytes = 4 * held;
  const remedy =
    'Pass them as a source, which is read in parts: openSource of centroids/io, or any PointSource.';
  if (held > 0 && maxMemory !== undefined) {
    const needed = memoryFor(rows, columns, k);
    if (needed > maxMemory)
      throw new OutOfMemoryError(
        `maxMemory is ${maxMemory}; expected at least ${needed} bytes for ${rows} rows of ${columns} ` +
          `columns and ${k} centroids. Raise it. ${remedy}`,
      );
  }
  if (bytes <= MOST_BYTES || (name !== 'auto' && name !== 'wasm')) return;
  throw new OutOfMemoryError(
    `points take ${(bytes / 2 ** 30).toFixed(1)} GiB as float32; expected at most 4 GiB in memory. ${remedy}`,
  );
}

/** Of a coordinate, of a row (test/lanes/memory.test.ts holds wasm to it) and of a centroid's coordinate. */
const COORDINATE_BYTES = 8;
const ROW_BYTES = 24;
const CELL_BYTES = 256;

/** About what a run takes beside the caller's points: on the grid, packed or in order, and labels. */
export function memoryFor(rows: number, columns: number, k: number): number {
  return rows * (COORDINATE_BYTES * columns + ROW_BYTES) + CELL_BYTES * k * columns;
}

/** Whether there may be k clusters of so many rows. */
export function centroidCount(k: number, rows: number): void {
  if (!Number.isInteger(k) || k < 1)
    refuse('k', k, 'a whole number ≥ 1', 'Ask for at least one cluster.');
  if (k > rows) refuse('k', k, `at most ${rows} (the number of points)`, 'Lower k or add points.');
}

/** A whole number that is not too small. */
export function whole(name: string, value: number, least: number): void {
  if (typeof value !== 'number' || Number.isNaN(value))
    refuse(name, value, `a whole number ≥ ${least}`, 'Pass a number.');
  if (value > Number.MAX_SAFE_INTEGER)
    refuse(name, value, `a whole number from ${least} to 2^53 − 1`, 'Lower it.');
  if (!Number.isInteger(value) || value < least)
    refuse(name, value, `a whole number ≥ ${least}`, value < least ? 'Raise it.' : 'Round it.');
}
