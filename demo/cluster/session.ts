/**
 * Makes points and clusters them for the Cluster tab. Knows no page: it runs in a worker, or on the
 * page where there can be none.
 *
 * A run asks for pictures at its own pace: at most every 150 ms, never faster than the page draws,
 * and never for more than a fifth of the time, since reading the labels costs about an iteration.
 * Where no picture is due the progress callback returns nothing, and the library goes on in batches.
 *
 * A run on a graphics card by WebGPU gets the device that its pictures are drawn on (on-gpu.ts): its labels come home when it is held and
 * at its end, for what the page may be asked of them, and for no picture.
 */
import { explain, kmeans, type KMeansOptions, type Progress } from '../../src/index.ts';
import { serve } from '../desk.ts';
import type {
  ClusterRequest,
  FromClusterWorker,
  Moment,
  Pace,
  Phase,
  Tick,
  ToClusterWorker,
} from '../messages.ts';
import { Stopwatch } from '../stopwatch.ts';
import { tellEngines } from '../tell-engines.ts';
import { plainMessage, type Post } from '../worker-port.ts';
import { countLabels } from '../../src/lloyd.ts';
import type { Rows } from '../../src/matrix.ts';
import { PointsAtHand } from './at-hand.ts';
import { servicesOf, type Bench, type Subject } from './services.ts';

const PICTURE_MS = 150;
/** Time between pictures, in times of what the last one cost. */
const PICTURE_SHARE = 4;

class Job {
  readonly #post: Post<FromClusterWorker>;
  readonly #bench: Bench;
  readonly #id: number;
  readonly #request: ClusterRequest;
  readonly #abort = new AbortController();
  readonly #watch = new Stopwatch();
  /** From the first iteration to the last. Both leave out waiting and pictures. */
  readonly #iterating = new Stopwatch();
  #pace: 'run' | 'hold';
  /** Iterations that may still be done while held. */
  #steps: number;
  #wake = () => {};
  #nextPicture = Infinity;
  #pageIsDrawing = false;
  #subject: Subject | null = null;
  /** Whether the labels are where the pictures are drawn. */
  #isOnGpu = false;

  constructor(
    post: Post<FromClusterWorker>,
    bench: Bench,
    { job, pace, request }: ToClusterWorker & { type: 'start' },
  ) {
    [this.#post, this.#bench] = [post, bench];
    this.#id = job;
    this.#request = request;
    this.#pace = pace === 'run' ? 'run' : 'hold';
    this.#steps = pace === 'step' ? 1 : 0;
  }

  pace(pace: Pace): void {
    this.#pace = pace === 'run' ? 'run' : 'hold';
    this.#steps = pace === 'step' ? this.#steps + 1 : 0;
    this.#wake();
  }

  drawn(): void {
    this.#pageIsDrawing = false;
  }

  cancel(): void {
    this.#abort.abort();
    this.#wake();
  }

  async run(): Promise<void> {
    try {
      const { k, seed, engine, init, whiten, metric, tol, start } = this.#request;
      this.#tick({ phase: 'points' });
      this.#bench.result = this.#bench.subject = null;
      const points = await this.#bench.atHand.get(this.#request, {
        signal: this.#abort.signal,
        onShare: (share) => this.#tick({ phase: 'points', share }),
      });
      const options: KMeansOptions = {
        seed,
        init: start ? { data: start, columns: points.columns } : init,
        whiten,
        metric,
        tol,
        // Whatever the address says: the library refuses what it does not know.
        engine: engine as NonNullable<KMeansOptions['engine']>,
      };
      this.#subject = this.#bench.subject = { job: this.#id, k, options, newest: null, seen: null };
      const device = await this.#foretell(points, options);
      this.#abort.signal.throwIfAborted();
      this.#isOnGpu = device !== null;
      this.#watch.restart();
      const result = await kmeans(points, k, {
        ...options,
        ...(device && { device }),
        signal: this.#abort.signal,
        onProgress: (progress) => this.#progress(progress),
      });
      this.#watch.pause();
      this.#bench.result = result;
      const { iterations, inertia, stopReason, hash, sizes } = result;
      const moment = this.#moment(iterations, result.labels, result.centroids, sizes);
      if (this.#isOnGpu) this.#bench.onGpu?.known(moment.labels);
      const inertias = Float64Array.from(result.history, ({ inertia }) => inertia);
      const moves = Float64Array.from(result.history, ({ moved }) => moved);
      this.#post(
        {
          ...moment,
          type: 'done',
          job: this.#id,
          inertias,
          moves,
          outcome: {
            engine: result.engine,
            iterations,
            inertia,
            stopReason,
            hash,
            seconds: this.#watch.seconds,
            secondsPerIteration: this.#iterating.seconds / Math.max(1, iterations),
          },
        },
        [inertias.buffer, moves.buffer],
      );
    } catch (error) {
      if (!this.#abort.signal.aborted)
        this.#post({ type: 'failed', job: this.#id, message: plainMessage(error) });
    }
  }

  /**
   * Says which engine it will be. What cannot run is told by the run itself. The device that it should have, where
   * pictures are to be drawn there.
   */
  async #foretell(points: Rows, options: KMeansOptions): Promise<GPUDevice | null> {
    const explanation = await explain(points, this.#request.k, options).catch(() => null);
    if (explanation) this.#post({ type: 'engine', job: this.#id, engine: explanation.engine });
    const bench = this.#bench;
    if (explanation?.engine === 'webgpu' && options.metric === 'euclidean') {
      const loaded = bench.onGpu ? null : await import('./on-gpu.ts').catch(() => null);
      if (loaded) bench.onGpu = new loaded.OnGpu(this.#post);
      return (await bench.onGpu?.lend(bench.atHand)) ?? null;
    }
    await bench.onGpu?.leave();
    return null;
  }

  #progress(progress: Progress): void | Promise<void> {
    const { phase, iteration } = progress;
    if (phase === 'iterate' && iteration === 0) {
      this.#iterating.restart();
      this.#nextPicture = performance.now() + PICTURE_MS;
    } else if (phase === 'read') this.#iterating.pause();
    this.#tick(progress);
    if (phase === 'read' && this.#isOnGpu) return this.#close(progress);
    if (phase !== 'iterate') return;
    const due = !this.#pageIsDrawing && performance.now() >= this.#nextPicture;
    if (this.#pace === 'hold' || due) return this.#attend(progress);
  }

  /** Sends a picture, and holds the run where the user wants that. */
  async #attend(progress: Progress): Promise<void> {
    if (progress.iteration > 0 && this.#steps > 0) this.#steps--;
    this.#watch.pause();
    this.#iterating.pause();
    const since = performance.now();
    const isDrawn = await this.#drawOnGpu(progress);
    this.#pageIsDrawing = true;
    if (this.#isHeld()) {
      const { centroids, labels } = await progress.read();
      const moment = this.#moment(progress.iteration, labels, centroids);
      if (isDrawn) this.#bench.onGpu?.known(moment.labels);
      this.#post({ ...moment, type: 'held', job: this.#id });
    } else if (!isDrawn) {
      const { centroids, labels } = await progress.read();
      const picture = narrow(labels.subarray(0, this.#request.sample));
      this.#picture(picture, centroids);
    }
    const now = performance.now();
    this.#nextPicture = now + Math.max(PICTURE_MS, PICTURE_SHARE * (now - since));
    while (this.#isHeld())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#abort.signal.throwIfAborted();
    this.#subject!.newest = this.#subject!.seen = null;
    this.#watch.resume();
    this.#iterating.resume();
  }

  /** The last picture, before the labels are read. */
  async #close(progress: Progress): Promise<void> {
    this.#watch.pause();
    await this.#drawOnGpu(progress);
    this.#watch.resume();
  }

  /** Has the labels of the moment drawn where they are; false where they are not on the GPU, or no longer. */
  async #drawOnGpu(progress: Progress): Promise<boolean> {
    const { onGpu } = this.#bench;
    const buffer = this.#isOnGpu ? onGpu?.labels : null;
    const there = buffer ? await progress.readOnGpu(buffer) : null;
    this.#isOnGpu = there !== null;
    if (!there) {
      if (buffer) await onGpu!.leave(); // another engine has taken over: its labels are in main memory
      return false;
    }
    onGpu!.took();
    this.#picture(null, there.centroids);
    return true;
  }

  #picture(labels: Uint8Array<ArrayBuffer> | null, centroids: Rows): void {
    const places = Float32Array.from(this.#bench.atHand.place(centroids));
    this.#post({ type: 'picture', job: this.#id, labels, centroids: places }, [
      ...(labels ? [labels.buffer] : []),
      places.buffer,
    ]);
  }

  /** The whole picture, which the page may ask about. */
  #moment(
    iteration: number,
    labels: Uint32Array,
    centroids: Rows & { data: Float32Array },
    sizes = countLabels(labels, this.#request.k),
  ): Moment {
    const moment = {
      iteration,
      labels: narrow(labels),
      centroids: this.#bench.atHand.place(centroids).slice(),
      rows: centroids.data.slice(),
      sizes,
    };
    this.#subject!.newest = this.#subject!.seen = moment;
    return moment;
  }

  #isHeld(): boolean {
    return this.#pace === 'hold' && this.#steps === 0 && !this.#abort.signal.aborted;
  }

  #tick(at: { phase: Phase } & Partial<Omit<Tick, 'phase' | 'seconds'>>): void {
    const { phase, iteration = 0, inertia = NaN, moved = 0, share } = at;
    const { seconds } = this.#watch;
    const tick = { phase, iteration, inertia, moved, seconds };
    this.#post({ type: 'tick', job: this.#id, ...tick, ...(share === undefined ? {} : { share }) });
  }
}

/** Labels in bytes: the page goes up to 256 clusters, and colours need no more. */
function narrow(labels: Uint32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(labels);
}

export function openSession(post: Post<FromClusterWorker>): (message: ToClusterWorker) => void {
  const bench: Bench = {
    atHand: new PointsAtHand(post),
    result: null,
    subject: null,
    film: null,
    onGpu: null,
  };
  let current: { id: number; job: Job } | null = null;
  /** Jobs follow each other: the memory of one is free before the next begins. */
  let last = Promise.resolve();

  const runIsOver = tellEngines((engines) => post({ type: 'engines', engines }));

  return (message) => {
    // The run that was looked back at is over, or goes on.
    if (message.type === 'start' || message.type === 'pace') {
      bench.film?.stop();
      bench.film = null;
    }
    if (!('job' in message) && message.type !== 'desk') bench.onGpu?.receive(message);
    else if (message.type === 'desk') serve(message.port, servicesOf(bench, post));
    else if (message.type === 'start') {
      current?.job.cancel();
      const job = new Job(post, bench, message);
      const mine = { id: message.job, job };
      current = mine;
      // A job that was overtaken while it waited is not begun.
      last = last.then(() => (current === mine ? job.run() : undefined)).then(runIsOver);
    } else if (current?.id === message.job) {
      if (message.type === 'pace') current.job.pace(message.pace);
      else if (message.type === 'cancel') current.job.cancel();
      else current.job.drawn();
    }
  };
}
