/**
 * One step of mini-batch k-means, given the nearest centroids of the batch: each centroid moves to the
 * mean of all rows that it was ever given. Centroids that are given hardly any start again from rows of
 * the batch.
 *
 * In float64, on the host: a session says which centroid is nearest, in integers, and all else is done
 * here, once, for all engines. So the same seed and the same batches give the same bits everywhere. Sums
 * are those of sums.ts: the order of the rows does not count, and a row of a whole weight is that many
 * equal rows, to the bit, until centroids start again, which draws from the rows. No grid is needed for the state: it knows no range, so that a stream may go anywhere.
 *
 * Source: D. Sculley, "Web-Scale K-Means Clustering", WWW 2010; reassignment as in scikit-learn.
 */
import { atOnce } from '../breathe.ts';
import type { Rows } from '../matrix.ts';
import type { Random } from '../rng.ts';
import { distinctRows } from '../seeding/sample.ts';
import { groupSums, sumOf } from '../sums.ts';
import type { Positions } from './positions.ts';

/** Between two steps. */
export interface Stream {
  readonly positions: Positions;
  /** Weight that each centroid has been given. */
  readonly counts: Float64Array;
  readonly steps: number;
  /** Rows since reassignment was last thought of. */
  readonly sinceReassigned: number;
}

export interface Batch {
  readonly points: Rows;
  readonly weights: ArrayLike<number> | undefined;
  /** The nearest of the stream's positions. */
  readonly labels: Uint32Array;
}

export interface Step {
  readonly stream: Stream;
  /** Of the batch with the centroids before the step. */
  readonly inertia: number;
  /** Σ‖new − old centroid‖². */
  readonly shift: number;
}

/** Reassignment is thought of every so many rows a centroid, and while one has been given nothing. */
const ROWS_BEFORE_REASSIGNMENT = 10;

export function start(positions: Positions): Stream {
  const counts = new Float64Array(positions.data.length / positions.columns);
  return { positions, counts, steps: 0, sinceReassigned: 0 };
}

/** `ratio`: centroids with less than that share of the greatest count start again. */
export function step(stream: Stream, batch: Batch, ratio: number, random: Random): Step {
  const { positions, counts: before, steps } = stream;
  const since = stream.sinceReassigned + batch.points.rows;
  const reassigns =
    ratio > 0 && (before.some((n) => n === 0) || since >= ROWS_BEFORE_REASSIGNMENT * before.length);
  const { data, counts, inertia } = moved(stream, batch);
  if (reassigns) reassign(data, counts, batch, ratio, positions, random);
  const next: Stream = {
    positions: { ...positions, data },
    counts,
    steps: steps + 1,
    sinceReassigned: reassigns ? 0 : since,
  };
  const shift = data.reduce((sum, x, at) => sum + (x - positions.data[at]) ** 2, 0);
  return { stream: next, inertia, shift };
}

/** Adds the batch to the means, as differences from them: far from the origin they keep their digits. */
function moved({ positions, counts: before }: Stream, { points, weights, labels }: Batch) {
  const { data: old, columns, scale } = positions;
  const { rows } = points;
  const differences = new Float64Array(rows * columns);
  const squares = new Float64Array(rows);
  const added = new Float64Array(before.length);
  for (let i = 0, at = 0; i < rows; i++) {
    added[labels[i]] += weights ? weights[i] : 1;
    for (let t = 0, to = labels[i] * columns; t < columns; t++, at++) {
      const x = points.data[at];
      const difference = (scale ? x / scale[t] : x) - old[to + t];
      differences[at] = difference;
      squares[i] += difference * difference;
    }
  }
  const batch = { data: differences, rows, columns };
  const sums = atOnce(groupSums(batch, labels, before.length, weights ?? null));
  const counts = before.map((count, j) => count + added[j]);
  const data = old.map((mean, at) => {
    const j = Math.floor(at / columns);
    return added[j] > 0 ? mean + sums[at] / counts[j] : mean;
  });
  return { data, counts, inertia: sumOf(squares, weights) };
}

/**
 * Puts centroids that have been given too little on rows of the batch, at most on half of them: different
 * rows, with weight, each equally likely. They go on with the least count of the others, since with none
 * they would be the next to go.
 */
function reassign(
  data: Float64Array,
  counts: Float64Array,
  { points, weights }: Batch,
  ratio: number,
  { columns, scale }: Positions,
  random: Random,
): void {
  const limit = ratio * counts.reduce((most, n) => Math.max(most, n), 0);
  const rows = [...Array(points.rows).keys()].filter((i) => !weights || weights[i] > 0);
  const few = [...counts.keys()]
    .filter((j) => counts[j] < limit)
    .sort((a, b) => counts[a] - counts[b] || a - b)
    .slice(0, Math.min(rows.length, Math.floor(points.rows / 2)));
  if (few.length === 0) return;
  const leaving = new Set(few);
  const least = counts.reduce((l, n, j) => (leaving.has(j) ? l : Math.min(l, n)), Infinity);
  distinctRows(rows.length, few.length, random).forEach((at, turn) => {
    const j = few[turn];
    counts[j] = least;
    for (let t = 0; t < columns; t++) {
      const x = points.data[rows[at] * columns + t];
      data[j * columns + t] = scale ? x / scale[t] : x;
    }
  });
}
