/**
 * Compiles the AssemblyScript kernels, without and with relaxed SIMD, and writes both as text into
 * src/lanes/binaries.ts: no fetch, no loader, the same in every bundler. `npm run build:wasm`
 * writes the file, a test compares it with a fresh build.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

export const BINARIES = fileURLToPath(new URL('../src/lanes/binaries.ts', import.meta.url));
const ENTRY = 'src/lanes/assembly/index.ts';

async function compile(features: readonly string[]): Promise<string> {
  let binary: Uint8Array | undefined;
  let complaints = '';
  const { error } = await asc.main(
    [
      ENTRY,
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      '--maximumMemory',
      '65536',
      '--outFile',
      'out.wasm',
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    {
      readFile: (name: string, base: string) => {
        try {
          return readFileSync(new URL(`../${base}/${name}`, import.meta.url), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (typeof contents !== 'string') binary = contents;
      },
      stderr: {
        write: (chunk: Uint8Array | string) => {
          complaints += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
        },
      },
    },
  );
  if (error || !binary) throw new Error(`AssemblyScript: ${error?.message}\n${complaints}`);
  return Buffer.from(binary).toString('base64');
}

/** The whole text of binaries.ts. */
export async function binariesModule(): Promise<string> {
  const plain = await compile(['simd']);
  const relaxed = await compile(['simd', 'relaxed-simd']);
  return `/**
 * The kernels of assembly/, compiled: base64 of the WebAssembly modules.
 * Made by tools/build-wasm.ts (npm run build:wasm); not to be edited.
 */

/** Fixed-width SIMD. */
export const PLAIN =
  '${plain}';

/** The same with relaxed SIMD, which may fuse a multiplication and an addition. */
export const RELAXED =
  '${relaxed}';
`;
}
