/**
 * `refine: 'breathing'`: a global search around Lloyd's algorithm, for a solution near the best known.
 *
 * Source: B. Fritzke, "The Breathing K-Means Algorithm", arXiv 2006.15666, 2020. A breath takes m more
 * centroids in, beside those of the largest error; iterates; lets the m of the smallest utility go, no
 * two of them neighbours (within θ = 1.1 of the mean distance to the nearest centroid); and iterates
 * again. What is not better is undone, and m, 5 at first, becomes one less. Of the published searches
 * it is the one that needs no population of solutions (as genetic k-means does) and no thousands of
 * swaps: some 13 warm-started runs of Lloyd in all.
 *
 * Error and utility (what the inertia grows by without a centroid: Σ W·(d₂² − d₁²) over its rows) are
 * found on the host, on a seeded sample of the rows, in float64 and in a fixed order: they only rank
 * centroids, and so are the same bits on every engine. A breath is judged by the exact inertia of all
 * rows. The sample is why a breath costs little beside its iterations: of 1 M × 2, k = 100, ranking takes
 * 5 ms, against 350 ms over all rows (Node 20, one core of an AMD EPYC). Two things are not the paper's:
 * a new centroid starts at a row of the cluster, drawn by W·d², where it parts from the old one sooner
 * than from a place next to it; and a breath starts from the best solution, not the last.
 *
 * Under the other metrics the same with their distances: under Manhattan error and utility are sums of
 * W·d and W·(d₂ − d₁); under cosine, ‖x − c‖² between unit vectors is 2 · (1 − cos).
 */
import type { Clustering, Distance, Status } from './engine.ts';
import type { LaidPoints } from './laid-points.ts';
import { joined, squaredDistance } from './matrix.ts';
import { pcg32, type Random } from './rng.ts';
import { weightedRows } from './seeding/index.ts';
import { sampleRows } from './seeding/sample.ts';

/** Where a run of Lloyd's algorithm has ended, with its exact inertia. */
export interface Solution {
  readonly clustering: Clustering;
  readonly status: Pick<Status, 'iteration' | 'stop'>;
  readonly inertia: number;
}

export interface Search {
  readonly seed: number;
  readonly pause: () => Promise<void> | undefined;
  /** Default `'euclidean'`. */
  readonly distance?: Distance;
  /** Lloyd's algorithm from these centroids; null where that way is barred. `share` of the search is done. */
  lloyd(centroids: Float32Array, share: number): Promise<Solution | null>;
  /** Where a search left off whose best is the start of this one. */
  readonly from?: Breath | null;
  /** After every breath but the last. */
  breathed?(best: Solution, next: Breath): void | Promise<void>;
}

/** All that the next breath needs beside the best solution. */
export interface Breath {
  /** Centroids that it takes in. */
  readonly m: number;
  /** Random numbers drawn by those before it. */
  readonly draws: number;
}

/** m at first. */
const BREATH = 5;
/** θ: nearer neighbours of a centroid that goes stay. */
const NEIGHBOURHOOD = 1.1;
/** A breath that gains less than this share of the inertia is the last of its size. */
const GAIN = 1e-4;
/** Rows that are ranked by: so many a centroid, while that many multiplications do, but at least so many. */
const SAMPLE = { rows: 128, work: 2 ** 26, least: 16 };
const FEWEST_ROWS = 4096;
/** A random stream of its own. */
const BREATHING = 2 ** 32;

/** Most centroids that there are at a time. */
export function mostCentroids(rows: number, k: number): number {
  return k === 1 ? k : Math.min(rows, k + Math.min(k, BREATH));
}

/** The best solution found from `start`; its history and iterations are those that led to it. */
export async function breathe(
  points: LaidPoints,
  k: number,
  start: Solution,
  search: Search,
): Promise<Solution> {
  const { rows, columns } = points.grid;
  const { seed, lloyd } = search;
  const most = mostCentroids(rows, k) - k;
  if (most === 0) return start;
  const random = pcg32(seed, BREATHING);
  const sample = await sampleOf(points, k, random);
  let best = start;
  let { m, draws } = search.from ?? { m: most, draws: 0 };
  for (let i = 0; i < draws; i++) random();
  while (m > 0 && best.inertia > 0) {
    const share = (most - m) / most;
    const { centroids } = best.clustering;
    const more = newCentroids(sample, await rank(sample, centroids, columns, search), m, random);
    if (more.length === 0) break; // every row of the sample is a centroid
    draws += more.length / columns;
    const inhaled = await lloyd(joined(Float32Array, [centroids, more]), share);
    const exhaled = inhaled && (await exhale(inhaled, k, sample, columns, search, share));
    if (exhaled && exhaled.inertia < best.inertia) {
      if (exhaled.inertia >= best.inertia * (1 - GAIN)) m--;
      best = after(best, inhaled, exhaled);
    } else m--;
    if (m > 0) await search.breathed?.(best, { m, draws });
  }
  return best;
}

/** Lets the least useful centroids go, until there are k. */
async function exhale(
  inhaled: Solution,
  k: number,
  sample: Sample,
  columns: number,
  search: Search,
  share: number,
): Promise<Solution | null> {
  const { centroids } = inhaled.clustering;
  const surplus = centroids.length / columns - k;
  if (surplus <= 0) return inhaled; // clusters without points were dropped on the way
  const { utility } = await rank(sample, centroids, columns, search);
  const gone = await leastUseful(centroids, utility, surplus, search);
  return search.lloyd(
    centroids.filter((_, at) => !gone.has(Math.floor(at / columns))),
    share,
  );
}

/** One solution after others: the way to it is the way to all of them. */
function after(before: Solution, inhaled: Solution, exhaled: Solution): Solution {
  const parts = exhaled === inhaled ? [before, exhaled] : [before, inhaled, exhaled];
  const history = parts
    .flatMap(({ clustering }) => clustering.history)
    .map((record, i) => ({ ...record, iteration: i + 1 }));
  return {
    inertia: exhaled.inertia,
    status: { ...exhaled.status, iteration: history.length },
    clustering: { ...exhaled.clustering, history },
  };
}

interface Sample {
  /** Grid values, row-major. */
  readonly values: Float32Array;
  /** W of each row, or null. */
  readonly weights: Uint32Array | null;
  readonly rows: number;
}

async function sampleOf(points: LaidPoints, k: number, random: Random): Promise<Sample> {
  const { grid } = points;
  const pool = weightedRows(grid);
  const affordable = Math.floor(SAMPLE.work / (k * grid.columns));
  const wanted = Math.max(FEWEST_ROWS, SAMPLE.rows * k);
  const size = Math.max(SAMPLE.least * k, Math.min(wanted, affordable));
  const drawn = sampleRows(pool ? pool.length : grid.rows, size, random);
  const list = pool ? drawn.map((i) => pool[i]) : drawn;
  return {
    values: await points.gather(list),
    weights: grid.weights && list.map((row) => grid.weights![row]),
    rows: list.length,
  };
}

/** How centroids do, by the rows of a sample. */
interface Ranking {
  /** Of each centroid Σ W·d₁², and Σ W·(d₂² − d₁²); d in place of d² under Manhattan. */
  readonly error: Float64Array;
  readonly utility: Float64Array;
  /** Of each row the nearest centroid, and W·d₁². */
  readonly labels: Uint32Array;
  readonly masses: Float64Array;
}

/** Multiplications between two looks at the clock. */
const STRETCH = 2 ** 20;

async function rank(
  { values, weights, rows }: Sample,
  centroids: Float32Array,
  columns: number,
  { pause, distance: by }: Search,
): Promise<Ranking> {
  const absolute = by === 'manhattan';
  const k = centroids.length / columns;
  const error = new Float64Array(k);
  const utility = new Float64Array(k);
  const labels = new Uint32Array(rows);
  const masses = new Float64Array(rows);
  const stretch = Math.ceil(STRETCH / centroids.length);
  for (let from = 0; from < rows; from += stretch) {
    const to = Math.min(rows, from + stretch);
    for (let i = from; i < to; i++) {
      let nearest = Infinity;
      let second = Infinity;
      let label = 0;
      for (let j = 0, at = 0; j < k; j++) {
        let distance = 0;
        for (let t = 0, y = i * columns; t < columns; t++) {
          const difference = values[y++] - centroids[at++];
          distance += absolute ? Math.abs(difference) : difference * difference;
        }
        if (distance < nearest) {
          second = nearest;
          nearest = distance;
          label = j;
        } else if (distance < second) second = distance;
      }
      const weight = weights ? weights[i] : 1;
      labels[i] = label;
      masses[i] = weight * nearest;
      error[label] += masses[i];
      utility[label] += weight * (second - nearest);
    }
    const waiting = pause();
    if (waiting) await waiting;
  }
  return { error, utility, labels, masses };
}

/** A row of each of the m clusters with the largest error, drawn by W·d². */
function newCentroids(
  { values, rows }: Sample,
  { error, labels, masses }: Ranking,
  m: number,
  random: Random,
): Float32Array {
  const columns = values.length / rows;
  const largest = Array.from(error.keys())
    .filter((j) => error[j] > 0)
    .sort((a, b) => error[b] - error[a])
    .slice(0, m);
  return joined(
    Float32Array,
    largest.map((j) => {
      let left = random() * error[j];
      let row = 0;
      for (let i = 0; i < rows && left >= 0; i++) {
        if (labels[i] !== j || masses[i] === 0) continue;
        row = i; // the last one with mass, where rounding carries past it
        left -= masses[i];
      }
      return values.subarray(row * columns, (row + 1) * columns);
    }),
  );
}

/** So many centroids of the smallest utility, without neighbours: what one loses, the other must take. */
async function leastUseful(
  centroids: Float32Array,
  utility: Float64Array,
  surplus: number,
  { pause, distance }: Search,
): Promise<ReadonlySet<number>> {
  const k = utility.length;
  const apart = distancesBetween(centroids, k, distance);
  let reach = 0;
  for (let j = 0; j < k; j++) {
    let nearest = Infinity;
    for (let other = 0; other < k; other++)
      if (other !== j) nearest = Math.min(nearest, apart(j, other));
    reach += (NEIGHBOURHOOD * nearest) / k;
    const waiting = pause();
    if (waiting) await waiting;
  }
  const gone = new Set<number>();
  const staying = new Set<number>();
  for (const j of Array.from(utility.keys()).sort((a, b) => utility[a] - utility[b])) {
    if (gone.size === surplus) break;
    if (staying.has(j)) continue;
    gone.add(j);
    for (let other = 0; other < k && staying.size + surplus < k; other++)
      if (!gone.has(other) && apart(j, other) < reach) staying.add(other);
  }
  return gone;
}

function distancesBetween(centroids: Float32Array, k: number, distance?: Distance) {
  const columns = centroids.length / k;
  if (distance === 'manhattan')
    return (a: number, b: number) => {
      let sum = 0;
      for (let t = 0; t < columns; t++)
        sum += Math.abs(centroids[a * columns + t] - centroids[b * columns + t]);
      return sum;
    };
  return (a: number, b: number) =>
    Math.sqrt(squaredDistance(centroids, a * columns, centroids, b * columns, columns));
}
