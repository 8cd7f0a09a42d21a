/** Who is compared, and how each is asked. */

export type How =
  | { by: 'centroids'; space: 'srgb' | 'oklab'; threads?: number }
  | { by: 'library'; library: 'image-q' | 'gifenc' | 'rgbquant' }
  | { by: 'python'; method: 'k-means' | 'MEDIANCUT' | 'FASTOCTREE' | 'LIBIMAGEQUANT' }
  | { by: 'pngquant' };

export interface Contender {
  /** As tables call it. */
  name: string;
  how: How;
}

/** Those that goals are about. */
export const OKLAB = 'centroids';
export const SRGB = "centroids, space: 'srgb'";
export const K_MEANS = 'scikit-learn, k-means';
export const PNGQUANT = 'pngquant --speed 1 --nofs';

export const CONTENDERS: readonly Contender[] = [
  { name: OKLAB, how: { by: 'centroids', space: 'oklab' } },
  { name: SRGB, how: { by: 'centroids', space: 'srgb' } },
  { name: `${SRGB}, one thread`, how: { by: 'centroids', space: 'srgb', threads: 1 } },
  { name: K_MEANS, how: { by: 'python', method: 'k-means' } },
  { name: PNGQUANT, how: { by: 'pngquant' } },
  { name: 'Pillow, libimagequant (dithers)', how: { by: 'python', method: 'LIBIMAGEQUANT' } },
  { name: 'Pillow, median cut', how: { by: 'python', method: 'MEDIANCUT' } },
  { name: 'Pillow, fast octree', how: { by: 'python', method: 'FASTOCTREE' } },
  { name: 'image-q, wuquant', how: { by: 'library', library: 'image-q' } },
  { name: 'gifenc', how: { by: 'library', library: 'gifenc' } },
  { name: 'RgbQuant', how: { by: 'library', library: 'rgbquant' } },
];
