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
import type { Solution } from '../refine.ts';
import { Run } from '../run.ts';
import { shiftLimit } from '../kmeans.ts';
import type { ImageSettings } from './options.ts';

/** What an image's settings say of the runs on its colours. */
export type RunSettings = Pick<ImageSettings, 'engine' | 'threads' | 'signal' | 'maxIter' | 'tol'>;

type Pause = () => Promise<void> | undefined;

export class ColorRun {
  readonly #laid: LaidPoints;
  readonly #run: Run;
  readonly #settings: RunSettings;
  readonly #pause: Pause;

  private constructor(laid: LaidPoints, run: Run, settings: RunSettings, pause: Pause) {
    this.#laid = laid;
    this.#run = run;
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
    const laid = await layPoints(
      { points, k, weights, whiten: false, engine, threads, signal },
      cover,
    );
    const run = new Run(rungs, {
      points: laid,
      k,
      shiftLimit: shiftLimit(laid.grid, settings.tol),
      emptyCluster: 'relocate',
      algorithm: 'auto',
      signal,
    });
    const opened = new ColorRun(laid, run, settings, pause);
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
