/**
 * What the kernels are told about a run: override values, the uniforms Params and Slice
 * (shaders/shared/params.wgsl) and how many workgroups to start. Pure, so that the session, the
 * shader lint and the tests of single kernels tell them the same.
 */
import type { Task } from '../../engine.ts';
import type { Grid } from '../../grid.ts';
import type { KernelName } from './kernels.ts';
import { nearTieBound } from '../../near-tie.ts';
import { PARAMS_WORDS, type Plan, type Slice } from './plan.ts';

/** Byte offsets of single words that the host writes or reads, in State and in Winner. */
export const STATE_MOVED = 0;
export const STATE_STOP = 4;
export const WINNER_ROW = 12;

/**
 * The override values of every kernel under a plan; with `second`, `assign`, `manhattan` and `settle`
 * leave the centroid out that a row is labelled with.
 */
export function kernelConstants(
  plan: Plan,
  weighted: boolean,
  second = false,
): Record<KernelName, Record<string, number>> {
  const WORKGROUP = plan.workgroupSize;
  const SECOND = second ? 1 : 0;
  const WEIGHTED = weighted ? 1 : 0;
  return {
    assign: { WORKGROUP, TILE_FLOATS: plan.tileFloats, SECOND },
    manhattan: { WORKGROUP, TILE_WORDS: plan.tileFloats, SECOND },
    settle: { WORKGROUP, SECOND },
    accumulate: {
      WORKGROUP,
      PRIVATE: plan.privateSums ? 1 : 0,
      PRIVATE_WORDS: plan.privateWords,
      WEIGHTED,
    },
    probe: { WORKGROUP },
    census: { WORKGROUP },
    farthest: { WORKGROUP, WEIGHTED },
    elect: { WORKGROUP },
    relocate: { WORKGROUP, WEIGHTED },
    divide: { WORKGROUP },
    converge: { WORKGROUP },
  };
}

/** The uniform Params for k centroids placed. */
export function packParams(
  plan: Plan,
  grid: Pick<Grid, 'columns' | 'historyExponent'>,
  { shiftLimit, emptyCluster }: Pick<Task, 'shiftLimit' | 'emptyCluster'>,
  k: number,
): ArrayBuffer {
  const bound = nearTieBound(grid.columns);
  const buffer = new ArrayBuffer(plan.bytes.params);
  const policy = { keep: 0, relocate: 1, stop: 2 }[emptyCluster];
  const word = (n: bigint) => Number(BigInt.asUintN(32, shiftLimit >> n));
  new Uint32Array(buffer).set([
    grid.columns,
    k,
    plan.tile,
    plan.columnStep,
    plan.columnsPerGroup,
    plan.rowsPerGroup,
    plan.rowsPerSegment,
    plan.segments,
    plan.bytes.arguments / 4,
    plan.slices.length,
    plan.historyCapacity,
    grid.historyExponent,
    policy,
    word(0n),
    word(32n),
    word(64n),
  ]);
  new Float32Array(buffer).set([bound.relative, bound.root, bound.absolute], PARAMS_WORDS - 3);
  return buffer;
}

/** The uniforms Slice of all slices, each at a multiple of the plan's stride. */
export function packSlices({ slices, sliceStride }: Plan): Uint32Array<ArrayBuffer> {
  const stride = sliceStride / 4;
  const words = new Uint32Array(slices.length * stride);
  slices.forEach(({ first, rows, chunkFirst, firstSegment }, index) =>
    words.set([first, rows, chunkFirst, index, firstSegment], index * stride),
  );
  return words;
}

/** Workgroups of a dispatch; `slice` for the kernels that work on one. */
export function workgroupsOf(name: KernelName, plan: Plan, slice: Slice): [number, number] {
  switch (name) {
    case 'assign':
    case 'manhattan':
      return [Math.ceil(slice.rows / plan.workgroupSize), 1];
    case 'settle':
      return [plan.settleGroups, 1];
    case 'accumulate':
      return [Math.ceil(slice.rows / plan.rowsPerGroup), plan.columnGroups];
    case 'farthest':
      return [slice.segments, 1];
    case 'divide':
      return plan.divideGroups;
    case 'probe':
    case 'census':
    case 'elect':
    case 'relocate':
    case 'converge':
      return [1, 1];
  }
}
