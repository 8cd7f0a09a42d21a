/**
 * A clustering run that outlives its engine: opens the first rung of the ladder that will, and where
 * an engine fails in the middle (device lost, memory, a GPU error) goes on with the next one (or after a
 * loss with another device) from the last centroids it knows. All engines give the same bits, so the result does not tell.
 */
import type {
  Algorithm,
  Clustering,
  Engine,
  IterationRecord,
  RestorePoint,
  Session,
  Status,
  Task,
} from './engine.ts';
import {
  DeviceLostError,
  EngineUnavailableError,
  GpuError,
  InvalidInputError,
  OutOfMemoryError,
} from './errors.ts';
import { openRung, type Rung } from './ladder.ts';
import { schedule, type ScheduleOptions } from './schedule.ts';

export class Run {
  readonly #rungs: Rung[];
  #rung: Rung | null = null;
  readonly #task: Task;
  #engine: Engine | null = null;
  #owned = false;
  #session: Session | null = null;
  /** Records of iterations before the session's own first. */
  #before: readonly IterationRecord[] = [];
  /** The iteration that the session repeated after a failure, as it was the first time. */
  #replayed: IterationRecord | null = null;
  #restorePoint: RestorePoint = { centroids: new Float32Array(), history: [] };
  /** Iterations that the session is known to have done; a restore point may be of fewer. */
  #done = 0;
  /** True while a session that took over is not yet where the last one was. */
  #behind = false;
  /** Why rungs were left, for people. */
  readonly notes: string[] = [];

  /** `restorePoints`: wanted for themselves, too, and not only by the next engine. */
  constructor(
    rungs: readonly Rung[],
    task: Omit<Task, 'restorePoints'> & { readonly restorePoints?: 'all' | undefined },
  ) {
    this.#rungs = [...rungs];
    this.#task = { ...task, restorePoints: task.restorePoints ?? rungs.length > 1 };
  }

  get engine(): Engine {
    return this.#engine!;
  }

  get algorithm(): Algorithm {
    return this.#session!.algorithm;
  }

  /** Opens the first engine that can be had, and puts the points there. */
  async open(): Promise<void> {
    for (;;) {
      const rung = this.#rungs.shift()!;
      this.#rung = rung;
      try {
        this.#engine = await openRung(rung);
        this.#owned = rung.owned;
        this.#session = await this.#engine.open(this.#task);
        return;
      } catch (error) {
        await this.dispose();
        this.#giveWay(error);
      }
    }
  }

  /** Starts (again) from these centroids, with a history of its own. */
  async place(centroids: Float32Array): Promise<void> {
    this.#before = [];
    await this.#place(centroids);
  }

  /** Goes on from other centroids (fewer, when empty clusters are dropped) with the same history. */
  async replace(centroids: Float32Array, history: readonly IterationRecord[]): Promise<void> {
    this.#before = history;
    await this.#place(centroids);
  }

  /** Goes on where another run was: the next iteration is the last of its own, repeated. */
  async resume({ centroids, history }: RestorePoint): Promise<void> {
    this.#before = history.slice(0, -1);
    await this.#place(centroids);
    this.#replayed = history.at(-1)!;
  }

  /** What {@link resume} takes; null before an iteration of which there is one. */
  get restorePoint(): RestorePoint | null {
    const { centroids, history } = this.#restorePoint;
    return history.length > 0 ? { centroids, history: this.#joined(history) } : null;
  }

  async #place(centroids: Float32Array): Promise<void> {
    this.#replayed = null;
    this.#restorePoint = { centroids, history: [] };
    this.#done = 0;
    await this.#surviving((session) => session.place(centroids));
  }

  /** Steps to the end of the schedule. Statuses count from the run's first iteration. */
  iterate(options: ScheduleOptions): Promise<Status> {
    // The session of the moment: a callback between two steps may read, and meet a failure there.
    const step = async (iterations: number) => this.#note(await this.#session!.step(iterations));
    return this.#surviving(() => schedule({ step }, options));
  }

  /** A session's status as the run's. */
  #note(status: Status): Status {
    this.#restorePoint = status.restorePoint ?? this.#restorePoint;
    this.#done = status.iteration;
    const [last] = this.#joined(status.last ? [status.last] : []).slice(-1);
    return { ...status, iteration: this.#before.length + status.iteration, last: last ?? null };
  }

  /** Nearest centroids of the rows. */
  async assign(): Promise<Uint32Array> {
    return (await this.#surviving((session) => session.assign())).labels;
  }

  /** Nearest centroids of the rows but those that they are labelled with. */
  async assignSecond(labels: Uint32Array): Promise<Uint32Array> {
    return (await this.#surviving((session) => session.assignSecond(labels))).labels;
  }

  /** Labels and some centroids in buffers on the GPU, for good. Nobody takes over from a GPU here. */
  handOver(centroids: Float32Array): Promise<{ labels: GPUBuffer; centroids: GPUBuffer }> {
    return this.#surviving((session) => session.handOver!(centroids));
  }

  /** Labels into a caller's buffer on the GPU, and the centroids; null where the engine of the moment cannot. */
  readInto(labels: GPUBuffer): Promise<Float32Array | null> {
    return this.#surviving(async (session) => (await session.readInto?.(labels)) ?? null);
  }

  async read(without?: 'labels'): Promise<Clustering> {
    const clustering = await this.#surviving((session) => session.read(without));
    return { ...clustering, history: this.#joined(clustering.history) };
  }

  #joined(own: readonly IterationRecord[]): IterationRecord[] {
    const offset = this.#before.length;
    const history = own.map((record) => ({ ...record, iteration: record.iteration + offset }));
    if (this.#replayed && history[0]?.iteration === this.#replayed.iteration)
      history[0] = this.#replayed;
    return [...this.#before, ...history];
  }

  async #surviving<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (!this.#session)
      throw new InvalidInputError(
        'The run is over; expected read and readOnGpu within the callback. Await them there.',
      );
    for (;;) {
      try {
        if (this.#behind) await this.#restore();
        return await work(this.#session!);
      } catch (error) {
        await this.dispose();
        this.#giveWay(error);
        await this.open();
        this.#behind = true;
      }
    }
  }

  /** Brings a fresh session to where the last one was known to be. */
  async #restore(): Promise<void> {
    const { centroids, history } = this.#restorePoint;
    if (history.length > 0) {
      // Noted before it is done, so that the next failure finds the same way back.
      const done = this.#joined(history);
      this.#replayed = done.at(-1)!;
      this.#before = done.slice(0, -1);
      this.#restorePoint = { centroids, history: [{ ...this.#replayed, iteration: 1 }] };
      this.#done -= history.length - 1;
    }
    await this.#session!.place(centroids);
    if (this.#done > 0) await this.#session!.step(this.#done);
    this.#behind = false;
  }

  /** Goes on to the next rung where a failure is the engine's and there is one; rethrows otherwise. */
  #giveWay(error: unknown): void {
    const rung = this.#rung!;
    const engineFailed =
      error instanceof EngineUnavailableError ||
      error instanceof DeviceLostError ||
      error instanceof OutOfMemoryError ||
      error instanceof GpuError;
    if (!engineFailed || this.#rungs.length === 0) throw error;
    this.notes.push(`${rung.name}: ${error.message}`);
    // drivers are restarted, cards come back from sleep: once
    if (error instanceof DeviceLostError && rung.again)
      this.#rungs.unshift({ ...rung, again: false });
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.dispose();
    if (this.#owned) await this.#engine?.dispose();
    this.#owned = false;
  }
}
