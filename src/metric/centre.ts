/**
 * What a metric makes of labels: the centre of every cluster, and what the clustering costs.
 *
 * Costs are whole numbers, of the label grid like the decisions of the labels, and a centre is only
 * ever replaced by one that costs no more: so the inertia cannot rise from one iteration to the next,
 * not by a bit.
 */
import type { Clustering } from '../engine.ts';

/** A row that goes to a cluster without weight, and leaves its own. */
export interface Heir {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

export interface Centre {
  /** New centroids for these labels once the heirs have moved, and Σ W · distance from them. */
  update(
    clustering: Clustering,
    heirs: readonly Heir[],
  ): Promise<{ centroids: Float32Array; cost: number }>;
  /** Σ W · distance of the rows from their centroids, in the units of the result. */
  cost(clustering: Clustering): Promise<number>;
}
