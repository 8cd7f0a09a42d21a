/** Sums in any order: what they lose, and that neither order nor repetition shows in their bits. */
import { describe, expect, test } from 'vitest';
import { atOnce } from '../../src/breathe.ts';
import { below, pcg32 } from '../../src/rng.ts';
import { groupSums, sumOf, Sums } from '../../src/sums.ts';

/** A number times 2^1074: whole, for every double. */
function whole(x: number): bigint {
  let [mantissa, shift] = [x, 1074];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    shift--;
  }
  return shift >= 0 ? BigInt(mantissa) << BigInt(shift) : BigInt(mantissa) >> BigInt(-shift);
}

/** Numbers of both signs, over so many powers of two. */
function numbers(count: number, powers: number, seed: number): Float64Array {
  const random = pcg32(seed);
  return Float64Array.from(
    { length: count },
    () => (random() - 0.5) * 2 ** (below(powers, random) - powers / 2),
  );
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const random = pcg32(seed);
  return list
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

const naive = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe.each([1, 60, 400])('over %i powers of two', (powers) => {
  const values = numbers(1000, powers, powers);
  const counts = Array.from(values, (_, i) => (i * 7) % 40);
  const copies = counts.flatMap((count, i) => new Array<number>(count).fill(values[i]));

  test('the exact sum but for 2^−96 of the greatest, and one rounding', () => {
    const exact = values.reduce((sum, x) => sum + whole(x), 0n);
    const sum = sumOf(values);
    const greatest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const difference = whole(sum) - exact;
    const bound = whole(2 ** -52 * Math.abs(sum)) + (1000n * whole(greatest)) / 2n ** 96n;
    expect(difference <= bound && -difference <= bound).toBe(true);
  });

  test('the same bits in any order, and for counts as for copies', () => {
    const sum = sumOf(values, counts);
    expect(Object.is(sumOf(Float64Array.from(copies)), sum)).toBe(true);
    // many at a time, in stretches
    const sums = new Sums(1);
    const greatest = Math.max(...values.map(Math.abs));
    sums.begin(0, greatest, copies.length);
    for (let from = 0; from < 1000; from += 100)
      sums.addAll(0, values.slice(from, from + 100), 100, Float64Array.from(counts), from);
    expect(Object.is(sums.sum(0), sum)).toBe(true);
    for (const seed of [1, 2, 3])
      expect(Object.is(sumOf(Float64Array.from(shuffled(copies, seed))), sum)).toBe(true);
    // which is not so by itself
    const others = [1, 2, 3].map((seed) => naive(shuffled(copies, seed)));
    expect(new Set([naive(copies), ...others]).size).toBeGreaterThan(1);
  });
});

test('counts up to 2^32 in all', () => {
  const values = numbers(8, 20, 5);
  const counts = [2 ** 31, 2 ** 30, 12345, 1, 2 ** 20 - 1, 0, 77, 2 ** 29];
  const parts = counts.flatMap((count) => [count >>> 1, count - (count >>> 1)]);
  const twice = Float64Array.from({ length: 16 }, (_, i) => values[i >> 1]);
  expect(Object.is(sumOf(twice, parts), sumOf(values, counts))).toBe(true);
});

test('the least and the greatest doubles that scores come to', () => {
  expect(sumOf(Float64Array.of(5e-324, 5e-324, -1e-320))).toBe(1e-323 - 1e-320);
  expect(sumOf(Float64Array.of(1e260, 1, -1e260))).toBe(0); // 1 is below 2^−96 of the greatest
  expect(sumOf(Float64Array.of(1e20, 1, -1e20))).toBe(1);
  const sums = new Sums(1);
  sums.begin(0, 1e260, 3);
  sums.addAll(0, Float64Array.of(1e260, 1, -1e260), 3, null, 0);
  expect(sums.sum(0)).toBe(0);
  expect(sumOf(new Float64Array(3))).toBe(0);
});

test('counts that are not whole', () => {
  expect(sumOf(Float64Array.of(1, 2, 3), [0.1, 0.2, 0.3])).toBeCloseTo(1.4, 15);
  expect(sumOf(Float64Array.of(1, 2, 3), [1e300, 0, 1e300])).toBeCloseTo(4e300, -286);
  expect(sumOf(Float64Array.of(1, 2, 3), [1e-300, 0, 1e-300]) / 4e-300).toBeCloseTo(1, 15);
});

test('groups and columns by themselves: far numbers in one cost the other nothing', () => {
  const data = Float64Array.of(2 ** 99, 1, 3, 2 ** -99, 2 ** 98, 2, 4, 2 ** -98, 7e99, 7e99);
  const groups = Uint32Array.of(0, 1, 0, 1, 1);
  const sums = atOnce(groupSums({ data, rows: 5, columns: 2 }, groups, 3, [1, 1, 1, 2, 0]));
  expect([...sums]).toEqual([1.5 * 2 ** 99, 3, 11, 5 * 2 ** -99, 0, 0]);
});
