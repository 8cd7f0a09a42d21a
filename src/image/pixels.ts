/** Every accepted form of an image → bytes. */
import { refuse } from '../errors.ts';
import { decodeImage } from './codecs.ts';
import type { ImageSettings } from './options.ts';

// Programs that are compiled without the library "dom" would find errors here, or `any` as an image.
declare global {
  /* eslint-disable @typescript-eslint/no-empty-object-type -- they merge with the host's, and add nothing */
  interface HTMLCanvasElement {}
  interface ImageBitmap {}
  interface ImageData {}
  interface OffscreenCanvas {}
  /* eslint-enable @typescript-eslint/no-empty-object-type */
}

/** An image: RGBA bytes, straight alpha, sRGB, row by row. */
export interface Pixels {
  /** Red, green, blue and alpha of each pixel: 4 · width · height bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** What a canvas can draw. The size is named for programs that do not know these types. */
type Drawable = (ImageBitmap | HTMLCanvasElement | OffscreenCanvas) & {
  readonly width: number;
  readonly height: number;
};

/** The forms in which images are accepted. Bytes, ArrayBuffers and Blobs are PNG or JPEG files. */
export type ImageInput = Pixels | Drawable | Uint8Array | ArrayBuffer | Blob;

const FORMS =
  'Pass ImageData, { data, width, height } with RGBA bytes, an ImageBitmap, a canvas, or the bytes of a PNG or JPEG.';

/** Reads an image; `name` is how errors call it. @throws InvalidInputError */
export async function toPixels(
  image: ImageInput,
  name: string,
  { maxPixels, signal }: Pick<ImageSettings, 'maxPixels' | 'signal'>,
): Promise<Pixels> {
  if (typeof image !== 'object' || image === null) refuse(name, image, 'an image', FORMS);
  if (image instanceof Uint8Array || image instanceof ArrayBuffer || image instanceof Blob)
    return decodeImage(image, { ...(maxPixels && { maxPixels }), ...(signal && { signal }) });
  if ('data' in image) return checked(image, name);
  if ('width' in image && 'height' in image) return drawn(image, name);
  refuse(name, image, 'an image', FORMS);
}

function checked(image: Pixels, name: string): Pixels {
  const { data, width, height } = image;
  for (const [side, value] of Object.entries({ width, height }))
    if (!Number.isSafeInteger(value) || value < 1)
      refuse(`${name}.${side}`, value, 'a whole number ≥ 1', 'Give the size in pixels.');
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray))
    refuse(`${name}.data`, data, 'RGBA bytes', FORMS);
  if (data.length !== 4 * width * height)
    refuse(
      `${name}.data.length`,
      data.length,
      `${4 * width * height} (4 × width × height)`,
      'Give RGBA bytes, 4 a pixel.',
    );
  if ('colorSpace' in image && image.colorSpace !== 'srgb')
    refuse(
      `${name}.colorSpace`,
      image.colorSpace,
      "'srgb'",
      "Ask for it: getImageData(x, y, w, h, { colorSpace: 'srgb' }).",
    );
  return { data, width, height };
}

/** Drawn, and read back as bytes. */
function drawn(image: Drawable, name: string): Pixels {
  const { width, height } = image;
  if (typeof OffscreenCanvas === 'undefined' || width < 1 || height < 1)
    refuse(name, image, 'an image with pixels', FORMS);
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    colorSpace: 'srgb',
    willReadFrequently: true,
  })!;
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}
