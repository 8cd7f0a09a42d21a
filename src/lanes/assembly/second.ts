// The second-nearest centroids: the nearest of all but the one that a row is labelled with.
// Twins: assign and manhattan of src/engines/reference/lloyd.ts, with `second`.
//
// Every distance, squared or absolute, by the direct form, eight rows at a time against a centroid; what the bound of
// src/near-tie.ts leaves open is settled exactly. Rows are taken as they stand in the caller's order,
// and nothing that an algorithm keeps is touched: not its labels, sums or tree.

import { lookCloser, nearestManhattan, take } from './exact';
import { centroids, columns, k, manhattan, nearAbsolute, nearRelative, nearRoot, points } from './lane';
import { reserve } from './memory';

/** Farther than any distance can be; finite, so that the bound stays a number. */
const FAR: f32 = 1e30;

/** Eight rows in hand, [column][8]. */
let block: usize = 0;
/** Their labels u32[8]. */
let own: usize = 0;

export function openSecond(): void {
  block = reserve(<usize>columns << 5);
  own = reserve(32);
}

/**
 * Replaces the labels u32[count] at `labels`, which are of the rows from `first` on, by the
 * second-nearest centroids. There are two centroids at least.
 */
export function second(first: u32, count: u32, labels: usize): void {
  for (let i: u32 = 0; i < count; i += 8) {
    const inside = min<u32>(8, count - i);
    const rows = points + ((<usize>(first + i) * columns) << 2);
    const at = labels + (<usize>i << 2);
    // past the end the last row stands in
    for (let r: u32 = 0; r < 8; r++) {
      const from = min(r, inside - 1);
      for (let t: u32 = 0; t < columns; t++)
        store<f32>(
          block + ((<usize>(t << 3) + r) << 2),
          load<f32>(rows + ((<usize>from * columns + t) << 2)),
        );
      store<u32>(own + (<usize>r << 2), load<u32>(at + (<usize>from << 2)));
    }
    const near = manhattan ? propose(true) : propose(false);
    for (let r: u32 = 0; r < inside; r++) {
      const to = at + (<usize>r << 2);
      store<u32>(
        to,
        (near >> r) & 1
          ? settle(rows + ((<usize>r * columns) << 2), load<u32>(to))
          : load<u32>(own + (<usize>r << 2)),
      );
    }
  }
}

/** The nearest centroid of a row but number `except`, in integers where floats do not tell. */
function settle(y: usize, except: u32): u32 {
  if (!manhattan) return lookCloser(y, except);
  take(y, 4);
  return nearestManhattan(except);
}

/** Writes the proposals in place of the labels of the rows in hand; a bit each for the near-ties. */
// @ts-ignore: decorator
@inline
function propose(absolute: bool): u32 {
  const ownA = v128.load(own);
  const ownB = v128.load(own, 16);
  const far = f32x4.splat(FAR);
  let bestA = far;
  let bestB = far;
  let nextA = far;
  let nextB = far;
  let labelA = i32x4.splat(0);
  let labelB = labelA;
  let c = centroids;
  const end = block + (<usize>columns << 5);
  for (let j: u32 = 0; j < k; j++) {
    let a = f32x4.splat(0);
    let b = a;
    for (let y = block; y < end; y += 32, c += 4) {
      const centroid = v128.load32_splat(c);
      const eA = f32x4.sub(v128.load(y), centroid);
      const eB = f32x4.sub(v128.load(y, 16), centroid);
      a = f32x4.add(a, absolute ? f32x4.abs(eA) : f32x4.mul(eA, eA));
      b = f32x4.add(b, absolute ? f32x4.abs(eB) : f32x4.mul(eB, eB));
    }
    const number = i32x4.splat(j);
    a = v128.bitselect(far, a, i32x4.eq(number, ownA));
    b = v128.bitselect(far, b, i32x4.eq(number, ownB));
    labelA = v128.bitselect(number, labelA, f32x4.lt(a, bestA));
    labelB = v128.bitselect(number, labelB, f32x4.lt(b, bestB));
    nextA = f32x4.pmin(nextA, f32x4.pmax(bestA, a));
    nextB = f32x4.pmin(nextB, f32x4.pmax(bestB, b));
    bestA = f32x4.pmin(bestA, a);
    bestB = f32x4.pmin(bestB, b);
  }
  v128.store(own, labelA);
  v128.store(own, labelB, 16);
  return nearTies(bestA, nextA) | (nearTies(bestB, nextB) << 4);
}

/** Which of four rows integers have to decide. */
// @ts-ignore: decorator
@inline
function nearTies(best: v128, next: v128): u32 {
  const both = f32x4.add(best, next);
  const bound = f32x4.add(
    f32x4.add(
      f32x4.mul(f32x4.splat(nearRelative), both),
      f32x4.mul(f32x4.splat(nearRoot), f32x4.sqrt(both)),
    ),
    f32x4.splat(nearAbsolute),
  );
  return ~i32x4.bitmask(f32x4.gt(f32x4.sub(next, best), bound)) & 15;
}
