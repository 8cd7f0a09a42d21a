/** What most kernels are linked with (../kernels.ts): one object, so that bundlers make one file of it. */
import grid from '../../../../shaders/shared/grid.wgsl?raw';
import integers from '../../../../shaders/shared/integers.wgsl?raw';
import moved from '../../../../shaders/shared/moved.wgsl?raw';
import params from '../../../../shaders/shared/params.wgsl?raw';
import proposal from '../../../../shaders/shared/proposal.wgsl?raw';
import slice from '../../../../shaders/shared/slice.wgsl?raw';
import state from '../../../../shaders/shared/state.wgsl?raw';
import sums from '../../../../shaders/shared/sums.wgsl?raw';

export const SHARED = { grid, integers, moved, params, proposal, slice, state, sums };
