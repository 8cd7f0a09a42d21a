/**
 * What is known of the way of a run whose loop is on the host: iterations done, and why it stopped. The same
 * for every engine that has such a loop, and for metrics whose centres are no means.
 */
import type { IterationRecord, RestorePoint, Status, Stop, Task } from './engine.ts';
import { LABEL_BITS, powerOfTwo, type GridFacts } from './grid.ts';
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
  readonly inertia: number;
}

type CourseTask = Pick<Task, 'emptyCluster' | 'shiftLimit' | 'restorePoints'>;

export class Course {
  readonly #task: CourseTask;
  readonly #exponent: number;
  #previous: Float32Array;
  readonly #history: IterationRecord[];
  #replayed: IterationRecord | null;
  #stop: Stop | null = null;
  #empty = 0;

  /** Begins at these centroids, after a history of which the last iteration may be `replayed`. */
  constructor(
    task: CourseTask,
    { exponent }: GridFacts,
    centroids: Float32Array,
    history: readonly IterationRecord[] = [],
    replayed = false,
  ) {
    this.#task = task;
    this.#exponent = exponent;
    this.#previous = centroids;
    this.#history = history.slice(0, replayed ? -1 : undefined);
    this.#replayed = replayed ? history.at(-1)! : null;
  }

  get stop(): Stop | null {
    return this.#stop;
  }

  /** Centroids before the last iteration. */
  get previous(): Float32Array {
    return this.#previous;
  }

  get history(): IterationRecord[] {
    return this.#history.slice();
  }

  /** An iteration is done that began at `previous`. */
  note(previous: Float32Array, { moved, empty, relocated, shift, inertia }: Findings): void {
    const { emptyCluster, shiftLimit } = this.#task;
    this.#previous = previous;
    this.#empty = empty;
    this.#stop =
      empty > 0 && emptyCluster === 'stop'
        ? 'empty'
        : converge(moved, relocated, shift, shiftLimit);
    this.#history.push(
      this.#replayed ?? {
        iteration: this.#history.length + 1,
        moved,
        shift: reportedShift(shift) * powerOfTwo(2 * (this.#exponent - LABEL_BITS)),
        inertia,
      },
    );
    this.#replayed = null;
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
