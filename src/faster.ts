/**
 * How fast two engines are here, measured on a small problem of as many columns: how fast a GPU is cannot be
 * read off it, nor what a filter spares on the other side.
 */
import { blobs } from './boards/index.ts';
import type { Engine } from './engine.ts';
import { layOnGrid } from './grid.ts';
import { inMemory } from './laid-points.ts';

/** An iteration takes some ten milliseconds, and the worst case some tenths of a second in all. */
const ROWS = 2 ** 16;
const NUMBERS = 2 ** 20;
const K = 64;
/** Wider rows are taken for so wide. */
const MOST_COLUMNS = 256;
/** The first iteration warms up. */
const ITERATIONS = 4;

/** Milliseconds of the quickest iteration on each. */
export async function compareSpeed(
  engines: readonly [Engine, Engine],
  columns: number,
): Promise<[number, number]> {
  const width = Math.min(columns, MOST_COLUMNS);
  const rows = Math.min(ROWS, Math.floor(NUMBERS / width));
  const grid = layOnGrid(blobs(rows, K, { columns: width, deviation: 0.1, seed: 1 }));
  const quickestOf = async (engine: Engine) => {
    const session = await engine.open({
      points: inMemory(grid),
      k: K,
      shiftLimit: 0n,
      emptyCluster: 'keep',
      algorithm: 'auto',
      restorePoints: false,
    });
    try {
      await session.place(grid.values.slice(0, K * width));
      let quickest = Infinity;
      for (let i = 0; i < ITERATIONS; i++) {
        const start = performance.now();
        const { stop } = await session.step(1);
        if (i > 0) quickest = Math.min(quickest, performance.now() - start);
        if (stop) break;
      }
      return quickest;
    } finally {
      await session.dispose();
    }
  };
  return [await quickestOf(engines[0]), await quickestOf(engines[1])];
}
