/**
 * What a session whose loop is on the host knows of its way: iterations done, and why it stopped. The same
 * for every engine that has one.
 */
import type { IterationRecord, RestorePoint, Status, Stop, Task } from './engine.ts';
import { LABEL_BITS, powerOfTwo, runningInertia, type GridFacts } from './grid.ts';
import { converge, reportedShift } from './lloyd.ts';

/** What an iteration found; all of it exact. */
export interface Findings {
  /** Rows whose label changed. */
  readonly moved: number;
  /** Clusters without weight, before any of them took a row. */
  readonly empty: number;
  /** Rows that such clusters took. */
  readonly relocated: number;
  /** Squared, in steps of the label grid. */
  readonly shift: bigint;
  /** What the centroids explain of the points' squares: {@link runningInertia}. */
  readonly explainedSum: bigint;
}

export class Course {
  readonly #task: Pick<Task, 'emptyCluster' | 'shiftLimit' | 'restorePoints'>;
  readonly #grid: GridFacts;
  #previous: Float32Array<ArrayBuffer>;
  #history: IterationRecord[] = [];
  #stop: Stop | null = null;
  #empty = 0;

  /** Begins at these centroids. */
  constructor(
    task: Pick<Task, 'emptyCluster' | 'shiftLimit' | 'restorePoints'>,
    grid: GridFacts,
    centroids: Float32Array<ArrayBuffer>,
  ) {
    this.#task = task;
    this.#grid = grid;
    this.#previous = centroids;
  }

  get stop(): Stop | null {
    return this.#stop;
  }

  /** Centroids before the last iteration. */
  get previous(): Float32Array<ArrayBuffer> {
    return this.#previous;
  }

  get history(): IterationRecord[] {
    return this.#history.slice();
  }

  /** An iteration is done that began at `previous`. */
  note(
    previous: Float32Array<ArrayBuffer>,
    { moved, empty, relocated, shift, explainedSum }: Findings,
  ): void {
    const { emptyCluster, shiftLimit } = this.#task;
    const { exponent } = this.#grid;
    this.#previous = previous;
    this.#empty = empty;
    this.#stop =
      empty > 0 && emptyCluster === 'stop'
        ? 'empty'
        : converge(moved, relocated, shift, shiftLimit);
    this.#history.push({
      iteration: this.#history.length + 1,
      moved,
      shift: reportedShift(shift) * powerOfTwo(2 * (exponent - LABEL_BITS)),
      inertia: runningInertia(this.#grid, explainedSum),
    });
  }

  status(): Status {
    const restorePoint: RestorePoint = { centroids: this.#previous, history: this.history };
    return {
      iteration: this.#history.length,
      stop: this.#stop,
      last: this.#history.at(-1) ?? null,
      empty: this.#empty,
      restorePoint: this.#task.restorePoints ? restorePoint : null,
    };
  }
}

/** Clusters without weight. */
export function emptiesOf(counts: Uint32Array): number {
  return counts.reduce((empties, count) => empties + (count === 0 ? 1 : 0), 0);
}
