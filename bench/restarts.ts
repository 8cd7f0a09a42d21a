/**
 * `npm run bench:restarts`: ten restarts one after the other and side by side, on the wasm engine in Node.
 * One after the other is what a callback makes of them; the two take turns, so that whatever else the
 * machine does meets both.
 */
import './raw-text.ts';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import { blobs, kmeans, type KMeansOptions } from '../src/index.ts';

const SIZES = [
  [10_000, 2, 16],
  [10_000, 16, 64],
  [30_000, 2, 32],
  [100_000, 2, 16],
  [100_000, 3, 256],
  [20_000, 64, 50],
  [300_000, 2, 16],
  [1_000_000, 2, 16],
] as const;

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '5' } } });
const repeats = Number(values.repeats);

const lines = [];
for (const init of ['auto', 'random'] as const)
  for (const [rows, columns, k] of SIZES) {
    const points = blobs(rows, k, { columns, deviation: 0.15, seed: 1 });
    const options = { engine: 'wasm', nInit: 10, init } as const;
    const ways: { options: KMeansOptions; times: number[] }[] = [
      { options: { ...options, onProgress: () => {} }, times: [] },
      { options, times: [] },
    ];
    const hashes = new Set<string>();
    for (let i = -1; i < repeats; i++)
      for (const { options, times } of i % 2 ? ways : [...ways].reverse()) {
        const since = performance.now();
        hashes.add((await kmeans(points, k, options)).hash);
        if (i >= 0) times.push(performance.now() - since); // the first is to warm up
      }
    if (hashes.size > 1) throw new Error(`${rows} × ${columns}, k = ${k}: answers differ`);
    const [one, abreast] = ways.map(({ times }) => median(times));
    lines.push([
      `${rows} × ${columns}, ${k}`,
      init,
      one.toFixed(0),
      abreast.toFixed(0),
      (one / abreast).toFixed(1),
    ]);
  }
const head = ['n × d, k', 'init', 'one after the other, ms', 'as it runs, ms', 'times as fast'];
console.log(`${os.availableParallelism()} threads, Node ${process.versions.node}`);
console.log(markdownTable([head, ...lines]));

function median(times: number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1];
}
