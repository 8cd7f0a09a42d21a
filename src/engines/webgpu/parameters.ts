/**
 * What the kernels are told about a run: override values, the uniforms Params and Slice
 * (shaders/shared/params.wgsl, slice.wgsl) and how many workgroups to start. Pure, so that the session, the
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

/** FEW of shaders/shared/contest.wgsl: loops over more columns are not worth unrolling, and take long to compile. */
const FEW_COLUMNS = 8;

/**
 * The override values of every kernel under a plan; with `second`, `assign`, `manhattan` and `settle`
 * leave the centroid out that a row is labelled with.
 */
export function kernelConstants(
  plan: Plan,
  weighted: boolean,
  second = false,
): Record<KernelName, Record<string, number>> {
  const { blocks, wide } = plan;
  const COLUMNS = plan.columns <= FEW_COLUMNS ? plan.columns : 0;
  const WORKGROUP = plan.workgroupSize;
  const SECOND = second ? 1 : 0;
  const WEIGHTED = weighted ? 1 : 0;
  return {
    assign: { WORKGROUP: plan.proposalSize, TILE_FLOATS: plan.tileFloats, SECOND },
    manhattan: { WORKGROUP, TILE_WORDS: plan.tileFloats, SECOND },
    compare: {
      WORKGROUP: wide?.workgroupSize ?? 1,
      SIDE: wide?.side ?? 1,
      DEPTH: wide?.depth ?? 1,
      TILE_VECTORS: wide?.tileVectors ?? 1,
      SECOND,
    },
    narrow: {
      WORKGROUP: plan.proposalSize,
      COLUMNS: plan.columns,
      TILE_VECTORS: plan.narrowVectors || 1,
      SECOND,
    },
    settle: { WORKGROUP, SECOND, DIRECT: wide ? 1 : 0 },
    accumulate: {
      WORKGROUP,
      PRIVATE_WORDS: plan.privateWords,
      WEIGHTED,
    },
    reduce: { WORKGROUP, ROWS: plan.sortedRows, WEIGHTED },
    probe: { WORKGROUP },
    census: { WORKGROUP },
    farthest: { WORKGROUP, WEIGHTED },
    elect: { WORKGROUP },
    relocate: { WORKGROUP, WEIGHTED },
    divide: { WORKGROUP },
    converge: { WORKGROUP },
    plot: { WORKGROUP },
    scan: { WORKGROUP },
    gather: { WORKGROUP, WEIGHTED },
    bound: { WORKGROUP, WEIGHTED },
    shortlist: { WORKGROUP, COLUMNS },
    sift: {
      WORKGROUP: blocks?.blockRows ?? 1,
      COLUMNS,
      WEIGHTED,
      HELD: blocks?.held ?? 1,
      HELD_FLOATS: blocks?.heldFloats ?? 1,
      HELD_WORDS: blocks?.heldWords ?? 1,
    },
    unfold: { WORKGROUP },
  };
}

/** The kernels that find the nearest centroid in float32, and leave near-ties to `settle`. */
export type Proposal = 'assign' | 'compare' | 'narrow';

/** The one for the rows of a plan. */
export function proposalOf({ narrowVectors, wide }: Plan): Proposal {
  if (narrowVectors > 0) return 'narrow';
  return wide ? 'compare' : 'assign';
}

/** The kernel that adds rows up by label. */
export function updateOf({ privateSums }: Plan): 'accumulate' | 'reduce' {
  return privateSums ? 'accumulate' : 'reduce';
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

/** The uniforms Slice of all slices and spans, each at a multiple of the plan's stride. */
export function packSlices({ slices, blocks, sliceStride }: Plan): Uint32Array<ArrayBuffer> {
  const all = [...slices, ...(blocks?.spans ?? [])];
  const stride = sliceStride / 4;
  const words = new Uint32Array(all.length * stride);
  for (const { first, rows, chunkFirst, index, firstSegment } of all)
    words.set([first, rows, chunkFirst, index, firstSegment], index * stride);
  return words;
}

/** Workgroups of a dispatch; `slice` for the kernels that work on one, a span for those of the filter. */
export function workgroupsOf(name: KernelName, plan: Plan, slice: Slice): [number, number] {
  switch (name) {
    case 'assign':
      return [Math.ceil(slice.rows / plan.proposalSize), 1];
    case 'manhattan':
      return [Math.ceil(slice.rows / plan.workgroupSize), 1];
    case 'narrow':
      return [Math.ceil(slice.rows / (4 * plan.proposalSize)), 1];
    case 'compare': {
      const { workgroupSize, side } = plan.wide!;
      return [Math.ceil(slice.rows / ((8 * workgroupSize) / side)), 1];
    }
    case 'settle':
      return [plan.settleGroups, 1];
    case 'accumulate':
      return [Math.ceil(slice.rows / plan.rowsPerGroup), plan.columnGroups];
    case 'reduce':
      return [Math.ceil(slice.rows / plan.sortedRows), 1];
    case 'farthest':
      return [slice.segments, 1];
    case 'divide':
      return plan.divideGroups;
    case 'plot':
    case 'gather':
    case 'unfold':
      return [Math.min(plan.mostGroups, Math.ceil(slice.rows / plan.workgroupSize)), 1];
    case 'bound':
    case 'shortlist':
      return [Math.ceil(slice.rows / (plan.blocks!.blockRows * plan.blocks!.superblock)), 1];
    case 'sift': {
      const count = Math.ceil(slice.rows / plan.blocks!.blockRows);
      const x = Math.min(count, plan.mostGroups);
      return [x, Math.ceil(count / x)];
    }
    case 'scan':
    case 'probe':
    case 'census':
    case 'elect':
    case 'relocate':
    case 'converge':
      return [1, 1];
  }
}
