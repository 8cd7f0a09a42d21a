/**
 * The problems on which all engines must agree to the bit: sizes around every power of two that a
 * kernel might tile by, ties, duplicates, extreme numbers, weights, every way to start and to stop.
 *
 * Small enough for a GPU that a processor plays: rows × k × columns × iterations is mostly below
 * 2e7. Everything is made from seeds, with arithmetic that IEEE 754 fixes, so that a case is the same
 * everywhere. `expected.json` holds the answers; a case that changes needs them written again.
 */
import type { KMeansOptions, Points } from '../../src/index.ts';
import { blobs, gaussianBoard, matrix, uniformBoard } from '../../src/index.ts';
import { below, normal, pcg32 } from '../../src/rng.ts';

/** What `kmeans` is called with. */
export interface Problem {
  points: Points;
  k: number;
  options?: KMeansOptions;
}

export interface Case {
  name: string;
  make: () => Problem;
}

// ---- sizes -------------------------------------------------------------------------------------

/** Columns, rows and k together, none of them round at the same time. */
const shapes: [columns: number, rows: number, k: number][] = [
  [1, 1000, 7],
  [2, 5000, 15],
  [3, 2047, 17],
  [4, 3001, 12],
  [5, 1023, 9],
  [7, 1025, 16],
  [8, 1500, 31],
  [16, 999, 20],
  [17, 640, 13],
  [33, 511, 10],
  [64, 300, 11],
  [130, 257, 6],
];

const sizes: Case[] = [
  ...shapes.map(([columns, rows, k], seed) => ({
    name: `blobs of ${columns} columns`,
    make: () => ({
      points: blobs(rows, k, { columns, seed, deviation: 0.4 }),
      k,
      options: { seed, init: seed % 2 ? ('random' as const) : ('auto' as const), maxIter: 20 },
    }),
  })),
  ...shapes.map(([columns, rows, k], seed) => ({
    name: `uniform in ${columns} columns`,
    make: () => ({
      points: uniformBoard(rows + 13, { columns, seed }),
      k: k + 3,
      options: { seed, maxIter: 12 },
    }),
  })),
  ...[1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257].map((k) => ({
    name: `k = ${k}`,
    make: () => ({
      points: uniformBoard(1000, { columns: k % 2 ? 2 : 3, seed: k }),
      k,
      options: { maxIter: 15 },
    }),
  })),
  ...[1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257].map((rows) => ({
    name: `${rows} rows`,
    make: () => ({ points: uniformBoard(rows, { columns: 3, seed: rows }), k: Math.min(rows, 5) }),
  })),
  ...[33, 64, 257].map((rows) => ({
    name: `k = n = ${rows}`,
    make: () => ({ points: uniformBoard(rows, { seed: rows }), k: rows }),
  })),
  {
    name: '20 000 rows, the Gaussian board',
    make: () => ({ points: gaussianBoard(20_000, 16, { seed: 1 }), k: 16 }),
  },
  {
    name: '20 000 rows, 16 columns, k = 64',
    make: () => ({
      points: blobs(20_000, 50, { columns: 16, deviation: 0.3 }),
      k: 64,
      options: { maxIter: 2 },
    }),
  },
  {
    name: '2000 rows, 130 columns, k = 100',
    make: () => ({
      points: blobs(2000, 40, { columns: 130, deviation: 0.5 }),
      k: 100,
      options: { maxIter: 3 },
    }),
  },
  {
    // More rows than the sample that 'auto' seeds from.
    name: '70 000 rows, seeded from a sample',
    make: () => ({ points: uniformBoard(70_000, { columns: 1 }), k: 3, options: { maxIter: 8 } }),
  },
  {
    name: '4096 columns',
    make: () => ({ points: uniformBoard(20, { columns: 4096 }), k: 3 }),
  },
];

// ---- ties --------------------------------------------------------------------------------------

const ties: Case[] = [
  ...[
    { sides: [64], k: 5 },
    { sides: [16, 16], k: 9 },
    { sides: [32, 32], k: 33 },
    { sides: [8, 8, 8], k: 8 },
    { sides: [5, 5, 5, 5], k: 16 },
  ].flatMap(({ sides, k }) => [
    {
      name: `lattice ${sides.join(' × ')}, centroids between its points`,
      make: () => ({
        points: lattice(sides),
        k,
        options: { init: halfIntegers(sides, k), tol: 0, maxIter: 30 },
      }),
    },
    {
      name: `lattice ${sides.join(' × ')}, centroids from its points`,
      make: () => ({ points: lattice(sides), k, options: { tol: 0, maxIter: 30 } }),
    },
  ]),
  {
    name: 'one point on the middle of many pairs of centroids',
    make: () => ({
      points: [[0, 0], ...ring(16)],
      k: 16,
      options: { init: ring(16), maxIter: 5, tol: 0 },
    }),
  },
  {
    name: 'symmetric about the origin',
    make: () => {
      const half = uniformBoard(200, { columns: 3, seed: 5 }).data;
      return { points: matrix([...half, ...half.map((x) => -x)], 3), k: 8, options: { tol: 0 } };
    },
  },
  {
    name: 'collinear points, centroids beside the line',
    make: () => ({
      points: Array.from({ length: 120 }, (_, i) => [i, 2 * i, -i]),
      k: 4,
      options: {
        init: [
          [7, 3, 5],
          [30, 61, -29.5],
          [61, 119, -60.5],
          [100, 201, -100],
        ],
      },
    }),
  },
  {
    name: 'all points the same, k = 1',
    make: () => ({ points: repeated([[3.25, -7]], 100), k: 1 }),
  },
  {
    name: 'all points the same, k = 5',
    make: () => ({ points: repeated([[3.25, -7]], 100), k: 5 }),
  },
  {
    name: 'fewer distinct points than k',
    make: () => ({
      points: repeated(
        [
          [0, 0],
          [0, 1],
          [1, 0],
        ],
        40,
      ),
      k: 6,
    }),
  },
  {
    name: 'every point a centroid, some twice',
    make: () => {
      const points = [
        [1, 0],
        [0, 1],
        [0, 0],
        [1, 1],
        [1, 0],
      ];
      return { points, k: 5, options: { init: points } };
    },
  },
  {
    name: 'coinciding first centroids',
    make: () => ({
      points: uniformBoard(500, { seed: 11 }),
      k: 4,
      options: { init: repeated([[0.1, 0.1]], 4) },
    }),
  },
];

// ---- numbers -----------------------------------------------------------------------------------

const numbers: Case[] = [
  {
    name: 'one outlier, a million times the spread away',
    make: () => {
      const points = blobs(500, 4, { columns: 3, seed: 2 });
      points.data.set([1e6, -1e6, 1e6], 300);
      return { points, k: 4, options: { tol: 0 } };
    },
  },
  {
    name: 'columns of scale 1e-9 to 1e9',
    make: () => ({ points: scaled(600, [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]), k: 6 }),
  },
  {
    name: 'columns of scale 1e-9 to 1e9, whitened',
    make: () => ({
      points: scaled(600, [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
      k: 6,
      options: { whiten: true },
    }),
  },
  {
    name: 'columns at the edge of the running inertia',
    make: () => ({
      points: scaled(
        400,
        [0, 10, 11, 12, 13, 40, 95, 97].map((bits) => 2 ** -bits),
      ),
      k: 5,
    }),
  },
  {
    name: 'constant columns',
    make: () => {
      const points = blobs(300, 3, { columns: 4, seed: 3 });
      return {
        points: { ...points, data: points.data.map((x, at) => (at % 4 === 1 ? 7 : x)) },
        k: 3,
      };
    },
  },
  {
    name: 'whitened, with a constant column',
    make: () => {
      const points = scaled(300, [1e4, 1, 1e-3]);
      return {
        points: { ...points, data: points.data.map((x, at) => (at % 3 === 1 ? 5 : x)) },
        k: 4,
        options: { whiten: true },
      };
    },
  },
  {
    name: 'an offset of 1e6, a spread of 1e-2',
    make: () => ({ points: shifted(blobs(800, 5, { columns: 2, seed: 4 }), 1e6, 1e-2), k: 5 }),
  },
  {
    name: 'an offset of 1e12, a spread of 1',
    make: () => ({ points: shifted(uniformBoard(400, { columns: 3, seed: 4 }), 1e12, 1), k: 4 }),
  },
  {
    name: 'subnormal numbers',
    make: () => ({ points: scaled(256, [1e-40, 1e-42]), k: 4 }),
  },
  {
    name: "near float32's largest",
    make: () => ({ points: scaled(256, [3.4e38, 3.4e38, 1e37]), k: 4 }),
  },
  {
    name: 'int16 samples',
    make: () => {
      const random = pcg32(16);
      const data = Int16Array.from({ length: 2400 }, () => random.uint32());
      return { points: { data, columns: 4 }, k: 8 };
    },
  },
  {
    name: 'pixels',
    make: () => {
      const data = Uint8ClampedArray.from(pixels(48 * 32));
      return { points: { data, width: 48, height: 32 } as ImageData, k: 16 };
    },
  },
  {
    name: 'pixels, from random rows',
    make: () => ({
      points: { data: Uint8Array.from(pixels(2000)), columns: 4 },
      k: 32,
      options: { init: 'random' as const, maxIter: 20 },
    }),
  },
  {
    name: 'small whole numbers, two values a column',
    make: () => {
      const random = pcg32(8);
      return {
        points: { data: Uint8Array.from({ length: 3000 }, () => below(2, random)), columns: 10 },
        k: 12,
        options: { tol: 0 },
      };
    },
  },
  {
    name: 'rows as arrays of numbers',
    make: () => ({ points: rowsOf(blobs(150, 3, { columns: 5, seed: 6 })), k: 3 }),
  },
];

// ---- weights -----------------------------------------------------------------------------------

const weights: Case[] = [
  weighted('whole weights', (_, random) => below(9, random)),
  weighted('fractions', (_, random) => random()),
  weighted('mostly zero', (i) => (i % 17 === 0 ? 2.5 : 0)),
  weighted('from 1e-12 to 1e12', (i) => 10 ** ((i % 25) - 12)),
  weighted('one row outweighs all', (i) => (i === 77 ? 1e9 : 1)),
  weighted('all equal', () => 0.1),
  {
    name: 'weights: that move a centroid off its rows',
    make: () => ({
      points: [[-1], [1]],
      k: 2,
      options: { init: [[-1], [10]], weights: [1.9, 0.1] },
    }),
  },
  {
    name: 'weights: whitened lattice',
    make: () => ({
      points: lattice([12, 12]),
      k: 7,
      options: {
        whiten: true,
        init: halfIntegers([12, 12], 7),
        weights: Array.from({ length: 144 }, (_, i) => i % 4),
      },
    }),
  },
];

function weighted(name: string, weight: (row: number, random: () => number) => number): Case {
  return {
    name: `weights: ${name}`,
    make: () => {
      const random = pcg32(9);
      return {
        points: blobs(700, 6, { columns: 3, seed: 9, deviation: 0.2 }),
        k: 6,
        options: { weights: Array.from({ length: 700 }, (_, i) => weight(i, random)) },
      };
    },
  };
}

// ---- empty clusters ----------------------------------------------------------------------------

const POLICIES = ['relocate', 'keep', 'drop'] as const;

const empties: Case[] = POLICIES.flatMap((emptyCluster) => [
  {
    name: `${emptyCluster}: a centroid far away`,
    make: () => ({
      points: blobs(400, 3, { seed: 21 }),
      k: 3,
      options: {
        emptyCluster,
        init: [
          [0, 0],
          [0.2, 0.1],
          [1e6, 1e6],
        ],
      },
    }),
  },
  {
    name: `${emptyCluster}: most centroids in one place`,
    make: () => ({
      points: uniformBoard(600, { columns: 3, seed: 22 }),
      k: 40,
      options: {
        emptyCluster,
        maxIter: 25,
        init: [...repeated([[0, 0, 0]], 37), ...repeated([[0.5, 0.5, 0.5]], 3)],
      },
    }),
  },
  {
    name: `${emptyCluster}: fewer distinct points than k, weights`,
    make: () => ({
      points: repeated([[0], [1], [4], [9]], 30),
      k: 7,
      options: { emptyCluster, weights: Array.from({ length: 120 }, (_, i) => i % 5) },
    }),
  },
  {
    // The farthest rows all weigh nothing: relocation has to look past them.
    name: `${emptyCluster}: outliers without weight`,
    make: () => ({
      points: lattice([10, 10]),
      k: 6,
      options: {
        emptyCluster,
        init: [...repeated([[3.5, 2]], 5), [40, 40]],
        weights: Array.from({ length: 100 }, (_, i) => (i % 10 < 2 || i % 10 > 7 ? 0 : 1)),
      },
    }),
  },
]);

// ---- starts and stops --------------------------------------------------------------------------

const wide = () => blobs(900, 12, { columns: 2, seed: 31, deviation: 0.15 });

const starts: Case[] = [
  { init: 'random' as const },
  { init: 'k-means++' as const },
  { init: 'k-means++' as const, nInit: 3 },
  { init: 'random' as const, nInit: 3, seed: 7 },
  { tol: 0 },
  { tol: 1e-2 },
  { tol: 1e300 },
  { maxIter: 1 },
  { maxIter: 2 },
  { seed: 2 ** 53 - 1 },
].map((options) => ({
  name: `options ${JSON.stringify(options)}`,
  make: () => ({ points: wide(), k: 12, options }),
}));

const others: Case[] = [
  {
    name: 'centroids from a callback',
    make: () => ({
      points: wide(),
      k: 5,
      options: {
        init: (points, k, random) =>
          Array.from({ length: k }, () => {
            const row = below(points.rows, random);
            return [points.data[2 * row], points.data[2 * row + 1]];
          }),
        nInit: 2,
      },
    }),
  },
  {
    name: 'centroids just outside the range of the points',
    make: () => ({
      points: wide(),
      k: 4,
      options: { init: ring(4).map((p) => p.map((x) => 3 * x)) },
    }),
  },
  {
    // More of them than any engine keeps at once on its way.
    name: 'more than 1024 iterations',
    make: () => ({
      points: Array.from({ length: 1700 }, (_, i) => [i]),
      k: 60,
      options: { init: Array.from({ length: 60 }, (_, j) => [j]), tol: 0, maxIter: 5000 },
    }),
  },
  {
    name: 'clusters of Zipf sizes',
    make: () => ({ points: zipf(2500, 64), k: 64, options: { init: 'random', maxIter: 10 } }),
  },
];

// ---- a search after Lloyd ----------------------------------------------------------------------

const refined: Case[] = [
  {
    name: 'breathing: blobs, restarts',
    make: () => ({
      points: blobs(1500, 30, { seed: 41, deviation: 0.04 }),
      k: 30,
      options: { refine: 'breathing', nInit: 2, init: 'random' },
    }),
  },
  {
    name: 'breathing: no structure, cut off',
    make: () => ({
      points: uniformBoard(2000, { columns: 3, seed: 42 }),
      k: 17,
      options: { refine: 'breathing', maxIter: 4, seed: 2 },
    }),
  },
  {
    name: 'breathing: wide rows, whitened, to the end',
    make: () => ({
      points: blobs(600, 12, { columns: 20, seed: 43, deviation: 0.3 }),
      k: 12,
      options: { refine: 'breathing', whiten: true, tol: 0, init: 'random' },
    }),
  },
  ...POLICIES.map((emptyCluster, i) => ({
    name: `breathing: ${emptyCluster}, few distinct points, weights`,
    make: () => ({
      points: repeated(lattice([5, 4]), 6),
      k: 14 + 2 * i,
      options: {
        refine: 'breathing' as const,
        emptyCluster,
        weights: Array.from({ length: 120 }, (_, row) => row % 7),
      },
    }),
  })),
  {
    name: 'breathing: room for two more centroids',
    make: () => ({
      points: uniformBoard(34, { seed: 44 }),
      k: 32,
      options: { refine: 'breathing', init: 'random' },
    }),
  },
];

// ---- other metrics -----------------------------------------------------------------------------

const metrics: Case[] = (['cosine', 'manhattan'] as const).flatMap((metric) => {
  const one = (name: string, make: () => Problem): Case => ({
    name: `${metric}: ${name}`,
    make: () => {
      const { points, k, options } = make();
      return { points, k, options: { ...options, metric } };
    },
  });
  return [
    ...[
      [1, 300, 2],
      [2, 5000, 15],
      [3, 257, 33],
      [5, 1023, 9],
      [16, 999, 20],
      [33, 511, 10],
      [130, 257, 6],
    ].map(([columns, rows, k], seed) =>
      one(`blobs of ${columns} columns`, () => ({
        points: blobs(rows, k, { columns, seed, deviation: 0.4 }),
        k,
        options: { seed, init: seed % 2 ? 'random' : 'auto', maxIter: 20 },
      })),
    ),
    one('1500 columns', () => ({ points: uniformBoard(24, { columns: 1500 }), k: 5 })),
    one('more rows than the filter is tried from', () => ({
      points: uniformBoard(4500, { columns: 3, seed: 3 }),
      k: 12,
      options: { maxIter: 12 },
    })),
    one('lattice, centroids between its points', () => ({
      points: lattice([12, 12]).map(([x, y]) => [x + 1, y]),
      k: 9,
      options: { init: halfIntegers([12, 12], 9).map(([x, y]) => [x + 1, y]), tol: 0 },
    })),
    one('symmetric about the origin', () => {
      const half = uniformBoard(200, { columns: 3, seed: 5 }).data;
      return { points: matrix([...half, ...half.map((x) => -x)], 3), k: 1, options: { tol: 0 } };
    }),
    one('duplicates, fewer than k', () => ({
      points: repeated(
        [
          [0, 1],
          [1, 1],
          [1, 0],
        ],
        20,
      ),
      k: 5,
    })),
    one('columns of scale 1e-9 to 1e9', () => ({
      points: scaled(600, [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
      k: 6,
    })),
    one('one outlier, a million times the spread away', () => {
      const points = blobs(500, 4, { columns: 3, seed: 2 });
      points.data.set([1e6, -1e6, 1e6], 300);
      return { points, k: 4, options: { tol: 0 } };
    }),
    one('whole weights', () => {
      const random = pcg32(9);
      return {
        points: blobs(700, 6, { columns: 3, seed: 9, deviation: 0.2 }),
        k: 6,
        options: { weights: Array.from({ length: 700 }, () => below(9, random)) },
      };
    }),
    one('weights from 1e-12 to 1e12', () => ({
      points: blobs(700, 6, { columns: 3, seed: 9, deviation: 0.2 }),
      k: 6,
      options: { weights: Array.from({ length: 700 }, (_, i) => 10 ** ((i % 25) - 12)) },
    })),
    ...POLICIES.map((emptyCluster) =>
      one(`${emptyCluster}: most centroids in one place`, () => ({
        points: uniformBoard(600, { columns: 3, seed: 22 }),
        k: 40,
        options: {
          emptyCluster,
          maxIter: 25,
          weights: Array.from({ length: 600 }, (_, i) => i % 3),
          init: [...repeated([[0.1, 0, 0]], 37), ...repeated([[0.5, 0.5, -0.5]], 3)],
        },
      })),
    ),
    one('three restarts from random rows', () => ({
      points: wide(),
      k: 12,
      options: { init: 'random', nInit: 3, seed: 7 },
    })),
    one('k-means||, two iterations', () => ({
      points: wide(),
      k: 12,
      options: { init: 'k-means||', maxIter: 2 },
    })),
    one('breathing, weights', () => ({
      points: blobs(300, 7, { columns: 3, seed: 9, deviation: 0.1 }),
      k: 7,
      options: {
        refine: 'breathing',
        init: 'random',
        maxIter: 6,
        weights: Array.from({ length: 300 }, (_, i) => i % 4),
      },
    })),
    one('a tolerance of 1e-2, k-means++', () => ({
      points: wide(),
      k: 12,
      options: { init: 'k-means++', tol: 1e-2 },
    })),
  ];
});

const whitenedMedians: Case = {
  name: 'manhattan: columns of scale 1e-9 to 1e9, whitened',
  make: () => ({
    points: scaled(600, [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
    k: 6,
    options: { metric: 'manhattan', whiten: true },
  }),
};

/** Those that a mean is the centre of. Names are unique. */
export const euclideanCases: readonly Case[] = [
  ...sizes,
  ...ties,
  ...numbers,
  ...weights,
  ...empties,
  ...starts,
  ...others,
  ...refined,
];

/** All of them. */
export const cases: readonly Case[] = [...euclideanCases, ...metrics, whitenedMedians];

// ---- makers ------------------------------------------------------------------------------------

/** All points of whole coordinates in a box of these sides. */
function lattice(sides: readonly number[]): number[][] {
  return sides.reduce<number[][]>(
    (points, side) =>
      points.flatMap((point) => Array.from({ length: side }, (_, x) => [...point, x])),
    [[]],
  );
}

/** k points halfway between those of a lattice: as far from one neighbour as from the other. */
function halfIntegers(sides: readonly number[], k: number): number[][] {
  const random = pcg32(k);
  return Array.from({ length: k }, () => sides.map((side) => below(side - 1, random) + 0.5));
}

/** Points on a square around the origin, in opposite pairs; no trigonometry, which engines round differently. */
function ring(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const along = ((i % (count / 4)) * 8) / count - 1;
    const side = Math.floor((4 * i) / count);
    return [
      [along, -1],
      [1, along],
      [-along, 1],
      [-1, -along],
    ][side];
  });
}

function repeated(points: number[][], times: number): number[][] {
  return Array.from({ length: times }, () => points).flat();
}

/** Uniform points whose columns have these half ranges, in float64. */
function scaled(rows: number, halves: readonly number[]) {
  const columns = halves.length;
  const board = uniformBoard(rows, { columns, seed: columns });
  return { data: Float64Array.from(board.data, (x, at) => x * halves[at % columns]), columns };
}

function shifted(
  { data, columns }: { data: Float32Array; columns: number },
  by: number,
  spread: number,
) {
  return { data: Float64Array.from(data, (x) => by + x * spread), columns };
}

/** RGBA of a picture-like kind: smooth, with noise and flat areas. */
function pixels(count: number): number[] {
  const random = pcg32(256);
  return Array.from({ length: count }, (_, i) => {
    const noise = below(17, random);
    return i % 5 === 0 ? [255, 255, 255, 255] : [(i * 3) & 255, (i >> 3) & 255, noise * 15, 255];
  }).flat();
}

function rowsOf({ data, rows, columns }: { data: Float32Array; rows: number; columns: number }) {
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
}

/** Blobs of which number j has 1 / (j + 1) of the rows of the first. */
function zipf(rows: number, count: number) {
  const random = pcg32(99);
  const centres = uniformBoard(count, { columns: 4, seed: 99 }).data;
  const harmonic = Array.from({ length: count }, (_, j) => 1 / (j + 1)).reduce((a, b) => a + b);
  const data = new Float32Array(rows * 4);
  for (let i = 0; i < rows; i++) {
    let left = random() * harmonic;
    let blob = 0;
    while (blob < count - 1 && left >= 1 / (blob + 1)) left -= 1 / ++blob;
    for (let t = 0; t < 4; t++) data[4 * i + t] = centres[4 * blob + t] + 0.03 * normal(random);
  }
  return matrix(data, 4);
}
