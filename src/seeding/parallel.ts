/**
 * k-means‖: some passes, each of which picks about 2k rows at once, every row by itself with
 * probability 2k·W·D² / ΣW·D². Each of those is then weighted by the rows that it is the nearest to,
 * and greedy k-means++ chooses k of them.
 *
 * Source: B. Bahmani, B. Moseley, A. Vattani, R. Kumar, S. Vassilvitskii, "Scalable K-Means++",
 * VLDB 2012; oversampling 2k and five passes are what they found to be enough.
 */
import type { LaidPoints } from '../laid-points.ts';
import type { Random } from '../rng.ts';
import { allOf, plusPlus, trialsFor, type Candidates } from './plus-plus.ts';

const PASSES = 5;
const OVERSAMPLING = 2;

export async function parallel(
  points: LaidPoints,
  candidates: Candidates,
  k: number,
  random: Random,
  pause: () => Promise<void> | undefined,
  onSeed: () => void | Promise<void>,
): Promise<Uint32Array> {
  const trials = trialsFor(k);
  const all = await points.distances({
    rows: null,
    trials,
    centres: 1 + PASSES * OVERSAMPLING * k,
    owners: true,
    pause,
  });
  const picked = [...(await plusPlus(candidates, all, 1, trials, random))];
  for (let pass = 0; pass < PASSES; pass++) {
    const total = (await all.masses()).reduce((sum, mass) => sum + mass, 0);
    if (!(total > 0)) break; // every point is one of them
    const more = await all.pick(random.uint32(), OVERSAMPLING * k, total);
    if (more.length > 0) await all.add(await all.gather(more));
    for (const row of more) picked.push(row);
    await onSeed();
  }
  if (picked.length <= k) {
    // so few that all are taken: the rest as k-means++ would go on
    const chosen = await plusPlus(candidates, all, k, trials, random, onSeed, picked);
    await all.close();
    return chosen;
  }
  const owned = await all.owned();
  await all.close();

  const places = Uint32Array.from(picked.keys()).sort((a, b) => picked[a] - picked[b]);
  const rows = places.map((place) => picked[place]);
  const some = await points.distances({
    rows,
    weights: places.map((place) => owned[place]),
    trials,
    centres: k,
    owners: false,
    pause,
  });
  const chosen = await plusPlus(allOf(rows.length), some, k, trials, random, onSeed);
  await some.close();
  return chosen.map((place) => rows[place]);
}
