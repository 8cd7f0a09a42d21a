/**
 * What this GPU can do at most through WebGPU, measured in the same run: float32 multiply-adds in registers,
 * and a copy of memory. A share of a peak is of these numbers, not of a data sheet's.
 */

export interface Peaks {
  /** 10^9 a second; a multiply-add is two. */
  gigaflops: number;
  /** Bytes read and written, 10^9 a second. */
  gigabytes: number;
}

const CHAINS = 8;
const STEPS = 256;

/** Eight independent chains of vec4 a thread: enough for any pipeline's depth. */
const ARITHMETIC = `
@group(0) @binding(0) var<storage, read_write> out: array<vec4<f32>>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let seed = f32(id.x % 1024u) * 1e-4;
  let a = vec4<f32>(0.999f);
  let b = vec4<f32>(seed);
  ${Array.from({ length: CHAINS }, (_, i) => `var x${i} = vec4<f32>(seed + ${i}.0);`).join('\n  ')}
  for (var i = 0u; i < ${STEPS}u; i++) {
    ${Array.from({ length: CHAINS }, (_, i) => `x${i} = fma(x${i}, a, b);`).join('\n    ')}
  }
  out[id.x] = ${Array.from({ length: CHAINS }, (_, i) => `x${i}`).join(' + ')};
}`;

const COPY = `
@group(0) @binding(0) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> source: array<vec4<f32>>;
@compute @workgroup_size(256)
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  for (var i = id.x; i < arrayLength(&source); i += groups.x * 256u) {
    out[i] = source[i];
  }
}`;

/** `hardware`: whether it is a GPU. A processor would be at a GPU's share for minutes. */
export async function measurePeaks(
  device: GPUDevice,
  seconds: number,
  hardware: boolean,
): Promise<Peaks> {
  const bytes = Math.min(
    hardware ? 2 ** 28 : 2 ** 24,
    device.limits.maxStorageBufferBindingSize,
    device.limits.maxBufferSize,
  );
  const usage = GPUBufferUsage.STORAGE;
  const [to, from] = [0, 1].map(() => device.createBuffer({ size: bytes, usage }));
  const groups = Math.min(hardware ? 16_384 : 64, bytes / 16 / 256);
  const arithmetic = await rate(device, ARITHMETIC, [to], groups, seconds);
  const copies = await rate(device, COPY, [to, from], groups, seconds);
  for (const buffer of [to, from]) buffer.destroy();
  return {
    gigaflops: (arithmetic * groups * 256 * STEPS * CHAINS * 4 * 2) / 1e9,
    gigabytes: (copies * 2 * bytes) / 1e9,
  };
}

/** Dispatches a second: the best of some runs, each long enough for the clock. */
async function rate(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  groups: number,
  seconds: number,
): Promise<number> {
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const run = async (times: number) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups);
    pass.end();
    const commands = encoder.finish();
    await device.queue.onSubmittedWorkDone();
    const since = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - since) / 1000;
  };
  let times = 1;
  await run(times); // compiles
  let best = 0;
  for (let spent = 0; spent < seconds / 4 && times < 4096;) {
    times *= 2;
    spent = await run(times);
    best = times / spent;
  }
  for (let i = 0; i < 4; i++) best = Math.max(best, times / (await run(times)));
  return best;
}
