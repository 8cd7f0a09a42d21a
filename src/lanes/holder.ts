/** Lanes that hold one part of the points after the other, in the same memory. */
import type { GridFacts } from '../grid.ts';
import type { LaidPoints, PartHolder } from '../laid-points.ts';
import { gatherRows } from '../matrix.ts';
import { bringLaid, holdOnLanes } from './hold.ts';
import { laidOn } from './lay.ts';
import type { Team, TeamOptions } from './team.ts';

export type HolderOptions = Pick<TeamOptions, 'k' | 'threads' | 'workers' | 'signal'>;

export class LanesHolder implements PartHolder {
  readonly #options: HolderOptions;
  #team: Team | null = null;

  constructor(options: HolderOptions) {
    this.#options = options;
  }

  /** @throws EngineUnavailableError where WebAssembly or SIMD is missing; OutOfMemoryError */
  async hold(grid: GridFacts, values: Float32Array): Promise<LaidPoints> {
    const { columns } = grid;
    if (this.#team) {
      await this.#team.reopen(grid.rows);
      await bringLaid(this.#team, grid, values);
    } else this.#team = await holdOnLanes(grid, async () => values, this.#options);
    const laid = laidOn(this.#team, grid, this.#options, {
      values: () => values,
      gather: (rows) => gatherRows({ data: values, columns }, rows).data,
    });
    return { ...laid, values: async () => values, dispose: () => {} };
  }

  dispose(): void {
    this.#team?.dispose();
    this.#team = null;
  }
}
