/**
 * Finding a GPU, and noticing when it fails. WebGPU reports most trouble beside the call that caused
 * it; here every such report ends the run, so that no wrong result is ever returned.
 */
import {
  DeviceLostError,
  EngineUnavailableError,
  GpuError,
  KMeansError,
  OutOfMemoryError,
} from '../../errors.ts';
import { isSoftware } from '../../software.ts';

export interface OpenedDevice {
  device: GPUDevice;
  hardware: boolean;
  description: string;
  /** All that the adapter tells of itself: what is measured of one is remembered by this. */
  adapter: string;
  /** False for the caller's: it is never destroyed. */
  owned: boolean;
}

/**
 * Asks for a device of its own. @param onlyHardware not of a processor that poses as a GPU
 * @throws EngineUnavailableError with one of five reasons
 */
export async function requestDevice(onlyHardware = false): Promise<OpenedDevice> {
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
  const described = describe(adapter.info);
  if (onlyHardware && !described.hardware)
    throw unavailable(`${described.description} is no hardware GPU`);
  try {
    const device = await adapter.requestDevice({
      label: 'centroids',
      requiredFeatures: adapter.features?.has('timestamp-query') ? ['timestamp-query'] : [],
      // Asked for and used where they are higher, never needed.
      requiredLimits: {
        maxBufferSize: adapter.limits.maxBufferSize,
        maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
      },
    });
    return { device, owned: true, ...described };
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

/** Older implementations tell nothing: a GPU, then, until shown otherwise. */
function describe(
  info: Partial<GPUAdapterInfo> = {},
): Pick<OpenedDevice, 'hardware' | 'description' | 'adapter'> {
  // some implementations give bare PCI numbers for vendor and device, which tell nobody anything
  const { vendor = '', architecture = '', device = '', isFallbackAdapter = false } = info;
  const told = [vendor, architecture, device, info.description ?? ''];
  const words = told.filter((word) => /\D/.test(word));
  const description = [...new Set(words)].join(' ') || 'unnamed adapter';
  const software = isFallbackAdapter || isSoftware(description);
  return {
    hardware: !software,
    description: software ? `${description} (software)` : description,
    adapter: told.join('/'),
  };
}

/** How long to wait for `device.lost` to explain a rejection, ms. */
const LOST_PATIENCE = 1000;

/** Watches a device: the first failure is kept, and everything waited for rejects with it. */
export class Watch {
  readonly #device: GPUDevice;
  readonly #owned: boolean;
  readonly #forget: () => void;
  #failure: KMeansError | null = null;
  /** A set of our own, not a promise to race with: that would keep all it was ever raced with. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #listener = (event: GPUUncapturedErrorEvent) =>
    this.#fail(translate(event.error, 'the GPU'));

  /** Every call to a device goes through {@link guard}; only on our own is what escapes it ours too. */
  constructor(device: GPUDevice, owned: boolean) {
    this.#device = device;
    this.#owned = owned;
    if (owned) device.addEventListener('uncapturederror', this.#listener);
    this.#forget = onLoss(device, ({ reason, message }) =>
      this.#fail(
        new DeviceLostError(
          `the GPU device was lost (${reason}${message ? `: ${message}` : ''}); no result was returned. ` +
            "Run again, or use engine: 'auto', which goes on with another engine.",
        ),
      ),
    );
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure;
  }

  #fail(failure: KMeansError): void {
    this.#failure ??= failure;
    for (const reject of this.#waiting) reject(this.#failure);
  }

  /** Resolves with the promise, unless the device fails or the signal is aborted before that. */
  async survive<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
    promise.catch(() => {}); // nobody hears it where something else ends the wait
    signal?.throwIfAborted();
    this.#throwIfFailed();
    let interrupt!: (reason: unknown) => void;
    const interrupted = new Promise<never>((_, reject) => (interrupt = reject));
    const onAbort = () => interrupt(signal?.reason);
    this.#waiting.add(interrupt);
    signal?.addEventListener('abort', onAbort);
    try {
      const value = await Promise.race([promise, interrupted]);
      this.#throwIfFailed();
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      this.#throwIfFailed();
      throw error instanceof KMeansError ? error : await this.#explain(error);
    } finally {
      this.#waiting.delete(interrupt);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** A promise of WebGPU rejected: because the device is lost, as a rule, which is told separately. */
  async #explain(error: unknown): Promise<KMeansError> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, LOST_PATIENCE)));
    await Promise.race([this.#device.lost, patience]);
    clearTimeout(timer);
    return this.#failure ?? new GpuError(`the GPU refuses (${String(error)})`, { cause: error });
  }

  /** Runs GPU calls inside error scopes, and rejects with what they report. */
  async guard<T>(what: string, calls: () => T, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.#throwIfFailed();
    const filters = ['validation', 'internal', 'out-of-memory'] as const;
    for (const filter of filters) this.#device.pushErrorScope(filter);
    let value: T;
    let reports: Promise<(GPUError | null)[]>;
    try {
      value = calls();
    } finally {
      reports = Promise.all(filters.map(() => this.#device.popErrorScope()));
      reports.catch(() => {}); // where calls() throws, nobody waits for them
    }
    for (const error of await this.survive(reports, signal))
      if (error) throw translate(error, what);
    return value;
  }

  /** Stops listening. */
  release(): void {
    this.#forget();
    if (this.#owned) this.#device.removeEventListener('uncapturederror', this.#listener);
  }
}

type LossListener = (info: GPUDeviceLostInfo) => void;
const lossListeners = new WeakMap<GPUDevice, Set<LossListener>>();

/**
 * Calls back when the device is lost, or has been; returns how to stop. `lost` is asked once a device:
 * a promise forgets nobody who waits for it, and a borrowed device may outlive many runs.
 */
function onLoss(device: GPUDevice, listener: LossListener): () => void {
  const known = lossListeners.get(device);
  const listeners = known ?? new Set();
  listeners.add(listener);
  if (!known) {
    lossListeners.set(device, listeners);
    void device.lost.then((info) => {
      lossListeners.delete(device); // whoever comes now asks again, and is told at once
      for (const tell of listeners) tell(info);
    });
  }
  return () => listeners.delete(listener);
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
