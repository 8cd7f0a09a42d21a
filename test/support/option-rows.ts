/**
 * Every cell of docs/options.md is tried out: what it says somebody has runs, and what it says somebody
 * has not is refused. No test framework in here: the same runs in Node and in browsers.
 */
import { kmeans, NotSupportedError, type Engine, type KMeansOptions } from '../../src/index.ts';
import type { EngineName } from '../../src/engine.ts';
import type { Points } from '../../src/matrix.ts';
import { LIMITS, METRICS, type Metric } from '../../src/support.ts';
import type { OptionRow } from '../../tools/options-table.ts';

const POINTS = [
  [1, 1],
  [2, 1],
  [1, 2],
  [5, 9],
  [6, 9],
  [1, 7],
];

/** Something to give where any value will do. */
const ANY: Record<string, unknown> = {
  init: 'random',
  nInit: 2,
  maxIter: 3,
  tol: 0,
  seed: 1,
  weights: [1, 2, 1, 1, 0, 1],
  signal: new AbortController().signal,
  onProgress: () => {},
  checkpoint: {},
  resume: {},
  maxMemory: 1e9,
  threads: 1,
};

/** The points in a form that only some take; without a GPU its buffer is none. */
function inForm(form: unknown, device: unknown): unknown {
  if (form === 'PointSource') return { columns: 2, async *chunks() {} };
  const buffer =
    typeof GPUDevice !== 'undefined' && device instanceof GPUDevice
      ? bufferOf(Float32Array.from(POINTS.flat()), device)
      : { size: 4 * POINTS.flat().length };
  return { buffer, rows: POINTS.length, columns: 2 };
}

function bufferOf({ byteLength: size, buffer: bytes }: Float32Array, device: GPUDevice): GPUBuffer {
  const { COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

/** What is wrong with a row of the table on an engine, or nothing. `device`: what to lend it. */
export async function complaintsOf(
  { option, value, engines, metrics, callers }: OptionRow,
  engine: Engine | EngineName,
  device?: unknown,
): Promise<string[]> {
  const name = typeof engine === 'string' ? engine : engine.name;
  const complaints: string[] = [];
  const own = option === 'metric' ? metrics : METRICS;
  for (const metric of own) {
    const has = engines.includes(name) && metrics.includes(metric) && callers.includes('kmeans');
    const points = option === 'points' ? inForm(value, device) : POINTS;
    const options = { engine, metric, ...asked(option, value, engine, device) } as KMeansOptions;
    const error = await kmeans(points as Points, 2, options).then(
      () => null,
      (error: unknown) => error,
    );
    const what = `${option}: ${String(value)} under ${metric} on ${name}`;
    if (has && error) complaints.push(`${what} failed: ${(error as Error).message}`);
    if (!has) complaints.push(...judgeRefusal(what, option, value, error, metric, name));
  }
  return complaints;
}

function asked(option: string, value: unknown, engine: Engine | EngineName, device: unknown) {
  if (option === 'points') return {};
  if (option === 'device')
    return { device, engine: typeof engine === 'string' ? engine : engine.name };
  if (option === 'engine') return value === 'auto' ? { engine: value } : {};
  return { [option]: value ?? ANY[option] };
}

/** A refusal is a NotSupportedError that names those who have it, and what to do instead. */
function judgeRefusal(
  what: string,
  option: string,
  value: unknown,
  error: unknown,
  metric: Metric,
  engine: EngineName,
): string[] {
  if (!(error instanceof NotSupportedError)) return [`${what} was not refused`];
  const limit = LIMITS.find((one) => one.option === option && one.value === value)!;
  const { engines, metrics, instead } = limit;
  const names = metrics && !metrics.includes(metric) ? metrics : engines?.includes(engine) ? [] : engines; // prettier-ignore
  return [...(names ?? []).map((name) => `'${name}'`), instead]
    .filter((text) => !error.message.includes(text))
    .map((text) => `${what}: "${error.message}" does not say "${text}"`);
}
