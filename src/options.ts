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

/** `'load'`: the first pass over a {@link PointSource}, whose `fraction` is its own. */
export type Phase = 'load' | 'open' | 'seed' | 'iterate' | 'read' | 'refine';

/** Called in each phase of a run; see {@link KMeansOptions.onProgress}. */
export interface Progress {
  readonly phase: Phase;
  /** Iterations done, of the current restart; in 'refine' of the current run of the search. */
  readonly iteration: number;
  /** Of the last iteration, in the units of the result's; NaN before the first. */
  readonly inertia: number;
  /** Squared distance that the centroids moved in the last iteration; NaN before the first. */
  readonly shift: number;
  /** Rows whose label changed in the last iteration; under MiniBatchKMeans, of its batch, since they were last in one. */
  readonly moved: number;
  /** Done of the most that may be to do, 0 to 1; a run that converges early jumps to 1. */
  readonly fraction: number;
  /** At most so many seconds to go at the present pace; NaN before there is one. */
  readonly secondsLeft: number;
  /** The clustering as it stands; in 'refine' it may have a few centroids more than k. Only valid while the callback has not returned (or resolved). */
  readonly read: () => Promise<{ centroids: Matrix; labels: Uint32Array }>;
  /**
   * The same without labels in main memory: they are copied into `labels`, a buffer of the caller's on the `device` that
   * the run is lent, one u32 a row from its beginning; centroids come home. Null, and nothing is written, where
   * {@link read} would give none, and where labels are not on that device: another engine runs or has taken over, the
   * metric is none of squared distances, points are out of core, an estimator is at work. Valid as long as {@link read}.
   * @throws InvalidInputError where `labels` cannot be written; as the run does, where the GPU fails and nobody takes over
   */
  readonly readOnGpu: (labels: GPUBuffer) => Promise<{ centroids: Matrix } | null>;
}

/** Who keeps the state of a run; see {@link KMeansOptions.checkpoint}. */
export interface Checkpoint {
  /** Iterations between two states; default 10. */
  every?: number;
  /**
   * Keeps a state: a few hundred bytes, 4 a coordinate of the centroids and 24 an iteration. A promise is waited
   * for; an error rejects the run with it. Called once more where the run fails or is aborted, if there is a newer
   * state. The bytes are the callee's. `iteration`: done of the restart that is under way, in the search of
   * `refine` on the way to the best so far.
   */
  write(state: Uint8Array<ArrayBuffer>, about: { iteration: number }): void | Promise<void>;
}

/** Options of {@link kmeans}; the defaults are scikit-learn's where it has them. */
export interface KMeansOptions {
  /**
   * First centroids. `'auto'`: greedy k-means++ on a seeded sample of max(65 536, 32·k) rows.
   * `'k-means++'`: the same over all rows. `'k-means||'`: of about 10·k rows picked in five passes over
   * all. `'random'`: k different rows. Or the centroids themselves, k × columns in the units of the
   * points, or a function that makes them.
   */
  init?:
    | 'auto'
    | 'k-means++'
    | 'k-means||'
    | 'random'
    | Points
    | ((points: Rows, k: number, random: Random) => Points | Promise<Points>);
  /**
   * Restarts; the lowest inertia wins. Default 1. They may run side by side, but not under `onProgress` or
   * `checkpoint`.
   */
  nInit?: number;
  /**
   * `'breathing'`: a global search from the best restart (refine.ts), in the time of about a dozen
   * warm-started runs. Never a higher inertia. Default `'none'`.
   */
  refine?: 'none' | 'breathing';
  /** Most iterations; under `refine` of each of its runs. Default 300. */
  maxIter?: number;
  /**
   * Stop once Σ‖centroid shift‖² ≤ tol × mean variance of the columns. Default 1e-4;
   * 0: until no label changes.
   */
  tol?: number;
  /** Same seed and input, same bits, on every engine. A whole number ≥ 0; default 0. */
  seed?: number;
  /**
   * What is near, and with it what a centre is: `'euclidean'` (the mean), `'cosine'` (the direction of
   * the mean of rows scaled to unit length) or `'manhattan'` (the median of every column). Default
   * `'euclidean'`.
   */
  metric?: Metric;
  /** One non-negative weight a row: as if the row stood there so many times. Default: 1 each. */
  weights?: ArrayLike<number>;
  /**
   * A cluster that lost its points: `'relocate'` to the farthest point (scikit-learn's way, the
   * default), `'keep'` its place, `'drop'` it (fewer centroids come back), or `'error'`.
   */
  emptyCluster?: 'relocate' | 'keep' | 'drop' | 'error';
  /**
   * `'lloyd'`: every distance. `'filtered'` (engines webgpu and wasm): the same labels, with fewer distances.
   * `'auto'` (the default): what is faster.
   */
  algorithm?: 'auto' | 'lloyd' | 'filtered';
  /** `'auto'` (the default): WebGPU on a hardware adapter, otherwise the best CPU engine. A name never falls back. */
  engine?: 'auto' | EngineName | Engine;
  /** The caller's device for the webgpu engine: borrowed, never destroyed. */
  device?: GPUDevice;
  /** Abort: rejects with the signal's reason and frees everything. */
  signal?: AbortSignal;
  /**
   * Called as the run proceeds. A callback that returns a promise is called after every single
   * iteration and the run waits for it: that is how to step through a run, or to draw it.
   */
  onProgress?: (progress: Progress) => void | Promise<void>;
  /** Also find every row's second-nearest centroid, and how much farther it is. Default false. */
  margins?: boolean;
  /** Scale columns to unit variance inside; centroids come back in the units of the points. Default false. */
  whiten?: boolean;
  /** Keeps the state of the run every so many iterations, so that another call can go on from it. */
  checkpoint?: Checkpoint;
  /**
   * What `checkpoint.write` was given: the run goes on from there to the bits that it would have had without
   * the break. Points and options are to be the same, but those that say where it runs and who looks on;
   * `maxIter` may be larger. @throws CheckpointError where they are not
   */
  resume?: Uint8Array;
  /**
   * Most bytes that the run holds beside what the runtime itself takes. Points in memory that need more are
   * refused before any work; of a {@link PointSource} the parts are made as small.
   */
  maxMemory?: number;
  /**
   * Where the rows of a {@link PointSource} are kept after its first pass: `'auto'` (default), in memory as
   * far as they are few, otherwise in a temporary file (Node) or the origin's private file system
   * (browsers); `'none'`: the source is read at every pass; or a folder for the file (Node).
   */
  cache?: 'auto' | 'none' | (string & {});
  /** Most worker threads; default: one a core. Changes no bit. */
  threads?: number;
  /**
   * `'cpu'` (the default): in main memory. `'gpu'`: labels and centroids stay on the device as buffers of the caller's (gpu-result.ts).
   * `'stream'`: labels come in parts, each time they are asked for (out-of-core/stream-result.ts).
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
      'Match the points.',
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
