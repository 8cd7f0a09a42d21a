/** The WebAssembly engine: SIMD kernels on this thread or on one worker a core. */
import type { Engine, Session, Task } from '../../engine.ts';
import { LanesHolder } from '../../lanes/holder.ts';
import { layOnLanes } from '../../lanes/lay.ts';
import { kernels } from '../../lanes/module.ts';
import { enterPool, hardwareThreads, tryWorkers, workersBlocked } from '../../lanes/pool.ts';
import { triesFilter, WasmSession } from './session.ts';

export interface WasmOptions {
  /** Most worker threads; default: as many as the machine runs side by side. */
  threads?: number | undefined;
  /** For tests: workers to use however small the problem. Results do not depend on it. */
  workers?: number | undefined;
  /** Keep the workers for a next engine, for a while after this one is disposed. */
  linger?: boolean | undefined;
}

/** @throws EngineUnavailableError where WebAssembly or SIMD is missing or forbidden */
export async function openWasm(options: WasmOptions = {}): Promise<Engine> {
  const { threads = hardwareThreads(), workers } = options;
  const { build, module } = await kernels();
  const leavePool = enterPool();
  const dispose = async () => leavePool(!options.linger);
  const describe = () =>
    `WebAssembly ${build}, ${threads === 1 || workersBlocked() ? '1 thread' : `${threads} threads`}`;
  return {
    name: 'wasm',
    hardware: false,
    get description() {
      return describe();
    },
    async describe() {
      if (threads > 1) await tryWorkers(module);
      return describe();
    },
    triesFilter,
    lay: (points, layOptions) => layOnLanes(points, { ...layOptions, threads, workers }),
    holder: (holderOptions) => new LanesHolder({ ...holderOptions, threads, workers }),
    open: (task: Task): Promise<Session> => WasmSession.open(task, { threads, workers }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
