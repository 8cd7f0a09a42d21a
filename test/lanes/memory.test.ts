/**
 * How much a run takes beside the caller's array: at most twice its bytes and 24 bytes a point.
 *
 * Counted in a process of its own, in which every call of a kernel is followed by a look: the sizes of
 * all WebAssembly memories (all lanes on one thread; more of them share the same rows out) and all
 * array buffers that JavaScript holds, garbage that is not collected yet included. What a memory has
 * reserved counts, touched or not. The results (4 bytes a point of labels) are in it. Second labels and
 * margins, 4 bytes a point each, are results that only some callers ask for: they come on top, with the
 * pieces that second labels travelled in, which a slow machine has not collected by then.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workerFile } from '../../tools/worker-file.ts';

/** Three pieces of 2^16 labels. */
const PIECES = 3 * 2 ** 18;

const SCRIPT = `
import { kmeans, uniformBoard } from './index.js';
const [rows, columns, k, algorithm, init, margins] = process.argv.slice(2);
const points = uniformBoard(+rows, { columns: +columns });
const memories = [];
let peak = 0;
const look = () => {
  const wasm = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  peak = Math.max(peak, wasm + process.memoryUsage().arrayBuffers);
};
const Instance = WebAssembly.Instance;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  memories.push(instance.exports.memory);
  const exports = Object.fromEntries(
    Object.entries(instance.exports).map(([name, value]) => [
      name,
      typeof value !== 'function' ? value : (...args) => { const result = value(...args); look(); return result; },
    ]),
  );
  return { exports };
};
gc();
const before = process.memoryUsage().arrayBuffers;
const result = await kmeans(points, +k, { engine: 'wasm', threads: 1, algorithm, maxIter: 3, init, margins: margins === 'true' });
look();
console.log(JSON.stringify({ peak: peak - before, instances: memories.length, algorithm: result.algorithm }));
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'centroids-memory-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [workerFile('chunks/')],
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: false,
      lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: {
        external: ['webgpu', /^node:/],
        output: { chunkFileNames: 'chunks/[name].js' },
      },
    },
  });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'script.js'), SCRIPT);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  [2_000_000, 2, 16, 'filtered', 'filtered', 'random'],
  [700_000, 16, 16, 'auto', 'lloyd', 'random'],
  [2_000_000, 2, 16, 'auto', 'filtered', 'k-means++'],
  [6_000_000, 2, 16, 'auto', 'filtered', 'k-means||'],
  [700_000, 12, 16, 'auto', 'lloyd', 'k-means++'],
  [400_000, 17, 100, 'auto', 'filtered', 'random'],
] as const)('%i × %i, k = %i, %s: %s, %s', async (rows, columns, k, algorithm, used, init) => {
  const perPoint = await measure(rows, columns, k, algorithm, used, init);
  expect(perPoint).toBeLessThanOrEqual(24);
  expect(perPoint).toBeGreaterThan(4); // labels at least: something was counted
});

test.each([
  [5_000_000, 2, 16, 'auto', 'filtered', 'auto'],
  [2_000_000, 2, 16, 'lloyd', 'lloyd', 'random'],
  [700_000, 12, 16, 'auto', 'lloyd', 'k-means++'],
] as const)(
  'margins: %i × %i, k = %i, %s: %s, %s',
  async (rows, columns, k, algorithm, used, init) => {
    const perPoint = await measure(rows, columns, k, algorithm, used, init, true);
    expect(perPoint).toBeLessThanOrEqual(24 + 8 + PIECES / rows);
    expect(perPoint).toBeGreaterThan(4 + 8);
  },
);

/** Bytes a point beside twice the input, in a run whose algorithm comes out as `used`. */
async function measure(
  rows: number,
  columns: number,
  k: number,
  algorithm: string,
  used: string,
  init: string,
  margins = false,
): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', 'script.js', ...[rows, columns, k, algorithm, init, margins].map(String)],
    { cwd: folder },
  );
  const report = JSON.parse(stdout) as { peak: number; instances: number; algorithm: string };
  // a sample is seeded on lanes of its own
  const instances = init === 'auto' || init === 'k-means||' ? 4 : 2;
  expect(report).toMatchObject({ instances, algorithm: used });
  const perPoint = (report.peak - 2 * 4 * rows * columns) / rows;
  console.log(`${rows} × ${columns}: twice the input and ${perPoint.toFixed(1)} bytes a point`);
  return perPoint;
}
