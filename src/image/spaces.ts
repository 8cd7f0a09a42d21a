/**
 * Colour spaces: bytes of sRGB ↔ coordinates in which distances are measured.
 *
 * Where alpha takes part, coordinates are premultiplied by it and alpha itself is the fourth column, on the
 * scale of lightness: what is nearly transparent is nearly the same, whatever its colour.
 *
 * Sources: IEC 61966-2-1 (sRGB), CIE 15 (CIELAB, white D65), B. Ottosson, "A perceptual color space for
 * image processing", 2020 (OKLab). Coordinates are float32: `Math.pow` and `Math.cbrt` may differ in
 * their last bit from one JavaScript engine to another, which float32 hides nearly always, and the same
 * JavaScript engine gives the same bits every time.
 */

/**
 * Colour spaces in which distances are measured. `'srgb'`: the bytes themselves, 0 to 255. `'linear-rgb'`:
 * linear light, 0 to 1. `'oklab'`: OKLab with L from 0 to 1, and a and b multiplied by 1.5. `'lab'`: CIELAB with
 * the white D65, L from 0 to 100.
 */
export type ColorSpace = 'srgb' | 'linear-rgb' | 'oklab' | 'lab';

export const SPACES: readonly ColorSpace[] = ['srgb', 'linear-rgb', 'oklab', 'lab'];

/** Linear light of every sRGB byte, 0 to 1. */
export const LINEAR: Float64Array = Float64Array.from({ length: 256 }, (_, byte) => {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

/** The sRGB byte (0..255, rounded, clamped) of linear light. */
export function toByte(linear: number): number {
  return Math.max(0, Math.min(255, Math.round(encoded(linear) * 255)));
}

/** Coordinates of colours: row-major, 3 columns, or 4 with alpha. */
export interface Coordinates {
  data: Float32Array;
  rows: number;
  columns: 3 | 4;
}

/** Flat coordinates, so many columns of them. */
export function coordinates(data: Float32Array, columns: 3 | 4): Coordinates {
  return { data, rows: data.length / columns, columns };
}

/** What alpha 255 is worth as a column: as much as white's lightness. */
export const FULL: Record<ColorSpace, number> = { srgb: 255, 'linear-rgb': 1, oklab: 1, lab: 100 };

/** Whether some of these RGBA colours is not opaque. */
export function hasAlpha(rgba: ArrayLike<number>): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] < 255) return true;
  return false;
}

/** Coordinates of RGBA colours in a space; with alpha as a premultiplied fourth column where `alpha`. */
export function toSpace(
  rgba: ArrayLike<number>,
  space: ColorSpace,
  alpha: boolean = hasAlpha(rgba),
): Coordinates {
  const columns = alpha ? 4 : 3;
  const count = rgba.length / 4;
  const data = new Float32Array(count * columns);
  const write = FROM_LIGHT[space];
  const point = new Float64Array(3);
  for (let i = 0, from = 0, at = 0; i < count; i++, from += 4, at += columns) {
    // Bytes of sRGB are points as they are.
    if (space === 'srgb') for (let t = 0; t < 3; t++) point[t] = rgba[from + t];
    else write(LINEAR[rgba[from]], LINEAR[rgba[from + 1]], LINEAR[rgba[from + 2]], point);
    const share = alpha ? rgba[from + 3] / 255 : 1;
    data[at] = point[0] * share;
    data[at + 1] = point[1] * share;
    data[at + 2] = point[2] * share;
    if (alpha) data[at + 3] = share * FULL[space];
  }
  return coordinates(data, columns);
}

/** The RGBA bytes nearest to coordinates: rounded, drawn in to the gamut. Transparent ones are all zero. */
export function fromSpace(
  { data, columns }: { data: ArrayLike<number>; columns: number },
  space: ColorSpace,
): Uint8Array {
  const count = data.length / columns;
  const rgba = new Uint8Array(count * 4);
  const read = READERS[space];
  for (let i = 0, from = 0, at = 0; i < count; i++, from += columns, at += 4) {
    const share = columns === 4 ? Math.max(0, Math.min(1, data[from + 3] / FULL[space])) : 1;
    const alpha = Math.round(share * 255);
    if (alpha === 0) continue;
    read(data[from] / share, data[from + 1] / share, data[from + 2] / share, rgba, at);
    rgba[at + 3] = alpha;
  }
  return rgba;
}

/**
 * What a and b of OKLab are multiplied by. Straight OKLab gives lightness more weight than an eye does:
 * CSS Color HDR's ΔEOK2 doubles a and b for that. Mean CIEDE2000 of photos (china.jpg, 16 and 256 colours)
 * was 6.40 and 2.44 with a factor of 1, 5.83 and 2.25 with 1.5, 5.40 and 2.15 with 2; their SSIM
 * 0.952 and 0.990, 0.938 and 0.985, 0.929 and 0.981. 1.5 is where SSIM is still as in sRGB.
 */
const CHROMA = 1.5;

/** Writes the point of a colour in linear light, which may lie outside of the gamut. */
export type LightWriter = (r: number, g: number, b: number, out: Float64Array) => void;
type Reader = (x: number, y: number, z: number, out: Uint8Array, at: number) => void;

/** From linear light, 0 to 1, to the points of each space. */
export const FROM_LIGHT: Record<ColorSpace, LightWriter> = {
  srgb(r, g, b, out) {
    out[0] = 255 * encoded(r);
    out[1] = 255 * encoded(g);
    out[2] = 255 * encoded(b);
  },
  'linear-rgb'(r, g, b, out) {
    out[0] = r;
    out[1] = g;
    out[2] = b;
  },
  oklab(r, g, b, out) {
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    out[0] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
    out[1] = CHROMA * (1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s);
    out[2] = CHROMA * (0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s);
  },
  lab(r, g, b, out) {
    const x = labRoot((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE_X);
    const y = labRoot(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = labRoot((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / WHITE_Z);
    out[0] = 116 * y - 16;
    out[1] = 500 * (x - y);
    out[2] = 200 * (y - z);
  },
};

/** The curve of sRGB, 0 to 1, mirrored for what is below 0. */
function encoded(light: number): number {
  if (light < 0) return -encoded(-light);
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

const READERS: Record<ColorSpace, Reader> = {
  srgb(r, g, b, out, at) {
    out[at] = Math.max(0, Math.min(255, Math.round(r)));
    out[at + 1] = Math.max(0, Math.min(255, Math.round(g)));
    out[at + 2] = Math.max(0, Math.min(255, Math.round(b)));
  },
  'linear-rgb': writeLinear,
  oklab(L, y, z, out, at) {
    const a = y / CHROMA;
    const b = z / CHROMA;
    const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
    writeLinear(
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
      out,
      at,
    );
  },
  lab(L, a, b, out, at) {
    const root = (L + 16) / 116;
    const x = labCube(root + a / 500) * WHITE_X;
    const y = labCube(root);
    const z = labCube(root - b / 200) * WHITE_Z;
    writeLinear(
      3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
      -0.969266 * x + 1.8760108 * y + 0.041556 * z,
      0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
      out,
      at,
    );
  },
};

function writeLinear(r: number, g: number, b: number, out: Uint8Array, at: number): void {
  out[at] = toByte(r);
  out[at + 1] = toByte(g);
  out[at + 2] = toByte(b);
}

/** D65; Y is 1. */
const WHITE_X = 0.95047;
const WHITE_Z = 1.08883;
const LAB_EDGE = 6 / 29;

/** Mirrored for what is below 0, as the cube root is: the straight part would run away there. */
function labRoot(t: number): number {
  if (t < 0) return 8 / 29 - labRoot(-t);
  return t > LAB_EDGE ** 3 ? Math.cbrt(t) : t / (3 * LAB_EDGE ** 2) + 4 / 29;
}

function labCube(t: number): number {
  return t > LAB_EDGE ? t ** 3 : 3 * LAB_EDGE ** 2 * (t - 4 / 29);
}

/** Ends of what coordinates of a space may be, of bytes: two rows that a grid can be made to hold. */
export function boundsOf(space: ColorSpace, alpha: boolean): Coordinates {
  const [low, high] = BOUNDS[space];
  return alpha
    ? coordinates(Float32Array.of(...low, 0, ...high, FULL[space]), 4)
    : coordinates(Float32Array.of(...low, ...high), 3);
}

const BOUNDS: Record<ColorSpace, readonly [readonly number[], readonly number[]]> = {
  srgb: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  'linear-rgb': [
    [0, 0, 0],
    [1, 1, 1],
  ],
  oklab: [
    [0, -0.36, -0.48],
    [1.01, 0.42, 0.3],
  ],
  lab: [
    [0, -87, -109],
    [100.1, 100, 96],
  ],
};
