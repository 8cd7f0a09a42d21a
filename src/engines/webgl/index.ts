/**
 * The entry `centroids/webgl`: the WebGL 2 engine, for browsers that have a GPU but no WebGPU. It needs the
 * package gpu.js (an optional peer). Assignment and sums run on the GPU, the rest as on the reference engine.
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
  /** Refuse software adapters, which emulate a GPU on the CPU; checked before gpu.js is loaded. Default false. */
  onlyHardware?: boolean | undefined;
  /** Sizes to use instead of those chosen for the GPU, for tests; results do not depend on them. */
  tuning?: Partial<Tuning> | undefined;
}

/**
 * Opens the WebGL 2 engine, to be passed as `engine` to any number of calls. Whoever opens it disposes of it,
 * with `await engine.dispose()` or `await using`. Runs in browsers and their workers.
 *
 * @throws EngineUnavailableError if there is no WebGL 2 or no gpu.js, or the GPU fails a self-test
 * @example
 * await using engine = await openWebGl();
 * const { labels } = await kmeans(points, 16, { engine });
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
