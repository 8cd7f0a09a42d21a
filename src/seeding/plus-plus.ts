/**
 * Greedy k-means++: each centroid is the best of 2 + ⌊ln k⌋ rows drawn with probability W·D², where
 * D is the distance to the nearest centroid so far; best is what leaves the smallest ΣW·D².
 *
 * Source: D. Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007;
 * the greedy form is their own remark (section 7) and scikit-learn's default.
 *
 * What is expensive is asked of `distances` (../distances.ts), wherever the points are: whole numbers,
 * the same everywhere. What is left is done here, once, in f64 and in a fixed order.
 */
import { STRETCH_ROWS, type Distances } from '../distances.ts';
import type { Random } from '../rng.ts';

/** The places that may be chosen at all: of rows that weigh something. */
export interface Candidates {
  readonly size: number;
  placeAt(i: number): number;
}

/** All of so many places. */
export const allOf = (size: number): Candidates => ({ size, placeAt: (i) => i });

/** Rows that greedy k-means++ tries for each centroid. */
export const trialsFor = (k: number) => 2 + Math.floor(Math.log(k));

/**
 * Chooses places until they are k, beginning with those that are `distances`' centres already. With one
 * trial it is k-means++ as first described, not greedy.
 */
export async function plusPlus(
  candidates: Candidates,
  distances: Distances,
  k: number,
  trials: number,
  random: Random,
  onSeed: () => void | Promise<void> = () => {},
  chosen: readonly number[] = [],
): Promise<Uint32Array> {
  const places = [...chosen];
  while (places.length < k) {
    // before there is a centroid all distances are the same: the weights decide
    const first = places.length === 0;
    const drawn = await draw(first ? 1 : trials, candidates, distances, random);
    const values = await distances.gather(drawn);
    const best = first ? 0 : greatest(await distances.gains(values));
    await (first ? distances.add(values) : distances.take(best));
    places.push(drawn[best]);
    const told = onSeed();
    if (told) await told;
  }
  return Uint32Array.from(places);
}

/** The first of the greatest. */
function greatest(gains: readonly bigint[]): number {
  return gains.reduce((best, gain, j) => (gain > gains[best] ? j : best), 0);
}

/**
 * Places drawn with probability W·D² / ΣW·D². Never one without weight or at distance 0, unless there is
 * no other: then (fewer distinct points than centroids) any row, so that a start is still found.
 */
async function draw(
  count: number,
  { size, placeAt }: Candidates,
  distances: Distances,
  random: Random,
): Promise<Uint32Array> {
  const masses = await distances.masses();
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  if (!(total > 0))
    return Uint32Array.from({ length: count }, () =>
      placeAt(Math.min(size - 1, Math.floor(random() * size))),
    );
  const aims = Array.from({ length: count }, () => {
    let left = random() * total;
    let stretch = 0;
    let last = 0;
    for (; stretch < masses.length && left >= masses[stretch]; stretch++) {
      if (masses[stretch] > 0) last = stretch;
      left -= masses[stretch];
    }
    // Rounding may carry past the last stretch with mass: then that one is meant.
    return stretch < masses.length ? { stretch, left } : { stretch: last, left: Infinity };
  });
  const numbers = [...new Set(aims.map(({ stretch }) => stretch))];
  const stretches = await distances.stretches(numbers);
  return Uint32Array.from(aims, ({ stretch, left }) => {
    const masses = stretches[numbers.indexOf(stretch)];
    let last = 0;
    for (let i = 0; i < masses.length; i++) {
      if (masses[i] === 0) continue;
      last = i; // and here past the last row
      if (left < masses[i]) break;
      left -= masses[i];
    }
    return stretch * STRETCH_ROWS + last;
  });
}
