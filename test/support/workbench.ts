/**
 * Runs single kernels on given buffers and reads the buffers back: linked text, layouts, overrides,
 * uniforms and dispatches are the engine's own, so that what is tested is what runs.
 */
import type { Task } from '../../src/engine.ts';
import { layCurve } from '../../src/engines/webgpu/curve.ts';
import type { Grid } from '../../src/grid.ts';
import {
  bindingsOf,
  FILTER_KERNELS,
  KERNELS,
  layoutEntries,
  link,
  type Binding,
  type KernelName,
} from '../../src/engines/webgpu/kernels.ts';
import { packBlocks } from '../../src/engines/webgpu/pack-blocks.ts';
import {
  kernelConstants,
  packParams,
  packSlices,
  workgroupsOf,
} from '../../src/engines/webgpu/parameters.ts';
import { BLOCKS } from '../../src/engines/webgpu/plan-blocks.ts';
import {
  defaultTuning,
  plan,
  SLICE_BYTES,
  type Plan,
  type PlanLimits,
  type Slice,
  type Tuning,
} from '../../src/engines/webgpu/plan.ts';

/** A device for the kernels of one test file. The caller destroys it. */
export async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('There is no adapter.');
  return adapter.requestDevice();
}

/** A change to a kernel's text, for mutants; see `mutants.test.ts`. */
export type Change = (text: string) => string;

/** What a workbench is set up for. */
export interface Job {
  grid: Grid;
  k: number;
  tuning?: Partial<Tuning> | undefined;
  /** Smaller limits than the device has. */
  limits?: Partial<PlanLimits> | undefined;
  shiftLimit?: bigint;
  emptyCluster?: Task['emptyCluster'];
  /** `assign` and `settle` leave out the centroid that a row is labelled with. */
  second?: boolean;
  /** With what the block filter needs. */
  filtered?: boolean;
}

/** The device's limits as a plain object. */
export function limitsOf(device: GPUDevice, smaller: Partial<PlanLimits> = {}): PlanLimits {
  const { limits } = device;
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    minUniformBufferOffsetAlignment: limits.minUniformBufferOffsetAlignment,
    ...smaller,
  };
}

type Words = Uint32Array | Int32Array | Float32Array | BigInt64Array;

/** Buffers of a run without a run: zero at first, but for the uniforms, points and weights. */
export class Workbench {
  readonly plan: Plan;
  readonly #device: GPUDevice;
  readonly #job: Job;
  readonly #change: Change;
  readonly #once = new Map<Binding, GPUBuffer>();
  readonly #chunked: Partial<Record<Binding, GPUBuffer[]>>;

  /** `change` makes a mutant of every kernel that it knows. */
  constructor(device: GPUDevice, job: Job, change: Change = (text) => text) {
    const { grid, k } = job;
    const { rows, columns, weights } = grid;
    this.#device = device;
    this.#job = job;
    this.#change = change;
    this.plan = plan(
      { rows, columns, k, weighted: weights !== null, filter: job.filtered ? BLOCKS : null },
      limitsOf(device, job.limits),
      {
        ...defaultTuning(false),
        ...job.tuning,
      },
    );
    for (const [name, bytes] of Object.entries(this.plan.bytes))
      this.#once.set(name === 'slices' ? 'slice' : (name as Binding), this.#create(bytes));
    const { chunks, blocks } = this.plan;
    this.#chunked = {
      points: chunks.map((chunk) => this.#create(4 * chunk.rows * columns)),
      labels: chunks.map((chunk) => this.#create(4 * chunk.rows)),
      weights: chunks.map((chunk) => this.#create(weights ? 4 * chunk.rows : 4)),
    };
    if (blocks) {
      for (const [name, bytes] of Object.entries(blocks.bytes))
        this.#once.set(name as Binding, this.#create(bytes));
      for (const name of ['ordered', 'orderedLabels', 'rowOf', 'tree'] as const)
        this.#chunked[name] = blocks.chunkBytes.map((sizes) => this.#create(sizes[name]));
      const curve = layCurve(grid.values, columns, blocks.cellBits);
      this.set('blocks', new Uint32Array(packBlocks(blocks, curve)));
      this.set('tree', grid.columnExponents);
    }
    this.set('slice', packSlices(this.plan));
    this.set(
      'params',
      new Uint32Array(
        packParams(this.plan, grid, { shiftLimit: 0n, emptyCluster: 'relocate', ...job }, k),
      ),
    );
    this.set('points', grid.values);
    this.set('columnExponents', grid.columnExponents);
    if (weights) this.set('weights', weights);
  }

  #create(bytes: number): GPUBuffer {
    const { STORAGE, UNIFORM, COPY_DST, COPY_SRC } = GPUBufferUsage;
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    return this.#device.createBuffer({ size, usage: STORAGE | UNIFORM | COPY_DST | COPY_SRC });
  }

  /** Writes a whole buffer; those of the rows are cut into chunks. */
  set(name: Binding, data: Words): void {
    const write = (buffer: GPUBuffer, part: Words) =>
      this.#device.queue.writeBuffer(buffer, 0, part as Uint32Array<ArrayBuffer>);
    const buffers = this.#chunked[name];
    if (name === 'points' || name === 'labels' || name === 'weights') {
      const width = name === 'points' ? this.#job.grid.columns : 1;
      this.plan.chunks.forEach(({ first, rows }, index) =>
        write(buffers![index], data.subarray(width * first, width * (first + rows))),
      );
    } else if (buffers) for (const buffer of buffers) write(buffer, data);
    else write(this.#once.get(name)!, data);
  }

  /** All words of a buffer. */
  async get(name: Binding): Promise<Uint32Array> {
    const parts: Uint32Array[] = [];
    for (const buffer of this.#buffers(name)) parts.push(await this.#read(buffer));
    const whole = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #buffers(name: Binding): GPUBuffer[] {
    return this.#chunked[name] ?? [this.#once.get(name)!];
  }

  async #read(buffer: GPUBuffer): Promise<Uint32Array> {
    const staging = this.#device.createBuffer({
      size: buffer.size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    this.#device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const words = new Uint32Array(staging.getMappedRange()).slice();
    staging.destroy();
    return words;
  }

  /** Runs kernels in turn. Neighbours that work on slices take turns on each slice, as in a run. */
  async run(...names: KernelName[]): Promise<void> {
    const codes = new Map<KernelName, string>();
    for (const name of names) codes.set(name, this.#change(await link(name)));
    this.#device.pushErrorScope('validation');
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < names.length;) {
      const start = i;
      while (i < names.length && ofSlices(names[i])) i++;
      const together = names.slice(start, i);
      const parts = together.some(ofFilter) ? this.plan.blocks!.spans : this.plan.slices;
      for (const part of parts)
        for (const name of together) this.#encode(pass, name, codes.get(name)!, part);
      if (together.length === 0) {
        const name = names[i++];
        this.#encode(pass, name, codes.get(name)!, this.plan.slices[0]);
      }
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    const error = await this.#device.popErrorScope();
    if (error) throw new Error(`${names.join(', ')}: ${error.message}`);
  }

  #encode(pass: GPUComputePassEncoder, name: KernelName, code: string, slice: Slice): void {
    const weighted = this.#job.grid.weights !== null;
    const constants = kernelConstants(this.plan, weighted, this.#job.second)[name];
    const { pipeline, layout } = pipelineOf(this.#device, name, code, constants);
    const entries = bindingsOf(name).map(({ binding, buffer, access }) => {
      const buffers = this.#buffers(buffer);
      const resource =
        access === 'slice'
          ? { buffer: buffers[0], size: SLICE_BYTES }
          : { buffer: buffers[Math.min(slice.chunk, buffers.length - 1)] };
      return { binding, resource };
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      this.#device.createBindGroup({ layout, entries }),
      ofSlices(name) ? [slice.index * this.plan.sliceStride] : [],
    );
    pass.dispatchWorkgroups(...workgroupsOf(name, this.plan, slice));
  }

  /** Frees the buffers. */
  dispose(): void {
    for (const buffer of [...this.#once.values(), ...Object.values(this.#chunked).flat()])
      buffer.destroy();
  }
}

function ofSlices(name: KernelName): boolean {
  return 'slice' in KERNELS[name].bindings;
}

function ofFilter(name: KernelName): boolean {
  return (FILTER_KERNELS as readonly KernelName[]).includes(name);
}

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** Compiled once a device: most tests differ in their data only. */
const compiled = new WeakMap<GPUDevice, Map<string, Compiled>>();

function pipelineOf(
  device: GPUDevice,
  name: KernelName,
  code: string,
  constants: Record<string, number>,
): Compiled {
  const known = compiled.get(device) ?? new Map<string, Compiled>();
  compiled.set(device, known);
  const key = JSON.stringify([name, constants, code]);
  let made = known.get(key);
  if (!made) {
    const layout = device.createBindGroupLayout({ label: name, entries: layoutEntries(name) });
    const pipeline = device.createComputePipeline({
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: {
        module: device.createShaderModule({ label: name, code }),
        entryPoint: name,
        constants,
      },
    });
    known.set(key, (made = { pipeline, layout }));
  }
  return made;
}
