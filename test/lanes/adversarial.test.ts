/**
 * Filtered, brute force and reference side by side on sets that are hard on shortcuts: after every
 * look the same labels, sums, counts, centroids and history, on this thread and on workers.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { blobs, kmeans, matrix, uniformBoard } from '../../src/index.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { LONG_RUN, someOf } from '../support/long-run.ts';
import { follow, layHard } from './follow.ts';
import { hardCases, KINDS, type HardCase } from './sets.ts';

const reference = openReference();
let inline: Engine;
let workers: Engine;
beforeAll(async () => {
  inline = await openWasm({ threads: 1 });
  workers = await openWasm({ workers: 3 });
});
afterAll(async () => {
  await inline.dispose();
  await workers.dispose();
});

async function agree(problem: HardCase, engine: Engine, most?: number): Promise<void> {
  const laid = layHard(problem);
  const wanted = await follow(reference, laid, 'lloyd', problem, most);
  for (const algorithm of ['lloyd', 'filtered', 'auto'] as const)
    expect(await follow(engine, laid, algorithm, problem, most)).toEqual(wanted);
}

describe('the same after every look', () => {
  test('on this thread', () =>
    fc.assert(
      fc.asyncProperty(hardCases, (problem) => agree(problem, inline)),
      { numRuns: LONG_RUN ? 300 : 150 },
    ));

  test('on three workers', () =>
    fc.assert(
      fc.asyncProperty(hardCases, (problem) => agree(problem, workers)),
      { numRuns: LONG_RUN ? 60 : 30 },
    ));

  // More rows than the filter is first tried from, and not a multiple of anything.
  const shapes = [
    [1, 13, 'rows'],
    [2, 300, 'rows'],
    [3, 40, 'between rows'],
  ] as const;
  test.each(KINDS)('5003 rows of: %s', async (kind) => {
    for (const [columns, k, start] of someOf(shapes, 2, KINDS.indexOf(kind))) {
      const problem: HardCase = {
        kind,
        columns,
        k,
        start,
        rows: 5003,
        seed: columns,
        weights: 'none',
        emptyCluster: 'relocate',
        reads: [1],
      };
      await agree(problem, columns === 2 ? workers : inline, 4);
    }
  });

  test.each([6, 16, 24, 33])('4500 rows of %i columns', async (columns) => {
    const problem: HardCase = {
      kind: 'blobs',
      columns,
      k: 20,
      start: 'rows',
      rows: 4500,
      seed: columns,
      weights: 'any',
      emptyCluster: 'relocate',
      reads: [0],
    };
    await agree(problem, inline, 3);
  });
});

test('points on a hundred scales, centroids that coincide: no list of candidates ever shrinks', async () => {
  // Deeper than key bits and halving together, with all of them alive on the whole way down.
  const laid = layHard({
    kind: 'many scales',
    rows: 12_000,
    columns: 1,
    k: 512,
    seed: 1,
    start: 'one place',
    weights: 'none',
    emptyCluster: 'keep',
    reads: [],
  });
  const policy = { emptyCluster: 'keep' as const, reads: [1] };
  const wanted = await follow(reference, laid, 'lloyd', policy, 3);
  expect(await follow(inline, laid, 'filtered', policy, 3)).toEqual(wanted);
});

test('k = 65 536: every row is given the nearest of them', async () => {
  const points = uniformBoard(70_000, { columns: 2, seed: 6 });
  const k = 65_536;
  const init = matrix(points.data.subarray(0, 2 * k), 2);
  const run = (algorithm: 'lloyd' | 'filtered') =>
    kmeans(points, k, { algorithm, init, engine: workers, maxIter: 1, emptyCluster: 'keep' });
  const { hash, labels, centroids, predict } = await run('filtered');
  // so few rows that there is no filter for them: by brute force
  const some = Uint32Array.from({ length: 2000 }, (_, i) => 35 * i);
  const coordinates = [...some].flatMap((row) => [...points.data.subarray(2 * row, 2 * row + 2)]);
  expect(await predict(matrix(coordinates, 2))).toEqual(some.map((row) => labels[row]));
  if (LONG_RUN) expect((await run('lloyd')).hash).toBe(hash); // 10^10 distances
  const squared = (row: number, j: number) =>
    (points.data[2 * row] - centroids.data[2 * j]) ** 2 +
    (points.data[2 * row + 1] - centroids.data[2 * j + 1]) ** 2;
  for (let row = 0; row < points.rows; row += 700) {
    let nearest = 0;
    for (let j = 1; j < k; j++) if (squared(row, j) < squared(row, nearest)) nearest = j;
    expect(labels[row]).toBe(nearest);
  }
});

describe('looking on changes nothing', () => {
  const points = blobs(6000, 9, { columns: 3, deviation: 0.4, seed: 5 });
  // One for which 'auto' gives the filter up, in the first pass: here, in the first look.
  const dense = uniformBoard(5000, { columns: 12, seed: 5 });
  // One for bounds, which nobody's reading may loosen.
  const wide = blobs(4200, 14, { columns: 18, deviation: 0.2, seed: 5 });

  test.each([
    ['reference', 'lloyd', points],
    ['wasm', 'lloyd', points],
    ['wasm', 'filtered', points],
    ['wasm', 'auto', points],
    ['wasm', 'auto', dense],
    ['wasm', 'auto', wide],
  ] as const)('%s, %s', async (engine, algorithm, board) => {
    const options = { algorithm, seed: 2, tol: 0, maxIter: 12 };
    const wanted = await kmeans(board, 9, { ...options, engine: 'reference', algorithm: 'lloyd' });
    for (const chosen of engine === 'reference' ? [reference] : [inline, workers]) {
      const seen: number[] = [];
      const result = await kmeans(board, 9, {
        ...options,
        engine: chosen,
        onProgress: async ({ phase, iteration, read }) => {
          if (phase !== 'iterate') return;
          const { labels } = await read();
          expect(labels).toHaveLength(board.rows);
          seen.push(iteration);
        },
      });
      expect(seen).toEqual([0, ...result.history.map((record) => record.iteration)]);
      expect([result.hash, result.history]).toEqual([wanted.hash, wanted.history]);
    }
  });
});

describe('whole runs', () => {
  const crowded = uniformBoard(4500, { columns: 2, seed: 8 });
  const init = Array.from({ length: 30 }, (_, j) => (j < 25 ? [0.25, 0.25] : [-0.5, j / 30]));

  test.each(['relocate', 'keep', 'drop'] as const)(
    'clusters that lose their points: %s',
    async (emptyCluster) => {
      const options = { init, emptyCluster, tol: 0, maxIter: 40 } as const;
      const wanted = await kmeans(crowded, 30, { ...options, engine: 'reference' });
      for (const engine of [inline, workers])
        for (const algorithm of ['lloyd', 'filtered', 'auto'] as const) {
          const { hash, history } = await kmeans(crowded, 30, { ...options, engine, algorithm });
          expect([hash, history]).toEqual([wanted.hash, wanted.history]);
        }
    },
  );

  test("clusters that lose their points: 'error'", async () => {
    for (const engine of [inline, workers])
      await expect(kmeans(crowded, 30, { init, emptyCluster: 'error', engine })).rejects.toThrow(
        "emptyCluster is 'error'",
      );
  });

  test('restarts: the best of them, on the same lanes', async () => {
    const options = { init: 'random', nInit: 4, seed: 3, maxIter: 15 } as const;
    const wanted = await kmeans(crowded, 12, { ...options, engine: 'reference' });
    for (const engine of [inline, workers])
      for (const algorithm of ['lloyd', 'filtered', 'auto'] as const)
        expect((await kmeans(crowded, 12, { ...options, engine, algorithm })).hash).toBe(
          wanted.hash,
        );
  });
});
