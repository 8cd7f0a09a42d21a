/** Where first centroids come from: k rows of the data, the same for the same seed, none without weight. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobs, kmeans, uniformBoard, type KMeansOptions } from '../../src/index.ts';
import { layOnGrid, type Grid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { pcg32 } from '../../src/rng.ts';
import { seed, type Init } from '../../src/seeding/index.ts';
import { rowsByWeight, sampleRows } from '../../src/seeding/sample.ts';

const KINDS = ['auto', 'k-means++', 'k-means||', 'random'] as const;
const noPause = () => undefined;
const seeded = (grid: Grid, k: number, init: Init, number = 0, restart = 0) =>
  seed(inMemory(grid), k, init, number, restart, noPause);

/** Which row of the grid each first centroid is; −1 for none. */
function rowsOf(grid: Grid, centroids: Float32Array): number[] {
  const { columns, values } = grid;
  const key = (from: Float32Array, i: number) =>
    from.subarray(i * columns, (i + 1) * columns).join();
  const rows = new Map<string, number>();
  for (let i = grid.rows - 1; i >= 0; i--) rows.set(key(values, i), i);
  return Array.from(
    { length: centroids.length / columns },
    (_, j) => rows.get(key(centroids, j)) ?? -1,
  );
}

describe.each(KINDS)('%s', (kind) => {
  const init: Init = { kind };

  test('takes k different rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.nat({ max: 100 }),
        fc.nat(),
        async (rows, percent, number) => {
          const k = Math.max(1, Math.floor((rows * percent) / 100));
          const grid = layOnGrid(uniformBoard(rows, { seed: rows }));
          const chosen = rowsOf(grid, await seeded(grid, k, init, number));
          expect(chosen).not.toContain(-1);
          expect(new Set(chosen).size).toBe(k);
        },
      ),
    );
  });

  test('takes every row where k = n', async () => {
    const grid = layOnGrid(uniformBoard(40));
    const chosen = rowsOf(grid, await seeded(grid, 40, init));
    expect(chosen.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('takes the same for the same seed and restart, others for others', async () => {
    const grid = layOnGrid(uniformBoard(3000, { columns: 3 }));
    const one = await seeded(grid, 10, init, 5, 2);
    expect(await seeded(grid, 10, init, 5, 2)).toEqual(one);
    expect(await seeded(grid, 10, init, 5, 3)).not.toEqual(one);
    expect(await seeded(grid, 10, init, 6, 2)).not.toEqual(one);
  });

  test('never takes a row without weight while there are others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(0, 0, 0, 1, 2.5), { minLength: 1, maxLength: 60 }),
        fc.nat(),
        async (given, number) => {
          const weights = [...given, 1];
          const grid = layOnGrid(uniformBoard(weights.length, { seed: 1 }), { weights });
          const heavy = weights.filter((w) => w > 0).length;
          for (const k of [1, heavy])
            for (const row of rowsOf(grid, await seeded(grid, k, init, number)))
              expect(weights[row]).toBeGreaterThan(0);
        },
      ),
    );
  });

  test('nor where few of many rows weigh anything', async () => {
    const rows = 150_000;
    const weights = new Uint8Array(rows);
    const heavy = [3, 70_001, 100_002, 149_999];
    heavy.forEach((row) => (weights[row] = 1));
    const grid = layOnGrid(uniformBoard(rows), { weights });
    const chosen = rowsOf(grid, await seeded(grid, 4, init));
    expect(chosen.sort((a, b) => a - b)).toEqual(heavy);
  });

  test('manages with fewer distinct points than k', async () => {
    const data = Float32Array.from({ length: 60 }, (_, i) => i % 3);
    const grid = layOnGrid({ data, rows: 60, columns: 1 });
    const centroids = await seeded(grid, 7, init);
    expect(centroids).toHaveLength(7);
    if (kind !== 'random') expect(new Set(centroids).size).toBe(3);
  });
});

describe('k-means++', () => {
  test('finds blobs that lie far apart, whatever the seed', async () => {
    const points = blobs(2000, 8, { columns: 2, deviation: 0.001, seed: 4 });
    const grid = layOnGrid(points);
    for (let number = 0; number < 20; number++) {
      const start = await seeded(grid, 8, { kind: 'k-means++' }, number);
      for (let a = 0; a < 8; a++)
        for (let b = 0; b < a; b++) {
          const apart = Math.hypot(
            start[2 * a] - start[2 * b],
            start[2 * a + 1] - start[2 * b + 1],
          );
          expect(apart * 2 ** grid.exponent).toBeGreaterThan(0.05);
        }
    }
  });

  test('is better than random rows, on the average', async () => {
    const points = uniformBoard(2000, { seed: 2 });
    const mean = async (init: NonNullable<KMeansOptions['init']>) => {
      let sum = 0;
      for (let number = 0; number < 10; number++) {
        const options = { init, seed: number, maxIter: 1, engine: 'reference' } as const;
        sum += (await kmeans(points, 30, options)).inertia;
      }
      return sum;
    };
    expect(await mean('k-means++')).toBeLessThan(await mean('random'));
  });

  test("'auto' is the same where the sample is all rows", async () => {
    const grid = layOnGrid(uniformBoard(5000));
    expect(await seeded(grid, 12, { kind: 'auto' })).toEqual(
      await seeded(grid, 12, { kind: 'k-means++' }),
    );
  });

  test('tells how many are chosen, and lets others work', async () => {
    const grid = layOnGrid(uniformBoard(300));
    let told = 0;
    let pauses = 0;
    const pause = () => {
      pauses++;
      return pauses % 2 ? Promise.resolve() : undefined;
    };
    const paused = await seed(
      inMemory(grid),
      6,
      { kind: 'k-means++' },
      0,
      0,
      pause,
      () => void told++,
    );
    expect(told).toBe(6);
    expect(pauses).toBeGreaterThanOrEqual(5);
    expect(paused).toEqual(await seeded(grid, 6, { kind: 'k-means++' }));
  });
});

describe('k-means||', () => {
  /** Σ distance² to the nearest first centroid. */
  const cost = ({ columns, values }: Grid, start: Float32Array) => {
    let sum = 0;
    for (let i = 0; i < values.length; i += columns) {
      let nearest = Infinity;
      for (let j = 0; j < start.length; j += columns) {
        let distance = 0;
        for (let t = 0; t < columns; t++) distance += (values[i + t] - start[j + t]) ** 2;
        nearest = Math.min(nearest, distance);
      }
      sum += nearest;
    }
    return sum;
  };

  test.each([
    ['blobs far apart', blobs(3000, 20, { columns: 3, deviation: 0.01, seed: 4 }), 20],
    ['blobs that overlap', blobs(3000, 10, { columns: 2, deviation: 0.4, seed: 5 }), 25],
    ['no structure', uniformBoard(3000, { seed: 6 }), 15],
  ] as const)('starts about as well as k-means++, over many seeds: %s', async (_, points, k) => {
    const grid = layOnGrid(points);
    const costs: Record<string, number> = { 'k-means++': 0, 'k-means||': 0, random: 0 };
    for (const kind of ['k-means++', 'k-means||', 'random'] as const)
      for (let number = 0; number < 30; number++)
        costs[kind] += cost(grid, await seeded(grid, k, { kind }, number));
    expect(costs['k-means||']).toBeLessThan(1.15 * costs['k-means++']);
    expect(costs['k-means||']).toBeLessThan(0.9 * costs['random']);
  });

  test('picks each row by its share of the distances', async () => {
    // row 0 is the centre; of the others, one in four is twice as far as the rest
    const data = Float32Array.from({ length: 4001 }, (_, i) => (i === 0 ? 0 : i % 4 ? 1 : 2));
    const grid = layOnGrid({ data, rows: 4001, columns: 1 });
    const distances = await inMemory(grid).distances({
      rows: null,
      trials: 1,
      centres: 1,
      owners: false,
      pause: noPause,
    });
    await distances.add(grid.values.slice(0, 1));
    const total = (await distances.masses()).reduce((sum, mass) => sum + mass, 0);
    const picked = { near: 0, far: 0 };
    for (let key = 0; key < 200; key++)
      for (const row of await distances.pick(pcg32(key).uint32(), 70, total)) {
        expect(row).toBeGreaterThan(0);
        picked[row % 4 ? 'near' : 'far']++;
      }
    // 3000 rows at 1 and 1000 at 4: 70 a pass, 30 and 40 of them
    expect(Math.abs(picked.near / 200 - 30)).toBeLessThan(2);
    expect(Math.abs(picked.far / 200 - 40)).toBeLessThan(2);
  });
});

describe('random', () => {
  test('takes every row about equally often', async () => {
    const grid = layOnGrid(uniformBoard(10));
    const counts = new Array<number>(10).fill(0);
    for (let number = 0; number < 2000; number++)
      for (const row of rowsOf(grid, await seeded(grid, 3, { kind: 'random' }, number)))
        counts[row]++;
    for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(120);
  });
});

describe('random rows by weight', () => {
  test('come up as often as by drawing one after the other', () => {
    // Of weights 6, 3, 1 two are drawn: the chance of each is its own first, or after another.
    const counts = [0, 0, 0];
    for (let number = 0; number < 4000; number++)
      for (const row of rowsByWeight(Uint32Array.of(6, 3, 1), 2, pcg32(number))) counts[row]++;
    const wanted = [0.6 + 0.3 * (6 / 7) + 0.1 * (6 / 9), 0.3 + 0.6 * (3 / 4) + 0.1 * (3 / 9), 0];
    wanted[2] = 2 - wanted[0] - wanted[1];
    counts.forEach((count, row) => expect(Math.abs(count / 4000 - wanted[row])).toBeLessThan(0.03));
  });

  test('are all different, also where one outweighs all', () => {
    const weights = Uint32Array.from({ length: 50 }, (_, i) => (i === 7 ? 4e9 : 1));
    for (const k of [1, 2, 49, 50])
      expect(new Set(rowsByWeight(weights, k, pcg32(k))).size).toBe(k);
    expect(rowsByWeight(weights, 1, pcg32(1))[0]).toBe(7);
  });
});

describe('explicit centroids', () => {
  test('are those given, drawn in to the range', async () => {
    const grid = layOnGrid(
      { data: Float32Array.of(-4, 4), rows: 2, columns: 1 },
      { cover: { data: Float32Array.of(1, 1e9), rows: 2, columns: 1 } },
    );
    const init: Init = {
      kind: 'explicit',
      centroids: { data: Float32Array.of(1, 1e9), rows: 2, columns: 1 },
    };
    expect([...(await seeded(grid, 2, init))]).toEqual([1 / 64, 1]);
  });
});

describe('sampleRows', () => {
  test('is ascending, distinct, spread, and of the size asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 600 }),
        fc.nat(),
        (rows, size, number) => {
          const sample = sampleRows(rows, size, pcg32(number));
          expect(sample).toHaveLength(Math.min(rows, size));
          for (let i = 0; i < sample.length; i++) {
            if (i > 0) expect(sample[i]).toBeGreaterThan(sample[i - 1]);
            expect(sample[i]).toBeLessThan(rows);
            const stretch = Math.max(1, rows / size);
            expect(Math.abs(sample[i] - (i + 0.5) * stretch)).toBeLessThanOrEqual(stretch + 1);
          }
        },
      ),
    );
  });

  test('is all rows where there are no more', () => {
    expect([...sampleRows(4, 4, pcg32(0))]).toEqual([0, 1, 2, 3]);
    expect([...sampleRows(4, 9, pcg32(0))]).toEqual([0, 1, 2, 3]);
  });
});
