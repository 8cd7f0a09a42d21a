/**
 * A run whose passes over the rows are an engine's, and the rest of an iteration is lloyd.ts on the host, in
 * its order. Points stay in main memory beside whatever the engine makes of them.
 */
import type { Assignment, Clustering, Session, Status, Task } from './engine.ts';
import { Course, emptiesOf } from './course.ts';
import { runningInertia, type Grid } from './grid.ts';
import { divide, NO_LABEL, relocate, type Totals } from './lloyd.ts';

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
  #course!: Course;

  constructor(task: Task, grid: Grid, passes: Passes) {
    this.#task = task;
    this.#grid = grid;
    this.#passes = passes;
    this.#labels = new Uint32Array(grid.rows);
  }

  async place(centroids: Float32Array): Promise<void> {
    this.#centroids = centroids.slice();
    this.#course = new Course(this.#task, this.#grid, this.#centroids);
    this.#labels.fill(NO_LABEL);
  }

  async step(iterations: number): Promise<Status> {
    for (let i = 0; i < iterations && this.#course.stop === null; i++) await this.#iterate();
    return this.#course.status();
  }

  async #iterate(): Promise<void> {
    const grid = this.#grid;
    this.#task.signal?.throwIfAborted();
    const previous = this.#centroids.slice();
    const moved = await this.#passes.assign(this.#centroids, this.#labels);
    const totals = await this.#passes.accumulate(this.#labels, this.#k);
    const empty = emptiesOf(totals.counts);
    const relocated =
      empty > 0 && this.#task.emptyCluster === 'relocate'
        ? relocate(grid, this.#centroids, this.#labels, totals)
        : 0;
    const { shift, explainedSum } = divide(grid, this.#centroids, totals);
    const inertia = runningInertia(grid, explainedSum);
    this.#course.note(previous, { moved, empty, relocated, shift, inertia });
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
      history: this.#course.history,
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
