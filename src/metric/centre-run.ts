/**
 * The iterations of a metric whose centres are no means. The engine decides the labels, as ever; the
 * centres are found here, on the host, from what it reads (centre.ts). The same verbs as a Run's, which
 * opens the engines and outlives them: a look that one lost is repeated by the next.
 *
 * A look serves twice: as the labels of the coming iteration, and as what is read before it.
 */
import { Course, emptiesOf } from '../course.ts';
import type {
  Clustering,
  Distance,
  IterationRecord,
  RestorePoint,
  Status,
  Task,
} from '../engine.ts';
import { exactDistance } from '../exact.ts';
import { toLabelGrid } from '../grid.ts';
import { movedRows } from '../lloyd.ts';
import { keepingValues } from '../laid-points.ts';
import type { Run } from '../run.ts';
import { schedule, type ScheduleOptions } from '../schedule.ts';
import type { Centre } from './centre.ts';
import { Directions } from './directions.ts';
import { heirsOf } from './farthest.ts';
import { Medians } from './medians.ts';

type Looking = Pick<Run, 'place' | 'read'>;

type CentreTask = Pick<Task, 'points' | 'shiftLimit' | 'emptyCluster'> & {
  readonly distance: Distance;
};

/** The iterations of a metric beside the run that looks for them. */
export function centreRun(
  metric: 'cosine' | 'manhattan',
  run: Looking,
  task: CentreTask,
  pause: () => Promise<void> | undefined,
): CentreRun {
  const points = keepingValues(task.points);
  const Centre = metric === 'cosine' ? Directions : Medians;
  return new CentreRun(run, new Centre(points, pause), { ...task, points }, pause);
}

export class CentreRun {
  readonly #run: Looking;
  readonly #centre: Centre;
  readonly #task: CentreTask;
  readonly #pause: () => Promise<void> | undefined;
  #centroids: Float32Array = new Float32Array();
  /** What the engine found for the centroids, once it has been asked. */
  #found: Clustering | null = null;
  /** Of the last iteration. */
  #labels: Uint32Array | null = null;
  #course!: Course;

  constructor(
    run: Looking,
    centre: Centre,
    task: CentreTask,
    pause: () => Promise<void> | undefined,
  ) {
    this.#pause = pause;
    this.#run = run;
    this.#centre = centre;
    this.#task = task;
  }

  /** Starts (again) from these centroids, with a history of its own. */
  place(centroids: Float32Array): Promise<void> {
    return this.#begin(centroids);
  }

  /** Goes on from other centroids (fewer, when empty clusters are dropped) with the same history. */
  replace(centroids: Float32Array, history: readonly IterationRecord[]): Promise<void> {
    return this.#begin(centroids, history);
  }

  /** Goes on where another run was: the next iteration is the last of its own, repeated. */
  resume({ centroids, history }: RestorePoint): Promise<void> {
    return this.#begin(centroids, history, true);
  }

  async #begin(
    centroids: Float32Array,
    history: readonly IterationRecord[] = [],
    replayed = false,
  ): Promise<void> {
    const { points, shiftLimit, emptyCluster } = this.#task;
    const task = { shiftLimit, emptyCluster, restorePoints: false };
    this.#course = new Course(task, points.grid, centroids, history, replayed);
    this.#labels = null;
    await this.#move(centroids);
  }

  /** What {@link resume} takes; null before an iteration of which there is one. */
  get restorePoint(): RestorePoint | null {
    return this.#labels && { centroids: this.#course.previous, history: this.#course.history };
  }

  async #move(centroids: Float32Array): Promise<void> {
    this.#found = null;
    this.#centroids = centroids;
    await this.#run.place(centroids);
  }

  /** Iterates to the end of the schedule. */
  iterate(options: ScheduleOptions): Promise<Status> {
    return schedule({ step: (iterations) => this.#step(iterations) }, options);
  }

  async #step(iterations: number): Promise<Status> {
    for (let i = 0; i < iterations && this.#course.stop === null; i++) await this.#iterate();
    return this.#course.status();
  }

  async #iterate(): Promise<void> {
    const { points, emptyCluster, distance } = this.#task;
    const found = await this.#look();
    const moved = movedRows(this.#labels, found.labels);
    const heirs =
      emptyCluster === 'relocate' ? await heirsOf(found, points, distance, this.#pause) : [];
    const { centroids, cost } = await this.#centre.update(found, heirs);
    const shift = squaredShift(centroids, this.#centroids, points.grid.columns);
    this.#labels = found.labels;
    const empty = emptiesOf(found.counts);
    const relocated = heirs.length;
    this.#course.note(this.#centroids, { moved, empty, relocated, shift, inertia: cost });
    // where nothing moves, the look is still good
    if (centroids.some((y, at) => y !== this.#centroids[at])) await this.#move(centroids);
  }

  async #look(): Promise<Clustering> {
    this.#found ??= await this.#run.read();
    return this.#found;
  }

  /** Labels, sums and counts for the current centroids, and the way there. */
  async read(): Promise<Clustering> {
    const found = await this.#look();
    // who reads may write to the labels, and the next iteration compares with them
    return { ...found, labels: found.labels.slice(), history: this.#course.history };
  }

  /** Σ W · distance of a clustering. */
  cost(clustering: Clustering): Promise<number> {
    return this.#centre.cost(clustering);
  }
}

/** Σ‖new − old‖² on the label grid. */
function squaredShift(centroids: Float32Array, before: Float32Array, columns: number): bigint {
  const now = Int32Array.from(centroids, toLabelGrid);
  const then = Int32Array.from(before, toLabelGrid);
  const d = { high: 0, low: 0 };
  let shift = 0n;
  for (let at = 0; at < centroids.length; at += columns) {
    exactDistance(now, at, then, at, columns, d);
    shift += (BigInt(d.high) << 30n) + BigInt(d.low);
  }
  return shift;
}
