/** What TypeScript writes and reserves is what the WGSL structs say, member by member. */
import { describe, expect, test } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { layOnGrid } from '../../src/grid.ts';
import { bindingsOf, KERNELS, type KernelName } from '../../src/engines/webgpu/kernels.ts';
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
import elections from '../../shaders/shared/election.wgsl?raw';
import integers from '../../shaders/shared/integers.wgsl?raw';
import params from '../../shaders/shared/params.wgsl?raw';
import state from '../../shaders/shared/state.wgsl?raw';

const { structs } = new WgslReflect([params, state, integers, elections].join('\n'));
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
  const sizes = plan({ rows: 900, columns, k: 11, weighted: false }, limits, {
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

  test('Slice', () => {
    const words = packSlices(sizes);
    expect(sizes.slices.length).toBeGreaterThan(sizes.chunks.length);
    sizes.slices.forEach((slice, index) => {
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

test.each(Object.keys(KERNELS) as KernelName[])(
  '%s binds no more than every device can',
  (name) => {
    const of = (...kinds: string[]) =>
      bindingsOf(name).filter(({ access }) => kinds.includes(access)).length;
    expect(of('read', 'write')).toBeLessThanOrEqual(8); // maxStorageBuffersPerShaderStage
    expect(of('uniform', 'slice')).toBeLessThanOrEqual(12); // maxUniformBuffersPerShaderStage
  },
);
