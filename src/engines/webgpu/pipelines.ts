/** Compiled kernels of a device, each once, as promises: nothing is compiled twice or waited for twice. */
import { GpuError } from '../../errors.ts';
import { layoutEntries, link, type KernelName } from './kernels.ts';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<KernelName, GPUBindGroupLayout>();
  readonly #modules = new Map<KernelName, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<Pipeline>>();

  private constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Those of a device: runs that borrow the same one compile once. */
  static of(device: GPUDevice): Pipelines {
    let pipelines = known.get(device);
    if (!pipelines) known.set(device, (pipelines = new Pipelines(device)));
    return pipelines;
  }

  /** A kernel with its overrides filled in. @throws GpuError with the compiler's messages */
  get(name: KernelName, constants: Record<string, number>): Promise<Pipeline> {
    const key = `${name} ${JSON.stringify(constants)}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      this.#pipelines.set(key, (pipeline = this.#compile(name, constants)));
      // what failed once, for want of memory say, may do better another time
      pipeline.catch(() => this.#pipelines.delete(key));
    }
    return pipeline;
  }

  async #compile(name: KernelName, constants: Record<string, number>): Promise<Pipeline> {
    const device = this.#device;
    const code = await link(name);
    // keeps errors from a borrowed device's owner; the rejection below tells them better
    device.pushErrorScope('validation');
    const layout = this.#layout(name);
    const module = this.#module(name, code);
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

  #layout(name: KernelName): GPUBindGroupLayout {
    let layout = this.#layouts.get(name);
    if (!layout) {
      layout = this.#device.createBindGroupLayout({ label: name, entries: layoutEntries(name) });
      this.#layouts.set(name, layout);
    }
    return layout;
  }

  #module(name: KernelName, code: string): GPUShaderModule {
    let module = this.#modules.get(name);
    if (!module) {
      module = this.#device.createShaderModule({ label: name, code });
      this.#modules.set(name, module);
    }
    return module;
  }
}

const known = new WeakMap<GPUDevice, Pipelines>();
