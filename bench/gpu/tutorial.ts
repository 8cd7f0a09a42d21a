/**
 * k-means as tutorials write it in WGSL: a thread a point looks at every centroid in global memory, labels
 * come home, the host takes the means. Float32 throughout, no blocking. What a kernel of one's own costs.
 */
import type { Matrix } from '../../src/index.ts';

const CODE = `
struct Shape { rows: u32, columns: u32, k: u32, first: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read> centroids: array<f32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = shape.first + id.x;
  if (row >= shape.rows) { return; }
  var best = 1e38f;
  var label = 0u;
  for (var j = 0u; j < shape.k; j++) {
    var distance = 0.0f;
    for (var t = 0u; t < shape.columns; t++) {
      let difference = points[row * shape.columns + t] - centroids[j * shape.columns + t];
      distance += difference * difference;
    }
    if (distance < best) { best = distance; label = j; }
  }
  labels[row] = label;
}`;

/** Most differences of a dispatch, and rows by the 65 535 workgroups that one may have. */
const WORK = 2 ** 32;
const MOST_ROWS = 65_535 * 64;

export interface Tutorial {
  /** ms an iteration: assignment, labels home, means. */
  iteration: number;
  assign: number;
  labels: Uint32Array;
  /** Those that the labels are of. */
  centroids: Float32Array;
}

/** @throws RangeError where the points do not fit one binding, as the tutorials' do not */
export async function tutorial(
  device: GPUDevice,
  { data, rows, columns }: Matrix,
  init: Matrix,
  iterations: number,
): Promise<Tutorial> {
  const k = init.rows;
  const most = device.limits.maxStorageBufferBindingSize;
  if (data.byteLength > most)
    throw new RangeError(`points are ${data.byteLength} bytes; one binding holds ${most}`);
  const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const create = (size: number, usage: number) => device.createBuffer({ size, usage });
  const points = create(data.byteLength, STORAGE | COPY_DST);
  const centroids = create(4 * k * columns, STORAGE | COPY_DST);
  const labels = create(4 * rows, STORAGE | COPY_SRC);
  const home = create(4 * rows, MAP_READ | COPY_DST);
  const inDispatch = Math.min(
    MOST_ROWS,
    Math.max(64, 64 * Math.floor(WORK / (64 * k * columns))),
    64 * Math.ceil(rows / 64),
  );
  const parts = Array.from({ length: Math.ceil(rows / inDispatch) }, (_, i) => {
    const shape = create(16, UNIFORM | COPY_DST);
    device.queue.writeBuffer(shape, 0, Uint32Array.of(rows, columns, k, i * inDispatch));
    return shape;
  });
  try {
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: CODE }), entryPoint: 'main' },
    });
    const groups = parts.map((shape) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [shape, points, centroids, labels].map((buffer, binding) => ({
          binding,
          resource: { buffer },
        })),
      }),
    );
    device.queue.writeBuffer(points, 0, data as Float32Array<ArrayBuffer>);
    const current = init.data.slice();
    let found = new Uint32Array(rows);
    let assigning = 0;
    let last = current;
    await device.queue.onSubmittedWorkDone();
    const since = performance.now();
    for (let i = 0; i < iterations; i++) {
      const before = performance.now();
      device.queue.writeBuffer(centroids, 0, current);
      for (const group of groups) {
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(inDispatch / 64);
        pass.end();
        device.queue.submit([encoder.finish()]);
      }
      await device.queue.onSubmittedWorkDone();
      assigning += performance.now() - before;
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(labels, 0, home, 0, 4 * rows);
      device.queue.submit([encoder.finish()]);
      await home.mapAsync(GPUMapMode.READ);
      found = new Uint32Array(home.getMappedRange()).slice();
      home.unmap();
      last = current.slice();
      takeMeans(data, found, current, columns);
    }
    const iteration = (performance.now() - since) / iterations;
    return { iteration, assign: assigning / iterations, labels: found, centroids: last };
  } finally {
    for (const buffer of [points, centroids, labels, home, ...parts]) buffer.destroy();
  }
}

function takeMeans(
  data: Float32Array,
  labels: Uint32Array,
  centroids: Float32Array,
  columns: number,
): void {
  const k = centroids.length / columns;
  const sums = new Float64Array(k * columns);
  const counts = new Uint32Array(k);
  for (let i = 0; i < labels.length; i++) {
    const j = labels[i];
    counts[j]++;
    for (let t = 0; t < columns; t++) sums[j * columns + t] += data[i * columns + t];
  }
  for (let j = 0; j < k; j++)
    if (counts[j] > 0)
      for (let t = 0; t < columns; t++)
        centroids[j * columns + t] = sums[j * columns + t] / counts[j];
}
