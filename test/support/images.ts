/** Images that tests make themselves: seeded, small, with as many colours as a photo of their size has. */
import type { Pixels } from '../../src/image/index.ts';
import { pcg32 } from '../../src/rng.ts';

/** Soft gradients under noise; with `alpha` the upper left corner fades out. */
export function scene(width: number, height: number, { seed = 1, alpha = false } = {}): Pixels {
  const random = pcg32(seed);
  const data = new Uint8Array(4 * width * height);
  const byte = (v: number) => Math.max(0, Math.min(255, Math.round(v + 8 * (random() - 0.5))));
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      data[at++] = byte(230 * u);
      data[at++] = byte(200 * v * (1 - u) + 40);
      data[at++] = byte(120 + 110 * Math.sin(6 * u * v));
      data[at++] = alpha ? Math.min(255, Math.round(600 * Math.max(0, u + v - 0.2))) : 255;
    }
  return { data, width, height };
}

/** Pixels of these colours (bytes r, g, b or r, g, b, a), as many to a row as there are. */
export function pixelsOf(colors: readonly (readonly number[])[]): Pixels {
  const data = Uint8Array.from(colors.flatMap(([r, g, b, a = 255]) => [r, g, b, a]));
  return { data, width: colors.length, height: 1 };
}

/** A palette as '#rrggbb' or '#rrggbbaa'. */
export function names(palette: Uint8Array): string[] {
  return Array.from({ length: palette.length / 4 }, (_, i) => {
    const [r, g, b, a] = palette.subarray(4 * i, 4 * i + 4);
    const bytes = a === 255 ? [r, g, b] : [r, g, b, a];
    return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  });
}
