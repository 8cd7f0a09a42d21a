/** Dithers of a few colours, and what a dozen colours become in each space. */
import { quantizeImage, type ColorSpace, type Dither, type QuantizedImage } from 'centroids/image';
import { card, panelOf, plane, sideOf, type Panel } from './draw/draw.ts';

const DITHERS: [Dither, string][] = [
  ['none', 'the nearest'],
  ['floyd-steinberg', 'error passed on'],
  ['atkinson', 'three quarters of it'],
  ['bayer', 'a pattern'],
  ['blue-noise', 'noise without clumps'],
];

const SPACES: [ColorSpace, string][] = [
  ['oklab', 'as the eye sees'],
  ['srgb', 'as bytes are'],
  ['linear-rgb', 'as light adds up'],
  ['lab', 'as ΔE was made for'],
];

/** A slope of light over two hues. */
const slope = image(42, 32, (x, y) => [90 + 165 * x, 60 + 150 * x * y, 40 + 140 * (1 - y)]);
/** All hues, from dark to light. */
const hues = image(60, 36, (x, y) =>
  [0, 1, 2].map((channel) => {
    const hue = Math.min(1, Math.max(0, Math.abs(((6 * x + 6 - 2 * channel) % 6) - 3) - 1));
    return y < 0.5 ? 510 * y * hue : 255 * (hue + (1 - hue) * (2 * y - 1));
  }),
);

export async function picture(): Promise<string> {
  const dithered: Panel[] = [];
  for (const [dither, words] of DITHERS)
    dithered.push(
      panel(await quantizeImage(slope, { colors: 5, dither }), DITHERS.length, [dither, words]),
    );
  const mapped: Panel[] = [];
  for (const [space, words] of SPACES)
    mapped.push(
      panel(await quantizeImage(hues, { colors: 12, space }), SPACES.length, [space, words]),
    );
  return card('Five colours dithered, and twelve colours chosen in four spaces', dithered, mapped);
}

function image(width: number, height: number, colour: (x: number, y: number) => number[]) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4)
      data.set([...colour(x / (width - 1), y / (height - 1)).map(Math.round), 255], at);
  return { data, width, height };
}

/** Pixels as strokes, a path a colour: runs of a row in one. */
function panel(image: QuantizedImage, panels: number, caption: string[]): Panel {
  const { width, height, palette, indices } = image;
  const side = sideOf(panels);
  const on = plane(side, (side * height) / width, [0, width], [0, height]);
  const paths = Array.from({ length: image.colors }, () => '');
  for (let y = 0; y < height; y++)
    for (let x = 0, end = 1; x < width; x = end, end++) {
      const entry = indices[y * width + x];
      while (end < width && indices[y * width + end] === entry) end++;
      paths[entry] += `M${x} ${y}h${end - x}`;
    }
  const body = paths.map((path, entry) => {
    const colour = [...palette.subarray(4 * entry, 4 * entry + 3)]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
    return `<path d="${path}" stroke="#${colour}"/>`;
  });
  // a little over one wide, so that no seams show between rows
  const scale = side / width;
  const group = `<g transform="scale(${scale.toFixed(4)}) translate(0 .5)" stroke-width="1.05" stroke-linecap="butt">`;
  return panelOf(on, [group, ...body, '</g>'], caption);
}
