/** Points that lie on the grid, wherever they are: in main memory, or sharded over lanes. */
import { hostDistances, type DistanceOptions, type Distances } from './distances.ts';
import type { Grid, GridFacts } from './grid.ts';
import type { Team } from './lanes/team.ts';
import { gatherRows } from './matrix.ts';

export interface LaidPoints {
  readonly grid: GridFacts;
  /** The lanes that hold the points already; an engine on lanes works there. */
  readonly lanes: Team | null;
  /** All values, row-major. Not to be changed. */
  values(): Promise<Float32Array>;
  /** The values of some rows, in the order asked for. */
  gather(rows: Uint32Array): Promise<Float32Array>;
  /** For seeding, one at a time: how far rows are from centres, worked out where the points are. */
  distances(options: DistanceOptions): Promise<Distances>;
  dispose(): void;
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
