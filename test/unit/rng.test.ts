/** The generator against the published vectors of PCG32, and what is drawn from it. */
import { describe, expect, test } from 'vitest';
import { below, normal, pcg32 } from '../../src/rng.ts';

const hex = (word: number) => word.toString(16).padStart(8, '0');

/** PCG32 as its paper has it, in BigInt. */
function* published(seed: bigint, stream: bigint) {
  const mask = (1n << 64n) - 1n;
  const increment = ((stream << 1n) | 1n) & mask;
  let state = 0n;
  const advance = () => (state = (state * 6364136223846793005n + increment) & mask);
  advance();
  state = (state + seed) & mask;
  advance();
  for (;;) {
    const old = state;
    advance();
    const x = (((old >> 18n) ^ old) >> 27n) & 0xffffffffn;
    const turn = old >> 59n;
    yield Number(((x >> turn) | (x << (-turn & 31n))) & 0xffffffffn);
  }
}

describe('pcg32', () => {
  test('gives the published numbers of seed 42, stream 54', () => {
    const random = pcg32(42, 54);
    // pcg32-demo of the reference implementation, round 1
    const vectors = 'a15c02b7 7b47f409 ba1d3330 83d2f293 bfa4784b cbed606e'.split(' ');
    expect(vectors.map(() => hex(random.uint32()))).toEqual(vectors);
  });

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [2 ** 32 - 1, 3],
    [2 ** 32, 2 ** 32],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [-1, 54],
  ])('is the published generator for seed %i, stream %i', (seed, stream) => {
    const random = pcg32(seed, stream);
    const truth = published(BigInt.asUintN(64, BigInt(seed)), BigInt(stream));
    for (let i = 0; i < 2000; i++) expect(random.uint32()).toBe(truth.next().value);
  });

  test('gives fractions of 53 bits in [0, 1), of mean a half', () => {
    const random = pcg32(7);
    const n = 100_000;
    let sum = 0;
    let odd = 0;
    for (let i = 0; i < n; i++) {
      const x = random();
      expect(x >= 0 && x < 1).toBe(true);
      sum += x;
      odd += (x * 2 ** 53) % 2;
    }
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(0.005);
    expect(Math.abs(odd / n - 0.5)).toBeLessThan(0.01); // the last bit is in use
  });

  test('gives other numbers for another seed or stream', () => {
    const firsts = [pcg32(0, 0), pcg32(0, 1), pcg32(1, 0), pcg32(1, 1)].map((r) => r.uint32());
    expect(new Set(firsts).size).toBe(4);
  });
});

describe('below', () => {
  test('reaches every number under the limit, and none beside', () => {
    const random = pcg32(3);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[below(7, random)]++;
    expect(counts).toHaveLength(7);
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('stays under the limit at the very end', () => {
    const last = () => 1 - 2 ** -53;
    for (const limit of [1, 2, 3, 2 ** 32, 2 ** 53]) {
      expect(below(limit, last)).toBe(limit - 1);
      expect(below(limit, () => 0)).toBe(0);
    }
  });
});

test('normal has mean 0, variance 1, the kurtosis of eight uniforms, and ends', () => {
  const random = pcg32(5);
  const n = 100_000;
  const moments = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const x = normal(random);
    expect(Math.abs(x)).toBeLessThan(4.9);
    for (let m = 0; m < 4; m++) moments[m] += x ** (m + 1) / n;
  }
  expect(Math.abs(moments[0])).toBeLessThan(0.02);
  expect(Math.abs(moments[1] - 1)).toBeLessThan(0.02);
  expect(Math.abs(moments[2])).toBeLessThan(0.05);
  expect(Math.abs(moments[3] - (3 - 1.2 / 8))).toBeLessThan(0.1);
});
