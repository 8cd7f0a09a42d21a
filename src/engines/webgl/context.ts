/**
 * Finding WebGL 2 and gpu.js, and noticing when the context fails. A context that is lost answers every
 * call, with zeros: so each time that something is read it is asked whether it is still there.
 */
import type { GPU } from 'gpu.js';
import {
  DeviceLostError,
  EngineUnavailableError,
  GpuError,
  KMeansError,
  OutOfMemoryError,
} from '../../errors.ts';
import { once } from '../../once.ts';
import { isSoftware } from '../../software.ts';

export interface Context {
  readonly gl: WebGL2RenderingContext;
  readonly gpu: GPU;
  readonly hardware: boolean;
  readonly description: string;
}

const unavailable = (reason: string, cause?: unknown) =>
  new EngineUnavailableError('webgl', reason, { cause });

/** A context of its own, and gpu.js on it. @throws EngineUnavailableError that says what is missing */
export async function openContext(onlyHardware: boolean): Promise<Context> {
  const gl = newContext();
  try {
    if (!gl.getExtension('EXT_color_buffer_float'))
      throw unavailable('the GPU does not draw to float32 textures (EXT_color_buffer_float)');
    for (const type of [gl.HIGH_FLOAT, gl.HIGH_INT]) {
      const format = gl.getShaderPrecisionFormat(gl.FRAGMENT_SHADER, type);
      if (!format || (type === gl.HIGH_FLOAT ? format.precision < 23 : format.rangeMax < 30))
        throw unavailable('the GPU computes in fewer than 32 bits');
    }
    const description = describe(gl);
    const hardware = !isSoftware(description);
    if (onlyHardware && !hardware) throw unavailable(`${description} is no hardware GPU`);
    const gpu = newGpu(await loadGpuJs(), gl);
    return { gl, gpu, hardware, description };
  } catch (error) {
    closeContext(gl);
    throw error;
  }
}

/** Everything that was made in it goes with it. */
export function closeContext(gl: WebGL2RenderingContext): void {
  gl.getExtension('WEBGL_lose_context')?.loseContext();
}

/** Off the page where that has WebGL 2: older versions of Safari have it only on the page. */
function newContext(): WebGL2RenderingContext {
  const canvases = [
    ...(typeof OffscreenCanvas === 'undefined' ? [] : [() => new OffscreenCanvas(2, 2)]),
    ...(typeof document === 'undefined' ? [] : [() => document.createElement('canvas')]),
  ];
  if (canvases.length === 0)
    throw unavailable('WebGL draws on a canvas, which only browsers and their workers have');
  for (const canvas of canvases) {
    const gl = canvas().getContext('webgl2', {
      alpha: false,
      depth: false,
      antialias: false,
      powerPreference: 'high-performance',
    }) as WebGL2RenderingContext | null;
    if (gl) return gl;
  }
  throw unavailable('this browser has no WebGL 2, or has it switched off');
}

function newGpu(Gpu: typeof GPU, context: WebGL2RenderingContext): GPU {
  try {
    return new Gpu({ mode: 'webgl2', canvas: context.canvas, context });
  } catch (error) {
    throw unavailable(`gpu.js refuses the context (${String(error)})`, error);
  }
}

/** CommonJS or a script, by whatever way it comes: the class is the module, in it, or on the page. */
interface GpuJs {
  readonly GPU?: typeof GPU;
  readonly default?: typeof GPU & { readonly GPU?: typeof GPU };
}

/** gpu.js takes the name of WebGPU's own `GPU` on the page; that is given back, also where there is none. */
const loadGpuJs = once(async (): Promise<typeof GPU> => {
  const scope = globalThis as unknown as { GPU?: typeof GPU };
  const own = Object.getOwnPropertyDescriptor(scope, 'GPU');
  let module: GpuJs;
  try {
    module = (await import('gpu.js')) as unknown as GpuJs;
  } catch (error) {
    throw unavailable("it needs the package 'gpu.js' beside this one: npm install gpu.js", error);
  }
  const Gpu = module.GPU ?? module.default?.GPU ?? module.default ?? scope.GPU;
  if (own) Object.defineProperty(scope, 'GPU', own);
  else delete scope.GPU;
  if (typeof Gpu?.prototype.createKernel !== 'function')
    throw unavailable("what is imported as 'gpu.js' is something else");
  return Gpu;
});

function describe(gl: WebGL2RenderingContext): string {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  const description = typeof name === 'string' && name !== '' ? name : 'unnamed GPU';
  return isSoftware(description) ? `${description} (software)` : description;
}

const lost = () =>
  new DeviceLostError(
    'the WebGL context was lost in the middle of the work; no result was returned. Run again.',
  );

/** Work on the context; what goes wrong there comes out as an error of this library. */
export class Watch {
  readonly #gl: WebGL2RenderingContext;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** @throws DeviceLostError or GpuError instead of what `work` throws itself */
  async guard<T>(work: () => T | Promise<T>): Promise<T> {
    this.#checkThere();
    try {
      return await work();
    } catch (error) {
      if (error instanceof KMeansError) throw error;
      this.#checkThere();
      throw new GpuError(`gpu.js failed: ${String(error)}`, { cause: error });
    }
  }

  /**
   * The same, and asks for errors that WebGL has noted since it was last asked. That takes a turn of the GPU's
   * process: worth it where something is waited for anyway.
   * @throws OutOfMemoryError too
   */
  async settled<T>(work: () => T | Promise<T>): Promise<T> {
    const result = await this.guard(work);
    this.#checkThere();
    const gl = this.#gl;
    const codes = new Set<number>();
    for (let code = gl.getError(); code !== gl.NO_ERROR; code = gl.getError()) {
      if (code === gl.CONTEXT_LOST_WEBGL) throw lost();
      codes.add(code);
    }
    if (codes.has(gl.OUT_OF_MEMORY))
      throw new OutOfMemoryError(
        'the GPU has no memory left for a texture. Use fewer points, or a CPU engine.',
      );
    if (codes.size > 0)
      throw new GpuError(
        `WebGL reports ${[...codes].map((code) => `0x${code.toString(16)}`).join(', ')}; no result was returned. Use another engine.`,
      );
    return result;
  }

  #checkThere(): void {
    if (this.#gl.isContextLost()) throw lost();
  }

  /** Resolves once the GPU has done what it was told: commands must not pile up where none can be stopped. */
  async finish(): Promise<void> {
    const gl = this.#gl;
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    for (;;) {
      this.#checkThere();
      const status = sync ? gl.clientWaitSync(sync, 0, 0) : gl.WAIT_FAILED;
      if (status !== gl.TIMEOUT_EXPIRED) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    gl.deleteSync(sync);
  }
}
