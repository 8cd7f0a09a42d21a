/**
 * The passes over all rows on a GPU that only gathers: a kernel writes one place of a texture. So points stay
 * there in chunks of whole rows, centroids go by in tiles, and sums are taken over rows that the host has sorted
 * by their labels, cut into short segments.
 *
 * Float32 proposes labels and integers decide, as everywhere: rows whose second centroid comes too near are
 * settled on the host. Sums are of whole numbers that float32 holds.
 *
 * Memory: on the GPU 16 bytes for four columns of a row, and three states of 16 bytes a row of one chunk; here
 * what the kernels are given and give, a chunk at a time.
 */
import type { Texture } from 'gpu.js';
import { breather } from '../../breathe.ts';
import type { Task } from '../../engine.ts';
import { EngineUnavailableError, GpuError } from '../../errors.ts';
import { manhattanNearest } from '../../exact.ts';
import { powerOfTwo, SUM_BITS, toLabelGrid, type Grid } from '../../grid.ts';
import type { Passes } from '../../lloyd-session.ts';
import { nearestCentroid, type Totals } from '../../lloyd.ts';
import { manhattanBound, nearTieBound, type NearTieBound } from '../../near-tie.ts';
import type { Watch } from './context.ts';
import { FACTOR_BITS, LANES, LIMB_BITS, NOWHERE, SEGMENT, TURNS, type Kernels } from './kernels.ts';
import type { Tuning } from './tuning.ts';

/** Draws that are under way before somebody waits for them. */
const DRAWS = 8;
/** Texels of sums that come home at once. */
const SUM_TEXELS = 2 ** 18;
/** Differences that the host settles between two pauses. */
const SETTLE_WORK = 2 ** 18;

/**
 * GLSL promises no more than WGSL does (an operation errs by less than 2^−23 of its result), but says less
 * clearly what a compiler may reorder: twice as wide, and the self-test holds a device to the narrow one.
 */
export function boundOf(columns: number, distance: Task['distance']): NearTieBound {
  const bound = distance === 'manhattan' ? manhattanBound(columns) : nearTieBound(columns);
  return {
    relative: 2 * bound.relative,
    root: 2 * bound.root,
    absolute: 2 * bound.absolute + 2 ** -100, // smaller squares may be flushed to 0
  };
}

/** Rows of points or centroids, on the GPU. */
interface Chunk {
  readonly first: number;
  readonly rows: number;
  readonly texture: Texture;
}

export class WebGlPasses implements Passes {
  readonly #watch: Watch;
  readonly #kernels: Kernels;
  readonly #grid: Grid;
  readonly #distance: 'euclidean' | 'manhattan';
  readonly #bound: NearTieBound;
  readonly #pause: () => Promise<void> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #tuning: Tuning;
  /** Texels of a row. */
  readonly #width: number;
  readonly #scales: Float32Array;
  readonly #chunks: Chunk[] = [];
  /** By the number of rows: of whole chunks, and of the last. */
  readonly #starts = new Map<number, Texture>();

  private constructor(watch: Watch, kernels: Kernels, grid: Grid, task: Task, tuning: Tuning) {
    const { columns, columnExponents } = grid;
    this.#watch = watch;
    this.#kernels = kernels;
    this.#grid = grid;
    this.#distance = task.distance ?? 'euclidean';
    this.#bound = boundOf(columns, this.#distance);
    this.#signal = task.signal;
    this.#pause = breather(task.signal);
    this.#tuning = tuning;
    this.#width = Math.ceil(columns / 4);
    this.#scales = Float32Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e));
  }

  /** Brings the points to the GPU. */
  static async open(
    watch: Watch,
    kernels: Kernels,
    grid: Grid,
    task: Task,
    tuning: Tuning,
  ): Promise<WebGlPasses> {
    const passes = new WebGlPasses(watch, kernels, grid, task, tuning);
    if (passes.#width > TURNS)
      throw new EngineUnavailableError(
        'webgl',
        `points.columns is ${grid.columns}, and its kernels take at most ${4 * TURNS}`,
      );
    try {
      await passes.#layInChunks(grid.values, passes.#chunks);
      return passes;
    } catch (error) {
      passes.dispose();
      throw error;
    }
  }

  /** All of one size, but for the last. Those that are there already are kept where one fails. */
  async #layInChunks(values: Float32Array, chunks: Chunk[]): Promise<void> {
    const { columns } = this.#grid;
    const rows = values.length / columns;
    const most = Math.max(1, Math.floor(this.#tuning.chunkTexels / this.#width));
    const size = Math.ceil(rows / Math.ceil(rows / most));
    for (let first = 0; first < rows; first += size) {
      const count = Math.min(size, rows - first);
      const part = values.subarray(first * columns, (first + count) * columns);
      const texture = await this.#watch.settled(() => this.#lay(part));
      chunks.push({ first, rows: count, texture });
      await this.#rest();
    }
  }

  #lay(values: Float32Array): Texture {
    const { columns } = this.#grid;
    const filled = 4 * this.#width;
    const rows = values.length / columns;
    if (filled === columns) return this.#kernels.lay(values.length / 4, values);
    const padded = new Float32Array(rows * filled);
    for (let i = 0; i < rows; i++)
      for (let t = 0; t < columns; t++) padded[i * filled + t] = values[i * columns + t];
    return this.#kernels.lay(padded.length / 4, padded);
  }

  async #rest(): Promise<void> {
    const waiting = this.#pause();
    if (waiting) await waiting;
    this.#signal?.throwIfAborted();
  }

  async assign(centroids: Float32Array, labels: Uint32Array, second = false): Promise<number> {
    const g = Int32Array.from(centroids, toLabelGrid);
    const placed: Chunk[] = [];
    let moved = 0;
    try {
      await this.#layInChunks(centroids, placed);
      for (const chunk of this.#chunks) {
        const own = labels.subarray(chunk.first, chunk.first + chunk.rows);
        const proposed = await this.#propose(chunk, placed, second ? own : null);
        moved += await this.#decide(chunk, proposed, g, own, second);
      }
    } finally {
      for (const { texture } of placed) texture.delete();
    }
    return moved;
  }

  /** States of rows that have met no centroid yet. */
  #start(rows: number, except: Uint32Array | null): Texture {
    const kept = except ? undefined : this.#starts.get(rows);
    if (kept) return kept.clone();
    const states = new Float32Array(4 * rows);
    for (let i = 0; i < rows; i++) {
      states[4 * i] = states[4 * i + 1] = NOWHERE;
      states[4 * i + 3] = except ? except[i] : -1;
    }
    const texture = this.#kernels.lay(rows, states);
    if (!except) this.#starts.set(rows, texture.clone());
    return texture;
  }

  /** What `settle` says of a chunk's rows. */
  async #propose(
    { rows, texture: points }: Chunk,
    centroids: readonly Chunk[],
    except: Uint32Array | null,
  ): Promise<Float32Array> {
    const width = this.#width;
    const most = this.#tuning.drawWork / (rows * width) / LANES;
    const tile = LANES * Math.min(TURNS, Math.max(1, Math.floor(most)));
    let states = await this.#watch.guard(() => this.#start(rows, except));
    try {
      let draws = 0;
      for (const part of centroids) {
        for (let first = 0; first < part.rows; first += tile) {
          const end = Math.min(first + tile, part.rows);
          const before = states;
          const { first: offset, texture } = part;
          states = await this.#watch.guard(() =>
            // prettier-ignore
            this.#kernels.assign(this.#distance, rows, points, texture, before, width, offset, first, end),
          );
          before.delete();
          if (++draws % DRAWS === 0) await this.#watch.finish();
          await this.#rest();
        }
      }
      return await this.#watch.settled(() => this.#kernels.settle(rows, states, this.#bound));
    } finally {
      states.delete();
    }
  }

  /** Writes labels; where a proposal is none the integers say. Returns how many changed. */
  async #decide(
    { first, rows }: Chunk,
    proposed: Float32Array,
    g: Int32Array,
    labels: Uint32Array,
    second: boolean,
  ): Promise<number> {
    const { values, columns } = this.#grid;
    const k = g.length / columns;
    const nearest = this.#distance === 'manhattan' ? nearestByMagnitude : nearestCentroid;
    const q = new Int32Array(columns);
    let moved = 0;
    let work = 0;
    for (let i = 0; i < rows; i++) {
      const proposal = proposed[i];
      let label = Math.abs(proposal) - 1;
      if (!(label >= 0 && label < k && Number.isInteger(label)))
        throw new GpuError(
          `the GPU gives row ${first + i} the label ${label} of ${k}; no result was returned. ` +
            'Run again, or use a CPU engine.',
        );
      if (proposal < 0) {
        for (let t = 0; t < columns; t++) q[t] = toLabelGrid(values[(first + i) * columns + t]);
        label = nearest(q, g, k, columns, second ? labels[i] : -1);
        work += g.length;
        if (work > SETTLE_WORK) {
          work = 0;
          await this.#rest();
        }
      }
      if (labels[i] !== label) {
        labels[i] = label;
        moved++;
      }
    }
    return moved;
  }

  async accumulate(labels: Uint32Array, k: number): Promise<Totals> {
    const { columns, weights, totalWeight } = this.#grid;
    const totals = { sums: new BigInt64Array(k * columns), counts: new Uint32Array(k) };
    for (let i = 0; i < labels.length; i++) totals.counts[labels[i]] += weights ? weights[i] : 1;
    for (const chunk of this.#chunks) {
      for (let shift = 0; shift < 32 && totalWeight >= 2 ** shift; shift += FACTOR_BITS) {
        await this.#addLimb(chunk, labels, weights, shift, totals);
        if (!weights) break;
      }
    }
    return totals;
  }

  /** Adds a chunk's rows, each as often as FACTOR_BITS of its weight say. */
  async #addLimb(
    { first, rows, texture: points }: Chunk,
    labels: Uint32Array,
    weights: Uint32Array | null,
    shift: number,
    { sums, counts }: Totals,
  ): Promise<void> {
    const { columns } = this.#grid;
    const factor = (i: number) =>
      weights ? (weights[first + i] >>> shift) & (2 ** FACTOR_BITS - 1) : 1;
    // a counting sort by label: where each cluster's rows begin, and then the rows in their places
    const starts = new Uint32Array(counts.length + 1);
    for (let i = 0; i < rows; i++) if (factor(i) > 0) starts[labels[first + i] + 1]++;
    for (let j = 0; j < counts.length; j++) starts[j + 1] += starts[j];
    const entries = new Float32Array(2 * starts[counts.length]);
    const places = starts.slice();
    for (let i = 0; i < rows; i++) {
      if (factor(i) === 0) continue;
      const place = places[labels[first + i]]++;
      entries[2 * place] = i;
      entries[2 * place + 1] = factor(i);
    }
    const cuts: number[] = [0];
    const owners: number[] = [];
    for (let j = 0; j < counts.length; j++)
      for (let from = starts[j]; from < starts[j + 1]; from += SEGMENT) {
        owners.push(j);
        cuts.push(Math.min(from + SEGMENT, starts[j + 1]));
      }
    const batch = Math.max(1, Math.floor(SUM_TEXELS / columns));
    for (let at = 0; at < owners.length; at += batch) {
      const end = Math.min(at + batch, owners.length);
      const bounds = Float32Array.from(cuts.slice(at, end + 1), (cut) => cut - cuts[at]);
      const own = entries.subarray(2 * cuts[at], 2 * cuts[end]);
      const found = await this.#watch.settled(() =>
        this.#kernels.accumulate(end - at, points, own, bounds, this.#scales, this.#width),
      );
      this.#takeSums(found, owners.slice(at, end), own, bounds, shift, sums);
      await this.#rest();
    }
  }

  /** Adds up limbs; a count that is not what was asked for is no sum. */
  #takeSums(
    found: readonly Float32Array[],
    owners: readonly number[],
    entries: Float32Array,
    bounds: Float32Array,
    shift: number,
    sums: BigInt64Array,
  ): void {
    const { columns } = this.#grid;
    owners.forEach((owner, segment) => {
      let wanted = 0;
      for (let i = bounds[segment]; i < bounds[segment + 1]; i++) wanted += entries[2 * i + 1];
      for (let t = 0; t < columns; t++) {
        const [high, middle, low, count] = found[segment * columns + t];
        if (count !== wanted)
          throw new GpuError(
            `the GPU counts ${count} of ${wanted} rows; no result was returned. Run again, or use a CPU engine.`,
          );
        const sum = high * 2 ** (2 * LIMB_BITS) + middle * 2 ** LIMB_BITS + low; // < 2^46
        sums[owner * columns + t] += BigInt(sum) << BigInt(shift);
      }
    });
  }

  dispose(): void {
    for (const { texture } of this.#chunks.splice(0)) texture.delete();
    for (const texture of this.#starts.values()) texture.delete();
    this.#starts.clear();
  }
}

const nearestByMagnitude: typeof nearestCentroid = (q, g, k, columns, except) =>
  manhattanNearest(q, 0, g, k, columns, except);
