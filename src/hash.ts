/**
 * A 64-bit fingerprint of a result: equal hashes mean equal labels and equal centroids, to the bit.
 *
 * Two independent 32-bit lanes, each stirred as MurmurHash3 stirs a word (Austin Appleby, public
 * domain). Not cryptographic: it tells engines apart that differ, not forgers.
 */

/** Sixteen hexadecimal digits. Reads the bits of the arrays as little-endian words. */
export function fingerprint(labels: Uint32Array, centroids: Float32Array): string {
  let a = 0x9747b28c;
  let b = 0x2f0b4a91;
  const bits = new Uint32Array(centroids.buffer, centroids.byteOffset, centroids.length);
  for (const words of [Uint32Array.of(labels.length, centroids.length), labels, bits])
    for (let i = 0; i < words.length; i++) {
      a = stir(a, words[i], 0xcc9e2d51, 0x1b873593);
      b = stir(b, words[i], 0x85ebca77, 0xc2b2ae3d);
    }
  return hex(finish(a)) + hex(finish(b));
}

function stir(state: number, word: number, first: number, second: number): number {
  let k = Math.imul(word, first);
  k = Math.imul((k << 15) | (k >>> 17), second);
  const mixed = state ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(state: number): number {
  let h = state ^ (state >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (word: number) => word.toString(16).padStart(8, '0');
