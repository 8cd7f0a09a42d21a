/** How a conformance case runs on the wasm engine, in Node and in browsers. */
import type { Engine } from '../../src/index.ts';
import type { Case } from './cases.ts';
import { check, runCase } from './suite.ts';

export const ALGORITHMS = ['lloyd', 'filtered', 'auto'] as const;
export const WORKERS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** @throws Error that names each field that differs */
export async function onWasm(
  problem: Case,
  engine: Engine,
  algorithm: (typeof ALGORITHMS)[number],
): Promise<void> {
  const { points, k, options } = problem.make();
  const chosen: Case = {
    name: problem.name,
    make: () => ({
      points,
      k,
      // the filter has squared distances only, and says so
      options: { ...options, ...(options?.metric === 'manhattan' ? {} : { algorithm }) },
    }),
  };
  check(problem.name, await runCase(chosen, { engine }));
}
