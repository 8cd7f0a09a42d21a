/** Text of `narrow` (../kernels.ts): a run has one proposal of several. */
import narrow from '../../../../shaders/narrow.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { integers, moved, params, proposal, slice, state } = SHARED;

export const TEXTS: Texts = {
  narrow: [narrow, params, slice, integers, state, moved, proposal],
};
