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

/** Of one fit; each takes the place of the option of the same name. */
export type FitOptions = Pick<KMeansOptions, (typeof FIT_OPTIONS)[number]>;
const FIT_OPTIONS = ['weights', 'signal', 'onProgress', 'checkpoint', 'resume'] as const;

/** Options of `predict` and `transform`. */
export interface PredictOptions {
  /** Abort: rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of `score`. */
export interface ScoreOptions extends PredictOptions {
  /** One non-negative weight a row of these points. */
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
  format: string;
  version: number;
  options: SavedOptions;
  columns: number;
  /** Divides the columns: standard deviations under `whiten`, otherwise null. */
  scale: number[] | null;
  labels: number[];
  inertia: number;
  iterations: number;
}

export abstract class Estimator<
  Options extends KMeansOptions & { k: number },
  State extends Fitted,
> {
  /** As given. Names are judged at once, values by `fit`, where the points are known. */
  readonly options: Readonly<Options>;
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

  /** Finds the clusters of these points. @throws as kmeans does */
  abstract fit(points: Points, options?: FitOptions): Promise<this>;
  /** The clusters of rows; `settings`: the engine, judged. */
  protected abstract assign(points: Rows, settings: Settings): Promise<Uint32Array>;

  /** k × columns, in the units of the points. */
  get centroids(): Matrix {
    return this.fitted('centroids').centroids;
  }

  /** The cluster of every row of the last fit. */
  get labels(): Uint32Array {
    return this.fitted('labels').labels;
  }

  /** Σ weight · ‖point − centroid‖² of the last fit, in squared units (of scaled points under `whiten`). */
  get inertia(): number {
    return this.fitted('inertia').inertia;
  }

  get iterations(): number {
    return this.fitted('iterations').iterations;
  }

  /** Columns of the points of the fit. */
  get columns(): number {
    return this.fitted('columns').positions.columns;
  }

  /** Fits, and gives the labels. */
  async fitPredict(points: Points, options: FitOptions = {}): Promise<Uint32Array> {
    return (await this.fit(points, options)).labels;
  }

  /**
   * The cluster of every row; the rows of the fit get the labels of the fit.
   * @throws NotFittedError; InvalidInputError
   */
  async predict(points: Points, options: PredictOptions = {}): Promise<Uint32Array> {
    const { rows, settings } = this.#judge('predict', points, options, ['signal']);
    return this.assign(rows, settings);
  }

  /**
   * The Euclidean distance of every row to every centroid, rows × k, in the units of the points (of
   * scaled ones under `whiten`). Worked out in float64 on the calling thread.
   * @throws NotFittedError; InvalidInputError
   */
  async transform(points: Points, options: PredictOptions = {}): Promise<Matrix> {
    const { rows, settings } = this.#judge('transform', points, options, ['signal']);
    return distances(rows, this.fitted('transform').positions, breather(settings.signal));
  }

  /**
   * −Σ weight · ‖point − centroid‖² of these points, each with the centroid of its cluster.
   * @throws NotFittedError; InvalidInputError
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

  protected fitted(wanted: string): State {
    if (this.state) return this.state;
    throw new NotFittedError(
      `${wanted} is asked of an estimator without a fit; expected fit(points) to have ended. ` +
        'Call it and await it first.',
    );
  }

  /** The options of one fit. */
  protected optionsOf(given: FitOptions): Options {
    refuseUnknown(given, FIT_OPTIONS);
    const own = Object.entries(given).filter(([, value]) => value !== undefined);
    return { ...this.options, ...Object.fromEntries(own) };
  }

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
