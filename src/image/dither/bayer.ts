/** Bayer's regular square of thresholds. */
import type { Mask } from './ordered.ts';

const BITS = 3;
const SIDE = 1 << BITS;

/**
 * 8 × 8 thresholds (B. E. Bayer: An Optimum Method for Two-Level Rendition of Continuous-Tone Pictures,
 * ICC 1973). The bits of x ⊕ y and of y in turn, from their lowest on, are a place's rank from its highest on.
 */
export function bayer(): Mask {
  const thresholds = Float64Array.from({ length: SIDE * SIDE }, (_, place) => {
    const [x, y] = [place % SIDE, Math.floor(place / SIDE)];
    let rank = 0;
    for (let bit = 0; bit < BITS; bit++)
      rank = 4 * rank + 2 * (((x ^ y) >> bit) & 1) + ((y >> bit) & 1);
    return (rank + 0.5) / (SIDE * SIDE);
  });
  return { side: SIDE, thresholds };
}
