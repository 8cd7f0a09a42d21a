/** Exact distances in doubles against BigInt, up to 4096 columns of the largest differences. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactDistance, exactNearest, manhattanNearest } from '../../src/exact.ts';

const END = 2 ** 29;
const coordinate = fc.oneof(
  fc.integer({ min: -END, max: END }),
  fc.constantFrom(-END, END, -END + 1, END - 1, 0, 1, -1, 0x7fff, 0x8000, 0x8001),
);

function truth(q: Int32Array, g: Int32Array): bigint {
  return q.reduce((sum, x, t) => sum + BigInt(x - g[t]) ** 2n, 0n);
}

function ours(q: Int32Array, g: Int32Array): bigint {
  const out = { high: 0, low: 0 };
  exactDistance(q, 0, g, 0, q.length, out);
  expect(out.low).toBeGreaterThanOrEqual(0);
  expect(out.low).toBeLessThan(2 ** 30);
  return (BigInt(out.high) << 30n) + BigInt(out.low);
}

describe('exactDistance', () => {
  test('is the sum of squares', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 70 }),
        (pairs) => {
          const q = Int32Array.from(pairs, ([x]) => x);
          const g = Int32Array.from(pairs, ([, y]) => y);
          expect(ours(q, g)).toBe(truth(q, g));
          expect(ours(g, q)).toBe(truth(q, g));
        },
      ),
    );
  });

  test.each([
    [END, -END],
    [END, -END + 1],
    [END - 1, -END + 0x7fff],
    [0x7fff, 0],
  ])('in 4096 columns of %i and %i', (x, y) => {
    const q = new Int32Array(4096).fill(x);
    const g = new Int32Array(4096).fill(y);
    expect(ours(q, g)).toBe(truth(q, g));
  });

  test('starts where it is told', () => {
    const q = Int32Array.of(9, 9, 5, 7);
    const g = Int32Array.of(8, 2, 3, 8);
    const out = { high: 0, low: 0 };
    exactDistance(q, 2, g, 1, 2, out);
    expect(out).toEqual({ high: 0, low: 9 + 16 });
  });
});

describe('exactNearest', () => {
  test('is the nearest, of several the first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((columns) => {
          const near = fc.oneof(coordinate, fc.integer({ min: -2, max: 2 }));
          const point = fc.array(near, { minLength: columns, maxLength: columns });
          return fc.tuple(point, fc.array(point, { minLength: 1, maxLength: 12 }));
        }),
        ([point, centroids]) => {
          const q = Int32Array.from(point);
          const distances = centroids.map((c) => truth(q, Int32Array.from(c)));
          const least = distances.reduce((a, b) => (b < a ? b : a));
          const out = { high: 0, low: 0 };
          const label = exactNearest(
            q,
            0,
            Int32Array.from(centroids.flat()),
            centroids.length,
            point.length,
            out,
          );
          expect(label).toBe(distances.indexOf(least));
          expect((BigInt(out.high) << 30n) + BigInt(out.low)).toBe(least);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('leaves one out, if asked to', () => {
    const q = Int32Array.of(3);
    const g = Int32Array.of(5, 3, 1, 3);
    const out = { high: 0, low: 0 };
    expect([-1, 0, 1, 2, 3].map((except) => exactNearest(q, 0, g, 4, 1, out, except))).toEqual([
      1, 1, 3, 1, 1,
    ]);
    expect(exactNearest(q, 0, g.subarray(0, 2), 2, 1, out, 1)).toBe(0);
    expect(out).toEqual({ high: 0, low: 4 });
  });

  test('tells apart what a double cannot', () => {
    // 2^60 and 2^60 + 1: the second centroid is nearer by one.
    const q = Int32Array.of(END, 0);
    const g = Int32Array.of(-END, 1, -END, 0);
    const out = { high: 0, low: 0 };
    expect(2 ** 60 + 1).toBe(2 ** 60);
    expect(exactNearest(q, 0, g, 2, 2, out)).toBe(1);
  });
});

describe('manhattanNearest', () => {
  test('is the nearest by Σ|q − g|, of several the first', () => {
    const few = fc.oneof(coordinate, fc.integer({ min: -2, max: 2 }));
    const row = fc.array(few, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(row, fc.array(row, { minLength: 1, maxLength: 9 }), (q, centroids) => {
        const distances = centroids.map((g) =>
          g.reduce((sum, y, t) => sum + BigInt(Math.abs(q[t] - y)), 0n),
        );
        const least = distances.reduce((a, b) => (b < a ? b : a));
        expect(
          manhattanNearest(
            Int32Array.from([9, ...q]), // starts where it is told
            1,
            Int32Array.from(centroids.flat()),
            centroids.length,
            3,
          ),
        ).toBe(distances.indexOf(least));
      }),
    );
  });

  test('in 4096 columns, a single step apart', () => {
    const q = new Int32Array(4096).fill(END);
    const g = new Int32Array(8192).fill(-END);
    g[8191]++;
    expect(manhattanNearest(q, 0, g, 2, 4096)).toBe(1);
  });
});
