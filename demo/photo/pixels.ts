/**
 * A photo as points, and back. Every colour counts once, with its pixels as weight: the same
 * problem as all pixels are, in far fewer rows.
 *
 * Memory: 64 MB for a table of all 2^24 colours, kept by the caller between photos.
 */

export interface ColourCount {
  /** Rows × 3: red, green, blue; in rising order, so that the same photo gives the same bits. */
  colours: Uint8Array<ArrayBuffer>;
  /** Pixels of each. */
  counts: Uint32Array;
  /** Visible pixels in all. */
  pixels: number;
}

/** One place for every colour there can be. */
export const colourTable = () => new Uint32Array(1 << 24);

/** Counts the colours of RGBA pixels; leaves the row of each in `table`. Invisible pixels have none. */
export function countColours(rgba: Uint8ClampedArray, table: Uint32Array): ColourCount {
  table.fill(0);
  let unique = 0;
  let pixels = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    if (rgba[at + 3] === 0) continue;
    pixels++;
    const colour = (rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2];
    if (table[colour]++ === 0) unique++;
  }
  const colours = new Uint8Array(3 * unique);
  const counts = new Uint32Array(unique);
  let row = 0;
  for (let colour = 0; colour < table.length; colour++) {
    if (table[colour] === 0) continue;
    colours[3 * row] = colour >> 16;
    colours[3 * row + 1] = colour >> 8;
    colours[3 * row + 2] = colour;
    counts[row] = table[colour];
    table[colour] = row++;
  }
  return { colours, counts, pixels };
}

/** The photo with every pixel in the colour of its cluster (k × 3); opacity stays. */
export function paint(
  rgba: Uint8ClampedArray,
  table: Uint32Array,
  labels: Uint32Array,
  palette: Uint8ClampedArray,
): Uint8ClampedArray<ArrayBuffer> {
  const painted = new Uint8ClampedArray(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    if (rgba[at + 3] === 0) continue;
    const colour = (rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2];
    const from = 3 * labels[table[colour]];
    painted[at] = palette[from];
    painted[at + 1] = palette[from + 1];
    painted[at + 2] = palette[from + 2];
    painted[at + 3] = rgba[at + 3];
  }
  return painted;
}

/** Peak signal-to-noise ratio in dB over all visible pixels; Infinity where nothing changed. */
export function signalToNoise(
  { colours, counts, pixels }: ColourCount,
  labels: Uint32Array,
  palette: Uint8ClampedArray,
): number {
  let squares = 0;
  for (let row = 0; row < counts.length; row++)
    for (let t = 0; t < 3; t++)
      squares += counts[row] * (colours[3 * row + t] - palette[3 * labels[row] + t]) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / (3 * pixels)));
}
