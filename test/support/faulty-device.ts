/**
 * A real GPUDevice whose calls are counted, whose buffers are kept book of, and which can be made to
 * fail at any one call. Its methods are shadowed on the object itself, so that what it is given and
 * what it gives stay real.
 */

/** Calls that may be met, in the order a run makes them. */
const DEVICE_CALLS = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createShaderModule',
  'createComputePipelineAsync',
  'createCommandEncoder',
  'popErrorScope',
] as const;
const QUEUE_CALLS = ['submit', 'writeBuffer', 'onSubmittedWorkDone'] as const;

export type Call = (typeof DEVICE_CALLS)[number] | (typeof QUEUE_CALLS)[number] | 'mapAsync';

/** A call that is about to be made. */
export interface Meeting {
  call: Call;
  /** Its number among all calls, and among the calls of its name; from 1. */
  nth: number;
  turn: number;
  /** May be changed. */
  parameters: unknown[];
}

/** Asked before every call. Where it returns something, the caller gets that. */
export type OnCall = (meeting: Meeting) => unknown;

type Method = (this: object, ...parameters: unknown[]) => unknown;

export class FaultyDevice {
  readonly device: GPUDevice;
  /** Buffers made and not destroyed. */
  readonly live = new Set<GPUBuffer>();
  destroyed = false;
  calls: Call[] = [];
  /** May be changed at any time. */
  onCall: OnCall = () => undefined;

  private constructor(device: GPUDevice) {
    this.device = device;
    const shadow = (target: object, name: string, around: (original: Method) => Method) => {
      const original = (target as Record<string, Method>)[name];
      Object.defineProperty(target, name, { value: around(original), configurable: true });
    };
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the methods have a this of their own
    const faulty = this;
    const met =
      (call: Call) =>
      (original: Method): Method =>
        function (this: object, ...parameters) {
          faulty.calls.push(call);
          const turn = faulty.calls.filter((other) => other === call).length;
          const instead = faulty.onCall({ call, turn, nth: faulty.calls.length, parameters });
          const real = original.apply(this, parameters);
          if (instead === undefined) return real;
          if (real instanceof Promise) real.catch(() => {}); // nobody will hear of it
          return instead;
        };
    shadow(
      device,
      'createBuffer',
      (original) =>
        function (this: object, ...parameters) {
          const buffer = original.apply(this, parameters) as GPUBuffer;
          faulty.live.add(buffer);
          shadow(buffer, 'mapAsync', met('mapAsync'));
          shadow(
            buffer,
            'destroy',
            (destroy) =>
              function (this: object) {
                faulty.live.delete(buffer);
                return destroy.apply(this);
              },
          );
          return buffer;
        },
    );
    shadow(
      device,
      'destroy',
      (destroy) =>
        function (this: object) {
          faulty.destroyed = true;
          return destroy.apply(this);
        },
    );
    for (const call of DEVICE_CALLS) shadow(device, call, met(call));
    for (const call of QUEUE_CALLS) shadow(device.queue, call, met(call));
  }

  static async open(): Promise<FaultyDevice> {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) throw new Error('There is no adapter.');
    return new FaultyDevice(await adapter.requestDevice());
  }
}

/** A GPU that is not there, or only in part: while `work` runs, navigator.gpu is this. */
export async function withGpu<T>(gpu: object | undefined, work: () => Promise<T>): Promise<T> {
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  try {
    return await work();
  } finally {
    delete (navigator as { gpu?: unknown }).gpu; // the real one, on the prototype, shows again
  }
}
