/** Nearest centroids of rows that a model has not seen. */
import { breather } from './breathe.ts';
import { refuse } from './errors.ts';
import { exactDistance, manhattanDistance } from './exact.ts';
import {
  ceilLog2,
  LABEL_BITS,
  powerOfTwo,
  refuseNonFinite,
  roundHalfAway,
  toGridValues,
  toLabelGrid,
  type Frame,
  type Grid,
} from './grid.ts';
import { inMainMemory } from './gpu-points.ts';
import { inMemory, type LaidPoints } from './laid-points.ts';
import { ladder, shared, type Rung } from './ladder.ts';
import {
  isPointSource,
  joined,
  toRows,
  type Points,
  type PointSource,
  type Rows,
} from './matrix.ts';
import { unitRows } from './metric/unit-rows.ts';
import type { Settings } from './options.ts';
import { Run } from './run.ts';
import type { Metric } from './support.ts';

/** Centroids as grid values, and the frame they lie in. */
export interface Model {
  frame: Frame;
  centroids: Float32Array;
  k: number;
  /** Missing: Euclidean. */
  metric?: Metric;
}

/** The model of centroids on a grid, without what else the grid knows. */
export function modelOf(
  { columns, centre, scale, exponent }: Frame,
  centroids: Float32Array,
  metric: Metric = 'euclidean',
): Model {
  const k = centroids.length / columns;
  return { frame: { columns, centre, scale, exponent }, centroids, k, metric };
}

/**
 * Labels of rows under a model. A row's label depends on that row alone: the rows of the fit get the
 * labels of the fit, however they are batched.
 */
export async function predict(
  given: Points,
  model: Model,
  settings: Pick<Settings, 'engine' | 'device' | 'threads'>,
): Promise<Uint32Array> {
  if (isPointSource(given)) return predictSource(given, model, settings);
  const points = judgeRows(await inMainMemory(given, settings), model.frame.columns);
  const { rows, columns } = points;
  return nearest(points, model, ladder(settings.engine, rows * model.k * columns, settings));
}

/** Chunk by chunk, on an engine that is opened once. */
async function predictSource(
  source: PointSource,
  model: Model,
  settings: Pick<Settings, 'engine' | 'device' | 'threads'>,
): Promise<Uint32Array> {
  const { columns } = model.frame;
  const parts: Uint32Array[] = [];
  let opened: ReturnType<typeof shared> | undefined;
  try {
    for await (const chunk of source.chunks()) {
      if (chunk.rows === 0) continue;
      const points = judgeRows(chunk, columns);
      opened ??= shared(ladder(settings.engine, points.rows * model.k * columns, settings));
      parts.push(await nearest(points, model, opened.rungs));
    }
  } finally {
    await opened?.dispose();
  }
  return joined(Uint32Array, parts);
}

/** Judges rows that a fit has not seen. @throws InvalidInputError */
export function judgeRows(given: Points, columns: number): Rows {
  const points = toRows(given);
  if (points.columns !== columns)
    refuse(
      'points.columns',
      points.columns,
      `${columns}, as in the fit`,
      'Pass rows of the same columns.',
    );
  refuseNonFinite(points, 'points');
  return points;
}

/** The same of rows that have been judged. */
export async function nearest(
  given: Rows,
  model: Model,
  rungs: readonly Rung[],
  signal?: AbortSignal,
): Promise<Uint32Array> {
  const { frame, metric } = model;
  const points = metric === 'cosine' ? await unitRows(given, 'points', breather(signal)) : given;
  const values = toGridValues(points, frame);
  const outside = rowsOutside(values, frame.columns);
  const laid = inMemory(assignmentGrid(frame, values));
  const labels = await nearestOnGrid(laid, model, rungs, signal);
  const coarse: CoarseCentroids = new Map();
  for (const row of outside) labels[row] = nearestFromOutside(points, row, model, coarse);
  return labels;
}

/** The same of points that lie in the model's frame. */
export async function nearestOnGrid(
  points: LaidPoints,
  { centroids, k, metric }: Model,
  rungs: readonly Rung[],
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const run = new Run(rungs, {
    points,
    k,
    shiftLimit: 0n,
    emptyCluster: 'keep',
    algorithm: 'lloyd',
    distance: metric === 'manhattan' ? metric : 'euclidean',
    signal,
  });
  try {
    await run.open();
    await run.place(centroids);
    return await run.assign();
  } finally {
    await run.dispose();
  }
}

/** Rows beyond the range of the fit, which the label grid does not reach; drawn in to it in `values`. */
function rowsOutside(values: Float32Array, columns: number): number[] {
  const rows: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (values[at] >= -1 && values[at] <= 1) continue;
    const row = Math.floor(at / columns);
    if (rows.at(-1) !== row) rows.push(row);
    values[at] = Math.sign(values[at]);
  }
  return rows;
}

/** Centroids on grids for rows that reach so far, as a power of two. */
type CoarseCentroids = Map<number, Int32Array>;

/**
 * The same exact integers for a row that is beyond the grid's range: a grid coarse enough for it, doubled until it
 * fits, proposes, and where that leaves several centroids the grid itself decides, carried on in big integers.
 */
function nearestFromOutside(
  points: Rows,
  row: number,
  model: Model,
  coarse: CoarseCentroids,
): number {
  const { frame, centroids, k, metric } = model;
  const { columns, centre, scale, exponent } = frame;
  const y = Float64Array.from({ length: columns }, (_, t) => {
    const x = points.data[row * columns + t];
    return within(FARTHEST, (scale ? x / scale[t] : x) - centre[t]); // a tiny scale makes it infinite
  });
  const reach = ceilLog2(y.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
  const steps = powerOfTwo(LABEL_BITS - reach);
  const q = Int32Array.from(y, (v) => roundHalfAway(v * steps));
  let g = coarse.get(reach);
  if (!g) {
    const scaled = powerOfTwo(LABEL_BITS + exponent - reach);
    g = Int32Array.from(centroids, (c) => roundHalfAway(c * scaled));
    coarse.set(reach, g);
  }
  const isManhattan = metric === 'manhattan';
  const exact = { high: 0, low: 0 };
  const distances = Float64Array.from({ length: k }, (_, j) => {
    if (isManhattan) return manhattanDistance(q, 0, g, j * columns, columns);
    exactDistance(q, 0, g, j * columns, columns, exact);
    return Math.sqrt(exact.high * 2 ** 30 + exact.low);
  });
  // Rounding moves a row and a centroid by half a step a column each, so a distance by a step a column.
  const moved = isManhattan ? columns : Math.sqrt(columns);
  const most = distances.reduce((least, d) => Math.min(least, d)) + 2 * moved + 1;
  const candidates = [...distances.keys()].filter((j) => distances[j] <= most);
  if (candidates.length === 1) return candidates[0];
  return nearestOnWideGrid(y, candidates, model);
}

/** The first of those that are nearest, by the steps of the label grid, as many as there are. */
function nearestOnWideGrid(
  y: Float64Array,
  candidates: readonly number[],
  { frame: { columns, exponent }, centroids, metric }: Model,
): number {
  const steps = powerOfTwo(LABEL_BITS - exponent);
  const q = Array.from(y, (v) => BigInt(roundHalfAway(within(FARTHEST, v * steps))));
  const distanceTo = (j: number) =>
    q.reduce((sum, x, t) => {
      const away = x - BigInt(toLabelGrid(centroids[j * columns + t]));
      return sum + (metric === 'manhattan' ? (away < 0n ? -away : away) : away * away);
    }, 0n);
  let [nearest] = candidates;
  let least = distanceTo(nearest);
  for (const j of candidates.slice(1)) {
    const distance = distanceTo(j);
    if (distance < least) [nearest, least] = [j, distance];
  }
  return nearest;
}

/** Farther away nothing is told apart, and doubles end. */
const FARTHEST = 2 ** 1000;

const within = (most: number, v: number) => Math.max(-most, Math.min(most, v));

/** A grid that is only assigned from: no sums, no statistics. */
export function assignmentGrid(frame: Frame, values: Float32Array): Grid {
  const rows = values.length / frame.columns;
  return {
    ...frame,
    rows,
    values,
    weights: null,
    weightExponent: 0,
    totalWeight: rows,
    columnExponents: new Int32Array(frame.columns),
    squares: new Array<bigint>(frame.columns).fill(0n),
    variances: new Float64Array(frame.columns),
    historyExponent: 0,
  };
}
