/** `kmeans` as scikit-learn's estimator: the same call, the result kept. */
import { cluster, clusterSource } from '../kmeans.ts';
import { refuse } from '../errors.ts';
import { ladder } from '../ladder.ts';
import { isPointSource, type Points, type Rows } from '../matrix.ts';
import { judge, KNOWN, type KMeansOptions, type Settings } from '../options.ts';
import { nearest, type Model } from '../predict.ts';
import { Estimator, type FitOptions, type Fitted, type SavedEstimator } from './estimator.ts';
import { centroidsOf, positionsOf } from './positions.ts';
import { Saved, saveModel, saveOptions, type SavedModel, type SavedOptions } from './saved.ts';
import { ENGINES, enginesWith, METRICS, type Metric } from '../support.ts';

/** Options of {@link KMeans}. */
export interface KMeansEstimatorOptions extends KMeansOptions {
  /** Number of clusters. */
  k: number;
}

/** What `toJSON` of {@link KMeans} gives. */
export interface SavedKMeans extends SavedEstimator, SavedModel {}

interface KMeansState extends Fitted {
  readonly model: Model;
}

const FORMAT = 'centroids/KMeans';
const VERSION = 1;
const NAMES = ['k', ...KNOWN];

/**
 * k-means with scikit-learn's verbs; options, results and bits are those of {@link kmeans}.
 *
 * @example
 * const model = await new KMeans({ k: 3, seed: 1 }).fit(points);
 * const labels = await model.predict(others);
 */
export class KMeans extends Estimator<KMeansEstimatorOptions, KMeansState> {
  constructor(options: KMeansEstimatorOptions) {
    super(options, NAMES);
  }

  override async fit(points: Points, options: FitOptions = {}): Promise<this> {
    const { k, ...rest } = this.optionsOf(options);
    const { result, model } = isPointSource(points)
      ? await clusterSource(points, k, rest, 'KMeans')
      : await cluster(judge(points, k, rest, 'KMeans'));
    rest.signal?.throwIfAborted();
    const { centroids, labels, inertia, iterations } = result;
    const positions = positionsOf(model);
    this.state = { centroids, labels, inertia, iterations, positions, model };
    return this;
  }

  protected override assign(points: Rows, settings: Settings): Promise<Uint32Array> {
    const { model } = this.fitted('predict');
    const work = points.data.length * model.k;
    return nearest(points, model, ladder(settings.engine, work, settings), settings.signal);
  }

  /** The fitted estimator, for JSON: all but where it ran and what belongs to one fit. */
  toJSON(): SavedKMeans {
    const { labels, ...fit } = this.fitted('toJSON');
    return { ...saveFit(this.options, fit), labels: Array.from(labels) };
  }

  /**
   * The estimator that was saved (or its JSON text): it gives the same labels, to the bit. `options`
   * take the place of saved ones and add what is not saved: engine, threads, a function as `init`.
   * @throws InvalidInputError where the JSON is not what `toJSON` gives
   */
  static fromJSON(json: unknown, options: Omit<KMeansEstimatorOptions, 'k'> = {}): KMeans {
    const { model, options: saved, ...found } = openFit(json);
    const { k, ...kept } = saved;
    enginesWith({ metric: model.metric }, ENGINES, 'KMeans');
    const estimator = new KMeans({ ...kept, ...options, k });
    estimator.state = {
      ...found,
      centroids: centroidsOf(model),
      positions: positionsOf(model),
      model,
    };
    return estimator;
  }
}

/** A fit as the estimator saves it, without its labels: also of the metrics that the estimator has not. */
export function saveFit(
  options: KMeansEstimatorOptions,
  { model, inertia, iterations }: Pick<KMeansState, 'model' | 'inertia' | 'iterations'>,
): SavedKMeans {
  const { columns, scale } = model.frame;
  return {
    format: FORMAT,
    version: VERSION,
    options: saveOptions(options),
    columns,
    scale: scale && Array.from(scale),
    labels: [],
    inertia,
    iterations,
    ...saveModel(model),
  };
}

/** What was saved. @throws InvalidInputError */
export function openFit(
  json: unknown,
): Omit<KMeansState, 'centroids' | 'positions'> & { options: SavedOptions } {
  const saved = Saved.open(json, FORMAT, VERSION);
  const options = saved.options(NAMES);
  const columns = saved.whole('columns', 1);
  const model = saved.model(columns, saved.scale(columns), 1, options.k);
  return { ...saved.found(model.k), options, model: { ...model, metric: metricOf(options) } };
}

function metricOf({ metric = 'euclidean' }: SavedOptions): Metric {
  return (
    METRICS.find((name) => name === metric) ??
    refuse('json.options.metric', metric, METRICS.join(', '), 'The file is damaged: save it again.')
  );
}
