/** The reference engine in Node against its own recorded answers: the bits that all others must give. */
import { expect, test } from 'vitest';
import { cases } from './cases.ts';
import { check, expected, runCase } from './suite.ts';

test('every case has a recorded answer, and no answer is left over', () => {
  expect(Object.keys(expected).sort()).toEqual(cases.map(({ name }) => name).sort());
});

test.each(cases)('$name', async (problem) => {
  check(problem.name, await runCase(problem, { engine: 'reference' }));
});
