/** Text of `assign` (../kernels.ts): a run has one proposal of several. */
import assign from '../../../../shaders/assign.wgsl?raw';
import { PROPOSAL_FILES } from './loop.ts';

export const FILES: readonly string[] = [assign, ...PROPOSAL_FILES];
