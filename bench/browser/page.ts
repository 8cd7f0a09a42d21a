/**
 * The page that is measured: calls the library on its main thread, as a page would, and watches how
 * long that thread is away. Points are made before the clock starts.
 */
import { kmeans, type KMeansOptions, type Matrix } from '../../src/index.ts';
import { findCases, scaled } from '../cases.ts';
import { makePoints } from '../data.ts';
import { Stopwatch } from '../peers/clock.ts';
import type { Away, Fit, PageTask } from './measure.ts';
import { pause, Watch } from './watch.ts';

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
async function idle(): Promise<Away> {
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

/** Lets what is left of the last work pass: collection of garbage, painting. */
const quiet = () => pause(500);

window.bench = { prepare, idle, fit };
