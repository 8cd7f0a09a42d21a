/**
 * Runs a conformance case on an engine and compares it, field by field and bit by bit, with what the
 * reference engine gave in Node (`expected.json`, made by `write-expected.ts`).
 *
 * No test framework in here: the same file runs under Vitest in Node and in browsers, and in Deno.
 */
import { kmeans, type Engine, type IterationRecord, type KMeansOptions } from '../../src/index.ts';
import { fingerprint } from '../../src/hash.ts';
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
  const result = await kmeans(points, k, { ...options, ...engine, margins: true });
  const { hash, iterations, inertia, stopReason, history } = result;
  return {
    hash,
    iterations,
    inertia,
    stopReason,
    history: historyHash(history),
    second: fingerprint(result.secondLabels!, result.margins!),
  };
}

/** An engine that takes the block filter for everything, however small. */
export function filtering(engine: Engine): Engine {
  return { ...engine, open: (task) => engine.open({ ...task, algorithm: 'filtered' }) };
}

/** @throws Error that names each field that differs */
export function check(name: string, outcome: Outcome): void {
  const wanted = expected[name];
  if (!wanted) throw new Error(`${name}: not in expected.json; write it with write-expected.ts`);
  const differences = (Object.keys(wanted) as (keyof Outcome)[])
    .filter((field) => !Object.is(outcome[field], wanted[field]))
    .map((field) => `${field} is ${outcome[field]}; expected ${wanted[field]}`);
  if (differences.length > 0) throw new Error(`${name}: ${differences.join(', ')}`);
}

function historyHash(history: readonly IterationRecord[]): string {
  const numbers = history.flatMap((r) => [r.iteration, r.moved, r.shift, r.inertia]);
  return fingerprint(new Uint32Array(Float64Array.from(numbers).buffer), new Float32Array());
}
