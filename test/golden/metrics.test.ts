/** Cosine and Manhattan as NumPy and scikit-learn's pairwise distances have them, from a fixed start. */
import { describe, expect, test } from 'vitest';
import { judgeMetric, otherMetrics } from './suite.ts';

test('all of the files are read', () => {
  expect(otherMetrics).toHaveLength(6);
});

describe.each(['reference', 'wasm'] as const)('%s', (engine) => {
  test.each(otherMetrics)('$name', ({ golden }) => judgeMetric(golden, engine));
});
