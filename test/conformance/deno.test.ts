/**
 * The conformance suite in Deno, once on each software Vulkan driver: two more WebGPU
 * implementations that have to give the bits of the reference engine in Node. Neither may be missing.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureDrivers, type Driver } from '../../tools/vulkan.ts';
import type { DenoReport } from './deno-entry.ts';
import { expected } from './suite.ts';

const OUT = resolve('build/deno');
const LIMIT = 480_000;

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      target: 'esnext',
      minify: false,
      outDir: OUT,
      emptyOutDir: true,
      lib: { entry: 'test/conformance/deno-entry.ts', formats: ['es'], fileName: 'entry' },
      rolldownOptions: { external: ['webgpu', /^node:/] },
    },
  });
}, 60_000);

// Found and, if need be, installed by `npm run prepare:tests`, before any test.
describe.each(ensureDrivers())('Deno on $name', (driver) => {
  let report: DenoReport;
  beforeAll(async () => {
    report = await runDeno(driver);
  }, LIMIT);

  test('runs on that driver', () => expect(report.adapter).toMatch(driver.adapter));

  test('every engine and plan gives the recorded answers', () => {
    expect(Object.keys(report.runs)).toContain('reference');
    expect(Object.keys(report.runs).some((name) => name.startsWith('webgpu'))).toBe(true);
    for (const [run, outcomes] of Object.entries(report.runs))
      expect(outcomes, run).toEqual(expected);
  });
});

async function runDeno({ environment }: Driver): Promise<DenoReport> {
  const deno = createRequire(import.meta.url).resolve('deno/package.json');
  // The launcher of the npm package: it works whether or not install scripts were allowed to run.
  const launcher = join(deno, '..', 'bin.cjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [launcher, 'run', '--unstable-webgpu', '--no-config', '--no-remote', join(OUT, 'entry.js')],
    {
      env: { ...process.env, ...environment, DENO_DIR: join(OUT, 'cache'), NO_COLOR: '1' },
      maxBuffer: 2 ** 28,
      timeout: LIMIT,
    },
  );
  return JSON.parse(stdout) as DenoReport;
}
