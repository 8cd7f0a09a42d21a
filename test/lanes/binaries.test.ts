/** The committed binaries are what their sources compile to. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BINARIES, binariesModule } from '../../tools/wasm.ts';

test('binaries.ts is a fresh build of assembly/ (npm run build:wasm)', async () => {
  // compared as a whole, but not printed: it is 60 kB of base64
  expect(readFileSync(BINARIES, 'utf8') === (await binariesModule())).toBe(true);
});
