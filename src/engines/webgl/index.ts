/**
 * The WebGL 2 engine, on gpu.js (an optional peer): assignment and sums on the GPU, the rest as on the
 * reference engine. For browsers that have a GPU but no WebGPU. Also the entry `centroids/webgl`.
 * @module centroids/webgl
 */
import type { Engine, Session, Task } from '../../engine.ts';
import { LloydSession } from '../../lloyd-session.ts';
import { closeContext, openContext, Watch } from './context.ts';
import { Kernels } from './kernels.ts';
import { WebGlPasses } from './passes.ts';
import { selfTest } from './self-test.ts';
import { HARDWARE, SOFTWARE, type Tuning } from './tuning.ts';

/** Options of {@link openWebGl}. */
export interface WebGlOptions {
  /** Not on a processor that poses as a GPU; found out before gpu.js is loaded. */
  onlyHardware?: boolean | undefined;
  /** Sizes to use instead of the ones that suit the GPU; results do not depend on them. */
  tuning?: Partial<Tuning> | undefined;
}

/**
 * Opens the WebGL 2 engine: `kmeans(points, k, { engine })`. Whoever opens it disposes it.
 * @throws EngineUnavailableError where there is no WebGL 2, no gpu.js, or a GPU that computes wrongly
 */
export async function openWebGl(options: WebGlOptions = {}): Promise<Engine> {
  const { gl, gpu, hardware, description } = await openContext(options.onlyHardware ?? false);
  const tuning = { ...(hardware ? HARDWARE : SOFTWARE), ...options.tuning };
  const watch = new Watch(gl);
  const kernels = new Kernels(gpu);
  const dispose = async () => {
    closeContext(gl);
    await gpu.destroy(); // it keeps the canvas of every kernel that is not
  };
  try {
    await selfTest(watch, kernels, description);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    name: 'webgl',
    hardware,
    description,
    async open(task: Task): Promise<Session> {
      const grid = { ...task.points.grid, values: await task.points.values() };
      return new LloydSession(
        task,
        grid,
        await WebGlPasses.open(watch, kernels, grid, task, tuning),
      );
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
