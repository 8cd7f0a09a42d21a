/**
 * Sizes of the block filter: blocks, superblocks, the tree of a chunk, the dispatches over it. Part of the
 * plan, and as pure. The layout is described in shaders/shared/blocks.wgsl.
 */
import type { Chunk, PlanLimits, Shape, Slice } from './plan.ts';

/** What the block filter may be tuned by; tests force small ones. */
export interface BlockTuning {
  /** Rows of a block, and threads of a workgroup of `sift`: a power of two. */
  blockRows: number;
  /** Blocks of a superblock. */
  superblock: number;
  /** Most candidates of a superblock's list; with more, all centroids are candidates. */
  listCapacity: number;
  /** Most candidates of a block that stand in workgroup memory. */
  held: number;
  /** Work of a dispatch, beside that of brute force: most of it is expected to be spared. */
  spared: number;
}

export interface BlocksPlan {
  blockRows: number;
  superblock: number;
  listCapacity: number;
  held: number;
  heldFloats: number;
  heldWords: number;
  nodeWords: number;
  rowWords: number;
  /** Where in a tree, in words; the same in all chunks. */
  superLabels: number;
  superBefore: number;
  superCounts: number;
  blockLabels: number;
  superNodes: number;
  blockNodes: number;
  lists: number;
  /** Superblocks of the largest chunk. */
  superblocks: number;
  /** The curve has at most 2^cellBits cells. */
  cellBits: number;
  /** Rows of a dispatch: whole superblocks of a chunk. Numbered on after the slices. */
  spans: Slice[];
  dispatchesPerSpan: number;
  bytes: { blocks: number; cells: number; work: number };
  /** Bytes of each chunk's own buffers. */
  chunkBytes: { ordered: number; orderedLabels: number; rowOf: number; tree: number }[];
}

/** Sizes of the WGSL struct in shaders/shared/blocks.wgsl, and of `work`. */
export const BLOCKS_WORDS = 16;
export const MAX_AXES = 22;
export const WORK_WORDS = 5;
/** Dispatches a span: shortlist, sift. */
const DISPATCHES_PER_SPAN = 2;

/** Rows that a chunk may have so that their blocks fit a binding; 0 where not even one does. */
function mostBlockRows(shape: Shape, bindable: number, tuning: BlockTuning): number {
  const rowBytes = 4 * (shape.columns + (shape.weighted ? 1 : 0));
  return Math.floor(bindable / (rowBytes * tuning.blockRows)) * tuning.blockRows;
}

/** Null where the tree of a chunk exceeds a binding. */
function planBlocks(
  shape: Shape,
  limits: PlanLimits,
  tuning: BlockTuning & { dispatchWork: number },
  chunks: readonly Chunk[],
  slices: number,
): BlocksPlan | null {
  const { columns, k, weighted } = shape;
  const bindable = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const blockRows = Math.min(
    tuning.blockRows,
    limits.maxComputeInvocationsPerWorkgroup,
    limits.maxComputeWorkgroupSizeX,
  );
  const superblock = tuning.superblock;
  const superRows = blockRows * superblock;
  const mostRows = Math.max(...chunks.map(({ rows }) => rows));
  const superblocks = Math.ceil(mostRows / superRows);
  const blocks = Math.ceil(mostRows / blockRows);
  const listCapacity = Math.min(k, tuning.listCapacity);
  // number, coordinates, sums and weight of a candidate, beside single words and what aligns them
  const perHeld = 3 * columns + 2;
  const sharedWords = Math.floor(limits.maxComputeWorkgroupStorageSize / 4) - 32;
  const fits = Math.floor(sharedWords / perHeld);
  // a block has one candidate, or several: one that is held is never gone through
  const held = fits >= 2 ? Math.min(tuning.held, fits) : 1;

  const nodeWords = 1 + 4 * columns;
  const rowWords = blockRows * (columns + (weighted ? 1 : 0));
  const superLabels = columns;
  const superBefore = superLabels + superblocks;
  const superCounts = superBefore + superblocks;
  const blockLabels = superCounts + superblocks;
  const superNodes = blockLabels + blocks;
  const blockNodes = superNodes + superblocks * nodeWords;
  const lists = blockNodes + blocks * nodeWords;

  const cellBits = Math.min(
    MAX_AXES,
    Math.max(4, Math.ceil(Math.log2(mostRows)) + 1),
    Math.floor(Math.log2(bindable / 4)),
  );
  const spanRows =
    superRows *
    Math.max(
      1,
      Math.min(
        limits.maxComputeWorkgroupsPerDimension,
        Math.floor((tuning.spared * tuning.dispatchWork) / (k * columns * superRows)),
      ),
    );
  const spans = chunks.flatMap(({ first, rows }, chunk) =>
    Array.from({ length: Math.ceil(rows / spanRows) }, (_, i) => ({
      chunk,
      first: i * spanRows,
      rows: Math.min(spanRows, rows - i * spanRows),
      chunkFirst: first,
      firstSegment: 0,
      segments: 0,
      index: 0,
    })),
  );
  const chunkBytes = chunks.map(({ rows }) => ({
    ordered: 4 * Math.ceil(rows / blockRows) * rowWords,
    orderedLabels: 4 * rows,
    rowOf: 4 * rows,
    tree: 4 * (lists + Math.ceil(rows / superRows) * listCapacity),
  }));
  if (chunkBytes.some(({ tree, ordered }) => Math.max(tree, ordered) > bindable)) return null;
  return {
    blockRows,
    superblock,
    listCapacity,
    held,
    heldFloats: fits >= 2 ? held * columns : 1,
    heldWords: fits >= 2 ? 2 * held * columns : 1,
    nodeWords,
    rowWords,
    superLabels,
    superBefore,
    superCounts,
    blockLabels,
    superNodes,
    blockNodes,
    lists,
    superblocks,
    cellBits,
    spans: spans.map((span, i) => ({ ...span, index: slices + i })),
    dispatchesPerSpan: DISPATCHES_PER_SPAN,
    bytes: {
      blocks: 4 * (BLOCKS_WORDS + 4 * MAX_AXES),
      cells: 4 * 2 ** cellBits,
      work: 4 * WORK_WORDS,
    },
    chunkBytes,
  };
}

/** For `Shape.filter` of plan.ts, which does not know this file: runs without the filter do without it. */
export const BLOCKS = { mostRows: mostBlockRows, plan: planBlocks };
export type BlockPlanner = typeof BLOCKS;
