/**
 * Runs a conformance case on an engine and compares it, field by field and bit by bit, with what the
 * reference engine gave in Node (`expected.json`, made by `write-expected.ts`).
 *
 * No test framework in here: the same file runs under Vitest in Node and in browsers, and in Deno.
 */
import {
  kmeans,
  type Engine,
  type GpuMatrix,
  type IterationRecord,
  type KMeansOptions,
  type KMeansResult,
} from '../../src/index.ts';
import { fingerprint } from '../../src/hash.ts';
import { toRows, type Rows } from '../../src/matrix.ts';
import type { Case } from './cases.ts';
import recorded from './expected.json' with { type: 'json' };

/** What must be equal everywhere. Numbers as text would do too: JSON keeps every bit of a double. */
export interface Outcome {
  /** Of labels and centroids. */
  hash: string;
  iterations: number;
  inertia: number;
  stopReason: string;
  /** Fingerprint of every number of `result.history`. */
  history: string;
  /** Fingerprint of second labels and margins. */
  second: string;
}

export type EngineChoice = Pick<KMeansOptions, 'engine' | 'device'>;

/** The answers, by the name of the case. */
export const expected: Readonly<Record<string, Outcome>> = recorded;

export async function runCase(problem: Case, engine: EngineChoice): Promise<Outcome> {
  const { points, k, options } = problem.make();
  return wholeOutcomeOf(await kmeans(points, k, { ...options, ...engine, margins: true }));
}

/** Of a result with margins. */
export function wholeOutcomeOf(result: KMeansResult): Outcome {
  return { ...outcomeOf(result), second: fingerprint(result.secondLabels!, result.margins!) };
}

/** Without margins, which the host finds by the points. */
export type Stayed = Omit<Outcome, 'second'>;

export function stayed({ hash, iterations, inertia, stopReason, history }: Outcome): Stayed {
  return { hash, iterations, inertia, stopReason, history };
}

function outcomeOf(result: KMeansResult): Stayed {
  const { hash, iterations, inertia, stopReason, history } = result;
  return { hash, iterations, inertia, stopReason, history: historyHash(history) };
}

/** A few of them, for whoever has time for a few. */
export const IN_BUFFER: readonly string[] = [
  'pixels',
  'weights: fractions',
  'one outlier, a million times the spread away',
];

/** Cases whose points a buffer on a GPU holds, where they may stay. */
export function fitsBuffer(problem: Case): boolean {
  const { data } = toRows(problem.make().points);
  return data.every((x: number) => Object.is(Math.fround(x), x));
}

/** With the points in a buffer on the engine's device. */
export async function runInBuffer(problem: Case, engine: Engine): Promise<Stayed> {
  const { points, k, options } = problem.make();
  const given = inBuffer(engine.device!, toRows(points));
  try {
    return outcomeOf(await kmeans(given, k, { ...options, engine }));
  } finally {
    given.buffer.destroy();
  }
}

/** `before`: bytes before the points. */
export function inBuffer(device: GPUDevice, points: Rows, before = 12): GpuMatrix {
  const { rows, columns } = points;
  const { STORAGE, COPY_SRC } = GPUBufferUsage;
  const data = Float32Array.from(points.data);
  const size = before + data.byteLength;
  const usage = STORAGE | COPY_SRC;
  const buffer = device.createBuffer({ label: 'given', size, usage, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).fill(NaN).set(data, before / 4);
  buffer.unmap();
  return { buffer, rows, columns, offset: before };
}

/** An engine that takes the block filter for everything, however small. */
export function filtering(engine: Engine): Engine {
  return { ...engine, open: (task) => engine.open({ ...task, algorithm: 'filtered' }) };
}

/** @throws Error that names each field that differs */
export function check(name: string, outcome: Outcome | Stayed): void {
  const answer = expected[name];
  if (!answer) throw new Error(`${name}: not in expected.json; write it with write-expected.ts`);
  const wanted: Partial<Outcome> = 'second' in outcome ? answer : stayed(answer);
  const found: Partial<Outcome> = outcome;
  const differences = (Object.keys(wanted) as (keyof Outcome)[])
    .filter((field) => !Object.is(found[field], wanted[field]))
    .map((field) => `${field} is ${found[field]}; expected ${wanted[field]}`);
  if (differences.length > 0) throw new Error(`${name}: ${differences.join(', ')}`);
}

function historyHash(history: readonly IterationRecord[]): string {
  const numbers = history.flatMap((r) => [r.iteration, r.moved, r.shift, r.inertia]);
  return fingerprint(new Uint32Array(Float64Array.from(numbers).buffer), new Float32Array());
}
