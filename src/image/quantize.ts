/**
 * A palette for images, the whole way on one page: judge → read → count colours → choose entries → sort →
 * map pixels.
 */
import { breather } from '../breathe.ts';
import { refuse } from '../errors.ts';
import { ladder, shared, type Rung } from '../ladder.ts';
import { chooseEntries, labelled, weigh, type Chosen } from './choose-entries.ts';
import { countColors, type Census } from './count.ts';
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
import { ssim } from './quality/ssim.ts';

type Pause = () => Promise<void> | undefined;

/** Chooses a palette for an image, and an entry for every pixel. See the overload for one image. */
export async function quantizeImage(
  image: ImageInput,
  options?: ImageOptions,
): Promise<QuantizedImage>;
/** One palette for several images. */
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
    const indices = await census.map(image, palette.of);
    results.push(
      new QuantizedImage(image, palette.entries, indices, {
        lossless: palette.lossless,
        engine: chosen.engine,
        seconds: (performance.now() - since) / 1000,
      }),
    );
  }
  settings.onProgress({ phase: 'map', fraction: 1 });
  return several ? results : results[0];
}

/**
 * Engines for a run on colours. They are few, and iterations of the block filter on them take
 * milliseconds: opening a GPU takes longer, so `'auto'` stays on the processor.
 */
function rungsFor({ engine, threads }: ImageSettings): Rung[] {
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
  const weighed = weigh(census, weights, settings);
  if (palette) return labelled(weighed, palette, settings, rungs, pause);
  if (!minQuality) return chooseEntries(weighed, colors, settings, rungs, pause);
  const least = Math.max(1, lock.length / 4);
  const most = Math.min(colors, (lock.length + census.colors.length) / 4);
  let best: { k: number; chosen: Chosen } | null = null;
  const k = await fewest(least, most, async (k) => {
    const chosen = await chooseEntries(weighed, k, settings, rungs, pause);
    const enough = await reaches(minQuality, chosen, census, images);
    if (enough) best = { k, chosen };
    return enough;
  });
  const found = best as { k: number; chosen: Chosen } | null;
  return found?.k === k ? found.chosen : chooseEntries(weighed, k, settings, rungs, pause);
}

/** Whether pixels in their nearest entries are near enough to the images. */
async function reaches(
  least: MinQuality,
  { entries, labels }: Chosen,
  census: Census,
  images: readonly Pixels[],
): Promise<boolean> {
  if (least.psnr !== undefined && entryPsnr(census, entries, labels) < least.psnr) return false;
  if (least.deltaE !== undefined && entryDeltaE(census, entries, labels) > least.deltaE)
    return false;
  if (least.ssim === undefined) return true;
  for (const image of images) {
    const indices = await census.map(image, Uint16Array.from(labels));
    if ((await ssim(image, painted(image, entries, indices))) < least.ssim) return false;
  }
  return true;
}

/**
 * Entries in their order, without free ones that no colour is nearest to; of each colour its entry; and
 * whether that is always the colour itself.
 */
function arranged(
  { entries, labels }: Chosen,
  { colors, counts }: Census,
  { palette, lock, sort }: ImageSettings,
): { entries: Uint8Array; of: Uint8Array | Uint16Array; lossless: boolean } {
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
