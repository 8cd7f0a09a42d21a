/**
 * Where the first centroids come from. Host side, once, for all engines: the same rows for the same
 * seed everywhere.
 */
import { placeOnGrid, type GridFacts } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Rows } from '../matrix.ts';
import { pcg32, type Random } from '../rng.ts';
import { plusPlus, type Pause } from './plus-plus.ts';
import { distinctRows, sampleRows } from './sample.ts';

export type Init =
  { kind: 'auto' | 'k-means++' | 'random' } | { kind: 'explicit'; centroids: Rows };

/** The sample of 'auto' has this many rows at least, and 32 a centroid. */
const SAMPLE_ROWS = 65536;
const SAMPLE_ROWS_PER_CENTROID = 32;

/**
 * The first centroids as grid values, k × columns. `restart` numbers the runs of `nInit`; each has a
 * random stream of its own, so that restart 3 is the same whether or not 0 to 2 were run.
 */
export async function seed(
  points: LaidPoints,
  k: number,
  init: Init,
  seedNumber: number,
  restart: number,
  pause: Pause,
  onSeed?: () => void | Promise<void>,
): Promise<Float32Array> {
  const { grid } = points;
  if (init.kind === 'explicit') return placeOnGrid(init.centroids, grid);
  const random = pcg32(seedNumber, restart);
  if (init.kind === 'random') return points.gather(randomRows(grid, k, random));
  const pool = weightedRows(grid);
  const rows = pool ? pool.length : grid.rows;
  const size = init.kind === 'auto' ? Math.max(SAMPLE_ROWS, SAMPLE_ROWS_PER_CENTROID * k) : rows;
  const sample = sampleRows(rows, size, random);
  const candidates = pool ? sample.map((i) => pool[i]) : sample;
  const values =
    candidates.length === grid.rows ? await points.values() : await points.gather(candidates);
  const weights = grid.weights && Uint32Array.from(candidates, (row) => grid.weights![row]);
  const chosen = await plusPlus(values, grid.columns, weights, k, random, pause, onSeed);
  return points.gather(chosen.map((candidate) => candidates[candidate]));
}

/** The rows that weigh something, ascending; null where there are no weights. */
export function weightedRows({ weights }: GridFacts): Uint32Array | null {
  return weights && Uint32Array.from(weights.keys()).filter((row) => weights[row] > 0);
}

/** k different rows; rows with weight where there are k. */
function randomRows(grid: GridFacts, k: number, random: Random): Uint32Array {
  const weighted = weightedRows(grid);
  const pool = weighted && weighted.length >= k ? weighted : null;
  const chosen = distinctRows(pool ? pool.length : grid.rows, k, random);
  return pool ? chosen.map((i) => pool[i]) : chosen;
}
