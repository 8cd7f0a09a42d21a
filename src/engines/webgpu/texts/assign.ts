/** Text of `assign` (../kernels.ts): a run has one proposal of several. */
import assign from '../../../../shaders/assign.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { integers, moved, params, proposal, slice, state } from './shared.ts';

export const TEXTS: Texts = {
  assign: [assign, params, slice, integers, state, moved, proposal],
};
