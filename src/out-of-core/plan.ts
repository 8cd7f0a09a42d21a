/**
 * How large the parts are, by the memory there may be: pure, and the only place that knows.
 *
 * What a page costs beside its own 4 bytes a coordinate: another one is read meanwhile; the engine holds it,
 * and packed or in order once more; labels are 4 bytes a row here and 8 there; and what is given back is only
 * gone when garbage is collected, so that it all counts about twice. Of a ceiling half goes to that, an eighth
 * to pages that stay in memory, an eighth to labels; the rest is for what collects it.
 */
import { refuse } from '../errors.ts';
import { STRETCH_ROWS } from '../distances.ts';

export interface MemoryPlan {
  /** Of a page but the last: whole stretches of seeding. */
  readonly pageRows: number;
  /** Of pages that stay in memory. */
  readonly cacheBytes: number;
  /** Of packed labels that stay in memory. */
  readonly labelBytes: number;
}

/** Without a ceiling. */
const PAGE_BYTES = 2 ** 26;
const CACHE_BYTES = 2 ** 28;

/** Coordinates of a row while it is worked on, and what else it takes. */
const COPIES = 10;
const ROW_BYTES = 64;
/** Of a centroid's coordinate: sums, positions and what is made of them, on the host and on each lane. */
const CELL_BYTES = 256;

const bytesOfRow = (columns: number) => 4 * COPIES * columns + ROW_BYTES;
const bytesOfCells = (columns: number, k: number) => CELL_BYTES * k * columns;

/** The lowest ceiling that there can be. */
export function leastMemory(columns: number, k: number): number {
  return 2 * (STRETCH_ROWS * bytesOfRow(columns) + bytesOfCells(columns, k));
}

/** @throws InvalidInputError where the ceiling is too low for the smallest page */
export function planMemory(maxMemory: number | undefined, columns: number, k: number): MemoryPlan {
  const inStretches = (rows: number) =>
    Math.max(STRETCH_ROWS, Math.floor(rows / STRETCH_ROWS) * STRETCH_ROWS);
  if (maxMemory === undefined)
    return {
      pageRows: inStretches(PAGE_BYTES / (4 * columns)),
      cacheBytes: CACHE_BYTES,
      labelBytes: CACHE_BYTES,
    };
  const least = leastMemory(columns, k);
  if (maxMemory < least)
    refuse(
      'maxMemory',
      maxMemory,
      `at least ${least} bytes for pages of ${STRETCH_ROWS} rows of ${columns} columns and ${k} centroids`,
      'Raise it.',
    );
  return {
    pageRows: Math.min(
      inStretches((maxMemory / 2 - bytesOfCells(columns, k)) / bytesOfRow(columns)),
      inStretches(PAGE_BYTES / (4 * columns)),
    ),
    cacheBytes: maxMemory / 8,
    labelBytes: maxMemory / 8,
  };
}
