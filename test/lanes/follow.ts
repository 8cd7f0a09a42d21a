/** An engine followed step by step through a problem, so that two of them can be held side by side. */
import type { Engine, IterationRecord, Session, Task } from '../../src/engine.ts';
import { layOnGrid, placeOnGrid, type Grid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { makeSet, type HardCase } from './sets.ts';

export type Chosen = Task['algorithm'];

/** What a session answers when it is read. */
export interface Reading {
  labels: number[];
  sums: bigint[];
  counts: number[];
  centroids: number[];
  history: IterationRecord[];
  sizes: number[];
  /** Second-nearest centroids; none where there is only one. */
  second: number[];
}

export interface Followed {
  readings: Reading[];
  stop: string | null;
  empty: number;
}

export interface Laid {
  grid: Grid;
  start: Float32Array;
}

export function layHard(problem: HardCase): Laid {
  const { points, weights, init } = makeSet(problem);
  const grid = layOnGrid(points, { weights, cover: init });
  return { grid, start: placeOnGrid(init, grid) };
}

/** Steps to the end, reading where the problem says so and at the end. */
export async function follow(
  engine: Engine,
  { grid, start }: Laid,
  algorithm: Chosen,
  { emptyCluster, reads }: Pick<HardCase, 'emptyCluster' | 'reads'>,
  most = 8,
): Promise<Followed> {
  const session = await engine.open({
    points: inMemory(grid),
    k: start.length / grid.columns,
    shiftLimit: 0n,
    emptyCluster,
    algorithm,
    restorePoints: false,
  });
  try {
    await session.place(start);
    const readings: Reading[] = [];
    if (reads.includes(0)) readings.push(await reading(session));
    let status = await session.step(1);
    while (status.stop === null && status.iteration < most) {
      if (reads.includes(status.iteration)) readings.push(await reading(session));
      status = await session.step(1);
    }
    readings.push(await reading(session));
    return { readings, stop: status.stop, empty: status.empty };
  } finally {
    await session.dispose();
  }
}

async function reading(session: Session): Promise<Reading> {
  const { labels, sums, counts, centroids, history, sizes } = await session.read();
  const second = counts.length > 1 ? (await session.assignSecond(labels)).labels : [];
  const counted = new Array<number>(counts.length).fill(0);
  for (const label of labels) counted[label]++;
  return {
    labels: [...labels],
    sums: [...sums],
    counts: [...counts],
    centroids: [...centroids],
    history: [...history],
    sizes: sizes ? [...sizes] : counted,
    second: [...second],
  };
}
