/** Scores: how well clusters lie apart, and how well two clusterings agree. */
export {
  adjustedRandIndex,
  homogeneityCompletenessV,
  normalizedMutualInformation,
  type HomogeneityCompletenessV,
} from './agreement.ts';
export { centroidIndex } from './centroid-index.ts';
export { calinskiHarabasz, daviesBouldin } from './dispersion.ts';
export type { Labels } from './labels.ts';
export {
  silhouette,
  silhouetteSamples,
  type SampleOptions,
  type SilhouetteEstimate,
  type SilhouetteOptions,
} from './silhouette.ts';
export type { WeightOptions } from './weights.ts';
