/**
 * k-means clustering on the GPU and on the CPU, with the same bits on every engine: `kmeans`, estimators with
 * scikit-learn's methods, codebooks, scores, a choice of k, test data, and engines.
 * @module centroids
 */
export { kmeans, type KMeansResult } from './kmeans.ts';
export type { GpuResult } from './gpu-result.ts';
export type { Checkpoint, KMeansOptions, Progress } from './options.ts';
export type { LabelledPart, StreamResult } from './out-of-core/stream-result.ts';
export {
  matrix,
  type ArrowLike,
  type ImageLike,
  type GpuMatrix,
  type Matrix,
  type NdarrayLike,
  type NumericArray,
  type Points,
  type PointSource,
} from './matrix.ts';
export {
  chooseK,
  type ChooseKOptions,
  type ChooseKProgress,
  type ChosenK,
  type Criterion,
  type KScore,
  type Votes,
} from './choose-k/index.ts';
export { KMeans, type KMeansEstimatorOptions, type SavedKMeans } from './estimators/kmeans.ts';
export {
  MiniBatchKMeans,
  type MiniBatchKMeansOptions,
  type SavedMiniBatchKMeans,
} from './estimators/mini-batch.ts';
export {
  BisectingKMeans,
  type BisectingKMeansOptions,
  type SavedBisectingKMeans,
} from './estimators/bisecting.ts';
export type { FitOptions, PredictOptions, ScoreOptions } from './estimators/estimator.ts';
export { engines, openEngine, type EngineInfo, type EngineOptions } from './ladder.ts';
export { explain, type Explanation } from './explain.ts';
export type { Engine, EngineName, IterationRecord, KernelSizes, TuningOption } from './engine.ts';
export {
  Codebook,
  type CodebookOptions,
  type Encoded,
  type DistortionOptions,
  type EncodeOptions,
} from './codebook/codebook.ts';
export {
  blobs,
  blobsChunks,
  gaussianBoard,
  gaussianBoardChunks,
  moons,
  moonsChunks,
  rings,
  ringsChunks,
  uniformBoard,
  uniformBoardChunks,
  type BlobOptions,
  type Board,
  type BoardOptions,
  type BoardSource,
  type ChunkOptions,
  type CurveOptions,
  type UniformOptions,
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
  type WeightOptions,
} from './scores/index.ts';
export {
  CheckpointError,
  DeviceLostError,
  EmptyClusterError,
  EngineUnavailableError,
  GpuError,
  InvalidFileError,
  InvalidInputError,
  KMeansError,
  NotFittedError,
  NotSupportedError,
  OutOfMemoryError,
  type KMeansErrorCode,
} from './errors.ts';
