/** Text of `probe` (../kernels.ts): a device is looked over once. */
import probe from '../../../../shaders/probe.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { SHARED } from './shared.ts';

const { grid, integers } = SHARED;

export const TEXTS: Texts = {
  probe: [probe, integers, grid],
};
