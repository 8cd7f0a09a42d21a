/**
 * The conformance suite for Deno, whose WebGPU is wgpu: an implementation that shares no code with
 * the browser's Dawn. deno.test.ts bundles this file, runs it once on each Vulkan driver and judges
 * what it prints: one JSON object, {@link DenoReport}.
 */
import type { Engine } from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { cases } from './cases.ts';
import { chosenCases } from './chosen.ts';
import { filtering, IN_BUFFER, runCase, runInBuffer, type Outcome, type Stayed } from './suite.ts';

export interface DenoReport {
  /** What the adapter says of itself: which driver really ran. */
  adapter: string;
  /** By engine, then by case. A string is the error instead of an outcome. */
  runs: Record<string, Record<string, Outcome | Stayed | string>>;
  /** Labels of the kernels that were compiled for this driver, sorted. */
  kernels: string[];
}

/**
 * Sizes that nobody would choose: many chunks, tiles and dispatches. Problems take turns with them,
 * and large ones, which have enough of everything, get larger sizes: on a software GPU a dispatch costs
 * a millisecond, and so does a workgroup's barrier when it is met often enough. Those with blocks are
 * for the block filter.
 */
const BLOCKS = { blockRows: 32, superblock: 3, listCapacity: 5, held: 3 };
const FORCED: readonly { small: Partial<Tuning>; large: Partial<Tuning> }[] = [
  {
    small: { workgroupSize: 32, tile: 7, chunkBytes: 2048, ...BLOCKS },
    large: { workgroupSize: 32, tile: 7, chunkBytes: 2 ** 15, blockRows: 64, superblock: 8 },
  },
  {
    small: {
      workgroupSize: 256,
      chunkBytes: 4096,
      dispatchWork: 5000,
      narrowColumns: 0,
      wideColumns: 1,
      privateColumns: Infinity,
    },
    large: {
      workgroupSize: 256,
      tile: 30,
      chunkBytes: 2 ** 16,
      dispatchWork: 2 ** 19,
      privateColumns: Infinity,
    },
  },
];
const LARGE = 2 ** 16; // rows × k × columns

/** One engine that looks like an ordinary one and opens each problem on the engine of its size. */
async function openForced(plan: number): Promise<Engine> {
  const small = await openWebGpu({ sizes: FORCED[plan].small });
  const large = await openWebGpu({ sizes: FORCED[plan].large });
  const dispose = async () => {
    await small.dispose();
    await large.dispose();
  };
  return {
    ...small,
    open: (task) => {
      const { rows, columns } = task.points.grid;
      const engine = rows * task.k * columns < LARGE ? small : large;
      return (FORCED[plan].small.blockRows ? filtering(engine) : engine).open(task);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

declare const Deno: { args: string[] };
/** How often every case runs (the answers have to be the same each time), and which driver this is. */
const [repeats, turn] = Deno.args.map(Number);
const some = repeats > 1 ? cases : chosenCases;

type Outcomes = DenoReport['runs'][string];

async function runAll(engine: Engine, problems = some): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  for (const problem of problems) {
    try {
      const first = await runCase(problem, { engine });
      outcomes[problem.name] = first;
      for (let i = 1; i < repeats; i++) {
        const again = await runCase(problem, { engine });
        if (JSON.stringify(again) !== JSON.stringify(first))
          throw new Error(`run ${i + 1} of ${repeats}: ${JSON.stringify(again)}`);
      }
    } catch (error) {
      outcomes[problem.name] = String(error);
    }
  }
  await engine.dispose();
  return outcomes;
}

// Without WebGPU this is an error that nobody catches: the process fails, and so does the test.
const adapter = await navigator.gpu.requestAdapter();
if (!adapter) throw new Error('Deno has WebGPU, but requestAdapter() gives no adapter.');

const kernels = new Set<string>();
const { createComputePipelineAsync } = GPUDevice.prototype;
GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
  kernels.add(descriptor.label ?? '');
  return createComputePipelineAsync.call(this, descriptor);
};

const report: DenoReport = { adapter: adapter.info.description, runs: {}, kernels: [] };
// Every case runs on every driver, with the plan that is chosen for it and with one that is forced.
report.runs['webgpu'] = await runAll(await openWebGpu());
const forced: Outcomes = (report.runs['webgpu, forced'] = {});
for (const plan of FORCED.keys()) {
  const turns = some.filter((_, index) => index % FORCED.length === plan);
  Object.assign(forced, await runAll(await openForced(plan), turns));
}
const inBuffer: Outcomes = (report.runs['webgpu, points in a buffer'] = {});
const engine = await openWebGpu({ sizes: { dispatchWork: 2 ** 16 } });
for (const problem of cases.filter(({ name }) => IN_BUFFER.includes(name)))
  inBuffer[problem.name] = await runInBuffer(problem, engine).catch(String);
await engine.dispose();
// What no driver has a hand in runs beside the first.
if (turn === 0) {
  report.runs['reference'] = await runAll(openReference());
  report.runs['wasm'] = await runAll(await openWasm({ workers: 3 }));
}
report.kernels.push(...[...kernels].sort());
console.log(JSON.stringify(report));
