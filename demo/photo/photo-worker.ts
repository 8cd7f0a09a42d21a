/**
 * Decodes a photo, clusters its colours and paints it in them, away from the page: the only worker
 * of the Colours tab.
 */
import {
  engines,
  kmeans,
  type KMeansOptions,
  type KMeansResult,
  type Progress,
} from '../../src/index.ts';
import type { FromPhotoWorker, Swatch, ToPhotoWorker } from '../messages.ts';
import { Stopwatch } from '../stopwatch.ts';
import { plainMessage, poster } from '../worker-port.ts';
import { colourTable, countColours, paint, signalToNoise, type ColourCount } from './pixels.ts';

/** Above this a photo is made smaller first: four bytes a pixel are needed several times over. */
const MOST_PIXELS = 24e6;
const MOST_BYTES = 200e6;
const PREVIEW_MS = 200;
/** Time between previews, in times of what the last one cost. */
const PREVIEW_SHARE = 4;

const post = poster<FromPhotoWorker>();

interface Photo {
  image: ImageData;
  table: Uint32Array;
  count: ColourCount;
}

type Start = ToPhotoWorker & { type: 'start' };

let photo: Photo | null = null;
let current: { id: number; abort: AbortController } | null = null;
let last = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<ToPhotoWorker>) => {
  if (data.type === 'stop') {
    if (current?.id === data.job) current.abort.abort(STOP);
    return;
  }
  current?.abort.abort(OVERTAKEN);
  const abort = new AbortController();
  current = { id: data.job, abort };
  last = last.then(() => run(data, abort.signal));
};

const STOP = Symbol('stop');
const OVERTAKEN = Symbol('overtaken');

async function run(start: Start, signal: AbortSignal): Promise<void> {
  const { job } = start;
  let iteration = 0;
  try {
    // Also when overtaken: later jobs count on the photo being here.
    if (start.file) await take(start.file, job);
    if (!photo) throw new Error('There is no photo yet. Choose one.');
    signal.throwIfAborted();
    const found = photo;
    const { colours, counts } = found.count;
    const k = Math.min(start.colours, counts.length);
    const watch = new Stopwatch();
    const iterating = new Stopwatch();
    let next = Infinity;
    const preview = async (progress: Progress) => {
      watch.pause();
      iterating.pause();
      const since = performance.now();
      const { centroids, labels } = await progress.read();
      const { after, palette } = await painted(found, centroids.data, labels);
      post({ type: 'preview', job, after, palette }, [after]);
      const now = performance.now();
      next = now + Math.max(PREVIEW_MS, PREVIEW_SHARE * (now - since));
      watch.resume();
      iterating.resume();
    };
    const result = await kmeans({ data: colours, columns: 3 }, k, {
      weights: counts,
      seed: start.seed,
      // Whatever the address says: the library refuses what it does not know.
      engine: start.engine as NonNullable<KMeansOptions['engine']>,
      signal,
      onProgress: (progress) => {
        const { phase, inertia, moved } = progress;
        ({ iteration } = progress);
        post({ type: 'tick', job, phase, iteration, inertia, moved, seconds: watch.seconds });
        if (phase === 'iterate' && iteration === 0) {
          iterating.restart();
          next = performance.now() + PREVIEW_MS;
        } else if (phase === 'read') iterating.pause();
        else if (phase === 'iterate' && performance.now() >= next) return preview(progress);
      },
    });
    watch.pause();
    await finish(job, found, result, watch.seconds, iterating.seconds);
  } catch (error) {
    if (signal.reason === STOP) post({ type: 'stopped', job, iteration });
    else if (!signal.aborted) post({ type: 'failed', job, message: plainMessage(error) });
  }
}

async function finish(
  job: number,
  found: Photo,
  result: KMeansResult,
  seconds: number,
  secondsIterating: number,
): Promise<void> {
  const { labels, centroids, iterations, inertia, stopReason, hash, engine } = result;
  const { after, palette, bytes } = await painted(found, centroids.data, labels);
  const psnr = signalToNoise(found.count, labels, bytes);
  const secondsPerIteration = secondsIterating / Math.max(1, iterations);
  const outcome = { engine, iterations, inertia, stopReason, hash, seconds, secondsPerIteration };
  post({ type: 'done', job, after, palette, psnr, outcome }, [after]);
}

/** Decodes a file and counts its colours. The photo before stays where that cannot be done. */
async function take(file: Blob, job: number): Promise<void> {
  const { image, remark } = await decode(file);
  const table = photo?.table ?? colourTable();
  photo = null;
  const count = countColours(image.data, table);
  if (count.pixels === 0)
    throw new Error('Every pixel of this picture is transparent: there are no colours in it.');
  photo = { image, table, count };
  const before = await createImageBitmap(image);
  const { width, height } = image;
  const unique = count.counts.length;
  post({ type: 'decoded', job, before, width, height, unique, remark }, [before]);
}

async function decode(file: Blob): Promise<{ image: ImageData; remark: string }> {
  if (file.size > MOST_BYTES)
    throw new Error(
      `This file has ${Math.round(file.size / 1e6)} MB; expected at most ${MOST_BYTES / 1e6} MB. ` +
        'Choose a smaller one.',
    );
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(
      'This file could not be read as a picture. Choose a JPEG, PNG, WebP, AVIF or GIF.',
    );
  }
  try {
    const pixels = bitmap.width * bitmap.height;
    const shrink = Math.min(1, Math.sqrt(MOST_PIXELS / pixels));
    const width = Math.max(1, Math.floor(bitmap.width * shrink));
    const height = Math.max(1, Math.floor(bitmap.height * shrink));
    const remark =
      shrink < 1
        ? `The photo has ${(pixels / 1e6).toFixed(0)} megapixels; above ${MOST_PIXELS / 1e6} it is ` +
          `made smaller first: ${width} × ${height}.`
        : '';
    const context = new OffscreenCanvas(width, height).getContext('2d', {
      willReadFrequently: true,
    });
    if (!context) throw new Error('This browser gave no canvas to decode the picture on.');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    return { image: context.getImageData(0, 0, width, height), remark };
  } finally {
    bitmap.close();
  }
}

/** The photo in the colours of its clusters, and the palette with the most used colour first. */
async function painted(
  { image, table, count }: Photo,
  centroids: Float32Array,
  labels: Uint32Array,
): Promise<{ after: ImageBitmap; palette: Swatch[]; bytes: Uint8ClampedArray }> {
  const bytes = Uint8ClampedArray.from(centroids); // rounds to the nearest colour
  const { width, height } = image;
  const pixels = paint(image.data, table, labels, bytes);
  const after = await createImageBitmap(new ImageData(pixels, width, height));
  const used = new Float64Array(bytes.length / 3);
  labels.forEach((label, row) => (used[label] += count.counts[row]));
  const palette = Array.from(used, (pixelsOf, j) => ({
    red: bytes[3 * j],
    green: bytes[3 * j + 1],
    blue: bytes[3 * j + 2],
    share: pixelsOf / count.pixels,
  })).sort((a, b) => b.share - a.share);
  return { after, palette, bytes };
}

void engines()
  .catch(() => [])
  .then((found) => post({ type: 'engines', engines: found }));
