/**
 * What the estimators have in common: scikit-learn's verbs on a fitted state. A state is taken over
 * whole, at the end of a fit: one that fails or is aborted leaves the estimator as it was.
 */
import { breather } from '../breathe.ts';
import { NotFittedError, refuse, refuseUnknown } from '../errors.ts';
import { integerWeights } from '../grid.ts';
import type { Matrix, Points, Rows } from '../matrix.ts';
import { judge, type KMeansOptions, type Settings } from '../options.ts';
import { judgeRows } from '../predict.ts';
import { clusterCosts, distances, type Positions } from './positions.ts';
import { saveOptions, type SavedOptions } from './saved.ts';

/** Options of one fit. Each replaces the constructor's option of the same name. */
export type FitOptions = Pick<KMeansOptions, (typeof FIT_OPTIONS)[number]>;
const FIT_OPTIONS = ['weights', 'signal', 'onProgress', 'checkpoint', 'resume'] as const;

/** Options of `predict` and `transform`. */
export interface PredictOptions {
  /** Aborts the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of `score`. */
export interface ScoreOptions extends PredictOptions {
  /** One non-negative weight per row of these points. Default: 1 each. */
  weights?: ArrayLike<number>;
}

/** What a fit finds. */
export interface Fitted {
  readonly centroids: Matrix;
  readonly labels: Uint32Array;
  readonly inertia: number;
  readonly iterations: number;
  readonly positions: Positions;
}

/** What every saved estimator holds beside its model. */
export interface SavedEstimator {
  /** Which class saved it, such as `'centroids/KMeans'`. */
  format: string;
  /** Version of the format. */
  version: number;
  /** Options of the constructor, without those that say where to run or that belong to one fit. */
  options: SavedOptions;
  /** Columns of the points. */
  columns: number;
  /** What the columns are divided by: their standard deviations under `whiten`, otherwise null. */
  scale: number[] | null;
  /** The field `labels`. */
  labels: number[];
  /** The field `inertia`. */
  inertia: number;
  /** The field `iterations`. */
  iterations: number;
}

export abstract class Estimator<
  Options extends KMeansOptions & { k: number },
  State extends Fitted,
> {
  /** The options as given. Names are checked by the constructor, values by `fit`. */
  readonly options: Readonly<Options>;
  /** @internal */
  protected state: State | null = null;

  /** `known`: the names that options may have. */
  protected constructor(options: Options, known: readonly string[]) {
    if ((options as Options | undefined) === undefined)
      refuse(
        'options',
        options,
        'an object with k in it',
        'Pass the number of clusters: { k: 8 }.',
      );
    refuseUnknown(options, known);
    this.options = { ...options };
  }

  /**
   * Finds the clusters of these points, and resolves with the estimator itself. If it fails or is aborted,
   * the estimator stays as it was.
   *
   * @param points rows × columns; {@link Points} says which estimators take which forms
   * @throws whatever `kmeans` throws for these points and options
   */
  abstract fit(points: Points, options?: FitOptions): Promise<this>;
  /** The clusters of rows; `settings`: the engine, judged. @internal */
  protected abstract assign(points: Rows, settings: Settings): Promise<Uint32Array>;

  /** Centroids of the fit, k × columns, in the units of the points. @throws NotFittedError before a fit */
  get centroids(): Matrix {
    return this.fitted('centroids').centroids;
  }

  /** Cluster of every row of the last fit. @throws NotFittedError before a fit */
  get labels(): Uint32Array {
    return this.fitted('labels').labels;
  }

  /**
   * Σ weight · ‖point − centroid‖² of the last fit, in squared units of the points (scaled, under `whiten`).
   * @throws NotFittedError before a fit
   */
  get inertia(): number {
    return this.fitted('inertia').inertia;
  }

  /** Iterations of the last fit. @throws NotFittedError before a fit */
  get iterations(): number {
    return this.fitted('iterations').iterations;
  }

  /** Number of columns of the points of the fit. @throws NotFittedError before a fit */
  get columns(): number {
    return this.fitted('columns').positions.columns;
  }

  /** Fits these points, and resolves with their labels. @throws whatever `fit` throws */
  async fitPredict(points: Points, options: FitOptions = {}): Promise<Uint32Array> {
    return (await this.fit(points, options)).labels;
  }

  /**
   * Finds the cluster of every row. Rows of the fit get the labels of the fit.
   * @throws
   * - NotFittedError before a fit
   * - InvalidInputError if the number of columns differs or a number is not finite
   */
  async predict(points: Points, options: PredictOptions = {}): Promise<Uint32Array> {
    const { rows, settings } = this.#judge('predict', points, options, ['signal']);
    return this.assign(rows, settings);
  }

  /**
   * Computes the Euclidean distance of every row to every centroid, rows × k, in the units of the points
   * (scaled, under `whiten`). Computed in float64 on the calling thread, and returned as float32.
   * @throws
   * - NotFittedError before a fit
   * - InvalidInputError if the number of columns differs or a number is not finite
   */
  async transform(points: Points, options: PredictOptions = {}): Promise<Matrix> {
    const { rows, settings } = this.#judge('transform', points, options, ['signal']);
    return distances(rows, this.fitted('transform').positions, breather(settings.signal));
  }

  /**
   * Computes −Σ weight · ‖point − centroid‖² of these points, each with the centroid of its cluster, in
   * squared units of the points (scaled, under `whiten`): higher is better.
   * @throws
   * - NotFittedError before a fit
   * - InvalidInputError if the number of columns differs, or a number or weight is not valid
   */
  async score(points: Points, options: ScoreOptions = {}): Promise<number> {
    const { rows, settings } = this.#judge('score', points, options, ['signal', 'weights']);
    const { weights } = options;
    integerWeights(weights, rows.rows); // judges them
    const { positions } = this.fitted('score');
    const labels = await this.assign(rows, settings);
    const pause = breather(settings.signal);
    return 0 - total(await clusterCosts(rows, weights, labels, positions, pause));
  }

  #judge(verb: string, points: Points, options: PredictOptions, known: readonly string[]) {
    const { positions } = this.fitted(verb);
    refuseUnknown(options, known);
    const rows = judgeRows(points, positions.columns);
    const { engine, device, threads } = this.options;
    const { signal } = options;
    const settings = judge(rows, 1, { engine, device, threads, signal } as KMeansOptions);
    signal?.throwIfAborted();
    return { rows, settings };
  }

  /** @internal */
  protected fitted(wanted: string): State {
    if (this.state) return this.state;
    throw new NotFittedError(
      `${wanted} is used before a fit; expected a fitted estimator. Await fit(points) first.`,
    );
  }

  /** The options of one fit. @internal */
  protected optionsOf(given: FitOptions): Options {
    refuseUnknown(given, FIT_OPTIONS);
    const own = Object.entries(given).filter(([, value]) => value !== undefined);
    return { ...this.options, ...Object.fromEntries(own) };
  }

  /** @internal */
  protected saved(format: string, version: number): SavedEstimator {
    const { labels, inertia, iterations, positions } = this.fitted('toJSON');
    return {
      format,
      version,
      options: saveOptions(this.options),
      columns: positions.columns,
      scale: positions.scale && Array.from(positions.scale),
      labels: Array.from(labels),
      inertia,
      iterations,
    };
  }
}

export function total(costs: Float64Array): number {
  return costs.reduce((sum, cost) => sum + cost, 0);
}
