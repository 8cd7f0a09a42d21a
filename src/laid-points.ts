/** Points that lie on the grid, wherever they are: in main memory, sharded over lanes, or on a GPU. */
import { hostDistances, type DistanceOptions, type Distances } from './distances.ts';
import type { Grid, GridFacts } from './grid.ts';
import type { Team } from './lanes/team.ts';
import { gatherRows } from './matrix.ts';

export interface LaidPoints {
  readonly grid: GridFacts;
  /** The lanes that hold the points already; an engine on lanes works there. */
  readonly lanes: Team | null;
  /** The GPU that holds them, if one does: an engine there takes them as they are. */
  readonly placed?: Placed;
  /** All values, row-major. Not to be changed. */
  values(): Promise<Float32Array>;
  /** The values of some rows, in the order asked for. */
  gather(rows: Uint32Array): Promise<Float32Array>;
  /** For seeding, one at a time: how far rows are from centres, worked out where the points are. */
  distances(options: DistanceOptions): Promise<Distances>;
  dispose(): void;
}

/** Values in a buffer on a GPU. */
export interface Placed {
  readonly device: GPUDevice;
  /** All values, row-major, from its beginning on. Not to be changed or destroyed; null once they left. */
  buffer(): GPUBuffer | null;
  /** Brings them home and frees the buffer, where its room is needed. */
  leave(): Promise<void>;
}

/** Points in main memory. */
export function inMemory(grid: Grid): LaidPoints {
  const { values } = grid;
  return {
    grid,
    lanes: null,
    values: async () => values,
    gather: async (rows) => gatherRows({ ...grid, data: values }, rows).data,
    distances: async (options) => hostDistances(grid, values, options),
    dispose: () => {},
  };
}

/** Holds one part of the points after the other: what was held before is gone then. */
export interface PartHolder {
  hold(grid: GridFacts, values: Float32Array): Promise<LaidPoints>;
  dispose(): void;
}

/** In main memory, where the part is anyway. */
export const mainMemory: PartHolder = {
  hold: async (grid, values) => inMemory({ ...grid, values }),
  dispose: () => {},
};

/** The same points, whose values are brought once: for whoever asks often. */
export function keepingValues(points: LaidPoints): LaidPoints {
  let values: Promise<Float32Array> | undefined;
  return { ...points, values: () => (values ??= points.values()) };
}
