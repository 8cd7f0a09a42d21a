/** What may be asked of a palette, judged once. After this file nobody checks an option again. */
import type { Engine, EngineName } from '../engine.ts';
import { refuse, refuseUnknown } from '../errors.ts';
import { judgeChoices, judgeRun, whole } from '../options.ts';
import { DITHERS, type Dither } from './dither/index.ts';
import { keysOf } from './palette.ts';
import { SPACES, type ColorSpace } from './spaces.ts';

/** A colour: `'#rgb'`, `'#rrggbb'`, `'#rrggbbaa'`, or bytes from 0 to 255: `[r, g, b]` or `[r, g, b, a]`. */
export type Color = string | ArrayLike<number>;

/** What `onProgress` of {@link quantizeImage} is given. */
export interface ImageProgress {
  /** In their order: reading the images, counting colours, clustering them, mapping pixels to entries. */
  readonly phase: 'read' | 'count' | 'cluster' | 'map';
  /** Share of all work that is done, 0 to 1. */
  readonly fraction: number;
}

/** Options of {@link quantizeImage}. */
export interface ImageOptions {
  /** Most entries of the palette, a whole number from 1 to 65 536. Default 256. */
  colors?: number;
  /**
   * Colour space in which distances are measured. Default `'oklab'`; {@link quantizeImage} says why. `'srgb'`
   * gives the best PSNR.
   */
  space?: ColorSpace;
  /** Colours that the palette must have exactly; they come first, in this order. Default: none. */
  lock?: readonly Color[];
  /** How entries are mixed for colours that the palette does not have, see {@link Dither}. Default `'none'`. */
  dither?: Dither;
  /** Strength of the dither, from 0 (none) to 1 (default). */
  ditherStrength?: number;
  /**
   * A fixed palette of 1 to 65 536 colours (or RGBA bytes): pixels are only mapped to it, and its order stays.
   * Not with `colors`, `lock`, `minDeltaE`, `minQuality`, `importance` or `sort`.
   */
  palette?: readonly Color[] | Uint8Array;
  /**
   * Least CIEDE2000 between two entries, unless both are locked; may leave fewer entries. From 0 (default) to
   * 100.
   */
  minDeltaE?: number;
  /** Use the fewest colours, up to `colors`, that reach this quality; `colors` of them if none do. */
  minQuality?: MinQuality;
  /**
   * One weight ≥ 0 per pixel (of all images, one after the other), not all zero: pixels with more weight are
   * reproduced better. Default: 1 each.
   */
  importance?: ArrayLike<number>;
  /** Order of the entries that are not locked: most pixels first (`'use'`, default), by hue, or dark to light. */
  sort?: 'use' | 'hue' | 'lightness';
  /** Seed of all random numbers: the same seed and image give the same palette on every engine. A whole number ≥ 0; default 0. */
  seed?: number;
  /** Most iterations of k-means, a whole number ≥ 1. Default 300. */
  maxIter?: number;
  /** Stop when Σ‖new − old centroid‖² ≤ tol × mean variance of the columns. A number ≥ 0; default 2e-4. */
  tol?: number;
  /** Whether to search globally for better entries: `'auto'` (default) does so up to 512 colours, where it is cheap. */
  refine?: 'auto' | 'none' | 'breathing';
  /** Where to run: `'auto'` (default) takes the best CPU engine. Or an engine's name, or an opened engine. */
  engine?: 'auto' | EngineName | Engine;
  /** Most worker threads, a whole number ≥ 1. Default: the number of cores. */
  threads?: number;
  /** Image files with more pixels are refused. Default 2^27. */
  maxPixels?: number;
  /** Aborts the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called as the work proceeds. */
  onProgress?: (progress: ImageProgress) => void;
}

/** The quality that an image must reach, as dithered; if several are given, all of them. At least one is needed. */
export interface MinQuality {
  /** Least peak signal-to-noise ratio over red, green and blue, in dB. */
  psnr?: number;
  /** Largest mean CIEDE2000. */
  deltaE?: number;
  /** Least structural similarity (SSIM), from 0 to 1. */
  ssim?: number;
}

/** Options after judging. Colours are RGBA bytes. */
export interface ImageSettings {
  readonly colors: number;
  readonly space: ColorSpace;
  readonly lock: Uint8Array;
  readonly palette: Uint8Array | null;
  readonly minDeltaE: number;
  readonly minQuality: MinQuality | null;
  readonly importance: ArrayLike<number> | null;
  readonly dither: Dither;
  readonly ditherStrength: number;
  readonly sort: 'use' | 'hue' | 'lightness';
  readonly seed: number;
  readonly maxIter: number;
  readonly tol: number;
  readonly refine: 'auto' | 'none' | 'breathing';
  readonly engine: 'auto' | EngineName | Engine;
  readonly threads: number | undefined;
  readonly maxPixels: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: ImageProgress) => void;
}

export const MOST_COLORS = 65536;

const KNOWN: readonly (keyof ImageOptions)[] = [
  'colors',
  'space',
  'lock',
  'palette',
  'dither',
  'ditherStrength',
  'minDeltaE',
  'minQuality',
  'importance',
  'sort',
  'seed',
  'maxIter',
  'tol',
  'refine',
  'engine',
  'threads',
  'maxPixels',
  'signal',
  'onProgress',
];

const CHOICES = {
  space: SPACES,
  dither: DITHERS,
  sort: ['use', 'hue', 'lightness'],
  refine: ['auto', 'none', 'breathing'],
} as const;

/** @throws InvalidInputError */
export function judgeImageOptions(options: ImageOptions = {}): ImageSettings {
  refuseUnknown(options, KNOWN);
  judgeChoices(options, CHOICES);
  judgeRun(options);
  const { colors = 256, seed = 0, maxIter = 300, tol = 2e-4, minDeltaE = 0 } = options;
  const { dither = 'none', ditherStrength = 1 } = options;
  colorCount(colors);
  if (options.maxPixels !== undefined) whole('maxPixels', options.maxPixels, 1);
  number('minDeltaE', minDeltaE, 0, 100, 'Use 0 for no least difference.');
  number('ditherStrength', ditherStrength, 0, 1, 'Use 1 for all of it.');
  const { signal, engine = 'auto', onProgress = () => {} } = options;
  const lock = judgeColors('lock', options.lock ?? []);
  if (lock.length / 4 > colors)
    refuse(
      'lock.length',
      lock.length / 4,
      `at most ${colors} (colors)`,
      'Raise colors or lock fewer.',
    );
  keysOf(lock).forEach((key, i, keys) => {
    if (keys.indexOf(key) < i)
      refuse(
        `lock[${i}]`,
        `the same as lock[${keys.indexOf(key)}]`,
        'colours that differ',
        'Lock each once.',
      );
  });
  return {
    colors,
    space: options.space ?? 'oklab',
    lock,
    palette: judgePalette(options),
    minDeltaE,
    minQuality: judgeQuality(options.minQuality),
    importance: options.importance ?? null,
    dither,
    ditherStrength,
    sort: options.sort ?? 'use',
    seed,
    maxIter,
    tol,
    refine: options.refine ?? 'auto',
    engine,
    threads: options.threads,
    maxPixels: options.maxPixels,
    signal,
    onProgress,
  };
}

/** A given palette leaves nothing to choose: what would choose is refused beside it. */
function judgePalette(options: ImageOptions): Uint8Array | null {
  const { palette } = options;
  if (palette === undefined) return null;
  for (const name of ['colors', 'lock', 'minDeltaE', 'minQuality', 'importance', 'sort'] as const)
    if (options[name] !== undefined)
      refuse(name, options[name], 'none beside palette', 'Leave one of the two out.');
  const entries =
    palette instanceof Uint8Array ? paletteBytes(palette) : judgeColors('palette', palette);
  if (entries.length === 0)
    refuse('palette.length', 0, 'at least one colour', 'Give the colours to map to.');
  if (entries.length / 4 > MOST_COLORS)
    refuse('palette.length', entries.length / 4, `at most ${MOST_COLORS}`, 'Give fewer.');
  return entries;
}

function paletteBytes(palette: Uint8Array): Uint8Array {
  if (palette.length % 4 !== 0)
    refuse('palette.length', palette.length, 'a multiple of 4', 'Give RGBA bytes, 4 a colour.');
  return palette.slice();
}

function colorCount(colors: number): void {
  if (!Number.isInteger(colors) || colors < 1 || colors > MOST_COLORS)
    refuse(
      'colors',
      colors,
      `a whole number from 1 to ${MOST_COLORS}`,
      'Pass the most entries that the palette may have.',
    );
}

function judgeQuality(given: MinQuality | undefined): MinQuality | null {
  if (given === undefined) return null;
  refuseUnknown(given, ['psnr', 'deltaE', 'ssim'], 'minQuality');
  const { psnr, deltaE, ssim } = given;
  if (psnr !== undefined) number('minQuality.psnr', psnr, 0, 1000, 'Give decibels.');
  if (deltaE !== undefined) number('minQuality.deltaE', deltaE, 0, 1000, 'Give a mean CIEDE2000.');
  if (ssim !== undefined) number('minQuality.ssim', ssim, 0, 1, '1 is the same image.');
  if (psnr === undefined && deltaE === undefined && ssim === undefined)
    refuse('minQuality', given, 'psnr, deltaE or ssim in it', 'Say which quality to reach.');
  return given;
}

function number(name: string, value: unknown, least: number, most: number, remedy: string): void {
  if (!(typeof value === 'number' && value >= least && value <= most))
    refuse(name, value, `a number from ${least} to ${most}`, remedy);
}

const FORMS = "Write '#rgb', '#rrggbb', '#rrggbbaa', [r, g, b] or [r, g, b, a].";

/** Colours as RGBA bytes. */
function judgeColors(name: string, colors: readonly Color[]): Uint8Array {
  if (!Array.isArray(colors)) refuse(name, colors, 'an array of colours', FORMS);
  const rgba = new Uint8Array(4 * colors.length);
  (colors as readonly Color[]).forEach((color, i) =>
    rgba.set(toRgba(`${name}[${i}]`, color), 4 * i),
  );
  return rgba;
}

function toRgba(name: string, color: Color): number[] {
  if (typeof color === 'string') {
    if (!/^#(?:[\da-f]{3}|[\da-f]{6}|[\da-f]{8})$/i.test(color))
      refuse(name, color, 'a colour', FORMS);
    const digits = color.length === 4 ? color.replace(/[\da-f]/gi, '$&$&') : color;
    const bytes = digits.match(/[\da-f]{2}/gi)!.map((pair) => parseInt(pair, 16));
    return [...bytes, 255].slice(0, 4);
  }
  if (typeof color !== 'object' || color === null || !(color.length === 3 || color.length === 4))
    refuse(name, color, 'a colour', FORMS);
  const bytes = Array.from(color);
  bytes.forEach((byte, t) => {
    if (!Number.isInteger(byte) || byte < 0 || byte > 255)
      refuse(`${name}[${t}]`, byte, 'a whole number from 0 to 255', FORMS);
  });
  return [...bytes, 255].slice(0, 4);
}

/** The pixels' importance, once their number is known. */
export function judgeImportance(given: ArrayLike<number>, pixels: number): void {
  if (typeof given !== 'object' || given.length !== pixels)
    refuse(
      'importance.length',
      given?.length,
      `${pixels} (the number of pixels)`,
      'Give one weight a pixel.',
    );
  let some = false;
  for (let i = 0; i < pixels; i++) {
    const weight = given[i];
    if (!(weight >= 0 && weight < Infinity))
      refuse(`importance[${i}]`, weight, 'a finite number ≥ 0', 'Use 0 for what does not count.');
    some ||= weight > 0;
  }
  if (!some) refuse('importance', given, 'some weight above 0', 'Give what counts a weight.');
}
