/**
 * Another library in the race: the same points, first centroids and number of iterations. What it wants its
 * points to look like is made before the clock starts: its users have them. It may round otherwise than we
 * do, so its answer is held to ours as in bench/peers: a label may differ only where rounding explains it.
 */
import { median } from 'simple-statistics';
import type { Case } from '../../bench/cases.ts';
import { firstCentroids, makePoints } from '../../bench/data.ts';
import { compare, SAME } from '../../bench/peers/judge.ts';
import { breather } from '../../src/breathe.ts';
import { EmptyClusterError, kmeans, type KMeansOptions, type Matrix } from '../../src/index.ts';
import type { RaceMeasurement, RaceOptions } from './messages.ts';

export interface Answer {
  labels: Uint32Array;
  /** k × columns. */
  centroids: Float64Array;
  iterations: number;
  /** Milliseconds, where the library's calls are apart. */
  upload: number | null;
}

/** A library with points and first centroids at hand. */
export interface Contender {
  description: string;
  hardware: boolean;
  /** Labels of the centroids, or of those one iteration before. */
  labelsLag: boolean;
  fit(iterations: number): Answer | Promise<Answer>;
  dispose?(): void;
}

export type Meet = (points: Matrix, start: Matrix) => Contender;

/** Multiplications of a trial; long enough for a clock, and for a call to be small beside them. */
const TRIAL_WORK = 1e7;

/** `signal` is heeded between two fits: libraries have nothing to end one by. */
export async function runLibrary(
  meet: Meet,
  given: Case,
  options: RaceOptions,
  signal?: AbortSignal,
): Promise<RaceMeasurement> {
  const { seed, iterations, maxSeconds } = options;
  if (given.maxMemory !== undefined)
    return {
      outcome: 'unsupported',
      reason: 'it takes points in memory, and this case has more of them than memory is allowed',
    };
  const pause = breather(signal, 0);
  const points = makePoints(given, seed);
  const start = firstCentroids(points, given.k, seed);
  const estimate = await trial(meet, points, start, iterations);
  if (estimate.milliseconds > 1000 * maxSeconds)
    return {
      outcome: 'too long',
      reason:
        `a fit would take about ${Math.round(estimate.milliseconds / 1000).toLocaleString('en')} s, ` +
        `going by ${estimate.rows.toLocaleString('en')} rows; the limit is ${maxSeconds} s`,
    };

  const contender = meet(points, start);
  const began = performance.now();
  const fit = async () => {
    await pause();
    const since = performance.now();
    const answer = await contender.fit(iterations);
    return { answer, milliseconds: performance.now() - since };
  };
  const inTime = () => performance.now() - began < 1000 * maxSeconds;
  const all = async () => {
    const first = await fit();
    for (let i = 0; i < options.warmUps && inTime(); i++) await fit();
    const fits = [await fit()];
    while (fits.length < options.repeats && inTime()) fits.push(await fit());
    return { first, fits };
  };
  const { first, fits } = await all().finally(() => contender.dispose?.());

  const asked = { points, start, iterations, ...(signal && { signal }) };
  const verdict = await judged(fits[0].answer, contender.labelsLag, asked);
  if ('outcome' in verdict) return verdict;
  const times = fits.map(({ milliseconds }) => milliseconds);
  const middle = median(times);
  const uploads = fits.flatMap(({ answer: { upload } }) => (upload === null ? [] : [upload]));
  const upload = uploads.length > 0 ? median(uploads) : null;
  const { description, hardware } = contender;
  return {
    outcome: 'measured',
    ...{ description, hardware, hash: null, iterations: first.answer.iterations },
    repeats: fits.length,
    fit: { median: middle, least: Math.min(...times), most: Math.max(...times) },
    firstFit: first.milliseconds,
    phases: {
      compile: first.milliseconds > middle ? first.milliseconds - middle : null,
      prepare: null,
      upload,
      compute: middle - (upload ?? 0),
      readBack: null,
    },
    verified: verdict.verified,
  };
}

/**
 * Two short fits of few rows, and what they say of all of them: a call costs something, and so does every one of
 * rows × k × columns. A single trial would charge a GPU for its calls as if they were work.
 */
async function trial(meet: Meet, points: Matrix, start: Matrix, iterations: number) {
  const small = await timePart(meet, points, start, TRIAL_WORK);
  const large = await timePart(meet, points, start, 4 * TRIAL_WORK);
  const more = large.work - small.work;
  const pace = more > 0 ? Math.max(0, large.milliseconds - small.milliseconds) / more : 0;
  const rest = points.rows * start.rows * points.columns - large.work;
  return { rows: large.rows, milliseconds: iterations * (large.milliseconds + pace * rest) };
}

/** Milliseconds of an iteration on a part of the points, with fewer centroids than rows. */
async function timePart(meet: Meet, points: Matrix, start: Matrix, most: number) {
  const { columns } = points;
  const wanted = Math.max(most / (start.rows * columns), Math.sqrt(most / columns));
  const rows = Math.max(2, Math.min(points.rows, Math.floor(wanted)));
  const k = Math.max(1, Math.min(start.rows, rows, Math.floor(most / (rows * columns))));
  const part = (of: Matrix, count: number) => ({
    data: of.data.subarray(0, count * columns),
    rows: count,
    columns,
  });
  const contender = meet(part(points, rows), part(start, k));
  await contender.fit(1); // compiles
  let milliseconds = Infinity; // the least: others on this machine only add
  for (let i = 0; i < 2; i++) {
    const since = performance.now();
    await contender.fit(1);
    milliseconds = Math.min(milliseconds, performance.now() - since);
  }
  contender.dispose?.();
  return { rows, work: rows * k * columns, milliseconds };
}

async function judged(
  answer: Answer,
  labelsLag: boolean,
  {
    points,
    start,
    iterations,
    signal,
  }: { points: Matrix; start: Matrix; iterations: number; signal?: AbortSignal },
): Promise<RaceMeasurement | { verified: string }> {
  const { rows: k } = start;
  const options: KMeansOptions = {
    ...{ init: start, maxIter: iterations, tol: 0 },
    ...(signal && { signal }),
  };
  let ours;
  try {
    ours = await kmeans(points, k, { ...options, emptyCluster: 'error' });
  } catch (error) {
    if (!(error instanceof EmptyClusterError)) throw error;
    return {
      outcome: 'unsupported',
      reason:
        'a cluster loses all its points on the way, which libraries treat in different ways; ' +
        'another seed may help',
    };
  }
  const centroids = Float64Array.from(ours.centroids.data);
  const before =
    ours.iterations > 1
      ? await kmeans(points, k, { ...options, maxIter: ours.iterations - 1 })
      : { labels: ours.labels, centroids: start };
  const verdict = labelsLag
    ? compare(
        points,
        answer,
        { labels: before.labels, centroids },
        SAME,
        Float64Array.from(before.centroids.data),
      )
    : compare(points, answer, { labels: ours.labels, centroids });
  const faults = [...verdict.faults];
  if (answer.iterations !== ours.iterations)
    faults.push(`${answer.iterations} iterations instead of ${ours.iterations}`);
  if (faults.length > 0) return { outcome: 'wrong', faults };
  const differing = Math.round(verdict.differing * points.rows);
  return {
    verified:
      (differing === 0
        ? 'every label the same; '
        : `${differing.toLocaleString('en')} labels differ, by no more than rounding; `) +
      `inertia within ${Math.abs(verdict.inertiaOff).toExponential(0)}`,
  };
}
