/** An image as a palette and an entry a pixel: what {@link quantizeImage} resolves with. */
import type { EngineName } from '../engine.ts';
import { encodeGif, encodePng } from './codecs.ts';
import { toAse, toCss, toGpl, toJson } from './files/palettes.ts';
import type { Pixels } from './pixels.ts';
import { deltaE } from './quality/delta-e.ts';
import { psnr } from './quality/psnr.ts';
import { ssim } from './quality/ssim.ts';

/** How near a {@link QuantizedImage} is to the original image. */
export interface Quality {
  /** Peak signal-to-noise ratio in dB; higher is nearer. */
  psnr: number;
  /** Mean structural similarity of the luma; 1 if equal. */
  ssim: number;
  /** Mean and largest CIEDE2000 of the pixels; about 1 is just noticeable. */
  deltaE: { mean: number; max: number };
}

/** An image as a palette and the palette index of every pixel: what {@link quantizeImage} resolves with. */
export class QuantizedImage {
  /** RGBA bytes, 4 per entry: locked entries first, the others sorted. */
  readonly palette: Uint8Array;
  /** One palette index per pixel, row by row; 16 bits each if there are more than 256 entries. */
  readonly indices: Uint8Array | Uint16Array;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Number of pixels of each entry. */
  readonly counts: Uint32Array;
  /** True if every pixel keeps its exact colour. */
  readonly lossless: boolean;
  /** The engine that found the nearest entries; `'none'` if every colour is an entry. */
  readonly engine: EngineName | 'none';
  /** Wall time in seconds until this image was done. */
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

  /** Number of entries of the palette. */
  get colors(): number {
    return this.palette.length / 4;
  }

  /**
   * Measures how near this is to the original: PSNR in dB, mean structural similarity (SSIM) of the luma, and
   * CIEDE2000. Computed by the first call, which takes seconds for large images and reads the original again:
   * do not change it before.
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

  /** Writes a PNG file: indexed, at the smallest bit depth for the palette; true colour above 256 entries. */
  toPng(): Promise<Uint8Array<ArrayBuffer>> {
    return encodePng(this);
  }

  /**
   * Writes a GIF file of one frame. For animations, pass several of these to `encodeGif`.
   * @throws InvalidInputError if there are more than 256 entries
   */
  toGif(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeGif([this]);
  }

  /**
   * Writes the palette as CSS custom properties: `--color-0` and so on.
   * @param prefix replaces `color`: letters, digits, - and _, beginning with a letter
   * @throws InvalidInputError for another prefix
   */
  toCss(prefix?: string): string {
    return toCss(this.palette, prefix);
  }

  /** Writes the palette as a JSON array of `#rrggbb` or `#rrggbbaa`. */
  toJson(): string {
    return toJson(this.palette);
  }

  /** Writes the palette as a GPL file, for GIMP, Inkscape and Krita. */
  toGpl(name?: string): string {
    return toGpl(this.palette, name);
  }

  /** Writes the palette as an ASE file, for Adobe's programs. */
  toAse(): Uint8Array<ArrayBuffer> {
    return toAse(this.palette);
  }

  /** Returns the image in the colours of the palette; in Node, an object with the fields of an `ImageData`. */
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
