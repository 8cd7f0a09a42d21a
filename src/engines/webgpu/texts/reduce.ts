/** Text of `reduce` (../kernels.ts): a run adds up in one of two ways. */
import reduce from '../../../../shaders/reduce.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { grid, integers, params, slice, sums } from './shared.ts';

export const TEXTS: Texts = {
  reduce: [reduce, params, slice, integers, grid, sums],
};
