/**
 * The kernels' twins and the adversarial sets once more, in a real browser, where both builds run. (Seeding on
 * the relaxed one is in every conformance case, wasm.browser.test.ts.)
 */
import { expect, test } from 'vitest';
import { BUILDS } from './instance.ts';
import './adversarial.test.ts';
import './bounds.test.ts';
import './kernels.test.ts';

test('both builds run here', () => {
  expect(BUILDS.map(({ name }) => name)).toEqual(['SIMD', 'relaxed SIMD']);
});
