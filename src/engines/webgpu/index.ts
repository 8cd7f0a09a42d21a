/**
 * The WebGPU engine: owns the device (unless it is the caller's) and its compiled kernels; sessions
 * own their buffers.
 */
import type { Engine, Session, Task } from '../../engine.ts';
import { borrowDevice, requestDevice, Watch } from './device.ts';
import { Pipelines } from './pipelines.ts';
import { defaultTuning, plan, triesFilter, type Tuning } from './plan.ts';
import { WebGpuSession } from './session.ts';

export type { Tuning };

export interface WebGpuOptions {
  /** The caller's device: borrowed, never destroyed. */
  device?: GPUDevice | undefined;
  /** Sizes to use instead of the ones that suit the adapter; results do not depend on them. */
  tuning?: Partial<Tuning> | undefined;
}

/** @throws EngineUnavailableError where there is no WebGPU, no adapter or no device */
export async function openWebGpu(options: WebGpuOptions = {}): Promise<Engine> {
  const opened = options.device ? borrowDevice(options.device) : await requestDevice();
  const { device, hardware, description, owned } = opened;
  const tuning = { ...defaultTuning(hardware), ...options.tuning };
  const watch = new Watch(device, owned);
  const pipelines = Pipelines.of(device);
  const dispose = async () => {
    watch.release();
    if (owned) device.destroy();
  };
  return {
    name: 'webgpu',
    hardware,
    description,
    triesFilter,
    async open(task: Task): Promise<Session> {
      const { algorithm, k } = task;
      const { rows, columns, weights } = task.points.grid;
      const filtered =
        task.distance !== 'manhattan' &&
        (algorithm === 'auto' ? triesFilter(rows, columns, k) : algorithm === 'filtered');
      const sizes = plan(
        { rows, columns, k, weighted: weights !== null, filtered },
        device.limits,
        tuning,
      );
      return WebGpuSession.open(device, watch, pipelines, task, sizes);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
