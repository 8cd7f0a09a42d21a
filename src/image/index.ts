/** The entry `centroids/image`: palettes for images, by exact k-means on their colours. */
export { quantizeImage } from './quantize.ts';
export { QuantizedImage } from './quantized-image.ts';
export type { Color, ImageOptions, ImageProgress, MinQuality } from './options.ts';
export type { ImageInput, Pixels } from './pixels.ts';
export type { ColorSpace } from './spaces.ts';
