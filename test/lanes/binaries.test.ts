/** The committed binaries are what their sources compile to. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BINARIES, moduleOf } from '../../tools/wasm.ts';

test.each(BINARIES)('the build $what is a fresh one (npm run build:wasm)', async (binary) => {
  // compared as a whole, but not printed: it is 78 kB of digits
  expect(readFileSync(binary.path, 'utf8') === (await moduleOf(binary))).toBe(true);
});
