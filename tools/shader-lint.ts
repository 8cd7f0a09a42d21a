/**
 * Compiles every kernel without a GPU, on the null backend of Dawn (npm `webgpu`), as the engine
 * itself would: linked text, explicit layouts, overrides of sample plans, and the limits that every
 * device has. Then compares what a shader declares with the table in kernels.ts, in both directions:
 * a layout that binds more than the shader uses is no error to WebGPU, but one to a reader.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { create, globals } from 'webgpu';
import {
  bindingsOf,
  filesOf,
  KERNELS,
  layoutEntries,
  link,
  type Kernel,
  type KernelName,
} from '../src/engines/webgpu/kernels.ts';
import { defaultTuning, plan, type Shape, type Tuning } from '../src/engines/webgpu/plan.ts';
import { BLOCKS } from '../src/engines/webgpu/plan-blocks.ts';
import { strip } from './shader-text.ts';
import { kernelConstants } from '../src/engines/webgpu/parameters.ts';

/** Something that is wrong. */
export interface Finding {
  /** Relative to the repository. */
  file: string;
  line: number;
  message: string;
}

const FOLDER = 'shaders';
const NAMES = Object.keys(KERNELS) as KernelName[];

/** Plans that reach every value of every override: tiny, wide, many clusters, with weights. */
const SAMPLES: readonly (Shape & { tuning: Partial<Tuning> })[] = [
  { rows: 1, columns: 1, k: 1, weighted: false, tuning: { workgroupSize: 32 } },
  { rows: 1e6, columns: 2, k: 16, weighted: false, tuning: {} },
  { rows: 1e6, columns: 3, k: 256, weighted: true, tuning: { workgroupSize: 128 } },
  { rows: 1e5, columns: 128, k: 1000, weighted: false, tuning: { workgroupSize: 256 } },
  { rows: 7e4, columns: 784, k: 10, weighted: true, tuning: { tile: 1 } },
  { rows: 1000, columns: 4096, k: 50, weighted: false, tuning: {} },
  { rows: 1e6, columns: 4, k: 65_536, weighted: true, tuning: { workgroupSize: 256 } },
];

/** Kept for as long as the process: Dawn aborts it when its instance is collected before its devices. */
let dawn: GPU | null = null;

/** Every finding in every shader; none when all is well. */
export async function lintShaders(): Promise<Finding[]> {
  Object.assign(globalThis, globals);
  dawn = create(['backend=null']);
  const adapter = await dawn.requestAdapter();
  if (!adapter) throw new Error("Dawn's null backend gives no adapter.");
  // Asks for nothing: these are the limits that may be assumed everywhere.
  const device = await adapter.requestDevice();
  try {
    const sources = readSources();
    const findings = unused(sources, (await Promise.all(NAMES.map(filesOf))).flat());
    for (const name of NAMES) {
      const compiled = await compile(device, name, sources);
      findings.push(...compiled, ...(await compareWithTable(name, sources)));
      // Pipelines of a broken module only say so again.
      if (!compiled.length) findings.push(...(await buildPipelines(device, name)));
    }
    // A file shared by several kernels is compiled in each of them.
    return [...new Map(findings.map((finding) => [format(finding), finding])).values()];
  } finally {
    device.destroy();
  }
}

/** Text to path: kernels.ts knows its files by what is in them. */
function readSources(): Map<string, string> {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.wgsl')).map((name) => join(FOLDER, name));
  return new Map(files.map((file) => [readFileSync(file, 'utf8'), file]));
}

function unused(sources: Map<string, string>, files: readonly string[]): Finding[] {
  const used = new Set(files);
  return [...sources].flatMap(([text, file]) =>
    used.has(text) ? [] : [{ file, line: 1, message: 'is part of no kernel' }],
  );
}

/** What the compiler says, at the file and line where it stands. Warnings count. */
async function compile(
  device: GPUDevice,
  name: KernelName,
  sources: Map<string, string>,
): Promise<Finding[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: name, code: await link(name) });
  const { messages } = await module.getCompilationInfo();
  await device.popErrorScope(); // the same messages again
  const files = await filesOf(name);
  return messages.map(({ lineNum, type, message }) => ({
    ...locate(name, lineNum, files, sources),
    message: `${type}: ${message}`,
  }));
}

/** A line of the linked text in its own file. */
function locate(
  name: KernelName,
  linkedLine: number,
  files: readonly string[],
  sources: Map<string, string>,
): { file: string; line: number } {
  let line = linkedLine;
  for (const text of files) {
    const lines = text.split('\n').length;
    if (line <= lines) return { file: sources.get(text) ?? name, line };
    line -= lines;
  }
  return { file: name, line: linkedLine };
}

async function buildPipelines(device: GPUDevice, name: KernelName): Promise<Finding[]> {
  const findings = new Map<string, Finding>();
  const code = strip(await link(name)); // what is shipped
  for (const [index, { tuning, ...shape }] of SAMPLES.entries()) {
    const sizes = plan({ ...shape, filter: BLOCKS }, device.limits, {
      ...defaultTuning(true),
      ...tuning,
    });
    const constants = kernelConstants(sizes, shape.weighted, index % 2 === 1)[name];
    device.pushErrorScope('validation');
    const bindGroupLayout = device.createBindGroupLayout({ entries: layoutEntries(name) });
    device.createComputePipeline({
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] }),
      compute: {
        module: device.createShaderModule({ code }),
        entryPoint: name,
        constants,
      },
    });
    const error = await device.popErrorScope();
    if (!error) continue;
    const message = `${error.message} (with ${JSON.stringify(constants)})`;
    findings.set(error.message, { file: kernelFile(name), line: 1, message });
  }
  return [...findings.values()];
}

const kernelFile = (name: KernelName) => join(FOLDER, `${name}.wgsl`);

const BINDING = /^@group\(0\) @binding\((\d+)\) var<([a-z_, ]+)> (\w+)/;
const OVERRIDE = /^override (\w+)\s*(?::\s*\w+\s*)?(=)?/;
const SPACES = { uniform: 'uniform', slice: 'uniform', read: 'storage, read' } as const;

/** Bindings and overrides: in the shader as in the table, and under the same names. */
async function compareWithTable(
  name: KernelName,
  sources: Map<string, string>,
): Promise<Finding[]> {
  const kernel: Kernel = KERNELS[name];
  const findings: Finding[] = [];
  const files = await filesOf(name);
  if (sources.get(files[0]) !== kernelFile(name))
    findings.push({ file: kernelFile(name), line: 1, message: `is not the first file of ${name}` });

  const wanted = new Set([
    ...bindingsOf(name).map(({ binding, buffer, access }) => {
      const space = access === 'write' ? 'storage, read_write' : SPACES[access];
      return `@binding(${binding}) var<${space}> ${snakeCase(buffer)}`;
    }),
    ...['WORKGROUP', ...kernel.overrides].map((override) => `override ${override}`),
  ]);
  files
    .join('\n')
    .split('\n')
    .forEach((text, index) => {
      const at = locate(name, index + 1, files, sources);
      const binding = BINDING.exec(text);
      const override = OVERRIDE.exec(text);
      const declared = binding
        ? `@binding(${binding[1]}) var<${binding[2]}> ${binding[3]}`
        : override && `override ${override[1]}`;
      if (override?.[2]) findings.push({ ...at, message: 'an override has no default' });
      if (declared && !wanted.delete(declared))
        findings.push({ ...at, message: `${declared}: not so in kernels.ts for ${name}` });
    });
  for (const missing of wanted)
    findings.push({ file: kernelFile(name), line: 1, message: `${missing}: in kernels.ts only` });
  return findings;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** As editors understand it: `file:line message`. */
export function format({ file, line, message }: Finding): string {
  return `${basename(file) === file ? join(FOLDER, file) : file}:${line} ${message}`;
}
