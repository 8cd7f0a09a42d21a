/** Doubles worked out in 32-bit words (shaders/shared/double.wgsl), beside those of JavaScript. */
import { afterAll, beforeAll, test } from 'vitest';
import { openDevice } from '../support/workbench.ts';
import { expectAnswers } from './ask.ts';
import { borderline, probe, questionsOf } from './double-questions.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

test.each([...questionsOf(20_000), ['to_single, where it is close', borderline()] as const])(
  '%s',
  (_, questions) => expectAnswers(device, probe(), questions),
);
