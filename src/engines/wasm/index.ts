/** The WebAssembly engine: SIMD kernels on this thread or on one worker a core. */
import { breather } from '../../breathe.ts';
import type { Engine, Session, Task } from '../../engine.ts';
import { inlineLane } from './lane.ts';
import { kernels } from './module.ts';
import { enterPool, hardwareThreads, workerLanes } from './pool.ts';
import { WasmSession } from './session.ts';

export interface WasmOptions {
  /** Most worker threads; default: as many as the machine runs side by side. */
  threads?: number | undefined;
  /** Keep the workers for a next engine, for a while after this one is disposed. */
  linger?: boolean | undefined;
  /** For tests: workers to use however small the problem. Results do not depend on it. */
  workers?: number | undefined;
}

/** A worker is worth its messages from so many distances an iteration on. */
const WORK_PER_WORKER = 2 ** 20;

/** @throws EngineUnavailableError where WebAssembly or SIMD is missing or forbidden */
export async function openWasm(options: WasmOptions = {}): Promise<Engine> {
  const threads = options.threads ?? hardwareThreads();
  const { module, build } = await kernels();
  const leavePool = enterPool();
  const dispose = async () => leavePool(!options.linger);
  return {
    name: 'wasm',
    hardware: false,
    description: `WebAssembly ${build}, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
    async open(task: Task): Promise<Session> {
      const { rows, columns } = task.grid;
      const useful = Math.ceil((rows * columns * task.k) / WORK_PER_WORKER);
      const count = Math.min(options.workers ?? Math.max(1, Math.min(threads, useful)), rows);
      const pause = breather(task.signal);
      const lanes =
        count === 1 && !options.workers
          ? [await inlineLane(module, pause)]
          : await workerLanes(module, count);
      return WasmSession.open(task, lanes, await inlineLane(module, () => undefined), () => {});
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
