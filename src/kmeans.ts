/**
 * k-means, the whole way on one page: judge → lay on the grid → seed → open → iterate → read → refine.
 */
import { bestRestart, restartsAbreast } from './abreast.ts';
import { breather } from './breathe.ts';
import type { Outcome } from './checkpoint/format.ts';
import type { Checkpoints } from './checkpoint/keeper.ts';
import { emptiesOf } from './course.ts';
import type {
  Algorithm,
  Clustering,
  Distance,
  EngineName,
  IterationRecord,
  RestorePoint,
  Status,
} from './engine.ts';
import { EmptyClusterError } from './errors.ts';
import { inertia, LABEL_BITS, toOriginal, type GridFacts } from './grid.ts';
import { inMainMemory, whereNeeded } from './gpu-points.ts';
import { judgeGpuOutput, readLater, type GpuResult } from './gpu-result.ts';
import { fingerprint } from './hash.ts';
import { marginsOf } from './margins.ts';
import { countLabels } from './lloyd.ts';
import { layPoints } from './lay-points.ts';
import { ladder, type Rung } from './ladder.ts';
import type { LaidPoints } from './laid-points.ts';
import {
  atHand,
  isPointSource,
  type GpuRows,
  type Matrix,
  type Points,
  type PointSource,
  type Rows,
} from './matrix.ts';
import {
  judgeFor,
  judgeSource,
  type KMeansOptions,
  type Settings as SettingsOf,
} from './options.ts';
import type { PagedPoints } from './out-of-core/paged-points.ts';
import type { Ending, StreamResult } from './out-of-core/stream-result.ts';
import { modelOf, predict, type Model } from './predict.ts';
import { centreRun } from './metric/centre-run.ts';
import { sphere, unitRows } from './metric/unit-rows.ts';
import { once } from './once.ts';
import { Reporter } from './progress.ts';
import { pcg32 } from './rng.ts';
import { breathe, mostCentroids, type Solution } from './refine.ts';
import { Run } from './run.ts';
import type { Keeper } from './schedule.ts';
import { seed, type Init } from './seeding/index.ts';
import type { Caller } from './support.ts';

/** What {@link kmeans} resolves with. The labels always belong to the centroids returned. */
export interface KMeansResult {
  /** k × columns, in the units of the points; each of length 1 under `'cosine'`. */
  centroids: Matrix;
  /** One per row: the index of its nearest centroid; ties go to the lowest index. */
  labels: Uint32Array;
  /**
   * With `margins`, one per row: the index of its second-nearest centroid, ties to the lowest index.
   * 0xffffffff if there is only one centroid.
   */
  secondLabels?: Uint32Array;
  /**
   * With `margins`, one per row: the distance to its second-nearest centroid minus the distance to its
   * nearest, ≥ 0. The distance is ‖point − centroid‖, or Σ|point − centroid| under `'manhattan'`, in the units
   * of the points (scaled, under `whiten`); under `'cosine'` 1 − cos. Infinity if there is only one centroid.
   */
  margins?: Float32Array;
  /** Number of rows in each cluster, whatever their weights. */
  sizes: Uint32Array;
  /**
   * Σ weight · ‖point − centroid‖², in squared units of the points (scaled, under `whiten`). Under `'cosine'`
   * Σ weight · (1 − cos); under `'manhattan'` Σ weight · Σ|point − centroid|, in the units of the points.
   */
  inertia: number;
  /** Iterations that led to this result: those of the best restart and, with `refine`, of the runs that improved on it. */
  iterations: number;
  /** False if the run ended at `maxIter`. */
  converged: boolean;
  /** Why the run stopped: no label changed, the centroids moved no more than `tol` allows, or `maxIter` was reached. */
  stopReason: 'labels' | 'tol' | 'maxIter';
  /** The engine that finished the run. */
  engine: EngineName;
  /** The algorithm that finished the run. */
  algorithm: Algorithm;
  /** One record per iteration. With `refine` it has several runs in a row, some with more than k centroids. */
  history: IterationRecord[];
  /** Fingerprint of labels and centroids, 16 hexadecimal digits: equal hashes mean equal results, to the bit. */
  hash: string;
  /** Wall time of each phase in seconds; loading counts as `open`, refining as `iterate`. */
  seconds: { open: number; seed: number; iterate: number; read: number };
  /**
   * Finds the nearest centroid of other rows; the engine is chosen by the same options. Rows of the fit get
   * the labels of the fit.
   * @throws InvalidInputError if the number of columns differs or a number is not finite
   */
  predict(points: Points): Promise<Uint32Array>;
}

/**
 * Clusters points into k clusters with Lloyd's algorithm. Results have the same bits on every engine.
 *
 * @param points rows × columns, in any form of {@link Points}; never changed, and read in place if flat
 * @param k number of clusters, from 1 to the number of rows
 * @param options `output` decides where results go: with `'gpu'`, labels and centroids stay on the GPU, see
 *   {@link GpuResult}; with `'stream'`, labels come in parts, see {@link StreamResult}
 * @throws
 * - InvalidInputError before any work, if an argument breaks a rule
 * - NotSupportedError if the engine, the metric or the form of the points does not have an option
 * - EngineUnavailableError if an engine given by name cannot run here
 * - OutOfMemoryError if the points do not fit in memory, or in `maxMemory`
 * - DeviceLostError, GpuError if the GPU fails and no other engine may take over
 * - EmptyClusterError under `emptyCluster: 'error'`
 * - CheckpointError if `resume` is damaged or does not match
 * - the signal's reason, if aborted
 * @example
 * const { labels, centroids } = await kmeans(matrix(data, 2), 16, { seed: 1 });
 */
export function kmeans(
  points: Points,
  k: number,
  options?: KMeansOptions & { output?: 'cpu' },
): Promise<KMeansResult>;
/** With `output: 'gpu'`: the same, but labels and centroids stay on the GPU. */
export function kmeans(
  points: Points,
  k: number,
  options: KMeansOptions & { output: 'gpu' },
): Promise<GpuResult>;
/** With `output: 'stream'`: the same, but labels come in parts, on request. */
export function kmeans(
  points: Points,
  k: number,
  options: KMeansOptions & { output: 'stream' },
): Promise<StreamResult>;
/** With options whose type leaves the output open: the result of `output: 'cpu'`, the default. */
export function kmeans(points: Points, k: number, options?: KMeansOptions): Promise<KMeansResult>;
export async function kmeans(
  points: Points,
  k: number,
  options: KMeansOptions = {},
): Promise<KMeansResult | GpuResult | StreamResult> {
  if (options?.output === 'stream') return (await clusterToStream(points, k, options)).result;
  if (isPointSource(points)) return (await clusterSource(points, k, options)).result;
  const settings = judgeFor(await whereNeeded(points, options ?? {}), k, options);
  return options?.output === 'gpu'
    ? clusterOnGpu(settings, judgeGpuOutput(settings, options))
    : (await cluster(settings)).result;
}

/** Points may be on a GPU here. */
type Settings = SettingsOf<Rows | GpuRows>;

type Pause = () => Promise<void> | undefined;

/** A result with what a caller inside the library goes on from. */
export interface Fit {
  result: KMeansResult;
  model: Model;
}

type Second = Pick<KMeansResult, 'secondLabels' | 'margins'>;

/** The whole way after judging; `rungs`: engines that the caller shares between several runs. */
export function cluster(settings: Settings, rungs?: readonly Rung[]): Promise<Fit> {
  return solve(settings, rungs, undefined, async (best, { run, laid: { grid }, report, pause }) => {
    const data = toOriginal(best.clustering.centroids, grid);
    const second = settings.margins
      ? await secondBest(run, best.clustering, data, settings, grid, pause)
      : {};
    return assemble({ ...best, data, second }, grid, settings, endingOf(best, run, report));
  });
}

/** The same on a GPU, where the labels stay. No other engine takes over. */
function clusterOnGpu(given: Settings, device: GPUDevice): Promise<GpuResult> {
  const engine = typeof given.engine === 'object' ? given.engine : 'webgpu';
  const settings: Settings = { ...given, engine };
  return solve(settings, undefined, 'labels', async (best, { run, laid: { grid }, report }) => {
    const { clustering, inertia } = best;
    const data = toOriginal(clustering.centroids, grid);
    // another restart's may be placed
    if (settings.restarts > 1) await run.place(clustering.centroids);
    const { labels, centroids } = await run.handOver(data);
    const rows = clustering.counts.length;
    const shape = { rows, columns: grid.columns };
    const model = modelOf(grid, clustering.centroids, settings.metric);
    return {
      centroids: { buffer: centroids, ...shape },
      labels,
      inertia,
      ...endingOf(best, run, report),
      predict: (points) => predict(points, model, settings),
      read: readLater(device, { labels }, { data, ...shape }, grid.rows),
    };
  });
}

const outOfCore = once(() => import('./out-of-core/index.ts'));

/** The same of points that are read in parts. */
export async function clusterSource(
  source: PointSource,
  k: number,
  options: KMeansOptions,
  caller: Caller = 'kmeans',
): Promise<Fit> {
  const judged = judgeSource(source, k, options, caller);
  const { openPages } = await outOfCore();
  const opened = await openPages(source, judged, options ?? {});
  try {
    return await cluster(opened.settings, opened.rungs);
  } finally {
    await opened.dispose();
  }
}

/** The same without anything that grows with the rows; points in memory are a source, too. */
export async function clusterToStream(
  points: Points,
  k: number,
  options: KMeansOptions,
): Promise<{ result: StreamResult; model: Model }> {
  const { openPages, sourceOf, streamResult } = await outOfCore();
  const source = isPointSource(points) ? points : sourceOf(await inMainMemory(points, options));
  const { settings, rungs, dispose } = await openPages(
    source,
    judgeSource(source, k, options),
    options,
  );
  try {
    return await solve(settings, rungs, 'labels', async (best, { run, laid, report }) => {
      const { centroids } = best.clustering;
      const ending = endingOf(best, run, report);
      const data = toOriginal(centroids, laid.grid);
      const model = modelOf(laid.grid, centroids, settings.metric);
      const points = laid as PagedPoints;
      return {
        result: streamResult(best, { data, model, ending }, points, settings, dispose),
        model,
      };
    });
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What the end of a run has to go on with. */
interface Ground {
  run: Run;
  laid: LaidPoints;
  report: Reporter;
  pause: Pause;
}

/** Everything up to the best solution, of which `finish` makes the result while the engine is open. */
async function solve<T>(
  settings: Settings,
  rungs: readonly Rung[] | undefined,
  without: 'labels' | undefined,
  finish: (best: Solution, ground: Ground) => Promise<T>,
): Promise<T> {
  const { k } = settings;
  settings.signal?.throwIfAborted();
  const kept = settings.checkpoint !== undefined || settings.resume !== undefined;
  const checkpoints = kept ? new (await keeping()).Checkpoints(settings) : null;
  const report = new Reporter(settings);

  await report.enter('seed');
  const pause = breather(settings.signal);
  const inits = await firstCentroids(settings, pause);
  const breathing = settings.refine === 'breathing';
  const most = breathing ? mostCentroids(settings.points.rows, k) : k;
  const work = settings.points.rows * settings.points.columns * k;
  const chosen = rungs ?? ladder(settings.engine, work, settings);
  const abreast = await restartsAbreast(settings, chosen[0].name);
  const crews: Crew[] = [];
  try {
    const opening = Array.from({ length: abreast }, (_, worker) =>
      abreast === 1
        ? openCrew({ ...settings, without, checkpoints }, most, chosen, inits, report, pause)
        : openCrew({ ...settings, without, worker }, most, chosen, inits, null, pause),
    );
    const opened = await Promise.allSettled(opening);
    for (const crew of opened) if (crew.status === 'fulfilled') crews.push(crew.value);
    for (const crew of opened) if (crew.status === 'rejected') throw crew.reason;
    if (abreast > 1) await report.enter('iterate');
    const from = checkpoints?.from;
    const known = from?.best ? await crews[0].recall(from.best) : null;
    const won = await bestRestart(
      settings.restarts,
      crews,
      { restart: from?.restart ?? 0, best: known },
      (solution, restart) => checkpoints?.ended(solution, restart),
    );
    const { laid, run, lloyd } = won.crew;
    let best = won.solution;
    if (breathing) {
      best = await breathe(laid, k, best, {
        seed: settings.seed,
        pause,
        distance: distanceOf(settings),
        from: from?.search ?? null,
        breathed: (solution, next) => checkpoints?.breathed(solution, next),
        async lloyd(start, share) {
          report.searched(share);
          try {
            return await lloyd(start, 'refine', settings.restarts);
          } catch (error) {
            // only on a way that need not be gone
            if (error instanceof EmptyClusterError) return null;
            throw error;
          }
        },
      });
      await report.enter('read', settings.restarts);
    }
    if (abreast > 1) await report.enter('read', settings.restarts - 1);
    return await finish(best, { run, laid, report, pause });
  } catch (error) {
    await checkpoints?.write();
    throw error;
  } finally {
    for (const { run, laid } of crews) {
      await run.dispose();
      laid.dispose();
    }
  }
}

const keeping = once(() => import('./checkpoint/keeper.ts'));

/** Points that are laid, and what iterates on them. */
interface Crew {
  readonly laid: LaidPoints;
  readonly run: Run;
  /** From first centroids of its own to the end. */
  attempt(restart: number): Promise<Solution>;
  /** Lloyd's algorithm, or the metric's, to the end. */
  lloyd(
    start: Float32Array | RestorePoint,
    phase: 'iterate' | 'refine',
    restart: number,
  ): Promise<Solution>;
  /** Where a run has ended before, with what follows from it. */
  recall(outcome: Outcome): Promise<Solution>;
}

/**
 * `most`: of the centroids ever placed; `worker`: the one that has all of it; `without`: what solutions
 * are read without; `report`: missing where several crews work side by side.
 */
async function openCrew(
  settings: Settings & {
    worker?: number;
    without: 'labels' | undefined;
    checkpoints?: Checkpoints | null;
  },
  most: number,
  rungs: readonly Rung[],
  inits: readonly Init[],
  report: Reporter | null,
  pause: Pause,
): Promise<Crew> {
  const { metric, signal, checkpoints } = settings;
  const laid = await lay({ ...settings, k: most }, inits, pause);
  const { grid } = laid;
  const task = {
    points: laid,
    k: most,
    shiftLimit: shiftLimit(grid, settings.tol),
    emptyCluster:
      settings.emptyCluster === 'relocate' || settings.emptyCluster === 'keep'
        ? settings.emptyCluster
        : 'stop',
    algorithm: settings.algorithm,
    distance: distanceOf(settings),
    restorePoints: settings.checkpoint && 'all',
    signal,
  } as const;
  const run = new Run(rungs, task);
  const centred = metric === 'euclidean' ? null : centreRun(metric, run, task, pause);
  const search = centred ?? run;
  try {
    await checkpoints?.identify(laid, inits);
    await report?.enter('open');
    await run.open();
  } catch (error) {
    laid.dispose();
    throw error;
  }
  const lloyd: Crew['lloyd'] = async (start, phase, restart) => {
    let before = 0;
    if (start instanceof Float32Array) await search.place(start);
    else {
      await search.resume(start);
      before = start.history.length - 1; // the last is repeated
    }
    await report?.enter(phase, restart, search, grid, before);
    const keeper = phase === 'iterate' ? checkpoints?.of(search) : undefined;
    const status = await iterate(search, grid, settings, report, keeper);
    checkpoints?.over(status, phase);
    if (phase === 'iterate') await report?.enter('read', restart, search, grid);
    return solution(await readWhole(search, grid.columns, settings, settings.without), status);
  };
  const solution = async (clustering: Clustering, status: Solution['status']) => {
    const { centroids, sums, counts } = clustering;
    const cost = centred ? await centred.cost(clustering) : inertia(grid, centroids, sums, counts);
    return { clustering, status, inertia: cost };
  };
  const recall: Crew['recall'] = async ({ centroids, history, stop }) => {
    await search.place(centroids);
    const clustering = await search.read(settings.without);
    return solution({ ...clustering, history: [...history] }, { iteration: history.length, stop });
  };
  const attempt: Crew['attempt'] = async (restart) => {
    await report?.enter('seed', restart);
    const under = checkpoints?.under(restart);
    if (under) return lloyd(under, 'iterate', restart);
    const init = inits[restart];
    const start = await seed(laid, settings.k, init, settings.seed, restart, pause, () =>
      report?.seeded(),
    );
    return lloyd(start, 'iterate', restart);
  };
  return { laid, run, attempt, lloyd, recall };
}

/** What labels are decided by. */
function distanceOf({ metric }: Settings): Distance {
  return metric === 'manhattan' ? metric : 'euclidean';
}

/** What each restart starts from; callbacks are called here, since the grid has to hold their rows. */
async function firstCentroids(settings: Settings, pause: Pause): Promise<Init[]> {
  const inits: Init[] = [];
  for (let restart = 0; restart < settings.restarts; restart++) {
    const init: Init =
      settings.init.kind === 'callback'
        ? { kind: 'explicit', centroids: await settings.init.make(pcg32(settings.seed, restart)) }
        : settings.init;
    inits.push(
      init.kind === 'explicit' && settings.metric === 'cosine'
        ? { ...init, centroids: await unitRows(init.centroids, 'init', pause) }
        : init,
    );
  }
  return inits;
}

/** The points on the grid; under cosine those that they are on the unit sphere. */
async function lay(
  settings: Settings & { worker?: number },
  inits: readonly Init[],
  pause: Pause,
): Promise<LaidPoints> {
  if (settings.paged) return settings.paged.lay(explicitCentroids(inits));
  if (settings.metric !== 'cosine') return layPoints(settings, explicitCentroids(inits));
  const points = await unitRows(atHand(settings.points), 'points', pause);
  return layPoints({ ...settings, points }, undefined, sphere(points.columns));
}

/** All explicit centroids of all restarts: the grid's range holds them too. */
function explicitCentroids(inits: readonly Init[]): Rows | undefined {
  const explicit = inits.flatMap((init) => (init.kind === 'explicit' ? [init.centroids] : []));
  if (explicit.length === 0) return undefined;
  const data = Float64Array.from(explicit.flatMap(({ data }) => Array.from(data)));
  const { columns } = explicit[0];
  return { data, rows: data.length / columns, columns };
}

/** scikit-learn's rule, shift ≤ tol × mean column variance, as a strict bound between integers. */
export function shiftLimit(grid: GridFacts, tol: number): bigint {
  if (tol === 0) return 0n; // until no label changes
  const variance = grid.variances.reduce((sum, v) => sum + v, 0) / grid.columns;
  const limit = Math.floor(tol * variance * 2 ** (2 * LABEL_BITS)) + 1;
  return limit < 2 ** 95 ? BigInt(limit) : 2n ** 95n;
}

/** What iterates: the engines', or the host's where centres are no means. */
type Search = Pick<Run, 'iterate' | 'read' | 'replace'>;

/** Iterates to the end, without clusters that lost their points where the caller wants that. */
async function iterate(
  run: Search,
  grid: GridFacts,
  settings: Settings,
  report: Reporter | null,
  keeper: Keeper | undefined,
): Promise<Status> {
  for (;;) {
    const status = await run.iterate({
      maxIter: settings.maxIter,
      signal: settings.signal,
      onBatch: (batch) => report?.iterated(batch),
      everyIteration: report?.awaited ?? false,
      keeper,
    });
    if (status.stop !== 'empty') return status;
    if (settings.emptyCluster === 'error')
      refuseEmpty(status.empty, settings.k, `in iteration ${status.iteration}`);
    const clustering = await run.read();
    await run.replace(withoutEmpty(clustering, grid.columns), clustering.history);
    if (status.iteration >= settings.maxIter) return status;
  }
}

/**
 * The clustering. The labels that belong to the last centroids may leave a cluster empty that had
 * points before: under 'drop' it goes, under 'error' it is one.
 */
async function readWhole(
  run: Search,
  columns: number,
  settings: Settings,
  without: 'labels' | undefined,
): Promise<Clustering> {
  for (;;) {
    const clustering = await run.read(without);
    const empty = emptiesOf(clustering.counts);
    if (empty === 0) return clustering;
    if (settings.emptyCluster === 'error')
      refuseEmpty(empty, settings.k, `to the centroids of iteration ${clustering.history.length}`);
    if (settings.emptyCluster !== 'drop') return clustering;
    await run.replace(withoutEmpty(clustering, columns), clustering.history);
  }
}

function refuseEmpty(empty: number, k: number, when: string): never {
  throw new EmptyClusterError(
    `emptyCluster is 'error'; expected every cluster to keep a point, but ${empty} of ${k} lost all ` +
      `of theirs ${when}. Lower k, change seed or init, or use 'relocate'.`,
  );
}

function withoutEmpty({ centroids, counts }: Clustering, columns: number): Float32Array {
  return centroids.filter((_, at) => counts[Math.floor(at / columns)] > 0);
}

/** Second labels and margins of the clustering that won; `data`: its centroids as they are returned. */
async function secondBest(
  run: Run,
  { centroids, labels, counts }: Clustering,
  data: Float32Array,
  { points, metric }: Settings,
  { scale }: GridFacts,
  pause: () => Promise<void> | undefined,
): Promise<Second> {
  if (counts.length === 1)
    return {
      secondLabels: new Uint32Array(points.rows).fill(NO_SECOND),
      margins: new Float32Array(points.rows).fill(Infinity),
    };
  // another restart's may be placed, and whatever fails from here on these are all it takes
  await run.place(centroids);
  const secondLabels = await run.assignSecond(labels);
  const assigned = { metric, points: atHand(points), centroids: data, labels, scale };
  const margins = await marginsOf(assigned, secondLabels, pause);
  return { secondLabels, margins };
}
const NO_SECOND = 0xffffffff;

function endingOf(
  { status: { stop, iteration }, clustering: { history } }: Solution,
  { engine, algorithm }: Run,
  report: Reporter,
): Ending {
  const converged = stop === 'labels' || stop === 'tol';
  return {
    iterations: iteration,
    converged,
    stopReason: converged ? stop : 'maxIter',
    engine: engine.name,
    algorithm,
    history,
    seconds: report.seconds(),
  };
}

function assemble(
  { clustering, inertia, data, second }: Solution & { data: Float32Array; second: Second },
  grid: GridFacts,
  settings: Settings,
  ending: Ending,
): Fit {
  const { labels } = clustering;
  const rows = clustering.counts.length;
  const sizes = clustering.sizes ?? countLabels(labels, rows);
  const model = modelOf(grid, clustering.centroids, settings.metric);
  const result: KMeansResult = {
    centroids: { data, rows, columns: grid.columns },
    labels,
    ...second,
    sizes,
    inertia,
    ...ending,
    hash: fingerprint(labels, data, clustering.labelSums),
    predict: (points) => predict(points, model, settings),
  };
  return { result, model };
}
