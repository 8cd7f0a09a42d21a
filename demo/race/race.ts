/**
 * Runs contestants one after the other, each in a worker of its own. Who is over time is ended from here, whatever
 * it does; who was too slow at one size is not asked at a larger one.
 */
import type { Case } from '../../bench/cases.ts';
import { openLine } from '../line.ts';
import type { Contestant } from './contestants.ts';
import type {
  FromRaceWorker,
  RaceMeasurement,
  RaceOptions,
  RaceRun,
  ToRaceWorker,
} from './messages.ts';
import { atSize } from './standings.ts';

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
  /** There are no workers: contestants run on the page. */
  onPage(): void;
  begins(contestant: Contestant, rows: number, done: number, of: number): void;
  ends(run: RaceRun): void;
}

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
          (await compete(
            { type: 'measure', id, case: atSize(given, rows), options },
            signal,
            listener,
          ));
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
  { onPage }: RaceListener,
): Promise<RaceMeasurement> {
  const patience = 1000 * PATIENCE * job.options.maxSeconds;
  const answer = await ask(job, { signal, patience, onPage });
  if ('failure' in answer) return { outcome: 'failed', reason: answer.failure };
  return answer.type === 'measured'
    ? answer.measurement
    : { outcome: 'failed', reason: 'the worker answered another question' };
}

export interface Asking {
  signal: AbortSignal;
  /** Milliseconds. */
  patience: number;
  onPage(): void;
}

/**
 * One question to a worker of its own, which is ended where it is stopped or too slow. What runs on the page can
 * only be told to end: then its last word is waited for, so that nothing else runs beside it.
 */
export function ask(
  question: ToRaceWorker,
  { signal, patience, onPage }: Asking,
): Promise<FromRaceWorker | { failure: string }> {
  return new Promise((resolve) => {
    let isOnPage = false;
    let failure: string | null = null;
    const end = (answer: FromRaceWorker | { failure: string }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      line.close();
      resolve(failure === null ? answer : { failure });
    };
    const halt = (why: string) => {
      failure = why;
      if (isOnPage) line.send({ type: 'stop' });
      else end({ failure });
    };
    const stop = () => halt('stopped');
    const timer = setTimeout(
      () => halt(`no answer for ${Math.round(patience / 1000)} s; it was ended`),
      patience,
    );
    signal.addEventListener('abort', stop);
    const line = openLine<ToRaceWorker, FromRaceWorker>({
      worker: () => new Worker(new URL('./race-worker.ts', import.meta.url), { type: 'module' }),
      load: async () => (await import('./session.ts')).openSession,
      listen: end,
      onPage() {
        isOnPage = true;
        onPage();
        if (failure !== null) line.send({ type: 'stop' });
      },
      onBroken: (reason) => end({ failure: `its worker stopped: ${reason}` }),
    });
    line.send(question);
  });
}
