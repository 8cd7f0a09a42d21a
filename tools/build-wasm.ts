/** Writes src/lanes/binary-*.ts; see wasm.ts. */
import { writeFileSync } from 'node:fs';
import { BINARIES, moduleOf } from './wasm.ts';

for (const binary of BINARIES) writeFileSync(binary.path, await moduleOf(binary));
