/**
 * Opens pictures, finds palettes for them, measures what was lost and writes files. Knows no page: it
 * runs in a worker, or on the page where there can be none.
 *
 * One job at a time, and the newest wins: it aborts the one before it, unless that is a hurried one,
 * which is over soon and would never be seen while a slider moves.
 */
import type { KMeansOptions } from '../../src/index.ts';
import { quantizeImage, type QuantizedImage } from '../../src/image/index.ts';
import { plainMessage, type Post } from '../worker-port.ts';
import { fileOf } from './files.ts';
import { measure } from './measure.ts';
import type { FileFormat, FromSession, QuantizeRequest, Stage, ToSession } from './messages.ts';
import { readPicture, shown, type Picture } from './picture.ts';
import { tellEngines } from '../tell-engines.ts';

type Job = ToSession & { type: 'open' | 'quantize' };
type Quantize = ToSession & { type: 'quantize' };

/** Between two messages about progress. */
const PROGRESS_MS = 60;

const CANCELLED = Symbol('cancelled');
const OVERTAKEN = Symbol('overtaken');

export function openSession(post: Post<FromSession>): (message: ToSession) => void {
  let picture: Picture | null = null;
  let result: { image: QuantizedImage; of: string; png: Promise<Blob> | null } | null = null;
  /** The request whose preview was shown last. */
  let previewed = '';
  let current: { job: Job; abort: AbortController } | null = null;
  let next: Job | null = null;

  const runIsOver = tellEngines((engines) => post({ type: 'engines', engines }));

  return (message) => {
    if (message.type === 'export') return void exportAs(message.format);
    if (message.type === 'cancel') {
      if (current?.job.job === message.job) current.abort.abort(CANCELLED);
      return;
    }
    next = message;
    if (!current) return void work();
    const isShort = current.job.type === 'quantize' && current.job.hurried;
    if (!isShort || message.type === 'open') current.abort.abort(OVERTAKEN);
  };

  async function work(): Promise<void> {
    while (next) {
      const job: Job = next;
      next = null;
      const abort = new AbortController();
      current = { job, abort };
      try {
        if (job.type === 'open') await open(job.job, job.file, abort.signal);
        else await quantize(job, abort.signal);
      } catch (error) {
        if (abort.signal.reason === CANCELLED) post({ type: 'cancelled', job: job.job });
        else if (!abort.signal.aborted)
          post({ type: 'failed', job: job.job, message: plainMessage(error) });
      }
      current = null;
      if (job.type === 'quantize') runIsOver();
    }
  }

  async function open(job: number, file: Blob, signal: AbortSignal): Promise<void> {
    const found = await readPicture(file, signal);
    const before = await shown(found.pixels);
    signal.throwIfAborted();
    picture = found;
    result = null;
    previewed = '';
    const { unique, remark } = found;
    const { width, height } = found.pixels;
    post({ type: 'opened', job, before, width, height, unique, remark }, [before]);
  }

  async function quantize({ job, request, hurried }: Quantize, signal: AbortSignal): Promise<void> {
    if (!picture) throw new Error('There is no picture yet. Choose one.');
    const { pixels, small } = picture;
    const of = JSON.stringify(request);
    const progress = hurried ? () => {} : throttled(job);
    if (small && previewed !== of) {
      await draw(job, await run(small, request, signal, () => {}), true);
      previewed = of;
    }
    if (small && hurried) return;
    if (result?.of !== of) {
      const image = await run(pixels, request, signal, progress);
      signal.throwIfAborted();
      result = { image, of, png: null };
      await draw(job, image, false);
    }
    if (hurried) return;
    const { size } = await pngOf(result);
    signal.throwIfAborted();
    post({ type: 'weighed', job, bytes: size });
    const after = result.image.toImageData();
    const measured = await measure(pixels, after, signal, (part) => progress('measure', part));
    post({ type: 'measured', job, ...measured });
  }

  function run(
    pixels: ImageData,
    { colours, engine, ...options }: QuantizeRequest,
    signal: AbortSignal,
    progress: (stage: Stage, fraction: number) => void,
  ): Promise<QuantizedImage> {
    return quantizeImage(pixels, {
      ...options,
      colors: colours,
      // Whatever the address says: the library refuses what it does not know.
      engine: engine as NonNullable<KMeansOptions['engine']>,
      signal,
      onProgress: ({ phase, fraction }) => progress(phase, fraction),
    });
  }

  async function draw(job: number, image: QuantizedImage, preview: boolean): Promise<void> {
    const after = await shown(image.toImageData());
    const { palette, counts, lossless, engine, seconds } = image;
    post({ type: 'drawn', job, after, palette, counts, preview, lossless, engine, seconds }, [
      after,
    ]);
  }

  function pngOf(of: NonNullable<typeof result>): Promise<Blob> {
    return (of.png ??= fileOf(of.image, 'png'));
  }

  async function exportAs(format: FileFormat): Promise<void> {
    if (!result) return;
    try {
      const { colors } = result.image;
      const file = await (format === 'png' ? pngOf(result) : fileOf(result.image, format));
      post({ type: 'exported', format, file, colours: colors });
    } catch (error) {
      post({ type: 'unsaved', message: plainMessage(error) });
    }
  }

  function throttled(job: number): (stage: Stage, fraction: number) => void {
    let last = -Infinity;
    return (stage, fraction) => {
      const now = performance.now();
      if (now - last < PROGRESS_MS) return;
      last = now;
      post({ type: 'progress', job, stage, fraction });
    };
  }
}
