/** Texts of the kernels of every run (../kernels.ts). */
import census from '../../../../shaders/census.wgsl?raw';
import converge from '../../../../shaders/converge.wgsl?raw';
import divide from '../../../../shaders/divide.wgsl?raw';
import settle from '../../../../shaders/settle.wgsl?raw';
import grid from '../../../../shaders/shared/grid.wgsl?raw';
import integers from '../../../../shaders/shared/integers.wgsl?raw';
import params from '../../../../shaders/shared/params.wgsl?raw';
import state from '../../../../shaders/shared/state.wgsl?raw';
import type { Texts } from '../kernels.ts';

/** What every proposal is linked with. */
export const PROPOSAL_FILES = [params, integers, state] as const;

/** What adds rows up is linked with these. */
export const SUM_FILES = [params, integers, grid] as const;

export const PROBE_FILES = [integers, grid] as const;

export const LOOP_TEXTS = {
  settle: [settle, params, integers, grid, state],
  census: [census, params, integers, state],
  divide: [divide, params, integers, grid, state],
  converge: [converge, params, integers, state],
} as const satisfies Texts;
