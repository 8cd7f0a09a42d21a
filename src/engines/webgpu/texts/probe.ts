/** Text of `probe` (../kernels.ts): a device is looked over once. */
import probe from '../../../../shaders/probe.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { grid, integers } from './shared.ts';

export const TEXTS: Texts = {
  probe: [probe, integers, grid],
};
