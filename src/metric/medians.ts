/**
 * Centres under the Manhattan metric: of every cluster and column the weighted median of the grid
 * values, which is where Σ W·|q − g| is least: rounding to the label grid keeps their order. Where the
 * weight has two middles it is the mean of both (median.ts).
 *
 * On the host, cluster by cluster and some columns at a time. A cluster whose rows are the same as
 * before keeps its centre and its cost: towards the end of a run there is little to do.
 *
 * Memory: the values, 4 bytes a coordinate; 8 bytes a row, and some columns of the largest cluster.
 */
import type { Clustering } from '../engine.ts';
import { LABEL_BITS, powerOfTwo, toLabelGrid } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Centre, Heir } from './centre.ts';
import { median } from './median.ts';

/** Columns that are gathered at once: a cache line of them. */
const COLUMNS = 16;
/** Rows of them between two pauses. */
const SLICE = 2 ** 15;
/** No label. */
const NONE = 0xffffffff;

/** A column of the rows of a cluster that weigh something, and what they weigh. */
interface Column {
  readonly values: Float32Array;
  readonly weights: Uint32Array | null;
  readonly total: number;
  /** No value is larger. */
  readonly reach: number;
}

export class Medians implements Centre {
  readonly #points: LaidPoints;
  readonly #pause: () => Promise<void> | undefined;
  /** What #costs belong to. */
  #labels: Uint32Array;
  #centroids: Float32Array = new Float32Array();
  #costs: bigint[] = [];

  constructor(points: LaidPoints, pause: () => Promise<void> | undefined) {
    this.#points = points;
    this.#pause = pause;
    this.#labels = new Uint32Array(points.grid.rows).fill(NONE);
  }

  async update({ labels, centroids }: Clustering, heirs: readonly Heir[]) {
    const moved = labels.slice();
    for (const { row, to } of heirs) moved[row] = to;
    const next = centroids.slice();
    await this.#visit(moved, next, ({ values, weights, total, reach }) =>
      median(values, weights, total, reach),
    );
    return { centroids: next, cost: this.#total() };
  }

  async cost({ labels, centroids }: Clustering): Promise<number> {
    await this.#visit(labels, centroids, (_, centre) => centre);
    this.#centroids = new Float32Array(); // no medians: the next update takes nothing over
    return this.#total();
  }

  /** Σ over the clusters in the units of the points. */
  #total(): number {
    const { exponent, weightExponent } = this.#points.grid;
    const sum = this.#costs.reduce((total, cost) => total + cost, 0n);
    return Number(sum) * powerOfTwo(exponent - LABEL_BITS) * powerOfTwo(-weightExponent);
  }

  /**
   * Goes through the clusters that have other rows or another centre than the last time, column by
   * column; `centreOf` may move it. What they cost is noted.
   */
  async #visit(
    labels: Uint32Array,
    centroids: Float32Array,
    centreOf: (column: Column, centre: number) => number,
  ): Promise<void> {
    const { columns, columnExponents, weights: all } = this.#points.grid;
    const values = await this.#points.values();
    const k = centroids.length / columns;
    const changed = this.#changed(labels, centroids);
    const rowsOf = bucket(labels, all, changed);
    for (let j = 0; j < k; j++) {
      if (!changed[j]) continue;
      const rows = rowsOf(j);
      const length = rows.length;
      const weights = all && rows.map((row) => all[row]);
      const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : length;
      this.#costs[j] = 0n;
      if (total === 0) continue;
      const gathered = new Float32Array(Math.min(COLUMNS, columns) * length);
      for (let first = 0; first < columns; first += COLUMNS) {
        const width = Math.min(COLUMNS, columns - first);
        for (let start = 0; start < length; start += SLICE) {
          const end = Math.min(length, start + SLICE);
          for (let i = start; i < end; i++)
            for (let t = 0, at = rows[i] * columns + first; t < width; t++)
              gathered[t * length + i] = values[at + t];
          const waiting = this.#pause();
          if (waiting) await waiting;
        }
        for (let t = 0; t < width; t++) {
          const at = j * columns + first + t;
          const own = gathered.subarray(t * length, (t + 1) * length);
          const reach = powerOfTwo(columnExponents[first + t]);
          centroids[at] = centreOf({ values: own, weights, total, reach }, centroids[at]);
          this.#costs[j] += columnCost(own, weights, centroids[at]);
          const waiting = this.#pause();
          if (waiting) await waiting;
        }
      }
    }
    this.#costs.length = k;
    this.#labels = labels;
    this.#centroids = centroids;
  }

  /** 1 for each cluster that gained or lost a row, or whose centre is another. */
  #changed(labels: Uint32Array, centroids: Float32Array): Uint8Array {
    const { columns } = this.#points.grid;
    const changed = new Uint8Array(centroids.length / columns);
    if (this.#centroids.length !== centroids.length) return changed.fill(1);
    for (let at = 0; at < centroids.length; at++)
      if (centroids[at] !== this.#centroids[at]) changed[Math.floor(at / columns)] = 1;
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] === this.#labels[i]) continue;
      changed[labels[i]] = 1;
      changed[this.#labels[i]] = 1;
    }
    return changed;
  }
}

/** The rows of the chosen clusters that weigh something, ascending. */
function bucket(
  labels: Uint32Array,
  weights: Uint32Array | null,
  chosen: Uint8Array,
): (cluster: number) => Uint32Array {
  const ends = new Uint32Array(chosen.length);
  const counts = (i: number) => chosen[labels[i]] === 1 && (weights === null || weights[i] > 0);
  for (let i = 0; i < labels.length; i++) if (counts(i)) ends[labels[i]]++;
  for (let j = 1; j < ends.length; j++) ends[j] += ends[j - 1];
  const begins = ends.slice();
  const rows = new Uint32Array(ends.at(-1)!);
  for (let i = labels.length - 1; i >= 0; i--) if (counts(i)) rows[--begins[labels[i]]] = i;
  return (cluster) => rows.subarray(begins[cluster], ends[cluster]);
}

/** Values whose differences, below 2^31, and with half a weight, add up below 2^53. */
const EXACT = 2 ** 22;
const EXACT_WEIGHTED = 2 ** 6;

/** Σ W·|q − g| exactly. Without branches that depend on the values, which would take most of the time. */
function columnCost(values: Float32Array, weights: Uint32Array | null, centre: number): bigint {
  const g = toLabelGrid(centre);
  let cost = 0n;
  const step = weights ? EXACT_WEIGHTED : EXACT;
  for (let start = 0; start < values.length; start += step) {
    const end = Math.min(values.length, start + step);
    let lower = 0;
    let upper = 0;
    for (let i = start; i < end; i++) {
      // toLabelGrid of integers: half steps towards 0, one more, and half of that
      const halves = (values[i] * HALF_STEPS) | 0;
      const sign = halves >> 31;
      const q = ((((halves ^ sign) - sign + 1) >> 1) ^ sign) - sign;
      const difference = Math.abs(q - g);
      if (weights) {
        lower += difference * (weights[i] & 0xffff);
        upper += difference * (weights[i] >>> 16);
      } else lower += difference;
    }
    cost += BigInt(lower) + (BigInt(upper) << 16n);
  }
  return cost;
}
const HALF_STEPS = powerOfTwo(LABEL_BITS + 1);
