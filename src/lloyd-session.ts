/**
 * A run whose passes over the rows are an engine's, and the rest of an iteration is lloyd.ts on the host, in
 * its order. Points stay in main memory beside whatever the engine makes of them.
 */
import type {
  Assignment,
  Clustering,
  IterationRecord,
  Session,
  Status,
  Stop,
  Task,
} from './engine.ts';
import { LABEL_BITS, powerOfTwo, runningInertia, type Grid } from './grid.ts';
import { converge, divide, NO_LABEL, relocate, reportedShift, type Totals } from './lloyd.ts';

/** What an engine does with all rows. Rejects where the task is aborted in between. */
export interface Passes {
  /**
   * Writes every row's nearest centroid, returns how many labels changed. With `second` the one that a row
   * is labelled with is left out: the second-nearest takes its place.
   */
  assign(centroids: Float32Array, labels: Uint32Array, second?: boolean): Promise<number>;
  /** Adds every row to its cluster, in 64-bit integers. */
  accumulate(labels: Uint32Array, k: number): Promise<Totals>;
  dispose(): void;
}

export class LloydSession implements Session {
  readonly algorithm = 'lloyd';
  readonly #task: Task;
  readonly #grid: Grid;
  readonly #passes: Passes;
  #labels: Uint32Array;
  #centroids = new Float32Array();
  #previous = new Float32Array();
  #stop: Stop | null = null;
  #empty = 0;
  #history: IterationRecord[] = [];

  constructor(task: Task, grid: Grid, passes: Passes) {
    this.#task = task;
    this.#grid = grid;
    this.#passes = passes;
    this.#labels = new Uint32Array(grid.rows);
  }

  async place(centroids: Float32Array): Promise<void> {
    this.#centroids = centroids.slice();
    this.#previous = this.#centroids;
    this.#labels.fill(NO_LABEL);
    this.#stop = null;
    this.#empty = 0;
    this.#history = [];
  }

  async step(iterations: number): Promise<Status> {
    for (let i = 0; i < iterations && this.#stop === null; i++) await this.#iterate();
    return {
      iteration: this.#history.length,
      stop: this.#stop,
      last: this.#history.at(-1) ?? null,
      empty: this.#empty,
      restorePoint: this.#task.restorePoints
        ? { centroids: this.#previous, history: this.#history.slice() }
        : null,
    };
  }

  async #iterate(): Promise<void> {
    const grid = this.#grid;
    const { emptyCluster, shiftLimit } = this.#task;
    this.#task.signal?.throwIfAborted();
    this.#previous = this.#centroids.slice();
    const moved = await this.#passes.assign(this.#centroids, this.#labels);
    const totals = await this.#passes.accumulate(this.#labels, this.#k);
    this.#empty = totals.counts.reduce((empties, count) => empties + (count === 0 ? 1 : 0), 0);
    const relocated =
      this.#empty > 0 && emptyCluster === 'relocate'
        ? relocate(grid, this.#centroids, this.#labels, totals)
        : 0;
    const { shift, explainedSum } = divide(grid, this.#centroids, totals);
    this.#stop = converge(moved, relocated, shift, shiftLimit);
    if (this.#empty > 0 && emptyCluster === 'stop') this.#stop = 'empty';
    this.#history.push({
      iteration: this.#history.length + 1,
      moved,
      shift: reportedShift(shift) * powerOfTwo(2 * (grid.exponent - LABEL_BITS)),
      inertia: runningInertia(grid, explainedSum),
    });
  }

  async assign(): Promise<Assignment> {
    const labels = this.#labels.slice(); // the iterations to come compare with the old ones
    await this.#passes.assign(this.#centroids, labels);
    return { labels };
  }

  async assignSecond(labels: Uint32Array): Promise<Assignment> {
    const second = labels.slice();
    await this.#passes.assign(this.#centroids, second, true);
    return { labels: second };
  }

  async read(): Promise<Clustering> {
    const { labels } = await this.assign();
    const totals = await this.#passes.accumulate(labels, this.#k);
    return {
      labels,
      centroids: this.#centroids.slice(),
      history: this.#history.slice(),
      ...totals,
    };
  }

  get #k(): number {
    return this.#centroids.length / this.#grid.columns;
  }

  async dispose(): Promise<void> {
    this.#passes.dispose();
    this.#labels = new Uint32Array();
    this.#centroids = new Float32Array();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
