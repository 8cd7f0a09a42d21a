/**
 * Palettes for the frames of a video that stay what they can: colours do not flicker.
 *
 * A frame's palette goes on from the last one's: k-means starts from its entries, and every entry keeps its
 * place. Where that gains next to nothing (noise, grain) the last palette stays to the byte. After a cut,
 * where the last palette fails, entries are chosen anew, and each takes the place of the one it is like.
 */
import { breather } from '../breathe.ts';
import { NotSupportedError, refuse } from '../errors.ts';
import { shared } from '../ladder.ts';
import { squaredDistance } from '../matrix.ts';
import {
  chooseEntries,
  follow,
  labelled,
  weigh,
  type Chosen,
  type Weighed,
} from './choose-entries.ts';
import { countColors } from './count.ts';
import {
  judgeImageOptions,
  judgeImportance,
  type ImageOptions,
  type ImageSettings,
} from './options.ts';
import { toPixels, type ImageInput } from './pixels.ts';
import { arranged, mapped, rungsFor } from './quantize.ts';
import { QuantizedImage } from './quantized-image.ts';
import { toSpace } from './spaces.ts';

/** Options of {@link quantizeFrames}. `importance` has one weight per pixel of a frame, for all frames. */
export type FrameOptions = Omit<ImageOptions, 'minDeltaE' | 'minQuality'>;

/** A palette that takes less than this share off the error is not worth a change of colours. */
const WORTH_CHANGING = 0.05;
/** A palette whose error a pixel is so many times what it was in its own frame belongs to another scene. */
const CUT = 4;

/**
 * Quantizes the frames of a video or animation one after the other, as they are asked for, with palettes
 * that do not flicker: each palette continues from the last one, its entries keep their places, and where
 * only noise has changed it stays the same to the byte. After a cut, entries are chosen anew.
 *
 * `sort` orders the palette of the first frame; later ones may have entries that no pixel uses.
 *
 * @throws
 * - InvalidInputError if an option or a frame breaks a rule
 * - NotSupportedError for `minDeltaE` and `minQuality`
 * - EngineUnavailableError if an engine given by name cannot run here
 * - the signal's reason, if aborted
 * @example
 * const frames: QuantizedImage[] = [];
 * for await (const frame of quantizeFrames(video, { colors: 64 })) frames.push(frame);
 * const gif = await encodeGif(frames, { delay: 40 });
 */
export async function* quantizeFrames(
  frames: Iterable<ImageInput> | AsyncIterable<ImageInput>,
  options: FrameOptions = {},
): AsyncGenerator<QuantizedImage, void, undefined> {
  const settings = judgeImageOptions(options);
  for (const name of ['minDeltaE', 'minQuality'] as const)
    if (name in options)
      throw new NotSupportedError(
        `${name} is given; quantizeFrames has none. Leave it out, or quantize a frame with it and pass its palette.`,
      );
  const isObject = typeof frames === 'object' && frames !== null;
  if (!isObject || !(Symbol.iterator in frames || Symbol.asyncIterator in frames))
    refuse('frames', frames, 'an iterable of images', 'Pass an array or a generator of frames.');
  const { signal } = settings;
  const { rungs, dispose } = shared(rungsFor(settings));
  let last: { entries: Uint8Array; error: number } | null = null;
  let number = 0;
  try {
    for await (const frame of frames) {
      signal?.throwIfAborted();
      const since = performance.now();
      const pause = breather(signal);
      const image = await toPixels(frame, `frames[${number++}]`, settings);
      const pixels = image.width * image.height;
      const { importance, palette } = settings;
      if (importance) judgeImportance(importance, pixels);
      const census = await countColors([image], pause);
      const weights = importance ? await census.sums([image], importance) : census.counts;
      const weighed = await weigh(census, weights, settings, pause, last?.entries);
      let chosen: Chosen;
      if (palette) chosen = await labelled(weighed, palette, settings, rungs, pause);
      else if (last) {
        const kept = await labelled(weighed, last.entries, settings, rungs, pause);
        const error = errorOf(weighed, kept, settings);
        if (error === 0) chosen = kept;
        else if (error > CUT * last.error) {
          const fresh = await chooseEntries(weighed, settings.colors, settings, rungs, pause);
          const entries = await inPlaces(fresh.entries, last.entries, settings, pause);
          chosen = await labelled(weighed, entries, settings, rungs, pause);
        } else {
          const moved = await follow(weighed, last.entries, settings, rungs, pause);
          const better = errorOf(weighed, moved, settings);
          chosen = better <= (1 - WORTH_CHANGING) * error ? moved : kept;
        }
      } else {
        const first = await chooseEntries(weighed, settings.colors, settings, rungs, pause);
        const { entries } = arranged(first, census, settings);
        chosen = await labelled(weighed, entries, settings, rungs, pause);
      }
      last = { entries: chosen.entries, error: errorOf(weighed, chosen, settings) };
      const map = arranged(chosen, census, { ...settings, palette: chosen.entries });
      const indices = await mapped(image, census, map, settings, pause);
      const { engine } = chosen;
      const seconds = (performance.now() - since) / 1000;
      yield new QuantizedImage(image, map.entries, indices, {
        lossless: map.lossless,
        engine,
        seconds,
      });
    }
  } finally {
    await dispose();
  }
}

/** Mean squared distance of the colours from their entries, by weight. */
function errorOf(
  { points, weights, alpha }: Weighed,
  { entries, labels }: Chosen,
  { space }: ImageSettings,
): number {
  const { data, rows, columns } = points;
  const places = toSpace(entries, space, alpha).data;
  let error = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    total += weights[i];
    error += weights[i] * squaredDistance(data, i * columns, places, labels[i] * columns, columns);
  }
  return error / total;
}

/**
 * New entries in the places of the old that they are like: each old one takes the nearest that is left,
 * locked ones are there already. Places that get none keep what they had, while there is room; new
 * entries that are left go last.
 */
async function inPlaces(
  fresh: Uint8Array,
  old: Uint8Array,
  { lock }: ImageSettings,
  pause: () => Promise<void> | undefined,
): Promise<Uint8Array> {
  const held = lock.length / 4;
  const a = toSpace(fresh, 'oklab', true);
  const b = toSpace(old, 'oklab', true);
  const left = new Set(Array.from({ length: a.rows - held }, (_, i) => held + i));
  const entries = new Uint8Array(Math.max(fresh.length, old.length));
  entries.set(old);
  for (let place = held; place < entries.length / 4 && left.size > 0; place++) {
    let nearest = -1;
    let least = Infinity;
    for (const i of left) {
      const distance = place < b.rows ? squaredDistance(a.data, 4 * i, b.data, 4 * place, 4) : 0;
      if (distance >= least) continue;
      least = distance;
      nearest = i;
    }
    left.delete(nearest);
    entries.set(fresh.subarray(4 * nearest, 4 * nearest + 4), 4 * place);
    await pause();
  }
  return entries;
}
