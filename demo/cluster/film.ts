/**
 * How a run looked after each of its iterations. Nothing is kept while it runs, so that looking back
 * costs nothing to those who do not: the first look runs it again, to the same bits, and keeps what it
 * sees. What is kept is bounded: labels of the first rows only (boards mix their groups), and where
 * that is still too much, of every second iteration, then of every fourth.
 */
import { kmeans, type KMeansOptions, type KMeansResult, type Matrix } from '../../src/index.ts';
import type { Moment } from './inquiry-messages.ts';
import type { Rows } from './projection.ts';

/** Labels of one moment, and bytes of all moments. */
const MOST_ROWS = 200_000;
const MOST_BYTES = 96 * 2 ** 20;

export class Film {
  readonly #points: Rows;
  readonly #k: number;
  readonly #options: KMeansOptions;
  readonly #place: (centroids: Matrix) => Float32Array;
  readonly #mostBytes: number;
  readonly #abort = new AbortController();
  /** By iteration, at multiples of the stride. */
  #moments = new Map<number, Omit<Moment, 'centroids'>>();
  #stride = 1;
  #bytes = 0;
  /** The last iteration that is known or being found. */
  #head = -1;
  #recording: Promise<KMeansResult | null> = Promise.resolve(null);

  constructor(
    points: Rows,
    k: number,
    options: KMeansOptions,
    place: (centroids: Matrix) => Float32Array,
    mostBytes = MOST_BYTES,
  ) {
    this.#points = points;
    this.#k = k;
    this.#options = options;
    this.#place = place;
    this.#mostBytes = mostBytes;
  }

  /**
   * Makes sure that all iterations up to `head` will be known; `onMoment` hears of each that is. Answers the run's history where this call had to run it.
   */
  async record(
    head: number,
    onMoment: (iteration: number) => void,
  ): Promise<KMeansResult['history'] | null> {
    if (head <= this.#head) return null;
    this.#head = head;
    const { signal } = this.#abort;
    const before = this.#recording;
    this.#recording = before
      .catch(() => null)
      .then(() => {
        [this.#moments, this.#stride, this.#bytes] = [
          new Map<number, Omit<Moment, 'centroids'>>(),
          1,
          0,
        ];
        return kmeans(this.#points, this.#k, {
          ...this.#options,
          signal,
          maxIter: Math.max(1, head),
          onProgress: ({ phase, iteration, read }) =>
            phase === 'iterate'
              ? read().then(({ centroids, labels }) => {
                  this.#keep(iteration, centroids, labels);
                  onMoment(iteration);
                })
              : undefined,
        });
      });
    try {
      return (await this.#recording)?.history ?? null;
    } catch (error) {
      this.#head = -1;
      throw error;
    }
  }

  /** The moment of this iteration, or one shortly before; null where it is not known yet. */
  at(iteration: number): Moment | null {
    const moment = this.#moments.get(iteration - (iteration % this.#stride));
    if (!moment) return null;
    // Where they are drawn is asked anew: the picture may show other columns by now.
    const { columns } = this.#points;
    const centroids = { data: moment.rows, rows: this.#k, columns };
    return { ...moment, centroids: this.#place(centroids).slice() };
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
      sizes: sizesOf(labels, this.#k),
    });
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

function sizesOf(labels: ArrayLike<number>, k: number): Uint32Array {
  const sizes = new Uint32Array(k);
  for (let i = 0; i < labels.length; i++) sizes[labels[i]]++;
  return sizes;
}
