import { afterAll, beforeAll, expect, test } from 'vitest';
import { kmeans, uniformBoard, type Engine } from '../../src/index.ts';
import { openWebGl } from '../../src/engines/webgl/index.ts';
import { cases } from './cases.ts';
import { check, runCase } from './suite.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openWebGl();
  console.log(engine.description, engine.hardware);
});
afterAll(() => engine?.dispose());
test.each(cases)('$name', async (problem) => {
  const t = performance.now();
  check(problem.name, await runCase(problem, { engine }));
  const ms = performance.now() - t;
  if (ms > 400) console.log(problem.name, ms | 0);
});
