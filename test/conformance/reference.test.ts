/**
 * The reference engine in Node against its own recorded answers: the bits that all others must give. Those of
 * the cases that a mean is the centre of are compared in invariants.test.ts, where each is judged as well.
 */
import { expect, test } from 'vitest';
import { cases, euclideanCases } from './cases.ts';
import { check, expected, runCase } from './suite.ts';

test('every case has a recorded answer, and no answer is left over', () => {
  expect(Object.keys(expected).sort()).toEqual(cases.map(({ name }) => name).sort());
});

test.each(cases.filter((problem) => !euclideanCases.includes(problem)))(
  '$name',
  async (problem) => {
    check(problem.name, await runCase(problem, { engine: 'reference' }));
  },
);
