/**
 * The WebGPU engine: owns the device (unless it is the caller's) and its compiled kernels; sessions
 * own their buffers.
 */
import type {
  Engine,
  KernelSizes,
  LayInPlaceOptions,
  Session,
  Task,
  TuningOption,
} from '../../engine.ts';
import { OutOfMemoryError } from '../../errors.ts';
import type { LaidPoints } from '../../laid-points.ts';
import type { GpuRows } from '../../matrix.ts';
import { once } from '../../once.ts';
import { borrowDevice, requestDevice, Watch, type OpenedDevice } from './device.ts';
import { leastFor, workFor } from './pace.ts';
import { proposalOf } from './parameters.ts';
import { Pipelines } from './pipelines.ts';
import { defaultTuning, plan, triesFilter, type Plan, type Shape, type Tuning } from './plan.ts';
import { WebGpuSession, type Sizes } from './session.ts';

export type { Tuning };

/** What not every session needs, or no session but the first of a device. */
const blockPlanner = once(() => import('./plan-blocks.ts'));
const selfTest = once(() => import('./self-test.ts'));
const tune = once(() => import('./tune.ts'));

export interface WebGpuOptions {
  /** The caller's device: borrowed, never destroyed. */
  device?: GPUDevice | undefined;
  /** A device that was asked for already: the engine's own from now on. */
  opened?: OpenedDevice | undefined;
  /** Most bytes of GPU memory that a session takes; points beyond it are streamed. */
  maxMemory?: number | undefined;
  /** How kernels are sized; results do not depend on it. */
  tuning?: TuningOption | undefined;
  /** What the plan is made by instead of what suits the adapter: for tests. */
  sizes?: Partial<Tuning> | undefined;
}

/** An iteration of so many coordinate differences is worth measuring for, under 'auto': others may all be done before. */
const TUNED_WORK = 2 ** 33;

/** @throws EngineUnavailableError where there is no WebGPU, no adapter or no device, or a device that
 *   computes wrongly; InvalidInputError for sizes that kernels cannot have */
export async function openWebGpu(options: WebGpuOptions = {}): Promise<Engine> {
  const { tuning: asked = 'auto' } = options;
  if (asked !== 'auto' && asked !== 'off') (await tune()).judgeTuning(asked);
  const opened =
    options.opened ?? (options.device ? borrowDevice(options.device) : await requestDevice());
  const { device, hardware, description, owned } = opened;
  const tuning = tuningOf(hardware, options);
  const watch = new Watch(device, owned);
  const pipelines = Pipelines.of(device);
  const dispose = async () => {
    watch.release();
    if (owned) device.destroy();
  };
  try {
    await (await selfTest()).selfTest(opened, watch, pipelines);
  } catch (error) {
    await dispose();
    throw error;
  }
  const kernelSizes: KernelSizes = typeof asked === 'object' ? { ...asked } : {};
  /** With the sizes of the kernel that will look for the nearest centroid. */
  const tunedFor = async (shape: Shape, { distance, signal }: Task): Promise<Tuning> => {
    const enough = !shape.filter && shape.rows * shape.k * shape.columns >= TUNED_WORK;
    const measure = asked === 'always' || (asked === 'auto' && hardware && enough);
    if (distance === 'manhattan' || (typeof asked === 'string' && !measure)) return tuning;
    const { asTuning, sizesFor } = await tune();
    const kernel = proposalOf(plan(shape, device.limits, tuning));
    if (measure && !kernelSizes[kernel]) {
      const tuned = { opened, watch, pipelines, tuning };
      const found = await sizesFor(kernel, tuned, signal);
      if (found) kernelSizes[kernel] = found;
    }
    return { ...tuning, ...asTuning(kernel, kernelSizes[kernel]) };
  };
  return {
    name: 'webgpu',
    hardware,
    description,
    device,
    kernelSizes,
    triesFilter,
    layInPlace: (points, laying) => layTuned(points, laying, tuning),
    async open(task: Task): Promise<Session> {
      const { algorithm, k } = task;
      const { rows, columns, weights } = task.points.grid;
      const filtered =
        task.distance !== 'manhattan' &&
        (algorithm === 'auto' ? triesFilter(rows, columns, k) : algorithm === 'filtered');
      const filter = filtered ? (await blockPlanner()).BLOCKS : null;
      const shape = { rows, columns, k, weighted: weights !== null, filter };
      const tuned = await tunedFor(shape, task);
      for (let { deviceBytes } = tuned; ;) {
        const sizes = sizesOf(shape, device, { ...tuned, deviceBytes });
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

function tuningOf(hardware: boolean, { maxMemory, sizes = {} }: WebGpuOptions): Tuning {
  return {
    ...defaultTuning(hardware),
    deviceBytes: maxMemory ?? Infinity,
    // slices of a size that somebody asked for stay as they are
    ...(sizes.dispatchWork !== undefined && { dispatchMs: Infinity }),
    ...sizes,
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
  const shape = {
    rows,
    columns,
    k: options.k,
    weighted: options.weights !== undefined,
    filter: null,
  };
  if (streams(plan(shape, device.limits, tuning)))
    throw new OutOfMemoryError(
      `points take ${4 * rows * columns} bytes once more as a copy on the integer grid; expected them to ` +
        `fit ${tuning.deviceBytes} (maxMemory) with everything else. Raise maxMemory.`,
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
      const lloyd = { ...shape, filter: null };
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
