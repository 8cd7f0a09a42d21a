/** Text of `compare` (../kernels.ts): a run has one proposal of several. */
import compare from '../../../../shaders/compare.wgsl?raw';
import { PROPOSAL_FILES } from './loop.ts';

export const FILES: readonly string[] = [compare, ...PROPOSAL_FILES];
