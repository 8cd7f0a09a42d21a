/** Texts of kernels that few runs need (../kernels.ts): another distance, and clusters without points. */
import elect from '../../../../shaders/elect.wgsl?raw';
import farthest from '../../../../shaders/farthest.wgsl?raw';
import manhattan from '../../../../shaders/manhattan.wgsl?raw';
import relocate from '../../../../shaders/relocate.wgsl?raw';
import election from '../../../../shaders/shared/election.wgsl?raw';
import grid from '../../../../shaders/shared/grid.wgsl?raw';
import integers from '../../../../shaders/shared/integers.wgsl?raw';
import params from '../../../../shaders/shared/params.wgsl?raw';
import state from '../../../../shaders/shared/state.wgsl?raw';
import type { Texts } from '../kernels.ts';

export const RARE_TEXTS = {
  manhattan: [manhattan, params, integers, grid, state],
  farthest: [farthest, params, integers, grid, election],
  elect: [elect, params, integers, state, election],
  relocate: [relocate, params, integers, grid, election],
} as const satisfies Texts;
