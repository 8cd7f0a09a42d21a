/** What two runs have in common that have the same bits: all of a result but where and how fast it ran. */
import type { KMeansResult } from '../../src/index.ts';

export function told(result: KMeansResult) {
  const { seconds: _, engine: __, algorithm: ___, predict: ____, ...rest } = result;
  // the hash says more of them, and sooner
  const { labels: _____, centroids, ...others } = rest;
  return { ...others, rows: centroids.rows };
}
