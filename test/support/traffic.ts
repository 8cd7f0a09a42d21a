/**
 * The bytes that kernels ask of the device's memory in an iteration, by their plan: what each workgroup reads and
 * writes once. Caches may give some of it; what a plan asks for is the same on every device.
 */
import type { RunCounters } from '../../src/engines/webgpu/session.ts';
import { proposalOf, updateOf, workgroupsOf } from '../../src/engines/webgpu/parameters.ts';
import type { Plan, Slice } from '../../src/engines/webgpu/plan.ts';

export interface Traffic {
  /** Of the points alone. */
  points: number;
  /** Of everything. */
  all: number;
}

/** An iteration by brute force; `k` and the size of a label in bytes of 4 as everywhere. */
export function lloydTraffic(plan: Plan, k: number, weighted = false): Traffic {
  const { columns } = plan;
  const centroids = 4 * k * columns;
  let points = 0;
  let all = 0;
  for (const slice of plan.slices) {
    const rows = 4 * slice.rows;
    // the proposal: every row once, its label to compare with, all centroids by every workgroup
    points += rows * columns;
    all += rows * columns + 2 * rows + groups(proposalOf(plan), plan, slice) * centroids;
    // adding up: every coordinate once, labels and weights once a group of columns, sums where they are taken to
    const [across, down] = workgroupsOf(updateOf(plan), plan, slice);
    points += rows * columns;
    all += rows * columns + (weighted ? 2 : 1) * rows * down;
    const sums = plan.privateSums ? across * k : Math.min(slice.rows, across * k);
    all += 2 * 8 * sums * columns;
  }
  // dividing: sums and counts, centroids in two forms and as they were
  all += (2 * 8 + 4 * 4) * k * columns + 3 * 4 * k;
  return { points, all };
}

/** All iterations of the block filter, by what it counted. */
export function filterTraffic(
  { plan, filter }: RunCounters,
  k: number,
  iterations: number,
): Traffic {
  const { columns, blocks } = plan;
  const { blockRows, nodeWords, superblock, rowWords } = blocks!;
  const { compared, whole, mixed } = filter!;
  const supers = plan.chunks.reduce(
    (sum, { rows }) => sum + Math.ceil(rows / (blockRows * superblock)),
    0,
  );
  // rows of the blocks that are looked at, with their labels twice
  const points = 4 * mixed * rowWords;
  const labels = 2 * 4 * mixed * blockRows;
  // a node a superblock and a block, all centroids a superblock, then the numbers and coordinates of candidates;
  // sums of those that are whole, and of candidates at most
  const nodes = 4 * nodeWords * (iterations * supers + whole + mixed);
  const centroids = 4 * k * columns * iterations * supers + 4 * (1 + columns) * compared;
  const sums = 2 * 8 * columns * (whole + Math.min(compared, mixed * blockRows));
  const dividing = iterations * ((2 * 8 + 4 * 4) * k * columns + 3 * 4 * k);
  return { points, all: points + labels + nodes + centroids + sums + dividing };
}

function groups(name: Parameters<typeof workgroupsOf>[0], plan: Plan, slice: Slice): number {
  const [x, y] = workgroupsOf(name, plan, slice);
  return x * y;
}
