/**
 * Whether what came back from the GPU can be the truth. A device that is lost, or a driver that drops
 * commands, mostly leaves zeros and says nothing: labels, counts and centroids that do not belong
 * together are no result.
 */
import { GpuError } from '../../errors.ts';
import type { Ends, GridFacts } from '../../grid.ts';

const broken = (what: string) =>
  new GpuError(`the GPU gives ${what}; no result was returned. Run again, or use a CPU engine.`);

/**
 * Of `asked` iterations recorded at once as many are done, or fewer and a reason to stop. A run whose
 * count stood still would never end.
 * @throws GpuError
 */
export function checkStatus(done: number, asked: number, running: boolean): void {
  if (done < 1 || done > asked || (running && done !== asked))
    throw broken(`a status of ${done} iterations after ${asked} were asked for`);
}

/** @throws GpuError where a label is none of k */
export function checkLabels(labels: Uint32Array, k: number): Uint32Array {
  for (let i = 0; i < labels.length; i++)
    if (labels[i] >= k) throw broken(`row ${i} the label ${labels[i]} of ${k}`);
  return labels;
}

/** No column ends before it begins, as it does where no row was looked at. */
export function checkEnds(ends: Ends): Ends {
  const at = ends.low.findIndex((low, t) => !(low <= ends.high[t]));
  if (at >= 0) throw broken(`column ${at} the ends ${ends.low[at]} and ${ends.high[at]}`);
  return ends;
}

/** What is called no number is none. */
export function checkRefused(value: number, row: number, column: number): void {
  if (Number.isFinite(value)) throw broken(`row ${row}, column ${column} as no number: ${value}`);
}

/** Every row's weight is in its cluster's count, and nothing else is. */
export function checkCounts(
  { weights, totalWeight }: Pick<GridFacts, 'weights' | 'totalWeight'>,
  counts: Uint32Array,
  labels: Uint32Array,
): void {
  const left = Float64Array.from(counts); // exact, and wide enough for whatever is there
  for (let i = 0; i < labels.length; i++) left[labels[i]] -= weights ? weights[i] : 1;
  const at = left.findIndex((rest) => rest !== 0);
  if (at >= 0)
    throw broken(
      `cluster ${at} a weight of ${counts[at]}, while its rows have ${counts[at] - left[at]}`,
    );
  checkTotal(totalWeight, counts);
}

/** The same where labels do not come home. */
export function checkTotal(totalWeight: number, counts: Uint32Array): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total !== totalWeight) throw broken(`all clusters a weight of ${total}, not ${totalWeight}`);
}

/** Means of what lies within ±1 do, too; of NaN neither comparison is true. */
export function checkCentroids(centroids: Float32Array): void {
  const at = centroids.findIndex((y) => !(y >= -1 && y <= 1));
  if (at >= 0) throw broken(`a centroid the coordinate ${centroids[at]}, outside of the points`);
}
