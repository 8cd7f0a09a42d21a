// Near-ties settled: f64 proposes closer, integers decide. Twin: src/exact.ts.

import { centroids, columns, gridCentroids, k, nearAbsolute, nearRelative, nearRoot } from './lane';
import { LABEL_STEPS, NO_LABEL, round1 } from './numbers';
import { reserve } from './memory';

/** q of the row in hand, i32. */
let q: usize = 0;
/** f64 distances of the candidates in hand. */
let proposals: usize = 0;
/** Of a row that is looked at closer: distances f32, and candidates u32. */
let closer: usize = 0;
let candidates: usize = 0;

export function openExact(maxK: u32): void {
  q = reserve(<usize>columns * 4);
  proposals = reserve(<usize>maxK * 8);
  closer = reserve(<usize>maxK * 4);
  candidates = reserve(<usize>maxK * 4);
}

/** Labels of centroids onto the label grid. */
export function quantizeCentroids(): void {
  const cells = k * columns;
  for (let i: u32 = 0; i < cells; i++)
    store<i32>(
      gridCentroids + ((<usize>i) << 2),
      round1(load<f32>(centroids + ((<usize>i) << 2)) * LABEL_STEPS),
    );
}

/** A square sum in two words: high · 2^32 + low. */
export let high: u64 = 0;
export let low: u64 = 0;

/** Σ (q − g)² of the row in hand. */
export function distanceTo(j: u32): void {
  const g = gridCentroids + ((<usize>(j * columns)) << 2);
  let h: u64 = 0;
  let l: u64 = 0;
  for (let t: u32 = 0; t < columns; t++) {
    const difference =
      <i64>load<i32>(q + ((<usize>t) << 2)) - <i64>load<i32>(g + ((<usize>t) << 2));
    const square = <u64>(difference * difference); // < 2^62
    l += square & 0xffffffff;
    h += square >> 32;
  }
  high = h + (l >> 32);
  low = l & 0xffffffff;
}

/** Takes a row in hand whose coordinates stand `stride` bytes apart. */
export function take(at: usize, stride: usize): void {
  for (let t: u32 = 0; t < columns; t++)
    store<i32>(q + ((<usize>t) << 2), round1(load<f32>(at + <usize>t * stride) * LABEL_STEPS));
}

/**
 * The true nearest of the row in hand among `count` centroids: those numbered at `list`, in any order,
 * or all where `list` is 0. Ties to the lowest.
 */
export function nearest(list: usize, count: u32): u32 {
  // In f64 a difference of grid values is exact; its square errs by 2^−53, each addition as much.
  const uncertainty: f64 = <f64>(columns + 2) * 2.220446049250313e-16;
  let best: f64 = Infinity;
  for (let i: u32 = 0; i < count; i++) {
    const j = list ? load<u32>(list + ((<usize>i) << 2)) : i;
    const g = gridCentroids + ((<usize>(j * columns)) << 2);
    let distance: f64 = 0;
    for (let t: u32 = 0; t < columns; t++) {
      const difference =
        <f64>load<i32>(q + ((<usize>t) << 2)) - <f64>load<i32>(g + ((<usize>t) << 2));
      distance += difference * difference;
    }
    store<f64>(proposals + ((<usize>i) << 3), distance);
    best = min(best, distance);
  }
  const limit = best + uncertainty * (best + best) * 1.01 + 1e-300;
  let bestHigh: u64 = u64.MAX_VALUE;
  let bestLow: u64 = u64.MAX_VALUE;
  let label: u32 = NO_LABEL;
  for (let i: u32 = 0; i < count; i++) {
    if (load<f64>(proposals + ((<usize>i) << 3)) > limit) continue;
    const j = list ? load<u32>(list + ((<usize>i) << 2)) : i;
    distanceTo(j);
    if (
      high < bestHigh ||
      (high == bestHigh && (low < bestLow || (low == bestLow && j < label)))
    ) {
      bestHigh = high;
      bestLow = low;
      label = j;
    }
  }
  return label;
}

/** The nearest centroid of a row but number `except`, by the direct form, and exactly where that leaves several. */
export function lookCloser(y: usize, except: u32): u32 {
  let count: u32 = 0;
  for (let j: u32 = 0; j < k; j++) {
    if (j == except) continue;
    store<u32>(candidates + (<usize>count << 2), j);
    count++;
  }
  return lookAmong(y, candidates, count);
}

/** The same of the centroids numbered at `list`, of which those that are looked at exactly are left there. */
export function lookAmong(y: usize, list: usize, count: u32): u32 {
  let best: f32 = Infinity;
  for (let i: u32 = 0; i < count; i++) {
    const j = load<u32>(list + (<usize>i << 2));
    const distance = squared(y, centroids + ((<usize>j * columns) << 2));
    store<f32>(closer + (<usize>i << 2), distance);
    best = min(best, distance);
  }
  let left: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const distance = load<f32>(closer + (<usize>i << 2));
    const both = best + distance;
    if (distance - best > nearRelative * both + nearRoot * sqrt<f32>(both) + nearAbsolute) continue;
    store<u32>(list + (<usize>left << 2), load<u32>(list + (<usize>i << 2)));
    left++;
  }
  if (left == 1) return load<u32>(list);
  take(y, 4);
  return nearest(list, left);
}

/** ‖y − c‖² by the direct form. */
export function squared(y: usize, c: usize): f32 {
  let d0 = f32x4.splat(0);
  let d1 = d0;
  let t: usize = 0;
  const bytes = <usize>columns << 2;
  for (; t + 32 <= bytes; t += 32) {
    const e0 = f32x4.sub(v128.load(y + t), v128.load(c + t));
    const e1 = f32x4.sub(v128.load(y + t, 16), v128.load(c + t, 16));
    d0 = f32x4.add(d0, f32x4.mul(e0, e0));
    d1 = f32x4.add(d1, f32x4.mul(e1, e1));
  }
  d0 = f32x4.add(d0, d1);
  let distance =
    f32x4.extract_lane(d0, 0) + f32x4.extract_lane(d0, 1) + (f32x4.extract_lane(d0, 2) + f32x4.extract_lane(d0, 3));
  for (; t < bytes; t += 4) {
    const e = load<f32>(y + t) - load<f32>(c + t);
    distance += e * e;
  }
  return distance;
}

/** The nearest by Σ|q − g|, which 64 bits hold, of all centroids but number `except`. */
export function nearestManhattan(except: u32): u32 {
  let best: u64 = u64.MAX_VALUE;
  let label: u32 = 0;
  for (let j: u32 = 0; j < k; j++) {
    if (j == except) continue;
    const g = gridCentroids + ((<usize>(j * columns)) << 2);
    let distance: u64 = 0;
    for (let t: u32 = 0; t < columns; t++) {
      const difference =
        <i64>load<i32>(q + ((<usize>t) << 2)) - <i64>load<i32>(g + ((<usize>t) << 2));
      distance += <u64>(difference < 0 ? -difference : difference);
    }
    if (distance < best) {
      best = distance;
      label = j;
    }
  }
  return label;
}
