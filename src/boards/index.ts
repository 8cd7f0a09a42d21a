/**
 * Test boards: seeded points to try things on. The same numbers in every JavaScript engine, since
 * they take only arithmetic that IEEE 754 fixes.
 */
import { refuse } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { below, normal, pcg32, type Random } from '../rng.ts';

export interface BoardOptions {
  /** Seed of the random stream; default 0. */
  seed?: number;
}

export interface BlobOptions extends BoardOptions {
  /** Columns; default 2. */
  columns?: number;
  /** Standard deviation of a blob, where the centres lie in [−1, 1]; default 0.05. */
  deviation?: number;
}

/** n × columns points spread evenly over [−1, 1]. */
export function uniformBoard(n: number, options: BoardOptions & { columns?: number } = {}): Matrix {
  const { columns = 2, seed = 0 } = options;
  const board = empty(n, columns);
  const random = pcg32(seed, UNIFORM);
  for (let i = 0; i < board.data.length; i++) board.data[i] = 2 * random() - 1;
  return board;
}

/**
 * n points of k Gaussians of random centre and random spread, cut off at the edges of [−1, 1]²:
 * the board of "Finding the K in K-Means Clustering" (The Data Science Lab, 2013).
 */
export function gaussianBoard(n: number, k: number, options: BoardOptions = {}): Matrix {
  const random = pcg32(options.seed ?? 0, GAUSSIAN);
  const board = empty(n, 2);
  count('k', k);
  const centres = centresIn(k, 2, random);
  const deviations = Array.from({ length: k }, () => 0.05 + 0.45 * random());
  const point = (value: number, deviation: number) => {
    for (;;) {
      const x = value + deviation * normal(random);
      if (x >= -1 && x <= 1) return x;
    }
  };
  for (let i = 0; i < n; i++) {
    const j = i % k;
    board.data[2 * i] = point(centres[2 * j], deviations[j]);
    board.data[2 * i + 1] = point(centres[2 * j + 1], deviations[j]);
  }
  return board;
}

/** n points of k round Gaussian blobs of one spread, in any number of columns. */
export function blobs(n: number, k: number, options: BlobOptions = {}): Matrix {
  const { columns = 2, deviation = 0.05, seed = 0 } = options;
  count('k', k);
  const board = empty(n, columns);
  const random = pcg32(seed, BLOBS);
  const centres = centresIn(k, columns, random);
  for (let i = 0; i < n; i++) {
    const from = below(k, random) * columns;
    for (let t = 0; t < columns; t++)
      board.data[i * columns + t] = centres[from + t] + deviation * normal(random);
  }
  return board;
}

/** Streams of their own, so that boards of one seed have nothing in common. */
const UNIFORM = 101;
const GAUSSIAN = 102;
const BLOBS = 103;

function centresIn(k: number, columns: number, random: Random): Float64Array {
  return Float64Array.from({ length: k * columns }, () => 2 * random() - 1);
}

function empty(n: number, columns: number): Matrix {
  count('n', n);
  count('columns', columns);
  return { data: new Float32Array(n * columns), rows: n, columns };
}

function count(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    refuse(name, value, 'a whole number ≥ 1', 'Ask for at least one.');
}
