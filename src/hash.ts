/**
 * A 64-bit fingerprint of a result: equal hashes mean equal labels and equal centroids, to the bit.
 *
 * Two independent 32-bit sums over all words of what a word and its place are stirred to, as
 * MurmurHash3 ends (Austin Appleby, public domain). Sums, so that shards of the labels can be summed
 * up where they are (lanes/assembly/hash.ts) and in any order. Not cryptographic: it tells engines
 * apart that differ, not forgers.
 */

/** What two lanes of a fingerprint have summed up so far, each modulo 2^32. */
export type Sums = readonly [number, number];

/** Multipliers of place and word, in each of the two sums. */
const PLACE = [0x9e3779b1, 0x85ebca77] as const;
const WORD = [0xcc9e2d51, 0xc2b2ae3d] as const;

/** Sums of words whose first has this place. */
export function sumWords(words: ArrayLike<number>, firstPlace = 0): Sums {
  let a = 0;
  let b = 0;
  for (let i = 0; i < words.length; i++) {
    const place = firstPlace + i + 1;
    a = (a + stir(Math.imul(place, PLACE[0]) ^ Math.imul(words[i], WORD[0]))) | 0;
    b = (b + stir(Math.imul(place, PLACE[1]) ^ Math.imul(words[i], WORD[1]))) | 0;
  }
  return [a >>> 0, b >>> 0];
}

/** Sixteen hexadecimal digits; `labelSums` where they are known already: then it is enough how many there are. */
export function fingerprint(
  labels: ArrayLike<number>,
  centroids: Float32Array,
  labelSums: Sums = sumWords(labels),
): string {
  const bits = new Uint32Array(centroids.buffer, centroids.byteOffset, centroids.length);
  const summed = [...labelSums, ...sumWords(bits), labels.length, centroids.length];
  return sumWords(Uint32Array.from(summed))
    .map((sum) => sum.toString(16).padStart(8, '0'))
    .join('');
}

export function stir(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
