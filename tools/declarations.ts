/**
 * Writes the package's `.d.ts` files: tsc's own, one for one beside each other, with `.ts` in their
 * imports made `.js` (tsc rewrites that in code but not in declarations), which every resolver knows. Types are
 * not checked once more on the way (seconds): lint does that, and a test the declarations.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const RELATIVE_IMPORT = /((?:from|import)\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

function emit(): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const args = [join(typescript, 'bin', 'tsc'), '--project', 'tsconfig.build.json'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tsc found errors:\n${stdout}`);
}

function rename(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(RELATIVE_IMPORT, '$1$2$3.js$2'));
  }
}

/** After the library's code is written, its declarations. */
export function declarations(): Plugin {
  return {
    name: 'centroids:declarations',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      emit();
      rename(dir);
    },
  };
}
