/**
 * The entry `centroids/image`: palettes for images and videos, by exact k-means on their colours; dithering,
 * PNG, JPEG and GIF files, and measures of image quality.
 * @module centroids/image
 */
export { quantizeImage } from './quantize.ts';
export { quantizeFrames, type FrameOptions } from './frames.ts';
export { QuantizedImage, type Quality } from './quantized-image.ts';
export type { Color, ImageOptions, ImageProgress, MinQuality } from './options.ts';
export type { ImageInput, Pixels } from './pixels.ts';
export type { Dither } from './dither/index.ts';
export type { ColorSpace } from './spaces.ts';
export { deltaE, deltaE2000 } from './quality/delta-e.ts';
export { psnr } from './quality/psnr.ts';
export { ssim } from './quality/ssim.ts';
export { decodeImage, encodeGif } from './codecs.ts';
export type { GifFrame, GifOptions } from './files/gif.ts';
export type { DecodeOptions } from './files/decode.ts';
