/**
 * The entry `centroids/vq`: the functions of SciPy's `scipy.cluster.vq`, with its names, options and quirks.
 * @module centroids/vq
 */
export { whiten, type WhitenOptions } from './whiten.ts';
export { vq, type VqOptions, type VqResult } from './vq.ts';
export { kmeans, type VqKMeansOptions, type VqKMeansResult } from './kmeans.ts';
export { kmeans2, type KMeans2Options, type KMeans2Result } from './kmeans2.ts';
export type { DoubleMatrix, Observations } from './observations.ts';
