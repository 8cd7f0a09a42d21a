/** An image as a palette and an entry a pixel: what {@link quantizeImage} resolves with. */
import type { EngineName } from '../engine.ts';
import { encodeGif, encodePng } from './codecs.ts';
import { toAse, toCss, toGpl, toJson } from './files/palettes.ts';
import type { Pixels } from './pixels.ts';
import { deltaE } from './quality/delta-e.ts';
import { psnr } from './quality/psnr.ts';
import { ssim } from './quality/ssim.ts';

/** Of a {@link QuantizedImage} beside its image. */
export interface Quality {
  psnr: number;
  ssim: number;
  deltaE: { mean: number; max: number };
}

/** What {@link quantizeImage} resolves with: an image as a palette and an index a pixel. */
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
  /** The engine that found the nearest entries; `'none'` where every colour is an entry. */
  readonly engine: EngineName | 'none';
  /** Wall time until this image was done. */
  readonly seconds: number;

  readonly #image: Pixels;
  #quality: Promise<Quality> | undefined;

  /** @internal */
  constructor(
    image: Pixels,
    palette: Uint8Array,
    indices: Uint8Array | Uint16Array,
    {
      lossless,
      engine,
      seconds,
    }: { lossless: boolean; engine: EngineName | 'none'; seconds: number },
  ) {
    const { width, height } = image;
    this.#image = image;
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

  /**
   * How near this is to the image: PSNR in dB, mean structural similarity of the luma, CIEDE2000. Worked
   * out at the first call, in some seconds for large images; the image must not have changed until then.
   */
  quality(options: { signal?: AbortSignal } = {}): Promise<Quality> {
    if (this.#quality) return this.#quality;
    const made = painted(this, this.palette, this.indices);
    this.#quality = Promise.all([
      psnr(this.#image, made, options),
      ssim(this.#image, made, options),
      deltaE(this.#image, made, options),
    ]).then(([psnr, ssim, deltaE]) => ({ psnr, ssim, deltaE }));
    this.#quality.catch(() => (this.#quality = undefined));
    return this.#quality;
  }

  /** A PNG file, indexed at the smallest depth that holds the palette; true colour above 256 entries. */
  toPng(): Promise<Uint8Array<ArrayBuffer>> {
    return encodePng(this);
  }

  /** A GIF file of one frame; up to 256 entries. For moving ones see `encodeGif`, which takes these as frames. */
  toGif(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeGif([this]);
  }

  /** CSS custom properties, `--color-0` and so on. */
  toCss(prefix?: string): string {
    return toCss(this.palette, prefix);
  }

  /** A JSON array of `#rrggbb` or `#rrggbbaa`. */
  toJson(): string {
    return toJson(this.palette);
  }

  /** A palette for GIMP, Inkscape and Krita. */
  toGpl(name?: string): string {
    return toGpl(this.palette, name);
  }

  /** A palette for Adobe's programs. */
  toAse(): Uint8Array<ArrayBuffer> {
    return toAse(this.palette);
  }

  /** The image in the palette's colours; where there is no ImageData (Node) an object like it. */
  toImageData(): ImageData & Painted {
    const { data, width, height } = painted(this, this.palette, this.indices);
    return typeof ImageData === 'undefined'
      ? { data, width, height, colorSpace: 'srgb' }
      : new ImageData(data, width, height);
  }
}

/** RGBA bytes of an image of one's own. */
interface Painted {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** The bytes of indices into a palette. */
export function painted(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  palette: Uint8Array,
  indices: Uint8Array | Uint16Array,
): Painted {
  const data = new Uint8ClampedArray(4 * indices.length);
  const colors = new Uint32Array(palette.slice().buffer);
  const pixels = new Uint32Array(data.buffer);
  for (let i = 0; i < indices.length; i++) pixels[i] = colors[indices[i]];
  return { data, width, height };
}
