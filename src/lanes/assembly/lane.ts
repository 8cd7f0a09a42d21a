// What a lane holds: a shard of the points in their own order, and buffers of k × columns.

import { reserve } from './memory';

/** Rows of the shard, and the number of its first row among all points. */
export let rows: u32 = 0;
export let firstRow: u32 = 0;
export let columns: u32 = 0;
export let weighted: bool = false;
/** y, row-major, in the caller's order. */
export let points: usize = 0;
/** W, u32, or 0. */
export let weights: usize = 0;
/**
 * u32 a row, in the order of the algorithm; behind them as much room again, which sorting may use
 * together with theirs, and where the filter's order may stand.
 */
export let labels: usize = 0;

/** The points once more, packed for brute force; or 0. */
export let packed: usize = 0;

/** Centroids placed. */
export let k: u32 = 0;
/** Grid values, f32, row-major; and on the label grid, i32. */
export let centroids: usize = 0;
export let gridCentroids: usize = 0;
/** Σ W·p, i64, row-major; Σ W, u32. */
export let sums: usize = 0;
export let counts: usize = 0;
/** 2^(30 − e_t), f32, a column. */
export let sumSteps: usize = 0;

/** Rows whose label changed in this iteration. */
export let moved: u32 = 0;

/** The near-tie bound of src/near-tie.ts. */
export let nearRelative: f32 = 0;
export let nearRoot: f32 = 0;
export let nearAbsolute: f32 = 0;

/** Nearest by Σ|q − g| and not by its squares: brute force only. */
export let manhattan: bool = false;

/** `numberBytes`: of a raw number, 4 or 8; the points are laid on the grid in its place. */
export function open(
  rows_: u32,
  firstRow_: u32,
  columns_: u32,
  maxK: u32,
  weighted_: bool,
  numberBytes: u32,
): void {
  rows = rows_;
  firstRow = firstRow_;
  columns = columns_;
  weighted = weighted_;
  const cells = <usize>maxK * columns;
  // four rows more: kernels read points in fours
  points = reserve((<usize>rows + 4) * columns * numberBytes);
  if (weighted) weights = reserve((<usize>rows + 4) * 4);
  labels = reserve((<usize>rows + 8) * 8);
  centroids = reserve((cells + 4 * <usize>columns) * 4);
  gridCentroids = reserve(cells * 4);
  sums = reserve(cells * 8);
  counts = reserve(<usize>maxK * 4);
  sumSteps = reserve(<usize>columns * 4);
  packed = 0;
}

export function reservePacked(bytes: usize): void {
  packed = reserve(bytes);
}

export function setDistance(manhattan_: bool): void {
  manhattan = manhattan_;
}

export function setBound(relative: f32, root: f32, absolute: f32): void {
  nearRelative = relative;
  nearRoot = root;
  nearAbsolute = absolute;
}

export function pointsAt(): usize {
  return points;
}
export function weightsAt(): usize {
  return weights;
}
export function labelsAt(): usize {
  return labels;
}
export function centroidsAt(): usize {
  return centroids;
}
export function gridCentroidsAt(): usize {
  return gridCentroids;
}
export function sumsAt(): usize {
  return sums;
}
export function countsAt(): usize {
  return counts;
}
export function sumStepsAt(): usize {
  return sumSteps;
}

// @ts-ignore: decorator
@inline
export function countMoved(n: u32): void {
  moved += n;
}

/** Centroids from now on: they stand at centroidsAt(). */
export function setCentroids(k_: u32): void {
  k = k_;
}

/** Clears what an iteration counts. */
export function begin(): void {
  moved = 0;
}

/** Clears the sums that the filter adds up anew. */
export function clearSums(): void {
  memory.fill(sums, 0, <usize>k * columns * 8);
  memory.fill(counts, 0, <usize>k * 4);
}

export function movedRows(): u32 {
  return moved;
}
