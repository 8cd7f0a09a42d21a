/**
 * PCG32 (XSH-RR 64/32), the generator behind every random choice of the library.
 *
 * Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
 * Algorithms for Random Number Generation", 2014, pcg-random.org. The 64-bit state is kept as two
 * 32-bit halves, so that no BigInt stands in a loop. `Math.random` cannot be seeded and is never used.
 */

/** A seeded stream: `random()` is uniform in [0, 1) with 53 bits, `uint32()` is a raw word. */
export interface Random {
  (): number;
  uint32(): number;
}

const MULTIPLIER_HI = 0x5851f42d;
const MULTIPLIER_LO = 0x4c957f2d;

/** Opens stream number `stream` of seed `seed` (any safe integer; its low 64 bits count). */
export function pcg32(seed: number, stream = 54): Random {
  const s = BigInt.asUintN(64, BigInt(seed));
  const increment = BigInt.asUintN(64, (BigInt(stream) << 1n) | 1n);
  const incrementHi = Number(increment >> 32n);
  const incrementLo = Number(increment & 0xffffffffn);
  let hi = 0;
  let lo = 0;

  const advance = () => {
    // 64-bit state × multiplier + increment, from 16-bit limbs of the low words.
    const a = lo & 0xffff;
    const b = lo >>> 16;
    const c = MULTIPLIER_LO & 0xffff;
    const d = MULTIPLIER_LO >>> 16;
    const low = a * c;
    const middle = b * c + (low >>> 16); // < 2^33: a double holds it
    const cross = a * d + (middle % 0x10000);
    const productHi = b * d + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000);
    const productLo = ((cross % 0x10000) * 0x10000 + (low & 0xffff)) >>> 0;
    const sumLo = productLo + incrementLo;
    hi =
      (Math.imul(hi, MULTIPLIER_LO) +
        Math.imul(lo, MULTIPLIER_HI) +
        productHi +
        incrementHi +
        (sumLo > 0xffffffff ? 1 : 0)) >>>
      0;
    lo = sumLo >>> 0;
  };

  const uint32 = () => {
    const oldHi = hi;
    const oldLo = lo;
    advance();
    // xorshifted = ((old >> 18) ^ old) >> 27, rotated right by old >> 59
    const shiftedHi = oldHi >>> 18;
    const shiftedLo = ((oldHi << 14) | (oldLo >>> 18)) >>> 0;
    const x = (((shiftedHi ^ oldHi) << 5) | ((shiftedLo ^ oldLo) >>> 27)) >>> 0;
    const turn = oldHi >>> 27;
    return ((x >>> turn) | (x << (-turn & 31))) >>> 0;
  };

  advance();
  const seededLo = lo + Number(s & 0xffffffffn);
  hi = (hi + Number(s >> 32n) + (seededLo > 0xffffffff ? 1 : 0)) >>> 0;
  lo = seededLo >>> 0;
  advance();

  const random = () => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000;
  return Object.assign(random, { uint32 });
}

/** A whole number uniform in [0, limit); limit ≤ 2^53. Bias is below limit / 2^53. */
export function below(limit: number, random: () => number): number {
  return Math.min(limit - 1, Math.floor(random() * limit));
}

/**
 * A nearly normal number of mean 0 and variance 1, within ±4.9: the sum of eight uniform ones.
 * Box–Muller would need `Math.log` and `Math.cos`, whose last bits differ between JavaScript engines.
 */
export function normal(random: Random): number {
  let sum = random.uint32() / 2 ** 32 - 0.5 - 8 * 32767.5; // the fraction fills the lattice
  for (let i = 0; i < 4; i++) {
    const word = random.uint32();
    sum += (word & 0xffff) + (word >>> 16);
  }
  return sum / NORMAL_SCALE;
}
const NORMAL_SCALE = Math.sqrt(8 / 12) * 65536;
