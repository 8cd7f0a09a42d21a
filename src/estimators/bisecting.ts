/**
 * Bisecting k-means: all rows are one cluster at first, and k − 1 times a cluster is split in two by
 * `kmeans`. What comes out is a tree; a row is labelled by walking down it, so the clusters' borders are
 * those of the splits, and the nearest of all centroids need not be that of its cluster.
 *
 * Every split is a fit of its own, with a grid of its own: labels and centroids have the same bits on
 * every engine. Which cluster is next is decided in float64, in the order of the rows: the same
 * everywhere too. Of equals the first is split, from left to right. A cluster of a single row is not
 * split, and there is always one with two, since k is no more than the rows; where all its rows are
 * equal, one of the halves stays empty, as in `kmeans`.
 *
 * Source: M. Steinbach, G. Karypis, V. Kumar, "A Comparison of Document Clustering Techniques", 2000;
 * the rules are scikit-learn's.
 */
import { breather } from '../breathe.ts';
import { refuse } from '../errors.ts';
import { integerWeights } from '../grid.ts';
import { cluster } from '../kmeans.ts';
import { ladder, shared, type Rung } from '../ladder.ts';
import { gatherRows, type Matrix, type Points, type Rows } from '../matrix.ts';
import { judge, knownTo, type KMeansOptions, type Progress, type Settings } from '../options.ts';
import { nearest, type Model } from '../predict.ts';
import { pcg32 } from '../rng.ts';
import { Estimator, type FitOptions, type Fitted, type SavedEstimator } from './estimator.ts';
import { allRows, centroidsOf, clusterCosts, positionsOf, type Positions } from './positions.ts';
import { Saved, saveModel, type SavedModel } from './saved.ts';

/** Options of {@link BisectingKMeans}. */
export interface BisectingKMeansOptions extends Omit<KMeansOptions, 'emptyCluster' | 'init'> {
  /** Number of clusters. */
  k: number;
  /** First two centroids of every split; a function is asked for two of the rows it is given. */
  init?: Exclude<NonNullable<KMeansOptions['init']>, Points>;
  /** Which cluster is split next: that of the greatest inertia (the default), or of the most rows (or weight). */
  bisectingStrategy?: 'biggest-inertia' | 'largest-cluster';
}

/** What `toJSON` of {@link BisectingKMeans} gives. */
export interface SavedBisectingKMeans extends SavedEstimator {
  /** A split comes before those of its halves. */
  splits: (SavedModel & { children: number[] })[];
}

/**
 * A cluster and the centroids that split it. `children`: where the rows of each go, ≥ 0 to that split,
 * −1 − label where it is a cluster. Two, or a single one where k is 1.
 */
interface Split {
  readonly model: Model;
  readonly children: readonly number[];
}

interface BisectingState extends Fitted {
  readonly splits: readonly Split[];
}

const FORMAT = 'centroids/BisectingKMeans';
const VERSION = 1;
/** The random stream that the splits' seeds come from. */
const SPLITS_STREAM = 2 ** 40;
const STRATEGIES = ['biggest-inertia', 'largest-cluster'];
const NAMES = ['k', 'bisectingStrategy', ...knownTo('BisectingKMeans')];

/**
 * Bisecting k-means with scikit-learn's verbs. `iterations` are those of all splits together.
 *
 * @example
 * const model = await new BisectingKMeans({ k: 8, bisectingStrategy: 'largest-cluster' }).fit(points);
 */
export class BisectingKMeans extends Estimator<BisectingKMeansOptions, BisectingState> {
  constructor(options: BisectingKMeansOptions) {
    super(options, NAMES);
  }

  override async fit(points: Points, options: FitOptions = {}): Promise<this> {
    const given = this.optionsOf(options);
    const { k, bisectingStrategy = 'biggest-inertia', ...rest } = given;
    if (!STRATEGIES.includes(bisectingStrategy))
      refuse(
        'bisectingStrategy',
        bisectingStrategy,
        STRATEGIES.map((name) => `'${name}'`).join(' or '),
        'Choose one of them.',
      );
    const { init = 'auto' } = rest;
    if (typeof init === 'object')
      refuse('init', init, 'a name or a function: every split has a start of its own', 'Name one.');
    const settings = judge(points, k, rest as KMeansOptions, 'BisectingKMeans');
    const { rungs, dispose } = engineOf(settings.points, settings);
    try {
      this.state = await bisect(settings, rest as KMeansOptions, bisectingStrategy, rungs);
      return this;
    } finally {
      await dispose();
    }
  }

  protected override async assign(points: Rows, settings: Settings): Promise<Uint32Array> {
    const { splits } = this.fitted('predict');
    const { rungs, dispose } = engineOf(points, settings);
    try {
      return await walk(points, splits, rungs, settings.signal);
    } finally {
      await dispose();
    }
  }

  /** The fitted estimator, for JSON: all but where it ran and what belongs to one fit. */
  toJSON(): SavedBisectingKMeans {
    const splits = this.fitted('toJSON').splits.map(({ model, children }) => ({
      ...saveModel(model),
      children: [...children],
    }));
    return { ...this.saved(FORMAT, VERSION), splits };
  }

  /**
   * The estimator that was saved (or its JSON text): it gives the same labels, to the bit. `options`
   * take the place of saved ones and add what is not saved: engine, threads, a function as `init`.
   * @throws InvalidInputError where the JSON is not what `toJSON` gives
   */
  static fromJSON(json: unknown, options: Omit<BisectingKMeansOptions, 'k'> = {}): BisectingKMeans {
    const saved = Saved.open(json, FORMAT, VERSION);
    const { k, ...kept } = saved.options(NAMES);
    const estimator = new BisectingKMeans({ ...kept, ...options, k } as BisectingKMeansOptions);
    const splits = readSplits(saved, k);
    estimator.state = { ...saved.found(k), ...stateOf(splits) };
    return estimator;
  }
}

// ---- splitting ----------------------------------------------------------------------------------

/** One engine for all splits, the one for the first: of all rows and two centroids. */
function engineOf(points: Rows, settings: Settings): ReturnType<typeof shared> {
  return shared(ladder(settings.engine, 2 * points.data.length, settings));
}

/** A cluster that may be split yet. */
interface Leaf {
  readonly rows: Uint32Array;
  readonly score: number;
  readonly cost: number;
  /** Which child of which split it is. */
  readonly split: number;
  readonly side: number;
}

type Strategy = NonNullable<BisectingKMeansOptions['bisectingStrategy']>;

async function bisect(
  settings: Settings,
  options: KMeansOptions,
  strategy: Strategy,
  rungs: readonly Rung[],
): Promise<BisectingState> {
  const { points, k, weights, signal } = settings;
  integerWeights(weights, points.rows); // judges them: a split sees its own only
  const pause = breather(signal);
  const seeds = pcg32(settings.seed, SPLITS_STREAM);
  const splits: { model: Model; children: number[] }[] = [];
  // from left to right
  const leaves: Leaf[] = [{ rows: allRows(points), score: 0, cost: 0, split: -1, side: 0 }];
  const most = Math.max(1, k - 1);
  const state = (): BisectingState => {
    const labels = new Uint32Array(points.rows);
    leaves.forEach(({ rows, split, side }, label) => {
      for (const row of rows) labels[row] = label;
      splits[split].children[side] = -1 - label;
    });
    const inertia = leaves.reduce((sum, { cost }) => sum + cost, 0);
    return { ...stateOf(splits), labels, inertia, iterations };
  };
  let iterations = 0;
  let scale: Float64Array | null = null;
  const since = performance.now();

  while (splits.length < most) {
    const at = next(leaves);
    const { rows, split, side } = leaves[at];
    const part = rows.length === points.rows ? points : gatherRows(points, rows);
    const given = weights && Float64Array.from(rows, (row) => weights[row]);
    // rows without any weight lie somewhere too: there each counts once
    const own = given?.some((w) => w > 0) ? given : undefined;
    const { result, model } = await cluster(
      {
        ...judge(part, Math.min(2, k), {
          ...options,
          weights: own,
          seed: seeds.uint32(),
        } as KMeansOptions),
        ...(scale && { scale }),
        onProgress: settings.onProgress && tellOf(settings.onProgress),
      },
      rungs,
    );
    scale ??= model.frame.scale;
    const { labels } = result;
    const costs = await clusterCosts(part, given, labels, positionsOf(model), pause);
    const parts = partition(rows, labels, costs.length);
    const sizes = sizesOf(labels, given, costs.length);
    const halves = parts.map((own, child): Leaf => {
      const [cost, size] = [costs[child], sizes[child]];
      const score = strategy === 'biggest-inertia' ? cost : size;
      return { rows: own, score, cost, split: splits.length, side: child };
    });
    if (split >= 0) splits[split].children[side] = splits.length;
    splits.push({ model, children: halves.map(() => -1) });
    leaves.splice(at, 1, ...halves);
    iterations += result.iterations;
  }
  signal?.throwIfAborted();
  return state();

  /** A split's progress as that of the whole. */
  function tellOf(tell: NonNullable<Settings['onProgress']>) {
    const done = splits.length / most;
    const read: Progress['read'] = async () => {
      if (splits.length > 0) return state();
      const none = { data: new Float32Array(), rows: 0, columns: 0 };
      return { centroids: none, labels: new Uint32Array() };
    };
    return (progress: Progress) => {
      const fraction = done + progress.fraction / most;
      const elapsed = (performance.now() - since) / 1000;
      const secondsLeft = fraction > 0 ? (elapsed * (1 - fraction)) / fraction : NaN;
      // labels on the GPU are those of a split
      const readOnGpu = () => Promise.resolve(null);
      return tell({ ...progress, fraction, secondsLeft, read, readOnGpu });
    };
  }
}

/** The rows of each label. */
function partition(rows: Uint32Array, labels: Uint32Array, k: number): Uint32Array[] {
  const parts = Array.from(sizesOf(labels, undefined, k), (size) => new Uint32Array(size));
  const filled = new Uint32Array(k);
  for (let i = 0; i < rows.length; i++) parts[labels[i]][filled[labels[i]]++] = rows[i];
  return parts;
}

/** Rows of each label, or their weight. */
function sizesOf(labels: Uint32Array, weights: Float64Array | undefined, k: number): Float64Array {
  const sizes = new Float64Array(k);
  for (let i = 0; i < labels.length; i++) sizes[labels[i]] += weights ? weights[i] : 1;
  return sizes;
}

/** The cluster to split: the greatest score, of equals the first, of those with two rows. */
function next(leaves: readonly Leaf[]): number {
  let best = -1;
  leaves.forEach(({ rows, score }, at) => {
    if (leaves.length > 1 && rows.length < 2) return;
    if (best < 0 || score > leaves[best].score) best = at;
  });
  return best;
}

// ---- the tree -----------------------------------------------------------------------------------

/** Labels of rows: at every split each goes to the nearer side. */
async function walk(
  points: Rows,
  splits: readonly Split[],
  rungs: readonly Rung[],
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const labels = new Uint32Array(points.rows);
  const arrived = new Map([[0, allRows(points)]]);
  for (const [index, { model, children }] of splits.entries()) {
    const rows = arrived.get(index)!;
    arrived.delete(index);
    if (rows.length === 0) {
      for (const child of children) if (child >= 0) arrived.set(child, rows);
      continue;
    }
    const part = rows.length === points.rows ? points : gatherRows(points, rows);
    const sides = await nearest(part, model, rungs, signal);
    const parts = partition(rows, sides, children.length);
    children.forEach((child, side) => {
      const own = parts[side];
      if (child >= 0) arrived.set(child, own);
      else for (const row of own) labels[row] = -1 - child;
    });
  }
  return labels;
}

/** Where the clusters are, in the order of their labels. */
function stateOf(splits: readonly Split[]): {
  splits: readonly Split[];
  centroids: Matrix;
  positions: Positions;
} {
  const { columns, scale } = splits[0].model.frame;
  const k = splits.reduce((n, { children }) => n + children.filter((c) => c < 0).length, 0);
  const centroids = new Float32Array(k * columns);
  const positions = new Float64Array(k * columns);
  for (const { model, children } of splits) {
    const original = centroidsOf(model).data;
    const { data } = positionsOf(model);
    children.forEach((child, side) => {
      if (child >= 0) return;
      const [from, to] = [side * columns, (side + 1) * columns];
      centroids.set(original.subarray(from, to), (-1 - child) * columns);
      positions.set(data.subarray(from, to), (-1 - child) * columns);
    });
  }
  return {
    splits,
    centroids: { data: centroids, rows: k, columns },
    positions: { data: positions, columns, scale },
  };
}

/** Splits that make a tree of k clusters: each split but the first, and each label, is a child once. */
function readSplits(saved: Saved, k: number): Split[] {
  const columns = saved.whole('columns', 1);
  const scale = saved.scale(columns);
  const objects = saved.objects('splits');
  const wanted = Math.max(1, k - 1);
  if (objects.length !== wanted)
    refuse(
      'json.splits.length',
      objects.length,
      `${wanted} (k − 1, or 1 where k is 1)`,
      'The file is damaged: save the model again.',
    );
  const sides = Math.min(2, k);
  const seen = new Set<number>();
  return objects.map((object, index): Split => {
    const model = object.model(columns, scale, sides, sides);
    const isChild = (child: number) =>
      Number.isInteger(child) &&
      child >= -k &&
      child < objects.length &&
      (child < 0 || child > index) &&
      !seen.has(child);
    const children = object.numbers(
      'children',
      model.k,
      (child) => isChild(child) && seen.add(child).size > 0,
      'a later split or a label, each once',
    );
    return { model, children };
  });
}
