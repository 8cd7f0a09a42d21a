/**
 * The wasm engine in Node against the recorded answers of the reference engine: both algorithms and
 * the choice between them, on this thread and on up to eight workers. Every case runs on this thread
 * in all three ways; on workers each runs once in each way, on a number of them that changes from
 * case to case.
 */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { cases } from './cases.ts';
import { ALGORITHMS, onWasm, WORKERS } from './wasm-suite.ts';

describe.each(ALGORITHMS)('wasm on this thread, %s', (algorithm) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWasm({ threads: 1 });
  });
  afterAll(() => engine.dispose());
  test.each(cases)('$name', (problem) => onWasm(problem, engine, algorithm));
});

describe.each(WORKERS)('wasm, workers: %i', (workers) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWasm({ workers });
  });
  afterAll(() => engine.dispose());
  describe.each(ALGORITHMS)('%s', (algorithm) => {
    const turn = ALGORITHMS.indexOf(algorithm) * 3;
    const own = cases.filter((_, i) => WORKERS[(i + turn) % WORKERS.length] === workers);
    test.each(own)('$name', (problem) => onWasm(problem, engine, algorithm));
  });
});
