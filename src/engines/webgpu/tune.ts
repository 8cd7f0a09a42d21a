/**
 * Measures how fast a proposal is on a device under a handful of sizes, on made-up points, once an adapter: in 100 ms,
 * beside compiling what the run needs anyway, and but for a dispatch under way when they are over. By timestamp queries
 * where the device has them, else by the time until a submission is done.
 */
import { DeviceLostError } from '../../errors.ts';
import type { OpenedDevice, Watch } from './device.ts';
import { fastest } from './fastest.ts';
import { asTuning, CANDIDATES, type Sizes } from './kernel-sizes.ts';
import { bindingsOf, type Binding, KERNELS } from './kernels.ts';
import {
  kernelConstants,
  packParams,
  packSlices,
  workgroupsOf,
  type Proposal,
} from './parameters.ts';
import type { Pipelines } from './pipelines.ts';
import { plan, SLICE_BYTES, type Plan, type Shape, type Tuning } from './plan.ts';
import { Readback } from './readback.ts';
import { recall, remember } from './tuning-memory.ts';

export { asTuning, judgeTuning } from './kernel-sizes.ts';

type Problem = Pick<Shape, 'rows' | 'columns' | 'k'>;

/** Large enough to fill a large GPU, small enough for several dispatches on a small one. */
const PROBLEMS: Record<Proposal, Problem> = {
  narrow: { rows: 2 ** 18, columns: 3, k: 64 },
  assign: { rows: 2 ** 16, columns: 16, k: 32 },
  compare: { rows: 2 ** 15, columns: 64, k: 128 },
};
/** A processor that poses as a GPU has so many times fewer rows. */
const SOFTWARE_SHARE = 64;

export interface Tuned {
  readonly opened: OpenedDevice;
  readonly watch: Watch;
  readonly pipelines: Pipelines;
  /** What is not chosen here. */
  readonly tuning: Tuning;
}

/** The sizes that suit a kernel on this device, known or measured; undefined where the time did not suffice. */
export async function sizesFor(
  kernel: Proposal,
  tuned: Tuned,
  signal?: AbortSignal,
): Promise<Sizes | undefined> {
  const { adapter } = tuned.opened;
  const known = recall(adapter)[kernel];
  if (known) return known;
  let found: Sizes | null = null;
  try {
    found = await measured(kernel, tuned, signal);
  } catch (error) {
    // whatever is wrong with what was tried, the run does not need it
    signal?.throwIfAborted();
    if (error instanceof DeviceLostError) throw error;
  }
  if (found) remember(adapter, kernel, found, true);
  else if (failed.has(adapter + kernel)) remember(adapter, kernel, {}, false);
  else failed.add(adapter + kernel);
  return found ?? undefined;
}

/**
 * Adapters and kernels for which the time did not suffice: once more, since what was being compiled goes on and
 * is there by then. After that this process has the defaults.
 */
const failed = new Set<string>();

/** A kernel with its buffers, once under each candidate. */
interface Contestant {
  readonly sizes: Sizes;
  readonly plan: Plan;
  pipeline?: GPUComputePipeline;
  group?: GPUBindGroup;
}

async function measured(
  kernel: Proposal,
  { opened, watch, pipelines, tuning }: Tuned,
  signal?: AbortSignal,
): Promise<Sizes | null> {
  const { device, hardware } = opened;
  const problem = PROBLEMS[kernel];
  const shape = {
    ...problem,
    rows: problem.rows / (hardware ? 1 : SOFTWARE_SHARE),
    weighted: false,
  };
  const contestant = (sizes: Sizes): Contestant => {
    const all = { ...tuning, ...asTuning(kernel, sizes), dispatchWork: Infinity };
    return { sizes, plan: plan(shape, device.limits, all) };
  };
  // the default, and of others those that a device's limits do not make the same again
  const contestants = new Map<string, Contestant>();
  for (const sizes of [{}, ...CANDIDATES[kernel]]) {
    const one = contestant(sizes);
    const constants = JSON.stringify(kernelConstants(one.plan, false)[kernel]);
    if (!contestants.has(constants)) contestants.set(constants, one);
  }
  const table = new Table(device, kernel, shape);
  try {
    await watch.guard('tuning', () => table.allocate([...contestants.values()][0].plan), signal);
    const won = await fastest({
      candidates: [...contestants.values()],
      prepare: async (one) => {
        const constants = kernelConstants(one.plan, false)[kernel];
        const { pipeline, layout } = await pipelines.get(kernel, constants);
        one.pipeline = pipeline;
        await watch.guard('tuning', () => (one.group = table.bind(layout)), signal);
      },
      time: async (one, repetitions) => {
        const since = performance.now();
        const { done } = await watch.guard('tuning', () => table.run(one, repetitions), signal);
        const stamped = await watch.survive(done, signal);
        return stamped ?? performance.now() - since;
      },
      budget: tuning.tuneMs,
      now: () => performance.now(),
    });
    return won && won.sizes;
  } finally {
    table.destroy();
  }
}

/** The buffers of a made-up problem, and how long dispatches on them take. */
class Table {
  readonly #device: GPUDevice;
  readonly #kernel: Proposal;
  readonly #shape: Problem;
  readonly #buffers = new Map<Binding, GPUBuffer>();
  readonly #readback: Readback;
  #queries: GPUQuerySet | null = null;
  #stamps: GPUBuffer | null = null;

  constructor(device: GPUDevice, kernel: Proposal, shape: Problem) {
    this.#device = device;
    this.#kernel = kernel;
    this.#shape = shape;
    this.#readback = new Readback(device);
  }

  allocate(plan: Plan): void {
    const { rows, columns, k } = this.#shape;
    const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, QUERY_RESOLVE } = GPUBufferUsage;
    for (const { buffer, access } of bindingsOf(KERNELS[this.#kernel])) {
      const uniform = access === 'uniform' || access === 'slice';
      const size =
        buffer === 'points'
          ? 4 * rows * columns
          : buffer === 'labels'
            ? 4 * rows
            : plan.bytes[buffer === 'slice' ? 'slices' : (buffer as keyof Plan['bytes'])];
      const usage = COPY_DST | (uniform ? UNIFORM : STORAGE);
      this.#buffers.set(buffer, this.#device.createBuffer({ label: 'tuning', size, usage }));
    }
    const { queue } = this.#device;
    const write = (name: Binding, data: GPUAllowSharedBufferSource) =>
      queue.writeBuffer(this.#buffers.get(name)!, 0, data);
    const points = numbers(rows * columns);
    write('points', points);
    write('centroids', points.subarray(0, k * columns));
    write('slice', packSlices(plan));
    const task = { shiftLimit: 0n, emptyCluster: 'keep' } as const;
    write('params', packParams(plan, { columns, historyExponent: 0 }, task, k));
    if (!this.#device.features.has('timestamp-query')) return;
    this.#queries = this.#device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#stamps = this.#device.createBuffer({
      label: 'tuning',
      size: 16,
      usage: QUERY_RESOLVE | COPY_SRC,
    });
  }

  bind(layout: GPUBindGroupLayout): GPUBindGroup {
    return this.#device.createBindGroup({
      label: 'tuning',
      layout,
      entries: bindingsOf(KERNELS[this.#kernel]).map(({ binding, buffer, access }) => ({
        binding,
        resource: {
          buffer: this.#buffers.get(buffer)!,
          ...(access === 'slice' && { size: SLICE_BYTES }),
        },
      })),
    });
  }

  /** One submission of so many dispatches; `done`: the ms that the device says it took, if it says. */
  run(one: Contestant, repetitions: number): { done: Promise<number | null> } {
    const encoder = this.#device.createCommandEncoder({ label: 'tuning' });
    const pass = encoder.beginComputePass({
      label: 'tuning',
      ...(this.#queries && {
        timestampWrites: {
          querySet: this.#queries,
          beginningOfPassWriteIndex: 0,
          endOfPassWriteIndex: 1,
        },
      }),
    });
    pass.setPipeline(one.pipeline!);
    pass.setBindGroup(0, one.group!, [0]);
    const groups = workgroupsOf(this.#kernel, one.plan, one.plan.slices[0]);
    for (let i = 0; i < repetitions; i++) pass.dispatchWorkgroups(...groups);
    pass.end();
    let take: (() => Promise<ArrayBuffer[]>) | null = null;
    if (this.#queries && this.#stamps) {
      encoder.resolveQuerySet(this.#queries, 0, 2, this.#stamps, 0);
      take = this.#readback.copy(encoder, [{ buffer: this.#stamps, bytes: 16 }]);
    }
    this.#device.queue.submit([encoder.finish()]);
    const done = take
      ? take().then(([bytes]) => elapsed(new BigUint64Array(bytes)))
      : this.#device.queue.onSubmittedWorkDone().then(() => null);
    done.catch(() => {}); // where guard rejects, nobody waits for it
    return { done };
  }

  destroy(): void {
    this.#readback.dispose();
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#stamps?.destroy();
    this.#queries?.destroy();
  }
}

/** A clock that stands still, or was set meanwhile, tells nothing. */
function elapsed([begin, end]: BigUint64Array): number | null {
  return end > begin ? Number(end - begin) / 1e6 : null;
}

/** −1 to 1, all different for as many rows as there are here: no near-ties to speak of. */
function numbers(count: number): Float32Array<ArrayBuffer> {
  let word = 1;
  return Float32Array.from({ length: count }, () => {
    word = (Math.imul(word, 1664525) + 1013904223) | 0; // Numerical Recipes' generator
    return word / 2 ** 31;
  });
}
