/**
 * Weighted colours on an engine: first centroids, Lloyd's iterations around centroids that are held, and
 * the nearest of some entries, all without bringing the colours there a second time.
 *
 * Held centroids take part in the assignment and never move. Engines know nothing of them: as under the
 * metrics whose centres are no means, the host finds the centres from what the engine reads
 * (metric/centre-run.ts), which are the same integers on every engine.
 */
import { inertia, meanOnSumGrid, placeOnGrid, powerOfTwo, SUM_BITS, toOriginal } from '../grid.ts';
import type { Clustering } from '../engine.ts';
import type { LaidPoints } from '../laid-points.ts';
import { layPoints } from '../lay-points.ts';
import type { Rung } from '../ladder.ts';
import type { Rows } from '../matrix.ts';
import type { Centre } from '../metric/centre.ts';
import { CentreRun } from '../metric/centre-run.ts';
import { breathe, mostCentroids, type Solution } from '../refine.ts';
import { pcg32 } from '../rng.ts';
import { Run } from '../run.ts';
import { allOf, plusPlus, trialsFor } from '../seeding/plus-plus.ts';
import { seed } from '../seeding/index.ts';
import { shiftLimit } from '../kmeans.ts';
import type { ImageSettings } from './options.ts';

/** What an image's settings say of the runs on its colours. */
export type RunSettings = Pick<
  ImageSettings,
  'engine' | 'threads' | 'signal' | 'seed' | 'maxIter' | 'tol'
>;

type Pause = () => Promise<void> | undefined;

export class ColorRun {
  readonly #laid: LaidPoints;
  readonly #run: Run;
  readonly #k: number;
  readonly #settings: RunSettings;
  readonly #pause: Pause;

  private constructor(laid: LaidPoints, run: Run, k: number, settings: RunSettings, pause: Pause) {
    this.#laid = laid;
    this.#run = run;
    this.#k = k;
    this.#settings = settings;
    this.#pause = pause;
  }

  /**
   * Puts colours, each with a weight, on the first engine that can be had, for up to k centroids.
   * `cover`: what centroids may be besides.
   */
  static async open(
    points: Rows,
    weights: ArrayLike<number>,
    k: number,
    cover: Rows,
    settings: RunSettings,
    rungs: readonly Rung[],
    pause: Pause,
  ): Promise<ColorRun> {
    const { engine, threads, signal } = settings;
    const most = Math.max(k, mostCentroids(points.rows, k));
    const laid = await layPoints(
      { points, k: most, weights, whiten: false, engine, threads, signal },
      cover,
    );
    const run = new Run(rungs, {
      points: laid,
      k: most,
      shiftLimit: shiftLimit(laid.grid, settings.tol),
      emptyCluster: 'relocate',
      algorithm: 'auto',
      signal,
    });
    const opened = new ColorRun(laid, run, k, settings, pause);
    try {
      await run.open();
    } catch (error) {
      await opened.dispose();
      throw error;
    }
    return opened;
  }

  get engine() {
    return this.#run.engine.name;
  }

  /** Coordinates as grid values. */
  place(rows: Rows): Float32Array {
    return placeOnGrid(rows, this.#laid.grid);
  }

  /** Grid values as coordinates. */
  coordinates(values: Float32Array): Float32Array {
    return toOriginal(values, this.#laid.grid);
  }

  /** k centroids by greedy k-means++, the first of them those that are held. */
  async seed(held: Float32Array): Promise<Float32Array> {
    const { grid } = this.#laid;
    const k = this.#k;
    if (held.length === 0)
      return seed(this.#laid, k, { kind: 'auto' }, this.#settings.seed, 0, this.#pause);
    const taken = held.length / grid.columns;
    const trials = trialsFor(k);
    const distances = await this.#laid.distances({
      rows: null,
      trials,
      centres: k,
      owners: false,
      pause: this.#pause,
    });
    // one by one: lanes take no more at a time than they try
    for (let at = 0; at < held.length; at += grid.columns)
      await distances.add(held.slice(at, at + grid.columns));
    const places = await plusPlus(
      allOf(grid.rows),
      distances,
      k,
      trials,
      pcg32(this.#settings.seed, 0),
      undefined,
      new Array<number>(taken).fill(0),
    );
    await distances.close();
    const free = await this.#laid.gather(places.subarray(taken));
    const all = new Float32Array(k * grid.columns);
    all.set(held);
    all.set(free, held.length);
    return all;
  }

  /** Lloyd's algorithm from these centroids; the first `held` stay where they are. */
  async lloyd(start: Float32Array, held = 0, maxIter = this.#settings.maxIter): Promise<Solution> {
    const { grid } = this.#laid;
    const { signal } = this.#settings;
    const search =
      held === 0
        ? this.#run
        : new CentreRun(
            this.#run,
            new HeldMeans(this.#laid, held),
            {
              points: this.#laid,
              shiftLimit: shiftLimit(grid, this.#settings.tol),
              emptyCluster: 'keep',
              distance: 'euclidean',
            },
            this.#pause,
          );
    await search.place(start);
    const onBatch = () => {};
    const status = await search.iterate({ maxIter, signal, onBatch, everyIteration: false });
    const clustering = await search.read();
    const { centroids, sums, counts } = clustering;
    return { clustering, status, inertia: inertia(grid, centroids, sums, counts) };
  }

  /** A global search from a solution without held centroids (refine.ts). */
  breathe(start: Solution): Promise<Solution> {
    return breathe(this.#laid, this.#k, start, {
      seed: this.#settings.seed,
      pause: this.#pause,
      lloyd: (centroids) => this.lloyd(centroids),
    });
  }

  /** The nearest of these for every colour, ties to the first. */
  async nearest(entries: Float32Array): Promise<Uint32Array> {
    await this.#run.place(entries);
    return this.#run.assign();
  }

  async dispose(): Promise<void> {
    await this.#run.dispose();
    this.#laid.dispose();
  }
}

/** Means, but of the first centroids, which stay; as does one that has lost its points. */
class HeldMeans implements Centre {
  readonly #laid: LaidPoints;
  readonly #held: number;

  constructor(laid: LaidPoints, held: number) {
    this.#laid = laid;
    this.#held = held;
  }

  async update(clustering: Clustering) {
    const { columns, columnExponents } = this.#laid.grid;
    const { sums, counts } = clustering;
    const centroids = clustering.centroids.slice();
    for (let j = this.#held; j < counts.length; j++) {
      if (counts[j] === 0) continue;
      for (let t = 0, at = j * columns; t < columns; t++, at++)
        centroids[at] =
          meanOnSumGrid(sums[at], counts[j]) * powerOfTwo(columnExponents[t] - SUM_BITS);
    }
    return { centroids, cost: await this.cost({ ...clustering, centroids }) };
  }

  async cost({ centroids, sums, counts }: Clustering): Promise<number> {
    return inertia(this.#laid.grid, centroids, sums, counts);
  }
}
