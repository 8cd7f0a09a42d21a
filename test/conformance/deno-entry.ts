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
import { filtering, runCase, type Outcome } from './suite.ts';

export interface DenoReport {
  /** What the adapter says of itself: which driver really ran. */
  adapter: string;
  /** By engine, then by case. A string is the error instead of an outcome. */
  runs: Record<string, Record<string, Outcome | string>>;
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
    },
    large: { workgroupSize: 256, tile: 30, chunkBytes: 2 ** 16, dispatchWork: 2 ** 19 },
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
/** How often every case runs; the answers have to be the same each time. */
const repeats = Number(Deno.args[0]);
/** Which driver this is, of how many: they share out what need not run on each of them. */
const [turn, drivers] = Deno.args.slice(1).map(Number);

type Outcomes = DenoReport['runs'][string];

async function runAll(engine: Engine, problems = cases): Promise<Outcomes> {
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

const report: DenoReport = { adapter: adapter.info.description, runs: {} };
// Every case runs on every driver, and on one of them with a plan that is forced. On the only one: with both.
const chosen = cases.filter((_, index) => drivers === 1 || index % drivers !== turn);
report.runs['webgpu'] = await runAll(await openWebGpu(), chosen);
const forced: Outcomes = (report.runs['webgpu, forced'] = {});
for (const plan of FORCED.keys()) {
  const turns = cases.filter(
    (_, index) => index % drivers === turn && Math.floor(index / drivers) % FORCED.length === plan,
  );
  Object.assign(forced, await runAll(await openForced(plan), turns));
}
// What no driver has a hand in runs beside the first.
if (turn === 0) {
  report.runs['reference'] = await runAll(openReference());
  report.runs['wasm'] = await runAll(await openWasm({ workers: 3 }));
}
console.log(JSON.stringify(report));
