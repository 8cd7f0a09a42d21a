/** SciPy's answers: the examples of its tutorial, and `whiten`. */
import { describe, expect, test } from 'vitest';
import { judgePartition, judgeSciPy, judgeWhiten, scipy, whiten } from './suite.ts';

test('all of the files are read', () => {
  expect([scipy.length, whiten.length]).toEqual([3, 2]);
});

describe('from their code book', () => {
  test.each(scipy)('$name', ({ golden }) => judgeSciPy(golden, 'reference'));
});

describe('from a start of our own', () => {
  test.each(scipy)('$name', ({ golden }) => judgePartition(golden, 'reference'));
});

describe('whiten', () => {
  test.each(whiten)('$name', ({ golden }) => judgeWhiten(golden));
});
