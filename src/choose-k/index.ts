/**
 * How many clusters: every k is fitted once, and nine criteria look at the same fits. Where they do not
 * agree, or there is nothing to be found, the answer says so.
 *
 * Every fit is a k-means with `refine: 'breathing'`: a criterion that compares inertias would otherwise
 * take a poor local minimum for structure. References and halves (gap, cross-validation, stability) are
 * of at most 4,096 and 2,048 rows: their scores are means over rows, and change little with more.
 *
 * A weighted row is so many equal rows to every criterion (scores/weights.ts); references weigh nothing.
 */
import { breather, inStretches } from '../breathe.ts';
import { refuse, refuseUnknown } from '../errors.ts';
import { kmeans, type KMeansResult } from '../kmeans.ts';
import { openEngine } from '../ladder.ts';
import { toRows, type Points } from '../matrix.ts';
import { judge as judgeFit, whole, type KMeansOptions } from '../options.ts';
import { pcg32 } from '../rng.ts';
import { adjustedRandIndex } from '../scores/agreement.ts';
import { calinskiHarabaszOf, daviesBouldinOf } from '../scores/dispersion.ts';
import { refuseInfinite, sizesOf, toClusters, type Clusters } from '../scores/labels.ts';
import { estimate } from '../scores/silhouette.ts';
import { halve, predictionStrength } from './halves.ts';
import { boxOf, spread } from './references.ts';
import { repeatsOf, type Repeats } from '../scores/weights.ts';
import {
  addElbow,
  addFk,
  bic,
  CRITERIA,
  judgeVotes,
  vote,
  type Criterion,
  type KScore,
  type Votes,
} from './votes.ts';

export type { Criterion, KScore, Votes } from './votes.ts';

/** What `onProgress` of {@link chooseK} is given. */
export interface ChooseKProgress {
  /**
   * What is being worked on: `'fit'`, the clusterings that all criteria share, or a criterion that needs more
   * work. `'cross-validation'` covers `'stability'` too.
   */
  readonly phase: 'fit' | 'silhouette' | 'gap' | 'cross-validation';
  /** The number of clusters being worked on. */
  readonly k: number;
  /** Share of all work that is done, 0 to 1. */
  readonly fraction: number;
}

/** Options of {@link chooseK}. */
export interface ChooseKOptions extends Pick<
  KMeansOptions,
  'engine' | 'device' | 'threads' | 'seed' | 'signal' | 'weights'
> {
  /** Fewest clusters to consider, a whole number ≥ 1. Default 1. */
  kMin?: number;
  /** Most clusters to consider, from kMin to the number of rows. Default 12, or fewer if there are fewer rows. */
  kMax?: number;
  /** Criteria that vote. Default: all nine. */
  criteria?: readonly Criterion[];
  /** Number of reference data sets for the gap statistic, a whole number ≥ 2. Default 10. */
  references?: number;
  /** Called as the work proceeds, which waits if it returns a promise. */
  onProgress?: (progress: ChooseKProgress) => void | Promise<void>;
}

/** What {@link chooseK} resolves with. */
export interface ChosenK {
  /**
   * The k with the most votes; of several, the smallest. It is 1 if at least half of the votes of the criteria
   * that can vote for one cluster (gap, fk, cross-validation, bic) do, and kMin if no criterion votes.
   */
  k: number;
  /** What each criterion votes for; null if it abstains. */
  votes: Votes;
  /** One entry for each k from kMin to kMax. */
  scores: KScore[];
  /**
   * True if k is above 1 and at least two thirds of the votes are for it, more than half of the criteria vote,
   * none votes for one cluster, and the elbow criterion, if asked, does not abstain.
   */
  clear: boolean;
  /** The verdict in one sentence, with who voted for what. */
  explanation: string;
}

const REFERENCE_ROWS = 4096;
const HALF_ROWS = 2048;
const HALVINGS = 5;
/** Distances of the silhouettes of one k; so many rows at least and at most. */
const SILHOUETTE_DISTANCES = 2 ** 27;
const FEWEST_SILHOUETTES = 100;
const MOST_SILHOUETTES = 1000;
/** Random streams of their own. */
const REFERENCES = 401;
const HALVES = 402;

/**
 * Recommends a number of clusters, and says whether it is clear. Clusters the points once for each k, with
 * `refine: 'breathing'`, and lets up to nine criteria vote on the results.
 *
 * @param points rows × columns, in any accepted form but a `PointSource` or `GpuMatrix`
 * @throws
 * - InvalidInputError before any work, if an argument breaks a rule
 * - whatever `kmeans` throws
 * - the signal's reason, if aborted
 * @example
 * const { k, clear, explanation } = await chooseK(points, { kMax: 20 });
 */
export async function chooseK(points: Points, options: ChooseKOptions = {}): Promise<ChosenK> {
  const settings = judge(points, options);
  const { run } = settings;
  if (typeof run.engine !== 'string' || run.engine === 'auto') return choose(settings);
  settings.signal?.throwIfAborted();
  // opened once for all fits
  const { device, threads, ...rest } = run;
  const engine = await openEngine(run.engine, { device, threads });
  try {
    return await choose({ ...settings, run: { ...rest, engine } });
  } finally {
    await engine.dispose();
  }
}

async function choose(settings: ReturnType<typeof judge>): Promise<ChosenK> {
  const { repeats, kMin, kMax, criteria, seed, references, signal, onProgress } = settings;
  const { points, weights, factor, total: all } = repeats;
  signal?.throwIfAborted();
  const pause = breather(signal);
  const asked = (...names: Criterion[]) => names.some((name) => criteria.includes(name));

  // one more on each side, which the neighbours inside are compared with
  const ks: number[] = [];
  for (let k = Math.max(1, kMin - 1); k <= Math.min(points.rows, kMax + 1); k++) ks.push(k);
  const halves = asked('cross-validation', 'stability')
    ? ks.filter((k) => 4 * k <= Math.min(all, 2 * HALF_ROWS))
    : [];
  const fits = ks.length;
  const total =
    fits * (1 + (asked('silhouette') ? 1 : 0) + (asked('gap') ? references : 0)) +
    halves.length * HALVINGS;
  let done = 0;
  const report = async (phase: ChooseKProgress['phase'], k: number, steps = 0) => {
    signal?.throwIfAborted();
    await onProgress?.({ phase, k, fraction: (done += steps) / total });
    await pause(); // small fits are over before they would give way themselves
    signal?.throwIfAborted();
  };
  const fit = (rows: Points, k: number, weights?: ArrayLike<number>) =>
    kmeans(rows, k, {
      ...settings.run,
      ...{ seed, refine: 'breathing' },
      ...(weights && { weights }),
    });

  const scores: KScore[] = [];
  for (const k of ks) {
    await report('fit', k);
    const result = await fit(points, k, weights);
    const score: KScore = { k, inertia: result.inertia };
    scores.push(score);
    await report('fit', k, 1);
    const clusters = toClusters(result.labels);
    await scoreLabels(score, repeats, result, clusters, asked, pause);
    if (!asked('silhouette')) continue;
    if (judgeable(k, all))
      Object.assign(score, await silhouetteOf(repeats, clusters, seed, signal));
    await report('silhouette', k, 1);
  }
  if (asked('fk')) addFk(scores, points.columns);
  if (asked('elbow')) addElbow(scores, points.columns);
  if (asked('gap')) await addGap();
  if (halves.length > 0) await addHalves();

  const votes = vote(criteria, scores, kMin, kMax);
  return {
    ...judgeVotes(votes, kMin),
    votes,
    scores: scores.filter(({ k }) => k >= kMin && k <= kMax),
  };

  /** Gap(k) = mean of log(W / n) of the references − log(W / n) of the points; s_k after the paper. */
  async function addGap(): Promise<void> {
    const rows = Math.min(all, REFERENCE_ROWS);
    const box = await inStretches(boxOf(points, repeats.counts, all), pause);
    const logs = ks.map(() => [] as number[]);
    for (let reference = 0; reference < references; reference++) {
      const noise = spread(box, rows, pcg32(seed, REFERENCES + 2 ** 20 * reference));
      for (const [i, k] of ks.entries()) {
        logs[i].push(k <= rows ? Math.log((await fit(noise, k)).inertia / rows) : NaN);
        await report('gap', k, 1);
      }
    }
    scores.forEach((score, i) => {
      const mean = average(logs[i]);
      const deviation = Math.sqrt(average(logs[i].map((log) => (log - mean) ** 2)));
      score.gap = mean - Math.log((score.inertia * factor) / all);
      score.gapError = deviation * Math.sqrt(1 + 1 / references);
    });
  }

  async function addHalves(): Promise<void> {
    const strengths = halves.map(() => [] as number[]);
    const agreements = halves.map(() => [] as number[]);
    for (let halving = 0; halving < HALVINGS; halving++) {
      const pair = halve(repeats, HALF_ROWS, pcg32(seed, HALVES + 2 ** 20 * halving));
      for (const [i, k] of halves.entries()) {
        const [one, other] = [await fit(pair[0], k), await fit(pair[1], k)];
        for (const [own, half, teacher] of [
          [one.labels, pair[0], other],
          [other.labels, pair[1], one],
        ] as const) {
          const predicted = await teacher.predict(half);
          strengths[i].push(predictionStrength(own, predicted, k));
          agreements[i].push(adjustedRandIndex(own, predicted));
        }
        await report('cross-validation', k, 1);
      }
    }
    halves.forEach((k, i) => {
      const score = scores.find((s) => s.k === k)!;
      if (asked('cross-validation')) {
        const mean = average(strengths[i]);
        const spreadOut = average(strengths[i].map((strength) => (strength - mean) ** 2));
        score.crossValidation = mean;
        score.crossValidationError = Math.sqrt(spreadOut / (strengths[i].length - 1));
      }
      if (asked('stability') && k > 1) score.stability = average(agreements[i]);
    });
  }
}

/** Scores that take the labels of a fit. */
async function scoreLabels(
  score: KScore,
  { points, counts, factor, total }: Repeats,
  { labels, inertia, sizes }: KMeansResult,
  clusters: Clusters,
  asked: (...names: Criterion[]) => boolean,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  if (asked('bic') && score.k < total) {
    const heavy = counts ? sizesOf({ of: labels, sizes: Float64Array.from(sizes) }, counts) : sizes;
    score.bic = bic(heavy, inertia * factor, total, points.columns);
  }
  // fewer different rows than clusters
  if (!judgeable(clusters.sizes.length, total)) return;
  if (asked('calinski-harabasz'))
    score.calinskiHarabasz = await inStretches(calinskiHarabaszOf(points, clusters, counts), pause);
  if (asked('davies-bouldin'))
    score.daviesBouldin = await inStretches(daviesBouldinOf(points, clusters, counts), pause);
}

/** Scores of separation need two clusters, and a row that has company. */
const judgeable = (clusters: number, rows: number) => clusters > 1 && clusters < rows;

async function silhouetteOf(
  repeats: Repeats,
  clusters: Clusters,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Partial<KScore>> {
  const { total } = repeats;
  if (!judgeable(clusters.sizes.length, total)) return {};
  const affordable = Math.floor(SILHOUETTE_DISTANCES / total);
  const sample = Math.max(FEWEST_SILHOUETTES, Math.min(MOST_SILHOUETTES, affordable));
  const { score, low, high } = await estimate(repeats, clusters, { sample, seed, signal });
  return { silhouette: score, silhouetteLow: low, silhouetteHigh: high };
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

const KNOWN = [
  'kMin',
  'kMax',
  'criteria',
  'references',
  'seed',
  'engine',
  'device',
  'threads',
  'signal',
  'weights',
  'onProgress',
] as const;

function judge(given: Points, options: ChooseKOptions) {
  const all = toRows(given);
  refuseUnknown(options, KNOWN);
  refuseInfinite(all);
  const { weights } = options;
  const repeats = repeatsOf(all, weights);
  const { points } = repeats;
  const most = `at most ${points.rows} (the number of points${weights ? ' with a weight above 0' : ''})`;
  const { kMin = 1, seed = 0, references = 10, signal, onProgress } = options;
  const { kMax = Math.max(kMin, Math.min(12, points.rows)), criteria = CRITERIA } = options;
  const { engine, device, threads } = options;
  whole('kMin', kMin, 1);
  whole('kMax', kMax, 1);
  whole('references', references, 2);
  whole('seed', seed, 0);
  if (kMin > points.rows) refuse('kMin', kMin, most, 'Lower kMin or add points.');
  if (kMin > kMax) refuse('kMin', kMin, `at most ${kMax} (kMax)`, 'Swap kMin and kMax.');
  if (kMax > points.rows) refuse('kMax', kMax, most, 'Lower kMax or add points.');
  if (!Array.isArray(criteria) || criteria.length === 0)
    refuse('criteria', criteria, 'a list of criteria', 'Leave it out for all of them.');
  for (const criterion of criteria as readonly Criterion[])
    if (!CRITERIA.includes(criterion))
      refuse('criteria', criterion, CRITERIA.map((c) => `'${c}'`).join(', '), 'Choose among them.');
  if (onProgress !== undefined && typeof onProgress !== 'function')
    refuse('onProgress', onProgress, 'a function', 'Pass a callback or leave it out.');
  const run: KMeansOptions = {
    ...(engine !== undefined && { engine }),
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  };
  judgeFit(points, kMax, run);
  return { repeats, kMin, kMax, criteria, seed, references, signal, onProgress, run };
}
