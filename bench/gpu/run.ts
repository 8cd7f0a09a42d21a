/**
 * The GPU benchmark itself: runs on a GPU machine from one folder, with Node and the package `webgpu` beside
 * it and nothing else (build.ts makes the folder). Prints a table and writes JSON. A case whose answers are
 * wrong has no times; exits with 1 then, and where there is no hardware GPU unless --software is given.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type * as Dawn from 'webgpu';
import { markdownTable } from 'markdown-table';
import { median } from 'simple-statistics';
import {
  kmeans,
  openEngine,
  type KMeansOptions,
  type KMeansResult,
  type KernelSizes,
  type Matrix,
  type TuningOption,
} from '../../src/index.ts';
import { squaredDistance } from '../../src/matrix.ts';
import { findCases, scaled, type Case } from '../cases.ts';
import { firstCentroids, makePoints } from '../data.ts';
import { machine } from '../machine.ts';
import { digits, setting } from '../report.ts';
import { gpuJsAssign, splatTransform, type SplatTransform } from './peers.ts';
import { measurePeaks, type Peaks } from './peaks.ts';
import { TimedDevice, type KernelTime } from './timed-device.ts';
import { tutorial } from './tutorial.ts';

declare const __COMMIT__: string;

const HERE = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: 'G1,G2,G3,G4,C1,C2,C3,C4,C5,C6,C7,C8,S1' },
    scale: { type: 'string', default: '1' },
    iterations: { type: 'string', default: '10' },
    repeat: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.5' },
    modules: {
      type: 'string',
      default: process.env['NODE_PATH'] ?? path.join(HERE, 'node_modules'),
    },
    json: { type: 'string' },
    software: { type: 'boolean', default: false },
    /** 'auto', 'always' or 'off': whether sizes of kernels are measured. */
    tuning: { type: 'string', default: 'auto' },
    'no-peers': { type: 'boolean', default: false },
  },
});
const iterations = Number(values.iterations);

/** rows · k · columns · iterations up to which the CPU engine is asked for the same answer. */
const CHECKED_WORK = 3e11;

export interface GpuLine {
  case: Case;
  /** What went wrong, or was left out, for people. */
  remarks: string[];
  hash?: string;
  /** Sizes of kernels that have been measured up to then. */
  tuned?: KernelSizes;
  iterations?: number;
  fit?: { median: number; least: number; most: number };
  phases?: KMeansResult['seconds'];
  /** ms of phase 'iterate' by iteration. */
  iteration?: number;
  gigaflops?: number;
  gigabytes?: number;
  kernels?: [name: string, time: KernelTime][];
  tutorial?: { iteration: number; assign: number };
  gpuJs?: number;
  splatTransform?: SplatTransform;
}

const require = createRequire(pathToFileURL(path.join(values.modules, 'x.js')));
const { create, globals } = (await import(pathToFileURL(require.resolve('webgpu')).href)) as Pick<
  typeof Dawn,
  'create' | 'globals'
>;
Object.assign(globalThis, globals);
const gpu = create([]);
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
if (!adapter) {
  console.error('There is no WebGPU adapter: is a Vulkan driver (ICD) visible? See run.sh.');
  process.exit(1);
}
const { limits, info } = adapter;
const timestamps = adapter.features.has('timestamp-query');
const requiredLimits = {
  maxBufferSize: limits.maxBufferSize,
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
};
const open = (timed: boolean) =>
  adapterAgain().then((again) =>
    again.requestDevice({
      requiredLimits,
      requiredFeatures: timed ? ['timestamp-query' as const] : [],
    }),
  );
/** An adapter gives one device. */
async function adapterAgain(): Promise<GPUAdapter> {
  return (await gpu.requestAdapter({ powerPreference: 'high-performance' }))!;
}

const here = machine();
const name = [info.vendor, info.architecture, info.device, info.description]
  .filter((word) => /\D/.test(word))
  .join(' ');
const device = await open(false);
const engine = await openEngine('webgpu', {
  device,
  tuning: values.tuning as TuningOption, // judged there
});
console.log(setting({ machine: here, date: new Date().toISOString(), commit: __COMMIT__ }));
console.log(`${engine.description} (${name}); ${[...adapter.features].sort().join(' ')}`);
if (!engine.hardware) {
  console.log('THIS IS NO GPU: a software adapter. Its numbers say nothing about GPUs.');
  if (!values.software) process.exit(1);
}
if (!timestamps) console.log('No timestamp queries here: no times by kernel.');
const peaks = await measurePeaks(device, Number(values.seconds), engine.hardware);
console.log(
  `Peaks measured here: ${digits(peaks.gigaflops)} GFLOP/s (fma), ${digits(peaks.gigabytes)} GB/s (copy).`,
);

const lines: GpuLine[] = [];
let wrong = false;
for (const given of findCases(values.cases.split(','))) {
  const line = await measure(scaled(given, Number(values.scale)));
  lines.push(line);
  console.log(`\n${line.case.name}: ${line.remarks.join('; ') || 'done'}`);
  for (const [kernel, { milliseconds, dispatches }] of line.kernels ?? [])
    console.log(
      `  ${kernel}: ${digits(milliseconds / (line.iterations ?? 1))} ms an iteration, ${dispatches} dispatches`,
    );
}
console.log(`\n${table(lines, peaks)}`);
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ date: new Date().toISOString(), commit: __COMMIT__, machine: here, adapter: name, hardware: engine.hardware, peaks, lines }, null, 2)}\n`,
  );
await engine.dispose();
device.destroy();
process.exit(wrong ? 1 : 0);

async function measure(given: Case): Promise<GpuLine> {
  const line: GpuLine = { case: given, remarks: [] };
  const tell = (what: string) => console.error(`${given.name}: ${what} …`);
  tell('points');
  const points = makePoints(given, 0);
  const init = firstCentroids(points, given.k, 0);
  const options: KMeansOptions = { init, maxIter: iterations, tol: 0 };
  const work = given.rows * given.k * given.columns;
  try {
    tell('the first fit, which compiles');
    const first = await kmeans(points, given.k, { ...options, engine });
    tell('fits');
    const fits: { result: KMeansResult; milliseconds: number }[] = [];
    for (let i = 0; i < Number(values.repeat); i++) {
      const since = performance.now();
      const result = await kmeans(points, given.k, { ...options, engine });
      fits.push({ result, milliseconds: performance.now() - since });
    }
    tell('kernels one by one');
    const kernels = timestamps ? await byKernel(points, given.k, options) : null;
    if (
      [...fits.map(({ result }) => result.hash), kernels?.hash ?? first.hash].some(
        (h) => h !== first.hash,
      )
    )
      throw new Error('the same fit gave other bits the next time');
    if (work * first.iterations <= CHECKED_WORK) {
      tell('the same on the CPU');
      const { hash } = await kmeans(points, given.k, { ...options, engine: 'wasm' });
      if (hash !== first.hash) throw new Error(`hash ${first.hash}; the wasm engine has ${hash}`);
    } else line.remarks.push('too large to be checked on the CPU here');
    const walls = fits.map(({ milliseconds }) => milliseconds);
    const iteration =
      median(fits.map(({ result }) => 1000 * result.seconds.iterate)) / first.iterations;
    Object.assign(line, {
      hash: first.hash,
      tuned: { ...engine.kernelSizes },
      iterations: first.iterations,
      fit: { median: median(walls), least: Math.min(...walls), most: Math.max(...walls) },
      phases: fits[0].result.seconds,
      iteration,
      gigaflops: (2 * work) / iteration / 1e6,
      gigabytes: (4 * given.rows * (given.columns + 1)) / iteration / 1e6,
    });
    if (kernels) {
      line.kernels = kernels.times;
      if (kernels.untimed > 0) line.remarks.push(`${kernels.untimed} dispatches were not timed`);
    }
  } catch (error) {
    wrong = true;
    line.remarks.push(`WRONG or failed: ${error instanceof Error ? error.message : String(error)}`);
    return line;
  }
  if (!values['no-peers']) await beside(line, points, init);
  return line;
}

/** A fit of its own, on a device of its own, whose dispatches are timed one by one. */
async function byKernel(points: Matrix, k: number, options: KMeansOptions) {
  const timed = new TimedDevice(await open(true));
  // as the others ran: measuring would be among the times
  const own = await openEngine('webgpu', {
    device: timed.device,
    tuning: engine.kernelSizes ?? {},
  });
  try {
    await timed.times(); // of the self-test
    timed.untimed = 0;
    const { hash } = await kmeans(points, k, { ...options, engine: own });
    return { hash, times: await timed.times(), untimed: timed.untimed };
  } finally {
    await own.dispose();
    timed.device.destroy();
  }
}

/** Others on the same points. A failure of theirs is a remark. */
async function beside(line: GpuLine, points: Matrix, init: Matrix): Promise<void> {
  const attempt = async (who: string, work: () => Promise<boolean>) => {
    console.error(`${line.case.name}: ${who} …`);
    try {
      if (!(await work())) line.remarks.push(`${who} is NOT HERE and was skipped`);
    } catch (error) {
      line.remarks.push(`${who} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await attempt('the tutorial kernel', async () => {
    const { iteration, assign, labels, centroids } = await tutorial(
      device,
      points,
      init,
      Math.min(3, iterations),
    );
    checkNearest(points, centroids, labels);
    line.tutorial = { iteration, assign };
    return true;
  });
  await attempt('gpu.js', async () => {
    const found = await gpuJsAssign(values.modules, gpu, points, init, 3);
    if (found) checkNearest(points, init.data, found.labels);
    if (found) line.gpuJs = found.milliseconds;
    return found !== null;
  });
  if (points.columns !== 45) return;
  await attempt('splat-transform', async () => {
    const found = await splatTransform(
      values.modules,
      points,
      iterations,
      values.software ? 'cpu' : '0',
    );
    if (found === null) return false;
    line.splatTransform = found;
    if (found.k !== line.case.k) line.remarks.push(`splat-transform has ${found.k} clusters`);
    return true;
  });
}

/** Looks at some rows in float64: who computes in float32 may be off where two are as near. */
function checkNearest(
  { data, rows, columns }: Matrix,
  centroids: Float32Array,
  labels: ArrayLike<number>,
): void {
  const squared = (i: number, j: number) =>
    squaredDistance(data, i * columns, centroids, j * columns, columns);
  const k = centroids.length / columns;
  const step = Math.max(1, Math.floor((rows * k * columns) / 1e8));
  for (let i = 0; i < rows; i += step) {
    let best = Infinity;
    for (let j = 0; j < k; j++) best = Math.min(best, squared(i, j));
    if (!(squared(i, labels[i]) <= best * 1.001 + 1e-6))
      throw new Error(`row ${i} is not labelled with its nearest centroid`);
  }
}

/** Of the kernels that this case has run: `narrow 256`, `compare 256 × 8`. */
function shown({ tuned = {}, kernels }: GpuLine): string {
  const ran = (Object.entries(tuned) as [string, Record<string, number>][]).filter(
    ([kernel]) => kernels === undefined || kernels.some(([name]) => name === kernel),
  );
  return (
    ran
      .map(([kernel, sizes]) => `${kernel} ${Object.values(sizes).join(' × ') || 'as it was'}`)
      .join(' · ') || '–'
  );
}

function table(all: readonly GpuLine[], { gigaflops, gigabytes }: Peaks): string {
  const head = [
    ...['case', 'n × d, k', 'iterations', 'fit, ms', 'ms an iteration', 'of it by kernel, ms'],
    'sizes measured',
    ...['GFLOP/s', 'of peak', 'GB/s', 'of peak', 'tutorial, ms an iteration (assign)'],
    ...['gpu.js, ms an assignment', 'splat-transform, ms an iteration'],
  ];
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  const rows = all.map((line) => {
    const { rows, columns, k, name } = line.case;
    const size = `${rows.toLocaleString('en')} × ${columns}, ${k.toLocaleString('en')}`;
    if (!line.fit) return [name, size, line.remarks.join('; '), ...head.slice(3).map(() => '')];
    return [
      name,
      size,
      String(line.iterations),
      digits(line.fit.median),
      digits(line.iteration!),
      (line.kernels ?? [])
        .slice(0, 4)
        .map(([kernel, time]) => `${kernel} ${digits(time.milliseconds / line.iterations!)}`)
        .join(' · ') || '–',
      shown(line),
      digits(line.gigaflops!),
      percent(line.gigaflops!, gigaflops),
      digits(line.gigabytes!),
      percent(line.gigabytes!, gigabytes),
      line.tutorial ? `${digits(line.tutorial.iteration)} (${digits(line.tutorial.assign)})` : '–',
      line.gpuJs === undefined ? '–' : digits(line.gpuJs),
      line.splatTransform ? digits(line.splatTransform.iteration) : '–',
    ];
  });
  return markdownTable([head, ...rows], { align: ['l', 'l', ...head.slice(2).map(() => 'r')] });
}
