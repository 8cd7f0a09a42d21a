/**
 * Points larger than memory: opens a source for a run. The first pass reads it, finds out how many rows
 * there are and keeps them (pages.ts); two more lay them on the grid (lay-pages.ts). From there on the run is
 * that of points in memory, on engines that take pages (paged-engine.ts).
 */
import { ladder, type Rung } from '../ladder.ts';
import { partHolder } from '../lay-points.ts';
import type { Matrix, PointSource, Rows } from '../matrix.ts';
import { centroidCount, memoryFor, type KMeansOptions, type Settings } from '../options.ts';
import { EMPTY } from '../progress.ts';
import { canStore, openBlocks } from './blocks.ts';
import { LabelStore } from './labels.ts';
import { firstPass, layPages } from './lay-pages.ts';
import { paged } from './paged-engine.ts';
import { PagedPoints } from './paged-points.ts';
import { Pages } from './pages.ts';
import { planMemory } from './plan.ts';

export { streamResult, type StreamResult } from './stream-result.ts';

/** A source that has been read once. Whoever opened it disposes it. */
export interface OpenedSource extends AsyncDisposable {
  readonly settings: Settings;
  readonly rungs: Rung[];
  dispose(): Promise<void>;
}

/** Points in memory as a source of one chunk. */
export function sourceOf({ data, rows, columns }: Rows): PointSource {
  const chunk: Matrix = {
    data: data instanceof Float32Array ? data : Float32Array.from(data),
    rows,
    columns,
  };
  return {
    rows,
    columns,
    cheap: true,
    async *chunks() {
      yield chunk;
    },
  };
}

/** @throws as the source does; InvalidInputError with row and column; OutOfMemoryError */
export async function openPages(
  source: PointSource,
  judged: Settings,
  { cache = 'auto', output }: Pick<KMeansOptions, 'cache' | 'output'>,
): Promise<OpenedSource> {
  const { k, signal, whiten, weights, maxMemory } = judged;
  signal?.throwIfAborted();
  const since = performance.now();
  const { columns } = source;
  const plan = planMemory(maxMemory, columns, k);
  const folder = cache === 'auto' || cache === 'none' ? undefined : cache;
  const outside = canStore() || folder !== undefined;
  const pages = new Pages(source, {
    ...plan,
    // who names a folder wants it there
    ...(folder !== undefined && { cacheBytes: 0 }),
    cache: cache === 'none' || (source.cheap && !folder) ? null : { folder, outside },
  });
  let labels: LabelStore | null = null;
  const dispose = async () => {
    await labels?.dispose();
    await pages.dispose();
  };
  try {
    const ends = await firstPass(pages, signal, (rows) => tell(judged, source, rows));
    centroidCount(k, pages.rows);
    // few enough that the engine may keep them: then it takes all of them as one page
    const needed = 4 * pages.rows * columns + memoryFor(pages.rows, columns, k);
    if (pages.inMemory && needed <= (maxMemory ?? Infinity)) pages.join();
    const allLabels = output !== 'stream';
    const lay = async (cover: Rows | undefined) => {
      const grid = await layPages(pages, ends, { weights, whiten, cover, signal });
      const open =
        outside && cache !== 'none' ? (bytes: number) => openBlocks(bytes, folder) : null;
      labels = await LabelStore.open(pages, k, plan.labelBytes, open);
      const holder = await partHolder(judged);
      return new PagedPoints(pages, grid, labels, { allLabels, holder, signal });
    };
    const work = pages.rows * columns * k;
    return {
      settings: {
        ...judged,
        points: { ...judged.points, rows: pages.rows },
        paged: { lay, seconds: (performance.now() - since) / 1000 },
      },
      rungs: paged(ladder(judged.engine, work, judged)),
      dispose,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** How far the first pass is, where source or caller can know. */
function tell({ onProgress }: Settings, source: PointSource, rows: number): void | Promise<void> {
  const share = source.rows ? rows / source.rows : source.progress?.();
  return onProgress?.({
    phase: 'load',
    iteration: 0,
    inertia: NaN,
    shift: NaN,
    moved: 0,
    fraction: Math.min(1, share ?? 0),
    secondsLeft: NaN,
    read: async () => EMPTY,
    readOnGpu: () => Promise.resolve(null),
  });
}
