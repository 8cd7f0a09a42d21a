/** The palette on the screen as a reader would ask for it. */
import type { QuantizeRequest } from './messages.ts';

export function snippet({ colours, space, dither, sort, lock, seed }: QuantizeRequest): string {
  const options = [
    `colors: ${colours}`,
    ...(space === 'oklab' ? [] : [`space: '${space}'`]),
    ...(dither === 'none' ? [] : [`dither: '${dither}'`]),
    ...(sort === 'use' ? [] : [`sort: '${sort}'`]),
    ...(lock.length === 0 ? [] : [`lock: [${lock.map((colour) => `'${colour}'`).join(', ')}]`]),
    `seed: ${seed}`,
  ];
  return [
    "import { quantizeImage } from 'centroids/image';",
    '',
    '// bytes of a PNG or JPEG, an ImageBitmap, a canvas, ImageData',
    'const image = await quantizeImage(file, {',
    ...options.map((option) => `  ${option},`),
    '});',
    'const png = await image.toPng();',
    'const css = image.toCss();',
  ].join('\n');
}
