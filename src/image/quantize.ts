/**
 * A palette for images, the whole way on one page: judge → read → count colours → choose entries → sort →
 * map pixels.
 */
import { breather } from '../breathe.ts';
import { refuse } from '../errors.ts';
import { ladder, shared, type Rung } from '../ladder.ts';
import { chooseEntries, nearestEntries, weigh, type Chosen } from './choose-entries.ts';
import { countColors, type Census } from './count.ts';
import {
  judgeImageOptions,
  judgeImportance,
  type ImageOptions,
  type ImageSettings,
} from './options.ts';
import { distinct, joined, keysOf, order, pick } from './palette.ts';
import { toPixels, type ImageInput, type Pixels } from './pixels.ts';
import { QuantizedImage } from './quantized-image.ts';

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
    images.push(await toPixels(input, several ? `images[${i}]` : 'image'));
  const pause = breather(signal);
  const pixels = images.reduce((sum, { width, height }) => sum + width * height, 0);
  if (settings.importance) judgeImportance(settings.importance, pixels);
  settings.onProgress({ phase: 'count', fraction: 0.05 });
  const census = await countColors(images, pause);
  settings.onProgress({ phase: 'cluster', fraction: 0.2 });
  const { rungs, dispose } = shared(rungsFor(settings));
  let chosen: Chosen & { lossless: boolean };
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
        lossless: chosen.lossless,
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
): Promise<Chosen & { lossless: boolean }> {
  const { palette, lock, colors, importance } = settings;
  const exact = palette ?? exactEntries(census.colors, lock, colors);
  const places = exact && placesIn(exact, census.colors);
  if (exact && places)
    return { entries: exact, labels: places, engine: 'reference', lossless: true };
  const weights = importance ? await census.sums(images, importance) : census.counts;
  const weighed = weigh(census, weights, settings);
  if (palette) {
    const found = await nearestEntries(weighed, palette, settings, rungs, pause);
    return { entries: palette, ...found, lossless: false };
  }
  return { ...(await chooseEntries(weighed, colors, settings, rungs, pause)), lossless: false };
}

/** The locked colours and all others, where the palette has room for them. */
function exactEntries(colors: Uint8Array, lock: Uint8Array, most: number): Uint8Array | null {
  if (colors.length / 4 > most) return null;
  const entries = distinct(joined(lock, colors));
  return entries.length / 4 > most ? null : entries;
}

/** Where each colour stands among entries; null where one is missing. */
function placesIn(entries: Uint8Array, colors: Uint8Array): Uint32Array | null {
  if (entries.length < colors.length) return null;
  const placeOf = new Map<number, number>();
  keysOf(entries).forEach((key, place) => {
    if (!placeOf.has(key)) placeOf.set(key, place);
  });
  const places = new Uint32Array(colors.length / 4);
  const keys = keysOf(colors);
  for (let i = 0; i < keys.length; i++) {
    const place = placeOf.get(keys[i]);
    if (place === undefined) return null;
    places[i] = place;
  }
  return places;
}

/** Entries in their order, without free ones that no colour is nearest to; and of each colour its entry. */
function arranged(
  { entries, labels }: Chosen,
  { counts }: Census,
  { palette, lock, sort }: ImageSettings,
): { entries: Uint8Array; of: Uint8Array | Uint16Array } {
  const size = entries.length / 4;
  const used = new Float64Array(size);
  for (let i = 0; i < labels.length; i++) used[labels[i]] += counts[i];
  const held = palette ? size : distinct(lock).length / 4;
  const places = order(entries, used, held, sort).filter((i) => i < held || used[i] > 0);
  const newPlace = new Uint32Array(size);
  places.forEach((old, place) => (newPlace[old] = place));
  const of = new (places.length <= 256 ? Uint8Array : Uint16Array)(labels.length);
  for (let i = 0; i < labels.length; i++) of[i] = newPlace[labels[i]];
  return { entries: pick(entries, places), of };
}
