/** Text of `narrow` (../kernels.ts): a run has one proposal of several. */
import narrow from '../../../../shaders/narrow.wgsl?raw';
import { PROPOSAL_FILES } from './loop.ts';

export const FILES: readonly string[] = [narrow, ...PROPOSAL_FILES];
