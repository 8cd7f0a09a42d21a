/** Who races, as data: the engines of this library, and what other libraries have for the same job. */
import type { EngineName } from '../../src/engine.ts';

export type Contestant = {
  readonly id: string;
  readonly name: string;
  /** Of its line in the chart, light and dark. */
  readonly colour: readonly [string, string];
} & (
  | { readonly kind: 'engine'; readonly engine: EngineName; readonly threads?: number }
  | { readonly kind: 'library'; readonly library: 'ml-kmeans' | 'gpu.js' | 'gpu.js-cpu' }
);

// prettier-ignore
export const CONTESTANTS: readonly Contestant[] = [
  { id: 'webgpu', name: 'WebGPU', kind: 'engine', engine: 'webgpu', colour: ['#2f55c8', '#90aaff'] },
  { id: 'webgl', name: 'WebGL 2', kind: 'engine', engine: 'webgl', colour: ['#0b7a75', '#4fd1c5'] },
  { id: 'wasm', name: 'WebAssembly, all threads', kind: 'engine', engine: 'wasm', colour: ['#a3341d', '#ff9f80'] },
  { id: 'wasm-1', name: 'WebAssembly, 1 thread', kind: 'engine', engine: 'wasm', threads: 1, colour: ['#b06b00', '#ffc766'] },
  { id: 'reference', name: 'Reference, plain TypeScript', kind: 'engine', engine: 'reference', colour: ['#5b5f68', '#b8bec9'] },
  { id: 'ml-kmeans', name: 'ml-kmeans', kind: 'library', library: 'ml-kmeans', colour: ['#7b2fa8', '#d59bff'] },
  { id: 'gpu.js', name: 'gpu.js, plain kernel on WebGL', kind: 'library', library: 'gpu.js', colour: ['#3f7a1a', '#9ddc6a'] },
  { id: 'gpu.js-cpu', name: 'gpu.js, CPU mode', kind: 'library', library: 'gpu.js-cpu', colour: ['#b3256e', '#ff8cc3'] },
];

/** Those of a list as the address has it, in our order; `all` is every one. */
export function contestantsOf(list: string): Contestant[] {
  const wanted = list.split(',');
  return CONTESTANTS.filter(({ id }) => list === 'all' || wanted.includes(id));
}

/** The list for the address. */
export function listOf(ids: readonly string[]): string {
  return ids.length === CONTESTANTS.length ? 'all' : ids.join(',');
}
