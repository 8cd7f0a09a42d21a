/**
 * Makes points and clusters them, away from the page: the only worker of the Cluster tab.
 *
 * A run asks for pictures at its own pace: at most every 150 ms, never faster than the page draws,
 * and never for more than a fifth of the time, since reading the labels costs about an iteration.
 * Where no picture is due the progress callback returns nothing, and the library goes on in batches.
 */
import { explain, kmeans, type KMeansOptions, type Progress } from '../../src/index.ts';
import { isDataSet } from '../data/data-sets.ts';
import type {
  ClusterRequest,
  FromClusterWorker,
  Pace,
  Phase,
  Tick,
  ToClusterWorker,
} from '../messages.ts';
import { Stopwatch } from '../stopwatch.ts';
import { plainMessage, poster } from '../worker-port.ts';
import { makeBoard, shrink } from './boards.ts';
import { project, projectionOf, type Projection, type Rows } from './projection.ts';
import { tellEngines } from '../tell-engines.ts';

const PICTURE_MS = 150;
/** Time between pictures, in times of what the last one cost. */
const PICTURE_SHARE = 4;

const post = poster<FromClusterWorker>();

class Job {
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

  constructor(id: number, pace: Pace, request: ClusterRequest) {
    this.#id = id;
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
      const { k, seed, engine, init, whiten } = this.#request;
      this.#tick({ phase: 'points' });
      const points = await board.get(this.#request);
      this.#watch.restart();
      const options: KMeansOptions = {
        seed,
        init,
        whiten,
        // Whatever the address says: the library refuses what it does not know.
        engine: engine as NonNullable<KMeansOptions['engine']>,
      };
      void this.#foretell(points, options);
      const result = await kmeans(points, k, {
        ...options,
        signal: this.#abort.signal,
        onProgress: (progress) => this.#progress(progress),
      });
      this.#watch.pause();
      const labels = narrow(result.labels);
      const centroids = board.place(result.centroids);
      const inertias = Float64Array.from(result.history, ({ inertia }) => inertia);
      const { iterations, inertia, stopReason, hash, sizes } = result;
      post(
        {
          type: 'done',
          job: this.#id,
          labels,
          centroids,
          sizes,
          inertias,
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
        [labels.buffer, centroids.buffer, sizes.buffer, inertias.buffer],
      );
    } catch (error) {
      if (!this.#abort.signal.aborted)
        post({ type: 'failed', job: this.#id, message: plainMessage(error) });
    }
  }

  /** Says which engine it will be. What cannot run is told by the run itself. */
  async #foretell(points: Rows, options: KMeansOptions): Promise<void> {
    const explanation = await explain(points, this.#request.k, options).catch(() => null);
    if (explanation) post({ type: 'engine', job: this.#id, engine: explanation.engine });
  }

  #progress(progress: Progress): void | Promise<void> {
    const { phase, iteration } = progress;
    if (phase === 'iterate' && iteration === 0) {
      this.#iterating.restart();
      this.#nextPicture = performance.now() + PICTURE_MS;
    } else if (phase === 'read') this.#iterating.pause();
    this.#tick(progress);
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
    const { centroids, labels } = await progress.read();
    const all = this.#isHeld();
    const picture = narrow(all ? labels : labels.subarray(0, this.#request.sample));
    const places = board.place(centroids);
    this.#pageIsDrawing = true;
    post({ type: 'picture', job: this.#id, labels: picture, centroids: places }, [
      picture.buffer,
      places.buffer,
    ]);
    const now = performance.now();
    this.#nextPicture = now + Math.max(PICTURE_MS, PICTURE_SHARE * (now - since));
    if (this.#isHeld()) post({ type: 'held', job: this.#id, iteration: progress.iteration });
    while (this.#isHeld())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#abort.signal.throwIfAborted();
    this.#watch.resume();
    this.#iterating.resume();
  }

  #isHeld(): boolean {
    return this.#pace === 'hold' && this.#steps === 0 && !this.#abort.signal.aborted;
  }

  #tick(at: { phase: Phase } & Partial<Omit<Tick, 'phase' | 'seconds'>>): void {
    const { phase, iteration = 0, inertia = NaN, moved = 0 } = at;
    const { seconds } = this.#watch;
    post({ type: 'tick', job: this.#id, phase, iteration, inertia, moved, seconds });
  }
}

/** Labels in bytes: the page goes up to 256 clusters, and colours need no more. */
function narrow(labels: Uint32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(labels);
}

/** The last board and how it is drawn, since most changes leave both as they are. */
const board = {
  key: '',
  points: null as Rows | null,
  /** null: two columns, drawn as they are. */
  projection: null as Projection | null,
  async get(request: ClusterRequest): Promise<Rows> {
    const { board, n, seed, whiten } = request;
    const key = [board, whiten, ...(isDataSet(board) ? [] : [n, seed])].join();
    if (this.points === null || key !== this.key) {
      this.points = null; // let it go before the next is made: ten million points are 80 MB
      const points = await makeBoard(request);
      this.projection = points.columns > 2 || whiten ? projectionOf(points, whiten) : null;
      [this.points, this.key] = [points, key];
      const { places, bounds } = shrink(this.place(points));
      const { columns } = points;
      const share = this.projection?.share ?? 1;
      post({ type: 'points', places, bounds, columns, share }, [places.buffer]);
    }
    return this.points;
  },
  /** Where rows of this board lie in the picture. */
  place<Data extends Rows['data']>(rows: Rows & { data: Data }): Data | Float32Array {
    return this.projection ? project(rows, this.projection) : rows.data;
  },
};

let current: { id: number; job: Job } | null = null;
/** Jobs follow each other: the memory of one is free before the next begins. */
let last = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<ToClusterWorker>) => {
  if (data.type === 'start') {
    current?.job.cancel();
    const job = new Job(data.job, data.pace, data.request);
    const mine = { id: data.job, job };
    current = mine;
    // A job that was overtaken while it waited is not begun.
    last = last.then(() => (current === mine ? job.run() : undefined));
  } else if (current?.id === data.job) {
    if (data.type === 'pace') current.job.pace(data.pace);
    else current.job.drawn();
  }
};

tellEngines((engines) => post({ type: 'engines', engines }));
