/**
 * The conformance suite for Deno, whose WebGPU is wgpu: an implementation that shares no code with
 * the browser's Dawn. deno.test.ts bundles this file, runs it once on each Vulkan driver and judges
 * what it prints: one JSON object, {@link DenoReport}.
 */
import type { Engine } from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { cases } from './cases.ts';
import { runCase, type Outcome } from './suite.ts';

export interface DenoReport {
  /** What the adapter says of itself: which driver really ran. */
  adapter: string;
  /** By engine and plan, then by case. A string is the error instead of an outcome. */
  runs: Record<string, Record<string, Outcome | string>>;
}

/** The plan that small problems get, and two that force many chunks, tiles and dispatches. */
const TUNINGS: readonly Partial<Tuning>[] = [
  {},
  { workgroupSize: 32, tile: 7, chunkBytes: 2048 },
  { workgroupSize: 256, tile: 1, chunkBytes: 4096, dispatchWork: 5000 },
];

async function runAll(engine: Engine): Promise<DenoReport['runs'][string]> {
  const outcomes: DenoReport['runs'][string] = {};
  for (const problem of cases) {
    try {
      outcomes[problem.name] = await runCase(problem, { engine });
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
report.runs['reference'] = await runAll(openReference());
for (const tuning of TUNINGS)
  report.runs[`webgpu ${JSON.stringify(tuning)}`] = await runAll(await openWebGpu({ tuning }));
console.log(JSON.stringify(report));
