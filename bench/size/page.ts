/**
 * The page of `npm run check:size`: clusters more rows than one binding holds labels of, through WebGPU on a
 * device with the limits that every device has; once with all points on it, once with little memory.
 */
import { kmeans, openEngine, uniformBoard, type Matrix } from '../../src/index.ts';
import { firstCentroids } from '../data.ts';

export interface Task {
  rows: number;
  columns: number;
  k: number;
  iterations: number;
  /** Bytes of GPU memory in the run that streams. */
  maxMemory: number;
}

export interface Outcome {
  what: string;
  hash: string;
  inertia: number;
  iterations: number;
  seconds: Record<'all' | 'open' | 'seed' | 'iterate' | 'read', number>;
}

export type Way = 'wasm' | 'webgpu' | 'webgpu, streamed';

declare global {
  interface Window {
    /** Called from outside. */
    size: { prepare(task: Task): Promise<string>; run(way: Way): Promise<Outcome> };
  }
}

let task: Task;
let points: Matrix;
let init: Matrix;

async function prepare(asked: Task): Promise<string> {
  task = asked;
  const { data, rows, columns } = uniformBoard(task.rows, { columns: task.columns });
  points = { data, rows, columns };
  init = firstCentroids(points, task.k, 0);
  const device = await openDevice();
  const { limits, adapterInfo } = device;
  const { maxStorageBufferBindingSize, maxBufferSize } = limits;
  device.destroy();
  return `${adapterInfo.vendor} ${adapterInfo.architecture}: bindings up to ${maxStorageBufferBindingSize} bytes, buffers up to ${maxBufferSize}`;
}

/** Asks for nothing: these are the limits that may be assumed everywhere. */
async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('there is WebGPU but no adapter');
  return adapter.requestDevice();
}

async function run(way: Way): Promise<Outcome> {
  const since = performance.now();
  const options = { init, maxIter: task.iterations, tol: 0 };
  const device = way === 'wasm' ? null : await openDevice();
  const engine = device
    ? await openEngine('webgpu', {
        device,
        maxMemory: way === 'webgpu, streamed' ? task.maxMemory : undefined,
      })
    : 'wasm';
  const result = await kmeans(points, task.k, { ...options, engine });
  if (typeof engine === 'object') await engine.dispose();
  device?.destroy();
  const { hash, inertia, iterations, seconds } = result;
  const all = (performance.now() - since) / 1000;
  return { what: way, hash, inertia, iterations, seconds: { all, ...seconds } };
}

window.size = { prepare, run };
