/** The conformance suite on a page that is not cross-origin isolated: as most pages are. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { workerFile } from '../../tools/worker-file.ts';
import { cases } from '../conformance/cases.ts';
import { launchBrowser } from '../support/browser.ts';
import { serve } from '../support/static-server.ts';
import type { ConformanceReport } from './fixtures/lanes/conformance.ts';

test('every case, both builds, on workers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'centroids-unisolated-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [workerFile('')],
    build: {
      target: 'es2022',
      minify: false,
      outDir: folder,
      emptyOutDir: false,
      lib: {
        entry: 'test/e2e/fixtures/lanes/conformance.ts',
        formats: ['es'],
        fileName: () => 'page.js',
      },
      rolldownOptions: { external: ['webgpu', /^node:/], output: { codeSplitting: false } },
    },
  });
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><title>conformance</title><script type="module" src="page.js"></script>',
  );
  const server = await serve(folder);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/index.html`);
    await page.waitForFunction(() => 'report' in window, undefined, { timeout: 240_000 });
    const report = await page.evaluate(
      () => (window as unknown as { report: ConformanceReport }).report,
    );
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({
      isolated: false,
      builds: ['WebAssembly relaxed SIMD', 'WebAssembly SIMD'],
      passed: 2 * cases.length,
    });
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
