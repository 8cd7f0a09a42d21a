/** Our PNG files in Chromium: every pixel as it was meant, translucent ones too. */
import { expect, it } from 'vitest';
import { encodePng } from '../../src/image/files/png.ts';
import { pixelsOf, PNG_CASES } from './png-cases.ts';

/** WebCodecs, which TypeScript's own types leave half out. */
declare const ImageDecoder: new (options: {
  data: Uint8Array;
  type: string;
  premultiplyAlpha: 'none';
  colorSpaceConversion: 'none';
}) => { decode(): Promise<{ image: VideoFrame }> };

it.each(PNG_CASES)('$name', async ({ width, height, palette, indices, ...rest }) => {
  const data = await encodePng(indices, width, height, palette);
  // Not a canvas: it multiplies colours by alpha, and what comes back is rounded. Nor does copyTo
  // convert formats without that: its bytes are taken in the order that they have.
  const { image } = await new ImageDecoder({
    ...{ data, type: 'image/png', premultiplyAlpha: 'none', colorSpaceConversion: 'none' },
  }).decode();
  expect([image.displayWidth, image.displayHeight]).toEqual([width, height]);
  expect(image.format).toMatch(/^BGR[AX]$/); // X: opaque
  const bgra = new Uint8Array(4 * width * height);
  await image.copyTo(bgra, { layout: [{ offset: 0, stride: 4 * width }] });
  image.close();
  const rgba = bgra.map((_, at) => bgra[at % 4 === 0 ? at + 2 : at % 4 === 2 ? at - 2 : at]);
  expect([...rgba]).toEqual([...pixelsOf({ width, height, palette, indices, ...rest })]);
});
