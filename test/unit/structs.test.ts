/** What TypeScript writes and reserves is what the WGSL structs say, member by member. */
import { describe, expect, test } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { layOnGrid } from '../../src/grid.ts';
import { bindingsOf, KERNELS, type Kernel } from '../../src/engines/webgpu/kernels.ts';
import { LAY_KERNELS, LAYING_WORDS } from '../../src/engines/webgpu/lay-kernels.ts';
import { packBlocks } from '../../src/engines/webgpu/pack-blocks.ts';
import {
  packParams,
  packSlices,
  STATE_MOVED,
  STATE_STOP,
  WINNER_ROW,
} from '../../src/engines/webgpu/parameters.ts';
import {
  CHAMPION_BYTES,
  defaultTuning,
  PARAMS_WORDS,
  plan,
  SLICE_BYTES,
  STATE_BYTES,
  STATUS_BYTES,
  WINNER_BYTES,
} from '../../src/engines/webgpu/plan.ts';
import {
  BLOCKS,
  BLOCKS_WORDS,
  MAX_AXES,
  WORK_WORDS,
} from '../../src/engines/webgpu/plan-blocks.ts';
import elections from '../../shaders/shared/election.wgsl?raw';
import integers from '../../shaders/shared/integers.wgsl?raw';
import laying from '../../shaders/shared/laying.wgsl?raw';
import blocksText from '../../shaders/shared/blocks.wgsl?raw';
import params from '../../shaders/shared/params.wgsl?raw';
import slice from '../../shaders/shared/slice.wgsl?raw';
import state from '../../shaders/shared/state.wgsl?raw';

const { structs } = new WgslReflect(
  [params, slice, state, integers, elections, blocksText, laying].join('\n'),
);
const struct = (name: string) => structs.find((info) => info.name === name)!;
/** Byte offset of a member. */
const offset = (name: string, member: string) =>
  struct(name).members.find((info) => info.name === member)!.offset;

test('sizes', () => {
  const sizes = Object.fromEntries(structs.map(({ name, size }) => [name, size]));
  expect(sizes).toEqual({
    Params: 4 * PARAMS_WORDS,
    Slice: SLICE_BYTES,
    State: STATE_BYTES,
    Status: STATUS_BYTES,
    Champion: CHAMPION_BYTES,
    Winner: WINNER_BYTES,
    U96: 12,
    Blocks: 4 * (BLOCKS_WORDS + 4 * MAX_AXES),
    Laying: 4 * LAYING_WORDS,
    Share: 20, // of a thread alone
  });
});

test('the single words that the host writes or reads', () => {
  expect(WINNER_ROW).toBe(offset('Winner', 'row'));
  expect(STATE_MOVED).toBe(offset('State', 'moved'));
  expect(STATE_STOP).toBe(offset('State', 'stop'));
});

describe('uniforms', () => {
  const columns = 7;
  const data = Float64Array.from({ length: 900 * columns }, (_, i) =>
    i % columns ? (i * i) % 101 : 1e-2 * (i % 3),
  );
  const grid = layOnGrid({ data, rows: 900, columns });
  const limits = {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxComputeWorkgroupStorageSize: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    minUniformBufferOffsetAlignment: 64,
  };
  const shape = { rows: 900, columns, k: 11, weighted: false, filter: BLOCKS };
  const sizes = plan(shape, limits, {
    ...defaultTuning(false),
    workgroupSize: 32,
    chunkBytes: 400 * columns * 4,
    dispatchWork: 128 * 11 * columns,
  });

  test('Params', () => {
    const shiftLimit = (3n << 64n) | (2n << 32n) | 1n;
    const view = new DataView(packParams(sizes, grid, { shiftLimit, emptyCluster: 'stop' }, 9));
    const read = ({ name, offset }: { name: string; offset: number }) =>
      name.startsWith('near')
        ? view.getFloat32(offset, true)
        : name === 'history_exponent'
          ? view.getInt32(offset, true)
          : view.getUint32(offset, true);
    const found = Object.fromEntries(
      struct('Params').members.map((member) => [member.name, read(member)]),
    );
    expect(grid.historyExponent).toBeLessThan(0);
    expect(found).toEqual({
      columns: 7,
      k: 9,
      tile: sizes.tile,
      column_step: sizes.columnStep,
      columns_per_group: sizes.columnsPerGroup,
      rows_per_group: sizes.rowsPerGroup,
      rows_per_segment: sizes.rowsPerSegment,
      segments: sizes.segments,
      argument_words: sizes.bytes.arguments / 4,
      slices: sizes.slices.length,
      history_capacity: sizes.historyCapacity,
      history_exponent: grid.historyExponent,
      empty_policy: 2,
      shift_limit_low: 1,
      shift_limit_middle: 2,
      shift_limit_high: 3,
      near_relative: expect.closeTo((columns + 8) * 2 ** -23, 8) as number,
      near_root: expect.closeTo(2 ** -28 * Math.sqrt(2 * columns), 9) as number,
      near_absolute: expect.closeTo(4 * columns * 2 ** -58, 18) as number,
    });
  });

  test('Blocks', () => {
    const blocks = sizes.blocks!;
    const curve = {
      axes: [
        { column: 5, low: -0.5, scale: 8 },
        { column: 2, low: 0.25, scale: 16 },
      ],
      bits: 3,
    };
    const view = new DataView(packBlocks(blocks, curve));
    const members = struct('Blocks').members.filter(({ name }) => name !== 'axis');
    const found = Object.fromEntries(
      members.map(({ name, offset }) => [name, view.getUint32(offset, true)]),
    );
    expect(found).toEqual({
      rows: blocks.blockRows,
      per_super: blocks.superblock,
      list_capacity: blocks.listCapacity,
      node_words: blocks.nodeWords,
      row_words: blocks.rowWords,
      super_labels: blocks.superLabels,
      super_before: blocks.superBefore,
      super_counts: blocks.superCounts,
      block_labels: blocks.blockLabels,
      super_nodes: blocks.superNodes,
      block_nodes: blocks.blockNodes,
      lists: blocks.lists,
      cells: 64,
      axes: 2,
      bits: 3,
    });
    const axes = Array.from({ length: 8 }, (_, i) =>
      view.getFloat32(offset('Blocks', 'axis') + 4 * i, true),
    );
    expect(axes).toEqual([5, -0.5, 8, 7, 2, 0.25, 16, 7]);
    expect(blocksText).toContain(`WORK_CROWDED: u32 = ${WORK_WORDS - 1}u`);
    expect(blocksText).toContain(`MAX_AXES: u32 = ${MAX_AXES}u`);
  });

  test('Slice', () => {
    const words = packSlices(sizes);
    expect(sizes.slices.length).toBeGreaterThan(sizes.chunks.length);
    [...sizes.slices, ...sizes.blocks!.spans].forEach((slice, index) => {
      const member = (name: string) =>
        words[(index * sizes.sliceStride + offset('Slice', name)) / 4];
      expect({
        first: member('first'),
        rows: member('rows'),
        chunkFirst: member('chunk_first'),
        firstSegment: member('first_segment'),
      }).toMatchObject({
        first: slice.first,
        rows: slice.rows,
        chunkFirst: slice.chunkFirst,
        firstSegment: slice.firstSegment,
      });
      expect(member('index')).toBe(index);
    });
  });
});

test.each(Object.entries<Kernel>({ ...KERNELS, ...LAY_KERNELS }))(
  '%s binds no more than every device can',
  (_, kernel) => {
    const of = (...kinds: string[]) =>
      bindingsOf(kernel).filter(({ access }) => kinds.includes(access)).length;
    expect(of('read', 'write')).toBeLessThanOrEqual(8); // maxStorageBuffersPerShaderStage
    expect(of('uniform', 'slice')).toBeLessThanOrEqual(12); // maxUniformBuffersPerShaderStage
  },
);
