/**
 * The page that quantizes a camera's image: calls the library on its main thread, as a page would. The
 * image is made before the clock starts.
 */
import chinaUrl from '../../demo/photos/china.jpg?url';
import flowerUrl from '../../demo/photos/flower.jpg?url';
import { quantizeImage, type QuantizedImage } from '../../src/image/index.ts';
import { psnr } from '../../src/image/quality/psnr.ts';
import type { LargeFit, LargeTask } from '../image/large.ts';
import { decodePhoto, distinctColors, enlarge } from '../image/photos.ts';
import { Stopwatch } from '../peers/clock.ts';
import { pause, Watch } from './watch.ts';

declare global {
  interface Window {
    /** Called from outside. */
    imageBench: {
      prepare: typeof prepare;
      quantize: typeof quantize;
      fingerprint: typeof fingerprint;
      quality: typeof quality;
      held: typeof held;
    };
  }
  interface Performance {
    /** Of isolated pages in Chromium; TypeScript does not know it. */
    measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
  }
}

const URLS = { china: chinaUrl, flower: flowerUrl };

let image: ImageData;
let last: QuantizedImage;

async function prepare({ photo, width, height }: LargeTask): Promise<{ distinct: number }> {
  const response = await fetch(URLS[photo]);
  const small = decodePhoto(new Uint8Array(await response.arrayBuffer()));
  const { data } = enlarge(small, width, height);
  image = new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
  return { distinct: distinctColors(image) };
}

async function quantize(colors: number): Promise<Omit<LargeFit, 'peakBytes'>> {
  await pause(500); // garbage of the last work, painting
  const watch = new Watch();
  const stopwatch = new Stopwatch();
  const since = performance.now();
  const result = await quantizeImage(image, {
    colors,
    onProgress: ({ phase }) => {
      watch.enter(phase);
      stopwatch.enter(phase);
    },
  });
  const now = performance.now();
  last = result;
  const split = Object.entries(stopwatch.split(now)).filter(([, spent]) => spent > 0);
  return {
    milliseconds: now - since,
    engine: result.engine,
    phases: Object.fromEntries(split),
    ...(await watch.stop()),
  };
}

/** Of the last result: takes no memory. */
function fingerprint(): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const bytes of [last.palette, last.indices])
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return (hash >>> 0).toString(16);
}

async function quality(): Promise<{ psnr: number; colors: number }> {
  return { psnr: await psnr(image, last.toImageData()), colors: last.colors };
}

/** Bytes that the page and its workers hold by the browser's own account, after a collection. */
async function held(): Promise<number> {
  return (await performance.measureUserAgentSpecificMemory()).bytes;
}

window.imageBench = { prepare, quantize, fingerprint, quality, held };
