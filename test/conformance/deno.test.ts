/**
 * The conformance suite in Deno, on each software Vulkan driver: two more WebGPU implementations that
 * have to give the bits of the reference engine in Node. Neither may be missing. In an ordinary run those
 * of chosen.ts, which compile every kernel there is; with CENTROIDS_REPEATS above 1 all cases.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { beforeAll, expect, inject, test } from 'vitest';
import { workerFile } from '../../tools/worker-file.ts';
import { ensureDrivers, type Driver } from '../../tools/vulkan.ts';
import { KERNELS } from '../../src/engines/webgpu/kernels.ts';
import { LAY_KERNELS } from '../../src/engines/webgpu/lay-kernels.ts';
import { cases } from './cases.ts';
import { chosenCases } from './chosen.ts';
import type { DenoReport } from './deno-entry.ts';
import { expected, IN_BUFFER, stayed } from './suite.ts';

const OUT = resolve('build/deno');
const REPEATS = inject('repeats');
const LIMIT = 480_000 * REPEATS;

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [workerFile('')],
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

// Found and, if need be, installed by `npm run prepare:tests`, before any test. Both at the same time:
// much of a run is waiting for the other side.
const drivers = ensureDrivers();
test.concurrent.each(drivers.map((driver, turn) => ({ ...driver, turn })))(
  'Deno on $name gives the recorded answers',
  async (driver) => {
    const { adapter, runs, kernels } = await runDeno(driver, driver.turn);
    const some = REPEATS > 1 ? cases : chosenCases;
    const answers = Object.fromEntries(some.map(({ name }) => [name, expected[name]]));
    expect(adapter).toMatch(driver.adapter);
    expect(kernels).toEqual([...Object.keys(KERNELS), ...Object.keys(LAY_KERNELS)].sort());
    expect(runs).toEqual({
      webgpu: answers,
      'webgpu, forced': answers,
      'webgpu, points in a buffer': Object.fromEntries(
        IN_BUFFER.map((name) => [name, stayed(expected[name])]),
      ),
      ...(driver.turn === 0 && { reference: answers, wasm: answers }),
    });
  },
  LIMIT,
);

async function runDeno({ environment }: Driver, turn: number): Promise<DenoReport> {
  const deno = createRequire(import.meta.url).resolve('deno/package.json');
  // The launcher of the npm package: it works whether or not install scripts were allowed to run.
  const launcher = join(deno, '..', 'bin.cjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      launcher,
      'run',
      '--unstable-webgpu',
      '--no-config',
      '--no-remote',
      `--allow-read=${OUT}`,
      join(OUT, 'entry.js'),
      ...[REPEATS, turn].map(String),
    ],
    {
      env: { ...process.env, ...environment, DENO_DIR: join(OUT, 'cache'), NO_COLOR: '1' },
      maxBuffer: 2 ** 28,
      timeout: LIMIT,
    },
  );
  return JSON.parse(stdout) as DenoReport;
}
