/** Lays pages on the grid: the passes of grid.ts over one page after the other, to the same bits. */
import { breather } from '../breathe.ts';
import {
  addMoments,
  addSteps,
  centresOf,
  columnExponentsOf,
  factsOf,
  findRanges,
  frameOf,
  integerWeights,
  moments,
  noRanges,
  refuseNonFinite,
  scaledEnds,
  standardDeviations,
  type Ends,
  type GridFacts,
  type IntegerWeights,
  type Moments,
} from '../grid.ts';
import type { Rows } from '../matrix.ts';
import { CacheLostError, type Page, type Pages } from './pages.ts';

/** Numbers that a pass looks at between two pauses. */
const SLICE = 2 ** 18;

/** The first pass: how many rows there are, and the ends of their columns. `told` hears of every page. */
export async function firstPass(
  pages: Pages,
  signal: AbortSignal | undefined,
  told: (rows: number) => void | Promise<void>,
): Promise<Ends> {
  const ends = noRanges(pages.columns);
  const pause = breather(signal);
  for await (const page of pages.readFirst(signal)) {
    await inSlices(page, pages.columns, pause, (rows, first) => {
      if (!findRanges(rows, ends)) refuseNonFinite(rows, 'points', first);
    });
    await told(page.first + page.rows);
  }
  return ends;
}

interface Laying {
  readonly weights: ArrayLike<number> | undefined;
  readonly whiten: boolean;
  /** Explicit centroids, which the range should hold too. */
  readonly cover: Rows | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The other passes, after which the pages lie on the grid. */
export async function layPages(
  pages: Pages,
  ends: Ends,
  { weights, whiten, cover, signal }: Laying,
): Promise<GridFacts> {
  const integers = integerWeights(weights, pages.rows);
  const lay = (scale: Float64Array | undefined, keep: boolean) =>
    settle(pages, ends, integers, { scale, cover: keep ? cover : undefined, keep, signal });
  const scale = whiten ? standardDeviations(await lay(undefined, false)) : undefined;
  try {
    return await lay(scale, true);
  } catch (error) {
    if (!(error instanceof CacheLostError)) throw error;
    return lay(scale, true);
  }
}

async function settle(
  pages: Pages,
  raw: Ends,
  integers: IntegerWeights,
  options: {
    scale: Float64Array | undefined;
    cover: Rows | undefined;
    keep: boolean;
    signal: AbortSignal | undefined;
  },
): Promise<GridFacts> {
  const { keep, signal } = options;
  const scale = options.scale ?? null;
  const { columns } = pages;
  const pause = breather(signal);
  const ends = scaledEnds(raw, scale);
  const sums = new Float64Array(columns);
  for await (const page of pages.raw(signal))
    await inSlices(page, columns, pause, (rows, first) =>
      addSteps(rows, scale, ends, weightsOf(integers, first, rows.rows), sums),
    );
  const frame = frameOf(ends, centresOf(ends, sums, integers.totalWeight), options);
  const exponents = columnExponentsOf(frame, ends);
  const none = Array.from({ length: columns }, () => 0n);
  let found: Moments = { sums: none, squares: none };
  for await (const page of pages.lay(frame, keep, signal))
    await inSlices(page, columns, pause, (rows, first) => {
      const weights = weightsOf(integers, first, rows.rows);
      found = addMoments(found, moments(rows.data, columns, weights, exponents));
    });
  return factsOf(pages.rows, frame, integers, exponents, found);
}

/** The weights of so many rows; null where every row counts once. */
export function weightsOf(
  { weights }: Pick<IntegerWeights, 'weights'>,
  first: number,
  rows: number,
): Uint32Array | null {
  return weights && weights.subarray(first, first + rows);
}

/** A page in slices, with the number of the first row of each. */
async function inSlices(
  { data, rows, first }: Page,
  columns: number,
  pause: () => Promise<void> | undefined,
  work: (rows: Rows & { data: Float32Array }, first: number) => void,
): Promise<void> {
  const step = Math.max(1, Math.floor(SLICE / columns));
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const part = data.subarray(from * columns, to * columns);
    work({ data: part, rows: to - from, columns }, first + from);
    const waiting = pause();
    if (waiting) await waiting;
  }
}
