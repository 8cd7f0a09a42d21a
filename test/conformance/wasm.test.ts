/**
 * The wasm engine in Node against the recorded answers of the reference engine: both algorithms and
 * the choice between them, on this thread and on up to eight workers. Every case runs on this thread by
 * each algorithm, chosen ones by the choice; and once on workers, whose number and algorithm change from case
 * to case. In a long run all of them run in all three ways on both.
 */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { LONG_RUN } from '../support/long-run.ts';
import { cases } from './cases.ts';
import { chosenCases } from './chosen.ts';
import { ALGORITHMS, onWasm, WORKERS } from './wasm-suite.ts';

describe.each(ALGORITHMS)('wasm on this thread, %s', (algorithm) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWasm({ threads: 1 });
  });
  afterAll(() => engine.dispose());
  const own = LONG_RUN || algorithm !== 'auto' ? cases : chosenCases;
  test.each(own)('$name', (problem) => onWasm(problem, engine, algorithm));
});

describe.each(WORKERS)('wasm, workers: %i', (workers) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWasm({ workers });
  });
  afterAll(() => engine.dispose());
  describe.each(ALGORITHMS)('%s', (algorithm) => {
    const turn = ALGORITHMS.indexOf(algorithm);
    const own = cases.filter(
      (_, i) =>
        WORKERS[(i + 3 * turn) % WORKERS.length] === workers &&
        (LONG_RUN || i % ALGORITHMS.length === turn),
    );
    test.each(own)('$name', (problem) => onWasm(problem, engine, algorithm));
  });
});
