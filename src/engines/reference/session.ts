/** A run of the reference engine: the functions of lloyd.ts in their order. */
import { breather } from '../../breathe.ts';
import type {
  Assignment,
  Clustering,
  IterationRecord,
  Session,
  Status,
  Stop,
  Task,
} from '../../engine.ts';
import { LABEL_BITS, powerOfTwo, runningInertia, type Grid } from '../../grid.ts';
import { converge, divide, reportedShift } from '../../update.ts';
import { accumulate, assign, manhattan, NO_LABEL, relocate } from './lloyd.ts';

export class ReferenceSession implements Session {
  readonly algorithm = 'lloyd';
  readonly #task: Task;
  readonly #grid: Grid;
  readonly #pause: () => Promise<void> | undefined;
  readonly #nearest: typeof assign;
  #labels: Uint32Array;
  #centroids = new Float32Array();
  #previous = new Float32Array();
  #stop: Stop | null = null;
  #empty = 0;
  #history: IterationRecord[] = [];

  constructor(task: Task, values: Float32Array) {
    this.#task = task;
    this.#grid = { ...task.points.grid, values };
    this.#pause = breather(task.signal);
    this.#nearest = task.distance === 'manhattan' ? manhattan : assign;
    this.#labels = new Uint32Array(this.#grid.rows);
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
    const moved = await this.#nearest(grid, this.#centroids, this.#labels, this.#pause);
    const totals = await accumulate(grid, this.#labels, this.#k, this.#pause);
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
    await this.#nearest(this.#grid, this.#centroids, labels, this.#pause);
    return { labels };
  }

  async assignSecond(labels: Uint32Array): Promise<Assignment> {
    const second = labels.slice();
    await this.#nearest(this.#grid, this.#centroids, second, this.#pause, true);
    return { labels: second };
  }

  async read(): Promise<Clustering> {
    const { labels } = await this.assign();
    const totals = await accumulate(this.#grid, labels, this.#k, this.#pause);
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
    this.#labels = new Uint32Array();
    this.#centroids = new Float32Array();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
