// The end of an iteration, on one thread: sums of the lanes → new centroids, shift, running inertia.
// Twin: divide of src/lloyd.ts.

import { reserve } from './memory';
import { LABEL_STEPS, round1 } from './numbers';

let columns: u32 = 0;
/** e_t, i32 a column. */
let exponents: usize = 0;
let historyExponent: i32 = 0;
let centroids: usize = 0;
let sums: usize = 0;
let counts: usize = 0;
/** Where a lane's sums and counts are put before they are added. */
let lane: usize = 0;

/** Σ (g_new − g_old)²: high · 2^32 + low; and Σ align(2·C·S − N·C²) in four words of 32 bits. */
let shiftHigh: u64 = 0;
let shiftLow: u64 = 0;
let explained0: u64 = 0;
let explained1: u64 = 0;
let explained2: u64 = 0;
let explained3: u64 = 0;

export function openUpdate(columns_: u32, maxK: u32, historyExponent_: i32): void {
  columns = columns_;
  historyExponent = historyExponent_;
  const cells = <usize>maxK * columns;
  exponents = reserve(<usize>columns * 4);
  centroids = reserve(cells * 4);
  sums = reserve(cells * 8);
  counts = reserve(<usize>maxK * 4);
  lane = reserve(cells * 8 + <usize>maxK * 4);
}

export function updateExponentsAt(): usize {
  return exponents;
}
export function updateCentroidsAt(): usize {
  return centroids;
}
export function updateSumsAt(): usize {
  return sums;
}
export function updateCountsAt(): usize {
  return counts;
}
/** Sums and, behind k × columns of them, counts of a lane. */
export function updateLaneAt(): usize {
  return lane;
}

export function clearTotals(k: u32): void {
  memory.fill(sums, 0, <usize>k * columns * 8);
  memory.fill(counts, 0, <usize>k * 4);
}

/** Adds the lane's sums and counts to the totals. */
export function addLane(k: u32): void {
  const cells = <usize>k * columns;
  for (let i: usize = 0; i < cells; i++)
    store<i64>(sums + (i << 3), load<i64>(sums + (i << 3)) + load<i64>(lane + (i << 3)));
  const laneCounts = lane + (cells << 3);
  for (let j: usize = 0; j < k; j++)
    store<u32>(counts + (j << 2), load<u32>(counts + (j << 2)) + load<u32>(laneCounts + (j << 2)));
}

/** Moves every centroid with weight to its mean. */
export function divide(k: u32): void {
  shiftHigh = 0;
  shiftLow = 0;
  explained0 = 0;
  explained1 = 0;
  explained2 = 0;
  explained3 = 0;
  for (let j: u32 = 0; j < k; j++) {
    const weight = <u64>load<u32>(counts + ((<usize>j) << 2));
    if (weight == 0) continue; // keeps its place
    for (let t: u32 = 0; t < columns; t++) {
      const cell = <usize>j * columns + t;
      const sum = load<i64>(sums + (cell << 3));
      const magnitude = <u64>(sum < 0 ? -sum : sum);
      let mean = (2 * magnitude + weight) / (2 * weight);
      const surplus = max<i32>(0, 32 - <i32>clz<u32>(<u32>mean) - 24);
      if (surplus > 0) mean = ((mean + (1 << (surplus - 1))) >> surplus) << surplus;
      const exponent = load<i32>(exponents + ((<usize>t) << 2));
      // at most 24 significant bits: exact, and so is the power of two
      let value = <f32>(<f64>mean * reinterpret<f64>((<u64>(exponent - 30 + 1023)) << 52));
      if (sum < 0 && mean > 0) value = -value; // never −0
      const at = centroids + (cell << 2);
      const difference =
        <i64>round1(value * LABEL_STEPS) - <i64>round1(load<f32>(at) * LABEL_STEPS);
      const square = <u64>(difference * difference);
      shiftLow += square & 0xffffffff;
      shiftHigh += square >> 32;
      store<f32>(at, value);

      // 2·C·S − N·C² = C · (2·S − N·C), all of one sign, 94 bits
      const left = 2 * magnitude - weight * mean;
      const lower = mean * (left & 0xffffffff);
      const upper = mean * (left >> 32) + (lower >> 32);
      addAligned(
        lower & 0xffffffff,
        upper & 0xffffffff,
        upper >> 32,
        2 * (exponent - historyExponent),
      );
    }
  }
  shiftHigh += shiftLow >> 32;
  shiftLow &= 0xffffffff;
  explained1 += explained0 >> 32;
  explained0 &= 0xffffffff;
  explained2 += explained1 >> 32;
  explained1 &= 0xffffffff;
  explained3 += explained2 >> 32;
  explained2 &= 0xffffffff;
}

/** Adds a number of three 32-bit words, shifted: left by at most 22 bits, or right by any number. */
function addAligned(a: u64, b: u64, c: u64, bits: i32): void {
  if (bits >= 0) {
    const left = <u64>bits;
    explained0 += (a << left) & 0xffffffff;
    explained1 += ((b << left) & 0xffffffff) + (a >> (32 - left));
    explained2 += ((c << left) & 0xffffffff) + (b >> (32 - left));
    explained3 += c >> (32 - left);
    return;
  }
  let right = <u64>-bits;
  while (right >= 32) {
    a = b;
    b = c;
    c = 0;
    right -= 32;
    if (a == 0 && b == 0) return;
  }
  explained0 += (a >> right) | ((b << (32 - right)) & 0xffffffff);
  explained1 += (b >> right) | ((c << (32 - right)) & 0xffffffff);
  explained2 += c >> right;
}

/** Words of the shift (0 low 32 bits, 1 the rest) and, from 2 on, of the running inertia. */
export function word(n: u32): f64 {
  if (n == 0) return <f64>shiftLow;
  if (n == 1) return <f64>shiftHigh; // < 2^53 for any k × columns below 2^24
  if (n == 2) return <f64>explained0;
  if (n == 3) return <f64>explained1;
  if (n == 4) return <f64>explained2;
  return <f64>explained3;
}
