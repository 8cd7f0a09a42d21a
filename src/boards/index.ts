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

/** Options of every board. */
export interface BoardOptions {
  /** Seed of the random stream; default 0. */
  seed?: number;
}

/** Options of {@link uniformBoard}. */
export interface UniformOptions extends BoardOptions {
  /** Columns; default 2. */
  columns?: number;
}

/** Options of {@link blobs}. */
export interface BlobOptions extends BoardOptions {
  /** Columns; default 2. */
  columns?: number;
  /** Standard deviation of a blob, where the centres lie in [−1, 1]; default 0.05. */
  deviation?: number;
}

/** Options of {@link moons} and {@link rings}. */
export interface CurveOptions extends BoardOptions {
  /** Standard deviation of the points beside their curve; default 0.05 (moons), 0.02 (rings). */
  deviation?: number;
}

/** Options of boards as a stream. */
export interface ChunkOptions {
  /** Most rows of a chunk; default 65 536. The rows themselves do not depend on it. */
  chunkRows?: number;
}

/** Points, and the group that each was drawn from: 0 to groups − 1. */
export interface Board extends Matrix {
  labels: Uint32Array;
}

/** A board as a stream: every call of `chunks` begins again with the first row. */
export interface BoardSource extends PointSource {
  rows: number;
  chunks(signal?: AbortSignal): AsyncIterable<Board>;
}

// ---- at once -----------------------------------------------------------------------------------

/** n × columns points spread evenly over [−1, 1]; one group. */
export function uniformBoard(n: number, options: UniformOptions = {}): Board {
  return whole(uniform(n, options));
}

/**
 * n points of k Gaussians of random centre and random spread, cut off at the edges of [−1, 1]²:
 * the board of "Finding the K in K-Means Clustering" (The Data Science Lab, 2013).
 */
export function gaussianBoard(n: number, k: number, options: BoardOptions = {}): Board {
  return whole(gaussian(n, k, options));
}

/** n points of k round Gaussian blobs of one spread, in any number of columns. */
export function blobs(n: number, k: number, options: BlobOptions = {}): Board {
  return whole(blob(n, k, options));
}

/**
 * n points of two half circles that reach into each other, within [−1, 1] × [−½, ½] but for their
 * deviation: groups that no straight line parts, so that k-means cannot find them.
 */
export function moons(n: number, options: CurveOptions = {}): Board {
  return whole(moon(n, options));
}

/** n points of k circles around the origin, the outermost of radius 1: k-means cannot find those either. */
export function rings(n: number, k: number, options: CurveOptions = {}): Board {
  return whole(ring(n, k, options));
}

// ---- in chunks ---------------------------------------------------------------------------------

/** {@link uniformBoard} as a stream. */
export function uniformBoardChunks(
  n: number,
  { chunkRows, ...options }: UniformOptions & ChunkOptions = {},
): BoardSource {
  return stream(uniform(n, options), chunkRows);
}

/** {@link gaussianBoard} as a stream. */
export function gaussianBoardChunks(
  n: number,
  k: number,
  { chunkRows, ...options }: BoardOptions & ChunkOptions = {},
): BoardSource {
  return stream(gaussian(n, k, options), chunkRows);
}

/** {@link blobs} as a stream. */
export function blobsChunks(
  n: number,
  k: number,
  { chunkRows, ...options }: BlobOptions & ChunkOptions = {},
): BoardSource {
  return stream(blob(n, k, options), chunkRows);
}

/** {@link moons} as a stream. */
export function moonsChunks(
  n: number,
  { chunkRows, ...options }: CurveOptions & ChunkOptions = {},
): BoardSource {
  return stream(moon(n, options), chunkRows);
}

/** {@link rings} as a stream. */
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
