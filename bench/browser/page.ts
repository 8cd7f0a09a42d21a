/**
 * The page that is measured: calls the library on its main thread, as a page would, and watches how
 * long that thread is away. Points are made before the clock starts.
 */
import { kmeans, type KMeansOptions, type Matrix } from '../../src/index.ts';
import { findCases, scaled } from '../cases.ts';
import { makePoints } from '../data.ts';
import { Stopwatch } from '../peers/clock.ts';
import type { Fit, PageTask } from './measure.ts';

declare global {
  interface Window {
    /** Called from outside. */
    bench: { prepare: typeof prepare; idle: typeof idle; fit: typeof fit };
  }
}

let points: Matrix;
let k = 0;

async function prepare({ name, scale, seed }: PageTask): Promise<void> {
  const given = scaled(findCases([name])[0], scale);
  points = makePoints(given, seed);
  k = given.k;
  await quiet();
}

/** What the same watching finds where nothing happens. */
async function idle(): Promise<Awaited<ReturnType<Watch['stop']>>> {
  const watch = new Watch();
  await pause(1000);
  return watch.stop();
}

async function fit(options: KMeansOptions): Promise<Fit> {
  await quiet();
  const stopwatch = new Stopwatch();
  const watch = new Watch();
  const since = performance.now();
  const result = await kmeans(points, k, {
    ...options,
    onProgress: ({ phase }) => {
      stopwatch.enter(phase);
      watch.enter(phase);
    },
  });
  const now = performance.now();
  const { engine, algorithm, iterations, converged, stopReason, inertia, hash } = result;
  return {
    milliseconds: now - since,
    split: stopwatch.split(now),
    ...(await watch.stop()),
    ...{ engine, algorithm, iterations, converged, stopReason, inertia, hash },
  };
}

/** Watches how long the main thread is away, in three ways that do not see the same. */
class Watch {
  readonly #tasks: PerformanceEntry[] = [];
  readonly #observer = new PerformanceObserver((list) => this.#tasks.push(...list.getEntries()));
  readonly #phases: { phase: string; from: number }[] = [];
  #longest = { frame: 0, timer: 0 };
  #watching = true;

  constructor() {
    this.#observer.observe({ type: 'longtask' });
    this.#every((next) => requestAnimationFrame(next), 'frame');
    this.#every((next) => setTimeout(next, 0), 'timer');
  }

  enter(phase: string): void {
    if (this.#phases.at(-1)?.phase !== phase) this.#phases.push({ phase, from: performance.now() });
  }

  #every(schedule: (next: () => void) => void, kind: 'frame' | 'timer'): void {
    let last = performance.now();
    const next = () => {
      const now = performance.now();
      this.#longest[kind] = Math.max(this.#longest[kind], now - last);
      last = now;
      if (this.#watching) schedule(next);
    };
    schedule(next);
  }

  async stop() {
    await pause(300); // entries come late
    this.#watching = false;
    this.#tasks.push(...this.#observer.takeRecords());
    this.#observer.disconnect();
    const during = (at: number) =>
      this.#phases.filter(({ from }) => from <= at).at(-1)?.phase ?? 'before';
    return {
      longTasks: this.#tasks.map(({ startTime, duration }) => ({
        phase: during(startTime),
        milliseconds: duration,
      })),
      frameGap: this.#longest.frame,
      timerGap: this.#longest.timer,
    };
  }
}

/** Lets what is left of the last work pass: collection of garbage, painting. */
const quiet = () => pause(500);

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

window.bench = { prepare, idle, fit };
