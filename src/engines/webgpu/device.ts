/**
 * Finding a GPU, and noticing when it fails. WebGPU reports most trouble beside the call that caused
 * it; here every such report ends the run, so that no wrong result is ever returned.
 */
import {
  DeviceLostError,
  EngineUnavailableError,
  GpuError,
  OutOfMemoryError,
  type KMeansError,
} from '../../errors.ts';

export interface OpenedDevice {
  device: GPUDevice;
  hardware: boolean;
  description: string;
  /** False for the caller's: it is never destroyed. */
  owned: boolean;
}

/** Asks for a device of its own. @throws EngineUnavailableError with one of four reasons */
export async function requestDevice(): Promise<OpenedDevice> {
  const unavailable = (reason: string, cause?: unknown) =>
    new EngineUnavailableError('webgpu', reason, { cause });
  const gpu = await findGpu();
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    throw unavailable(`the browser refuses an adapter (${String(error)})`, error); // Firefox when blocklisted
  }
  if (!adapter)
    throw unavailable('there is WebGPU but no adapter: no driver, or the GPU is on a blocklist');
  try {
    const device = await adapter.requestDevice({
      label: 'centroids',
      // Asked for and used where they are higher, never needed.
      requiredLimits: {
        maxBufferSize: adapter.limits.maxBufferSize,
        maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
      },
    });
    return { device, owned: true, ...describe(adapter.info) };
  } catch (error) {
    throw unavailable(`the adapter gives no device (${String(error)})`, error);
  }
}

/** The caller's device, as it is. */
export function borrowDevice(device: GPUDevice): OpenedDevice {
  return { device, owned: false, ...describe(device.adapterInfo) };
}

async function findGpu(): Promise<GPU> {
  const scope = globalThis as { navigator?: { gpu?: GPU }; isSecureContext?: boolean };
  if (scope.navigator?.gpu) return scope.navigator.gpu;
  if (scope.isSecureContext === false)
    throw new EngineUnavailableError(
      'webgpu',
      'the page is not a secure context (https or localhost)',
    );
  if ((globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node)
    return dawn();
  throw new EngineUnavailableError('webgpu', 'this browser has no WebGPU');
}

/** Node has WebGPU through the npm package `webgpu` (Dawn), an optional peer. */
let dawnInstance: Promise<GPU> | null = null;
function dawn(): Promise<GPU> {
  // an optional peer: webpack would not build without it
  dawnInstance ??= import(/* webpackIgnore: true */ 'webgpu').then(
    ({ create, globals }) => {
      Object.assign(globalThis, globals);
      return create([]);
    },
    (error: unknown) => {
      dawnInstance = null;
      throw new EngineUnavailableError(
        'webgpu',
        "Node needs the package 'webgpu' beside this one: npm install webgpu",
        { cause: error },
      );
    },
  );
  return dawnInstance;
}

/** Names by which processors pose as GPUs; not every driver flags itself as a fallback. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;

function describe(info: GPUAdapterInfo): { hardware: boolean; description: string } {
  // some implementations give bare PCI numbers for vendor and device, which tell nobody anything
  const words = [info.vendor, info.architecture, info.device, info.description].filter((word) =>
    /\D/.test(word),
  );
  const description = [...new Set(words)].join(' ') || 'unnamed adapter';
  const software = info.isFallbackAdapter || SOFTWARE.test(description);
  return { hardware: !software, description: software ? `${description} (software)` : description };
}

/** Watches a device: the first failure is kept, and everything waited for rejects with it. */
export class Watch {
  #failure: KMeansError | null = null;
  readonly #failed: Promise<never>;
  #fail!: (error: KMeansError) => void;
  readonly #device: GPUDevice;
  readonly #listener = (event: GPUUncapturedErrorEvent) => this.#note(event.error);

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#failed = new Promise<never>((_, reject) => {
      this.#fail = (error) => {
        this.#failure ??= error;
        reject(this.#failure);
      };
    });
    this.#failed.catch(() => {}); // unhandled only where nobody waits
    device.addEventListener('uncapturederror', this.#listener);
    void device.lost.then(({ reason, message }) =>
      this.#fail(
        new DeviceLostError(
          `the GPU device was lost (${reason}${message ? `: ${message}` : ''}); no result was returned. ` +
            "Run again, or use engine: 'auto', which goes on with another engine.",
        ),
      ),
    );
  }

  /** Resolves with the promise, or rejects with the device's failure if that comes first. */
  async survive<T>(promise: Promise<T>): Promise<T> {
    const value = await Promise.race([promise, this.#failed]).catch((error: unknown) => {
      throw this.#failure ?? error;
    });
    if (this.#failure) throw this.#failure;
    return value;
  }

  /** Runs GPU calls inside error scopes, and rejects with what they report. */
  async guard<T>(what: string, calls: () => T): Promise<T> {
    if (this.#failure) throw this.#failure;
    const filters = ['validation', 'internal', 'out-of-memory'] as const;
    for (const filter of filters) this.#device.pushErrorScope(filter);
    let value: T;
    let reports: Promise<(GPUError | null)[]>;
    try {
      value = calls();
    } finally {
      reports = Promise.all(filters.map(() => this.#device.popErrorScope()));
      reports.catch(() => {}); // a lost device rejects these; survive() says so
    }
    for (const error of await this.survive(reports)) if (error) throw translate(error, what);
    return value;
  }

  #note(error: GPUError): void {
    this.#fail(translate(error, 'the GPU'));
  }

  /** Stops listening. */
  release(): void {
    this.#device.removeEventListener('uncapturederror', this.#listener);
  }
}

function translate(error: GPUError, what: string): KMeansError {
  const text = error.message;
  // The class is compared by name: Node's Dawn and the browser have classes of their own.
  return error.constructor.name === 'GPUOutOfMemoryError'
    ? new OutOfMemoryError(
        `${what}: out of GPU memory (${text}). Pass fewer points or use a CPU engine.`,
      )
    : new GpuError(`${what}: ${text}`);
}
