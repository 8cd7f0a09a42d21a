/**
 * A palette for images, the whole way on one page: judge → read → count colours → choose entries → sort →
 * map pixels.
 */
import { breather } from '../breathe.ts';
import { refuse } from '../errors.ts';
import { ladder, shared, type Rung } from '../ladder.ts';
import { chooseEntries, labelled, weigh, type Chosen } from './choose-entries.ts';
import { countColors, type Census } from './count.ts';
import { ditherPixels } from './dither/index.ts';
import { entryDeltaE, entryPsnr } from './entry-quality.ts';
import { fewest } from './fewest.ts';
import {
  judgeImageOptions,
  judgeImportance,
  type ImageOptions,
  type ImageSettings,
  type MinQuality,
} from './options.ts';
import { keysOf, order, pick } from './palette.ts';
import { toPixels, type ImageInput, type Pixels } from './pixels.ts';
import { painted, QuantizedImage } from './quantized-image.ts';
import { deltaE } from './quality/delta-e.ts';
import { psnr } from './quality/psnr.ts';
import { ssim } from './quality/ssim.ts';

type Pause = () => Promise<void> | undefined;

/**
 * Chooses a palette for an image, and an entry of it for every pixel. Distinct colours are counted and then
 * clustered by weighted, exact k-means: its cost depends on the number of colours, not of pixels. The same
 * image, options and seed give the same palette and indices on every engine. An image with no more
 * colours than asked for keeps them all.
 *
 * OKLab is the default space because its palettes look nearer to the original than those of sRGB. Mean
 * CIEDE2000 (lower is nearer) of two photographs of 640 × 427 pixels, with PSNR in dB, without dither:
 *
 * | photo, colours | sRGB | linear RGB | OKLab | CIELAB |
 * |---|---|---|---|---|
 * | china, 16 | 6.24 (27.5) | 6.65 (25.3) | 5.72 (27.0) | 5.39 (25.7) |
 * | china, 64 | 3.95 (32.4) | 4.60 (29.9) | 3.51 (31.3) | 3.27 (30.1) |
 * | china, 256 | 2.58 (36.5) | 3.06 (33.9) | 2.25 (35.5) | 2.10 (34.0) |
 * | flower, 16 | 5.06 (29.5) | 6.01 (26.5) | 3.98 (28.4) | 3.94 (27.6) |
 * | flower, 64 | 2.86 (34.2) | 3.43 (31.1) | 2.37 (32.7) | 2.26 (31.7) |
 * | flower, 256 | 1.76 (38.6) | 2.18 (34.8) | 1.38 (36.7) | 1.32 (35.9) |
 *
 * CIELAB has the smallest CIEDE2000, which is defined by its coordinates, but a lower SSIM (0.868 to 0.969;
 * OKLab and sRGB have 0.911 to 0.987).
 *
 * @param image never changed; `quality()` of the result reads it again
 * @throws
 * - InvalidInputError if an option or the image breaks a rule
 * - EngineUnavailableError if an engine given by name cannot run here
 * - the signal's reason, if aborted
 * @example
 * const { palette, indices } = await quantizeImage(context.getImageData(0, 0, w, h), { colors: 64 });
 */
export async function quantizeImage(
  image: ImageInput,
  options?: ImageOptions,
): Promise<QuantizedImage>;
/**
 * Chooses one palette for several images, and resolves with one result per image.
 * @param images never changed
 * @throws as for one image
 */
export async function quantizeImage(
  images: readonly ImageInput[],
  options?: ImageOptions,
): Promise<QuantizedImage[]>;
export async function quantizeImage(
  given: ImageInput | readonly ImageInput[],
  options: ImageOptions = {},
): Promise<QuantizedImage | QuantizedImage[]> {
  const since = performance.now();
  const settings = judgeImageOptions(options);
  const { signal } = settings;
  signal?.throwIfAborted();
  const several = Array.isArray(given);
  if (several && given.length === 0)
    refuse('images.length', 0, 'at least 1', 'Pass the images that share the palette.');
  const inputs = (several ? given : [given]) as readonly ImageInput[];
  settings.onProgress({ phase: 'read', fraction: 0 });
  const images: Pixels[] = [];
  for (const [i, input] of inputs.entries())
    images.push(await toPixels(input, several ? `images[${i}]` : 'image', settings));
  const pause = breather(signal);
  const pixels = images.reduce((sum, { width, height }) => sum + width * height, 0);
  if (settings.importance) judgeImportance(settings.importance, pixels);
  settings.onProgress({ phase: 'count', fraction: 0.05 });
  const census = await countColors(images, pause);
  settings.onProgress({ phase: 'cluster', fraction: 0.2 });
  const { rungs, dispose } = shared(rungsFor(settings));
  let chosen: Chosen;
  try {
    chosen = await choose(census, images, settings, rungs, pause);
  } finally {
    await dispose();
  }
  settings.onProgress({ phase: 'map', fraction: 0.8 });
  const palette = arranged(chosen, census, settings);
  const results: QuantizedImage[] = [];
  for (const image of images) {
    const indices = await mapped(image, census, palette, settings, pause);
    results.push(
      new QuantizedImage(image, palette.entries, indices, {
        lossless: palette.lossless,
        engine: chosen.engine,
        seconds: (performance.now() - since) / 1000,
      }),
    );
  }
  signal?.throwIfAborted(); // short work has not paused to hear of it
  settings.onProgress({ phase: 'map', fraction: 1 });
  return several ? results : results[0];
}

/** What {@link arranged} makes of entries. */
interface Arranged {
  readonly entries: Uint8Array;
  /** Of every colour its entry. */
  readonly of: Uint8Array | Uint16Array;
  readonly lossless: boolean;
}

/** The entry of every pixel. */
export async function mapped(
  image: Pixels,
  census: Census,
  { entries, of }: Pick<Arranged, 'entries' | 'of'>,
  { dither, ditherStrength: strength, space }: ImageSettings,
  pause: Pause,
): Promise<Uint8Array | Uint16Array> {
  return dither === 'none'
    ? census.map(image, of)
    : ditherPixels(image, entries, { dither, strength, space, pause });
}

/**
 * Engines for a run on colours. They are few, and iterations of the block filter on them take
 * milliseconds: opening a GPU takes longer, so `'auto'` stays on the processor.
 */
export function rungsFor({ engine, threads }: ImageSettings): Rung[] {
  return ladder(engine, 0, { threads });
}

async function choose(
  census: Census,
  images: readonly Pixels[],
  settings: ImageSettings,
  rungs: readonly Rung[],
  pause: Pause,
): Promise<Chosen> {
  const { palette, lock, colors, importance, minQuality } = settings;
  const weights = importance ? await census.sums(images, importance) : census.counts;
  const weighed = await weigh(census, weights, settings, pause);
  if (palette) return labelled(weighed, palette, settings, rungs, pause);
  if (!minQuality) return chooseEntries(weighed, colors, settings, rungs, pause);
  const least = Math.max(1, lock.length / 4);
  const most = Math.min(colors, (lock.length + census.colors.length) / 4);
  let best: { k: number; chosen: Chosen } | null = null;
  const k = await fewest(least, most, async (k) => {
    const chosen = await chooseEntries(weighed, k, settings, rungs, pause);
    const enough = await reaches(minQuality, chosen, census, images, settings, pause);
    if (enough) best = { k, chosen };
    return enough;
  });
  const found = best as { k: number; chosen: Chosen } | null;
  return found?.k === k ? found.chosen : chooseEntries(weighed, k, settings, rungs, pause);
}

/** Whether what would be made is near enough to the images. */
async function reaches(
  least: MinQuality,
  { entries, labels }: Chosen,
  census: Census,
  images: readonly Pixels[],
  settings: ImageSettings,
  pause: Pause,
): Promise<boolean> {
  const { psnr: decibels = -Infinity, deltaE: difference = Infinity, ssim: similar = -1 } = least;
  const { signal } = settings;
  const options = signal ? { signal } : {};
  const plain = settings.dither === 'none';
  if (plain && decibels > -Infinity && entryPsnr(census, entries, labels) < decibels) return false;
  if (plain && difference < Infinity) {
    if ((await entryDeltaE(census, entries, labels, pause)) > difference) return false;
  }
  if (plain && similar === -1) return true;
  for (const image of images) {
    const map = { entries, of: Uint16Array.from(labels) };
    const made = painted(image, entries, await mapped(image, census, map, settings, pause));
    if ((await ssim(image, made, options)) < similar) return false;
    if (plain) continue;
    if ((await psnr(image, made, options)) < decibels) return false;
    if ((await deltaE(image, made, options)).mean > difference) return false;
  }
  return true;
}

/**
 * Entries in their order, without free ones that no colour is nearest to; of each colour its entry; and
 * whether that is always the colour itself.
 */
export function arranged(
  { entries, labels }: Chosen,
  { colors, counts }: Census,
  { palette, lock, sort }: ImageSettings,
): Arranged {
  const size = entries.length / 4;
  const used = new Float64Array(size);
  for (let i = 0; i < labels.length; i++) used[labels[i]] += counts[i];
  const held = palette ? size : lock.length / 4;
  const places = order(entries, used, held, sort).filter((i) => i < held || used[i] > 0);
  const newPlace = new Uint32Array(size);
  places.forEach((old, place) => (newPlace[old] = place));
  const of = new (places.length <= 256 ? Uint8Array : Uint16Array)(labels.length);
  for (let i = 0; i < labels.length; i++) of[i] = newPlace[labels[i]];
  const keys = keysOf(entries);
  const lossless = keysOf(colors).every((key, i) => key === keys[labels[i]]);
  return { entries: pick(entries, places), of, lossless };
}
