/**
 * What of Lloyd's iteration is the same integers on every engine, in plain TypeScript: the nearest centroid
 * of a row, what becomes of clusters without weight, the new centroids, and when to stop.
 *
 * Functions are named after the shaders that they are twins of.
 */
import { exactDistance, exactNearest, type ExactDistance } from './exact.ts';
import {
  align,
  explained,
  leadingBits,
  meanOnSumGrid,
  powerOfTwo,
  SUM_BITS,
  toLabelGrid,
  toSumGrid,
  type Grid,
  type GridFacts,
} from './grid.ts';
import { gatherRows } from './matrix.ts';

/** Label of a row that has none yet. */
export const NO_LABEL = 0xffffffff;

/**
 * The nearest of k centroids but number `except`, ties to the lowest index: f64 proposes, and where the
 * second is so near that rounding might have decided, exact integers do.
 */
export function nearestCentroid(
  q: Int32Array,
  g: Int32Array,
  k: number,
  columns: number,
  except = -1,
): number {
  let best = Infinity;
  let next = Infinity;
  let label = 0;
  for (let j = 0, at = 0; j < k; j++) {
    let distance = 0;
    for (let t = 0; t < columns; t++) {
      const difference = q[t] - g[at++];
      distance += difference * difference;
    }
    if (j === except) continue;
    if (distance < best) {
      next = best;
      best = distance;
      label = j;
    } else if (distance < next) next = distance;
  }
  // A square is wrong by 2^−53 of itself, each of d additions by as much; doubled to be safe.
  const uncertainty = (columns + 2) * 2 ** -52;
  return next - best <= uncertainty * (next + best)
    ? exactNearest(q, 0, g, k, columns, { high: 0, low: 0 }, except)
    : label;
}

/** Σ W·p and Σ W of each cluster. */
export interface Totals {
  sums: BigInt64Array;
  counts: Uint32Array;
}

/**
 * `farthest`, `elect` and `relocate`: each cluster without weight, lowest index first, takes the row
 * that lies farthest from its own centroid (ties to the lowest row; weightless rows and rows at
 * distance 0 never). The row leaves its old cluster's sums; labels follow in the next iteration.
 * Returns how many rows were moved.
 */
export function relocate(
  grid: Grid,
  centroids: Float32Array,
  labels: Uint32Array,
  totals: Totals,
): number {
  const { values, rows, columns, weights } = grid;
  const empties = [...totals.counts.keys()].filter((j) => totals.counts[j] === 0);
  const g = Int32Array.from(centroids, toLabelGrid);
  const q = new Int32Array(columns);
  // The farthest rows so far, farthest first; never more than there are empty clusters.
  const chosen: (ExactDistance & { row: number; label: number })[] = [];
  const d: ExactDistance = { high: 0, low: 0 };
  for (let i = 0; i < rows; i++) {
    if (weights && weights[i] === 0) continue;
    for (let t = 0; t < columns; t++) q[t] = toLabelGrid(values[i * columns + t]);
    exactDistance(q, 0, g, labels[i] * columns, columns, d);
    if (d.high === 0 && d.low === 0) continue;
    const nearer = (o: ExactDistance) => o.high < d.high || (o.high === d.high && o.low < d.low);
    if (chosen.length === empties.length && !nearer(chosen[chosen.length - 1])) continue;
    let at = chosen.length;
    while (at > 0 && nearer(chosen[at - 1])) at--;
    chosen.splice(at, 0, { ...d, row: i, label: labels[i] });
    if (chosen.length > empties.length) chosen.pop();
  }
  const places = Uint32Array.from(chosen, ({ row }) => row);
  takeRows(grid, totals, empties, chosen, gatherRows({ data: values, columns }, places).data);
  return chosen.length;
}

/** The clusters in `vacant` take a row each, which leaves the sums of its own. `values`: of these rows. */
export function takeRows(
  { columns, weights, columnExponents }: GridFacts,
  { sums, counts }: Totals,
  vacant: readonly number[],
  chosen: readonly { readonly row: number; readonly label: number }[],
  values: Float32Array,
): void {
  chosen.forEach(({ row, label }, index) => {
    const heir = vacant[index];
    const weight = weights ? weights[row] : 1;
    counts[label] -= weight;
    counts[heir] += weight;
    for (let t = 0; t < columns; t++) {
      const p = toSumGrid(values[index * columns + t], columnExponents[t]);
      const weighted = BigInt(p) * BigInt(weight);
      sums[label * columns + t] -= weighted;
      sums[heir * columns + t] += weighted;
    }
  });
}

/** `divide`: moves every centroid with weight to its mean. */
export function divide(
  grid: GridFacts,
  centroids: Float32Array,
  { sums, counts }: Totals,
): { shift: bigint; explainedSum: bigint } {
  const { columns, columnExponents } = grid;
  let shift = 0n;
  let explainedSum = 0n;
  for (let at = 0; at < centroids.length; at++) {
    const weight = counts[Math.floor(at / columns)];
    if (weight === 0) continue; // keeps its place
    const t = at % columns;
    const mean = meanOnSumGrid(sums[at], weight);
    const value = mean * powerOfTwo(columnExponents[t] - SUM_BITS);
    const difference = BigInt(toLabelGrid(value) - toLabelGrid(centroids[at]));
    shift += difference * difference;
    explainedSum += align(grid, t, explained(mean, sums[at], weight));
    centroids[at] = value;
  }
  return { shift, explainedSum };
}

/** Rows whose label is not as before; all of them where there were no labels. */
export function movedRows(before: ArrayLike<number> | null, labels: Uint32Array): number {
  if (!before) return labels.length;
  let moved = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] !== before[i]) moved++;
  return moved;
}

/** Rows of each cluster. */
export function countLabels(labels: Uint32Array, k: number): Uint32Array {
  const sizes = new Uint32Array(k);
  for (let i = 0; i < labels.length; i++) sizes[labels[i]]++;
  return sizes;
}

/** `converge`: why to stop after this iteration, if at all. */
export function converge(
  moved: number,
  relocated: number,
  shift: bigint,
  shiftLimit: bigint,
): 'labels' | 'tol' | null {
  // With a relocation the centroids no longer belong to these labels, however few of them moved.
  if (moved === 0 && relocated === 0) return 'labels';
  return shift < shiftLimit ? 'tol' : null;
}

/** The 24 bits of a shift that are reported, in squared units of the label grid. */
export const reportedShift = leadingBits;
