/**
 * Product quantization: the columns of the points in m equal parts, and a codebook for each.
 *
 * A part is a problem of k-means like any other; they run one after the other, so that one copy of
 * one part is in memory at a time, on one engine that is opened once.
 *
 * @see H. Jégou, M. Douze, C. Schmid, Product quantization for nearest neighbor search, 2011
 */
import { breather } from '../breathe.ts';
import { refuse } from '../errors.ts';
import { refuseNonFinite } from '../grid.ts';
import { cluster } from '../kmeans.ts';
import { ladder, shared } from '../ladder.ts';
import { squaredDistance, type Rows } from '../matrix.ts';
import { whole, type Progress, type Settings } from '../options.ts';
import { nearest, type Model } from '../predict.ts';

/** Rows between two chances for others to have the thread. */
const SLICE = 1024;

/** The m parts that points may be divided into. @throws InvalidInputError */
export function judgeSubspaces(subspaces: number, settings: Settings): void {
  const { columns } = settings.points;
  whole('subspaces', subspaces, 1);
  if (columns % subspaces !== 0)
    refuse(
      'subspaces',
      subspaces,
      `a divisor of ${columns} (the number of columns)`,
      'Choose one, or add columns of zeros.',
    );
  if (subspaces > 1 && settings.emptyCluster === 'drop')
    refuse(
      'emptyCluster',
      'drop',
      "'relocate', 'keep' or 'error' beside subspaces, which all have k codes",
      'Choose one of them.',
    );
}

/** Trains a model of every part. */
export async function trainParts(settings: Settings, subspaces: number): Promise<Model[]> {
  const { points, k } = settings;
  // with its place in the whole; a single part is judged on its way, as ever
  if (subspaces > 1) refuseNonFinite(points);
  const { rungs, dispose } = shared(
    ladder(settings.engine, points.rows * k * points.columns, {
      ...settings,
      points: { columns: points.columns / subspaces },
    }),
  );
  try {
    const models: Model[] = [];
    for (let s = 0; s < subspaces; s++)
      models.push((await cluster(partOf(settings, s, subspaces), rungs)).model);
    return models;
  } finally {
    await dispose();
  }
}

/** Codes of rows, and how far the rows are from what the codes stand for. */
export interface Coded {
  /** rows × m, row-major. */
  codes: Uint32Array;
  /** Squared euclidean distances in the units of the points. */
  squares: Float64Array;
}

/** The nearest code of every part of every row. `centroids`: of each part, as they are decoded. */
export async function codeParts(
  settings: Settings,
  models: readonly Model[],
  centroids: readonly { data: Float32Array }[],
): Promise<Coded> {
  const { points, engine, signal } = settings;
  const { rows, columns } = points;
  const subspaces = models.length;
  const width = columns / subspaces;
  const codes = new Uint32Array(rows * subspaces);
  const squares = new Float64Array(rows);
  const pause = breather(signal);
  const { rungs, dispose } = shared(
    ladder(engine, rows * models[0].k * columns, { ...settings, points: { columns: width } }),
  );
  try {
    for (const [s, model] of models.entries()) {
      signal?.throwIfAborted();
      const part = columnsOf(points, s * width, width);
      const labels = await nearest(part, model, rungs, signal);
      for (let from = 0; from < rows; from += SLICE) {
        const to = Math.min(rows, from + SLICE);
        for (let i = from; i < to; i++) {
          codes[i * subspaces + s] = labels[i];
          const at = labels[i] * width;
          squares[i] += squaredDistance(part.data, i * width, centroids[s].data, at, width);
        }
        const waiting = pause();
        if (waiting) await waiting;
      }
    }
  } finally {
    await dispose();
  }
  return { codes, squares };
}

/** The problem of one part. First centroids are whole rows, of which each part has its columns. */
function partOf(settings: Settings, s: number, subspaces: number): Settings {
  if (subspaces === 1) return settings;
  const { points, init, onProgress } = settings;
  const width = points.columns / subspaces;
  const part = (rows: Rows) => columnsOf(rows, s * width, width);
  const partInit = (): Settings['init'] => {
    if (init.kind === 'explicit') return { ...init, centroids: part(init.centroids) };
    if (init.kind === 'callback')
      return { ...init, make: async (random) => part(await init.make(random)) };
    return init;
  };
  return {
    ...settings,
    points: part(points),
    init: partInit(),
    onProgress:
      onProgress &&
      ((progress: Progress) =>
        onProgress({ ...progress, fraction: (s + progress.fraction) / subspaces })),
  };
}

/** Neighbouring columns of all rows: a copy, unless they are all there are. */
function columnsOf(points: Rows, from: number, width: number): Rows {
  const { rows, columns } = points;
  if (width === columns) return points;
  const data = points.data.slice(0, rows * width); // of the same type
  for (let i = 0; i < rows; i++) {
    const start = i * columns + from;
    data.set(points.data.subarray(start, start + width), i * width);
  }
  return { data, rows, columns: width };
}
