/** Which rows clusters without weight are given: those that lie farthest from their own centroids. */
import type { Clustering, Distance } from '../engine.ts';
import { exactDistance, manhattanDistance, type ExactDistance } from '../exact.ts';
import { toLabelGrid } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Heir } from './centre.ts';

/** Numbers between two pauses. */
const SLICE = 2 ** 18;

/** Some rows, with the labels and weights of these. */
export interface LabelledRows {
  /** Number of the first. */
  readonly first: number;
  readonly rows: number;
  /** Grid values. */
  readonly data: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly weights: Uint32Array | null;
}

/**
 * The farthest rows so far, farthest first: by the exact distance, ties to the lowest row; rows without
 * weight or at distance 0 never. Rows come in their order.
 */
export class Farthest {
  readonly rows: (ExactDistance & { row: number; label: number })[] = [];
  readonly #most: number;
  readonly #columns: number;
  readonly #distance: Distance;
  /** Centroids on the label grid. */
  readonly #g: Int32Array;

  constructor(most: number, centroids: Float32Array, columns: number, distance: Distance) {
    this.#most = most;
    this.#columns = columns;
    this.#distance = distance;
    this.#g = Int32Array.from(centroids, toLabelGrid);
  }

  async add(
    { first, rows, data, labels, weights }: LabelledRows,
    pause: () => Promise<void> | undefined,
  ): Promise<void> {
    const columns = this.#columns;
    const g = this.#g;
    const chosen = this.rows;
    const q = new Int32Array(columns);
    const d: ExactDistance = { high: 0, low: 0 };
    const nearer = (o: ExactDistance) => o.high < d.high || (o.high === d.high && o.low < d.low);
    const slice = Math.ceil(SLICE / columns);
    for (let i = 0; i < rows; i++) {
      if (i % slice === 0) await pause();
      if (weights && weights[i] === 0) continue;
      const label = labels[i];
      for (let t = 0; t < columns; t++) q[t] = toLabelGrid(data[i * columns + t]);
      if (this.#distance === 'manhattan')
        d.high = manhattanDistance(q, 0, g, label * columns, columns);
      else exactDistance(q, 0, g, label * columns, columns, d);
      if (d.high === 0 && d.low === 0) continue;
      if (chosen.length === this.#most && !nearer(chosen[chosen.length - 1])) continue;
      let at = chosen.length;
      while (at > 0 && nearer(chosen[at - 1])) at--;
      chosen.splice(at, 0, { ...d, row: first + i, label });
      if (chosen.length > this.#most) chosen.pop();
    }
  }
}

/**
 * One row for each cluster without weight, lowest index first. The same as an engine's own relocation
 * under the Euclidean distance.
 */
export async function heirsOf(
  { labels, centroids, counts }: Clustering,
  points: LaidPoints,
  distance: Distance,
  pause: () => Promise<void> | undefined,
): Promise<Heir[]> {
  const empties = [...counts.keys()].filter((j) => counts[j] === 0);
  if (empties.length === 0) return [];
  const { rows, columns, weights } = points.grid;
  const farthest = new Farthest(empties.length, centroids, columns, distance);
  await farthest.add({ first: 0, rows, data: await points.values(), labels, weights }, pause);
  return farthest.rows.map(({ row, label }, index) => ({ row, from: label, to: empties[index] }));
}
