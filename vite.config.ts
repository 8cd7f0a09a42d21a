/**
 * One file for all that is built and tested. `vite build` makes the library, `--mode demo` the page
 * (`vite --mode demo` serves it while it is worked on); under vitest it is the list of test projects.
 */
import './tools/node20.ts';
import { builtinModules } from 'node:module';
import { playwright } from '@vitest/browser-playwright';
import type { UserConfig } from 'vite';
import { esmExternalRequirePlugin } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { findBrowser, launchOptions } from './tools/browser.ts';
import { declarations } from './tools/declarations.ts';
import { ENTRIES } from './tools/entries.ts';
import { offline } from './tools/offline.ts';
import { shaderText } from './tools/shader-text.ts';
import { thirdParty } from './tools/third-party.ts';
import { workerFile } from './tools/worker-file.ts';
import { SummaryReporter } from './tools/summary-reporter.ts';

const TARGET = 'es2022';

/** Code that is shown to users imports the package by its name, and runs on the sources. */
const BY_NAME = { alias: ENTRIES };

const LEFT_TO_USERS = ['webgpu', 'gpu.js', '@resvg/resvg-js'];

/** Several files: what a run does not need (an engine) is not loaded. Readable, bundlers minify. */
const library: UserConfig = {
  resolve: BY_NAME,
  plugins: [
    declarations(),
    workerFile('chunks/'),
    shaderText(),
    thirdParty(LEFT_TO_USERS).writing(),
    // What is bundled into the command is CommonJS, and requires what Node brings.
    esmExternalRequirePlugin({ external: [/^node:/, ...builtinModules] }),
  ],
  // The demo's assets are not the library's.
  publicDir: false,
  build: {
    target: TARGET,
    outDir: 'dist',
    minify: false,
    lib: {
      entry: {
        index: 'src/index.ts',
        vq: 'src/vq/index.ts',
        image: 'src/image/index.ts',
        io: 'src/io/index.ts',
        webgl: 'src/engines/webgl/index.ts',
        cli: 'src/cli/main.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      external: LEFT_TO_USERS,
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name].js',
        banner: ({ name }) => (name === 'cli' ? '#!/usr/bin/env node' : ''),
      },
    },
  },
};

/** Dawn for Node: a browser never comes to the line that imports it. */
const ONLY_IN_NODE = ['webgpu'];

const licences = thirdParty(ONLY_IN_NODE);

/** Works under any path, on any static host: no headers, no server. */
const demo: UserConfig = {
  root: 'demo',
  base: './',
  plugins: [shaderText(), offline(licences.note), licences.writing()],
  build: {
    target: TARGET,
    outDir: '../build/demo',
    emptyOutDir: true,
    rolldownOptions: { external: ONLY_IN_NODE },
  },
  worker: {
    format: 'es',
    plugins: () => [shaderText(), licences.noting()],
    rolldownOptions: { external: ONLY_IN_NODE },
  },
  optimizeDeps: { exclude: ONLY_IN_NODE },
};

/** SharedArrayBuffer exists only on pages that are isolated from other origins. */
const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** How often the conformance suite runs every case: races show seldom. */
const CONFORMANCE_REPEATS = Number(process.env['CENTROIDS_REPEATS'] ?? 1);

declare module 'vitest' {
  interface ProvidedContext {
    repeats: number;
  }
}

const BROWSER_TESTS = ['test/**/*.browser.test.ts', 'test/kernels/**/*.test.ts'];

/**
 * Vitest takes them one after the other. `npm test` runs each as a run of its own, Node beside Chromium
 * (`tools/test.ts`).
 */
function projects(): TestProjectInlineConfiguration[] {
  const browser = findBrowser();
  return [
    {
      resolve: BY_NAME,
      test: {
        name: 'node',
        include: ['test/{unit,golden,conformance,lanes}/**/*.test.ts'],
        exclude: BROWSER_TESTS,
        testTimeout: 60_000,
        hookTimeout: 60_000,
        provide: { repeats: CONFORMANCE_REPEATS },
        sequence: { groupOrder: 0 },
      },
    },
    {
      server: { headers: ISOLATION_HEADERS },
      // Known before the first page: what is found later makes pages load anew, in the middle of a test.
      optimizeDeps: { include: ['gifenc', 'gpu.js', 'jpeg-js'] },
      test: {
        name: 'chromium',
        include: BROWSER_TESTS,
        setupFiles: 'test/support/require-webgpu.ts',
        testTimeout: 120_000 * CONFORMANCE_REPEATS,
        provide: { repeats: CONFORMANCE_REPEATS },
        sequence: { groupOrder: 1 },
        // One page at a time: each has a whole software GPU to itself.
        fileParallelism: false,
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright(browser ? { launchOptions: launchOptions(browser) } : {}),
          instances: [{ browser: 'chromium', name: 'chromium' }],
        },
      },
    },
    {
      test: {
        name: 'e2e',
        include: ['test/e2e/**/*.test.ts'],
        globalSetup: 'test/support/demo-server.ts',
        testTimeout: 300_000,
        hookTimeout: 60_000,
        sequence: { groupOrder: 2 },
        fileParallelism: false,
        // What is imported is imported once; nothing that files share changes.
        isolate: false,
      },
    },
  ];
}

export default defineConfig(({ mode }) => {
  if (mode === 'demo') return demo;
  if (!process.env['VITEST']) return library;
  return { test: { projects: projects(), reporters: ['default', new SummaryReporter()] } };
});
