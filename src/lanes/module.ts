/** The compiled kernels, once a realm: the relaxed build where it is allowed, else the plain one. */
import { EngineUnavailableError } from '../errors.ts';

export interface Kernels {
  readonly module: WebAssembly.Module;
  readonly build: 'relaxed SIMD' | 'SIMD';
}

let compiled: Promise<Kernels> | null = null;

/** @throws EngineUnavailableError where WebAssembly or SIMD is missing, or forbidden by the page's policy */
export function kernels(): Promise<Kernels> {
  compiled ??= compile().catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  return compiled;
}

async function compile(): Promise<Kernels> {
  if (typeof WebAssembly === 'undefined')
    throw new EngineUnavailableError('wasm', 'there is no WebAssembly here');
  // the real module is the best feature test: it is valid where all it uses is there
  const relaxed = plainOnly ? null : bytesOf((await import('./binary-relaxed.ts')).BINARY);
  const useRelaxed = relaxed !== null && WebAssembly.validate(relaxed);
  const binary = useRelaxed ? relaxed : bytesOf((await import('./binary-plain.ts')).BINARY);
  if (!useRelaxed && !WebAssembly.validate(binary))
    throw new EngineUnavailableError('wasm', 'WebAssembly has no SIMD here');
  try {
    const module = await WebAssembly.compile(binary);
    return { module, build: useRelaxed ? 'relaxed SIMD' : 'SIMD' };
  } catch (error) {
    throw new EngineUnavailableError(
      'wasm',
      `WebAssembly may not be compiled here (${String(error)})`,
      { cause: error },
    );
  }
}

let plainOnly = false;

/** For tests: leaves relaxed SIMD alone even where it is allowed. */
export function usePlainBuild(only: boolean): void {
  plainOnly = only;
  compiled = null;
}

/** What the binaries' text stands for: two hexadecimal digits a byte. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}
