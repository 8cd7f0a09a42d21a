/** Every kernel compiles at default limits, and declares what kernels.ts says it does. */
import { expect, test } from 'vitest';
import { format, lintShaders } from '../../tools/shader-lint.ts';

test('the shader lint finds nothing', async () => {
  expect((await lintShaders()).map(format)).toEqual([]);
});
