/**
 * Others on the same GPU through the same Dawn: gpu.js in its webgpu mode, and the k-means of
 * @playcanvas/splat-transform, which its command line runs when it writes a SOG file. Whoever is not beside the
 * benchmark is skipped, and the report says so.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Matrix } from '../../src/index.ts';

/** What is used of gpu.js. */
interface GpuJs {
  GPU: new (options: { mode: 'webgpu' }) => {
    createKernel(
      kernel: (this: KernelThis, points: number[], centroids: number[]) => number,
      options: object,
    ): (points: Float32Array, centroids: Float32Array) => Promise<Float32Array>;
    destroy(): Promise<void>;
  };
}
interface KernelThis {
  thread: { x: number };
  constants: { columns: number; k: number };
}

/** Where peers are: `node_modules` beside the benchmark. */
function resolve(modules: string, file: string): string | null {
  const found = path.join(modules, file);
  return existsSync(found) ? found : null;
}

/**
 * ms that gpu.js takes to assign every point to its nearest centroid, points uploaded and labels back: it has
 * no loop of its own. Null where it is not here.
 */
export async function gpuJsAssign(
  modules: string,
  gpu: GPU,
  { data, rows, columns }: Matrix,
  init: Matrix,
  repeats: number,
): Promise<{ milliseconds: number; labels: Float32Array } | null> {
  const file = resolve(modules, 'gpu.js/dist/gpu-browser.js');
  if (file === null) return null;
  // it asks the browser's global
  if (!('gpu' in (globalThis.navigator ?? {})))
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const { GPU: Gpu } = createRequire(import.meta.url)(file) as GpuJs;
  const instance = new Gpu({ mode: 'webgpu' });
  // compiled from this text: plain statements only
  const kernel = instance.createKernel(
    function (points, centroids) {
      let best = 1e38;
      let label = 0;
      for (let j = 0; j < this.constants.k; j++) {
        let distance = 0;
        for (let t = 0; t < this.constants.columns; t++) {
          const difference =
            points[this.thread.x * this.constants.columns + t] -
            centroids[j * this.constants.columns + t];
          distance += difference * difference;
        }
        if (distance < best) {
          best = distance;
          label = j;
        }
      }
      return label;
    },
    {
      output: [rows],
      constants: { columns, k: init.rows },
      loopMaxIterations: init.rows + columns,
    },
  );
  try {
    let labels = await kernel(data, init.data); // compiles
    let best = Infinity;
    for (let i = 0; i < repeats; i++) {
      const since = performance.now();
      labels = await kernel(data, init.data);
      best = Math.min(best, performance.now() - since);
    }
    return { milliseconds: best, labels };
  } finally {
    await instance.destroy();
  }
}

export interface SplatTransform {
  version: string;
  /** What its own log says of k-means: kernels built, points uploaded, labels brought back. */
  milliseconds: number;
  /** The difference of two runs by the difference of their iterations. */
  iteration: number;
  k: number;
}

/** Its palette has as many entries: k, that is. */
export function paletteOf(rows: number): number {
  return Math.min(64, 2 ** Math.floor(Math.log2(rows / 1024))) * 1024;
}

/** rows × 45 in so many clusters, on its first GPU. Null where it is not here. */
export async function splatTransform(
  modules: string,
  points: Matrix,
  iterations: number,
  gpu: string,
): Promise<SplatTransform | null> {
  const cli = resolve(modules, '@playcanvas/splat-transform/bin/cli.mjs');
  if (cli === null || points.columns !== 45) return null;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'centroids-splats-'));
  try {
    const ply = path.join(folder, 'points.ply');
    writeSplats(ply, points);
    const few = Math.max(1, Math.floor(iterations / 5));
    const run = async (count: number) => {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [cli, '-w', '--verbose', '--no-tty', '-g', gpu, '-i', String(count)].concat(
          ply,
          path.join(folder, 'points.sog'),
        ),
        { maxBuffer: 2 ** 26, timeout: 600_000 },
      );
      return readLog(stdout + stderr);
    };
    const short = await run(few);
    const long = await run(iterations);
    return {
      version: long.version,
      milliseconds: long.milliseconds,
      iteration: (long.milliseconds - short.milliseconds) / (iterations - few),
      k: long.k,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the log of a run says. @throws where it does not say how long k-means took */
function readLog(text: string): { version: string; milliseconds: number; k: number } {
  const [, version = 'unknown'] = /splat-transform (v\S+)/.exec(text) ?? [];
  const clusters = /clusters=(\d+)/.exec(text);
  const took = /k-means \[#+\] (?:(\d+)m ?)?([\d.]+)s/.exec(text);
  if (!clusters || !took) throw new Error(`splat-transform says nothing of k-means:\n${text}`);
  const milliseconds = 1000 * (60 * Number(took[1] ?? 0) + Number(took[2]));
  return { version, milliseconds, k: Number(clusters[1]) };
}

const BEFORE = ['x', 'y', 'z', 'f_dc_0', 'f_dc_1', 'f_dc_2'];
const AFTER = ['opacity', 'scale_0', 'scale_1', 'scale_2', 'rot_0', 'rot_1', 'rot_2', 'rot_3'];
/** Rows that are written at a time. */
const PIECE = 65_536;

/** Splats whose spherical harmonics are the points; everything else of them is the same. */
function writeSplats(file: string, { data, rows, columns }: Matrix): void {
  const names = [...BEFORE, ...Array.from({ length: columns }, (_, t) => `f_rest_${t}`), ...AFTER];
  const properties = names.map((name) => `property float ${name}\n`).join('');
  const head = `ply\nformat binary_little_endian 1.0\nelement vertex ${rows}\n${properties}end_header\n`;
  const out = openSync(file, 'w');
  try {
    writeSync(out, head);
    const width = names.length;
    const piece = new Float32Array(PIECE * width);
    for (let first = 0; first < rows; first += PIECE) {
      const count = Math.min(PIECE, rows - first);
      for (let i = 0; i < count; i++) {
        const at = i * width;
        // places of their own: the file is ordered by them
        piece[at] = (first + i) / rows;
        const from = (first + i) * columns;
        piece.set(data.subarray(from, from + columns), at + BEFORE.length);
        piece[at + width - 4] = 1; // a rotation by nothing
      }
      writeSync(out, new Uint8Array(piece.buffer, 0, 4 * count * width));
    }
  } finally {
    closeSync(out);
  }
}
