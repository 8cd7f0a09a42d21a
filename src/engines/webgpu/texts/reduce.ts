/** Text of `reduce` (../kernels.ts): a run adds up in one of two ways. */
import reduce from '../../../../shaders/reduce.wgsl?raw';
import { SUM_FILES } from './loop.ts';

export const FILES: readonly string[] = [reduce, ...SUM_FILES];
