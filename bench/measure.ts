/**
 * Measures one case on one engine, here and now, in Node or in a browser.
 *
 * Every engine gets the same points, the same first centroids and the same number of iterations
 * (tol 0, so that only unchanged labels end a run early, on the same iteration everywhere). The times
 * are taken first and the answers checked after, so that a check warms nothing up; but a measurement
 * has no times in it unless its answers passed.
 */
import { median } from 'simple-statistics';
import {
  EngineUnavailableError,
  kmeans,
  NotSupportedError,
  openEngine,
  type Engine,
  type EngineName,
  type KMeansOptions,
  type KMeansResult,
  type Matrix,
} from '../src/index.ts';
import { audit, type Audit, type Witness } from './audit.ts';
import type { Case } from './cases.ts';
import { asSource, firstCentroids, makePoints } from './data.ts';

/** Ways in which the library finds first centroids itself. */
export const SEEDINGS = ['auto', 'k-means++', 'k-means||', 'random'] as const;
type Seeding = (typeof SEEDINGS)[number];

export interface MeasureOptions {
  /** By name: then every fit opens and closes it, as a caller's would. */
  engine: EngineName | Engine;
  /** Most iterations of a fit. */
  iterations: number;
  /** Timed fits after the first one and the warm-up. */
  repeats: number;
  /** Fits between the first one and the timed ones. */
  warmUps: number;
  /** `rows`: k rows drawn once and given to every engine. Otherwise the library's own. */
  init: 'rows' | Seeding;
  seed: number;
  /** Gives up when there is no time after so long; takes fewer repeats when there are some. */
  maxSeconds: number;
  /** Most memory that this process has ever had, bytes. */
  peakMemory?: () => number;
  /** Ends it: then there is no measurement. */
  signal?: AbortSignal;
}

/** Middle, least and most of some fits, in milliseconds. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

export interface Measured {
  outcome: 'measured';
  /** For people: adapter, driver, number of threads. */
  description: string;
  /** Whether that is a GPU, and not a processor posing as one. */
  hardware: boolean;
  hash: string;
  iterations: number;
  repeats: number;
  /** Wall time of a whole fit, set-up included, ms. */
  fit: Spread;
  /** The same of the first fit of the process: with compilation and cold caches. */
  firstFit: number;
  /** Medians of the library's own clock, ms. */
  phases: Record<keyof KMeansResult['seconds'], number>;
  iteration: number;
  /** 2 · rows · k · columns an iteration, 10^9 a second. */
  gigaflops: number;
  /** Points read and labels written once an iteration, 10^9 bytes a second: the least it can do. */
  gigabytes: number;
  /** Bytes; null where nobody can say. */
  peakMemory: number | null;
  pointBytes: number;
  audit: Audit;
  /** Rows whose label differs from the reference engine's; null where that would take too long. */
  againstReference: number | null;
}

export type Measurement =
  | Measured
  | { outcome: 'wrong'; hash: string; faults: string[] }
  | { outcome: 'unavailable' | 'unsupported' | 'too long' | 'failed'; reason: string };

/** rows · k · columns · iterations up to which the reference engine is asked too: some seconds. */
const REFERENCE_WORK = 3e9;

/** Measures, and checks before it tells. Rejects only on errors of the harness itself, and where `signal` ends it. */
export async function measure(given: Case, options: MeasureOptions): Promise<Measurement> {
  const { seed, iterations, engine, maxSeconds } = options;
  const points = makePoints(given, seed);
  const init = options.init === 'rows' ? firstCentroids(points, given.k, seed) : null;
  const settings: KMeansOptions = {
    init: options.init === 'rows' ? init! : options.init,
    seed,
    maxIter: iterations,
    tol: 0,
    engine,
    ...(options.signal && { signal: options.signal }),
  };
  if (given.maxMemory !== undefined) settings.maxMemory = given.maxMemory;
  const input = given.maxMemory === undefined ? points : asSource(points);
  const started = performance.now();
  const late = AbortSignal.timeout(maxSeconds * 1000);
  const signal = options.signal ? AbortSignal.any([late, options.signal]) : late;
  const fit = async () => {
    const since = performance.now();
    const result = await kmeans(input, given.k, { ...settings, signal });
    return { result, milliseconds: performance.now() - since };
  };

  try {
    const first = await fit();
    const fits: Fit[] = [];
    try {
      for (let i = 0; i < options.warmUps; i++) await fit();
      for (let i = 0; i < options.repeats; i++) fits.push(await fit());
    } catch (error) {
      if (!late.aborted || options.signal?.aborted || fits.length === 0) throw error;
    }
    const peakMemory = options.peakMemory?.() ?? null;

    const asked = { points, k: given.k, iterations, init };
    // the same points in memory judge those that were out of core
    delete settings.maxMemory;
    const verdict = await check([first, ...fits], settings, asked);
    if (verdict.audit.faults.length > 0)
      return { outcome: 'wrong', hash: first.result.hash, faults: verdict.audit.faults };
    return {
      outcome: 'measured',
      ...(await describe(engine)),
      ...times(first, fits, given),
      peakMemory,
      pointBytes: points.data.byteLength,
      ...verdict,
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (late.aborted)
      return {
        outcome: 'too long',
        reason: `no timed fit after ${Math.round((performance.now() - started) / 1000)} s`,
      };
    if (error instanceof EngineUnavailableError)
      return { outcome: 'unavailable', reason: error.reason };
    if (error instanceof NotSupportedError)
      return { outcome: 'unsupported', reason: error.message };
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

interface Fit {
  result: KMeansResult;
  milliseconds: number;
}

function times(first: Fit, fits: readonly Fit[], { rows, columns, k }: Case) {
  const { hash, iterations } = first.result;
  const walls = fits.map(({ milliseconds }) => milliseconds);
  const phase = (name: keyof KMeansResult['seconds']) =>
    1000 * median(fits.map(({ result }) => result.seconds[name]));
  const phases = {
    open: phase('open'),
    seed: phase('seed'),
    iterate: phase('iterate'),
    read: phase('read'),
  };
  const iteration = phases.iterate / iterations;
  return {
    hash,
    iterations,
    repeats: fits.length,
    fit: { median: median(walls), least: Math.min(...walls), most: Math.max(...walls) },
    firstFit: first.milliseconds,
    phases,
    iteration,
    gigaflops: (2 * rows * k * columns) / iteration / 1e6,
    gigabytes: (4 * rows * (columns + 1)) / iteration / 1e6,
  };
}

/** Judges the answers: the fits among themselves, in float64, and where time allows by `reference`. */
async function check(
  fits: readonly Fit[],
  settings: KMeansOptions,
  asked: { points: Matrix; k: number; iterations: number; init: Matrix | null },
): Promise<{ audit: Audit; againstReference: number | null }> {
  const { points, k } = asked;
  const { result } = fits[0];
  const witness: Witness = { start: new Float32Array(), labels: new Uint32Array() };
  const watched = await kmeans(points, k, {
    ...settings,
    onProgress: async (progress) => {
      if (progress.phase !== 'iterate') return;
      const last = progress.iteration === result.iterations - 1;
      if (progress.iteration > 0 && !last) return;
      const { centroids, labels } = await progress.read();
      if (progress.iteration === 0) witness.start = centroids.data.slice();
      if (last) witness.labels = labels.slice();
    },
  });
  const verdict = audit(result, witness, asked);
  if ([...fits, { result: watched }].some((fit) => fit.result.hash !== result.hash))
    verdict.faults.push('the same fit gave other bits the next time');

  const work = points.rows * points.columns * k * asked.iterations;
  if (work > REFERENCE_WORK || result.engine === 'reference')
    return { audit: verdict, againstReference: result.engine === 'reference' ? 0 : null };
  const reference = await kmeans(points, k, { ...settings, engine: 'reference' });
  let differing = 0;
  for (let i = 0; i < points.rows; i++) if (reference.labels[i] !== result.labels[i]) differing++;
  if (reference.hash !== result.hash)
    verdict.faults.push(`not the bits of the reference engine; ${differing} labels differ`);
  return { audit: verdict, againstReference: differing };
}

async function describe(engine: EngineName | Engine) {
  const opened = typeof engine === 'object' ? engine : await openEngine(engine);
  const description = (await opened.describe?.()) ?? opened.description;
  if (opened !== engine) await opened.dispose();
  return { description, hardware: opened.hardware };
}
