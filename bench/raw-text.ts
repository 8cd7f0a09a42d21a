/**
 * Lets plain Node read what Vite calls `?raw`: `import text from './kernel.wgsl?raw'` is the file's
 * text. Preloaded after tsx into every benchmark process (`--import`), so that the sources run unbundled.
 */
import { readFile } from 'node:fs/promises';
import { register, type LoadHook } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const RAW = '?raw';

// Node runs the hook below on a thread of its own, which loads this same file.
if (isMainThread) register(import.meta.url);

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.endsWith(RAW)) return nextLoad(url, context);
  const text = await readFile(new URL(url.slice(0, -RAW.length)), 'utf8');
  const source = `export default ${JSON.stringify(text)};`;
  return { format: 'module', source, shortCircuit: true };
};
