/**
 * Where the first centroids come from, for all engines alike: the same rows for the same seed
 * everywhere. Decided on the host; the distances are worked out where the points are.
 */
import { placeOnGrid, type GridFacts } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Rows } from '../matrix.ts';
import { pcg32, type Random } from '../rng.ts';
import { parallel } from './parallel.ts';
import { allOf, plusPlus, trialsFor, type Candidates } from './plus-plus.ts';
import { distinctRows, rowsByWeight, sampleRows } from './sample.ts';

export type Init =
  { kind: 'auto' | 'k-means++' | 'k-means||' | 'random' } | { kind: 'explicit'; centroids: Rows };

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
  pause: () => Promise<void> | undefined,
  onSeed: () => void | Promise<void> = () => {},
): Promise<Float32Array> {
  const { grid } = points;
  if (init.kind === 'explicit') return placeOnGrid(init.centroids, grid);
  const random = pcg32(seedNumber, restart);
  if (init.kind === 'random') return points.gather(randomRows(grid, k, random));
  const pool = weightedRows(grid);
  const all = pool ? pool.length : grid.rows;
  const size = init.kind === 'auto' ? Math.max(SAMPLE_ROWS, SAMPLE_ROWS_PER_CENTROID * k) : all;
  const sample = size < all ? sampleRows(all, size, random) : null;
  const rows = sample && pool ? sample.map((i) => pool[i]) : sample;
  // of a sample all weigh something
  const candidates: Candidates =
    pool && !sample
      ? { size: pool.length, placeAt: (i) => pool[i] }
      : allOf(rows ? rows.length : grid.rows);
  if (init.kind === 'k-means||')
    return points.gather(await parallel(points, candidates, k, random, pause, onSeed));
  const trials = trialsFor(k);
  const distances = await points.distances({ rows, trials, centres: k, owners: false, pause });
  const chosen = await plusPlus(candidates, distances, k, trials, random, onSeed);
  await distances.close();
  return points.gather(rows ? chosen.map((place) => rows[place]) : chosen);
}

/** The rows that weigh something, ascending; null where there are no weights. */
export function weightedRows({ weights }: GridFacts): Uint32Array | null {
  return weights && Uint32Array.from(weights.keys()).filter((row) => weights[row] > 0);
}

/** k different rows, drawn by weight; rows without weight only where there are not k others. */
function randomRows(grid: GridFacts, k: number, random: Random): Uint32Array {
  const { weights } = grid;
  const weighted = weightedRows(grid);
  if (!weights || !weighted || weighted.length < k) return distinctRows(grid.rows, k, random);
  const own = weighted.map((row) => weights[row]);
  const chosen = own.every((weight) => weight === own[0])
    ? distinctRows(own.length, k, random)
    : rowsByWeight(own, k, random);
  return chosen.map((i) => weighted[i]);
}
