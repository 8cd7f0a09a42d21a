/** Who races, as data: the engines of this library, and what other libraries have for the same job. */
import type { EngineName } from '../../src/engine.ts';

export type Contestant = {
  readonly id: string;
  readonly name: string;
  /** Of its line in the chart, light and dark. */
  readonly colour: readonly [string, string];
  /** It asks for a GPU, which may turn out to be a processor. */
  readonly onGpu?: true;
} & (
  | { readonly kind: 'engine'; readonly engine: EngineName; readonly threads?: number }
  | { readonly kind: 'library'; readonly library: 'ml-kmeans' | GpuJsMode }
);

/** As gpu.js calls them. */
export type GpuJsMode = 'webgpu' | 'webgl2' | 'webasm' | 'cpu';

// prettier-ignore
export const CONTESTANTS: readonly Contestant[] = [
  { id: 'webgpu', name: 'WebGPU', kind: 'engine', engine: 'webgpu', onGpu: true, colour: ['#2f55c8', '#90aaff'] },
  { id: 'webgl', name: 'WebGL 2', kind: 'engine', engine: 'webgl', onGpu: true, colour: ['#0b7a75', '#4fd1c5'] },
  { id: 'wasm', name: 'WebAssembly, all threads', kind: 'engine', engine: 'wasm', colour: ['#a3341d', '#ff9f80'] },
  { id: 'wasm-1', name: 'WebAssembly, 1 thread', kind: 'engine', engine: 'wasm', threads: 1, colour: ['#b06b00', '#ffc766'] },
  { id: 'reference', name: 'Reference, plain TypeScript', kind: 'engine', engine: 'reference', colour: ['#5b5f68', '#b8bec9'] },
  { id: 'ml-kmeans', name: 'ml-kmeans', kind: 'library', library: 'ml-kmeans', colour: ['#7b2fa8', '#d59bff'] },
  { id: 'gpu.js-webgpu', name: 'gpu.js on WebGPU', kind: 'library', library: 'webgpu', onGpu: true, colour: ['#00708f', '#7fd6f2'] },
  { id: 'gpu.js', name: 'gpu.js on WebGL 2', kind: 'library', library: 'webgl2', onGpu: true, colour: ['#3f7a1a', '#9ddc6a'] },
  { id: 'gpu.js-wasm', name: 'gpu.js on WebAssembly', kind: 'library', library: 'webasm', colour: ['#6b4a2b', '#d9b99b'] },
  { id: 'gpu.js-cpu', name: 'gpu.js in JavaScript', kind: 'library', library: 'cpu', colour: ['#b3256e', '#ff8cc3'] },
];

/** Those of a list as the address has it, in our order; `all` is every one. And names that are nobody's. */
export function contestantsOf(list: string): { known: Contestant[]; strangers: string[] } {
  const wanted = list === 'all' ? CONTESTANTS.map(({ id }) => id) : list.split(',');
  return {
    known: CONTESTANTS.filter(({ id }) => wanted.includes(id)),
    strangers: wanted.filter((name) => !CONTESTANTS.some(({ id }) => id === name)),
  };
}

/** What ran, for people. A software adapter is never called a GPU. */
export function whatRan(
  id: string,
  { hardware, description }: { hardware: boolean; description: string },
): string {
  if (!CONTESTANTS.find((each) => each.id === id)?.onGpu) return description;
  // What is said in front need not be said again behind.
  return hardware
    ? `GPU: ${description}`
    : `software, no GPU: ${description.replace(/ \(software\)$/, '')}`;
}

/** The list for the address. */
export function listOf(ids: readonly string[]): string {
  return ids.length === CONTESTANTS.length ? 'all' : ids.join(',');
}
