/** What `output: 'stream'` gives: a result without anything that grows with the rows. */
import { InvalidInputError } from '../errors.ts';
import { powerOfTwo, type GridFacts } from '../grid.ts';
import { fingerprint } from '../hash.ts';
import type { KMeansResult } from '../kmeans.ts';
import { ladder, shared } from '../ladder.ts';
import { partHolder } from '../lay-points.ts';
import { squaredDistance } from '../matrix.ts';
import type { Settings } from '../options.ts';
import { nearestOnGrid, predict, type Model } from '../predict.ts';
import type { Solution } from '../refine.ts';
import type { PagedPoints } from './paged-points.ts';

/** Labels of consecutive rows. */
export interface LabelledPart {
  /** Index of the first of these rows, counted from 0. */
  first: number;
  /** One per row: the index of its nearest centroid. */
  labels: Uint32Array;
  /** One per row: ‖point − centroid‖, in the units of the points (scaled, under `whiten`). */
  distances: Float32Array;
}

/**
 * What {@link kmeans} resolves with under `output: 'stream'`: a result that holds nothing per row. Dispose of
 * it after use, with `await result.dispose()` or `await using`.
 */
export interface StreamResult
  extends Omit<KMeansResult, 'labels' | 'secondLabels' | 'margins'>, AsyncDisposable {
  /** Number of rows of the points. */
  rows: number;
  /**
   * Labels of all rows, part by part and in order. They are computed afresh by every call, in the memory of
   * one part, and belong to the centroids of this result.
   * @throws
   * - InvalidInputError after `dispose()`
   * - the signal's reason, if aborted
   */
  labels(signal?: AbortSignal): AsyncIterable<LabelledPart>;
  /** Deletes the cached rows of the source. `labels` cannot be called after that; the rest stays valid. */
  dispose(): Promise<void>;
}

/** What is known of the run at its end. */
export type Ending = Pick<
  KMeansResult,
  'iterations' | 'converged' | 'stopReason' | 'engine' | 'algorithm' | 'history' | 'seconds'
>;

export function streamResult(
  { clustering, inertia }: Pick<Solution, 'clustering' | 'inertia'>,
  { data, model, ending }: { data: Float32Array; model: Model; ending: Ending },
  points: PagedPoints,
  settings: Settings,
  dispose: () => Promise<void>,
): StreamResult {
  const { rows, columns } = points.grid;
  const { counts, sizes, labelSums } = clustering;
  let disposed = false;
  const close = async () => {
    disposed = true;
    await dispose();
  };
  return {
    ...ending,
    rows,
    inertia,
    centroids: { data, rows: counts.length, columns },
    sizes: sizes!,
    hash: fingerprint({ length: rows }, data, labelSums),
    predict: (others) => predict(others, model, settings),
    labels(signal) {
      if (disposed)
        throw new InvalidInputError(
          'labels is asked of a result that is disposed; expected one that is not. Ask before dispose().',
        );
      return labelled(points, model, settings, signal);
    },
    dispose: close,
    [Symbol.asyncDispose]: close,
  };
}

async function* labelled(
  points: PagedPoints,
  model: Model,
  settings: Settings,
  signal: AbortSignal | undefined,
): AsyncGenerator<LabelledPart, void> {
  const { grid, pageRows } = points;
  const { k } = model;
  const holder = await partHolder({ ...settings, k, signal });
  const { rungs, dispose } = shared(ladder(settings.engine, pageRows * grid.columns * k, settings));
  try {
    for await (const { first, data, laid } of points.held(holder, signal)) {
      const labels = await nearestOnGrid(laid, model, rungs, signal);
      yield { first, labels, distances: distancesTo(data, labels, model.centroids, grid) };
    }
  } finally {
    holder.dispose();
    await dispose();
  }
}

/** On the grid, whose values are float32; back in units of the points. */
function distancesTo(
  values: Float32Array,
  labels: Uint32Array,
  centroids: Float32Array,
  { columns, exponent }: GridFacts,
): Float32Array {
  const unit = powerOfTwo(exponent);
  const distances = new Float32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const at = labels[i] * columns;
    distances[i] = Math.sqrt(squaredDistance(values, i * columns, centroids, at, columns)) * unit;
  }
  return distances;
}
