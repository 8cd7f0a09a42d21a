/**
 * The kernels: which WGSL files make each, which buffers it binds and which overrides it takes.
 *
 * A kernel's file, entry point, label and twin share one name. Linking is joining whole files (WGSL
 * does not care about the order of declarations). A buffer has one binding number in all kernels: its
 * place in BINDINGS.
 */
import accumulate from '../../../shaders/accumulate.wgsl?raw';
import assign from '../../../shaders/assign.wgsl?raw';
import bound from '../../../shaders/bound.wgsl?raw';
import census from '../../../shaders/census.wgsl?raw';
import compare from '../../../shaders/compare.wgsl?raw';
import converge from '../../../shaders/converge.wgsl?raw';
import divide from '../../../shaders/divide.wgsl?raw';
import elect from '../../../shaders/elect.wgsl?raw';
import farthest from '../../../shaders/farthest.wgsl?raw';
import gather from '../../../shaders/gather.wgsl?raw';
import manhattan from '../../../shaders/manhattan.wgsl?raw';
import narrow from '../../../shaders/narrow.wgsl?raw';
import plot from '../../../shaders/plot.wgsl?raw';
import probe from '../../../shaders/probe.wgsl?raw';
import relocate from '../../../shaders/relocate.wgsl?raw';
import scan from '../../../shaders/scan.wgsl?raw';
import settle from '../../../shaders/settle.wgsl?raw';
import blocks from '../../../shaders/shared/blocks.wgsl?raw';
import contest from '../../../shaders/shared/contest.wgsl?raw';
import curve from '../../../shaders/shared/curve.wgsl?raw';
import election from '../../../shaders/shared/election.wgsl?raw';
import grid from '../../../shaders/shared/grid.wgsl?raw';
import integers from '../../../shaders/shared/integers.wgsl?raw';
import params from '../../../shaders/shared/params.wgsl?raw';
import state from '../../../shaders/shared/state.wgsl?raw';
import tally from '../../../shaders/shared/tally.wgsl?raw';
import shortlist from '../../../shaders/shortlist.wgsl?raw';
import sift from '../../../shaders/sift.wgsl?raw';
import unfold from '../../../shaders/unfold.wgsl?raw';

/** Every buffer that a kernel may bind, in the order of the binding numbers. */
export const BINDINGS = [
  'params',
  'slice',
  'points',
  'labels',
  'weights',
  'centroids',
  'gridCentroids',
  'columnExponents',
  'near',
  'nearCounts',
  'sums',
  'counts',
  'state',
  'status',
  'history',
  'arguments',
  'previous',
  'vacant',
  'champions',
  'winner',
  'blocks',
  'cells',
  'rowOf',
  'ordered',
  'orderedLabels',
  'tree',
  'work',
  'laying',
  'columnFacts',
  'found',
  'laid',
] as const;
export type Binding = (typeof BINDINGS)[number];

/** How a kernel uses a buffer: reads it, or reads and writes it. */
type Access = 'uniform' | 'slice' | 'read' | 'write';

export interface Kernel {
  readonly files: readonly string[];
  readonly bindings: Partial<Record<Binding, Access>>;
  /** Overrides beside WORKGROUP. None has a default, so that a forgotten one is an error. */
  readonly overrides: readonly string[];
}

const shared = [params, integers];

/** What proposes a centroid for every row, and leaves the near-ties to `settle`. */
const PROPOSES = {
  params: 'uniform',
  slice: 'slice',
  points: 'read',
  labels: 'write',
  centroids: 'read',
  near: 'write',
  nearCounts: 'write',
  state: 'write',
} as const;

export const KERNELS = {
  assign: {
    files: [assign, ...shared, state],
    bindings: PROPOSES,
    overrides: ['TILE_FLOATS', 'SECOND'],
  },
  compare: {
    files: [compare, ...shared, state],
    bindings: PROPOSES,
    overrides: ['SIDE', 'DEPTH', 'TILE_VECTORS', 'SECOND'],
  },
  narrow: {
    files: [narrow, ...shared, state],
    bindings: PROPOSES,
    overrides: ['COLUMNS', 'TILE_VECTORS', 'SECOND'],
  },
  manhattan: {
    files: [manhattan, ...shared, grid, state],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      labels: 'write',
      gridCentroids: 'read',
      state: 'write',
    },
    overrides: ['TILE_WORDS', 'SECOND'],
  },
  settle: {
    files: [settle, ...shared, grid, state],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      labels: 'write',
      centroids: 'read',
      gridCentroids: 'read',
      near: 'write',
      nearCounts: 'write',
      state: 'write',
    },
    overrides: ['SECOND', 'DIRECT'],
  },
  accumulate: {
    files: [accumulate, ...shared, grid],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      labels: 'read',
      weights: 'read',
      columnExponents: 'read',
      sums: 'write',
      counts: 'write',
    },
    overrides: ['PRIVATE', 'PRIVATE_WORDS', 'WEIGHTED'],
  },
  /** Not of a run: self-test.ts. */
  probe: {
    files: [probe, integers, grid],
    bindings: { points: 'read', labels: 'write', sums: 'write' },
    overrides: [],
  },
  census: {
    files: [census, ...shared, state],
    bindings: {
      params: 'uniform',
      counts: 'write',
      state: 'write',
      status: 'write',
      arguments: 'write',
      vacant: 'write',
    },
    overrides: [],
  },
  farthest: {
    files: [farthest, ...shared, grid, election],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      labels: 'read',
      weights: 'read',
      gridCentroids: 'read',
      champions: 'write',
      winner: 'write',
    },
    overrides: ['WEIGHTED'],
  },
  elect: {
    files: [elect, ...shared, state, election],
    bindings: {
      params: 'uniform',
      state: 'write',
      vacant: 'write',
      champions: 'write',
      winner: 'write',
    },
    overrides: [],
  },
  relocate: {
    files: [relocate, ...shared, grid, election],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      labels: 'read',
      weights: 'read',
      columnExponents: 'read',
      sums: 'write',
      counts: 'write',
      winner: 'write',
    },
    overrides: ['WEIGHTED'],
  },
  divide: {
    files: [divide, ...shared, grid, state],
    bindings: {
      params: 'uniform',
      centroids: 'write',
      gridCentroids: 'write',
      columnExponents: 'read',
      sums: 'write',
      counts: 'write',
      state: 'write',
      previous: 'write',
    },
    overrides: [],
  },
  converge: {
    files: [converge, ...shared, state],
    bindings: {
      params: 'uniform',
      nearCounts: 'write',
      counts: 'write',
      state: 'write',
      status: 'write',
      history: 'write',
      arguments: 'write',
    },
    overrides: [],
  },
  plot: {
    files: [plot, params, blocks, curve],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      blocks: 'uniform',
      cells: 'write',
    },
    overrides: [],
  },
  scan: {
    files: [scan, blocks],
    bindings: { blocks: 'uniform', cells: 'write' },
    overrides: [],
  },
  gather: {
    files: [gather, params, blocks, curve],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      points: 'read',
      weights: 'read',
      blocks: 'uniform',
      cells: 'write',
      rowOf: 'write',
      ordered: 'write',
    },
    overrides: ['WEIGHTED'],
  },
  bound: {
    files: [bound, ...shared, grid, blocks],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      blocks: 'uniform',
      ordered: 'read',
      tree: 'write',
    },
    overrides: ['WEIGHTED'],
  },
  shortlist: {
    files: [shortlist, ...shared, state, blocks, contest, tally],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      centroids: 'read',
      sums: 'write',
      counts: 'write',
      state: 'write',
      blocks: 'uniform',
      orderedLabels: 'write',
      tree: 'write',
      work: 'write',
    },
    overrides: ['COLUMNS'],
  },
  sift: {
    files: [sift, ...shared, grid, state, blocks, contest, tally],
    bindings: {
      params: 'uniform',
      slice: 'slice',
      centroids: 'read',
      sums: 'write',
      counts: 'write',
      state: 'write',
      blocks: 'uniform',
      ordered: 'read',
      orderedLabels: 'write',
      tree: 'write',
      work: 'write',
    },
    overrides: ['WEIGHTED', 'HELD', 'HELD_FLOATS', 'HELD_WORDS', 'COLUMNS'],
  },
  unfold: {
    files: [unfold, params, blocks],
    bindings: {
      slice: 'slice',
      labels: 'write',
      blocks: 'uniform',
      rowOf: 'read',
      orderedLabels: 'read',
      tree: 'read',
    },
    overrides: [],
  },
} as const satisfies Record<string, Kernel>;

export type KernelName = keyof typeof KERNELS;

/** The whole text of a kernel. */
export function link({ files }: Kernel): string {
  return files.join('\n');
}

/** The buffers of a kernel with their binding numbers, ascending. */
export function bindingsOf({
  bindings,
}: Kernel): { binding: number; buffer: Binding; access: Access }[] {
  return BINDINGS.flatMap((buffer, binding) => {
    const access = bindings[buffer];
    return access ? [{ binding, buffer, access }] : [];
  });
}

/** The explicit layout of a kernel's one bind group. */
export function layoutEntries(kernel: Kernel): GPUBindGroupLayoutEntry[] {
  const COMPUTE = 4; // GPUShaderStage.COMPUTE: a global that Node does not have before the engine opens
  return bindingsOf(kernel).map(({ binding, access }) => ({
    binding,
    visibility: COMPUTE,
    buffer:
      access === 'uniform'
        ? { type: 'uniform' }
        : access === 'slice'
          ? { type: 'uniform', hasDynamicOffset: true }
          : { type: access === 'read' ? 'read-only-storage' : 'storage' },
  }));
}
