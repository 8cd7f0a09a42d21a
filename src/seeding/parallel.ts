/**
 * k-means‖: some passes, each of which picks about 2k rows at once, every row by itself with
 * probability 2k·W·D² / ΣW·D². Each of those is then weighted by the rows that it is the nearest to,
 * and greedy k-means++ chooses k of them.
 *
 * Source: B. Bahmani, B. Moseley, A. Vattani, R. Kumar, S. Vassilvitskii, "Scalable K-Means++",
 * VLDB 2012; oversampling 2k and five passes are what they found to be enough.
 */
import { hostDistances, type Distances } from '../distances.ts';
import type { GridFacts } from '../grid.ts';
import { gatherRows } from '../laid-points.ts';
import type { Random } from '../rng.ts';
import { plusPlus, trialsFor, type Candidates } from './plus-plus.ts';

const PASSES = 5;
const OVERSAMPLING = 2;

/** Most centres that are likely to be chosen before they are reduced. */
export const parallelCentres = (k: number) => 1 + PASSES * OVERSAMPLING * k;

/** `distances` keep owners. */
export async function parallel(
  candidates: Candidates,
  distances: Distances,
  grid: GridFacts,
  k: number,
  random: Random,
  pause: () => Promise<void> | undefined,
  onSeed: () => void | Promise<void>,
): Promise<Uint32Array> {
  const picked = [...(await plusPlus(candidates, distances, 1, random))];
  for (let pass = 0; pass < PASSES; pass++) {
    const total = (await distances.masses()).reduce((sum, mass) => sum + mass, 0);
    if (!(total > 0)) break; // every point is one of them
    const more = await distances.pick(random.uint32(), OVERSAMPLING * k, total);
    if (more.length > 0) await distances.add(await candidates.gather(more));
    for (const row of more) picked.push(row);
    await onSeed();
  }
  // so few that all are taken: the rest as k-means++ would go on
  if (picked.length <= k) return plusPlus(candidates, distances, k, random, onSeed, picked);

  const values = await candidates.gather(Uint32Array.from(picked));
  const facts = { ...grid, rows: picked.length, weights: await distances.owned() };
  const chosen = await plusPlus(
    {
      size: picked.length,
      rowAt: (i) => i,
      weightOf: (i) => facts.weights[i],
      gather: async (list) => gatherRows(values, grid.columns, list),
    },
    hostDistances(facts, values, {
      rows: null,
      trials: trialsFor(k),
      centres: k,
      owners: false,
      pause,
    }),
    k,
    random,
    onSeed,
  );
  return chosen.map((i) => picked[i]);
}
