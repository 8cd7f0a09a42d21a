/** Text of `reduce` (../kernels.ts): a run adds up in one of two ways. */
import reduce from '../../../../shaders/reduce.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { grid, integers, params, slice, sums } = SHARED;

export const TEXTS: Texts = {
  reduce: [reduce, params, slice, integers, grid, sums],
};
