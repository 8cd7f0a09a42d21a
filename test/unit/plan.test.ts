/** The plan of the WebGPU engine: all rows once, and every limit kept, whatever the problem. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILTER_KERNELS, KERNELS, type KernelName } from '../../src/engines/webgpu/kernels.ts';
import { workgroupsOf } from '../../src/engines/webgpu/parameters.ts';
import {
  defaultTuning,
  plan,
  type Plan,
  type PlanLimits,
  type Shape,
  type Tuning,
} from '../../src/engines/webgpu/plan.ts';
import { BLOCKS, type BlocksPlan } from '../../src/engines/webgpu/plan-blocks.ts';
import { OutOfMemoryError } from '../../src/errors.ts';

/** What every WebGPU device has. */
const DEFAULT: PlanLimits = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  minUniformBufferOffsetAlignment: 256,
};
/** Less than any device has, so that small problems meet every limit. */
const TINY: PlanLimits = {
  maxBufferSize: 2 ** 17,
  maxStorageBufferBindingSize: 2 ** 16,
  maxComputeWorkgroupStorageSize: 1024,
  maxComputeWorkgroupsPerDimension: 100,
  maxComputeInvocationsPerWorkgroup: 32,
  maxComputeWorkgroupSizeX: 32,
  minUniformBufferOffsetAlignment: 32,
};
const LARGE: PlanLimits = {
  ...DEFAULT,
  maxBufferSize: 2 ** 40,
  maxStorageBufferBindingSize: 2 ** 40,
  maxComputeWorkgroupStorageSize: 65_536,
};

const FILTER = new Set<KernelName>(FILTER_KERNELS);
const NAMES = Object.keys(KERNELS) as KernelName[];

/** Everything that has to hold; `tuning` as it was asked for. */
function check(made: Plan, shape: Shape, limits: PlanLimits, tuning: Tuning): void {
  const { rows, columns, k, weighted } = shape;
  const bindable = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const { workgroupSize } = made;
  expect(workgroupSize).toBeLessThanOrEqual(limits.maxComputeInvocationsPerWorkgroup);
  expect(workgroupSize).toBeLessThanOrEqual(limits.maxComputeWorkgroupSizeX);

  // chunks: all rows, once, in order
  let next = 0;
  for (const chunk of made.chunks) {
    expect(chunk.first).toBe(next);
    expect(chunk.rows).toBeGreaterThan(0);
    next += chunk.rows;
    expect(4 * chunk.rows * columns).toBeLessThanOrEqual(bindable);
    expect(4 * chunk.rows * columns).toBeLessThanOrEqual(Math.max(tuning.chunkBytes, 4 * columns));
    expect(4 * chunk.rows).toBeLessThanOrEqual(bindable);
  }
  expect(next).toBe(rows);

  // slices: all rows of the chunks, once, in order; so are segments
  next = 0;
  let segment = 0;
  const least = workgroupSize * k * columns;
  for (const slice of made.slices) {
    const chunk = made.chunks[slice.chunk];
    expect(slice.chunkFirst).toBe(chunk.first);
    expect(slice.chunkFirst + slice.first).toBe(next);
    expect(slice.first + slice.rows).toBeLessThanOrEqual(chunk.rows);
    expect(slice.rows).toBeGreaterThan(0);
    next += slice.rows;
    expect(slice.firstSegment).toBe(segment);
    segment += slice.segments;
    expect(slice.segments).toBe(Math.ceil(slice.rows / made.rowsPerSegment));
    expect(slice.rows * k * columns).toBeLessThanOrEqual(Math.max(tuning.dispatchWork, least));
    expect(4 * slice.rows).toBeLessThanOrEqual(made.bytes.near);
    // every row has a thread
    const [threads] = workgroupsOf('assign', made, slice);
    expect(threads * made.proposalSize).toBeGreaterThanOrEqual(slice.rows);
    if (made.wide) {
      const rowsPerGroup = (8 * made.wide.workgroupSize) / made.wide.side;
      expect(workgroupsOf('compare', made, slice)[0] * rowsPerGroup).toBeGreaterThanOrEqual(
        slice.rows,
      );
    }
    expect(workgroupsOf('narrow', made, slice)[0] * 4 * made.proposalSize).toBeGreaterThanOrEqual(
      slice.rows,
    );
    expect(workgroupsOf('reduce', made, slice)[0] * made.sortedRows).toBeGreaterThanOrEqual(
      slice.rows,
    );
    const [groups, columnGroups] = workgroupsOf('accumulate', made, slice);
    expect(groups * made.rowsPerGroup).toBeGreaterThanOrEqual(slice.rows);
    expect(columnGroups * made.columnsPerGroup).toBeGreaterThanOrEqual(columns);
    for (const name of NAMES.filter(
      (name) => !FILTER.has(name) && (name !== 'compare' || made.wide),
    ))
      for (const count of workgroupsOf(name, made, slice)) {
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(limits.maxComputeWorkgroupsPerDimension);
      }
  }
  expect(next).toBe(rows);
  expect(segment).toBe(made.segments);
  expect(made.bytes.champions).toBe(16 * made.segments);
  const [x, y] = made.divideGroups;
  expect(x * y * workgroupSize).toBeGreaterThanOrEqual(k * columns);

  // workgroup memory: tile and a counter; private sums; contenders (16 bytes each) and an heir
  const { tile, columnStep, tileFloats, privateSums, privateWords, columnsPerGroup } = made;
  expect(tile).toBeGreaterThan(0);
  expect(tile).toBeLessThanOrEqual(Math.min(k, tuning.tile));
  expect(columnStep).toBeGreaterThan(0);
  if (tile > 4) expect(columnStep).toBe(columns);
  expect(tile * columnStep).toBeLessThanOrEqual(tileFloats);
  expect(4 * (tileFloats + 1)).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
  if (made.narrowVectors > 0) {
    expect(columns).toBeLessThanOrEqual(tuning.narrowColumns);
    expect(made.narrowVectors).toBeGreaterThanOrEqual(tile);
    expect(16 * made.narrowVectors + 4).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
  }
  if (made.wide) {
    const { workgroupSize: threads, side, depth, tileVectors } = made.wide;
    expect(columns >= tuning.wideColumns || (columns > 4 && k >= tuning.wideK)).toBe(true);
    expect(made.narrowVectors).toBe(0);
    expect(threads).toBeLessThanOrEqual(limits.maxComputeInvocationsPerWorkgroup);
    expect(threads % side).toBe(0);
    expect(depth * ((2 * threads) / side + side)).toBeLessThanOrEqual(tileVectors);
    expect(6 * (threads / side) * (side / 2)).toBeLessThanOrEqual(tileVectors);
    expect(16 * tileVectors + 8).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
  }
  expect(Math.log2(made.sortedRows) % 1).toBe(0);
  expect(made.sortedRows * k).toBeLessThan(2 ** 32);
  expect(4 * made.sortedRows).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
  if (privateSums)
    expect(columnsPerGroup).toBeGreaterThanOrEqual(Math.min(columns, tuning.privateColumns));
  if (privateSums) expect(k * (2 * columnsPerGroup + 1)).toBeLessThanOrEqual(privateWords);
  expect(4 * privateWords).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
  expect(16 * workgroupSize + 4).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);

  // buffers
  for (const size of Object.values(made.bytes)) {
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(bindable);
  }
  expect(made.sliceStride % limits.minUniformBufferOffsetAlignment).toBe(0);
  if (!made.blocks) expect(made.bytes.slices).toBe(made.sliceStride * made.slices.length);
  expect(made.bytes.params % 16).toBe(0);
  const once = Object.values(made.bytes).reduce((sum, size) => sum + size, 0);
  const own = made.blocks ? checkBlocks(made, made.blocks, shape, limits, tuning) : 0;
  const staying = made.chunks.slice(0, made.residentChunks);
  const stayingRows = staying.reduce((sum, chunk) => sum + chunk.rows, 0);
  const streamed = made.residentChunks < made.chunks.length ? 3 * made.chunks[0].rows : 0;
  expect(made.totalBytes).toBeGreaterThanOrEqual(
    once + own + 4 * columns * (stayingRows + streamed) + rows * (weighted ? 12 : 8),
  );
  expect(made.totalBytes).toBeLessThanOrEqual(tuning.deviceBytes);
  if (stayingRows === rows) expect(made.residentChunks).toBe(made.chunks.length);
}

/** The same for the block filter; returns its bytes. */
function checkBlocks(
  made: Plan,
  blocks: BlocksPlan,
  { columns, k, weighted }: Shape,
  limits: PlanLimits,
  tuning: Tuning,
): number {
  const bindable = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const { blockRows, superblock, spans, nodeWords, held } = blocks;
  expect(blockRows).toBeLessThanOrEqual(limits.maxComputeInvocationsPerWorkgroup);
  const superRows = blockRows * superblock;

  // spans: all rows of the chunks, once, in order, cut between superblocks only; numbered behind the slices
  const next = made.chunks.map(() => 0);
  spans.forEach((span, i) => {
    expect(span.index).toBe(made.slices.length + i);
    expect(span.first).toBe(next[span.chunk]);
    expect(span.first % superRows).toBe(0);
    expect(span.chunkFirst).toBe(made.chunks[span.chunk].first);
    next[span.chunk] += span.rows;
    expect(span.rows * k * columns).toBeLessThanOrEqual(
      Math.max(tuning.spared * tuning.dispatchWork, superRows * k * columns),
    );
    for (const name of FILTER)
      for (const count of workgroupsOf(name, made, span)) {
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(limits.maxComputeWorkgroupsPerDimension);
      }
    const [x, y] = workgroupsOf('sift', made, span);
    expect(x * y * blockRows).toBeGreaterThanOrEqual(span.rows);
    expect(workgroupsOf('shortlist', made, span)[0] * superRows).toBeGreaterThanOrEqual(span.rows);
  });
  expect(next).toEqual(made.chunks.map(({ rows }) => rows));
  expect(made.bytes.slices).toBe(made.sliceStride * (made.slices.length + spans.length));
  expect(made.bytes.arguments).toBeGreaterThanOrEqual(12 * (2 * spans.length + 1));

  // the tree, part by part
  const most = Math.max(...made.chunks.map(({ rows }) => rows));
  const supers = Math.ceil(most / superRows);
  const ends = [
    [0, columns],
    [blocks.superLabels, supers],
    [blocks.superBefore, supers],
    [blocks.superCounts, supers],
    [blocks.blockLabels, Math.ceil(most / blockRows)],
    [blocks.superNodes, supers * nodeWords],
    [blocks.blockNodes, Math.ceil(most / blockRows) * nodeWords],
    [blocks.lists, supers * blocks.listCapacity],
  ];
  for (let i = 1; i < ends.length; i++) expect(ends[i][0]).toBe(ends[i - 1][0] + ends[i - 1][1]);
  expect(nodeWords).toBe(1 + 4 * columns);
  made.chunks.forEach(({ rows }, i) => {
    const { ordered, orderedLabels, rowOf, tree } = blocks.chunkBytes[i];
    expect(ordered).toBe(
      4 * Math.ceil(rows / blockRows) * blockRows * (columns + (weighted ? 1 : 0)),
    );
    expect([orderedLabels, rowOf]).toEqual([4 * rows, 4 * rows]);
    expect(tree).toBe(4 * (blocks.lists + Math.ceil(rows / superRows) * blocks.listCapacity));
    for (const size of [ordered, orderedLabels, tree]) expect(size).toBeLessThanOrEqual(bindable);
  });

  // workgroup memory: numbers, coordinates, sums and weights of candidates, beside single words
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThanOrEqual(Math.max(1, tuning.held));
  if (held > 1) {
    expect(blocks.heldFloats).toBe(held * columns);
    expect(blocks.heldWords).toBe(2 * held * columns);
  }
  // each array may be moved up to 16 bytes
  const words = 2 * held + blocks.heldFloats + blocks.heldWords + 6 + 4 * 4;
  expect(4 * words).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
  expect(blocks.bytes.cells).toBeLessThanOrEqual(bindable);
  return [blocks.bytes, ...blocks.chunkBytes]
    .flatMap((sizes) => Object.values(sizes))
    .reduce((sum, size) => sum + size, 0);
}

/** 1 to `most`, as many small ones as large ones. */
const upTo = (most: number) =>
  fc
    .double({ min: 0, max: Math.log(most + 1), noNaN: true })
    .map((log) => Math.max(1, Math.min(most, Math.floor(Math.exp(log)))));

const tunings = fc.record({
  narrowColumns: fc.constantFrom(0, 1, 4),
  privateColumns: fc.constantFrom(1, 4, Infinity),
  sortedRows: fc.constantFrom(64, 512, 2048),
  wideColumns: upTo(300),
  wideK: upTo(300),
  wideWorkgroup: fc.constantFrom(16, 32, 64, 128, 256),
  blockRows: fc.constantFrom(32, 64, 128, 256),
  superblock: upTo(128),
  listCapacity: upTo(2048),
  held: upTo(128),
  chunkBytes: upTo(2 ** 30),
  workgroupSize: fc.constantFrom(32, 64, 128, 256),
  proposalWorkgroup: fc.constantFrom(32, 256),
  wideDepth: fc.constantFrom(8, 16),
  tile: upTo(256),
  spared: fc.constantFrom(1, 8, 128),
  dispatchWork: upTo(2 ** 34),
  dispatchMs: fc.constant(50),
  tuneMs: fc.constant(100),
  deviceBytes: fc.oneof(fc.constant(Infinity), upTo(2 ** 36)),
  streamBytes: upTo(2 ** 26),
});

/** About how many chunks and slices a plan will have. */
function parts({ rows, columns, k }: Shape, limits: PlanLimits, tuning: Tuning): number {
  const { maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension } = limits;
  const chunkBytes = Math.min(
    maxStorageBufferBindingSize,
    Math.max(4 * columns, Math.min(tuning.chunkBytes, tuning.streamBytes)),
  );
  const work = Math.max(32 * k * columns, tuning.dispatchWork);
  return (
    (rows * 4 * columns) / chunkBytes +
    (rows * k * columns) / work +
    rows / (32 * maxComputeWorkgroupsPerDimension)
  );
}

function holds(limits: PlanLimits, mostRows: number, mostColumns: number, mostK: number): void {
  const shapes = fc.record({
    rows: upTo(mostRows),
    columns: upTo(mostColumns),
    k: upTo(mostK),
    weighted: fc.boolean(),
    filter: fc.constantFrom(null, BLOCKS),
  });
  fc.assert(
    fc.property(shapes, fc.option(tunings), fc.boolean(), (given, asked, hardware) => {
      const shape = { ...given, k: Math.min(given.k, given.rows) };
      const tuning = asked ?? defaultTuning(hardware);
      fc.pre(parts(shape, limits, tuning) < 500); // each is looked at
      let made: Plan;
      try {
        made = plan(shape, limits, tuning);
      } catch (error) {
        expect(error).toBeInstanceOf(OutOfMemoryError);
        expect((error as Error).message).toMatch(/max\w+/);
        return;
      }
      check(made, shape, limits, tuning);
    }),
    { numRuns: 150 },
  );
}

describe('every problem', () => {
  test('at default limits', () => holds(DEFAULT, 5e6, 4096, 20_000));
  test('at tiny limits', () => holds(TINY, 20_000, 300, 300));
  test('at large limits', () => holds(LARGE, 5e8, 4096, 20_000));
});

describe('at default limits', () => {
  const problems: [rows: number, columns: number, k: number][] = [
    [1, 1, 1],
    [40_000_000, 2, 16],
    [33_554_433, 1, 3], // one row more than a binding of labels holds
    [16_777_217, 2, 64], // one row more than a binding of points holds
    [300_000, 4, 65_536],
    [70_000, 784, 10],
    [5000, 4096, 50],
    [8191, 4096, 1000],
    [10_000_000, 3, 256],
  ];
  test.each(problems)('%i × %i, k = %i', (rows, columns, k) => {
    for (const weighted of [false, true])
      for (const hardware of [false, true]) {
        const shape = { rows, columns, k, weighted };
        const tuning = defaultTuning(hardware);
        check(plan(shape, DEFAULT, tuning), shape, DEFAULT, tuning);
      }
  });

  test('points beyond a binding are cut into chunks', () => {
    const shape = { rows: 40_000_000, columns: 2, k: 16, weighted: false };
    const { chunks } = plan(shape, DEFAULT, defaultTuning(true));
    expect(chunks.map(({ rows }) => rows)).toEqual([16_777_216, 16_777_216, 6_445_568]);
  });

  test.each([
    [2, 64, 1, 4],
    [10, 128, 4, 8],
    [30, 256, 8, 8],
    [1000, 256, 16, 16],
  ])('tiles are as narrow as k = %i', (k, workgroupSize, side, depth) => {
    const shape = { rows: 70_000, columns: 784, k, weighted: false };
    expect(plan(shape, DEFAULT, defaultTuning(true)).wide).toMatchObject({
      workgroupSize,
      side,
      depth,
    });
    const fewer = plan({ ...shape, columns: 32 }, DEFAULT, defaultTuning(true));
    expect(fewer.wide !== null).toBe(k >= 64);
    const few = plan({ ...shape, columns: 4 }, DEFAULT, defaultTuning(true));
    expect([few.wide, few.narrowVectors > 0]).toEqual([null, true]);
  });

  test('the block filter takes six dispatches an iteration where the points fit a binding', () => {
    for (const [rows, columns, k] of [
      [10_000_000, 2, 64],
      [8_400_000, 3, 1024],
      [400_000, 2, 16],
    ]) {
      const shape = { rows, columns, k, weighted: false, filter: BLOCKS };
      const made = plan(shape, DEFAULT, defaultTuning(true));
      check(made, shape, DEFAULT, defaultTuning(true));
      expect(2 * made.blocks!.spans.length + 3).toBeLessThanOrEqual(6);
    }
  });

  test('a small problem is one chunk and one slice', () => {
    const shape = { rows: 1_000_000, columns: 2, k: 16, weighted: false };
    const { chunks, slices } = plan(shape, DEFAULT, defaultTuning(true));
    expect(chunks).toHaveLength(1);
    expect(slices).toHaveLength(1);
  });
});

describe('points that do not fit', () => {
  const shape = { rows: 2_000_000, columns: 16, k: 64, weighted: true };
  const tuning = defaultTuning(true);
  const whole = plan(shape, DEFAULT, tuning).totalBytes;

  test.each([0.95, 0.8, 0.7])('in the memory that may be taken, %f of it all', (share) => {
    const less = { ...tuning, streamBytes: 2 ** 20, deviceBytes: Math.floor(share * whole) };
    const made = plan(shape, DEFAULT, less);
    check(made, shape, DEFAULT, { ...less, chunkBytes: less.streamBytes });
    expect(made.residentChunks).toBeLessThan(made.chunks.length);
    // as much stays as can: one chunk more would not
    expect(made.totalBytes + less.streamBytes).toBeGreaterThan(less.deviceBytes);
  });

  test('keep their chunks when slices are cut anew', () => {
    const less = { ...tuning, deviceBytes: Math.floor(0.8 * whole), streamBytes: 2 ** 20 };
    const made = plan(shape, DEFAULT, less);
    for (const dispatchWork of [2 ** 22, 2 ** 34]) {
      const again = plan(shape, DEFAULT, { ...less, dispatchWork }, made);
      expect(again.chunks).toEqual(made.chunks);
      expect(again.residentChunks).toBe(made.residentChunks);
      check(again, shape, DEFAULT, {
        ...less,
        dispatchWork,
        chunkBytes: 2 ** 20,
        deviceBytes: Infinity, // whoever cuts anew looks at what it takes
      });
    }
  });

  test('are refused where not even their labels do', () => {
    const less = { ...tuning, deviceBytes: 8 * shape.rows };
    expect(() => plan(shape, DEFAULT, less)).toThrow(OutOfMemoryError);
    expect(() => plan(shape, DEFAULT, less)).toThrow(/is \d+ bytes; expected at most 16000000/);
  });
});

describe('is refused', () => {
  const tuning = defaultTuning(true);
  const shape = { rows: 100_000, columns: 4096, k: 65_536, weighted: false };

  test('where centroids exceed a binding, by its name', () => {
    expect(() => plan(shape, DEFAULT, tuning)).toThrow(OutOfMemoryError);
    expect(() => plan(shape, DEFAULT, tuning)).toThrow(
      /the centroids buffer is 1073741824; expected at most 134217728 .*maxStorageBufferBindingSize.*CPU engine/,
    );
  });

  test('where they exceed a buffer, by its name', () => {
    const limits = { ...DEFAULT, maxBufferSize: 2 ** 26 };
    expect(() => plan(shape, limits, tuning)).toThrow(/67108864 .*maxBufferSize/);
  });

  test('where only the sums do, which are twice as large', () => {
    const half = { ...shape, k: 6000 };
    expect(() => plan(half, DEFAULT, tuning)).toThrow(/the sums buffer/);
  });

  test('with more clusters than can be counted', () => {
    const many = { rows: 2 ** 25, columns: 1, k: 2 ** 24, weighted: false };
    expect(() => plan(many, LARGE, tuning)).toThrow(/k is 16777216; expected at most 16777215/);
  });

  test('and nothing is, where all fits at higher limits', () => {
    const limits = { ...DEFAULT, maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 32 };
    const wide = { ...shape, rows: 70_000 };
    check(plan(wide, limits, tuning), wide, limits, tuning);
  });
});
