/** Texts of the kernels of every run (../kernels.ts), loaded with the first. */
import census from '../../../../shaders/census.wgsl?raw';
import converge from '../../../../shaders/converge.wgsl?raw';
import divide from '../../../../shaders/divide.wgsl?raw';
import settle from '../../../../shaders/settle.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { grid, integers, params, slice, state } = SHARED;

export const TEXTS: Texts = {
  settle: [settle, params, slice, integers, grid, state],
  census: [census, params, integers, state],
  divide: [divide, params, integers, grid, state],
  converge: [converge, params, integers, state],
};
