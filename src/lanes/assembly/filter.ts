// The block filter: an exact iteration of Lloyd's that does not look at most points.
//
// From the root of the tree down, a list of the centroids that may still be nearest to a point of
// the box is handed on. z being the one nearest to the middle, another one z' can be dropped where
// even the corner of the box farthest in the direction z' − z is nearer to z: then so is every point
// (T. Kanungo et al., "An Efficient k-Means Clustering Algorithm", IEEE PAMI 24(7), 2002). A box with
// one candidate left is done by adding its stored sums.
//
// Exact: dropped is only what loses by more than float32 can err and the label grid can round,
// anywhere in the box. The difference of squared distances is linear in the point, so its float
// error counts at the corner; the grid's error grows with the distances, which within the box are at
// most those to the middle plus half its diagonal. Leaves propose and settle row by row.
//
// A list stands in the arena: numbers u32[stride], then y f32[stride] a column, stride a multiple of
// four, filled up with copies of the first candidate. The arena has room for a list of all centroids
// at every level of the tree: nothing drops a centroid that coincides with the nearest one.
//
// What is still to be visited stands on a stack, so that an iteration may be made in several calls: a
// page has to answer in between, and an abort to be heard. Task, 24 bytes:
//   node · list · candidates · stride of the list · label of all rows before, or MIXED · free arena

import { nearest, take } from './exact';
import {
  centroids,
  clearSums,
  columns,
  countMoved,
  counts,
  k,
  labels,
  nearAbsolute,
  nearRelative,
  nearRoot,
  rows,
  sumSteps,
  sums,
  weighted,
} from './lane';
import { NO_LABEL, round4 } from './numbers';
import {
  leafRows,
  MIXED,
  nodeBytes,
  nodeCount,
  nodes,
  ordered,
  orderedWeights,
  rowOf,
  stride,
} from './order';
import { reserve } from './memory';

let arena: usize = 0;
/** Tasks, and the end of those that wait. */
let stack: usize = 0;
let waiting: usize = 0;
const TASK: usize = 24;
/** Of the leaf in hand, for four rows at a time: labels u32[4], then p i32[4] a column. */
let group: usize = 0;
/** Up to so many candidates a leaf's sums are masked. */
const FEW: u32 = 6;
/** Candidates that boxes and rows were compared with. */
export let compared: u64 = 0;

/** Room for the lists on the longest way from the root. */
export function openFilter(maxK: u32): void {
  keptLabels = 0;
  const levels = levelsBelow(nodes) + 1;
  const list = (((<u64>maxK + 7) & ~3) * (columns + 2)) << 2;
  if (list * levels > u32.MAX_VALUE) unreachable(); // as reserve does
  arena = reserve(<usize>(list * levels));
  stack = reserve((<usize>levels + 1) * TASK);
  group = reserve((<usize>(columns + 1) << 4) * (leafRows >> 2));
}

function levelsBelow(node: usize): u32 {
  const right = load<u32>(node, 8);
  if (right == 0) return 1;
  return 1 + max(levelsBelow(node + nodeBytes), levelsBelow(nodes + <usize>right * nodeBytes));
}

/** Forgets all labels: every row counts as moved next time. */
export function forget(): void {
  store<u32>(nodes, NO_LABEL, 12);
}

/** Begins to find labels, sums and counts for the centroids in hand. */
export function startFilter(): void {
  const width = (k + 3) & ~3;
  for (let i: u32 = 0; i < width; i++) {
    const j = i < k ? i : 0;
    store<u32>(arena + ((<usize>i) << 2), j);
    for (let t: u32 = 0; t < columns; t++)
      store<f32>(
        arena + ((<usize>(t + 1) * width + i) << 2),
        load<f32>(centroids + ((<usize>j * columns + t) << 2)),
      );
  }
  compared = 0;
  clearSums();
  waiting = stack;
  later(nodes, arena, k, width, MIXED, arena + ((<usize>(columns + 1) * width) << 2));
}

/** Goes on for about so many candidates compared; 1 where there is more to do. */
export function filter(most: f64): u32 {
  const end = <f64>compared + most;
  while (waiting > stack) {
    if (<f64>compared >= end) return 1;
    waiting -= TASK;
    visit(
      load<u32>(waiting),
      load<u32>(waiting, 4),
      load<u32>(waiting, 8),
      load<u32>(waiting, 12),
      load<u32>(waiting, 16),
      load<u32>(waiting, 20),
    );
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function later(node: usize, list: usize, m: u32, width: u32, inherited: u32, top: usize): void {
  store<u32>(waiting, node);
  store<u32>(waiting, list, 4);
  store<u32>(waiting, m, 8);
  store<u32>(waiting, width, 12);
  store<u32>(waiting, inherited, 16);
  store<u32>(waiting, top, 20);
  waiting += TASK;
}

export function comparedCandidates(): f64 {
  return <f64>compared;
}

function visit(node: usize, list: usize, m: u32, width: u32, inherited: u32, top: usize): void {
  const before = inherited == MIXED ? load<u32>(node, 12) : inherited;
  compared += m;
  let left: u32 = 0;
  if (columns == 2) left = survivors(2, node, list, m, width, top);
  else if (columns == 3) left = survivors(3, node, list, m, width, top);
  else left = survivors(columns, node, list, m, width, top);
  if (left == 1) {
    whole(node, load<u32>(top), before);
    return;
  }
  const lanes = (m + 3) & ~3;
  const right = load<u32>(node, 8);
  store<u32>(node, MIXED, 12);
  if (right == 0) {
    leaf(node, top, left, lanes, before);
    return;
  }
  for (let i = left; i < ((left + 3) & ~3); i++)
    for (let t: u32 = 1; t <= columns; t++)
      store<f32>(top + ((<usize>t * lanes + i) << 2), load<f32>(top + ((<usize>t * lanes) << 2)));
  const free = top + ((<usize>(columns + 1) * lanes) << 2);
  // the left one comes first, and is done with the arena above before the right one needs it
  later(nodes + <usize>right * nodeBytes, top, left, lanes, before, free);
  later(node + nodeBytes, top, left, lanes, before, free);
}

/** Puts the candidates that may still be nearest somewhere in a node's box at `top`; how many. */
// @ts-ignore: decorator
@inline
function survivors(d: u32, node: usize, list: usize, m: u32, width: u32, top: usize): u32 {
  const low = node + 24 + 8 * <usize>d;
  const high = low + 4 * <usize>d;
  const lanes = (m + 3) & ~3;
  const step = <usize>width << 2;

  // the candidate nearest to the middle, and how far the farthest is
  let nearestD = f32x4.splat(Infinity);
  let farthestD = f32x4.splat(0);
  for (let i: u32 = 0; i < lanes; i += 4) {
    const c = list + step + ((<usize>i) << 2);
    let sum = fromMiddle(c, low, high);
    if (d == 2 || d == 3) {
      sum = f32x4.add(sum, fromMiddle(c + step, low + 4, high + 4));
      if (d == 3) sum = f32x4.add(sum, fromMiddle(c + 2 * step, low + 8, high + 8));
    } else
      for (let t: usize = 1; t < d; t++)
        sum = f32x4.add(sum, fromMiddle(c + t * step, low + (t << 2), high + (t << 2)));
    v128.store(top + ((<usize>i) << 2), sum);
    nearestD = f32x4.pmin(nearestD, sum);
    farthestD = f32x4.pmax(farthestD, sum);
  }
  const least = min(
    min(f32x4.extract_lane(nearestD, 0), f32x4.extract_lane(nearestD, 1)),
    min(f32x4.extract_lane(nearestD, 2), f32x4.extract_lane(nearestD, 3)),
  );
  const most = max(
    max(f32x4.extract_lane(farthestD, 0), f32x4.extract_lane(farthestD, 1)),
    max(f32x4.extract_lane(farthestD, 2), f32x4.extract_lane(farthestD, 3)),
  );
  let z: u32 = 0;
  while (load<f32>(top + ((<usize>z) << 2)) != least) z++;

  // what survives against it
  let diagonal: f32 = 0;
  for (let t: usize = 0; t < d; t++) {
    const half: f32 = <f32>0.5 * (load<f32>(high + (t << 2)) - load<f32>(low + (t << 2)));
    diagonal += half * half;
  }
  const slack = f32x4.splat(
    nearRoot * 1.4142137 * 1.01 * (sqrt<f32>(most) + sqrt<f32>(diagonal)) + nearAbsolute,
  );
  let left: u32 = 0;
  for (let i: u32 = 0; i < lanes; i += 4) {
    let dz = f32x4.splat(0);
    let dc = f32x4.splat(0);
    for (let t: usize = 0; t < d; t++) {
      const column = list + (t + 1) * step;
      const c = v128.load(column + ((<usize>i) << 2));
      const own = v128.load32_splat(column + ((<usize>z) << 2));
      const corner = v128.bitselect(
        v128.load32_splat(high + (t << 2)),
        v128.load32_splat(low + (t << 2)),
        f32x4.gt(c, own),
      );
      const a = f32x4.sub(c, corner);
      const b = f32x4.sub(own, corner);
      dc = f32x4.add(dc, f32x4.mul(a, a));
      dz = f32x4.add(dz, f32x4.mul(b, b));
    }
    const bound = f32x4.add(
      f32x4.mul(f32x4.splat(nearRelative), f32x4.add(dc, dz)),
      slack,
    );
    let keep = ~i32x4.bitmask(f32x4.gt(f32x4.sub(dc, dz), bound)) & 15;
    if (i + 4 > m) keep &= (1 << (m - i)) - 1;
    while (keep) {
      const from = list + ((<usize>(i + ctz(keep))) << 2);
      keep &= keep - 1;
      const to = top + ((<usize>left) << 2);
      const next = <usize>lanes << 2;
      store<u32>(to, load<u32>(from));
      store<f32>(to + next, load<f32>(from + step));
      if (d == 2 || d == 3) {
        store<f32>(to + 2 * next, load<f32>(from + 2 * step));
        if (d == 3) store<f32>(to + 3 * next, load<f32>(from + 3 * step));
      } else
        for (let t: usize = 2; t <= d; t++)
          store<f32>(to + t * next, load<f32>(from + t * step));
      left++;
    }
  }
  return left;
}

/** Squared distance of four candidates from a box's middle, in one column. */
// @ts-ignore: decorator
@inline
function fromMiddle(c: usize, low: usize, high: usize): v128 {
  const middle = f32x4.mul(
    f32x4.splat(0.5),
    f32x4.add(v128.load32_splat(low), v128.load32_splat(high)),
  );
  const a = f32x4.sub(v128.load(c), middle);
  return f32x4.mul(a, a);
}

/** All rows of a node go to one cluster. */
function whole(node: usize, label: u32, before: u32): void {
  const at = sums + <usize>label * columns * 8;
  for (let t: u32 = 0; t < columns; t++) {
    const s = (<usize>t) << 3;
    store<i64>(at + s, load<i64>(at + s) + load<i64>(node + s, 24));
  }
  const count = counts + ((<usize>label) << 2);
  store<u32>(count, load<u32>(count) + load<u32>(node, 16));
  if (before != label) {
    if (before != MIXED) countMoved(load<u32>(node, 4) - load<u32>(node));
    else {
      const right = load<u32>(node, 8);
      countMoved(
        right == 0
          ? others(node, label)
          : differing(node + nodeBytes, label) + differing(nodes + <usize>right * nodeBytes, label),
      );
    }
  }
  store<u32>(node, label, 12);
}

/** Rows of a node that were labelled otherwise. */
function differing(node: usize, label: u32): u32 {
  const own = load<u32>(node, 12);
  if (own != MIXED) return own == label ? 0 : load<u32>(node, 4) - load<u32>(node);
  const right = load<u32>(node, 8);
  if (right == 0) return others(node, label);
  return differing(node + nodeBytes, label) + differing(nodes + <usize>right * nodeBytes, label);
}

function others(node: usize, label: u32): u32 {
  let count: u32 = 0;
  const end = load<u32>(node, 4);
  for (let i = load<u32>(node); i < end; i++)
    count += u32(load<u32>(labels + ((<usize>i) << 2)) != label);
  return count;
}

/** Rows four at a time, among the candidates that are left. */
function leaf(node: usize, list: usize, m: u32, width: u32, before: u32): void {
  if (columns == 2) assign(2, node, list, m, width, before);
  else if (columns == 3) assign(3, node, list, m, width, before);
  else assign(columns, node, list, m, width, before);
  if (m <= FEW && !weighted) addMasked(node, list, m);
  else addRows(node);
}

/** Labels the rows of a leaf, and leaves winners and p of four rows at a time for the sums. */
// @ts-ignore: decorator
@inline
function assign(d: u32, node: usize, list: usize, m: u32, width: u32, before: u32): void {
  const end = load<u32>(node, 4);
  const step = <usize>width << 2;
  let own = group;
  let changed: u32 = 0;
  for (let i = load<u32>(node); i < end; i += 4) {
    const at = ordered + ((<usize>i) << 2);
    let best = f32x4.splat(Infinity);
    let second = f32x4.splat(Infinity);
    let winner = i32x4.splat(0);
    let c = list;
    for (const last = list + (<usize>m << 2); c < last; c += 4) {
      const distance = squared(d, at, c + step, step);
      const nearer = f32x4.lt(distance, best);
      second = f32x4.pmin(second, f32x4.pmax(best, distance));
      best = f32x4.pmin(best, distance);
      winner = v128.bitselect(v128.load32_splat(c), winner, nearer);
    }
    const both = f32x4.add(best, second);
    const bound = f32x4.add(
      f32x4.add(
        f32x4.mul(f32x4.splat(nearRelative), both),
        f32x4.mul(f32x4.splat(nearRoot), f32x4.sqrt(both)),
      ),
      f32x4.splat(nearAbsolute),
    );
    const inside = min<u32>(4, end - i);
    const lanes = (1 << inside) - 1;
    v128.store(own, winner);
    let near = ~i32x4.bitmask(f32x4.gt(f32x4.sub(second, best), bound)) & lanes;
    while (near) {
      const lane = ctz(near);
      near &= near - 1;
      take(at + ((<usize>lane) << 2), stride << 2);
      store<u32>(own + ((<usize>lane) << 2), nearest(list, m));
    }
    for (let lane = inside; lane < 4; lane++) store<u32>(own + ((<usize>lane) << 2), NO_LABEL);
    winner = v128.load(own);
    const to = labels + ((<usize>i) << 2);
    const old = before == MIXED ? v128.load(to) : i32x4.splat(before);
    changed += popcnt(i32x4.bitmask(i32x4.ne(old, winner)) & lanes);
    if (inside == 4) v128.store(to, winner);
    else memory.copy(to, own, <usize>inside << 2);
    own += 16;
    for (let t: u32 = 0; t < d; t++, own += 16)
      v128.store(
        own,
        round4(
          f32x4.mul(
            v128.load(at + <usize>t * (stride << 2)),
            v128.load32_splat(sumSteps + ((<usize>t) << 2)),
          ),
        ),
      );
  }
  compared += m * (((end - load<u32>(node)) + 3) >> 2);
  countMoved(changed);
}

/** ‖y − c‖² of four rows; columns of rows stand `stride` numbers apart, of a candidate `step` bytes. */
// @ts-ignore: decorator
@inline
function squared(d: u32, at: usize, c: usize, step: usize): v128 {
  const next = stride << 2;
  let e = f32x4.sub(v128.load(at), v128.load32_splat(c));
  let sum = f32x4.mul(e, e);
  if (d == 2 || d == 3) {
    e = f32x4.sub(v128.load(at + next), v128.load32_splat(c + step));
    sum = f32x4.add(sum, f32x4.mul(e, e));
    if (d == 2) return sum;
    e = f32x4.sub(v128.load(at + 2 * next), v128.load32_splat(c + 2 * step));
    return f32x4.add(sum, f32x4.mul(e, e));
  }
  for (let t: u32 = 1; t < d; t++) {
    e = f32x4.sub(v128.load(at + <usize>t * next), v128.load32_splat(c + <usize>t * step));
    sum = f32x4.add(sum, f32x4.mul(e, e));
  }
  return sum;
}

/**
 * Sums of a leaf with few candidates: for each of them but the first the rows that it won, in lanes; the
 * first has what is left of the leaf's own sums. Rows that follow each other mostly have the same
 * label, and would wait for each other's addition.
 */
function addMasked(node: usize, list: usize, m: u32): void {
  const bytes = <usize>(columns + 1) << 4;
  const end = group + <usize>((load<u32>(node, 4) - load<u32>(node) + 3) >> 2) * bytes;
  const first = load<u32>(list);
  const firstSum = sums + <usize>first * columns * 8;
  const firstCount = counts + ((<usize>first) << 2);
  store<u32>(firstCount, load<u32>(firstCount) + load<u32>(node, 16));
  for (let t: u32 = 0; t < columns; t++) {
    const s = (<usize>t) << 3;
    store<i64>(firstSum + s, load<i64>(firstSum + s) + load<i64>(node + s, 24));
  }
  for (let c: u32 = 1; c < m; c++) {
    const label = load<u32>(list + ((<usize>c) << 2));
    const own = i32x4.splat(label);
    let won: u32 = 0;
    for (let at = group; at < end; at += bytes)
      won += popcnt(i32x4.bitmask(i32x4.eq(v128.load(at), own)));
    if (won == 0) continue;
    const count = counts + ((<usize>label) << 2);
    store<u32>(count, load<u32>(count) + won);
    store<u32>(firstCount, load<u32>(firstCount) - won);
    const sum = sums + <usize>label * columns * 8;
    for (let t: u32 = 0; t < columns; t++) {
      let total = i64x2.splat(0);
      for (let at = group; at < end; at += bytes) {
        const p = v128.and(
          v128.load(at + (<usize>(t + 1) << 4)),
          i32x4.eq(v128.load(at), own),
        );
        total = i64x2.add(total, i64x2.extend_low_i32x4_s(p));
        total = i64x2.add(total, i64x2.extend_high_i32x4_s(p));
      }
      const all = i64x2.extract_lane(total, 0) + i64x2.extract_lane(total, 1);
      const s = (<usize>t) << 3;
      store<i64>(sum + s, load<i64>(sum + s) + all);
      store<i64>(firstSum + s, load<i64>(firstSum + s) - all);
    }
  }
}

/** Sums of a leaf row by row. */
function addRows(node: usize): void {
  const end = load<u32>(node, 4);
  const bytes = <usize>(columns + 1) << 4;
  let own = group;
  for (let i = load<u32>(node); i < end; i += 4, own += bytes) {
    const inside = min<u32>(4, end - i);
    for (let lane: u32 = 0; lane < inside; lane++) {
      const at = own + ((<usize>lane) << 2);
      const label = load<u32>(at);
      const weight: u32 = weighted
        ? load<u32>(orderedWeights + ((<usize>(i + lane)) << 2))
        : 1;
      const count = counts + ((<usize>label) << 2);
      store<u32>(count, load<u32>(count) + weight);
      const sum = sums + <usize>label * columns * 8;
      for (let t: u32 = 0; t < columns; t++) {
        const s = sum + ((<usize>t) << 3);
        const p = <i64>load<i32>(at + (<usize>(t + 1) << 4));
        store<i64>(s, load<i64>(s) + (weighted ? p * <i64>weight : p));
      }
    }
  }
}

let keptLabels: usize = 0;
let keptNodes: usize = 0;

/** Puts all labels aside, so that an iteration may be tried without leaving a trace. */
export function keepLabels(): void {
  if (!keptLabels) {
    keptLabels = reserve(<usize>rows * 4);
    keptNodes = reserve(<usize>nodeCount * 4);
  }
  memory.copy(keptLabels, labels, <usize>rows * 4);
  for (let n: usize = 0; n < nodeCount; n++)
    store<u32>(keptNodes + (n << 2), load<u32>(nodes + n * nodeBytes, 12));
}

export function restoreLabels(): void {
  memory.copy(labels, keptLabels, <usize>rows * 4);
  for (let n: usize = 0; n < nodeCount; n++)
    store<u32>(nodes + n * nodeBytes, load<u32>(keptNodes + (n << 2)), 12);
}

/** Writes the labels in the caller's order to `to`, u32 a row. */
export function writeLabels(to: usize): void {
  for (let n: u32 = 0; n < nodeCount;) {
    const node = nodes + <usize>n * nodeBytes;
    const own = load<u32>(node, 12);
    const right = load<u32>(node, 8);
    const start = load<u32>(node);
    const end = load<u32>(node, 4);
    if (own != MIXED) {
      for (let i = start; i < end; i++)
        store<u32>(to + ((<usize>load<u32>(rowOf + ((<usize>i) << 2))) << 2), own);
      n = after(n);
    } else {
      if (right == 0)
        for (let i = start; i < end; i++)
          store<u32>(
            to + ((<usize>load<u32>(rowOf + ((<usize>i) << 2))) << 2),
            load<u32>(labels + ((<usize>i) << 2)),
          );
      n++;
    }
  }
}

/** The node behind a node's last descendant in preorder. */
function after(n: u32): u32 {
  let right = load<u32>(nodes + <usize>n * nodeBytes, 8);
  while (right != 0) {
    n = right;
    right = load<u32>(nodes + <usize>n * nodeBytes, 8);
  }
  return n + 1;
}
