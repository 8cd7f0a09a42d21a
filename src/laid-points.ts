/** Points that lie on the grid, wherever they are: in main memory, or sharded over lanes. */
import type { Grid, GridFacts } from './grid.ts';
import type { Team } from './lanes/team.ts';

export interface LaidPoints {
  readonly grid: GridFacts;
  /** The lanes that hold the points already; an engine on lanes works there. */
  readonly lanes: Team | null;
  /** All values, row-major. Not to be changed. */
  values(): Promise<Float32Array>;
  /** The values of some rows, in the order asked for. */
  gather(rows: Uint32Array): Promise<Float32Array>;
  dispose(): void;
}

/** Points in main memory. */
export function inMemory(grid: Grid): LaidPoints {
  const { columns, values } = grid;
  return {
    grid,
    lanes: null,
    values: async () => values,
    async gather(rows) {
      const gathered = new Float32Array(rows.length * columns);
      for (let i = 0; i < rows.length; i++)
        gathered.set(values.subarray(rows[i] * columns, (rows[i] + 1) * columns), i * columns);
      return gathered;
    },
    dispose: () => {},
  };
}
