/**
 * How often a fit is timed: the same rule for every contender (scikit-learn.py has its twin). Fits of a
 * millisecond are repeated until their median means something; long ones not more often than asked.
 */
import { median } from 'simple-statistics';

/** All times in milliseconds but for maxSeconds. */
export interface Pace {
  /** Timed fits asked for. */
  repeats: number;
  /**
   * Timed fits that are taken even where they outlast maxSeconds; 0: not even one after a first fit
   * that did.
   */
  atLeast: number;
  maxSeconds: number;
  /** Short fits are repeated until so much was timed, up to `most` of them. */
  timeFor: number;
  most: number;
  /** Where the first fit took longer, it was the warm-up; otherwise it goes on for `warmFor`. */
  warmBelow: number;
  warmFor: number;
}

export const PACE: Omit<Pace, 'repeats' | 'atLeast' | 'maxSeconds'> = {
  timeFor: 1000,
  most: 101,
  warmBelow: 2000,
  warmFor: 300,
};

export interface Timed<T> {
  /** The answer of the last fit. */
  last: T;
  first: number;
  warmUps: number;
  times: number[];
  median: number;
}

/** `fit` does its work once and says how long it took. */
export async function timed<T>(
  fit: () => Promise<{ answer: T; milliseconds: number }>,
  pace: Pace,
): Promise<Timed<T>> {
  const first = await fit();
  let warmUps = 0;
  if (pace.atLeast === 0 && first.milliseconds >= 1000 * pace.maxSeconds) {
    const { answer, milliseconds } = first;
    return {
      last: answer,
      first: milliseconds,
      warmUps,
      times: [milliseconds],
      median: milliseconds,
    };
  }
  for (let spent = 0; first.milliseconds < pace.warmBelow && spent < pace.warmFor; warmUps++)
    spent += (await fit()).milliseconds;
  const times: number[] = [];
  let last = first.answer;
  while (!enough(times, pace)) {
    const { answer, milliseconds } = await fit();
    times.push(milliseconds);
    last = answer;
  }
  return { last, first: first.milliseconds, warmUps, times, median: median(times) };
}

export function enough(times: readonly number[], pace: Pace): boolean {
  const spent = times.reduce((sum, time) => sum + time, 0);
  if (times.length >= pace.most) return true;
  if (times.length >= pace.repeats && spent >= pace.timeFor) return true;
  return times.length >= pace.atLeast && spent >= 1000 * pace.maxSeconds;
}

/** How a contender's time is divided, ms. */
export type Split = Record<string, number>;

/** Wall time of each phase. What comes before an engine is opened is laying the points on the grid. */
export class Stopwatch {
  readonly #spent: Split = { lay: 0, open: 0, seed: 0, iterate: 0, read: 0 };
  #phase: string | null = null;
  #since = 0;

  enter(phase: string, now = performance.now()): void {
    const name = phase === 'seed' && (this.#phase ?? 'lay') === 'lay' ? 'lay' : phase;
    if (name === this.#phase) return;
    this.#add(now);
    this.#phase = name;
  }

  split(now: number): Split {
    this.#add(now);
    return this.#spent;
  }

  #add(now: number): void {
    if (this.#phase !== null)
      this.#spent[this.#phase] = (this.#spent[this.#phase] ?? 0) + now - this.#since;
    this.#since = now;
  }
}
