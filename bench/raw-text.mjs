/**
 * Lets plain Node read what Vite calls `?raw`: `import text from './kernel.wgsl?raw'` is the file's
 * text. Preloaded into every benchmark process (`--import`), so that the sources run unbundled.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Node runs the hooks below on a thread of its own, which loads this same file.
if (isMainThread) register(import.meta.url);

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('?raw')) return nextLoad(url, context);
  const text = await readFile(new URL(url.slice(0, -'?raw'.length)), 'utf8');
  const source = `export default ${JSON.stringify(text)};`;
  return { format: 'module', source, shortCircuit: true };
}
