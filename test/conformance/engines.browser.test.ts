/**
 * Every engine in a real browser against the answers that the reference engine gave in Node.
 *
 * WebGPU is required: a browser without an adapter fails here. It runs every case with the plan it
 * would choose itself and with two that force what small problems never meet: many chunks, other
 * workgroup sizes, split tiles, split dispatches. All have to give the same bits.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { openWebGpu, type Tuning } from '../../src/engines/webgpu/index.ts';
import { cases, type Case } from './cases.ts';
import { check, runCase } from './suite.ts';

/** Plans that nobody would choose. */
const TUNINGS: readonly Partial<Tuning>[] = [
  { workgroupSize: 32, tile: 1 },
  { workgroupSize: 64, chunkBytes: 4096 },
  { workgroupSize: 128, tile: 7 },
  { workgroupSize: 256, dispatchWork: 1000 },
  { workgroupSize: 64, tile: 32, chunkBytes: 6000, dispatchWork: 5000 },
  { workgroupSize: 32, tile: 7, chunkBytes: 3000 },
];

/** Each case runs on two of them: number i on plans i and i + 2. */
const casesOf = (plan: number) =>
  cases.filter((_, i) =>
    [0, 2].includes((plan - i + cases.length * TUNINGS.length) % TUNINGS.length),
  );

/** Cases of every kind, for many repetitions: races show seldom. */
const REPEATED = [
  'k = 65',
  'blobs of 17 columns',
  'lattice 16 × 16, centroids between its points',
  'weights: fractions',
  'relocate: most centroids in one place',
  'clusters of Zipf sizes',
];
const TIMES = 20;

test('the repeated cases exist', () => {
  expect(cases.map(({ name }) => name)).toEqual(expect.arrayContaining(REPEATED));
});

describe('reference', () => {
  test.each(cases)('$name', async (problem) => {
    check(problem.name, await runCase(problem, { engine: 'reference' }));
  });
});

describe('webgpu, its own plan', () => onWebGpu({}, cases));

TUNINGS.forEach((tuning, plan) =>
  describe(`webgpu, ${JSON.stringify(tuning)}`, () => onWebGpu(tuning, casesOf(plan))),
);

describe.each([{}, TUNINGS[4]])(`webgpu ${TIMES} times over, %o`, (tuning) =>
  onWebGpu(
    tuning,
    cases.filter(({ name }) => REPEATED.includes(name)),
    TIMES,
  ),
);

function onWebGpu(tuning: Partial<Tuning>, problems: readonly Case[], times = 1): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openWebGpu({ tuning });
    expect(engine.name).toBe('webgpu');
  });
  afterAll(() => engine?.dispose());
  test.each(problems)('$name', async (problem) => {
    for (let i = 0; i < times; i++) check(problem.name, await runCase(problem, { engine }));
  });
}
