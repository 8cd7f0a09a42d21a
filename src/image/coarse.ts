/**
 * Colours put together in cells of like bytes: where a palette is sought first. A search over a few
 * thousand means costs a fraction of one over all colours, and ends where theirs nearly does.
 */
import { coordinates, type Coordinates } from './spaces.ts';

/** Cells for each centroid, at least: fewer would not tell centroids apart. */
const CELLS_PER_CENTROID = 12;
/** A level is worth its place where the next has so many times its points. */
const STEP = 4.5;
/** Bits of a byte that cells are told apart by, without alpha and with it: tables of up to 2^21 cells. */
const DEPTHS = { 3: [5, 6, 7], 4: [4, 5] } as const;

/** Colours between two looks at the clock. */
const STRETCH = 2 ** 15;

type Pause = () => Promise<void> | undefined;

export interface Cells {
  /** The weighted mean of the colours of each cell, in the coordinates of the points. */
  readonly points: Coordinates;
  readonly weights: Float64Array;
}

/** Levels for k centroids, coarsest first; none where cells would be hardly fewer than the colours are. */
export async function coarsen(
  colors: Uint8Array,
  points: Coordinates,
  weights: ArrayLike<number>,
  k: number,
  pause: Pause,
): Promise<Cells[]> {
  const levels: Cells[] = [];
  let least = CELLS_PER_CENTROID * k;
  for (const bits of DEPTHS[points.columns]) {
    if (least > points.rows / STEP) break;
    const cells = await cellsOf(colors, points, weights, bits, pause);
    const count = cells.points.rows;
    if (count > points.rows / STEP) break;
    if (count < least) continue;
    levels.push(cells);
    least = STEP * count;
  }
  return levels;
}

async function cellsOf(
  colors: Uint8Array,
  { data, rows, columns }: Coordinates,
  weights: ArrayLike<number>,
  bits: number,
  pause: Pause,
): Promise<Cells> {
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
    if (i % STRETCH === 0) await pause();
    if (weights[i] === 0) continue;
    const cell = cellAt(4 * i);
    if (numbers[cell] === 0) numbers[cell] = ++count;
  }
  const sums = new Float64Array(count * columns);
  const totals = new Float64Array(count);
  for (let i = 0; i < rows; i++) {
    if (i % STRETCH === 0) await pause();
    if (weights[i] === 0) continue;
    const number = numbers[cellAt(4 * i)] - 1;
    totals[number] += weights[i];
    for (let t = 0; t < columns; t++)
      sums[number * columns + t] += data[i * columns + t] * weights[i];
  }
  const means = Float32Array.from(sums, (sum, at) => sum / totals[Math.floor(at / columns)]);
  return { points: coordinates(means, columns), weights: totals };
}
