/** What runs say when they are put beside each other: agreement, who is fastest, sizes to run. */
import { scaled, type Case } from '../../bench/cases.ts';
import { leastMemory } from '../../src/out-of-core/plan.ts';
import type { RaceMeasurement, RaceRun } from './messages.ts';

export type Measured = RaceMeasurement & { outcome: 'measured' };

/**
 * Engines must agree to the bit: where one has other bits at a size than the reference engine (or, without it,
 * than the first), its times are taken away.
 */
export function agreed(runs: readonly RaceRun[]): RaceRun[] {
  return runs.map((run) => {
    const { measurement } = run;
    if (measurement.outcome !== 'measured' || measurement.hash === null) return run;
    const peers = runs.filter(
      (other) => other.rows === run.rows && hashOf(other.measurement) !== null,
    );
    const judge = peers.find(({ id }) => id === 'reference') ?? peers[0];
    const expected = hashOf(judge.measurement);
    if (measurement.hash === expected) return run;
    const faults = [`hash ${measurement.hash}; ${judge.id} has ${expected}`];
    return { ...run, measurement: { outcome: 'wrong', faults } };
  });
}

const hashOf = (measurement: RaceMeasurement) =>
  measurement.outcome === 'measured' ? measurement.hash : null;

/** Milliseconds of a whole fit; null where there is no right answer. */
export function timeOf(runs: readonly RaceRun[], id: string, rows: number): number | null {
  const measurement = runs.find((run) => run.id === id && run.rows === rows)?.measurement;
  return measurement?.outcome === 'measured' ? measurement.fit.median : null;
}

/** Who is fastest from which size on, in the order of the sizes. */
export function leaders(runs: readonly RaceRun[]): { id: string; from: number }[] {
  const found: { id: string; from: number }[] = [];
  for (const rows of [...new Set(runs.map((run) => run.rows))].sort((a, b) => a - b)) {
    let best: { id: string; time: number } | null = null;
    for (const { id } of runs.filter((run) => run.rows === rows)) {
      const time = timeOf(runs, id, rows);
      if (time !== null && (best === null || time < best.time)) best = { id, time };
    }
    if (best && found.at(-1)?.id !== best.id) found.push({ id: best.id, from: rows });
  }
  return found;
}

/** Multiplications an iteration that every contestant does in a moment. */
const AT_ONCE = 2e6;
const STEPS = [1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7];

/** A case at another size. */
export const atSize = (given: Case, rows: number): Case => scaled(given, rows / given.rows);

/**
 * Numbers of rows on offer: with half as many or fewer, k would have to shrink, and of a source with few the share
 * that may be in memory would hold no page. The case's own is the last.
 */
export function sizesOf(given: Case): number[] {
  const { rows, columns, k } = given;
  const fits = (step: number) =>
    step >= 2 * k && (atSize(given, step).maxMemory ?? Infinity) >= leastMemory(columns, k);
  return [...STEPS.filter((step) => step < rows && fits(step)), rows];
}

/** The largest of them that takes seconds without a GPU. */
export function suggestedSize(given: Case): number {
  const sizes = sizesOf(given);
  return sizes.filter((rows) => rows * given.k * given.columns <= AT_ONCE).at(-1) ?? sizes[0];
}
