/**
 * Results on the GPU. What `output: 'gpu'` gives: labels and centroids in buffers on the caller's device, which are the
 * caller's from then on. Labels never come home unless they are asked for; so what takes all of them
 * (hash, sizes) waits for `read`.
 */
import { NotSupportedError, OutOfMemoryError, refuse } from './errors.ts';
import { deviceOf, type Whereabouts } from './gpu-points.ts';
import { fingerprint } from './hash.ts';
import type { KMeansResult } from './kmeans.ts';
import { bringHome } from './ladder.ts';
import { countLabels } from './lloyd.ts';
import type { GpuMatrix, GpuRows, Matrix, Rows } from './matrix.ts';
import type { Settings } from './options.ts';

/** What {@link kmeans} resolves with under `output: 'gpu'`. The labels belong to the centroids returned. */
export interface GpuResult extends Pick<
  KMeansResult,
  | 'inertia'
  | 'iterations'
  | 'converged'
  | 'stopReason'
  | 'engine'
  | 'algorithm'
  | 'history'
  | 'seconds'
  | 'predict'
> {
  /** k × columns float32, row-major, in the units of the points. The buffer is yours: destroy it after use. */
  readonly centroids: GpuMatrix;
  /** One u32 per row: the index of its nearest centroid. The buffer is yours: destroy it after use. */
  readonly labels: GPUBuffer;
  /** Reads the labels back, and returns them with the centroids and what follows from the labels. */
  read(): Promise<Pick<KMeansResult, 'centroids' | 'labels' | 'sizes' | 'hash'>>;
}

/** The device that results stay on. @throws before any work, where they cannot */
export function judgeGpuOutput(
  { points, refine, margins }: Settings<Rows | GpuRows>,
  where: Whereabouts,
): GPUDevice {
  const others = {
    refine: [refine, 'none'],
    margins: [margins, false],
  };
  for (const [name, [value, wanted]] of Object.entries(others))
    if (value !== wanted)
      throw new NotSupportedError(
        `${name} is ${String(value)}; expected ${String(wanted)} with output: 'gpu'. Use output: 'cpu'.`,
      );
  const device = deviceOf(where);
  if (!device)
    refuse(
      'device',
      device,
      "the caller's GPUDevice with output: 'gpu', or an engine opened by the caller",
      'Pass the device that the buffers should be on.',
    );
  const bytes = 4 * points.rows;
  if (bytes > device.limits.maxBufferSize)
    throw new OutOfMemoryError(
      `labels are ${bytes} bytes; expected at most ${device.limits.maxBufferSize} in one buffer ` +
        "(maxBufferSize). Ask the adapter for a device with more, or use output: 'cpu'.",
    );
  return device;
}

/**
 * Whether labels can be written into a caller's buffer: what else is wrong with it than can be seen is asked of the
 * device itself, by a write of nothing.
 * @throws InvalidInputError
 */
export async function judgeLabels(
  labels: GPUBuffer,
  rows: number,
  where: Whereabouts,
): Promise<void> {
  const device = deviceOf(where);
  if (!device)
    refuse('device', device, "the caller's GPUDevice with readOnGpu", 'Pass it to the run.');
  const bytes = 4 * rows;
  if (!(labels?.size >= bytes))
    refuse('labels.size', labels?.size, `at least ${bytes} (4 bytes a row)`, 'Make it larger.');
  device.pushErrorScope('validation');
  const encoder = device.createCommandEncoder({ label: 'judging a buffer' });
  encoder.clearBuffer(labels, 0, 0);
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope().catch(() => null); // a lost device is the run's to tell
  if (error)
    refuse(
      'labels',
      error.message.split('\n')[0],
      "a buffer of the run's device with GPUBufferUsage.COPY_DST, neither mapped nor destroyed",
      'Create it on that device.',
    );
}

/** `centroids`: as they are in `buffers`. */
export function readLater(
  device: GPUDevice,
  buffers: { labels: GPUBuffer },
  centroids: Matrix,
  rows: number,
): GpuResult['read'] {
  return async () => {
    const whole = { buffer: buffers.labels, offset: 0, bytes: 4 * rows };
    const labels = new Uint32Array(await bringHome(device, whole));
    const sizes = countLabels(labels, centroids.rows);
    return { centroids, labels, sizes, hash: fingerprint(labels, centroids.data) };
  };
}
