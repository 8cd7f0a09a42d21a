/**
 * gpu.js as somebody would use it who reads its front page, in each of its modes for browsers: one kernel that
 * finds the nearest centroid of a row, and means in JavaScript. Its CPU mode builds functions of text, which a
 * Content-Security-Policy may forbid.
 */
import type { GPU, IKernelRunShortcut, KernelOutput } from 'gpu.js';
import type { Matrix } from '../../src/index.ts';
import { isSoftware } from '../../src/software.ts';
import type { GpuJsMode } from './contestants.ts';
import type { Contender, Meet } from './library-run.ts';

/** On WebGPU there are promises, which its types do not know. */
type Later = KernelOutput | Promise<KernelOutput>;

/** Texts: gpu.js reads a function's, and minifiers change that. */
const GATHER = `function gather(points, centroids) {
  let nearest = 0;
  let least = 3e38;
  for (let j = 0; j < this.constants.k; j++) {
    let square = 0;
    for (let t = 0; t < this.constants.columns; t++) {
      const difference =
        points[this.thread.x * this.constants.columns + t] - centroids[j * this.constants.columns + t];
      square += difference * difference;
    }
    if (square < least) {
      least = square;
      nearest = j;
    }
  }
  return nearest;
}`;
const LAY = 'function lay(values) { return values[this.thread.x]; }';

/** The package as bundlers give it: CommonJS, or what it leaves in the global scope. */
async function load(): Promise<typeof GPU> {
  const module = (await import('gpu.js')) as unknown as {
    GPU?: typeof GPU;
    default?: typeof GPU & { GPU?: typeof GPU };
  };
  const Gpu = module.GPU ?? module.default?.GPU ?? module.default;
  if (typeof Gpu?.prototype.createKernel !== 'function')
    throw new Error("what is imported as 'gpu.js' is something else");
  return Gpu;
}

/** @throws an error that says what is missing, where this mode cannot run */
export async function openGpuJs(mode: GpuJsMode): Promise<Meet> {
  const Gpu = await load();
  const facts = await look[mode](Gpu);
  // a context each: gpu.js loses it when it is disposed of
  return (points, start) =>
    meet(new Gpu({ mode, ...(mode === 'webgl2' && newContext()) }), mode, facts, points, start);
}

type Facts = Pick<Contender, 'description' | 'hardware'>;

/** What each mode runs on, where it can. */
const look: Record<GpuJsMode, (Gpu: typeof GPU) => Facts | Promise<Facts>> = {
  async webgpu(Gpu) {
    if (!(await Gpu.isWebGPUAvailable())) throw new Error('there is no WebGPU adapter for it');
    const adapter = await navigator.gpu.requestAdapter();
    const { vendor = '', architecture = '', isFallbackAdapter = false } = adapter?.info ?? {};
    const description = `${vendor} ${architecture}`.trim() || 'unnamed adapter';
    return { description, hardware: !isFallbackAdapter && !isSoftware(description) };
  },
  webgl2() {
    const { context: probe } = newContext();
    const names = probe.getExtension('WEBGL_debug_renderer_info');
    const description = String(
      probe.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : probe.RENDERER),
    );
    return { description, hardware: !isSoftware(description) };
  },
  webasm: () => ({ description: 'float32 and SIMD on this thread', hardware: false }),
  cpu() {
    mayBuildFunctions();
    return { description: 'float32 on this thread', hardware: false };
  },
};

/** gpu.js passes over it in silence where it may not. @throws EvalError */
function mayBuildFunctions(): void {
  Reflect.construct(Function, ['']);
}

function newContext(): { canvas: OffscreenCanvas; context: WebGL2RenderingContext } {
  const canvas = new OffscreenCanvas(2, 2);
  const context = canvas.getContext('webgl2');
  if (!context) throw new Error('this browser has no WebGL 2, or has it switched off');
  return { canvas, context };
}

function meet(gpu: GPU, mode: GpuJsMode, facts: Facts, points: Matrix, start: Matrix): Contender {
  const { data, rows, columns } = points;
  const { rows: k } = start;
  const precise = {
    ...({ precision: 'single', tactic: 'precision' } as const),
    // loops are cut short there otherwise, in silence
    loopMaxIterations: Math.max(k, columns) + 1,
  };
  const gather = gpu.createKernel(GATHER, {
    ...precise,
    output: [rows],
    constants: { k, columns },
  });
  const lay = gpu.createKernel(LAY, {
    ...precise,
    output: [data.length],
    pipeline: true,
    immutable: true,
  });
  const flat = Float32Array.from(data);
  const onGpu = mode === 'webgl2' || mode === 'webgpu';
  return {
    ...facts,
    labelsLag: false,
    async fit(most) {
      const since = performance.now();
      // on a processor it would only copy them
      const laid = onGpu ? await (lay(flat) as Later) : null;
      const upload = onGpu ? performance.now() - since : null;
      const input = (laid ?? flat) as Float32Array;
      const centroids = Float64Array.from(start.data);
      const assign = async () =>
        Uint32Array.from(
          (await (gather(input, Float32Array.from(centroids)) as Later)) as Float32Array,
        );
      let labels = await assign();
      inMode(gather, mode);
      let iterations = 0;
      let moved = true;
      while (moved && iterations < most) {
        update(points, labels, centroids);
        iterations++;
        const next = await assign();
        moved = next.some((label, i) => label !== labels[i]);
        labels = next;
      }
      // ours counts the iteration that finds nothing moved
      if (!moved && iterations < most) iterations++;
      if (laid !== null && 'delete' in (laid as object)) (laid as { delete(): void }).delete();
      return { labels, centroids, iterations, upload };
    },
    dispose: () => void gpu.destroy(),
  };
}

/** gpu.js goes over to another mode in silence where it cannot do a kernel. @throws Error */
function inMode({ kernel }: IKernelRunShortcut, mode: GpuJsMode): void {
  const now = (kernel.constructor as unknown as { mode: string }).mode;
  // all of WebGL is called so
  if (now !== (mode === 'webgl2' ? 'gpu' : mode))
    throw new Error(`gpu.js left its mode ${mode} for ${now}`);
}

/** Centroids become the means of their rows; one without rows stays. */
function update({ data, rows, columns }: Matrix, labels: Uint32Array, centroids: Float64Array) {
  const sums = new Float64Array(centroids.length);
  const counts = new Uint32Array(centroids.length / columns);
  for (let i = 0; i < rows; i++) {
    const to = labels[i] * columns;
    counts[labels[i]]++;
    for (let t = 0; t < columns; t++) sums[to + t] += data[i * columns + t];
  }
  for (let j = 0; j < counts.length; j++)
    if (counts[j] > 0)
      for (let at = j * columns; at < (j + 1) * columns; at++) centroids[at] = sums[at] / counts[j];
}
