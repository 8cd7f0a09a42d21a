/** `divide`: 64-bit sums by 32-bit weights, rounded twice, and the 96- and 128-bit totals of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toLabelGrid, type Grid } from '../../src/grid.ts';
import { below, pcg32 } from '../../src/rng.ts';
import { openDevice, type Job } from '../support/workbench.ts';
import { divideDifferences, gridOfExponents, word } from './twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

/** One sum and its weight; |sum| ≤ weight · 2^30, as accumulate leaves them. */
type Cell = readonly [sum: bigint, weight: number];

/** One cluster a cell: a row of the same sum in every column. */
async function expectTwin(
  grid: Grid,
  cells: readonly Cell[],
  tuning?: Job['tuning'],
): Promise<void> {
  const { columns } = grid;
  const k = cells.length;
  const random = pcg32(7);
  const totals = {
    sums: BigInt64Array.from(
      cells.flatMap(([sum]) => Array.from({ length: columns }, (_, t) => (t % 2 ? -sum : sum))),
    ),
    counts: Uint32Array.from(cells, ([, weight]) => weight),
  };
  const centroids = Float32Array.from(
    { length: k * columns },
    () => [1, -1, 0, 2 * random() - 1][below(4, random)],
  );
  expect(await divideDifferences(device, { grid, k, centroids, totals, tuning })).toEqual([]);
}

const WEIGHTS = [1, 2, 3, 5, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff];
const PLAIN = gridOfExponents([0]);

test('sums at the ends of the range', () =>
  expectTwin(
    PLAIN,
    WEIGHTS.flatMap((weight) => {
      const most = BigInt(weight) << 30n;
      return [most, most - 1n, -most, 1n - most, 0n, 1n, -1n].map((sum) => [sum, weight] as const);
    }),
  ));

test('halves, and one on either side', () =>
  expectTwin(
    PLAIN,
    WEIGHTS.flatMap((weight) =>
      [0n, 1n, 7n, 0xffffffn, 0x1000000n, 0x1ffffffn, 0x3fffffffn].flatMap((whole) =>
        [-1n, 0n, 1n].map((beside) => {
          const sum = BigInt(weight) * whole + BigInt(Math.ceil(weight / 2)) + beside;
          return [whole % 2n ? -sum : sum, weight] as const;
        }),
      ),
    ),
  ));

test('means whose 24 bits end in a half, or carry into the exponent', () =>
  expectTwin(
    PLAIN,
    [24, 25, 26, 27, 28, 29].flatMap((top) =>
      [-2n, -1n, 0n, 1n, 2n].flatMap((beside) => {
        const half = 1n << BigInt(top - 24);
        const ones = (1n << BigInt(top + 1)) - half;
        return [ones + beside, (1n << BigInt(top)) + half + beside].flatMap((mean) =>
          mean <= 1n << 30n
            ? ([
                [mean, 1],
                [-3n * mean, 3],
              ] as const)
            : [],
        );
      }),
    ),
  ));

test('clusters without weight keep their place', () =>
  expectTwin(gridOfExponents([0, -3]), [
    [0n, 0],
    [5n, 1],
    [0n, 0],
    [-5n << 20n, 7],
  ]));

/** Random cells of every size. */
function randomCells(count: number, seed: number): Cell[] {
  const random = pcg32(seed);
  return Array.from({ length: count }, () => {
    const weight = word(random) >>> below(32, random);
    const sum =
      ((BigInt(word(random)) << 30n) | BigInt(word(random) >>> 2)) >> BigInt(below(62, random));
    const most = BigInt(weight) << 30n;
    const bounded = sum > most ? most : sum;
    return [below(2, random) === 0 ? bounded : -bounded, weight];
  });
}

describe('random sums', () => {
  test.each([32, 64, 128, 256])('workgroups of %i', (workgroupSize) =>
    expectTwin(PLAIN, randomCells(4000, workgroupSize), { workgroupSize }),
  );

  // the running inertia brings every column to the unit of the smallest, at least 2^−11
  test.each([
    [[0, -1]],
    [[0, -11, -5]],
    [[0, -12, -27, -28]],
    [[0, -43, -44, -59, -60, -96]],
    [[-96, 0]],
  ])('column exponents %j', (exponents) => {
    const grid = gridOfExponents(exponents);
    expect([...grid.columnExponents]).toEqual(exponents);
    return expectTwin(grid, randomCells(800, 5), { workgroupSize: 64 });
  });
});

test.each([1, 63, 64, 65, 127, 128, 129])('%i cells in workgroups of 64', (k) =>
  expectTwin(PLAIN, randomCells(k, k), { workgroupSize: 64 }),
);

test('shifts that add up to more than 64 bits', async () => {
  // every centroid goes from one end to the other: 2^60 each
  const k = 200;
  const grid = gridOfExponents([0, 0]);
  const centroids = new Float32Array(2 * k).fill(-1);
  const totals = {
    sums: new BigInt64Array(2 * k).fill(1n << 30n),
    counts: new Uint32Array(k).fill(1),
  };
  expect(toLabelGrid(2)).toBe(2 ** 30);
  expect(await divideDifferences(device, { grid, k, centroids, totals })).toEqual([]);
});

test('a dispatch in two dimensions', async () => {
  const cells = randomCells(3000, 9);
  const totals = {
    sums: BigInt64Array.from(cells, ([sum]) => sum),
    counts: Uint32Array.from(cells, ([, weight]) => weight),
  };
  const job = {
    grid: PLAIN,
    k: cells.length,
    centroids: new Float32Array(cells.length).fill(0.5),
    tuning: { workgroupSize: 64 },
    limits: { maxComputeWorkgroupsPerDimension: 5 },
  };
  expect(await divideDifferences(device, { ...job, totals })).toEqual([]);
});
