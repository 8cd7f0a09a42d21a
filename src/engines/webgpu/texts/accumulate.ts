/** Text of `accumulate` (../kernels.ts): a run adds up in one of two ways. */
import accumulate from '../../../../shaders/accumulate.wgsl?raw';
import { SUM_FILES } from './loop.ts';

export const FILES: readonly string[] = [accumulate, ...SUM_FILES];
