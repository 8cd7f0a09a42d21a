/**
 * Whether a device computes what it is asked for, in one dispatch before it is trusted. Some do not: there
 * are drivers whose workgroup atomics lose counts (gfx-rs/wgpu#8643), whose float arithmetic is wrong
 * (microsoft/onnxruntime#29807), or which read mapped memory too early. What the engine never uses
 * (half floats, NaN) is not asked for. `shaders/probe.wgsl` is the other side.
 */
import { EngineUnavailableError } from '../../errors.ts';
import { toSumGrid } from '../../grid.ts';
import { squaredDistance } from '../../matrix.ts';
import type { OpenedDevice, Watch } from './device.ts';
import { bindingsOf, KERNELS, type Binding } from './kernels.ts';
import type { Pipelines } from './pipelines.ts';
import { Readback } from './readback.ts';

/** As in shaders/probe.wgsl. */
const COLUMNS = 16;
const CENTROIDS = 8;
const MULTIPLIER = 0xfedcba97n;

const WORKGROUP = 64;
const GROUPS = 4;
const ROWS = WORKGROUP * GROUPS;

const passed = new WeakMap<GPUDevice, Promise<void>>();

/**
 * Resolves where the device passes; each is asked once.
 * @throws EngineUnavailableError with what it got wrong; whatever else failed
 */
export function selfTest(opened: OpenedDevice, watch: Watch, pipelines: Pipelines): Promise<void> {
  const { device } = opened;
  let test = passed.get(device);
  if (!test) {
    passed.set(device, (test = run(opened, watch, pipelines)));
    test.catch(() => passed.delete(device)); // memory may have been short, say
  }
  return test;
}

async function run(
  { device, description }: OpenedDevice,
  watch: Watch,
  pipelines: Pipelines,
): Promise<void> {
  const { pipeline, layout } = await watch.survive(pipelines.get('probe', { WORKGROUP }));
  const points = numbers();
  const buffers: GPUBuffer[] = [];
  const readback = new Readback(device);
  try {
    const { taken } = await watch.guard('testing the GPU', () => {
      const create = (size: number, mappedAtCreation = false) => {
        const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
        const buffer = device.createBuffer({ label: 'probe', size, usage, mappedAtCreation });
        buffers.push(buffer);
        return buffer;
      };
      const of: Partial<Record<Binding, GPUBuffer>> = {
        points: create(points.byteLength, true),
        labels: create(16 * ROWS),
        sums: create(12),
      };
      new Float32Array(of.points!.getMappedRange()).set(points);
      of.points!.unmap();
      const group = device.createBindGroup({
        label: 'probe',
        layout,
        entries: bindingsOf(KERNELS.probe).map(({ binding, buffer }) => ({
          binding,
          resource: { buffer: of[buffer]! },
        })),
      });
      const encoder = device.createCommandEncoder({ label: 'probe' });
      const pass = encoder.beginComputePass({ label: 'probe' });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(GROUPS);
      pass.end();
      const take = readback.copy(encoder, [
        { buffer: of.sums!, bytes: 12 },
        { buffer: of.labels!, bytes: 16 * ROWS },
      ]);
      device.queue.submit([encoder.finish()]);
      const taken = take();
      taken.catch(() => {}); // where guard rejects, nobody waits for it
      return { taken };
    });
    const [sums, rows] = await watch.survive(taken);
    const fault = findFault(points, new Uint32Array(sums), rows);
    if (fault)
      throw new EngineUnavailableError('webgpu', `${description} computes wrongly: ${fault}`);
  } finally {
    readback.dispose();
    for (const buffer of buffers) buffer.destroy();
  }
}

/** In each workgroup two centroids are the same, so that rows lie as near to one as to the other. */
function numbers(): Float32Array {
  let word = 1;
  const points = Float32Array.from({ length: ROWS * COLUMNS }, () => {
    word = (Math.imul(word, 1664525) + 1013904223) | 0; // Numerical Recipes' generator
    return word / 2 ** 31;
  });
  const row = (i: number) => points.subarray(i * COLUMNS, (i + 1) * COLUMNS);
  for (let first = 0; first < ROWS; first += WORKGROUP) {
    row(first + 5).set(row(first + 2));
    for (let i = CENTROIDS; i < WORKGROUP; i += 7) row(first + i).set(row(first + 5));
  }
  return points;
}

/** What is wrong, for people; null where all is right. */
function findFault(points: Float32Array, sums: Uint32Array, rows: ArrayBuffer): string | null {
  const words = new Uint32Array(rows);
  const floats = new Float32Array(rows);
  const sum = points.reduce((total, y) => total + toSumGrid(y, 0), 0); // < 2^53
  if (sums[0] !== ROWS) return `its atomics count ${sums[0]} of ${ROWS} threads`;
  if (BigInt.asIntN(64, BigInt(sums[1]) + (BigInt(sums[2]) << 32n)) !== BigInt(sum))
    return 'its atomics lose carries of 64-bit sums';
  for (let i = 0; i < ROWS; i++) {
    const first = i - (i % WORKGROUP);
    let product = 0n;
    for (let t = 0; t < COLUMNS; t++)
      product += BigInt(Math.abs(toSumGrid(points[i * COLUMNS + t], 0))) * MULTIPLIER;
    const [low, high] = [words[4 * i + 2], words[4 * i + 3]];
    if (BigInt.asUintN(64, product) !== BigInt(low) + (BigInt(high) << 32n))
      return 'its whole products are wrong';
    let nearest = Infinity;
    let label = 0;
    for (let j = 0; j < CENTROIDS; j++) {
      const distance = squaredDistance(points, i * COLUMNS, points, (first + j) * COLUMNS, COLUMNS);
      if (distance < nearest) [nearest, label] = [distance, j];
    }
    // all gaps but those of ties are far wider than the rounding
    if (words[4 * i] !== label) return `a nearest centroid is ${words[4 * i]} instead of ${label}`;
    const slack = (COLUMNS + 4) * 2 ** -23 * nearest;
    if (!(Math.abs(floats[4 * i + 1] - nearest) <= slack))
      return `a float32 distance is ${floats[4 * i + 1]} instead of ${nearest}`;
  }
  return null;
}
