/**
 * Ships the lanes' worker as the file that it is, beside the chunk that starts it, and leaves
 * `new URL('./worker.js', import.meta.url)` in the library's code as it stands: users' bundlers know
 * that form, and a strict Content-Security-Policy allows it. (Vite would inline it in a library.)
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const LITERAL = "new URL('./worker.js', import.meta.url)";
const MARKED = 'new URL(__WORKER_FILE__, import.meta.url)';

/** `folder`: of the chunk, in the output. */
export function workerFile(folder: string): Plugin {
  return {
    name: 'centroids:worker-file',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/lanes/pool.ts')) return null;
      if (!code.includes(LITERAL)) throw new Error(`${id} does not start ${LITERAL}`);
      return code.replaceAll(LITERAL, MARKED);
    },
    renderChunk: (code) => code.replaceAll(MARKED, LITERAL),
    generateBundle() {
      const source = readFileSync(new URL('../src/lanes/worker.js', import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', fileName: `${folder}worker.js`, source });
    },
  };
}
