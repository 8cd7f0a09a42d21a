/**
 * Centres under the cosine metric: the direction of the mean of a cluster's unit rows, from the exact
 * sums of the engine. Its cost Σ W · (1 − cos) is ½ Σ W · ‖x − c‖², in integers (unit-rows.ts).
 *
 * The direction is found in f64, columns added in order, by square root and division alone, which
 * round the same everywhere. A mean of zero has no direction: the centre stays. So it does where the
 * new one, rounded to the grid, would cost more than the old.
 *
 * Source: I. S. Dhillon and D. S. Modha, "Concept Decompositions for Large Sparse Text Data Using
 * Clustering", Machine Learning 42, 2001.
 */
import type { Clustering } from '../engine.ts';
import { explained, LABEL_BITS, powerOfTwo, toLabelGrid, toSumGrid } from '../grid.ts';
import type { LaidPoints } from '../laid-points.ts';
import type { Centre, Heir } from './centre.ts';
import { toUnitGrid } from './unit-rows.ts';

type Sums = Pick<Clustering, 'sums' | 'counts'>;

export class Directions implements Centre {
  readonly #points: LaidPoints;
  readonly #pause: () => Promise<void> | undefined;
  /** Bits that a column's sums have below the label grid. */
  readonly #surplus: readonly bigint[];
  /** Σ W‖q‖² of all rows. */
  readonly #squares: bigint;

  constructor(points: LaidPoints, pause: () => Promise<void> | undefined) {
    this.#points = points;
    this.#pause = pause;
    const { columnExponents, squares } = points.grid;
    this.#surplus = Array.from(columnExponents, (e) => BigInt(1 - e));
    this.#squares = squares.reduce(
      (sum, square, t) => sum + (square >> (2n * this.#surplus[t])),
      0n,
    );
  }

  async update(clustering: Clustering, heirs: readonly Heir[]) {
    const { columns } = this.#points.grid;
    const found = heirs.length > 0 ? await this.#moved(clustering, heirs) : clustering;
    const centroids = clustering.centroids.slice();
    let taken = 0n;
    for (let j = 0; j < found.counts.length; j++) {
      const at = j * columns;
      const mean = this.#mean(found, j);
      const weight = found.counts[j];
      const old = clustering.centroids.subarray(at, at + columns);
      const next = direction(mean) ?? old;
      const before = gain(old, mean, weight);
      const after = gain(next, mean, weight);
      if (after >= before) centroids.set(next, at);
      taken += after >= before ? after : before;
      await this.#pause();
    }
    return { centroids, cost: this.#costLess(taken) };
  }

  async cost(clustering: Clustering): Promise<number> {
    const { columns } = this.#points.grid;
    let taken = 0n;
    for (let j = 0; j < clustering.counts.length; j++) {
      const own = clustering.centroids.subarray(j * columns, (j + 1) * columns);
      taken += gain(own, this.#mean(clustering, j), clustering.counts[j]);
      await this.#pause();
    }
    return this.#costLess(taken);
  }

  /** Σ W·q of a cluster. */
  #mean({ sums }: Sums, cluster: number): bigint[] {
    return this.#surplus.map((bits, t) => sums[cluster * this.#surplus.length + t] >> bits);
  }

  /** Sums and counts once the heirs have moved. */
  async #moved({ sums, counts }: Sums, heirs: readonly Heir[]): Promise<Sums> {
    const { columns, weights, columnExponents } = this.#points.grid;
    const values = await this.#points.gather(Uint32Array.from(heirs, ({ row }) => row));
    const moved = { sums: sums.slice(), counts: counts.slice() };
    heirs.forEach(({ row, from, to }, index) => {
      const weight = weights ? weights[row] : 1;
      moved.counts[from] -= weight;
      moved.counts[to] += weight;
      for (let t = 0; t < columns; t++) {
        const p = toSumGrid(values[index * columns + t], columnExponents[t]);
        moved.sums[from * columns + t] -= BigInt(p) * BigInt(weight);
        moved.sums[to * columns + t] += BigInt(p) * BigInt(weight);
      }
    });
    return moved;
  }

  /** Half of what is left of Σ W‖q‖². */
  #costLess(taken: bigint): number {
    return (
      Number(this.#squares - taken) *
      powerOfTwo(-2 * LABEL_BITS - 1) *
      powerOfTwo(-this.#points.grid.weightExponent)
    );
  }
}

/** The unit vector along Σ W·q, or null where that is zero. */
function direction(sum: readonly bigint[]): Float32Array | null {
  const mean = sum.map(Number);
  const square = mean.reduce((total, m) => total + m * m, 0);
  if (square === 0) return null;
  const length = Math.sqrt(square);
  return Float32Array.from(mean, (m) => toUnitGrid(m / length));
}

/** What a centroid takes off Σ W‖q‖² of its rows: Σ_t 2·g·ΣWq − ΣW·g². */
function gain(centroid: Float32Array, sum: readonly bigint[], weight: number): bigint {
  let total = 0n;
  for (let t = 0; t < sum.length; t++) total += explained(toLabelGrid(centroid[t]), sum[t], weight);
  return total;
}
