/** Texts of the block filter (../kernels.ts), loaded with it. */
import bound from '../../../../shaders/bound.wgsl?raw';
import gather from '../../../../shaders/gather.wgsl?raw';
import plot from '../../../../shaders/plot.wgsl?raw';
import scan from '../../../../shaders/scan.wgsl?raw';
import blocks from '../../../../shaders/shared/blocks.wgsl?raw';
import contest from '../../../../shaders/shared/contest.wgsl?raw';
import curve from '../../../../shaders/shared/curve.wgsl?raw';
import tally from '../../../../shaders/shared/tally.wgsl?raw';
import shortlist from '../../../../shaders/shortlist.wgsl?raw';
import sift from '../../../../shaders/sift.wgsl?raw';
import unfold from '../../../../shaders/unfold.wgsl?raw';
import type { Texts } from '../kernels.ts';
import { grid, integers, params, state } from './shared.ts';

export const TEXTS: Texts = {
  plot: [plot, params, blocks, curve],
  scan: [scan, blocks],
  gather: [gather, params, blocks, curve],
  bound: [bound, params, integers, grid, blocks],
  shortlist: [shortlist, params, integers, state, blocks, contest, tally],
  sift: [sift, params, integers, grid, state, blocks, contest, tally],
  unfold: [unfold, params, blocks],
};
