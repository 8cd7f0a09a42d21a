/** Copies buffers back to main memory through mapped staging. */

export interface Region {
  buffer: GPUBuffer;
  bytes: number;
  /** First byte; default 0. */
  offset?: number;
}

/** The staging buffers of a session: each lives until its bytes are taken, or all are disposed. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #staging = new Set<GPUBuffer>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Records copies of some regions. Once they are submitted, `take` waits for the bytes. */
  copy(encoder: GPUCommandEncoder, regions: readonly Region[]): () => Promise<ArrayBuffer[]> {
    // one each: together they might be larger than a buffer may be
    const stagings = regions.map(({ buffer, bytes, offset = 0 }) => {
      const staging = this.#device.createBuffer({
        label: 'staging',
        size: bytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      this.#staging.add(staging);
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
      return staging;
    });
    return () => Promise.all(stagings.map((staging) => this.#take(staging)));
  }

  async #take(staging: GPUBuffer): Promise<ArrayBuffer> {
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0);
    } finally {
      this.#free(staging);
    }
  }

  #free(staging: GPUBuffer): void {
    staging.destroy();
    this.#staging.delete(staging);
  }

  /** Frees what nobody took. Whoever still waits for it is rejected. */
  dispose(): void {
    for (const staging of this.#staging) this.#free(staging);
  }
}
