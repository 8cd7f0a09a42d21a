/**
 * The kernels: which buffers each binds, which overrides it takes, and where its WGSL is.
 *
 * A kernel's file, entry point, label and twin share one name. Linking is joining whole files (WGSL
 * does not care about the order of declarations). A buffer has one binding number in all kernels: its
 * place in BINDINGS. Texts that only some runs need are loaded when the first of these does.
 */
import { once } from '../../once.ts';

/** Every buffer that a kernel may bind, in the order of the binding numbers. */
const BINDINGS = [
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
  readonly bindings: Partial<Record<Binding, Access>>;
  /** Overrides beside WORKGROUP. None has a default, so that a forgotten one is an error. */
  readonly overrides: readonly string[];
}

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

/** What adds rows up by label. */
const ADDS_UP = {
  params: 'uniform',
  slice: 'slice',
  points: 'read',
  labels: 'read',
  weights: 'read',
  columnExponents: 'read',
  sums: 'write',
  counts: 'write',
} as const;

export const KERNELS = {
  assign: {
    bindings: PROPOSES,
    overrides: ['TILE_FLOATS', 'SECOND'],
  },
  compare: {
    bindings: PROPOSES,
    overrides: ['SIDE', 'DEPTH', 'TILE_VECTORS', 'SECOND'],
  },
  narrow: {
    bindings: PROPOSES,
    overrides: ['COLUMNS', 'TILE_VECTORS', 'SECOND'],
  },
  manhattan: {
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
    bindings: ADDS_UP,
    overrides: ['PRIVATE_WORDS', 'WEIGHTED'],
  },
  reduce: { bindings: ADDS_UP, overrides: ['ROWS', 'WEIGHTED'] },
  /** Not of a run: self-test.ts. */
  probe: {
    bindings: { points: 'read', labels: 'write', sums: 'write' },
    overrides: [],
  },
  census: {
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
    bindings: { blocks: 'uniform', cells: 'write' },
    overrides: [],
  },
  gather: {
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

/** Those of the block filter. */
export const FILTER_KERNELS = [
  'plot',
  'scan',
  'gather',
  'bound',
  'shortlist',
  'sift',
  'unfold',
] as const satisfies KernelName[];

/** Those that refill a cluster that lost its points. */
export const RELOCATION_KERNELS = ['farthest', 'elect', 'relocate'] as const satisfies KernelName[];

/** The WGSL files of some kernels, each kernel's own first. */
export type Texts = Partial<Record<KernelName, readonly string[]>>;

type Load = () => Promise<{ readonly TEXTS: Texts }>;
const loop: Load = once(() => import('./texts/loop.ts'));
const rare: Load = once(() => import('./texts/rare.ts'));
const filter: Load = once(() => import('./texts/filter.ts'));

/** Where texts are. A run has one proposal of several and one of two ways of adding up; a device is probed once. */
const PLACES: Record<KernelName, Load> = {
  assign: once(() => import('./texts/assign.ts')),
  compare: once(() => import('./texts/compare.ts')),
  narrow: once(() => import('./texts/narrow.ts')),
  accumulate: once(() => import('./texts/accumulate.ts')),
  reduce: once(() => import('./texts/reduce.ts')),
  probe: once(() => import('./texts/probe.ts')),
  settle: loop,
  census: loop,
  divide: loop,
  converge: loop,
  manhattan: rare,
  farthest: rare,
  elect: rare,
  relocate: rare,
  plot: filter,
  scan: filter,
  gather: filter,
  bound: filter,
  shortlist: filter,
  sift: filter,
  unfold: filter,
};

/** The WGSL files of a kernel. */
export async function filesOf(name: KernelName): Promise<readonly string[]> {
  const { TEXTS } = await PLACES[name]();
  return TEXTS[name]!;
}

/** The whole text of a kernel. */
export async function link(name: KernelName): Promise<string> {
  return (await filesOf(name)).join('\n');
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
