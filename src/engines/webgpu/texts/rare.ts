/** Texts of kernels that few runs need (../kernels.ts): another distance, and clusters without points. */
import elect from '../../../../shaders/elect.wgsl?raw';
import farthest from '../../../../shaders/farthest.wgsl?raw';
import manhattan from '../../../../shaders/manhattan.wgsl?raw';
import relocate from '../../../../shaders/relocate.wgsl?raw';
import election from '../../../../shaders/shared/election.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { grid, integers, moved, params, slice, state } = SHARED;

export const TEXTS: Texts = {
  manhattan: [manhattan, params, slice, integers, grid, state, moved],
  farthest: [farthest, params, slice, integers, grid, election],
  elect: [elect, params, integers, state, election],
  relocate: [relocate, params, slice, integers, grid, election],
};
