/**
 * The kernels, for gpu.js to translate. They are texts and not functions, since gpu.js reads a function's
 * text, and minifiers and coverage tools change that. Not evaluated anywhere: a strict
 * Content-Security-Policy lets them through.
 *
 * Numbers are float32. What has to be exact consists of whole numbers below 2^24 and of steps that have no
 * rounding in them (by powers of two, floor, differences of near numbers), whatever the GPU does about rounding.
 * Textures hold four values a texel: a row of d columns is ⌈d / 4⌉ texels, the last filled up with zeros.
 */
import type { GPU, IGPUKernelSettings, IKernelRunShortcut, Texture } from 'gpu.js';
import { GpuError } from '../../errors.ts';

/** Farther than anything on the grid: squared distances there are at most 2^14. */
export const NOWHERE = 1e30;

/** Bits of a limb of a sum-grid value. Three limbs hold 2^30. */
export const LIMB_BITS = 10;
/** Bits of a limb of a weight. */
export const FACTOR_BITS = 6;
/** Rows that a sum goes over: 2^(8 + 10 + 6) is as far as float32 counts. */
export const SEGMENT = 2 ** 8;

/** Turns that a loop of a kernel takes at most: gpu.js leaves it then, and says nothing. */
export const TURNS = 1024;

/** Four numbers a texel, as they come: whatever is to stay on the GPU. */
const LAY = `function lay(values) {
  const at = this.thread.x * 4;
  return [values[at], values[at + 1], values[at + 2], values[at + 3]];
}`;

/** Centroids that a texel of a row is compared with at once: fetching takes longer than comparing. */
export const LANES = 4;
const lanes = (text: (lane: number) => string) =>
  Array.from({ length: LANES }, (_, lane) => text(lane)).join('\n');

/**
 * `assign`: of some more centroids, the nearest and how near the second comes, beside those that a row has met
 * already. A row's state is [nearest distance, second distance, nearest, the one to leave out]. Centroids come in
 * a texture of their own, the first of which is number `offset`.
 */
const assign = (
  term: (difference: string) => string,
) => `function assign(points, centroids, states, width, offset, first, end) {
  const row = this.thread.x;
  const state = states[row];
  let best = state[0];
  let second = state[1];
  let nearest = state[2];
  const except = state[3];
  for (let j = first; j < end; j += ${LANES}) {
    ${lanes((i) => `let distance${i} = 0.0;`)}
    for (let t = 0; t < width; t++) {
      const y = points[row * width + t];
      ${lanes(
        (i) => `const c${i} = centroids[(j + ${i}) * width + t];
      const x${i} = y[0] - c${i}[0];
      const y${i} = y[1] - c${i}[1];
      const z${i} = y[2] - c${i}[2];
      const w${i} = y[3] - c${i}[3];
      distance${i} += ${term(`x${i}`)} + ${term(`y${i}`)} + (${term(`z${i}`)} + ${term(`w${i}`)});`,
      )}
    }
    ${lanes(
      (i) => `if (j + ${i} < end && offset + j + ${i} !== except) {
      if (distance${i} < best) {
        second = best;
        best = distance${i};
        nearest = offset + j + ${i};
      } else {
        if (distance${i} < second) {
          second = distance${i};
        }
      }
    }`,
    )}
  }
  return [best, second, nearest, except];
}`;

/**
 * `settle`: the nearest centroid counted from 1, negative where the second is too near for floats to tell.
 * Never 0, which is what a lost context reads as.
 */
const SETTLE = `function settle(states, relative, root, absolute) {
  const state = states[this.thread.x];
  const sum = state[0] + state[1];
  if (state[1] - state[0] > relative * sum + root * Math.sqrt(sum) + absolute) {
    return state[2] + 1;
  }
  return 0 - state[2] - 1;
}`;

/**
 * `accumulate`: Σ factor · p over the rows of a segment, a column a thread, in three limbs, and Σ factor. An
 * entry is [row, factor]; a segment lies from its entry to that of the next. p = round(|y| · scale), halves up.
 */
const ACCUMULATE = `function accumulate(points, entries, segments, scales, width, columns) {
  const segment = quotient(this.thread.x, columns);
  const column = this.thread.x - segment * columns;
  const texel = quotient(column, 4);
  const lane = column - texel * 4;
  const scale = scales[column];
  const from = segments[segment];
  const to = segments[segment + 1];
  let high = 0.0;
  let middle = 0.0;
  let low = 0.0;
  let count = 0.0;
  for (let i = from; i < to; i++) {
    const row = entries[2 * i];
    const factor = entries[2 * i + 1];
    const texels = points[row * width + texel];
    let y = texels[0];
    if (lane === 1) { y = texels[1]; }
    if (lane === 2) { y = texels[2]; }
    if (lane === 3) { y = texels[3]; }
    const v = Math.abs(y) * scale;
    let p = Math.floor(v);
    if (v - p >= 0.5) { p += 1; }
    const h = Math.floor(p * ${2 ** (-2 * LIMB_BITS)});
    const rest = p - h * ${2 ** (2 * LIMB_BITS)};
    const m = Math.floor(rest * ${2 ** -LIMB_BITS});
    const l = rest - m * ${2 ** LIMB_BITS};
    let signed = factor;
    if (y < 0) { signed = 0 - factor; }
    high += signed * h;
    middle += signed * m;
    low += signed * l;
    count += factor;
  }
  return [high, middle, low, count];
}`;

const SQUARE = (d: string) => `${d} * ${d}`;
const MAGNITUDE = (d: string) => `Math.abs(${d})`;

const VALUES = 'Array' as const;
const TEXELS = 'ArrayTexture(4)' as const;
const FLOAT = 'Float' as const;
const WHOLE = 'Integer' as const;

/** Kernels of one context, compiled when they are first called. */
export class Kernels {
  readonly #gpu: GPU;
  readonly #kernels = new Map<string, IKernelRunShortcut>();
  #turn = 0;
  #lastStates: Texture | null = null;

  constructor(gpu: GPU) {
    this.#gpu = gpu;
    // float division need not give a whole number where there is one
    gpu.addNativeFunction('quotient', 'int quotient(int a, int b) { return a / b; }');
  }

  lay(texels: number, values: Float32Array): Texture {
    return this.#run('lay', LAY, { values: VALUES }, texels, [values]) as Texture;
  }

  /**
   * States may be those of the last call. They are never given to the kernel that made them: gpu.js 2.24.1 then
   * draws to a texture of an earlier size. So there are two of it, which take turns.
   */
  assign(
    distance: 'euclidean' | 'manhattan',
    rows: number,
    points: Texture,
    centroids: Texture,
    states: Texture,
    width: number,
    offset: number,
    first: number,
    end: number,
  ): Texture {
    const types = {
      ...{ points: TEXELS, centroids: TEXELS, states: TEXELS },
      ...{ width: WHOLE, offset: WHOLE, first: WHOLE, end: WHOLE },
    } as const;
    const source = assign(distance === 'manhattan' ? MAGNITUDE : SQUARE);
    const values = [points, centroids, states, width, offset, first, end];
    const turn = states === this.#lastStates ? 1 - this.#turn : 0;
    const made = this.#run(`assign ${distance} ${turn}`, source, types, rows, values) as Texture;
    this.#turn = turn;
    this.#lastStates = made;
    return made;
  }

  async settle(
    rows: number,
    states: Texture,
    { relative, root, absolute }: { relative: number; root: number; absolute: number },
  ): Promise<Float32Array> {
    const types = { states: TEXELS, relative: FLOAT, root: FLOAT, absolute: FLOAT };
    const values = [states, relative, root, absolute];
    return (await this.#run('settle', SETTLE, types, rows, values, true)) as Float32Array;
  }

  async accumulate(
    segments: number,
    points: Texture,
    entries: Float32Array,
    bounds: Float32Array,
    scales: Float32Array,
    width: number,
  ): Promise<Float32Array[]> {
    const columns = scales.length;
    const types = {
      ...{ points: TEXELS, entries: VALUES, segments: VALUES, scales: VALUES },
      ...{ width: WHOLE, columns: WHOLE },
    } as const;
    const values = [points, entries, bounds, scales, width, columns];
    const size = segments * columns;
    return (await this.#run('accumulate', ACCUMULATE, types, size, values, true)) as Float32Array[];
  }

  #run(
    name: string,
    source: string,
    argumentTypes: NonNullable<IGPUKernelSettings['argumentTypes']>,
    threads: number,
    values: readonly (Texture | Float32Array | number)[],
    home = false,
  ): unknown {
    let kernel = this.#kernels.get(name);
    if (!kernel) {
      kernel = this.#gpu.createKernel(source, {
        argumentTypes,
        precision: 'single',
        tactic: 'precision',
        strictIntegers: true,
        dynamicArguments: true,
        dynamicOutput: true,
        output: [threads],
        // results that stay are textures of whoever asked for them; those that come home are waited for
        ...(home ? { asyncMode: true } : { pipeline: true, immutable: true }),
      });
      kernel.setLoopMaxIterations(TURNS);
      this.#kernels.set(name, kernel);
    } else if (kernel.output[0] !== threads) kernel.setOutput([threads]);
    const result: unknown = kernel(...(values as Parameters<IKernelRunShortcut>));
    // it goes on in plain JavaScript where a kernel does not suit it: slower than ours, and in float64
    if (kernel.fallbackReason)
      throw new GpuError(`gpu.js leaves the GPU: ${kernel.fallbackReason}.`);
    return result;
  }
}
