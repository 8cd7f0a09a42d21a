/**
 * All sizes of a run in one pure function: chunks, slices, tiles, grids, buffer bytes. Every limit and
 * every size error lives here, and is tested without a GPU.
 *
 *   chunk    rows that share a buffer: as many as one storage binding holds
 *   slice    rows of a chunk that one dispatch works on: bounded by the 65 535 workgroups of a
 *            dispatch and by the work that a driver's watchdog and a responsive tab allow
 *   segment  rows of a slice that one workgroup of `farthest` searches
 *
 * Where the points exceed the memory that may be taken, the first chunks stay on the device and the
 * others stream through one buffer there, which two of staging feed.
 */
import { OutOfMemoryError } from '../../errors.ts';
import type { BlockPlanner, BlocksPlan, BlockTuning } from './plan-blocks.ts';

/** What a plan may be tuned by; tests force small ones. */
export interface Tuning extends BlockTuning {
  /** Most bytes of a chunk of points. */
  chunkBytes: number;
  /** Threads of a workgroup: a power of two. */
  workgroupSize: number;
  /** Those of `assign` and `narrow`, where not as many: see kernel-sizes.ts. */
  proposalWorkgroup?: number;
  /** Most centroids in a workgroup's tile. */
  tile: number;
  /** Most columns of rows that `narrow` takes instead of `assign`: 4 or fewer. */
  narrowColumns: number;
  /** Fewest columns of rows that `compare` takes, or fewest centroids for fewer columns; threads of its workgroups. */
  wideColumns: number;
  wideK: number;
  wideWorkgroup: number;
  /** Most columns that `compare` takes at a time. */
  wideDepth: number;
  /** Fewest columns of a row that a workgroup of `accumulate` may have, where it cannot have all. */
  privateColumns: number;
  /** Most rows that a workgroup of `reduce` sorts: a power of two. */
  sortedRows: number;
  /** Most coordinate differences (rows × k × columns) of a dispatch, to begin with. */
  dispatchWork: number;
  /** How long a dispatch should take, ms: see pace.ts. Infinity: slices stay as they are. */
  dispatchMs: number;
  /** How long measuring a kernel's sizes may take, ms: see tune.ts. */
  tuneMs: number;
  /** Most bytes of device memory in all; points beyond it are streamed. */
  deviceBytes: number;
  /** Most bytes of a chunk where points are streamed. */
  streamBytes: number;
}

/** Buffers that a streamed chunk passes through: two of staging, one on the device. */
export const STREAM_BUFFERS = 3;

/** The limits of a device that the plan keeps. */
export type PlanLimits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeWorkgroupsPerDimension'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupSizeX'
  | 'minUniformBufferOffsetAlignment'
>;

export interface Shape {
  rows: number;
  columns: number;
  k: number;
  weighted: boolean;
  /** Who plans the block filter, where it is to be planned for: loaded only then. */
  filter?: BlockPlanner | null;
}

export interface Chunk {
  /** First row, counted in all points. */
  first: number;
  rows: number;
}

export interface Slice {
  chunk: number;
  /** First row, counted in its chunk. */
  first: number;
  rows: number;
  /** First row of its chunk, counted in all points. */
  chunkFirst: number;
  /** Its number among the uniforms. */
  index: number;
  firstSegment: number;
  segments: number;
}

/** The tile of `compare`: 8 · workgroupSize / side rows × 4 · side centroids, `depth` columns at a time. */
export interface WidePlan {
  workgroupSize: number;
  side: number;
  depth: number;
  tileVectors: number;
}

export interface Plan {
  columns: number;
  workgroupSize: number;
  /** Threads of a workgroup of `assign` and `narrow`. */
  proposalSize: number;
  /** Most workgroups of a dispatch in one direction. */
  mostGroups: number;
  /** Centroids in the tile of `assign`, columns of them at a time, and the floats reserved. */
  tile: number;
  columnStep: number;
  tileFloats: number;
  /** Vectors of the tile of `narrow`; 0 where rows are too wide for it. */
  narrowVectors: number;
  /** Where rows are wide enough for `compare`. */
  wide: WidePlan | null;
  /** Whether rows are added up in workgroup memory, by `accumulate`, and in how many words. */
  privateSums: boolean;
  privateWords: number;
  /** Rows that a workgroup of `reduce` sorts, which adds them up otherwise. */
  sortedRows: number;
  columnsPerGroup: number;
  columnGroups: number;
  rowsPerGroup: number;
  rowsPerSegment: number;
  segments: number;
  /** Workgroups of `settle`; it strides over its list. */
  settleGroups: number;
  divideGroups: [number, number];
  chunks: Chunk[];
  /** So many chunks stay on the device; the others are streamed, each once a pass. */
  residentChunks: number;
  slices: Slice[];
  /** Sizes of the block filter, where it is asked for and fits. */
  blocks: BlocksPlan | null;
  sliceStride: number;
  historyCapacity: number;
  /** Bytes of each buffer that exists once. */
  bytes: Record<
    | 'params'
    | 'slices'
    | 'centroids'
    | 'gridCentroids'
    | 'previous'
    | 'columnExponents'
    | 'near'
    | 'nearCounts'
    | 'sums'
    | 'counts'
    | 'state'
    | 'status'
    | 'history'
    | 'arguments'
    | 'vacant'
    | 'champions'
    | 'winner',
    number
  >;
  /** Of all buffers together. */
  totalBytes: number;
}

/** Sizes of the WGSL structs in shaders/shared. */
export const PARAMS_WORDS = 19;
export const STATE_BYTES = 52;
export const STATUS_BYTES = 32;
export const SLICE_BYTES = 20;
export const CHAMPION_BYTES = 16;
export const WINNER_BYTES = 24;
/** Indirect dispatches a slice (assign, settle, accumulate), and one for divide. */
export const DISPATCHES_PER_SLICE = 3;

/** `reduce` sorts no fewer rows, where it may: runs of equal labels would be short. */
const LEAST_SORTED = 256;
/** Columns that `narrow` can take: a centroid is a vector. */
const MOST_NARROW = 4;
const HISTORY_CAPACITY = 1024;
/** Empty clusters are counted in 24 bits of the status. */
const MAX_K = 2 ** 24 - 1;

/** The filter is tried up to so many columns, on so many rows, for so many clusters. */
const FILTER_COLUMNS = 16;
const FILTER_ROWS = 65_536;
const FILTER_K = 8;
/** It is given up above so many candidates a row, of k: what brute force does without branches. */
const FILTER_SHARE = 1 / 8;

/** Whether the filter is worth a try; the first iteration shows whether it is worth more. */
export function triesFilter(rows: number, columns: number, k: number): boolean {
  return columns <= FILTER_COLUMNS && rows >= FILTER_ROWS && k >= FILTER_K;
}

/** Whether an iteration that compared so many candidates was worth it. */
export function filterPays(compared: number, rows: number, k: number): boolean {
  return compared <= FILTER_SHARE * k * rows;
}

/** Default tuning for a real GPU, and for a processor that poses as one. */
export function defaultTuning(hardware: boolean): Tuning {
  return {
    // larger ones are to be had on some devices, and gain nothing
    chunkBytes: 2 ** 30,
    workgroupSize: hardware ? 128 : 64,
    tile: 128,
    narrowColumns: 4,
    wideColumns: 33,
    wideK: 64,
    wideWorkgroup: hardware ? 256 : 64,
    wideDepth: 16,
    privateColumns: 4,
    sortedRows: 2048,
    blockRows: 64,
    superblock: 64,
    listCapacity: 1024,
    held: 32,
    spared: hardware ? 128 : 8,
    // before it is measured: 27 ms at 10^10 differences a second (a small integrated GPU)
    dispatchWork: hardware ? 2 ** 28 : 2 ** 26,
    dispatchMs: 50,
    tuneMs: 100,
    deviceBytes: Infinity,
    streamBytes: 2 ** 25,
  };
}

/**
 * `kept`: an earlier plan of the same shape whose chunks are where they are; only slices change.
 * @throws OutOfMemoryError where a single buffer cannot fit the device, with the limit's name, or all of
 *   them together the memory that may be taken
 */
export function plan(
  shape: Shape,
  limits: PlanLimits,
  tuning: Tuning,
  kept?: Pick<Plan, 'chunks' | 'residentChunks'>,
): Plan {
  const all = planChunks(shape, limits, tuning, Infinity, kept);
  const { deviceBytes, streamBytes } = tuning;
  if (kept || all.totalBytes <= deviceBytes) return all;
  // the filter has the points once more
  if (shape.filter) return plan({ ...shape, filter: null }, limits, tuning);
  // three of them are under way at most: not the most of a small memory
  const chunkBytes = Math.min(tuning.chunkBytes, streamBytes, Math.floor(deviceBytes / 8));
  return planChunks(shape, limits, { ...tuning, chunkBytes }, deviceBytes);
}

function planChunks(
  shape: Shape,
  limits: PlanLimits,
  tuning: Tuning,
  deviceBytes: number,
  kept?: Pick<Plan, 'chunks' | 'residentChunks'>,
): Plan {
  const { rows, columns, k } = shape;
  if (k > MAX_K) refuse('k', k, MAX_K, 'on the GPU', 'Lower k.');
  const most = Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);
  const workgroupSize = Math.min(tuning.workgroupSize, most);
  const proposalSize = Math.min(tuning.proposalWorkgroup ?? workgroupSize, most);
  const bindable = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  // contenders of an election and the few single words stay far below this
  const sharedWords = Math.floor(limits.maxComputeWorkgroupStorageSize / 4) - 8;

  // whole centroids while four fit, otherwise four at most and their columns in steps
  const tile = Math.min(k, tuning.tile, Math.max(4, Math.floor(sharedWords / columns)));
  const columnStep = Math.min(columns, Math.floor(sharedWords / tile));

  // k × columnsPerGroup pairs of words and k weights have to fit
  const columnsPerGroup = Math.min(columns, Math.floor((sharedWords / k - 1) / 2));
  // a column or two of wide rows: most of what is read would be of other columns, and a workgroup has
  // hardly more rows than sums
  const privateSums = columnsPerGroup >= Math.max(1, Math.min(columns, tuning.privateColumns));
  const sortedRows = powerOfTwoBelow(
    Math.min(
      tuning.sortedRows,
      sharedWords,
      (2 ** 32 - 1) / k,
      Math.max(LEAST_SORTED, 2 * Math.ceil(rows / 1024) - 1),
    ),
  );
  const width = privateSums ? columnsPerGroup : columns;

  const blockRows = shape.filter?.mostRows(shape, bindable, tuning) ?? 0;
  const chunkRows = Math.max(
    1,
    Math.min(
      Math.floor(Math.min(bindable, Math.max(tuning.chunkBytes, 4 * columns)) / (4 * columns)),
      Math.floor(bindable / 4),
      blockRows || Infinity,
    ),
  );
  const rowsPerGroup = Math.max(workgroupSize, Math.min(4096, ceilTo(rows / 1024, workgroupSize)));
  const maxGroups = limits.maxComputeWorkgroupsPerDimension;
  const sliceRows = Math.max(
    workgroupSize,
    floorTo(
      Math.min(
        maxGroups * Math.min(workgroupSize, proposalSize),
        Math.floor(tuning.dispatchWork / (k * columns)),
      ),
      workgroupSize,
    ),
  );
  const rowsPerSegment = Math.max(16 * workgroupSize, Math.ceil(rows / 4096));

  const chunks = kept?.chunks ?? cutRows(rows, chunkRows);
  const slices: Slice[] = [];
  let segments = 0;
  chunks.forEach((chunk, index) => {
    for (let start = 0; start < chunk.rows; start += sliceRows) {
      const inSlice = Math.min(sliceRows, chunk.rows - start);
      const own = Math.ceil(inSlice / rowsPerSegment);
      slices.push({
        chunk: index,
        first: start,
        rows: inSlice,
        chunkFirst: chunk.first,
        index: slices.length,
        firstSegment: segments,
        segments: own,
      });
      segments += own;
    }
  });

  const blocks =
    blockRows > 0 ? shape.filter!.plan(shape, limits, tuning, chunks, slices.length) : null;
  const spans = blocks ? blocks.spans.length : 0;

  const narrow = columns <= tuning.narrowColumns && 4 * tile <= sharedWords;
  const wide = columns >= tuning.wideColumns || (columns > MOST_NARROW && k >= tuning.wideK);

  const divideCount = Math.ceil((k * columns) / workgroupSize);
  const divideX = Math.min(divideCount, maxGroups);
  const sliceStride = ceilTo(SLICE_BYTES, limits.minUniformBufferOffsetAlignment);
  const longestSlice = slices.reduce((most, slice) => Math.max(most, slice.rows), 0);
  const bytes: Plan['bytes'] = {
    params: ceilTo(PARAMS_WORDS * 4, 16),
    slices: sliceStride * (slices.length + spans),
    centroids: 4 * k * columns,
    gridCentroids: 4 * k * columns,
    previous: 4 * k * columns,
    columnExponents: 4 * columns,
    near: 4 * longestSlice,
    nearCounts: 4 * slices.length,
    sums: 8 * k * columns,
    counts: 4 * k,
    state: STATE_BYTES,
    status: STATUS_BYTES,
    history: STATUS_BYTES * HISTORY_CAPACITY,
    arguments:
      12 *
      (Math.max(DISPATCHES_PER_SLICE * slices.length, (blocks?.dispatchesPerSpan ?? 0) * spans) +
        1),
    vacant: 4 * k,
    champions: CHAMPION_BYTES * segments,
    winner: WINNER_BYTES,
  };
  const limit =
    limits.maxBufferSize < limits.maxStorageBufferBindingSize
      ? 'maxBufferSize'
      : 'maxStorageBufferBindingSize';
  for (const [name, size] of Object.entries(bytes))
    if (size > bindable)
      refuse(
        `the ${name} buffer`,
        size,
        bindable,
        `bytes on this GPU (${limit})`,
        'Lower k or the columns.',
      );
  const once = Object.values(bytes).reduce((sum, size) => sum + size, 0);
  const filter = [blocks?.bytes ?? {}, ...(blocks?.chunkBytes ?? [])]
    .flatMap((sizes) => Object.values(sizes) as number[])
    .reduce((sum, size) => sum + size, 0);
  // what is not points: whatever slices are cut later, with the longest list of near-ties; and
  // labels twice, since who looks on puts them aside
  const beside =
    once +
    4 * (Math.min(chunks[0].rows, maxGroups * workgroupSize) - longestSlice) +
    (shape.weighted ? 12 * rows : 8 * rows + 4);
  const chunkBytes = 4 * chunks[0].rows * columns;
  const { residentChunks, pointBytes } = kept
    ? residence(chunks, kept.residentChunks, columns)
    : deviceBytes === Infinity
      ? residence(chunks, chunks.length, columns)
      : residence(
          chunks,
          Math.min(chunks.length, Math.floor((deviceBytes - beside) / chunkBytes) - STREAM_BUFFERS),
          columns,
        );
  if (residentChunks < 0)
    throw new OutOfMemoryError(
      `the GPU memory that ${rows} × ${columns} points, ${k} centroids and streamed chunks need is ` +
        `${beside + STREAM_BUFFERS * chunkBytes} bytes; expected at most ${deviceBytes} (maxMemory, or what ` +
        'the GPU gives). Raise maxMemory, pass fewer rows, lower k, or use a CPU engine.',
    );

  return {
    columns,
    workgroupSize,
    proposalSize,
    mostGroups: maxGroups,
    tile,
    columnStep,
    tileFloats: powerOfTwoAbove(tile * columnStep, sharedWords),
    narrowVectors: narrow ? powerOfTwoAbove(tile, Math.floor(sharedWords / 4)) : 0,
    wide: wide && !narrow ? planWide(k, limits, tuning) : null,
    privateSums,
    sortedRows,
    privateWords: privateSums ? powerOfTwoAbove(k * (2 * width + 1), sharedWords) : 1,
    columnsPerGroup: width,
    columnGroups: Math.ceil(columns / width),
    rowsPerGroup,
    rowsPerSegment,
    segments,
    settleGroups: Math.max(1, Math.min(256, Math.ceil(longestSlice / workgroupSize))),
    divideGroups: [divideX, Math.ceil(divideCount / divideX)],
    chunks,
    residentChunks,
    slices,
    blocks,
    sliceStride,
    historyCapacity: HISTORY_CAPACITY,
    bytes,
    totalBytes: beside + filter + pointBytes,
  };
}

function cutRows(rows: number, chunkRows: number): Chunk[] {
  return Array.from({ length: Math.ceil(rows / chunkRows) }, (_, index) => {
    const first = index * chunkRows;
    return { first, rows: Math.min(chunkRows, rows - first) };
  });
}

/** How many chunks stay, and the bytes that points take then; the first chunk is the longest. */
function residence(chunks: readonly Chunk[], residentChunks: number, columns: number) {
  const rows = chunks.slice(0, Math.max(0, residentChunks)).reduce((sum, c) => sum + c.rows, 0);
  const streamed = residentChunks < chunks.length ? STREAM_BUFFERS * chunks[0].rows : 0;
  return { residentChunks, pointBytes: 4 * columns * (rows + streamed) };
}

/** A narrow tile for few centroids: what stands beside the last one is lost. Null where nothing fits. */
function planWide(k: number, limits: PlanLimits, tuning: Tuning): WidePlan | null {
  const largest = Math.min(
    tuning.wideWorkgroup,
    limits.maxComputeInvocationsPerWorkgroup,
    limits.maxComputeWorkgroupSizeX,
  );
  const vectors = Math.floor(limits.maxComputeWorkgroupStorageSize / 16) - 2;
  const most = tuning.wideDepth;
  // rows are read in stretches of `depth` numbers: short ones only where nothing else fits
  for (const { depths, least } of [
    { depths: [16, 8], least: 64 },
    { depths: [8, 4], least: 16 },
  ])
    for (let workgroupSize = largest; workgroupSize >= least; workgroupSize /= 2) {
      let side = 1;
      while (4 * side < k && 2 * side * side <= workgroupSize && side < 16) side *= 2;
      const across = (2 * workgroupSize) / side + side;
      const depth = depths.find((depth) => depth <= most && depth * across <= vectors);
      // neighbours meet in the same memory
      const meeting = 3 * workgroupSize;
      if (depth && meeting <= vectors)
        return { workgroupSize, side, depth, tileVectors: Math.max(depth * across, meeting) };
    }
  return null;
}

function refuse(what: string, value: number, limit: number, where: string, remedy: string): never {
  throw new OutOfMemoryError(
    `${what} is ${value}; expected at most ${limit} ${where}. ${remedy} Or use a CPU engine.`,
  );
}

const ceilTo = (value: number, unit: number) => Math.ceil(value / unit) * unit;
const floorTo = (value: number, unit: number) => Math.floor(value / unit) * unit;

const powerOfTwoBelow = (value: number) => 2 ** Math.floor(Math.log2(value));

/** So that kernels of nearly equal shape share a pipeline. */
function powerOfTwoAbove(value: number, limit: number): number {
  return Math.min(limit, 2 ** Math.ceil(Math.log2(value)));
}
