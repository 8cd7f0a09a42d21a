/** Every kernel compiles at default limits, and declares what kernels.ts says it does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { format, lintShaders } from '../../tools/shader-lint.ts';
import { strip } from '../../tools/shader-text.ts';

test('the shader lint finds nothing', async () => {
  expect((await lintShaders()).map(format)).toEqual([]);
});

test('what is shipped of a shader is all but comments and blanks', () => {
  expect(strip('// a\n\nfn f() { // b\n  g(1 / 2);\n}\n')).toBe('fn f(){\ng(1 / 2);\n}');
  // comments of the other kind would be shipped
  for (const name of readdirSync('shaders', { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.wgsl'))
      expect(readFileSync(join('shaders', name), 'utf8')).not.toContain('/*');
});
