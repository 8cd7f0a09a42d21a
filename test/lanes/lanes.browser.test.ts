/** The kernels' twins and the adversarial sets once more, in a real browser, where both builds run. */
import { expect, test } from 'vitest';
import { BUILDS } from './instance.ts';
import './adversarial.test.ts';
import './distances.test.ts';
import './kernels.test.ts';

test('both builds run here', () => {
  expect(BUILDS.map(({ name }) => name)).toEqual(['SIMD', 'relaxed SIMD']);
});
