/**
 * `npm run bench:refine`: what breathing finds beside ten restarts of greedy k-means++, on boards whose
 * clusters are known, and in what time. On the wasm engine, in Node.
 */
import './raw-text.ts';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import {
  blobs,
  centroidIndex,
  kmeans,
  matrix,
  openEngine,
  uniformBoard,
  type Board,
  type KMeansOptions,
  type Matrix,
} from '../src/index.ts';
import { gridBoard } from './grid-board.ts';

interface Problem {
  name: string;
  points: Matrix;
  /** null: there is no structure to be found. */
  centres: Matrix | null;
  k: number;
}

const METHODS: Record<string, KMeansOptions> = {
  '1 run': {},
  '10 restarts': { nInit: 10 },
  breathing: { refine: 'breathing' },
};

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '10' } } });
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) {
  console.error(`--seeds is ${values.seeds}; expected a whole number ≥ 1.`);
  process.exit(2);
}

const engine = await openEngine('wasm');
const lines = [];
for (const { name, points, centres, k } of problems()) {
  const runs = [];
  for (const [method, options] of Object.entries(METHODS)) {
    await kmeans(points, k, { engine, seed: seeds, ...options }); // warm
    const inertias: number[] = [];
    const indices: number[] = [];
    const since = performance.now();
    for (let seed = 0; seed < seeds; seed++) {
      const { centroids, inertia } = await kmeans(points, k, { engine, seed, ...options });
      inertias.push(inertia);
      if (centres) indices.push(centroidIndex(centroids, centres));
    }
    const seconds = (performance.now() - since) / 1000 / seeds;
    runs.push({ method, inertias, indices, seconds });
  }
  const least = Math.min(...runs.flatMap(({ inertias }) => inertias));
  for (const { method, inertias, indices, seconds } of runs)
    lines.push([
      name,
      points.rows.toLocaleString('en'),
      String(k),
      method,
      centres ? `${indices.filter((index) => index > 0).length} of ${seeds}` : '–',
      centres ? String(Math.max(...indices)) : '–',
      (sum(inertias) / seeds / least).toFixed(5),
      seconds.toPrecision(3),
    ]);
}
await engine.dispose();

console.log(
  `${os.cpus()[0].model}, ${os.cpus().length} cores, load ${os.loadavg()[0].toFixed(1)}, Node ${process.version}; ${engine.description}\n`,
);
console.log(
  markdownTable(
    [
      [
        'board',
        'rows',
        'k',
        'method',
        'seeds that miss a cluster',
        'most missed',
        'mean inertia by the least',
        's a fit',
      ],
      ...lines,
    ],
    { align: ['l', 'r', 'r', 'l', 'r', 'r', 'r', 'r'] },
  ),
);

function* problems(): Generator<Problem> {
  for (const side of [5, 6, 7, 8, 9, 10])
    yield { name: `grid of ${side} × ${side}`, ...gridBoard(side, 200, 0.15) };
  yield { name: 'grid, clusters that touch', ...gridBoard(10, 300, 0.22) };
  for (const [k, deviation] of [
    [50, 0.015],
    [100, 0.01],
  ])
    yield known('blobs', blobs(200 * k, k, { deviation, seed: 4 }), k);
  yield known('blobs, 16 columns', blobs(20_000, 64, { columns: 16, deviation: 0.1, seed: 4 }), 64);
  yield { name: 'grid of 10 × 10', ...gridBoard(10, 10_000, 0.15) };
  yield { name: 'no structure', points: uniformBoard(1_000_000), centres: null, k: 100 };
}

/** The means of the groups that a board was drawn from. */
function known(name: string, board: Board, k: number): Problem {
  const { data, columns, labels } = board;
  const sums = new Float64Array(k * columns);
  const sizes = new Float64Array(k);
  labels.forEach((label, i) => {
    sizes[label]++;
    for (let t = 0; t < columns; t++) sums[label * columns + t] += data[i * columns + t];
  });
  const means = sums.map((total, at) => total / sizes[Math.floor(at / columns)]);
  return { name, points: board, centres: matrix(means, columns), k };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
