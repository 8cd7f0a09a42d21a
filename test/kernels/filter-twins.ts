/**
 * The kernels of the block filter beside what they should do, in plain numbers. Which rows of a cell come
 * first is chance, so the twin of an order is what holds for any of them; the tree is worked out again
 * from the order that was found; labels, sums, weights and moved rows are the reference's.
 */
import { roundHalfAway, powerOfTwo, SUM_BITS } from '../../src/grid.ts';
import { accumulate, assign, NO_LABEL } from '../../src/engines/reference/lloyd.ts';
import { layCurve, type Curve } from '../../src/engines/webgpu/curve.ts';
import type { Change, Workbench } from '../support/workbench.ts';
import { Differences, onWorkbench, words, type Problem } from './twins.ts';

const noPause = () => undefined;

/** `plot` and `gather`: the cell of a row; where rounding may go either way, it is not for tests. */
export function cellOf({ axes, bits }: Curve, row: Float32Array): number {
  const last = 2 ** bits - 1;
  const x = axes.map(({ column, low, scale }) =>
    Math.floor(Math.min(last, Math.max(0, (row[column] - low) * scale))),
  );
  const n = x.length;
  const top = 2 ** (bits - 1);
  for (let bit = top; bit > 1; bit /= 2)
    for (let i = 0; i < n; i++)
      if (x[i] & bit) x[0] ^= bit - 1;
      else {
        const swapped = (x[0] ^ x[i]) & (bit - 1);
        x[0] ^= swapped;
        x[i] ^= swapped;
      }
  for (let i = 1; i < n; i++) x[i] ^= x[i - 1];
  let flip = 0;
  for (let bit = top; bit > 1; bit /= 2) if (x[n - 1] & bit) flip ^= bit - 1;
  let cell = 0;
  for (let bit = top; bit >= 1; bit /= 2)
    for (const own of x) cell = 2 * cell + ((own ^ flip) & bit ? 1 : 0);
  return cell;
}

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
      cells.toSorted((a, b) => a - b),
    );
    const found = await bench.get('ordered');
    const wanted = new Uint32Array(found.length);
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    order.forEach((row, place) => {
      const at = Math.floor(place / blocks.blockRows) * blocks.rowWords + (place % blocks.blockRows);
      for (let t = 0; t < columns; t++)
        wanted[at + t * blocks.blockRows] = bits[row * columns + t];
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
      differences.compare(`sums ${i}`, await bench.get('sums'), new Uint32Array(totals.sums.buffer));
      differences.compare(`counts ${i}`, await bench.get('counts'), totals.counts);
    }
  });
}

const words32 = (values: readonly number[]) => values.flatMap((x) => [...words(BigInt(x), 1)]);
