/** What most kernels are linked with (../kernels.ts): one file, so that bundlers make one of it. */
import grid from '../../../../shaders/shared/grid.wgsl?raw';
import integers from '../../../../shaders/shared/integers.wgsl?raw';
import params from '../../../../shaders/shared/params.wgsl?raw';
import state from '../../../../shaders/shared/state.wgsl?raw';

export { grid, integers, params, state };
