/**
 * A Vite plugin: `service-worker.js` at the root of the page, which knows every other file of it that comes before.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

const WORKER = fileURLToPath(new URL('../demo/service-worker.ts', import.meta.url));

/** `note` is told which modules are built into it. */
export function offline(note: (modules: string[]) => void): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    generateBundle: {
      order: 'post', // when the page itself is there
      async handler(_, bundle) {
        const files = Object.values(bundle).map((file) => ({
          url: file.fileName,
          revision: createHash('sha256')
            .update(file.type === 'chunk' ? file.code : file.source)
            .digest('hex'),
        }));
        const { outputFiles, metafile } = await build({
          entryPoints: [WORKER],
          bundle: true,
          minify: true,
          write: false,
          metafile: true,
          format: 'iife', // no browser but Chromium takes modules here
          define: {
            FILES: JSON.stringify(files),
            'process.env.NODE_ENV': '"production"',
          },
        });
        note(Object.keys(metafile.inputs).map((path) => resolve(path)));
        this.emitFile({
          type: 'asset',
          fileName: 'service-worker.js',
          source: outputFiles[0].contents,
        });
      },
    },
  };
}
