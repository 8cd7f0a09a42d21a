/**
 * The centroid index: how many clusters are in the wrong place.
 *
 * Source: P. Fränti, M. Rezaei, Q. Zhao, "Centroid index: Cluster level similarity measure", Pattern
 * Recognition 47, 2014. Float64.
 */
import { refuse } from '../errors.ts';
import { squaredDistance, toRows, type Points, type Rows } from '../matrix.ts';
import { refuseInfinite } from './labels.ts';

/**
 * Counts the clusters of one solution that have no counterpart in another; 0 means that the solutions agree
 * at the level of clusters. Every centroid points to the nearest one of the other solution; those that none
 * points to are orphans. The index is the number of orphans in the direction that has more.
 *
 * Source: P. Fränti, M. Rezaei, Q. Zhao, "Centroid index: Cluster level similarity measure", Pattern
 * Recognition 47, 2014 (CI₂).
 *
 * @param centroids of one solution, k × columns
 * @param others of another solution, or the true ones, as many columns; k may differ
 * @throws InvalidInputError
 */
export function centroidIndex(centroids: Points, others: Points): number {
  const a = toRows(centroids, 'centroids');
  const b = toRows(others, 'others');
  if (a.columns !== b.columns)
    refuse('others.columns', b.columns, `${a.columns}, as in centroids`, 'Compare like with like.');
  refuseInfinite(a, 'centroids');
  refuseInfinite(b, 'others');
  return Math.max(orphans(a, b), orphans(b, a));
}

/** Rows of `to` that are nearest to no row of `from`; of equally near ones the lowest counts. */
function orphans(from: Rows, to: Rows): number {
  const { columns } = from;
  const chosen = new Set<number>();
  for (let i = 0; i < from.rows; i++) {
    let nearest = 0;
    let least = Infinity;
    for (let j = 0; j < to.rows; j++) {
      const distance = squaredDistance(from.data, i * columns, to.data, j * columns, columns);
      if (distance >= least) continue;
      least = distance;
      nearest = j;
    }
    chosen.add(nearest);
  }
  return to.rows - chosen.size;
}
