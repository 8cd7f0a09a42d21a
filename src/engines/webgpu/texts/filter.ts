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
import { SHARED } from './shared.ts';

const { grid, integers, moved, params, slice, state, sums } = SHARED;

export const TEXTS: Texts = {
  plot: [plot, params, slice, blocks, curve],
  scan: [scan, blocks],
  gather: [gather, params, slice, blocks, curve],
  bound: [bound, params, slice, integers, grid, blocks],
  shortlist: [shortlist, params, slice, integers, state, moved, sums, blocks, contest, tally],
  sift: [sift, params, slice, integers, grid, state, moved, sums, blocks, contest, tally],
  unfold: [unfold, slice, blocks],
};
