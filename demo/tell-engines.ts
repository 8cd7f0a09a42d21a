/**
 * Tells the page which engines there are. WebGL comes later: asking for it loads all of gpu.js, and the first
 * run should not wait for that.
 */
import { engines, type EngineInfo, type EngineName } from '../src/index.ts';

const LATER_MS = 5000;

export function tellEngines(tell: (engines: EngineInfo[]) => void): void {
  const ask = async (names: readonly EngineName[]) => tell(await engines(names).catch(() => []));
  void ask(['webgpu', 'wasm', 'reference']);
  setTimeout(() => void ask(['webgl']), LATER_MS);
}
