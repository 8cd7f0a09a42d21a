/**
 * Test boards: seeded points to try things on, at once or as a stream of chunks that needs no memory.
 * The rows of both are the same, whatever the size of the chunks.
 */
import { breather } from '../breathe.ts';
import { OutOfMemoryError, refuse, refuseNoSignal, refuseUnknown } from '../errors.ts';
import type { Matrix, PointSource } from '../matrix.ts';
import {
  blobRows,
  gaussianRows,
  moonRows,
  openBoard,
  ringRows,
  uniformRows,
  type Recipe,
  type Writer,
} from './recipes.ts';

/** Options of all generators of test data. */
export interface BoardOptions {
  /** Seed of the random numbers, a whole number: the same seed gives the same points. Default 0. */
  seed?: number;
}

/** Options of {@link uniformBoard}. */
export interface UniformOptions extends BoardOptions {
  /** Number of columns, a whole number ≥ 1. Default 2. */
  columns?: number;
}

/** Options of {@link blobs}. */
export interface BlobOptions extends BoardOptions {
  /** Number of columns, a whole number ≥ 1. Default 2. */
  columns?: number;
  /** Standard deviation of each blob, a number ≥ 0; the centres are in [−1, 1]. Default 0.05. */
  deviation?: number;
}

/** Options of {@link moons} and {@link rings}. */
export interface CurveOptions extends BoardOptions {
  /** Standard deviation of the noise added to points on the curves, a number ≥ 0. Default 0.05 (moons), 0.02 (rings). */
  deviation?: number;
}

/** Options of the generators that give chunks. */
export interface ChunkOptions {
  /** Most rows in a chunk, a whole number ≥ 1; default 65 536. The rows themselves do not depend on it. */
  chunkRows?: number;
}

/** Test data: points, with the group that each was drawn from. */
export interface Board extends Matrix {
  /** One per row: its group, from 0 to the number of groups − 1. */
  labels: Uint32Array;
}

/** Test data as a stream of chunks, which takes no memory for the whole. */
export interface BoardSource extends PointSource {
  /** Number of rows of all chunks together. */
  rows: number;
  /** Starts a pass from the first row. Every pass gives the same rows. */
  chunks(signal?: AbortSignal): AsyncIterable<Board>;
}

// ---- at once -----------------------------------------------------------------------------------

/**
 * Makes n points spread evenly over [−1, 1] in every column: one group, no clusters.
 *
 * @param n number of points, a whole number ≥ 1
 * @throws InvalidInputError
 */
export function uniformBoard(n: number, options: UniformOptions = {}): Board {
  return whole(uniform(n, options));
}

/**
 * Makes n points of two columns from k Gaussians of random centre and random spread, within [−1, 1]².
 * Source: "Finding the K in K-Means Clustering", The Data Science Lab, 2013.
 *
 * @param n number of points, a whole number ≥ 1
 * @param k number of groups, a whole number ≥ 1
 * @throws InvalidInputError
 * @example
 * const points = gaussianBoard(5000, 6, { seed: 7 }); // points.labels has the groups
 */
export function gaussianBoard(n: number, k: number, options: BoardOptions = {}): Board {
  return whole(gaussian(n, k, options));
}

/**
 * Makes n points from k round Gaussian blobs of equal spread, in any number of columns.
 *
 * @param n number of points, a whole number ≥ 1
 * @param k number of groups, a whole number ≥ 1
 * @throws InvalidInputError
 */
export function blobs(n: number, k: number, options: BlobOptions = {}): Board {
  return whole(blob(n, k, options));
}

/**
 * Makes n points on two interlocking half circles, within [−1, 1] × [−½, ½] plus noise. No straight line
 * separates the two groups, so k-means cannot find them.
 *
 * @param n number of points, a whole number ≥ 1
 * @throws InvalidInputError
 */
export function moons(n: number, options: CurveOptions = {}): Board {
  return whole(moon(n, options));
}

/**
 * Makes n points on k circles around the origin, the outermost of radius 1, plus noise. k-means cannot find
 * these groups either.
 *
 * @param n number of points, a whole number ≥ 1
 * @param k number of groups, a whole number ≥ 1
 * @throws InvalidInputError
 */
export function rings(n: number, k: number, options: CurveOptions = {}): Board {
  return whole(ring(n, k, options));
}

// ---- in chunks ---------------------------------------------------------------------------------

/**
 * Makes the points of {@link uniformBoard} as a stream of chunks: the same rows for the same options.
 *
 * @param n number of points
 * @param options those of {@link uniformBoard}, and the size of a chunk
 * @throws InvalidInputError
 */
export function uniformBoardChunks(
  n: number,
  { chunkRows, ...options }: UniformOptions & ChunkOptions = {},
): BoardSource {
  return stream(uniform(n, options), chunkRows);
}

/**
 * Makes the points of {@link gaussianBoard} as a stream of chunks: the same rows for the same options.
 *
 * @param n number of points
 * @param k number of groups
 * @param options those of {@link gaussianBoard}, and the size of a chunk
 * @throws InvalidInputError
 */
export function gaussianBoardChunks(
  n: number,
  k: number,
  { chunkRows, ...options }: BoardOptions & ChunkOptions = {},
): BoardSource {
  return stream(gaussian(n, k, options), chunkRows);
}

/**
 * Makes the points of {@link blobs} as a stream of chunks: the same rows for the same options.
 *
 * @param n number of points
 * @param k number of groups
 * @param options those of {@link blobs}, and the size of a chunk
 * @throws InvalidInputError
 */
export function blobsChunks(
  n: number,
  k: number,
  { chunkRows, ...options }: BlobOptions & ChunkOptions = {},
): BoardSource {
  return stream(blob(n, k, options), chunkRows);
}

/**
 * Makes the points of {@link moons} as a stream of chunks: the same rows for the same options.
 *
 * @param n number of points
 * @param options those of {@link moons}, and the size of a chunk
 * @throws InvalidInputError
 */
export function moonsChunks(
  n: number,
  { chunkRows, ...options }: CurveOptions & ChunkOptions = {},
): BoardSource {
  return stream(moon(n, options), chunkRows);
}

/**
 * Makes the points of {@link rings} as a stream of chunks: the same rows for the same options.
 *
 * @param n number of points
 * @param k number of groups
 * @param options those of {@link rings}, and the size of a chunk
 * @throws InvalidInputError
 */
export function ringsChunks(
  n: number,
  k: number,
  { chunkRows, ...options }: CurveOptions & ChunkOptions = {},
): BoardSource {
  return stream(ring(n, k, options), chunkRows);
}

// ---- judged ------------------------------------------------------------------------------------

function uniform(n: number, options: UniformOptions): Recipe {
  refuseUnknown(options, ['seed', 'columns']);
  const { columns = 2 } = options;
  return { ...shape(n, columns, options), ...uniformRows(columns) };
}

function gaussian(n: number, k: number, options: BoardOptions): Recipe {
  refuseUnknown(options, ['seed']);
  count('k', k);
  return { ...shape(n, 2, options), ...gaussianRows(k) };
}

function blob(n: number, k: number, options: BlobOptions): Recipe {
  refuseUnknown(options, ['seed', 'columns', 'deviation']);
  const { columns = 2, deviation = 0.05 } = options;
  count('k', k);
  spread(deviation);
  return { ...shape(n, columns, options), ...blobRows(k, columns, deviation) };
}

function moon(n: number, options: CurveOptions): Recipe {
  refuseUnknown(options, ['seed', 'deviation']);
  const { deviation = 0.05 } = options;
  spread(deviation);
  return { ...shape(n, 2, options), ...moonRows(deviation) };
}

function ring(n: number, k: number, options: CurveOptions): Recipe {
  refuseUnknown(options, ['seed', 'deviation']);
  const { deviation = 0.02 } = options;
  count('k', k);
  spread(deviation);
  return { ...shape(n, 2, options), ...ringRows(k, deviation) };
}

function shape(rows: number, columns: number, { seed = 0 }: BoardOptions) {
  count('n', rows);
  count('columns', columns);
  if (!Number.isSafeInteger(seed)) refuse('seed', seed, 'a whole number', 'Round it.');
  return { rows, columns, seed };
}

function count(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    refuse(name, value, 'a whole number ≥ 1', 'Ask for at least one.');
}

function spread(deviation: number): void {
  if (!(typeof deviation === 'number' && deviation >= 0 && deviation < Infinity))
    refuse('deviation', deviation, 'a finite number ≥ 0', 'Use 0 for none.');
}

// ---- made --------------------------------------------------------------------------------------

function whole(recipe: Recipe): Board {
  const board = empty(recipe.rows, recipe.columns);
  openBoard(recipe)(board.data, board.labels, 0, board.rows);
  return board;
}

function stream(recipe: Recipe, chunkRows = 65_536): BoardSource {
  count('chunkRows', chunkRows);
  const { rows, columns } = recipe;
  return {
    rows,
    columns,
    async *chunks(signal) {
      refuseNoSignal(signal);
      signal?.throwIfAborted();
      const pause = breather(signal);
      const write = openBoard(recipe);
      for (let from = 0; from < rows; from += chunkRows) {
        const chunk = empty(Math.min(chunkRows, rows - from), columns);
        await fill(chunk, write, pause);
        signal?.throwIfAborted();
        yield chunk;
      }
    },
  };
}

/** Numbers between two looks at the clock. */
const STRETCH = 2 ** 14;

async function fill(
  { data, labels, rows, columns }: Board,
  write: Writer,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  const stretch = Math.max(1, Math.floor(STRETCH / columns));
  for (let from = 0; from < rows; from += stretch) {
    write(data, labels, from, Math.min(rows, from + stretch));
    const waiting = pause();
    if (waiting) await waiting;
  }
}

function empty(rows: number, columns: number): Board {
  try {
    return {
      data: new Float32Array(rows * columns),
      rows,
      columns,
      labels: new Uint32Array(rows),
    };
  } catch (cause) {
    throw new OutOfMemoryError(
      `${rows} rows of ${columns} columns are asked for; expected as many as memory holds at once. ` +
        'Lower n, or take them in chunks: the functions whose names end in Chunks.',
      { cause },
    );
  }
}
