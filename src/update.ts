/**
 * From totals to new centroids, and why to stop: for engines whose centroids are on the host, the reference
 * and what puts parts together (out-of-core/). Twins: shaders/divide.wgsl, shaders/converge.wgsl.
 */
import {
  align,
  explained,
  leadingBits,
  meanOnSumGrid,
  powerOfTwo,
  SUM_BITS,
  toLabelGrid,
  type GridFacts,
} from './grid.ts';

/** Σ W·p and Σ W of each cluster. */
export interface Totals {
  sums: BigInt64Array;
  counts: Uint32Array;
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
