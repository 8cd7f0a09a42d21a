/** Writes src/lanes/binaries.ts; see wasm.ts. */
import { writeFileSync } from 'node:fs';
import { BINARIES, binariesModule } from './wasm.ts';

writeFileSync(BINARIES, await binariesModule());
