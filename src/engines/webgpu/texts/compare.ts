/** Text of `compare` (../kernels.ts): a run has one proposal of several. */
import compare from '../../../../shaders/compare.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { integers, moved, params, proposal, slice, state } = SHARED;

export const TEXTS: Texts = {
  compare: [compare, params, slice, integers, state, moved, proposal],
};
