/** Copies buffers back to main memory through mapped staging. */

export interface Region {
  buffer: GPUBuffer;
  offset?: number;
  bytes: number;
}

/**
 * Records copies of some regions and returns how to wait for them. The staging buffer is freed when
 * the bytes have been taken or the wait fails.
 */
export function copyBack(
  device: GPUDevice,
  encoder: GPUCommandEncoder,
  regions: readonly Region[],
): { take(): Promise<ArrayBuffer[]>; staging: GPUBuffer } {
  const size = regions.reduce((sum, { bytes }) => sum + bytes, 0);
  const staging = device.createBuffer({
    label: 'staging',
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  let to = 0;
  for (const { buffer, offset = 0, bytes } of regions) {
    encoder.copyBufferToBuffer(buffer, offset, staging, to, bytes);
    to += bytes;
  }
  const take = async () => {
    try {
      await staging.mapAsync(GPUMapMode.READ);
      const mapped = staging.getMappedRange();
      let from = 0;
      return regions.map(({ bytes }) => mapped.slice(from, (from += bytes)));
    } finally {
      staging.destroy();
    }
  };
  return { take, staging };
}
