// Sums of a fingerprint over labels. Twin: sumWords of src/hash.ts.

let sumA: u32 = 0;
let sumB: u32 = 0;

/** Sums up `count` words at `at`, the first of which has place `firstPlace`. */
export function sumWords(at: usize, count: u32, firstPlace: u32): void {
  let a: u32 = 0;
  let b: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const word = load<u32>(at + (<usize>i << 2));
    const place = firstPlace + i + 1;
    a += stir((place * 0x9e3779b1) ^ (word * 0xcc9e2d51));
    b += stir((place * 0x85ebca77) ^ (word * 0xc2b2ae3d));
  }
  sumA = a;
  sumB = b;
}

export function firstSum(): f64 {
  return <f64>sumA;
}
export function secondSum(): f64 {
  return <f64>sumB;
}

// @ts-ignore: decorator
@inline
export function stir(word: u32): u32 {
  let h = (word ^ (word >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** Rows of each label at `at`, added to u32 counters at `to`. */
export function countLabels(at: usize, count: u32, to: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const slot = to + (<usize>load<u32>(at + (<usize>i << 2)) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
}
