/** Texts of the block filter (../kernels.ts), loaded with it. */
import bound from '../../../../shaders/bound.wgsl?raw';
import gather from '../../../../shaders/gather.wgsl?raw';
import plot from '../../../../shaders/plot.wgsl?raw';
import scan from '../../../../shaders/scan.wgsl?raw';
import blocks from '../../../../shaders/shared/blocks.wgsl?raw';
import contest from '../../../../shaders/shared/contest.wgsl?raw';
import curve from '../../../../shaders/shared/curve.wgsl?raw';
import grid from '../../../../shaders/shared/grid.wgsl?raw';
import integers from '../../../../shaders/shared/integers.wgsl?raw';
import params from '../../../../shaders/shared/params.wgsl?raw';
import state from '../../../../shaders/shared/state.wgsl?raw';
import tally from '../../../../shaders/shared/tally.wgsl?raw';
import shortlist from '../../../../shaders/shortlist.wgsl?raw';
import sift from '../../../../shaders/sift.wgsl?raw';
import unfold from '../../../../shaders/unfold.wgsl?raw';
import type { Texts } from '../kernels.ts';

export const FILTER_TEXTS = {
  plot: [plot, params, blocks, curve],
  scan: [scan, blocks],
  gather: [gather, params, blocks, curve],
  bound: [bound, params, integers, grid, blocks],
  shortlist: [shortlist, params, integers, state, blocks, contest, tally],
  sift: [sift, params, integers, grid, state, blocks, contest, tally],
  unfold: [unfold, params, blocks],
} as const satisfies Texts;
