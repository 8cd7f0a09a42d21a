// The rows that lie farthest from their own centroids, for clusters that lost theirs.
// Twin: relocate of src/lloyd.ts.
//
// Entry, 24 bytes: distance high u64 · low u64 · row u32 (among all points) · label u32.

import { distanceTo, high, low, squared, take } from './exact';
import {
  centroids,
  columns,
  firstRow,
  nearAbsolute,
  nearRelative,
  nearRoot,
  points,
  rows,
  weighted,
  weights,
} from './lane';
import { LABEL_STEPS } from './numbers';

const ENTRY: usize = 24;
/** A squared step of the label grid. */
const LABEL_UNIT: f64 = 1 / (<f64>LABEL_STEPS * <f64>LABEL_STEPS);

/**
 * Writes the up to `most` farthest rows to `to`, farthest first, ties by row; returns how many.
 * Labels in the caller's order stand at `labelsAt`. Rows without weight or at distance 0 are left out.
 */
export function contend(labelsAt: usize, most: u32, to: usize): u32 {
  let count: u32 = 0;
  let least: f32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    if (weighted && load<u32>(weights + (<usize>i << 2)) == 0) continue;
    const label = load<u32>(labelsAt + (<usize>i << 2));
    const y = points + ((<usize>i * columns) << 2);
    if (count == most && falls(y, label, least)) continue;
    take(y, 4);
    distanceTo(label);
    if (high == 0 && low == 0) continue;
    let place = count;
    while (place > 0 && nearer(to + <usize>(place - 1) * ENTRY)) place--;
    if (place >= most) continue;
    if (count < most) count++;
    const at = to + <usize>place * ENTRY;
    memory.copy(at + ENTRY, at, <usize>(count - 1 - place) * ENTRY);
    store<u64>(at, high);
    store<u64>(at, low, 8);
    store<u32>(at, firstRow + i, 16);
    store<u32>(at, label, 20);
    const last = to + <usize>(count - 1) * ENTRY;
    least = <f32>((<f64>load<u64>(last) * 4294967296 + <f64>load<u64>(last, 8)) * LABEL_UNIT);
  }
  return count;
}

/** Whether a row is nearer to its centroid than the least of those found, as float32 tells already. */
function falls(y: usize, label: u32, least: f32): bool {
  const distance = squared(y, centroids + ((<usize>label * columns) << 2));
  const both = least + distance;
  return least - distance > nearRelative * both + nearRoot * sqrt<f32>(both) + nearAbsolute;
}

// @ts-ignore: decorator
@inline
function nearer(entry: usize): bool {
  const h = load<u64>(entry);
  return h < high || (h == high && load<u64>(entry, 8) < low);
}
