/** The weighted median beside a sorted list in which every value stands as often as it weighs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { below, pcg32 } from '../../src/rng.ts';
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
      const given = Float32Array.from(values);
      expect(median(given, null, given.length, 1)).toBe(sorted(values) + 0);
      expect([...given]).toEqual([...Float32Array.from(values)]);
    }),
    { numRuns: 500 },
  );
});

/** Many values of few kinds and of all: in a bin or two, in all of them, and at their ends. */
const many = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 1020, max: 1300 }),
    kinds: fc.constantFrom(1, 2, 3, 2000),
    reach: fc.constantFrom(1, 2 ** -20, 2 ** -96),
    gather: fc.constantFrom(1, 3, 9),
  })
  .map(({ seed, count, kinds, reach, gather }) => {
    const random = pcg32(seed);
    const all = Array.from({ length: kinds }, () => {
      const unit = (2 * random() - 1) ** gather;
      const x = reach * ([-1, 1][below(kinds > 3 ? 60 : 3, random)] ?? unit);
      return Math.abs(x) < 2 ** -125 ? 0 : Math.fround(x);
    });
    const values = Array.from({ length: count }, () => all[below(kinds, random)]);
    return { values, reach, weights: values.map(() => 1 + below(4, random)) };
  });

test('of many values', () => {
  fc.assert(
    fc.property(many, ({ values, reach, weights }) => {
      const given = Float32Array.from(values);
      expect(median(given, null, given.length, reach)).toBe(sorted(values) + 0);
      const repeated = values.flatMap((x, i) => new Array<number>(weights[i]).fill(x));
      const weighed = Uint32Array.from(weights);
      expect(median(given, weighed, repeated.length, reach)).toBe(sorted(repeated) + 0);
    }),
    { numRuns: 200 },
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
        expect(median(values, weights, total, 1)).toBe(sorted(repeated) + 0);
      },
    ),
    { numRuns: 500 },
  );
});

test('between two neighbours of float32, and of different signs next to zero', () => {
  const next = 1 - 2 ** -24;
  expect([1, next]).toContain(median(Float32Array.of(next, 1), null, 2, 1));
  expect(median(Float32Array.of(2 ** -126, 0), null, 2, 1)).toBe(0); // no subnormal
  expect(median(Float32Array.of(-1, 1), null, 2, 1)).toBe(0);
});

test('half a million values in order, in reverse and all the same', () => {
  const count = 2 ** 19 + 1;
  for (const make of [(i: number) => i, (i: number) => count - 1 - i]) {
    const values = Float32Array.from({ length: count }, (_, i) => make(i) / 2 ** 19);
    expect(median(values, null, count, 1)).toBe(0.5);
  }
  expect(median(new Float32Array(count).fill(0.25), null, count, 1)).toBe(0.25);
});
