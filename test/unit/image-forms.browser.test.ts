/** What a page has as an image, read as the same pixels; and its GPU, with the same palette. */
import { expect, test } from 'vitest';
import { quantizeImage, type ImageInput } from '../../src/image/index.ts';
import { scene } from '../support/images.ts';

const { data, width, height } = scene(48, 32);
const pixels = new ImageData(Uint8ClampedArray.from(data), width, height);

function drawn<Canvas extends HTMLCanvasElement | OffscreenCanvas>(canvas: Canvas): Canvas {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.putImageData(pixels, 0, 0);
  return canvas;
}

test.each<[string, () => ImageInput | Promise<ImageInput>]>([
  ['ImageData', () => pixels],
  ['a canvas', () => drawn(Object.assign(document.createElement('canvas'), { width, height }))],
  ['an OffscreenCanvas', () => drawn(new OffscreenCanvas(width, height))],
  ['an ImageBitmap', () => createImageBitmap(pixels)],
  ['a PNG', () => drawn(new OffscreenCanvas(width, height)).convertToBlob()],
])('%s', async (_, make) => {
  const expected = await quantizeImage({ data, width, height }, { colors: 12 });
  const result = await quantizeImage(await make(), { colors: 12 });
  expect(result.palette).toEqual(expected.palette);
  expect(result.indices).toEqual(expected.indices);
  expect(result.toImageData()).toBeInstanceOf(ImageData);
});

test('WebGPU gives the palette of the other engines, also around locked colours', async () => {
  const image = scene(48, 32, { alpha: true });
  for (const options of [{ colors: 10 }, { colors: 10, lock: ['#102030', '#f0f'] }]) {
    const [gpu, wasm] = [
      await quantizeImage(image, { ...options, engine: 'webgpu' }),
      await quantizeImage(image, { ...options, engine: 'wasm' }),
    ];
    expect(gpu.engine).toBe('webgpu');
    expect(gpu.palette).toEqual(wasm.palette);
    expect(gpu.indices).toEqual(wasm.indices);
  }
});
