/** The public surface of `centroids`. */
export { kmeans, type KMeansResult } from './kmeans.ts';
export type { KMeansOptions, Progress } from './options.ts';
export {
  matrix,
  type ArrowLike,
  type GpuMatrix,
  type Matrix,
  type NumericArray,
  type Points,
  type PointSource,
} from './matrix.ts';
export { engines, openEngine, type EngineInfo, type EngineOptions } from './ladder.ts';
export { explain, type Explanation } from './explain.ts';
export type { Engine, EngineName, IterationRecord } from './engine.ts';
export {
  blobs,
  gaussianBoard,
  uniformBoard,
  type BlobOptions,
  type BoardOptions,
} from './boards/index.ts';
export {
  adjustedRandIndex,
  calinskiHarabasz,
  centroidIndex,
  daviesBouldin,
  homogeneityCompletenessV,
  normalizedMutualInformation,
  silhouette,
  silhouetteSamples,
  type HomogeneityCompletenessV,
  type Labels,
  type SampleOptions,
  type SilhouetteEstimate,
  type SilhouetteOptions,
} from './scores/index.ts';
export {
  DeviceLostError,
  EmptyClusterError,
  EngineUnavailableError,
  GpuError,
  InvalidInputError,
  KMeansError,
  NotSupportedError,
  OutOfMemoryError,
  type KMeansErrorCode,
} from './errors.ts';
