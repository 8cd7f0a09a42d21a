/**
 * How a run looked after each of its iterations. Nothing is kept while it runs, so that looking back
 * costs nothing to those who do not: the first look runs it again, to the same bits, and keeps what it
 * sees. What is kept is bounded: labels of the first rows only (boards mix their groups), and where
 * that is still too much, of every second iteration, then of every fourth.
 */
import { kmeans, type KMeansOptions, type KMeansResult, type Matrix } from '../../src/index.ts';
import type { Moment } from '../messages.ts';
import { countLabels } from '../../src/lloyd.ts';
import type { Rows } from '../../src/matrix.ts';

/** Labels of one moment, and bytes of all moments. */
const MOST_ROWS = 200_000;
const MOST_BYTES = 96 * 2 ** 20;

/** Where centroids are drawn is worked out when they are: the axes may be others by then. */
type Kept = Omit<Moment, 'centroids'>;

export class Film {
  readonly #points: Rows;
  readonly #k: number;
  readonly #options: KMeansOptions;
  readonly #mostBytes: number;
  readonly #abort = new AbortController();
  /** By iteration, at multiples of the stride. */
  #moments = new Map<number, Kept>();
  #stride = 1;
  #bytes = 0;
  /** The last iteration that is known or being found. */
  #head = -1;
  #recording: Promise<KMeansResult['history']> = Promise.resolve([]);
  /** Who waits for a moment. */
  readonly #onKept = new Set<() => void>();

  constructor(points: Rows, k: number, options: KMeansOptions, mostBytes = MOST_BYTES) {
    this.#points = points;
    this.#k = k;
    this.#options = options;
    this.#mostBytes = mostBytes;
  }

  /** Makes sure that all iterations up to `head` will be known; answers the run's history. */
  record(head: number): Promise<KMeansResult['history']> {
    if (head <= this.#head) return this.#recording;
    this.#head = head;
    const before = this.#recording;
    return (this.#recording = before
      .catch(() => [])
      .then(() => this.#run(head))
      .catch((error: unknown) => {
        this.#head = -1;
        throw error;
      }));
  }

  /** The moment of this iteration, or one shortly before, as soon as it is known. */
  moment(iteration: number, head: number): Promise<Kept> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const moment = this.at(iteration);
        if (!moment) return;
        this.#onKept.delete(look);
        resolve(moment);
      };
      this.#onKept.add(look);
      look();
      if (this.#onKept.has(look))
        this.record(head)
          .then(look, reject)
          .finally(() => this.#onKept.delete(look));
    });
  }

  async #run(head: number): Promise<KMeansResult['history']> {
    this.#moments = new Map();
    [this.#stride, this.#bytes] = [1, 0];
    const { history } = await kmeans(this.#points, this.#k, {
      ...this.#options,
      signal: this.#abort.signal,
      maxIter: Math.max(1, head),
      onProgress: ({ phase, iteration, read }) =>
        phase === 'iterate'
          ? read().then(({ centroids, labels }) => this.#keep(iteration, centroids, labels))
          : undefined,
    });
    return history;
  }

  /** The moment of this iteration, or one shortly before; null where it is not known yet. */
  at(iteration: number): Kept | null {
    return this.#moments.get(iteration - (iteration % this.#stride)) ?? null;
  }

  stop(): void {
    this.#abort.abort();
  }

  #keep(iteration: number, centroids: Matrix, labels: Uint32Array): void {
    if (iteration % this.#stride !== 0) return;
    const kept = Uint8Array.from(labels.subarray(0, MOST_ROWS));
    const rows = centroids.data.slice();
    this.#moments.set(iteration, {
      iteration,
      labels: kept,
      rows,
      sizes: countLabels(labels, this.#k),
    });
    for (const look of this.#onKept) look();
    this.#bytes += kept.length + 4 * (rows.length + this.#k);
    while (this.#bytes > this.#mostBytes && this.#moments.size > 1) {
      this.#stride *= 2;
      const before = this.#moments.size;
      for (const known of this.#moments.keys())
        if (known % this.#stride !== 0) this.#moments.delete(known);
      this.#bytes *= this.#moments.size / before;
    }
  }
}
