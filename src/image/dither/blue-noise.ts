/**
 * Blue noise: thresholds without a pattern that an eye would follow, by void-and-cluster (R. Ulichney: The
 * Void-and-Cluster Method for Dither Array Generation, Proceedings of SPIE 1913, 1993), on a torus.
 *
 * Made when first needed, from seed 0, rather than kept as a table of 8 KB in every bundle. Sums are of
 * whole numbers, so that it is the same everywhere.
 */
import { pcg32 } from '../../rng.ts';
import type { Mask } from './ordered.ts';

const SIDE = 64;
const PLACES = SIDE * SIDE;

/** Of the Gaussian that says how crowded a place is; Ulichney's choice. */
const SIGMA = 1.5;

/** Beyond it the Gaussian is next to nothing. */
const REACH = 8;

/** Of the Gaussian at its top. */
const SCALE = 2 ** 20;

let mask: Mask | null = null;

/** 64 × 64 thresholds, each once, always the same. */
export function blueNoise(): Mask {
  mask ??= { side: SIDE, thresholds: voidAndCluster().map((rank) => (rank + 0.5) / PLACES) };
  return mask;
}

/** The rank of every place. */
function voidAndCluster(): Float64Array {
  const start = new Crowd();
  const random = pcg32(0);
  while (start.size < PLACES / 10) {
    const place = Math.floor(random() * PLACES);
    if (start.taken[place] === 0) start.change(place, 1);
  }
  // Even out: from the tightest place to the emptiest, until they are the same.
  for (let from = -1, to = -2; from !== to;) {
    from = start.tightest();
    start.change(from, -1);
    to = start.emptiest();
    start.change(to, 1);
  }
  const ranks = new Float64Array(PLACES);
  const fewer = start.copy();
  while (fewer.size > 0) {
    const tightest = fewer.tightest();
    fewer.change(tightest, -1);
    ranks[tightest] = fewer.size;
  }
  // Past the half, Ulichney looks for the tightest of the free places. That is the emptiest: on a
  // torus the crowding by taken and by free places adds up to the same everywhere.
  while (start.size < PLACES) {
    const emptiest = start.emptiest();
    ranks[emptiest] = start.size;
    start.change(emptiest, 1);
  }
  return ranks;
}

/** Places that are taken, and how crowded it is everywhere. */
class Crowd {
  size = 0;
  readonly taken = new Uint8Array(PLACES);
  private readonly crowding = new Int32Array(PLACES);
  /** By squared distance. */
  private readonly gaussian = Int32Array.from({ length: 2 * REACH * REACH + 1 }, (_, squared) =>
    Math.round(SCALE * Math.exp(-squared / (2 * SIGMA * SIGMA))),
  );

  /** Of the places that are taken, the most crowded; the first of equals. */
  tightest(): number {
    let found = -1;
    for (let place = 0; place < PLACES; place++)
      if (this.taken[place] === 1 && (found < 0 || this.crowding[place] > this.crowding[found]))
        found = place;
    return found;
  }

  /** Of the places that are free, the least crowded; the first of equals. */
  emptiest(): number {
    let found = -1;
    for (let place = 0; place < PLACES; place++)
      if (this.taken[place] === 0 && (found < 0 || this.crowding[place] < this.crowding[found]))
        found = place;
    return found;
  }

  change(place: number, by: 1 | -1): void {
    this.taken[place] += by;
    this.size += by;
    const [x, y] = [place % SIDE, Math.floor(place / SIDE)];
    for (let dy = -REACH; dy <= REACH; dy++) {
      const row = ((y + dy) & (SIDE - 1)) * SIDE;
      for (let dx = -REACH; dx <= REACH; dx++)
        this.crowding[row + ((x + dx) & (SIDE - 1))] += by * this.gaussian[dy * dy + dx * dx];
    }
  }

  copy(): Crowd {
    const copy = new Crowd();
    copy.size = this.size;
    copy.taken.set(this.taken);
    copy.crowding.set(this.crowding);
    return copy;
  }
}
