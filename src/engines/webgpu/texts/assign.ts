/** Text of `assign` (../kernels.ts): a run has one proposal of several. */
import assign from '../../../../shaders/assign.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { integers, moved, params, proposal, slice, state } = SHARED;

export const TEXTS: Texts = {
  assign: [assign, params, slice, integers, state, moved, proposal],
};
