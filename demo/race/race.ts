/**
 * Runs contestants one after the other, each in a worker of its own. Who is over time is ended from here, whatever
 * it does; who was too slow at one size is not asked at a larger one.
 */
import { scaled, type Case } from '../../bench/cases.ts';
import { openLine } from '../line.ts';
import type { Contestant } from './contestants.ts';
import type {
  FromRaceWorker,
  RaceMeasurement,
  RaceOptions,
  RaceRun,
  ToRaceWorker,
} from './messages.ts';

/** A worker that is silent for so many times the limit of its fits is ended: checks take time as well. */
const PATIENCE = 8;

export interface RacePlan {
  given: Case;
  sizes: readonly number[];
  contestants: readonly Contestant[];
  options: RaceOptions;
  /** What is known already is not measured again. */
  known: readonly RaceRun[];
}

export interface RaceListener {
  begins(contestant: Contestant, rows: number, done: number, of: number): void;
  ends(run: RaceRun): void;
}

/** A case at another size. */
export const atSize = (given: Case, rows: number): Case => scaled(given, rows / given.rows);

/** Resolves at the end of the race, or where `signal` stops it. */
export async function race(plan: RacePlan, listener: RaceListener, signal: AbortSignal) {
  const { given, sizes, contestants, options } = plan;
  const runs = [...plan.known];
  const of = sizes.length * contestants.length;
  let done = 0;
  for (const rows of sizes)
    for (const contestant of contestants) {
      if (signal.aborted) return;
      const { id } = contestant;
      if (!runs.some((run) => run.id === id && run.rows === rows)) {
        listener.begins(contestant, rows, done, of);
        const measurement =
          slowBefore(runs, id, rows, options) ??
          (await compete({ type: 'measure', id, case: atSize(given, rows), options }, signal));
        if (signal.aborted) return;
        const run = { id, rows, measurement };
        runs.push(run);
        listener.ends(run);
      }
      done++;
    }
}

/** Why a contestant is not asked at this size, going by smaller ones; time grows with the rows. */
function slowBefore(
  runs: readonly RaceRun[],
  id: string,
  rows: number,
  { maxSeconds }: RaceOptions,
): RaceMeasurement | null {
  const before = runs
    .filter((run) => run.id === id && run.rows < rows)
    .sort((a, b) => b.rows - a.rows)[0];
  if (!before) return null;
  const { measurement } = before;
  if (measurement.outcome !== 'measured')
    return measurement.outcome === 'too long'
      ? {
          outcome: 'too long',
          reason: `too long with ${before.rows.toLocaleString('en')} rows already`,
        }
      : null;
  const seconds = (measurement.fit.median * rows) / before.rows / 1000;
  if (seconds <= maxSeconds) return null;
  const reason =
    `a fit would take about ${Math.round(seconds).toLocaleString('en')} s, ` +
    `going by ${before.rows.toLocaleString('en')} rows; the limit is ${maxSeconds} s`;
  return { outcome: 'too long', reason };
}

async function compete(
  job: ToRaceWorker & { type: 'measure' },
  signal: AbortSignal,
): Promise<RaceMeasurement> {
  const answer = await ask(job, signal, 1000 * PATIENCE * job.options.maxSeconds);
  if ('failure' in answer) return { outcome: 'failed', reason: answer.failure };
  return answer.type === 'measured'
    ? answer.measurement
    : { outcome: 'failed', reason: 'the worker answered another question' };
}

/** One question to a worker of its own. */
export function ask(
  question: ToRaceWorker,
  signal: AbortSignal,
  patience: number,
): Promise<FromRaceWorker | { failure: string }> {
  return new Promise((resolve) => {
    const end = (answer: FromRaceWorker | { failure: string }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      line.close();
      resolve(answer);
    };
    const stop = () => end({ failure: 'stopped' });
    const timer = setTimeout(
      () => end({ failure: `no answer for ${Math.round(patience / 1000)} s; it was ended` }),
      patience,
    );
    signal.addEventListener('abort', stop);
    const line = openLine<ToRaceWorker, FromRaceWorker>({
      worker: () => new Worker(new URL('./race-worker.ts', import.meta.url), { type: 'module' }),
      load: async () => (await import('./session.ts')).openSession,
      listen: end,
      onBroken: (reason) => end({ failure: `its worker stopped: ${reason}` }),
    });
    line.send(question);
  });
}
