/**
 * The WebGPU engine: owns the device (unless it is the caller's) and its compiled kernels; sessions
 * own their buffers.
 */
import type { Engine, LayInPlaceOptions, Session, Task } from '../../engine.ts';
import { OutOfMemoryError } from '../../errors.ts';
import type { LaidPoints } from '../../laid-points.ts';
import type { GpuRows } from '../../matrix.ts';
import { borrowDevice, requestDevice, Watch } from './device.ts';
import { leastFor, workFor } from './pace.ts';
import { Pipelines } from './pipelines.ts';
import { defaultTuning, plan, triesFilter, type Plan, type Shape, type Tuning } from './plan.ts';
import { selfTest } from './self-test.ts';
import { WebGpuSession, type Sizes } from './session.ts';

export { bringHome } from './gpu-memory.ts';
export type { Tuning };

export interface WebGpuOptions {
  /** The caller's device: borrowed, never destroyed. */
  device?: GPUDevice | undefined;
  /** Most bytes of GPU memory that a session takes; points beyond it are streamed. */
  maxMemory?: number | undefined;
  /** Sizes to use instead of the ones that suit the adapter; results do not depend on them. */
  tuning?: Partial<Tuning> | undefined;
}

/** @throws EngineUnavailableError where there is no WebGPU, no adapter or no device, or a device that
 *   computes wrongly */
export async function openWebGpu(options: WebGpuOptions = {}): Promise<Engine> {
  const opened = options.device ? borrowDevice(options.device) : await requestDevice();
  const { device, hardware, description, owned } = opened;
  const tuning = tuningOf(hardware, options);
  const watch = new Watch(device, owned);
  const pipelines = Pipelines.of(device);
  const dispose = async () => {
    watch.release();
    if (owned) device.destroy();
  };
  try {
    await selfTest(opened, watch, pipelines);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    name: 'webgpu',
    hardware,
    description,
    device,
    triesFilter,
    layInPlace: (points, laying) => layTuned(points, laying, tuning),
    async open(task: Task): Promise<Session> {
      const { algorithm, k } = task;
      const { rows, columns, weights } = task.points.grid;
      const filtered =
        task.distance !== 'manhattan' &&
        (algorithm === 'auto' ? triesFilter(rows, columns, k) : algorithm === 'filtered');
      const shape = { rows, columns, k, weighted: weights !== null, filtered };
      for (let { deviceBytes } = tuning; ;) {
        const sizes = sizesOf(shape, device, { ...tuning, deviceBytes });
        try {
          if (streams(sizes.plan)) await task.points.placed?.leave();
          return await WebGpuSession.open(device, watch, pipelines, task, sizes);
        } catch (error) {
          // half of it then: the GPU does not tell how much it has
          const { totalBytes, residentChunks } = sizes.plan;
          const streamable = residentChunks > 0 && 4 * rows * columns > tuning.streamBytes;
          if (!(error instanceof OutOfMemoryError) || !streamable) throw error;
          deviceBytes = totalBytes / 2;
        }
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function tuningOf(hardware: boolean, { maxMemory, tuning = {} }: WebGpuOptions): Tuning {
  return {
    ...defaultTuning(hardware),
    deviceBytes: maxMemory ?? Infinity,
    // slices of a size that somebody asked for stay as they are
    ...(tuning.dispatchWork !== undefined && { dispatchMs: Infinity }),
    ...tuning,
  };
}

/** Lays points where they are, without an engine that is open: see {@link Engine.layInPlace}. */
export function layInPlace(
  points: GpuRows,
  options: LayInPlaceOptions,
): Promise<Omit<LaidPoints, 'distances'>> {
  return layTuned(points, options, tuningOf(borrowDevice(points.device).hardware, {}));
}

async function layTuned(points: GpuRows, options: LayInPlaceOptions, tuning: Tuning) {
  const { device, rows, columns } = points;
  const shape = { rows, columns, k: options.k, weighted: options.weights !== undefined };
  if (streams(plan(shape, device.limits, tuning)))
    throw new OutOfMemoryError(
      `points take ${4 * rows * columns} bytes once more where they are laid on the GPU; expected them to ` +
        `fit ${tuning.deviceBytes} (maxMemory) with all the rest. Raise maxMemory.`,
    );
  const { layOnDevice } = await import('./lay.ts');
  return layOnDevice(points, { ...options, dispatchWork: tuning.dispatchWork });
}

/** Whether not all points stay on the device. */
function streams({ residentChunks, chunks }: Plan): boolean {
  return residentChunks < chunks.length;
}

/** Sizes of a problem on a device, by what is known of its speed. */
function sizesOf(shape: Shape, device: GPUDevice, tuning: Tuning): Sizes {
  const { dispatchMs, deviceBytes } = tuning;
  const paced = dispatchMs < Infinity;
  const all = shape.rows * shape.k * shape.columns;
  const dispatchWork = paced ? workFor(device, tuning.dispatchWork, all) : tuning.dispatchWork;
  const made = plan(shape, device.limits, { ...tuning, dispatchWork });
  return {
    plan: made,
    replan(work) {
      const lloyd = { ...shape, filtered: false };
      const again = plan(
        lloyd,
        device.limits,
        { ...tuning, dispatchWork: leastFor(all, work) },
        made,
      );
      return again.totalBytes <= deviceBytes ? again : null;
    },
    dispatchMs,
    dispatchWork,
  };
}
