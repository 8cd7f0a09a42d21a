/** The kernels bare: an instance of each build, its memory, and the points of a grid in it. */
import { EngineUnavailableError } from '../../src/errors.ts';
import { powerOfTwo, SUM_BITS, type Grid } from '../../src/grid.ts';
import { BINARY as PLAIN } from '../../src/lanes/binary-plain.ts';
import { BINARY as RELAXED } from '../../src/lanes/binary-relaxed.ts';
import { bytesOf } from '../../src/lanes/module.ts';
import { nearTieBound } from '../../src/near-tie.ts';

type TypedArray = Float32Array | Float64Array | Uint32Array | Int32Array | BigInt64Array;

export interface Instance {
  /** Calls a kernel; an address comes back as it is counted, without a sign. */
  call(name: string, ...args: number[]): number;
  /** What a variable of the kernels is. */
  variable(name: string): number;
  write(address: number, numbers: TypedArray): void;
  u32(address: number, length: number): Uint32Array;
  i32(address: number, length: number): Int32Array;
  f32(address: number, length: number): Float32Array;
  f64(address: number, length: number): Float64Array;
  i64(address: number, length: number): BigInt64Array;
}

/** Builds that can run here. Node has no relaxed SIMD without a flag; Chromium has both. */
export const BUILDS = [
  { name: 'SIMD', binary: bytesOf(PLAIN) },
  { name: 'relaxed SIMD', binary: bytesOf(RELAXED) },
].filter(({ binary }) => WebAssembly.validate(binary));

export async function instance(binary = BUILDS[0].binary): Promise<Instance> {
  const { instance } = await WebAssembly.instantiate(binary, {
    env: {
      abort: () => {
        throw new EngineUnavailableError('wasm', 'the kernels gave up');
      },
    },
  });
  const { exports } = instance;
  const buffer = () => (exports['memory'] as WebAssembly.Memory).buffer;
  return {
    call: (name, ...args) => {
      const result = (exports[name] as (...args: number[]) => number | undefined)(...args) ?? 0;
      return Number.isInteger(result) && result < 0 ? result >>> 0 : result;
    },
    variable: (name) => (exports[name] as WebAssembly.Global<'i32'>).value >>> 0,
    write: (address, { buffer: from, byteOffset, byteLength }) =>
      new Uint8Array(buffer(), address, byteLength).set(
        new Uint8Array(from, byteOffset, byteLength),
      ),
    u32: (address, length) => new Uint32Array(buffer(), address, length).slice(),
    i32: (address, length) => new Int32Array(buffer(), address, length).slice(),
    f32: (address, length) => new Float32Array(buffer(), address, length).slice(),
    f64: (address, length) => new Float64Array(buffer(), address, length).slice(),
    i64: (address, length) => new BigInt64Array(buffer(), address, length).slice(),
  };
}

/** Opens a lane for all rows of a grid and puts them there. */
export function put(kernels: Instance, grid: Grid, k: number, firstRow = 0): void {
  const { rows, columns, values, weights, columnExponents } = grid;
  kernels.call('open', rows, firstRow, columns, k, weights ? 1 : 0, 4);
  const bound = nearTieBound(columns);
  kernels.call('setBound', bound.relative, bound.root, bound.absolute);
  kernels.call('openExact', k);
  kernels.write(kernels.call('pointsAt'), values);
  if (weights) kernels.write(kernels.call('weightsAt'), weights);
  kernels.write(
    kernels.call('sumStepsAt'),
    Float32Array.from(columnExponents, (e) => powerOfTwo(SUM_BITS - e)),
  );
}

/** Centroids in the lane's hand. */
export function place(kernels: Instance, centroids: Float32Array, columns: number): void {
  kernels.write(kernels.call('centroidsAt'), centroids);
  kernels.call('setCentroids', centroids.length / columns);
  kernels.call('quantizeCentroids');
}
