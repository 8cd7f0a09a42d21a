/** Asks functions of the shaders, called alone, many questions at once; see probe-integers.wgsl and its like. */
import { expect } from 'vitest';

/** WGSL files, and in them an entry point with two bindings of a group. */
export type Probe = [
  files: string[],
  entryPoint: string,
  group: number,
  constants: Record<string, number>,
];
/** The words of a question, and of its answer. */
export interface Question {
  ask: readonly number[];
  answer: readonly number[];
}

const WORDS = 8;

/** Every question has its answer. `device`: the caller's. */
export async function expectAnswers(...asked: Parameters<typeof wrongAnswers>): Promise<void> {
  expect((await wrongAnswers(...asked)).slice(0, 3)).toEqual([]);
}

/** Questions that are answered otherwise. */
export async function wrongAnswers(
  device: GPUDevice,
  [files, entryPoint, group, constants]: Probe,
  questions: readonly Question[],
): Promise<(Question & { given: number[] })[]> {
  const code = files.join('\n');
  const pipeline = device.createComputePipeline({
    layout: 'auto', // the kernel's own bindings are not used here
    compute: { module: device.createShaderModule({ code }), entryPoint, constants },
  });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = 4 * WORDS * questions.length;
  const [input, output, staging] = [
    STORAGE | COPY_DST,
    STORAGE | COPY_SRC,
    MAP_READ | COPY_DST,
  ].map((usage) => device.createBuffer({ size, usage }));
  const asked = new Uint32Array(size / 4);
  questions.forEach(({ ask }, i) => asked.set(ask, WORDS * i));
  device.queue.writeBuffer(input, 0, asked);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [input, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const layout = pipeline.getBindGroupLayout(group);
  pass.setBindGroup(group, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(Math.ceil(questions.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const got = new Uint32Array(staging.getMappedRange()).slice();
  for (const buffer of [input, output, staging]) buffer.destroy();
  return questions.flatMap(({ ask, answer }, i) => {
    const given = [...got.subarray(WORDS * i, WORDS * i + answer.length)];
    return given.some((x, at) => x !== answer[at]) ? [{ ask, answer, given }] : [];
  });
}
