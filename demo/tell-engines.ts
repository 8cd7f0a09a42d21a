/**
 * Tells the page which engines there are, once its first run is over: asking loads engines that the run does
 * without, and it should not wait for them. WebGL comes later still, with all of gpu.js.
 */
import { engines, type EngineInfo, type EngineName } from '../src/index.ts';

/** A run that is held, or long, is not waited for. */
const AT_THE_LATEST_MS = 1500;
const LATER_MS = 5000;

/** @returns to be called when a run is over */
export function tellEngines(tell: (engines: EngineInfo[]) => void): () => void {
  const ask = async (names: readonly EngineName[]) => tell(await engines(names).catch(() => []));
  let asked = false;
  const askOnce = () => {
    if (!asked) void ask(['webgpu', 'wasm', 'reference']);
    asked = true;
  };
  setTimeout(askOnce, AT_THE_LATEST_MS);
  setTimeout(() => void ask(['webgl']), LATER_MS);
  return askOnce;
}
