/** Compiled kernels of a device, each once, as promises: nothing is compiled twice or waited for twice. */
import { GpuError } from '../../errors.ts';
import { KERNELS, layoutEntries, link, type Kernel, type KernelName } from './kernels.ts';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<Kernel, GPUBindGroupLayout>();
  readonly #modules = new Map<Kernel, GPUShaderModule>();
  readonly #pipelines = new Map<Kernel, Map<string, Promise<Pipeline>>>();

  private constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Those of a device: runs that borrow the same one compile once. */
  static of(device: GPUDevice): Pipelines {
    let pipelines = known.get(device);
    if (!pipelines) known.set(device, (pipelines = new Pipelines(device)));
    return pipelines;
  }

  /** A kernel of a run with its overrides filled in. @throws GpuError with the compiler's messages */
  get(name: KernelName, constants: Record<string, number>): Promise<Pipeline> {
    return this.make(name, KERNELS[name], () => link(name), constants);
  }

  /** Likewise of any kernel; `text`: its WGSL. */
  make(
    name: string,
    kernel: Kernel,
    text: () => Promise<string>,
    constants: Record<string, number>,
  ): Promise<Pipeline> {
    const known = this.#pipelines.get(kernel) ?? new Map<string, Promise<Pipeline>>();
    this.#pipelines.set(kernel, known);
    const key = JSON.stringify(constants);
    let pipeline = known.get(key);
    if (!pipeline) {
      known.set(key, (pipeline = this.#compile(name, kernel, text, constants)));
      // what failed once, for want of memory say, may do better another time
      pipeline.catch(() => known.delete(key));
    }
    return pipeline;
  }

  async #compile(
    name: string,
    kernel: Kernel,
    text: () => Promise<string>,
    constants: Record<string, number>,
  ): Promise<Pipeline> {
    const device = this.#device;
    const code = await text();
    // keeps errors from a borrowed device's owner; the rejection below tells them better
    device.pushErrorScope('validation');
    const layout = this.#layout(name, kernel);
    const module = this.#module(name, kernel, code);
    const pipelineLayout = device.createPipelineLayout({ label: name, bindGroupLayouts: [layout] });
    const compiled = device.createComputePipelineAsync({
      label: name,
      layout: pipelineLayout,
      compute: { module, entryPoint: name, constants },
    });
    device.popErrorScope().catch(() => {});
    try {
      return { pipeline: await compiled, layout };
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const text = messages.map(
        ({ type, lineNum, linePos, message }) =>
          `${name}:${lineNum}:${linePos} ${type}: ${message}`,
      );
      throw new GpuError(`kernel ${name} did not compile: ${[String(error), ...text].join('\n')}`, {
        cause: error,
      });
    }
  }

  #layout(name: string, kernel: Kernel): GPUBindGroupLayout {
    let layout = this.#layouts.get(kernel);
    if (!layout) {
      layout = this.#device.createBindGroupLayout({ label: name, entries: layoutEntries(kernel) });
      this.#layouts.set(kernel, layout);
    }
    return layout;
  }

  #module(name: string, kernel: Kernel, code: string): GPUShaderModule {
    let module = this.#modules.get(kernel);
    if (!module) {
      module = this.#device.createShaderModule({ label: name, code });
      this.#modules.set(kernel, module);
    }
    return module;
  }
}

const known = new WeakMap<GPUDevice, Pipelines>();
