/**
 * The kernels of the block filter beside what they should do, in plain numbers. Which rows of a cell come
 * first is chance, so the twin of an order is what holds for any of them; the tree is worked out again
 * from the order that was found; labels, sums, weights and moved rows are the reference's.
 */
import { roundHalfAway, powerOfTwo, SUM_BITS } from '../../src/grid.ts';
import { accumulate, assign } from '../../src/engines/reference/lloyd.ts';
import { NO_LABEL } from '../../src/lloyd.ts';
import { layCurve } from '../../src/engines/webgpu/curve.ts';
import type { Change, Workbench } from '../support/workbench.ts';
import { cellOf } from './cell-of.ts';
import { onWorkbench, words, type Problem } from './twins.ts';

const noPause = () => undefined;

/** `plot`, `scan`, `gather`: every row once, along the curve, with its coordinates and its weight. */
export function orderDifferences(device: GPUDevice, problem: Problem, change?: Change) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    const { rows, columns, values, weights } = problem.grid;
    const blocks = bench.plan.blocks!;
    const curve = layCurve(values, columns, blocks.cellBits);
    const cells = Array.from({ length: rows }, (_, i) =>
      cellOf(curve, values.subarray(i * columns, (i + 1) * columns)),
    );
    await bench.run('plot');
    const counted = new Uint32Array(2 ** blocks.cellBits);
    for (const cell of cells) counted[cell]++;
    differences.compare('rows of cells', await bench.get('cells'), counted);
    await bench.run('scan');
    const places = new Uint32Array(counted.length);
    const used = 2 ** (curve.axes.length * curve.bits);
    for (let i = 1; i < used; i++) places[i] = places[i - 1] + counted[i - 1];
    differences.compare('places of cells', await bench.get('cells'), places);
    await bench.run('gather');
    const order = await bench.get('rowOf');
    differences.compare('rows', order.slice().sort(), [...order.keys()]);
    differences.compare(
      'cells along the curve',
      Array.from(order, (row) => cells[row]),
      cells.slice().sort((a, b) => a - b),
    );
    const found = await bench.get('ordered');
    const wanted = new Uint32Array(found.length);
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    order.forEach((row, place) => {
      const at =
        Math.floor(place / blocks.blockRows) * blocks.rowWords + (place % blocks.blockRows);
      for (let t = 0; t < columns; t++) wanted[at + t * blocks.blockRows] = bits[row * columns + t];
      if (weights) wanted[at + columns * blocks.blockRows] = weights[row];
    });
    differences.compare('ordered rows', found, wanted);
  });
}

/** `bound`: weight, sums and box of each block and superblock. */
export function boundDifferences(device: GPUDevice, problem: Problem, change?: Change) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    await order(bench);
    await bench.run('bound');
    const rowOf = await bench.get('rowOf');
    const tree = await bench.get('tree');
    const blocks = bench.plan.blocks!;
    const { blockRows, superblock, nodeWords } = blocks;
    const compareNodes = (what: string, at: number, size: number) => {
      for (let first = 0; first < rowOf.length; first += size, at += nodeWords)
        differences.compare(
          `${what} from row ${first}`,
          tree.subarray(at, at + nodeWords),
          node(problem, rowOf.subarray(first, first + size)),
        );
    };
    compareNodes('block', blocks.blockNodes, blockRows);
    compareNodes('superblock', blocks.superNodes, blockRows * superblock);
  });
}

/** The words of a node over some rows. */
function node({ grid }: Problem, rows: Uint32Array): Uint32Array {
  const { columns, values, weights, columnExponents } = grid;
  const sums = new BigInt64Array(columns);
  const low = new Float32Array(columns).fill(Infinity);
  const high = new Float32Array(columns).fill(-Infinity);
  let weight = 0;
  for (const row of rows) {
    const own = weights ? weights[row] : 1;
    weight += own;
    for (let t = 0; t < columns; t++) {
      const y = values[row * columns + t];
      sums[t] += BigInt(roundHalfAway(y * powerOfTwo(SUM_BITS - columnExponents[t])) * own);
      low[t] = Math.min(low[t], y);
      high[t] = Math.max(high[t], y);
    }
  }
  return Uint32Array.of(
    weight,
    ...new Uint32Array(sums.buffer),
    ...new Uint32Array(low.buffer),
    ...new Uint32Array(high.buffer),
  );
}

async function order(bench: Workbench): Promise<void> {
  await bench.run('plot');
  await bench.run('scan');
  await bench.run('gather');
}

/**
 * Centroids of iterations in turn, so that labels come and go by superblocks, blocks and rows: as they are, all
 * rows to the first, halves to the first two, all to the last.
 */
export function turns({ centroids, k, grid }: Problem): Float32Array[] {
  const { columns } = grid;
  const at = (place: (j: number) => number) =>
    Float32Array.from(centroids, (_, i) => place(Math.floor(i / columns)));
  const first = at((j) => (j === 0 ? 0 : 0.96));
  const last = at((j) => (j === k - 1 ? 0 : 0.96));
  const halves = at((j) => [-0.5, 0.5][j] ?? 1);
  return [centroids, first, halves, first, halves, last, centroids, centroids];
}

/** Centroids halfway between the numbers of a lattice: ties everywhere. For two columns. */
export function placeBetween({ grid, k, centroids }: Problem): void {
  const side = Math.ceil(Math.sqrt(k));
  const lines = [0, 1].map((t) =>
    [...new Set(grid.values.filter((_, at) => at % 2 === t))].sort((a, b) => a - b),
  );
  centroids.forEach((_, at) => {
    const j = at >> 1;
    const i = at % 2 ? Math.floor(j / side) : j % side;
    centroids[at] = (lines[at % 2][i] + lines[at % 2][i + 1]) / 2;
  });
}

/** `shortlist`, `sift` and `unfold`, over several iterations: the labels of one are what the next begins with. */
export function filterDifferences(
  device: GPUDevice,
  { steps, ...problem }: Problem & { steps?: readonly Float32Array[] },
  change?: Change,
) {
  return onWorkbench(device, problem, change, async (bench, differences) => {
    const { grid, k } = problem;
    const { superLabels, superblocks } = bench.plan.blocks!;
    await order(bench);
    await bench.run('bound');
    const exponents = [...grid.columnExponents];
    const tree = await bench.get('tree');
    tree.fill(NO_LABEL, superLabels, superLabels + superblocks);
    bench.set('tree', tree);
    differences.compare('exponents', tree.slice(0, exponents.length), words32(exponents));
    const labels = new Uint32Array(grid.rows).fill(NO_LABEL);
    for (const [i, centroids] of (steps ?? [problem.centroids]).entries()) {
      bench.set('centroids', centroids);
      for (const name of ['sums', 'counts', 'state'] as const)
        bench.set(name, new Uint32Array(bench.plan.bytes[name] / 4));
      await bench.run('shortlist', 'sift');
      await bench.run('unfold');
      const moved = await assign(grid, centroids, labels, noPause);
      const totals = await accumulate(grid, labels, k, noPause);
      differences.compare(`labels ${i}`, await bench.get('labels'), labels);
      differences.compare(`moved ${i}`, (await bench.get('state')).slice(0, 1), [moved]);
      differences.compare(
        `sums ${i}`,
        await bench.get('sums'),
        new Uint32Array(totals.sums.buffer),
      );
      differences.compare(`counts ${i}`, await bench.get('counts'), totals.counts);
    }
  });
}

const words32 = (values: readonly number[]) => values.flatMap((x) => [...words(BigInt(x), 1)]);
