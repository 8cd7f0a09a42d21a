/**
 * Compiles the AssemblyScript kernels, without and with relaxed SIMD, each as text into a file of
 * src/lanes/: no fetch, no loader, the same in every bundler, and nobody loads the one that he does not
 * run. `npm run build:wasm` writes the files, a test compares them with a fresh build.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

interface Binary {
  path: string;
  what: string;
  features: readonly string[];
}

export const BINARIES: readonly Binary[] = [
  { path: file('plain'), what: 'with fixed-width SIMD', features: ['simd'] },
  {
    path: file('relaxed'),
    what: 'with relaxed SIMD, which may fuse a multiplication and an addition',
    features: ['simd', 'relaxed-simd'],
  },
];

function file(name: string): string {
  return fileURLToPath(new URL(`../src/lanes/binary-${name}.ts`, import.meta.url));
}

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
  return Buffer.from(binary).toString('hex');
}

/** The whole text of its file. */
export async function moduleOf({ what, features }: Binary): Promise<string> {
  return `/**
 * The kernels of assembly/, compiled ${what}: the WebAssembly module in hexadecimal
 * digits, which compress better than base64 (18 kB beside 22).
 * Made by tools/build-wasm.ts (npm run build:wasm); not to be edited.
 */
export const BINARY =
  '${await compile(features)}';
`;
}
