/**
 * A palette's centroids, sought on cells: greedy k-means++, Lloyd's iterations and a few breaths of
 * breathing k-means (B. Fritzke, arXiv 2006.15666, 2020; see refine.ts). Only a start: k-means on all
 * colours goes on from it, exactly. So iterations are few, a run after the other, and what ranks centroids
 * is found from their neighbours.
 */
import { joined } from '../matrix.ts';
import { pcg32, type Random } from '../rng.ts';

import type { CellTree } from './cell-tree.ts';

type Pause = () => Promise<void> | undefined;

/** Cells that k-means++ tries for each centroid: breaths mend what more would gain. */
const TRIALS = 3;
/** Iterations at first, and in each half of a breath. */
const FIRST = 5;
const HALF = 2;
/** A run ends where an iteration gains less than this share of the inertia. */
const ENOUGH = 1e-3;
/** Centroids of the first breath: one in so many, but at least so many. */
const BREATH = { share: 8, least: 5 };
/** A breath that gains less than this share of the inertia is the last of its size. */
const GAIN = 6e-3;
/** Neighbours of a centroid among which its cells look for another. */
const NEIGHBOURS = 8;
/** Nearer neighbours of a centroid that goes stay: Fritzke's θ, times the mean distance to the nearest. */
const NEIGHBOURHOOD = 1.1;
/** A random stream of its own. */
const BREATHING = 2 ** 32;

export interface SearchOptions {
  readonly k: number;
  readonly seed: number;
  /** Four coordinates each; they stay where they are, and first. */
  readonly held: Float64Array;
  /** All first centroids, held ones among them; null: k-means++. */
  readonly start: Float64Array | null;
  readonly breathing: boolean;
  readonly pause: Pause;
}

/** Up to k centroids, four coordinates each. */
export async function search(
  tree: CellTree,
  { k, seed, held, start, breathing, pause }: SearchOptions,
): Promise<Float64Array> {
  const first = start ?? (await plusPlus(tree, k, held, pcg32(seed, 0), pause));
  const fixed = held.length / 4;
  const lloyd = (centroids: Float64Array, iterations: number) =>
    iterate(tree, centroids, fixed, iterations, pause);
  let best = await lloyd(first, FIRST);
  if (!breathing) return best.centroids;
  const random = pcg32(seed, BREATHING);
  const free = k - fixed;
  let m = Math.min(free, Math.max(BREATH.least, Math.floor(free / BREATH.share)));
  while (m > 0 && tree.size > k) {
    const more = newCentroids(tree, best.centroids.length / 4, m, random);
    if (more.length === 0) break;
    const inhaled = await lloyd(joined(Float64Array, [best.centroids, more]), HALF);
    const exhaled = await lloyd(exhale(tree, inhaled, fixed, k), HALF);
    if (exhaled.inertia >= best.inertia * (1 - GAIN)) m >>= 1;
    if (exhaled.inertia < best.inertia) best = exhaled;
    else tree.pass(best.before); // what comes next goes by its cells
  }
  return best.centroids;
}

interface Found {
  readonly centroids: Float64Array;
  /** Before the last iteration, whose pass the tree has the labels and masses of, and theirs. */
  readonly before: Float64Array;
  readonly inertia: number;
}

/** Lloyd's algorithm, at least an iteration. A centroid without cells stays where it is. */
async function iterate(
  tree: CellTree,
  start: Float64Array,
  fixed: number,
  iterations: number,
  pause: Pause,
): Promise<Found> {
  let centroids = start;
  let before = start;
  let inertia = Infinity;
  for (let i = 0; i < iterations; i++) {
    const last = inertia;
    before = centroids;
    tree.pass(before);
    const { sums, counts } = tree;
    inertia = tree.inertia;
    centroids = before.slice();
    for (let j = fixed; j < counts.length; j++)
      if (counts[j] > 0)
        for (let at = 4 * j; at < 4 * j + 4; at++) centroids[at] = sums[at] / counts[j];
    const waiting = pause();
    if (waiting) await waiting;
    if (inertia >= last * (1 - ENOUGH)) break;
  }
  return { centroids, before, inertia };
}

/** A cell of each of the m clusters with the largest error, drawn by W · d². */
function newCentroids(
  { labels, masses, means }: CellTree,
  k: number,
  m: number,
  random: Random,
): Float64Array {
  const error = new Float64Array(k);
  for (let i = 0; i < labels.length; i++) error[labels[i]] += masses[i];
  const largest = Array.from(error.keys())
    .filter((j) => error[j] > 0)
    .sort((a, b) => error[b] - error[a])
    .slice(0, m);
  /** Of each cluster what is left until its cell is reached, and the last cell seen before. */
  const left = new Float64Array(k).fill(-1);
  const cells = new Uint32Array(k);
  for (const j of largest) left[j] = random() * error[j];
  for (let i = 0; i < labels.length; i++) {
    const j = labels[i];
    if (left[j] < 0 || masses[i] === 0) continue;
    cells[j] = i;
    left[j] -= masses[i];
  }
  return joined(
    Float64Array,
    largest.map((j) => means.subarray(4 * cells[j], 4 * cells[j] + 4)),
  );
}

/** Lets the least useful of the free centroids go until there are k, no two of them neighbours. */
function exhale(
  tree: CellTree,
  { centroids, before }: Found,
  fixed: number,
  k: number,
): Float64Array {
  const size = centroids.length / 4;
  const each = Math.min(NEIGHBOURS, size - 1);
  const { neighbours, distances } = neighboursOf(before, each);
  const utility = utilityOf(tree, before, neighbours, each);
  let reach = 0;
  for (let j = 0; j < size; j++) reach += (NEIGHBOURHOOD * Math.sqrt(distances[j * each])) / size;
  const gone = new Uint8Array(size);
  const stays = new Uint8Array(size).fill(1, 0, fixed);
  const ranked = Array.from(utility.keys()).sort((a, b) => utility[a] - utility[b]);
  let surplus = size - k;
  let spare = k - fixed;
  for (const j of ranked) {
    if (surplus === 0) break;
    if (stays[j] === 1) continue;
    gone[j] = 1;
    surplus--;
    for (let n = j * each; n < (j + 1) * each && spare > 0; n++) {
      const other = neighbours[n];
      if (distances[n] >= reach * reach || gone[other] === 1 || stays[other] === 1) continue;
      stays[other] = 1;
      spare--;
    }
  }
  return centroids.filter((_, at) => gone[at >> 2] === 0);
}

/** Of each centroid so many others that are nearest, nearest first, and their squared distances. */
function neighboursOf(centroids: Float64Array, each: number) {
  const k = centroids.length / 4;
  const neighbours = new Uint32Array(k * each);
  const distances = new Float64Array(k * each).fill(Infinity);
  for (let j = 0; j < k; j++) {
    const first = j * each;
    const last = first + each - 1;
    for (let other = 0; other < k; other++) {
      if (other === j) continue;
      const d = squared(centroids, 4 * j, centroids, 4 * other);
      if (d >= distances[last]) continue;
      let at = last;
      for (; at > first && distances[at - 1] > d; at--) {
        distances[at] = distances[at - 1];
        neighbours[at] = neighbours[at - 1];
      }
      distances[at] = d;
      neighbours[at] = other;
    }
  }
  return { neighbours, distances };
}

/** Of each centroid what the inertia grows by without it, after a pass. */
function utilityOf(
  tree: CellTree,
  centroids: Float64Array,
  neighbours: Uint32Array,
  each: number,
): Float64Array {
  const { labels, masses, weights, means } = tree;
  const utility = new Float64Array(centroids.length / 4);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    let second = Infinity;
    for (let n = label * each; n < (label + 1) * each; n++)
      second = Math.min(second, squared(means, 4 * i, centroids, 4 * neighbours[n]));
    utility[label] += weights[i] * second - masses[i];
  }
  return utility;
}

function squared(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const x = a[i] - b[j];
  const y = a[i + 1] - b[j + 1];
  const z = a[i + 2] - b[j + 2];
  const w = a[i + 3] - b[j + 3];
  return x * x + y * y + z * z + w * w;
}

/**
 * Greedy k-means++ (seeding/plus-plus.ts) on the tree: what lies in boxes that a new centroid is too far
 * from to be nearest is left out. Fewer than k where there are not so many cells.
 */
async function plusPlus(
  tree: CellTree,
  k: number,
  held: Float64Array,
  random: Random,
  pause: Pause,
): Promise<Float64Array> {
  const { means } = tree;
  const spread = new Spread(tree);
  const centroids = new Float64Array(4 * k);
  centroids.set(held);
  for (let at = 0; at < held.length; at += 4) spread.take(held, at);
  const trials = TRIALS;
  for (let j = held.length / 4; j < k; j++) {
    let best = -1;
    let most = -1;
    for (let trial = 0; trial < (j === 0 ? 1 : trials); trial++) {
      const cell = spread.draw(random);
      if (cell < 0) return centroids.slice(0, 4 * j);
      const gain = spread.gain(means, 4 * cell);
      if (gain <= most) continue;
      most = gain;
      best = cell;
    }
    spread.take(means, 4 * best);
    for (let t = 0; t < 4; t++) centroids[4 * j + t] = means[4 * best + t];
    const waiting = pause();
    if (waiting) await waiting;
  }
  return centroids;
}

/** How far cells are from the nearest centroid so far. */
class Spread {
  readonly #tree: CellTree;
  /** Squared; before there is a centroid all the same. */
  readonly #distances: Float64Array;
  /** Of each node the largest of them, and Σ W · distance. */
  readonly #farthest: Float64Array;
  readonly #masses: Float64Array;
  #none = true;

  constructor(tree: CellTree) {
    this.#tree = tree;
    this.#distances = new Float64Array(tree.size).fill(1);
    this.#farthest = new Float64Array(tree.from.length).fill(Infinity);
    this.#masses = tree.nodeWeights.slice();
  }

  /** A cell, drawn by W · distance; −1 where all are centroids. */
  draw(random: Random): number {
    const { second, from, to, weights, size } = this.#tree;
    const masses = this.#masses;
    if (size === 0 || !(masses[0] > 0)) return -1;
    let left = random() * masses[0];
    let node = 0;
    while (second[node] > 0) {
      const first = masses[node + 1];
      if (left < first || !(masses[second[node]] > 0)) node++;
      else {
        left -= first;
        node = second[node];
      }
    }
    let drawn = from[node];
    for (let cell = from[node]; cell < to[node]; cell++) {
      const mass = weights[cell] * this.#distances[cell];
      if (mass === 0) continue;
      drawn = cell; // the last one with mass, where rounding carries past it
      if (left < mass) break;
      left -= mass;
    }
    return drawn;
  }

  /** What Σ W · distance falls by with a centroid more. */
  gain(centroid: Float64Array, at: number, node = 0): number {
    if (this.#none) return 0;
    if (this.#tooFar(centroid, at, node)) return 0;
    const { second, from, to, weights, means } = this.#tree;
    if (second[node] > 0)
      return this.gain(centroid, at, node + 1) + this.gain(centroid, at, second[node]);
    let gain = 0;
    for (let cell = from[node]; cell < to[node]; cell++) {
      const d = squared(means, 4 * cell, centroid, at);
      if (d < this.#distances[cell]) gain += weights[cell] * (this.#distances[cell] - d);
    }
    return gain;
  }

  take(centroid: Float64Array, at: number): void {
    if (this.#none) this.#distances.fill(Infinity);
    this.#none = false;
    if (this.#tree.size > 0) this.#take(centroid, at, 0);
  }

  #take(centroid: Float64Array, at: number, node: number): void {
    if (this.#tooFar(centroid, at, node)) return;
    const { second, from, to, weights, means } = this.#tree;
    const right = second[node];
    if (right > 0) {
      this.#take(centroid, at, node + 1);
      this.#take(centroid, at, right);
      this.#farthest[node] = Math.max(this.#farthest[node + 1], this.#farthest[right]);
      this.#masses[node] = this.#masses[node + 1] + this.#masses[right];
      return;
    }
    let farthest = 0;
    let mass = 0;
    for (let cell = from[node]; cell < to[node]; cell++) {
      const d = Math.min(this.#distances[cell], squared(means, 4 * cell, centroid, at));
      this.#distances[cell] = d;
      farthest = Math.max(farthest, d);
      mass += weights[cell] * d;
    }
    this.#farthest[node] = farthest;
    this.#masses[node] = mass;
  }

  /** Whether no cell of a node is nearer to this than to what it has. */
  #tooFar(centroid: Float64Array, at: number, node: number): boolean {
    const { boxes } = this.#tree;
    let least = 0;
    for (let t = 0, low = 8 * node; t < 4; t++, low++) {
      const value = centroid[at + t];
      const off = Math.max(boxes[low] - value, value - boxes[low + 4], 0);
      least += off * off;
    }
    return least >= this.#farthest[node];
  }
}
