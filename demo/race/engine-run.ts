/** One of this library's engines in the race: bench/measure.ts does it, with a clock in the engine. */
import { median } from 'simple-statistics';
import type { Case } from '../../bench/cases.ts';
import { measure } from '../../bench/measure.ts';
import { EngineUnavailableError, openEngine, type EngineName } from '../../src/index.ts';
import type { RaceMeasurement, RaceOptions } from './messages.ts';
import { timedEngine, type Lap } from './timed-engine.ts';

export async function runEngine(
  { engine: name, threads }: { engine: EngineName; threads?: number },
  given: Case,
  options: RaceOptions,
  signal?: AbortSignal,
): Promise<RaceMeasurement> {
  const since = performance.now();
  let opened;
  try {
    opened = await openEngine(name, threads === undefined ? {} : { threads });
  } catch (error) {
    if (error instanceof EngineUnavailableError)
      return { outcome: 'unavailable', reason: error.reason };
    throw error;
  }
  const opening = performance.now() - since;
  try {
    const { engine, laps } = timedEngine(opened);
    const measured = await measure(given, {
      ...options,
      ...{ engine, init: 'rows' },
      ...(signal && { signal }),
    });
    if (measured.outcome === 'wrong') return { outcome: 'wrong', faults: measured.faults };
    if (measured.outcome !== 'measured') return measured;
    const { description, hardware, hash, iterations, repeats, fit, phases, audit } = measured;
    const timed = laps.slice(1 + options.warmUps, 1 + options.warmUps + repeats);
    const middle = (part: keyof Lap) => median(timed.map((lap) => lap[part]));
    // a source's pages each have a session, in every iteration: only the library can tell them apart from it
    const verbs =
      given.maxMemory === undefined
        ? { upload: middle('upload'), compute: middle('compute'), readBack: middle('readBack') }
        : { upload: phases.open, compute: phases.iterate, readBack: phases.read };
    const firstFit = opening + measured.firstFit;
    const searched = `${audit.rowsSearched.toLocaleString('en')} of ${given.rows.toLocaleString('en')} rows`;
    return {
      outcome: 'measured',
      ...{ description, hardware, hash, iterations, repeats, fit, firstFit },
      phases: {
        compile: firstFit > fit.median ? firstFit - fit.median : null,
        prepare: phases.seed,
        ...verbs,
      },
      verified:
        (given.maxMemory === undefined ? '' : 'the bits of the points in memory; ') +
        (measured.againstReference === 0 && name !== 'reference'
          ? 'the bits of the reference engine; '
          : '') +
        `${searched}, means and inertia recomputed in float64`,
    };
  } finally {
    await opened.dispose();
  }
}
