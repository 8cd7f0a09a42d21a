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
/** p of four rows, i32[4] a column, and behind them the rows' candidates. */
let steps4: usize = 0;
/** Candidates that boxes and rows were compared with. */
export let compared: u64 = 0;

/** Room for the lists on the longest way from the root. */
export function openFilter(maxK: u32): void {
  const levels = levelsBelow(nodes) + 1;
  const list = (((<u64>maxK + 7) & ~3) * (columns + 2)) << 2;
  if (list * levels > u32.MAX_VALUE) unreachable(); // as reserve does
  arena = reserve(<usize>(list * levels));
  stack = reserve((<usize>levels + 1) * TASK);
  steps4 = reserve(<usize>(columns + 1) * 16);
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
  const low = node + 24 + 8 * <usize>columns;
  const high = low + 4 * <usize>columns;
  const before = inherited == MIXED ? load<u32>(node, 12) : inherited;
  const lanes = (m + 3) & ~3;
  compared += m;

  // the candidate nearest to the middle, and how far the farthest is
  let nearestD = f32x4.splat(Infinity);
  let farthestD = f32x4.splat(0);
  let diagonal: f32 = 0;
  for (let t: u32 = 0; t < columns; t++) {
    const half: f32 =
      <f32>0.5 * (load<f32>(high + ((<usize>t) << 2)) - load<f32>(low + ((<usize>t) << 2)));
    diagonal += half * half;
  }
  for (let i: u32 = 0; i < lanes; i += 4) {
    let d = f32x4.splat(0);
    for (let t: u32 = 0; t < columns; t++) {
      const middle = f32x4.mul(
        f32x4.splat(0.5),
        f32x4.add(
          v128.load32_splat(low + ((<usize>t) << 2)),
          v128.load32_splat(high + ((<usize>t) << 2)),
        ),
      );
      const a = f32x4.sub(v128.load(list + ((<usize>(t + 1) * width + i) << 2)), middle);
      d = f32x4.add(d, f32x4.mul(a, a));
    }
    v128.store(top + ((<usize>i) << 2), d);
    nearestD = f32x4.pmin(nearestD, d);
    farthestD = f32x4.pmax(farthestD, d);
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
  const slack: f32 =
    nearRoot * 1.4142137 * 1.01 * (sqrt<f32>(most) + sqrt<f32>(diagonal)) + nearAbsolute;
  const kept = top;
  let left: u32 = 0;
  for (let i: u32 = 0; i < lanes; i += 4) {
    let dz = f32x4.splat(0);
    let dc = f32x4.splat(0);
    for (let t: u32 = 0; t < columns; t++) {
      const column = list + ((<usize>(t + 1) * width) << 2);
      const c = v128.load(column + ((<usize>i) << 2));
      const own = v128.load32_splat(column + ((<usize>z) << 2));
      const corner = v128.bitselect(
        v128.load32_splat(high + ((<usize>t) << 2)),
        v128.load32_splat(low + ((<usize>t) << 2)),
        f32x4.gt(c, own),
      );
      const a = f32x4.sub(c, corner);
      const b = f32x4.sub(own, corner);
      dc = f32x4.add(dc, f32x4.mul(a, a));
      dz = f32x4.add(dz, f32x4.mul(b, b));
    }
    const bound = f32x4.add(
      f32x4.mul(f32x4.splat(nearRelative), f32x4.add(dc, dz)),
      f32x4.splat(slack),
    );
    let keep = ~i32x4.bitmask(f32x4.gt(f32x4.sub(dc, dz), bound)) & 15;
    if (i + 4 > m) keep &= (1 << (m - i)) - 1;
    while (keep) {
      const from = i + ctz(keep);
      keep &= keep - 1;
      store<u32>(kept + ((<usize>left) << 2), load<u32>(list + ((<usize>from) << 2)));
      for (let t: u32 = 1; t <= columns; t++)
        store<f32>(
          kept + ((<usize>t * lanes + left) << 2),
          load<f32>(list + ((<usize>t * width + from) << 2)),
        );
      left++;
    }
  }

  if (left == 1) {
    whole(node, load<u32>(kept), before);
    return;
  }
  const right = load<u32>(node, 8);
  store<u32>(node, MIXED, 12);
  if (right == 0) {
    leaf(node, kept, left, lanes, before);
    return;
  }
  for (let i = left; i < ((left + 3) & ~3); i++)
    for (let t: u32 = 1; t <= columns; t++)
      store<f32>(kept + ((<usize>t * lanes + i) << 2), load<f32>(kept + ((<usize>t * lanes) << 2)));
  const free = kept + ((<usize>(columns + 1) * lanes) << 2);
  // the left one comes first, and is done with the arena above before the right one needs it
  later(nodes + <usize>right * nodeBytes, kept, left, lanes, before, free);
  later(node + nodeBytes, kept, left, lanes, before, free);
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

/** Rows one by one, four at a time, among the candidates that are left. */
function leaf(node: usize, list: usize, m: u32, width: u32, before: u32): void {
  const end = load<u32>(node, 4);
  let changed: u32 = 0;
  for (let i = load<u32>(node); i < end; i += 4) {
    let best = f32x4.splat(Infinity);
    let second = f32x4.splat(Infinity);
    let winner = i32x4.splat(0);
    for (let c: u32 = 0; c < m; c++) {
      let d = f32x4.splat(0);
      for (let t: u32 = 0; t < columns; t++) {
        const a = f32x4.sub(
          v128.load(ordered + ((<usize>t * stride + i) << 2)),
          v128.load32_splat(list + ((<usize>(t + 1) * width + c) << 2)),
        );
        d = f32x4.add(d, f32x4.mul(a, a));
      }
      const nearer = f32x4.lt(d, best);
      second = f32x4.pmin(second, f32x4.pmax(best, d));
      best = f32x4.pmin(best, d);
      winner = v128.bitselect(i32x4.splat(c), winner, nearer);
    }
    compared += m;
    const both = f32x4.add(best, second);
    const bound = f32x4.add(
      f32x4.add(
        f32x4.mul(f32x4.splat(nearRelative), both),
        f32x4.mul(f32x4.splat(nearRoot), f32x4.sqrt(both)),
      ),
      f32x4.splat(nearAbsolute),
    );
    const near = ~i32x4.bitmask(f32x4.gt(f32x4.sub(second, best), bound));
    for (let t: u32 = 0; t < columns; t++)
      v128.store(
        steps4 + ((<usize>t) << 4),
        round4(
          f32x4.mul(
            v128.load(ordered + ((<usize>t * stride + i) << 2)),
            v128.load32_splat(sumSteps + ((<usize>t) << 2)),
          ),
        ),
      );
    const inside = min<u32>(4, end - i);
    v128.store(steps4 + ((<usize>columns) << 4), winner);
    for (let lane: u32 = 0; lane < inside; lane++) {
      const row = i + lane;
      let label = load<u32>(
        list + ((<usize>load<u32>(steps4 + ((<usize>columns) << 4) + ((<usize>lane) << 2))) << 2),
      );
      if ((near >> lane) & 1) {
        take(ordered + ((<usize>row) << 2), stride << 2);
        label = nearest(list, m);
      }
      const at = labels + ((<usize>row) << 2);
      const old = before == MIXED ? load<u32>(at) : before;
      changed += u32(old != label);
      store<u32>(at, label);
      const count = counts + ((<usize>label) << 2);
      const sum = sums + <usize>label * columns * 8;
      if (weighted) {
        const weight = load<u32>(orderedWeights + ((<usize>row) << 2));
        store<u32>(count, load<u32>(count) + weight);
        for (let t: u32 = 0; t < columns; t++) {
          const s = sum + ((<usize>t) << 3);
          const p = <i64>load<i32>(steps4 + ((<usize>t) << 4) + ((<usize>lane) << 2));
          store<i64>(s, load<i64>(s) + p * <i64>weight);
        }
      } else {
        store<u32>(count, load<u32>(count) + 1);
        for (let t: u32 = 0; t < columns; t++) {
          const s = sum + ((<usize>t) << 3);
          store<i64>(
            s,
            load<i64>(s) + <i64>load<i32>(steps4 + ((<usize>t) << 4) + ((<usize>lane) << 2)),
          );
        }
      }
    }
  }
  countMoved(changed);
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
