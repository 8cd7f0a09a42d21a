/** Text of `probe` (../kernels.ts): a device is looked over once. */
import probe from '../../../../shaders/probe.wgsl?raw';
import { PROBE_FILES } from './loop.ts';

export const FILES: readonly string[] = [probe, ...PROBE_FILES];
