/** Text of `accumulate` (../kernels.ts): a run adds up in one of two ways. */
import accumulate from '../../../../shaders/accumulate.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { grid, integers, params, slice, sums } = SHARED;

export const TEXTS: Texts = {
  accumulate: [accumulate, params, slice, integers, grid, sums],
};
