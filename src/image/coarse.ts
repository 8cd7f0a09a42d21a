/**
 * Colours put together in cells of like bytes: where a palette is sought first. A search over a few
 * thousand means costs a fraction of one over all colours, and ends where theirs nearly does.
 */
import type { Rows } from '../matrix.ts';

/** Cells for each centroid, where there are so many colours; fewer would not tell centroids apart. */
const CELLS_PER_CENTROID = 12;
/** Bits of a byte that cells are told apart by: the coarsest that gives cells enough. */
const DEPTHS = [5, 6];

export interface Cells {
  /** The weighted mean of the colours of each cell, in the coordinates of the points. */
  readonly points: Rows;
  readonly weights: Float64Array;
}

/** Cells for k centroids, or null where they would be hardly fewer than the colours are. */
export function coarsen(
  colors: Uint8Array,
  points: Rows,
  weights: ArrayLike<number>,
  k: number,
): Cells | null {
  for (const bits of DEPTHS) {
    const cells = cellsOf(colors, points, weights, bits);
    if (cells.weights.length > points.rows / 2) return null;
    if (cells.weights.length >= CELLS_PER_CENTROID * k) return cells;
  }
  return null;
}

function cellsOf(
  colors: Uint8Array,
  { data, rows, columns }: Rows,
  weights: ArrayLike<number>,
  bits: number,
): Cells {
  const shift = 8 - bits;
  const cellAt = (at: number) => {
    let cell = 0;
    for (let t = columns - 1; t >= 0; t--) cell = (cell << bits) | (colors[at + t] >>> shift);
    return cell;
  };
  /** Of every cell 1 + its number. */
  const numbers = new Uint32Array(2 ** (bits * columns));
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (weights[i] === 0) continue;
    const cell = cellAt(4 * i);
    if (numbers[cell] === 0) numbers[cell] = ++count;
  }
  const sums = new Float64Array(count * columns);
  const totals = new Float64Array(count);
  for (let i = 0; i < rows; i++) {
    if (weights[i] === 0) continue;
    const number = numbers[cellAt(4 * i)] - 1;
    totals[number] += weights[i];
    for (let t = 0; t < columns; t++)
      sums[number * columns + t] += data[i * columns + t] * weights[i];
  }
  const means = Float32Array.from(sums, (sum, at) => sum / totals[Math.floor(at / columns)]);
  return { points: { data: means, rows: count, columns }, weights: totals };
}
