/**
 * Weighted rows as so many equal ones. Whole weights are that many rows: what is worked out is what would
 * come of the rows repeated, each beside its copies, to the same samples. Other weights are shares: they
 * count as if they added up to as many rows as there are.
 *
 * Rows without weight are left out altogether.
 */
import { integerWeights } from '../grid.ts';
import { gatherRows, type Rows } from '../matrix.ts';

/** Options of scores that take weights. */
export interface WeightOptions {
  /**
   * One non-negative weight a row. Whole ones that add up to less than 2^32 stand for so many equal rows,
   * to the bit; others are shares, as if they added up to as many rows as weigh something. Rows of weight
   * 0 are left out.
   */
  weights?: ArrayLike<number> | undefined;
}

export interface Repeats {
  /** Those that weigh something. */
  readonly points: Rows;
  /** Which of the rows given these are; null: all. */
  readonly kept: Uint32Array | null;
  /** What a fit is told of them. */
  readonly weights: Float64Array | undefined;
  /** How many rows each stands for; null: one. */
  readonly counts: Float64Array | null;
  /** A count by its weight. */
  readonly factor: number;
  /** All counts together, a whole number. */
  readonly total: number;
  /** Which row the copy number `place` of all is. */
  rowAt(place: number): number;
}

/** More copies have no numbers of 32 bits. */
const MOST = 2 ** 32 - 1;

/** @throws InvalidInputError where weights are none */
export function repeatsOf(given: Rows, weights: ArrayLike<number> | undefined): Repeats {
  integerWeights(weights, given.rows); // judges them
  if (!weights) return alone(given, null);
  const kept = Uint32Array.from({ length: given.rows }, (_, row) => row).filter(
    (row) => weights[row] > 0,
  );
  const all = kept.length === given.rows;
  const points = all ? given : gatherRows(given, kept);
  const own = Float64Array.from(kept, (row) => weights[row]);
  if (own.every((w) => w === 1)) return alone(points, all ? null : kept);
  const { rows } = points;
  const sum = own.reduce((sum, w) => sum + w, 0);
  const whole = sum <= MOST && own.every((w) => Number.isInteger(w));
  const total = whole ? sum : rows;
  const counts = whole ? own : own.map((w) => (w / sum) * total);
  const ends = counts.slice();
  for (let i = 1; i < rows; i++) ends[i] += ends[i - 1];
  return {
    points,
    kept: all ? null : kept,
    weights: own,
    counts,
    factor: whole ? 1 : total / sum,
    total,
    rowAt(place) {
      let low = 0;
      let high = rows - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (ends[middle] > place + 0.5) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

/** Each row once. */
function alone(points: Rows, kept: Uint32Array | null): Repeats {
  const { rows: total } = points;
  const rowAt = (place: number) => place;
  return { points, kept, weights: undefined, counts: null, factor: 1, total, rowAt };
}
