/** An image as a palette and an entry a pixel: what {@link quantizeImage} resolves with. */
import type { EngineName } from '../engine.ts';
import type { Pixels } from './pixels.ts';

export class QuantizedImage {
  /** RGBA bytes, 4 an entry: locked ones first, the others sorted. */
  readonly palette: Uint8Array;
  /** The entry of every pixel, row by row: 16 bits wide where there are more than 256. */
  readonly indices: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
  /** Pixels of each entry. */
  readonly counts: Uint32Array;
  /** True where every pixel has its own colour. */
  readonly lossless: boolean;
  /** The engine that found the nearest entries. */
  readonly engine: EngineName;
  /** Wall time until this image was done. */
  readonly seconds: number;

  /** @internal */
  constructor(
    { width, height }: Pixels,
    palette: Uint8Array,
    indices: Uint8Array | Uint16Array,
    { lossless, engine, seconds }: { lossless: boolean; engine: EngineName; seconds: number },
  ) {
    this.palette = palette;
    this.indices = indices;
    this.width = width;
    this.height = height;
    this.lossless = lossless;
    this.engine = engine;
    this.seconds = seconds;
    this.counts = new Uint32Array(palette.length / 4);
    for (let i = 0; i < indices.length; i++) this.counts[indices[i]]++;
  }

  /** Entries of the palette. */
  get colors(): number {
    return this.palette.length / 4;
  }

  /** The image in the palette's colours; where there is no ImageData (Node) an object like it. */
  toImageData(): ImageData {
    const { width, height, indices } = this;
    const data = new Uint8ClampedArray(4 * indices.length);
    const colors = new Uint32Array(this.palette.slice().buffer);
    const pixels = new Uint32Array(data.buffer);
    for (let i = 0; i < indices.length; i++) pixels[i] = colors[indices[i]];
    return typeof ImageData === 'undefined'
      ? { data, width, height, colorSpace: 'srgb' }
      : new ImageData(data, width, height);
  }
}
