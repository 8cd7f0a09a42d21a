/** scikit-learn's answers from a fixed start: real data sets, weights, duplicates, an empty cluster. */
import { expect, test } from 'vitest';
import { judgeScikitLearn, scikitLearn } from './suite.ts';

test('all of the files are read', () => {
  expect(scikitLearn).toHaveLength(10);
});

test.each(scikitLearn)('$name', ({ golden }) => judgeScikitLearn(golden, 'reference'));
