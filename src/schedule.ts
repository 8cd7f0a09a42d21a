/**
 * The host scheduler: steps a session in growing batches until it stops by itself, the limit is
 * reached or the caller aborts. A batch is one submission and one status read, so that a run of m
 * iterations is read about log2(m) times.
 */
import type { Session, Status } from './engine.ts';

/** Longest a batch should take, ms: progress, abort and a responsive tab all wait for it. */
const BATCH_MS = 100;

export interface ScheduleOptions {
  maxIter: number;
  signal: AbortSignal | undefined;
  /** After every batch. A returned promise is awaited, and batches are single iterations from then on. */
  onBatch: (status: Status) => void | Promise<void>;
  /** True where {@link onBatch} has already shown that it wants every iteration. */
  everyIteration: boolean;
  /** Who keeps the state of the run; told of a batch first, before an abort is heard. */
  keeper?: Keeper | undefined;
}

export interface Keeper {
  /** Iterations until it wants to be told, ≥ 1. */
  readonly left: number;
  /** A returned promise is awaited, and changes nothing about the batches. */
  keep(status: Status): void | Promise<void>;
}

/** Runs to the end. Resolves with the last status. */
export async function schedule(
  session: Pick<Session, 'step'>,
  options: ScheduleOptions,
): Promise<Status> {
  const { maxIter, signal, onBatch, keeper } = options;
  let { everyIteration } = options;
  let batch = 1;
  for (;;) {
    signal?.throwIfAborted();
    const since = performance.now();
    const status = await session.step(batch);
    const perIteration = (performance.now() - since) / batch;
    const keeping = keeper?.keep(status);
    if (keeping) await keeping;
    signal?.throwIfAborted();
    const waiting = onBatch(status);
    if (waiting) {
      everyIteration = true;
      await waiting;
    }
    if (status.stop !== null || status.iteration >= maxIter) return status;
    const affordable = Math.max(1, Math.floor(BATCH_MS / perIteration));
    const left = Math.min(maxIter - status.iteration, keeper?.left ?? Infinity);
    batch = everyIteration ? 1 : Math.min(2 * batch, affordable, left);
  }
}
