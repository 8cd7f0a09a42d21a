/** Tells the caller how far a run is, and keeps the time of its phases. */
import type { Clustering, Status } from './engine.ts';
import { judgeLabels } from './gpu-result.ts';
import { toOriginal, type Frame } from './grid.ts';
import type { GpuRows, Matrix, Rows } from './matrix.ts';
import type { Phase, Settings } from './options.ts';

/** What there is to tell, and to whom. */
type Told = Pick<
  Settings<Rows | GpuRows>,
  'maxIter' | 'onProgress' | 'restarts' | 'refine' | 'paged' | 'points' | 'device' | 'engine'
>;

/** What a callback may read of a run. */
export interface Readable {
  read(): Promise<Pick<Clustering, 'centroids' | 'labels'>>;
  /** See {@link Run.readInto}; missing where labels are not the engine's alone. */
  readInto?(labels: GPUBuffer): Promise<Float32Array | null>;
}

export class Reporter {
  readonly #settings: Told;
  readonly #spent: Record<Phase, number> = {
    load: 0,
    open: 0,
    seed: 0,
    iterate: 0,
    read: 0,
    refine: 0,
  };
  #phase: Phase = 'seed';
  #since = performance.now();
  #restart = 0;
  #iterating = 0;
  /** Done of this phase when it began: of a run that goes on from a checkpoint. */
  #base = 0;
  /** Done of the search that follows the restarts. */
  #searched = 0;
  #run: Readable | null = null;
  #frame: Frame | null = null;
  /** True once a callback has returned a promise: it wants to see every iteration. */
  awaited = false;

  constructor(settings: Told) {
    this.#settings = settings;
    this.#spent.load = 1000 * (settings.paged?.seconds ?? 0);
  }

  /**
   * A phase begins; the run and its frame are what the callback may read, where there are some. `before`: iterations that
   * were done elsewhere.
   */
  enter(
    phase: Phase,
    restart = 0,
    run: Readable | null = null,
    frame: Frame | null = null,
    before = 0,
  ) {
    const now = performance.now();
    this.#spent[this.#phase] += now - this.#since;
    this.#since = now;
    const again = phase === 'refine' && this.#phase === phase;
    this.#phase = phase;
    // a search has many runs, and one pace
    if (!again) [this.#iterating, this.#base] = [now, this.#inside(before)];
    this.#restart = restart;
    this.#run = run;
    this.#frame = frame;
    return this.#tell({ inside: phase === 'read' ? 1 : this.#inside(before) });
  }

  /** One more of the first centroids is chosen. */
  seeded(): void | Promise<void> {
    return this.#tell({ inside: 0 });
  }

  /** A batch of iterations is done. */
  iterated(status: Status): void | Promise<void> {
    return this.#tell({ inside: this.#inside(status.iteration), status });
  }

  /** So much of the search is done; for the runs that follow. */
  searched(share: number): void {
    this.#searched = share;
  }

  #inside(iteration: number): number {
    return this.#phase === 'refine' ? this.#searched : iteration / this.#settings.maxIter;
  }

  /** Wall seconds of each phase so far. */
  seconds(): Record<'open' | 'seed' | 'iterate' | 'read', number> {
    this.#spent[this.#phase] += performance.now() - this.#since;
    this.#since = performance.now();
    const { load, open, seed, iterate, read, refine } = this.#spent;
    return {
      open: (load + open) / 1000,
      seed: seed / 1000,
      iterate: (iterate + refine) / 1000,
      read: read / 1000,
    };
  }

  #tell(at: { inside: number; status?: Status }): void | Promise<void> {
    const { onProgress, restarts, refine } = this.#settings;
    const parts = restarts + (refine === 'none' ? 0 : 1);
    if (!onProgress) return;
    const { status } = at;
    const elapsed = (performance.now() - this.#iterating) / 1000;
    const inside = Math.min(1, at.inside);
    const gained = inside - this.#base;
    const waiting = onProgress({
      phase: this.#phase,
      iteration: status?.iteration ?? 0,
      inertia: status?.last?.inertia ?? NaN,
      shift: status?.last?.shift ?? NaN,
      moved: status?.last?.moved ?? 0,
      fraction: (this.#restart + inside) / parts,
      secondsLeft: gained > 0 ? (elapsed * (1 - inside)) / gained : NaN,
      read: () => this.#read(),
      readOnGpu: (labels) => this.#readOnGpu(labels),
    });
    if (waiting && typeof waiting.then === 'function') {
      this.awaited = true;
      return waiting;
    }
  }

  async #read() {
    if (!this.#run || !this.#frame) return EMPTY;
    const { centroids, labels } = await this.#run.read();
    return { centroids: inUnits(centroids, this.#frame), labels };
  }

  async #readOnGpu(labels: GPUBuffer) {
    const { points, device, engine } = this.#settings;
    if (!this.#run?.readInto || !this.#frame) return null;
    await judgeLabels(labels, points.rows, { device, engine });
    const centroids = await this.#run.readInto(labels);
    return centroids && { centroids: inUnits(centroids, this.#frame) };
  }
}

function inUnits(centroids: Float32Array, frame: Frame): Matrix {
  const { columns } = frame;
  const data = toOriginal(centroids, frame);
  return { data, rows: data.length / columns, columns };
}

/** Before there are centroids there is nothing to read. */
export const EMPTY = {
  centroids: { data: new Float32Array(), rows: 0, columns: 0 },
  labels: new Uint32Array(),
};
