/**
 * Points that do not stay on the device: they come chunk by chunk, through one buffer there and two of
 * mapped staging. While the GPU works on a chunk the host fills the next; a third one waits until the
 * first is copied, so that never more than two are under way.
 */
import { STREAM_BUFFERS } from './plan.ts';

interface Staging {
  readonly buffer: GPUBuffer;
  /** Resolves when it may be written to. */
  ready: Promise<unknown>;
}

export class PointStream {
  /** Where a chunk is, once it is there. */
  readonly points: GPUBuffer;
  readonly #staging: Staging[];
  #next = 0;

  /** `bytes`: of the longest chunk. */
  constructor(device: GPUDevice, bytes: number) {
    const { STORAGE, COPY_DST, COPY_SRC, MAP_WRITE } = GPUBufferUsage;
    this.points = device.createBuffer({ label: 'points', size: bytes, usage: STORAGE | COPY_DST });
    this.#staging = Array.from({ length: STREAM_BUFFERS - 1 }, () => ({
      buffer: device.createBuffer({
        label: 'points on their way',
        size: bytes,
        usage: MAP_WRITE | COPY_SRC,
        mappedAtCreation: true,
      }),
      ready: Promise.resolve(),
    }));
  }

  /** Resolves when the next chunk can be written. */
  get ready(): Promise<unknown> {
    return this.#staging[this.#next].ready;
  }

  /**
   * Writes a chunk, once {@link ready}, and records its copy to the device. To be called when that has
   * been submitted: what this returns.
   */
  bring(values: Float32Array, encoder: GPUCommandEncoder): () => void {
    const staging = this.#staging[this.#next];
    this.#next = (this.#next + 1) % this.#staging.length;
    const { buffer } = staging;
    new Float32Array(buffer.getMappedRange(0, values.byteLength)).set(values);
    buffer.unmap();
    encoder.copyBufferToBuffer(buffer, 0, this.points, 0, values.byteLength);
    return () => {
      staging.ready = buffer.mapAsync(GPUMapMode.WRITE);
      staging.ready.catch(() => {}); // whoever waits for it hears it
    };
  }

  destroy(): void {
    for (const { buffer } of this.#staging) buffer.destroy();
    this.points.destroy();
  }
}
