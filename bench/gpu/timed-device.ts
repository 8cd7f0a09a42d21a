/**
 * A device that times each dispatch by timestamp queries, without the engine's knowledge: its compute passes
 * are split so that every dispatch has one of its own, which is timed under its pipeline's label. Passes of
 * their own cost a little; so these are times of kernels, and not of iterations.
 */

/** Dispatches of an encoder that are timed; a query set holds 4096 queries. */
const MOST = 2048;

export interface KernelTime {
  milliseconds: number;
  dispatches: number;
}

type Method = (this: object, ...parameters: unknown[]) => unknown;

function shadow(target: object, name: string, around: (original: Method) => Method): void {
  const original = (target as Record<string, Method>)[name];
  Object.defineProperty(target, name, { value: around(original), configurable: true });
}

export class TimedDevice {
  readonly device: GPUDevice;
  readonly #times = new Map<string, KernelTime>();
  readonly #labels = new WeakMap<GPUComputePipeline, string>();
  readonly #pending = new Set<Promise<void>>();
  /** Dispatches that found no query left. */
  untimed = 0;

  /** The device has the feature 'timestamp-query'. */
  constructor(device: GPUDevice) {
    this.device = device;
    shadow(device, 'createComputePipelineAsync', (original) => async (...parameters) => {
      const pipeline = (await original.apply(device, parameters)) as GPUComputePipeline;
      this.#labels.set(pipeline, (parameters[0] as GPUComputePipelineDescriptor).label ?? '');
      return pipeline;
    });
    shadow(device, 'createCommandEncoder', (original) => (...parameters) => {
      const encoder = original.apply(device, parameters) as GPUCommandEncoder;
      this.#time(encoder);
      return encoder;
    });
    shadow(device.queue, 'submit', (original) => (...parameters) => {
      original.apply(device.queue, parameters);
      for (const buffer of parameters[0] as GPUCommandBuffer[]) this.#finishers.get(buffer)?.();
    });
  }
  readonly #finishers = new WeakMap<GPUCommandBuffer, () => void>();

  #time(encoder: GPUCommandEncoder): void {
    const { device } = this;
    const labels: string[] = [];
    let queries: GPUQuerySet | null = null;
    shadow(encoder, 'beginComputePass', (begin) => (...parameters) => {
      const descriptor = (parameters[0] ?? {}) as GPUComputePassDescriptor;
      let pipeline: GPUComputePipeline | null = null;
      let group: [index: number, group: GPUBindGroup, offsets: number[]] | null = null;
      const dispatch = (go: (pass: GPUComputePassEncoder) => void) => {
        queries ??= device.createQuerySet({ type: 'timestamp', count: 2 * MOST });
        const at = labels.length;
        const timed = at < MOST;
        if (timed) labels.push(this.#labels.get(pipeline!) ?? 'unnamed');
        else this.untimed++;
        const pass = begin.call(encoder, {
          ...descriptor,
          ...(timed && {
            timestampWrites: {
              querySet: queries,
              beginningOfPassWriteIndex: 2 * at,
              endOfPassWriteIndex: 2 * at + 1,
            },
          }),
        }) as GPUComputePassEncoder;
        pass.setPipeline(pipeline!);
        pass.setBindGroup(...group!);
        go(pass);
        pass.end();
      };
      return {
        setPipeline: (next: GPUComputePipeline) => void (pipeline = next),
        setBindGroup: (index: number, next: GPUBindGroup, offsets: number[] = []) =>
          void (group = [index, next, offsets]),
        dispatchWorkgroups: (...counts: [number, number?, number?]) =>
          dispatch((pass) => pass.dispatchWorkgroups(...counts)),
        dispatchWorkgroupsIndirect: (buffer: GPUBuffer, offset: number) =>
          dispatch((pass) => pass.dispatchWorkgroupsIndirect(buffer, offset)),
        end: () => {},
      };
    });
    shadow(encoder, 'finish', (finish) => (...parameters) => {
      const count = labels.length;
      if (queries === null || count === 0) return finish.apply(encoder, parameters);
      const size = 16 * count;
      const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
      const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
      const home = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
      encoder.resolveQuerySet(queries, 0, 2 * count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, home, 0, size);
      const finished = finish.apply(encoder, parameters) as GPUCommandBuffer;
      const all = queries;
      this.#finishers.set(finished, () => {
        const done = home.mapAsync(GPUMapMode.READ).then(() => {
          this.#add(labels, new BigUint64Array(home.getMappedRange()));
          for (const each of [resolved, home, all]) each.destroy();
        });
        this.#pending.add(done);
        void done.finally(() => this.#pending.delete(done)).catch(() => {}); // told by `times`
      });
      return finished;
    });
  }

  #add(labels: readonly string[], stamps: BigUint64Array): void {
    labels.forEach((label, at) => {
      const time = this.#times.get(label) ?? { milliseconds: 0, dispatches: 0 };
      // a clock that was set meanwhile is no time
      const nanoseconds = Math.max(0, Number(stamps[2 * at + 1] - stamps[2 * at]));
      this.#times.set(label, {
        milliseconds: time.milliseconds + nanoseconds / 1e6,
        dispatches: time.dispatches + 1,
      });
    });
  }

  /** Times by kernel since the last call, longest first. */
  async times(): Promise<[name: string, time: KernelTime][]> {
    await Promise.all(this.#pending);
    const times = [...this.#times].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
    this.#times.clear();
    return times;
  }
}
