/** Which rows clusters without weight are given: those that lie farthest from their own centroids. */
import type { Clustering, Distance } from '../engine.ts';
import { exactDistance, manhattanDistance, type ExactDistance } from '../exact.ts';
import { toLabelGrid } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Heir } from './centre.ts';

/** Numbers between two pauses. */
const SLICE = 2 ** 18;

/**
 * One row for each cluster without weight, lowest index first: the farthest by the exact distance,
 * ties to the lowest row; rows without weight or at distance 0 never. The same as an engine's own
 * relocation under the Euclidean distance.
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
  const values = await points.values();
  const g = Int32Array.from(centroids, toLabelGrid);
  const q = new Int32Array(columns);
  const chosen: (ExactDistance & { row: number })[] = []; // farthest first
  const d: ExactDistance = { high: 0, low: 0 };
  const nearer = (o: ExactDistance) => o.high < d.high || (o.high === d.high && o.low < d.low);
  const slice = Math.ceil(SLICE / columns);
  for (let i = 0; i < rows; i++) {
    if (i % slice === 0) await pause();
    if (weights && weights[i] === 0) continue;
    for (let t = 0; t < columns; t++) q[t] = toLabelGrid(values[i * columns + t]);
    if (distance === 'manhattan') d.high = manhattanDistance(q, 0, g, labels[i] * columns, columns);
    else exactDistance(q, 0, g, labels[i] * columns, columns, d);
    if (d.high === 0 && d.low === 0) continue;
    if (chosen.length === empties.length && !nearer(chosen[chosen.length - 1])) continue;
    let at = chosen.length;
    while (at > 0 && nearer(chosen[at - 1])) at--;
    chosen.splice(at, 0, { ...d, row: i });
    if (chosen.length > empties.length) chosen.pop();
  }
  return chosen.map(({ row }, index) => ({ row, from: labels[row], to: empties[index] }));
}
