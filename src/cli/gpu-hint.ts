/** What to say where a GPU might have been faster, and Node lacks the package that reaches it. */
import type { KMeansResult } from '../kmeans.ts';
import type { RunFlags } from './options.ts';

/** Seconds of iterating above which it is worth a word. */
const LONG = 5;

/** A line, or nothing. */
export function gpuHint(
  { engine, seconds }: Pick<KMeansResult, 'engine' | 'seconds'>,
  { engine: asked = 'auto' }: RunFlags,
  reachable: () => boolean = hasWebGpu,
): string {
  if (asked !== 'auto' || engine === 'webgpu' || seconds.iterate < LONG || reachable()) return '';
  return "If this machine has a GPU, the package 'webgpu' lets Node use it: npm install webgpu\n";
}

function hasWebGpu(): boolean {
  try {
    import.meta.resolve('webgpu');
    return true;
  } catch {
    return false;
  }
}
