/** Buffers of a caller's device, outside of a run: what is in them comes home. */
import { refuse } from '../../errors.ts';
import { borrowDevice, Watch } from './device.ts';
import { Readback } from './readback.ts';

/** Staging memory that is taken at a time. */
const PIECE_BYTES = 2 ** 26;

/**
 * The bytes of a part of a buffer.
 * @throws InvalidInputError where they cannot be copied; DeviceLostError, OutOfMemoryError, GpuError
 */
export async function bringHome(
  device: GPUDevice,
  { buffer, offset, bytes }: { buffer: GPUBuffer; offset: number; bytes: number },
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const watch = new Watch(borrowDevice(device).device, false);
  const readback = new Readback(device);
  try {
    // a bit of it that every implementation has; Node's globals are there once Dawn is
    if ((buffer.usage & GPUBufferUsage.COPY_SRC) === 0)
      refuse(
        'buffer.usage',
        buffer.usage,
        'GPUBufferUsage.COPY_SRC in it',
        'Create the buffer with GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC.',
      );
    const whole = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += PIECE_BYTES) {
      const region = { buffer, offset: offset + at, bytes: Math.min(PIECE_BYTES, bytes - at) };
      const { taken } = await watch.guard(
        'reading a buffer',
        () => {
          const encoder = device.createCommandEncoder({ label: 'reading a buffer' });
          const take = readback.copy(encoder, [region]);
          device.queue.submit([encoder.finish()]);
          const taken = take();
          taken.catch(() => {}); // where guard rejects, nobody waits for it
          return { taken };
        },
        signal,
      );
      const [piece] = await watch.survive(taken, signal);
      whole.set(new Uint8Array(piece), at);
    }
    return whole.buffer;
  } finally {
    readback.dispose();
    watch.release();
  }
}
