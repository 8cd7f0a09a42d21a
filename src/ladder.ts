/**
 * The engine ladder: which engines there are, which can run here, and in which order `'auto'` tries
 * them. The only file that knows all engines; each is loaded when it is needed.
 */
import type { Engine, EngineName, TuningOption } from './engine.ts';
import {
  EngineUnavailableError,
  KMeansError,
  NotSupportedError,
  refuse,
  refuseNoDevice,
  refuseUnknown,
} from './errors.ts';
import { once } from './once.ts';
import { ENGINES } from './support.ts';

/** Options of {@link openEngine}. */
export interface EngineOptions {
  /** Your own GPU device, for `webgpu`: borrowed, never destroyed. Default: the engine requests one. */
  device?: GPUDevice | undefined;
  /** Most worker threads of `wasm`, a whole number ≥ 1. Default: the number of cores. Does not affect results. */
  threads?: number | undefined;
  /**
   * `webgpu` only: most bytes of GPU memory that a run takes. Points that do not fit are sent again in
   * every iteration. Default: as much as the GPU gives.
   */
  maxMemory?: number | undefined;
  /** `webgpu` only: how kernels are sized. Default `'auto'`: measured once per adapter. */
  tuning?: TuningOption | undefined;
}

/** What {@link engines} reports about an engine. */
export interface EngineInfo {
  /** The name that the option `engine` takes. */
  name: EngineName;
  /** Whether it can run here. */
  available: boolean;
  /** True on a real GPU; false on the CPU, including software adapters that emulate a GPU. */
  hardware: boolean;
  /** Why it is not available; empty if it is. */
  reason: string;
  /** For people: adapter, driver, number of threads; empty if it is not available. */
  description: string;
}

/** What {@link openEngine} may be told. */
const OPTIONS = ['device', 'threads', 'maxMemory', 'tuning'];

/** Below this many multiplications an iteration, setting a GPU up takes longer than the whole run. */
const SMALL_WORK = 5e7;

/** Columns of what is measured where nobody says how many there are. */
const TYPICAL_COLUMNS = 16;

/** An engine that a single call opens leaves its workers to the next one for a while. */
type OpenerOptions = EngineOptions & { linger?: boolean };

const webgpu = once(() => import('./engines/webgpu/index.ts'));
const devices = once(() => import('./engines/webgpu/device.ts'));
const webgl = once(() => import('./engines/webgl/index.ts'));
const gpuMemory = once(() => import('./engines/webgpu/gpu-memory.ts'));
const wasm = once(() => import('./engines/wasm/index.ts'));
const reference = once(() => import('./engines/reference/index.ts'));

const OPENERS: Record<EngineName, (options: OpenerOptions) => Promise<Engine>> = {
  webgpu: async (options) => (await webgpu()).openWebGpu(options),
  webgl: async () => (await webgl()).openWebGl(),
  wasm: async (options) => (await wasm()).openWasm(options),
  reference: async () => (await reference()).openReference(),
};

/** CPU engines, best first: what `'auto'` falls back to. */
const CPU_ENGINES: readonly EngineName[] = ['wasm', 'reference'];

/**
 * Opens an engine for use in several calls: pass it to them as `engine`. Whoever opens it disposes of it,
 * with `await engine.dispose()` or `await using`.
 *
 * @throws
 * - EngineUnavailableError if it cannot run here
 * - NotSupportedError if it does not have an option that is given
 * - InvalidInputError
 * @example
 * await using engine = await openEngine('webgpu');
 * const coarse = await kmeans(points, 8, { engine });
 * const fine = await kmeans(points, 64, { engine });
 */
export async function openEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  judgeName(name, 'name');
  refuseUnknown(options, OPTIONS);
  const { device, threads = 1, maxMemory, tuning } = options;
  refuseNoDevice(device);
  if (!Number.isSafeInteger(threads) || threads < 1)
    refuse('threads', threads, 'a whole number ≥ 1', 'Leave it out for one a core.');
  if (tuning !== undefined && name !== 'webgpu')
    throw new NotSupportedError(
      `tuning is given; the ${name} engine has nothing to tune. Leave it out, or open 'webgpu'.`,
    );
  if (maxMemory !== undefined) {
    if (name !== 'webgpu')
      throw new NotSupportedError(
        `maxMemory is ${maxMemory}; the ${name} engine has no such ceiling. Leave it out, or open 'webgpu'.`,
      );
    if (!(typeof maxMemory === 'number' && maxMemory >= 1))
      refuse('maxMemory', maxMemory, 'a number of bytes ≥ 1', 'Leave it out for all there is.');
  }
  return OPENERS[name](options);
}

/** The bytes of a part of a caller's buffer on the GPU. */
export async function bringHome(
  ...args: Parameters<Awaited<ReturnType<typeof gpuMemory>>['bringHome']>
): Promise<ArrayBuffer> {
  return (await gpuMemory()).bringHome(...args);
}

/** Lays points that are on a GPU on the grid there, as that engine would. */
export async function layInPlace(
  ...args: Parameters<NonNullable<Engine['layInPlace']>>
): ReturnType<NonNullable<Engine['layInPlace']>> {
  return (await webgpu()).layInPlace(...args);
}

/**
 * Lists the engines, with whether each can run here and why not. Opens and closes each of them once.
 *
 * @param names the engines to look at; default: all
 */
export async function engines(names: readonly EngineName[] = ENGINES): Promise<EngineInfo[]> {
  if (!Array.isArray(names as unknown))
    refuse('names', names, 'an array of engines', 'Leave it out for all of them.');
  names.forEach((name, i) => judgeName(name, `names[${i}]`));
  return Promise.all(names.map(infoOf));
}

/** @throws InvalidInputError */
function judgeName(name: EngineName, what: string): void {
  if (!ENGINES.includes(name))
    refuse(what, name, ENGINES.map((engine) => `'${engine}'`).join(', '), 'Choose one of them.');
}

async function infoOf(name: EngineName): Promise<EngineInfo> {
  try {
    const engine = await openEngine(name);
    const { hardware } = engine;
    const description = (await engine.describe?.()) ?? engine.description;
    await engine.dispose();
    return { name, available: true, hardware, reason: '', description };
  } catch (error) {
    if (!(error instanceof KMeansError)) throw error;
    const reason = error instanceof EngineUnavailableError ? error.reason : error.message;
    return { name, available: false, hardware: false, reason, description: '' };
  }
}

/** One engine to try, in order of preference. */
export interface Rung {
  readonly name: EngineName;
  open(): Promise<Engine>;
  /** Whether the run closes what it opened. */
  readonly owned: boolean;
  /** Only worth using on real hardware. */
  readonly onlyHardware: boolean;
  /** Whether it is worth opening once more after its device was lost: that brings another. */
  readonly again?: boolean;
  /** Why this one: for `explain()`. */
  readonly why: string;
}

/** The engine of a rung. @throws EngineUnavailableError where it is no hardware, and nothing else is wanted */
export async function openRung({ name, open, owned, onlyHardware }: Rung): Promise<Engine> {
  const engine = await open();
  if (engine.hardware || !onlyHardware) return engine;
  if (owned) await engine.dispose();
  throw new EngineUnavailableError(name, `${engine.description} is no hardware GPU`);
}

/**
 * The same rungs for several runs one after the other: each opens its engine once, and whoever asked
 * for them closes what was opened. A run that met a failure leaves the engine to the next, which
 * meets it too and gives way to the next rung likewise.
 */
export function shared(rungs: readonly Rung[]): { rungs: Rung[]; dispose(): Promise<void> } {
  const opened: Promise<Engine>[] = [];
  return {
    rungs: rungs.map((rung) => {
      let engine: Promise<Engine> | undefined;
      const open = () => {
        if (engine) return engine;
        engine = rung.open();
        if (rung.owned) opened.push(engine);
        return engine;
      };
      return { ...rung, open, owned: false, again: false };
    }),
    async dispose() {
      for (const engine of await Promise.allSettled(opened))
        if (engine.status === 'fulfilled') await engine.value.dispose();
    },
  };
}

/** The webgpu engine on a hardware GPU; it is loaded once there is one. @throws EngineUnavailableError */
async function hardwareWebGpu(): Promise<Engine> {
  const opened = await (await devices()).requestDevice(true);
  try {
    return await (await webgpu()).openWebGpu({ opened });
  } catch (error) {
    opened.device.destroy();
    throw error;
  }
}

/** Milliseconds of an iteration on webgl and on wasm, by the number of columns; kept as long as the page. */
const measured = new Map<number, readonly [webgl: number, wasm: number]>();

/** The webgl engine where it is worth having: on a GPU that beats wasm. @throws EngineUnavailableError */
async function fasterWebGl(columns: number, threads: number | undefined): Promise<Engine> {
  const alike = 2 ** Math.ceil(Math.log2(columns));
  const refuseSlower = () => {
    const [own, other] = measured.get(alike) ?? [0, Infinity];
    if (own >= other)
      throw new EngineUnavailableError(
        'webgl',
        `wasm is faster here: an iteration that was measured took it ${other.toFixed(1)} ms, the GPU ${own.toFixed(1)} ms`,
      );
  };
  refuseSlower();
  const engine = await (await webgl()).openWebGl({ onlyHardware: true });
  try {
    if (!measured.has(alike)) measured.set(alike, await measure(engine, alike, threads));
    refuseSlower();
    return engine;
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

async function measure(engine: Engine, columns: number, threads: number | undefined) {
  const processor = await OPENERS.wasm({ threads, linger: true }).catch(() => null);
  if (!processor) return [0, Infinity] as const; // the reference engine is no match
  try {
    const { compareSpeed } = await import('./faster.ts');
    return await compareSpeed([engine, processor], columns);
  } finally {
    await processor.dispose();
  }
}

/** The engines to try for a problem of `work` = rows × k × columns; the first that opens is used. */
export function ladder(
  engine: 'auto' | EngineName | Engine,
  work: number,
  {
    device,
    threads,
    engines = ENGINES,
    points,
  }: EngineOptions & {
    /** Those that have what is asked for, best first. */
    engines?: readonly EngineName[];
    /** What is to be clustered, where that is known. */
    points?: { readonly columns: number };
  },
): Rung[] {
  const rung = (name: EngineName, why: string, onlyHardware = false): Rung => ({
    name,
    open: () => OPENERS[name]({ device, threads, linger: true }),
    owned: true,
    onlyHardware,
    why,
  });
  if (typeof engine === 'object')
    return [
      {
        name: engine.name,
        open: async () => engine,
        owned: false,
        onlyHardware: false,
        why: 'opened by the caller',
      },
    ];
  if (engine !== 'auto') return [rung(engine, 'asked for by name')];
  const why =
    engines.length < ENGINES.length
      ? 'the best without a GPU that has all that is asked for'
      : 'the best engine without a hardware GPU';
  const able = CPU_ENGINES.filter((name) => engines.includes(name));
  const cpu = able.map((name) => rung(name, why));
  if (!engines.includes('webgpu')) return cpu;
  if (able.length === 0) return [rung('webgpu', 'the one that has all that is asked for')];
  if (device) return [rung('webgpu', "the caller's device"), ...cpu];
  if (work < SMALL_WORK)
    return able.map((name) =>
      rung(name, `rows × k × columns is ${work.toExponential(1)}, too little to be worth a GPU`),
    );
  const first = { ...rung('webgpu', 'a hardware GPU', true), open: hardwareWebGpu, again: true };
  if (!engines.includes('webgl')) return [first, ...cpu];
  const next = {
    ...rung('webgl', 'a hardware GPU without WebGPU, measured to be faster than wasm', true),
    open: () => fasterWebGl(points?.columns ?? TYPICAL_COLUMNS, threads),
  };
  return [first, next, ...cpu];
}
