/**
 * Processes that use the packed library with workers: each ends by itself, with what it awaited, and
 * however little it cleans up. A process that hangs is killed by the limit and fails its test.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { expect, test } from 'vitest';
import { gaussianBoard, kmeans } from '../../src/index.ts';
import { once } from '../../src/once.ts';
import type { Consumer } from '../support/packed.ts';

/** Much longer than any of these takes; what it stops has hung. */
const LIMIT = 60_000;

/** Counts the workers that it starts; more than the processors of a small machine. */
const HEAD = `
import { gaussianBoard, kmeans, openEngine } from 'centroids';
const threads = process.getBuiltinModule('node:worker_threads');
let started = 0;
threads.Worker = class extends threads.Worker {
  constructor(...args) { super(...args); started++; }
};
const points = gaussianBoard(100_000, 16, { seed: 1 });
const options = { seed: 1, engine: 'wasm', threads: 3 };
const say = ({ hash }) => console.log(hash, started);
`;

const PROGRAMS = {
  'awaits a run': 'say(await kmeans(points, 16, options));',
  'starts a run and leaves it to itself': 'void kmeans(points, 16, options).then(say);',
  'runs twice': 'await kmeans(points, 16, options); say(await kmeans(points, 16, options));',
  'opens an engine and disposes it': `
    const engine = await openEngine('wasm', { threads: 3 });
    say(await kmeans(points, 16, { ...options, engine }));
    await engine.dispose();`,
  'opens an engine and forgets it': `
    const engine = await openEngine('wasm', { threads: 3 });
    say(await kmeans(points, 16, { ...options, engine }));`,
  'aborts a run, and awaits the next': `
    const controller = new AbortController();
    const onProgress = ({ iteration }) => iteration > 0 && controller.abort();
    await kmeans(points, 16, { ...options, tol: 0, signal: controller.signal, onProgress }).catch(() => {});
    say(await kmeans(points, 16, options));`,
};

/** Tests of an installed package, which is there when they run. */
export function testProcesses(consumer: () => Consumer): void {
  const answer = once(() =>
    kmeans(gaussianBoard(100_000, 16, { seed: 1 }), 16, { seed: 1, engine: 'reference' }),
  );

  async function ends(script: string, ...flags: string[]): Promise<void> {
    // rejects unless it exits with 0; an await that nothing keeps alive exits with 13
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, script], {
      cwd: consumer().folder,
      timeout: LIMIT,
    });
    expect([stdout.trim(), stderr]).toEqual([`${(await answer()).hash} 3`, '']);
  }

  test.each(Object.entries(PROGRAMS))('a process that %s', async (name, program) => {
    const script = join(consumer().folder, `${name.replaceAll(/\W/g, '-')}.js`);
    await writeFile(script, HEAD + program);
    await ends(script);
  });

  test('with relaxed SIMD', async () => {
    const script = join(consumer().folder, 'relaxed.js');
    await writeFile(script, HEAD + PROGRAMS['awaits a run']);
    await ends(script, '--experimental-wasm-relaxed-simd');
  });

  test('bundled into one file, without the file of the worker', async () => {
    const entry = join(consumer().folder, 'entry.js');
    // workers that fail to start from their file are started too: here only the result counts
    await writeFile(entry, HEAD.replace('started++', 'started = 3') + PROGRAMS['awaits a run']);
    const outfile = join(consumer().folder, 'one', 'bundle.mjs');
    await esbuild({
      absWorkingDir: consumer().folder,
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: ['webgpu'],
    });
    await ends(outfile);
  });
}
