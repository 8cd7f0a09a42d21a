/**
 * Mini-batch k-means: a step looks at some rows only, so that a fit of many rows is quick, and rows may
 * come as a stream. Not exact k-means: near it, and with the same bits on every engine all the same
 * (mini-batch-step.ts says why).
 *
 * A batch gets its labels from a session of its own; engines stay open. `fit` has one frame for all
 * rows. A stream has a new one for every batch, wide enough for the batch and the centroids: nothing is
 * known of what will come.
 *
 * What the session costs, of 1,024 rows × 16 columns and 64 centroids on an AMD EPYC: 0.3 ms on wasm, and
 * less than 0.1 of it is the search itself; a whole step takes 0.8 ms. On webgpu a step takes 9 ms
 * (SwiftShader), which is why 'auto' weighs one batch and not all rows, and stays on the processor.
 */
import { breather } from '../breathe.ts';
import { refuse } from '../errors.ts';
import {
  inertia,
  integerWeights,
  layOnGrid,
  placeOnGrid,
  powerOfTwo,
  standardDeviations,
  toGridValues,
  type Frame,
  type Grid,
} from '../grid.ts';
import { inMemory, type LaidPoints } from '../laid-points.ts';
import { layPoints } from '../lay-points.ts';
import { ladder, shared, type Rung } from '../ladder.ts';
import { gatherRows, isPointSource, type Points, type PointSource, type Rows } from '../matrix.ts';
import { once } from '../once.ts';
import {
  judge,
  judgeSource,
  knownTo,
  whole,
  type KMeansOptions,
  type Settings,
} from '../options.ts';
import { assignmentGrid, modelOf, nearest, type Model } from '../predict.ts';
import { Reporter } from '../progress.ts';
import { below, pcg32 } from '../rng.ts';
import { Run } from '../run.ts';
import { seed, type Init } from '../seeding/index.ts';
import { sampleRows } from '../seeding/sample.ts';
import {
  Estimator,
  total,
  type FitOptions,
  type Fitted,
  type SavedEstimator,
} from './estimator.ts';
import { start, step, type Stream } from './mini-batch-step.ts';
import { allRows, centroidsOf, clusterCosts, positionsOf, type Positions } from './positions.ts';
import { Saved, saveModel, type SavedModel } from './saved.ts';

/** Options of {@link MiniBatchKMeans}. */
export interface MiniBatchKMeansOptions extends Omit<KMeansOptions, 'emptyCluster' | 'algorithm'> {
  /** Number of clusters. */
  k: number;
  /** Rows of a step of `fit`, drawn at random. Default 1024. */
  batchSize?: number;
  /** Most passes' worth of rows that `fit` looks at. Default 100. */
  maxIter?: number;
  /** Stop once Σ‖centroid shift‖² of a step ≤ tol × mean variance of the columns. Default 0: not for that. */
  tol?: number;
  /** Stop after so many steps without a lower (smoothed) inertia; null: not for that. Default 10. */
  maxNoImprovement?: number | null;
  /**
   * A centroid that has been given less than this share of what the greatest has been given starts
   * again from a row, 0 to 1. Default 0.01; 0: never.
   */
  reassignmentRatio?: number;
}

/** What `toJSON` of {@link MiniBatchKMeans} gives. */
export interface SavedMiniBatchKMeans extends SavedEstimator, SavedModel {
  /** Where a stream goes on. */
  stream: { positions: number[]; counts: number[]; steps: number; sinceReassigned: number };
}

interface MiniBatchState extends Fitted {
  readonly model: Model;
  readonly stream: Stream;
}

const FORMAT = 'centroids/MiniBatchKMeans';
const VERSION = 1;
const NAMES = [
  ...['k', 'batchSize', 'maxNoImprovement', 'reassignmentRatio'],
  ...knownTo('MiniBatchKMeans'),
];

const BATCH_ROWS = 1024;

const batches = once(() => import('../out-of-core/batches.ts'));

/** Random streams of steps, far from those of restarts: a step draws the same whatever came before it. */
const STEP_STREAMS = 2 ** 40;
/** Random streams of the rows that are seeded from, and of those that starts are compared on. */
const SAMPLE_STREAMS = 2 ** 41;
const VALIDATION_STREAM = 2 ** 42;

/** First centroids come from a sample of so many batches, or so many rows a centroid. */
const SAMPLE_FACTOR = 3;

/**
 * Mini-batch k-means with scikit-learn's verbs and defaults.
 *
 * @example
 * const model = await new MiniBatchKMeans({ k: 64, seed: 1 }).fit(points);
 * const once = await new MiniBatchKMeans({ k: 64, seed: 1 }).fit(source);
 */
export class MiniBatchKMeans extends Estimator<MiniBatchKMeansOptions, MiniBatchState> {
  /** The last call that changes the stream: the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MiniBatchKMeansOptions) {
    super(options, NAMES);
  }

  /** Steps of the last fit, or of the stream so far. */
  get steps(): number {
    return this.fitted('steps').stream.steps;
  }

  /**
   * Of a {@link PointSource} one pass: its rows in their order, batch by batch, each looked at once, from a
   * stream that starts anew. `labels` and `inertia` are then those of the last batch.
   */
  override async fit(points: Points, options: FitOptions = {}): Promise<this> {
    return this.#inTurn(async () => {
      if (isPointSource(points)) {
        this.state = await fitSource(points, this.optionsOf(options));
        return;
      }
      const problem = judgeProblem(points, this.optionsOf(options));
      const { settings, batchSize } = problem;
      const { data, columns } = settings.points;
      const work = Math.min(batchSize * columns, data.length) * settings.k;
      const { rungs, dispose } = shared(ladder(settings.engine, work, settings));
      try {
        this.state = await fit(problem, rungs);
      } finally {
        await dispose();
      }
    });
  }

  /**
   * One step with these rows, as one batch of a stream; the first must have at least k rows. `labels`
   * and `inertia` are then those of these rows, `iterations` counts the batches. `whiten` takes the
   * scale from the first batch.
   */
  async partialFit(points: Points, options: FitOptions = {}): Promise<this> {
    return this.#inTurn(async () => {
      const given = this.optionsOf(options);
      const problem = judgeProblem(points, this.state ? { ...given, k: 1, init: 'auto' } : given);
      const { settings } = problem;
      const work = settings.points.data.length * given.k;
      const { rungs, dispose } = shared(ladder(settings.engine, work, settings));
      try {
        this.state = await partialFit(problem, this.state, rungs);
      } finally {
        await dispose();
      }
    });
  }

  #inTurn(work: () => Promise<void>): Promise<this> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn.then(() => this);
  }

  protected override assign(points: Rows, settings: Settings): Promise<Uint32Array> {
    const { model } = this.fitted('predict');
    const work = points.data.length * model.k;
    return nearest(points, model, ladder(settings.engine, work, settings), settings.signal);
  }

  /** The fitted estimator, for JSON; a stream can be gone on with where it was. */
  toJSON(): SavedMiniBatchKMeans {
    const { model, stream } = this.fitted('toJSON');
    const { positions, counts, steps, sinceReassigned } = stream;
    return {
      ...this.saved(FORMAT, VERSION),
      ...saveModel(model),
      stream: {
        positions: Array.from(positions.data),
        counts: Array.from(counts),
        steps,
        sinceReassigned,
      },
    };
  }

  /**
   * The estimator that was saved (or its JSON text): it gives the same labels, to the bit, and goes on
   * to the same bits. `options` take the place of saved ones and add what is not saved: engine, threads,
   * a function as `init`.
   * @throws InvalidInputError where the JSON is not what `toJSON` gives
   */
  static fromJSON(json: unknown, options: Omit<MiniBatchKMeansOptions, 'k'> = {}): MiniBatchKMeans {
    const saved = Saved.open(json, FORMAT, VERSION);
    const { k, ...kept } = saved.options(NAMES);
    const estimator = new MiniBatchKMeans({ ...kept, ...options, k });
    const columns = saved.whole('columns', 1);
    const scale = saved.scale(columns);
    const model = saved.model(columns, scale, k, k);
    const stream = readStream(saved.object('stream'), model);
    estimator.state = {
      ...saved.found(k),
      ...stateOf(stream, model.frame),
    };
    return estimator;
  }
}

/** A stream whose positions are those of the model. */
function readStream(saved: Saved, model: Model): Stream {
  const { frame, k } = model;
  const { columns, scale } = frame;
  const data = saved.numbers('positions', k * columns, () => true, 'a finite number');
  const positions = { data: Float64Array.from(data), columns, scale };
  const own = onFrame(positions, frame);
  const wrong = own.findIndex((y, at) => y !== model.centroids[at]);
  if (wrong >= 0)
    refuse(
      `json.stream.positions[${wrong}]`,
      data[wrong],
      `the position of json.centroids[${wrong}]`,
      'The file is damaged: save the model again.',
    );
  return {
    positions,
    counts: Float64Array.from(saved.numbers('counts', k, (n) => n >= 0, 'a finite number ≥ 0')),
    steps: saved.whole('steps', 1),
    sinceReassigned: saved.whole('sinceReassigned', 0),
  };
}

interface Problem {
  readonly settings: Settings;
  readonly batchSize: number;
  readonly maxNoImprovement: number | null;
  readonly reassignmentRatio: number;
}

function judgeProblem(points: Points, options: MiniBatchKMeansOptions): Problem {
  const {
    k,
    batchSize = BATCH_ROWS,
    maxNoImprovement = 10,
    reassignmentRatio = 0.01,
    ...rest
  } = options;
  const settings = judge(points, k, { maxIter: 100, tol: 0, ...rest }, 'MiniBatchKMeans');
  whole('batchSize', batchSize, 1);
  if (maxNoImprovement !== null) whole('maxNoImprovement', maxNoImprovement, 0);
  if (!(typeof reassignmentRatio === 'number' && reassignmentRatio >= 0 && reassignmentRatio <= 1))
    refuse('reassignmentRatio', reassignmentRatio, 'a number from 0 to 1', 'Use 0 for never.');
  return { settings, batchSize, maxNoImprovement, reassignmentRatio };
}

// ---- all rows at once ---------------------------------------------------------------------------

async function fit(problem: Problem, rungs: readonly Rung[]): Promise<MiniBatchState> {
  const { settings, maxNoImprovement, reassignmentRatio } = problem;
  const { points, weights, signal, maxIter } = settings;
  signal?.throwIfAborted();
  const size = Math.min(problem.batchSize, points.rows);
  const steps = Math.floor((maxIter * points.rows) / size);
  const report = new Reporter({ ...settings, maxIter: steps, restarts: 1 });
  await report.enter('seed');
  const inits = await startsOf(settings);
  const laid = await layPoints(
    settings,
    inits[0].kind === 'explicit' ? inits[0].centroids : undefined,
  );
  try {
    const frame = laid.grid;
    const first = await bestStart(problem, laid.grid, inits, rungs);
    const variance = frame.variances.reduce((sum, v) => sum + v, 0) / frame.columns;
    const shiftLimit = settings.tol * variance * powerOfTwo(2 * frame.exponent);
    const patience = new Patience(size, points.rows, maxNoImprovement);
    let stream = first;
    const read = async () => {
      const { labels } = await readWhole(laid, stream, settings);
      return { labels, centroids: onFrame(stream.positions, frame) };
    };
    const pause = breather(signal);
    const changes = settings.onProgress ? labelChanges(points.rows) : () => 0;
    await report.enter('iterate', 0, { read }, frame);
    while (stream.steps < steps) {
      signal?.throwIfAborted();
      const random = pcg32(settings.seed, STEP_STREAMS + stream.steps);
      const rows = Uint32Array.from({ length: size }, () => below(points.rows, random));
      const batch = gatherRows(points, rows);
      const { positions } = stream;
      const labels = await withBatch(batch, frame, settings, rungs, (nearest) =>
        nearest(positions),
      );
      const own = weights && Float64Array.from(rows, (i) => weights[i]);
      const done = step(stream, { points: batch, weights: own, labels }, reassignmentRatio, random);
      stream = done.stream;
      await report.iterated({
        iteration: stream.steps,
        stop: null,
        last: {
          iteration: stream.steps,
          moved: changes(rows, labels),
          shift: done.shift,
          inertia: done.inertia,
        },
        empty: 0,
        restorePoint: null,
      });
      await pause();
      if (settings.tol > 0 && stream.steps > 1 && done.shift <= shiftLimit) break;
      if (patience.endsAfter(stream.steps, done.inertia)) break;
    }
    await report.enter('read');
    const found = await readWhole(laid, stream, settings);
    signal?.throwIfAborted();
    const iterations = Math.ceil((stream.steps * size) / points.rows);
    return { ...stateOf(stream, frame), ...found, iterations };
  } finally {
    laid.dispose();
  }
}

/**
 * Counts the rows of a batch whose label is another than when they were last in one, or that have not been
 * in any. Memory: 4 bytes a row, of all rows.
 */
function labelChanges(rows: number): (batch: Uint32Array, labels: Uint32Array) => number {
  const last = new Uint32Array(rows).fill(NO_LABEL);
  return (batch, labels) => {
    let moved = 0;
    batch.forEach((row, i) => {
      if (last[row] !== labels[i]) moved++;
      last[row] = labels[i];
    });
    return moved;
  };
}
const NO_LABEL = 0xffffffff;

/** Stops a fit whose batches no longer get better: by their inertia, smoothed over a pass. */
class Patience {
  readonly #share: number;
  readonly #most: number | null;
  #smoothed: number | null = null;
  #least = Infinity;
  #waited = 0;

  constructor(size: number, rows: number, most: number | null) {
    this.#share = Math.min(1, (2 * size) / (rows + 1));
    this.#most = most;
  }

  /** The first step tells nothing: its inertia is that of the seeding. */
  endsAfter(steps: number, inertia: number): boolean {
    if (steps === 1) return false;
    const before = this.#smoothed ?? inertia;
    this.#smoothed = before * (1 - this.#share) + inertia * this.#share;
    this.#waited = this.#smoothed < this.#least ? 0 : this.#waited + 1;
    this.#least = Math.min(this.#least, this.#smoothed);
    return this.#most !== null && this.#waited >= this.#most;
  }
}

/** Labels and inertia of all rows. */
function readWhole(
  laid: LaidPoints,
  { positions }: Stream,
  settings: Settings,
): Promise<{ labels: Uint32Array; inertia: number }> {
  const { grid } = laid;
  const work = grid.rows * settings.k * grid.columns;
  const rungs = ladder(settings.engine, work, settings);
  return withSession(laid, settings, rungs, async (run) => {
    await run.place(onFrame(positions, grid));
    const { labels, centroids, sums, counts } = await run.read();
    return { labels, inertia: inertia(grid, centroids, sums, counts) };
  });
}

/** The nearest position of every row of a batch in a frame that holds it. */
type Nearest = (positions: Positions) => Promise<Uint32Array>;

/** A session of the batch, for as long as the work takes. */
function withBatch<T>(
  batch: Rows,
  frame: Frame,
  settings: Settings,
  rungs: readonly Rung[],
  work: (nearest: Nearest) => Promise<T>,
): Promise<T> {
  const laid = inMemory(assignmentGrid(frame, toGridValues(batch, frame)));
  return withSession(laid, settings, rungs, (run) =>
    work(async (positions) => {
      await run.place(onFrame(positions, frame));
      return run.assign();
    }),
  );
}

async function withSession<T>(
  points: LaidPoints,
  { k, signal }: Settings,
  rungs: readonly Rung[],
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const task = { points, k, shiftLimit: 0n, emptyCluster: 'keep', algorithm: 'lloyd' } as const;
  const run = new Run(rungs, { ...task, signal });
  try {
    await run.open();
    return await work(run);
  } finally {
    await run.dispose();
  }
}

// ---- first centroids ----------------------------------------------------------------------------

/** What every start begins with. A function is asked once: its centroids must lie on the frame. */
async function startsOf({ init, seed, restarts }: Settings): Promise<[Init, ...Init[]]> {
  if (init.kind === 'callback')
    return [{ kind: 'explicit', centroids: await init.make(pcg32(seed, 0)) }];
  return [init, ...Array.from({ length: restarts - 1 }, () => init)];
}

/** Of several starts the one with the least inertia on a sample. */
async function bestStart(
  problem: Problem,
  frame: Frame,
  inits: readonly Init[],
  rungs: readonly Rung[],
): Promise<Stream> {
  const { settings } = problem;
  const pause = breather(settings.signal);
  const starts: Stream[] = [];
  for (const [restart, init] of inits.entries()) {
    const sample = sampleOf(problem, SAMPLE_STREAMS + restart);
    const grid = onGrid(sample, frame);
    const centroids = await seed(inMemory(grid), settings.k, init, settings.seed, restart, pause);
    starts.push(start(positionsOf(modelOf(frame, centroids))));
  }
  if (starts.length === 1) return starts[0];
  const { points, weights } = sampleOf(problem, VALIDATION_STREAM);
  let best = { start: starts[0], cost: Infinity };
  for (const start of starts) {
    const labels = await withBatch(points, frame, settings, rungs, (nearest) =>
      nearest(start.positions),
    );
    const cost = total(await clusterCosts(points, weights, labels, start.positions, pause));
    if (cost < best.cost) best = { start, cost };
  }
  return best.start;
}

interface Sample {
  readonly points: Rows;
  readonly weights: ArrayLike<number> | undefined;
}

/** Some rows, of those that weigh something; all rows where these are fewer than k. */
function sampleOf({ settings, batchSize }: Problem, stream: number): Sample {
  const { points, weights, k } = settings;
  const all = allRows(points);
  const pool = weights ? all.filter((i) => weights[i] > 0) : all;
  const wanted = SAMPLE_FACTOR * Math.max(Math.min(batchSize, points.rows), k);
  const rows =
    pool.length < k
      ? all
      : sampleRows(pool.length, wanted, pcg32(settings.seed, stream)).map((at) => pool[at]);
  return {
    points: gatherRows(points, rows),
    weights: weights && Float64Array.from(rows, (i) => weights[i]),
  };
}

function onGrid({ points, weights }: Sample, frame: Frame): Grid {
  return {
    ...assignmentGrid(frame, toGridValues(points, frame)),
    ...integerWeights(weights, points.rows),
  };
}

// ---- a stream -----------------------------------------------------------------------------------

async function partialFit(
  problem: Problem,
  before: MiniBatchState | null,
  rungs: readonly Rung[],
): Promise<MiniBatchState> {
  const { settings, reassignmentRatio } = problem;
  const { points, weights, signal } = settings;
  signal?.throwIfAborted();
  const report = new Reporter({ ...settings, maxIter: 1, restarts: 1 });
  const stream = before?.stream ?? (await firstOfStream(problem, report, rungs));
  const { columns } = stream.positions;
  if (points.columns !== columns)
    refuse(
      'points.columns',
      points.columns,
      `${columns}, as in the batches before`,
      'Pass rows of the same columns.',
    );
  integerWeights(weights, points.rows); // judges them
  const frame = frameAround(points, weights, stream.positions);
  await report.enter('iterate');
  return withBatch(
    points,
    frame,
    { ...settings, k: stream.counts.length },
    rungs,
    async (nearest) => {
      const labels = await nearest(stream.positions);
      const random = pcg32(settings.seed, STEP_STREAMS + stream.steps);
      const done = step(stream, { points, weights, labels }, reassignmentRatio, random);
      await report.enter('read');
      const state = stateOf(done.stream, frame);
      const after = await nearest(state.positions);
      const costs = await clusterCosts(points, weights, after, state.positions, breather(signal));
      signal?.throwIfAborted();
      return { ...state, labels: after, inertia: total(costs), iterations: done.stream.steps };
    },
  );
}

/** All batches of a source, one after the other. */
async function fitSource(
  source: PointSource,
  options: MiniBatchKMeansOptions,
): Promise<MiniBatchState> {
  const { k, batchSize, maxNoImprovement: _n, reassignmentRatio: _r, ...rest } = options;
  const judged = judgeSource(source, k, rest, 'MiniBatchKMeans');
  whole('batchSize', batchSize ?? BATCH_ROWS, 1);
  const { weights, signal, engine } = judged;
  const { batchesOf } = await batches();
  const batchRows = Math.max(batchSize ?? BATCH_ROWS, k);
  const { rungs, dispose } = shared(ladder(engine, batchRows * source.columns * k, judged));
  let state: MiniBatchState | null = null;
  try {
    for await (const { first, ...rows } of batchesOf(source, batchRows, signal)) {
      const own = weights && Float64Array.from({ length: rows.rows }, (_, i) => weights[first + i]);
      const given = { ...options, ...(own && { weights: own }) };
      const problem = judgeProblem(rows, state ? { ...given, k: 1, init: 'auto' } : given);
      state = await partialFit(problem, state, rungs);
    }
  } finally {
    await dispose();
  }
  if (!state) refuse('points.rows', 0, 'at least 1', 'Pass at least one point.');
  return state;
}

async function firstOfStream(
  problem: Problem,
  report: Reporter,
  rungs: readonly Rung[],
): Promise<Stream> {
  const { settings } = problem;
  const { points, weights, whiten } = settings;
  await report.enter('seed');
  const inits = await startsOf(settings);
  const scale = whiten ? standardDeviations(layOnGrid(points, { weights })) : undefined;
  const cover = inits[0].kind === 'explicit' ? inits[0].centroids : undefined;
  return bestStart(problem, layOnGrid(points, { weights, cover, scale }), inits, rungs);
}

/** A frame that holds a batch and all centroids, of which each weighs as much as a row of weight 1. */
function frameAround(
  points: Rows,
  given: ArrayLike<number> | undefined,
  { data, columns, scale }: Positions,
): Frame {
  const all = new Float64Array(points.data.length + data.length);
  all.set(points.data);
  for (let at = 0; at < data.length; at++)
    all[points.data.length + at] = scale ? data[at] * scale[at % columns] : data[at];
  const rows = { data: all, rows: all.length / columns, columns };
  const weights = given && Float64Array.from({ length: rows.rows }, (_, i) => given[i] ?? 1);
  return layOnGrid(rows, { weights, ...(scale && { scale }) });
}

/** Positions as grid values. */
function onFrame({ data, columns }: Positions, frame: Frame): Float32Array {
  return placeOnGrid({ data, rows: data.length / columns, columns }, { ...frame, scale: null });
}

function stateOf(stream: Stream, frame: Frame) {
  const { positions } = stream;
  const model = modelOf(frame, onFrame(positions, frame));
  return { stream, model, positions, centroids: centroidsOf(model) };
}
