/** The weighted median beside a sorted list in which every value stands as often as it weighs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median } from '../../src/metric/median.ts';

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((x) => x / 4),
  fc.float({ min: -1, max: 1, noNaN: true }).map((x) => (Math.abs(x) < 2 ** -126 ? 0 : x + 0)),
);

/** By sorting: the middle, or the mean of the two in the middle. */
function sorted(list: readonly number[]): number {
  const all = [...list].sort((a, b) => a - b);
  const upper = all.length >> 1;
  const lower = all.length % 2 ? upper : upper - 1;
  const middle = Math.fround((all[lower] + all[upper]) / 2);
  return Math.abs(middle) < 2 ** -126 ? 0 : middle; // the grid has no subnormals
}

test('of values', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      const own = Float32Array.from(values);
      expect(median(own, null, own.length, own.length)).toBe(sorted(values) + 0);
      expect([...own].sort()).toEqual([...Float32Array.from(values)].sort());
    }),
    { numRuns: 500 },
  );
});

test('of weighted values: as of so many equal ones, whatever their unit', () => {
  const weighed = fc.tuple(value, fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(
      fc.array(weighed, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(1, 3, 2 ** 20),
      (list, unit) => {
        const weights = Uint32Array.from(list, ([, weight]) => weight * unit);
        const total = weights.reduce((a, b) => a + b);
        const values = Float32Array.from(list, ([x]) => x);
        const repeated = list.flatMap(([x, weight]) => new Array<number>(weight).fill(x));
        expect(median(values, weights, list.length, total)).toBe(sorted(repeated) + 0);
      },
    ),
    { numRuns: 500 },
  );
});

test('only of the first values', () => {
  expect(median(Float32Array.of(3, 1, 2, 9, 9, 9), null, 3, 3)).toBe(2);
});

test('between two neighbours of float32, and of different signs next to zero', () => {
  const next = 1 + 2 ** -23;
  expect([1, next]).toContain(median(Float32Array.of(next, 1), null, 2, 2));
  expect(median(Float32Array.of(2 ** -126, 0), null, 2, 2)).toBe(0); // no subnormal
  expect(median(Float32Array.of(-1, 1), null, 2, 2)).toBe(0);
});

test('a million values in order, in reverse and all the same', () => {
  const count = 1_000_001;
  for (const make of [(i: number) => i, (i: number) => count - 1 - i])
    expect(
      median(
        Float32Array.from({ length: count }, (_, i) => make(i)),
        null,
        count,
        count,
      ),
    ).toBe(500_000);
  expect(median(new Float32Array(count).fill(0.25), null, count, count)).toBe(0.25);
});
