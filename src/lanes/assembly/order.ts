// Spatial order and the tree of boxes, once a session.
//
// Rows are sorted along a space-filling curve: a key of 22 bits, which halve the longest side of the
// cell each, so that columns of any number and of different ranges get the bits they are worth.
// Where more than a leaf of rows share a key (a far outlier takes all the resolution), the stretch
// is sorted again in its own box. The keys' common prefixes are the tree, as in an LBVH (T. Karras,
// "Maximizing Parallelism in the Construction of BVHs, Octrees, and k-d Trees", HPG 2012); a split
// that would leave a splinter is made in the middle instead, which bounds the number of nodes.
//
// All of it is done in calls as short as the host likes: a page has to answer in between.
//
// Nothing here changes a result: the order only decides how many candidates the filter keeps.
//
// Node, 24 + 16·columns bytes, in preorder (the left child follows):
//   start u32 · end u32 · right child u32 or 0 · label of all its rows u32 · ΣW u32 · 0
//   Σ W·p i64 a column · lowest y f32 a column · highest y f32 a column

import { columns, labels, points, rows, sumSteps, weighted, weights } from './lane';
import { reserve, release, used } from './memory';
import { round1, round4 } from './numbers';

/** Most rows of a leaf, and fewest on a side of a split. */
export let leafRows: u32 = 64;
let splinter: u32 = 8;
/** Bits of a sorting pass, and of a key: a cell for every leaf of the most rows that a lane can hold. */
const RADIX: u32 = 11;
const KEY_BITS: u32 = 2 * RADIX;
/** Most bits of a column's cell number. */
const CELL_BITS: u32 = 20;
const CELL_BYTES: u32 = 3;
/** Rows that stay in the first-level cache while column after column is looked at. */
const BLOCK: u32 = 512;

/** Label of a node whose rows do not have one in common. */
export const MIXED: u32 = 0xfffffffe;

/** y by column in the tree's order: column t of row i stands at ordered + (t · stride + i) · 4. */
export let ordered: usize = 0;
export let stride: usize = 0;
/** W in the tree's order, or 0. */
export let orderedWeights: usize = 0;
/** Row number in the caller's order, u32 a row. */
export let rowOf: usize = 0;
export let nodes: usize = 0;
export let nodeBytes: usize = 0;
export let nodeCount: u32 = 0;

/** Pairs of row (low word) and key (high word), and as much room to sort. */
let pairs: usize = 0;
let spare: usize = 0;
let histogram: usize = 0;
/** Lowest y and width of the stretch in hand, and bits given to a column. */
let lowest: usize = 0;
let width: usize = 0;
let bits: usize = 0;
/** Where in the key a column's bits stand, u8 a bit, and the same for whole bytes of a cell number. */
let places: usize = 0;
let table: usize = 0;

/** What is done at the moment, of the rows or nodes from `done` on; those before Split sort a stretch. */
const enum Phase {
  Measure,
  Keys,
  CountLow,
  MoveLow,
  CountHigh,
  MoveHigh,
  Split,
  Gather,
  Fill,
  Ready,
}
let phase: Phase = Phase.Ready;
let done: u32 = 0;
/** Rows [start, end) of the stretch that is sorted. */
let stretch: u32 = 0;
let stretchEnd: u32 = 0;
/** What is in use before all of it, and before the pairs. */
let before: usize = 0;
let mark: usize = 0;
/** Topology before there are nodes: start, end, right child. */
let shape: usize = 0;
/** Stretches that wait for being split, and their end: start, end, sorted by their own box, parent. */
let stack: usize = 0;
let waiting: usize = 0;
const ENTRY: usize = 16;

/**
 * Room to sort the rows and build the tree, which `order` does; nothing where there is a tree. The
 * points must be on the grid.
 */
export function openOrder(): void {
  if (nodeCount > 0) return;
  before = used();
  // a node for fewer rows would take as much room as they do
  leafRows = columns > 8 ? 128 : 64;
  splinter = leafRows >> 3;
  stride = (<usize>rows + 7) & ~3;
  nodeBytes = 24 + 16 * <usize>columns;
  ordered = reserve(stride * columns * 4);
  if (weighted) orderedWeights = reserve(stride * 4);
  rowOf = labels + stride * 4;
  lowest = reserve(<usize>columns * 4);
  width = reserve(<usize>columns * 4);
  bits = reserve(<usize>columns * 4);
  places = reserve(<usize>columns * CELL_BITS);
  table = reserve((<usize>columns * CELL_BYTES) << 10);
  histogram = reserve(4 << RADIX);
  // nodes are counted before they are made, and come after everything that is given back
  mark = used();
  pairs = reserve((<usize>rows + 4) * 8);
  spare = labels; // and rowOf behind them: neither is needed before the sorting is done
  shape = reserve((<usize>rows / splinter + 2) * 2 * 12);
  for (let i: u32 = 0; i < rows; i++) store<u64>(pairs + ((<usize>i) << 3), i);
  nodeCount = 0;
  stack = reserve(ENTRY);
  waiting = stack;
  later(0, rows, false, 0);
  sort(0, rows);
}

/** Gives back the room of the tree, if there is one, and all that was reserved after it. */
export function dropTree(): void {
  if (nodeCount == 0) return;
  nodeCount = 0;
  phase = Phase.Ready;
  release(before);
}

/** Goes on for about so many numbers looked at; 1 where there is more to do. */
export function order(most: u32): u32 {
  let left = <i64>most;
  while (phase != Phase.Ready) {
    if (left <= 0) return 1;
    left -= <i64>goOn(<u32>max<i64>(1, left / columns)) * columns;
  }
  return 0;
}

/** Does some of the present phase, for so many rows at most; for how many it was. */
function goOn(most: u32): u32 {
  if (phase == Phase.Split) {
    // until a stretch has to be sorted again
    let nodes: u32 = 0;
    for (; phase == Phase.Split && nodes < most; nodes++) {
      if (waiting == stack) next(Phase.Gather);
      else splitNext();
    }
    return nodes;
  }
  const from = done;
  if (phase == Phase.Gather) {
    done = min(rows, from + most);
    gather(from, done);
    const moved = done - from;
    if (done == rows) {
      makeNodes();
      next(Phase.Fill);
    }
    return moved;
  }
  if (phase == Phase.Fill) {
    done = min(nodeCount, from + max<u32>(1, most / leafRows));
    // the last node first: children come before their parents
    for (let n = from; n < done; n++) fill(nodeCount - 1 - n);
    const filled = (done - from) * leafRows;
    if (done == nodeCount) next(Phase.Ready);
    return filled;
  }
  const size = stretchEnd - stretch;
  done = min(size, from + most);
  sortRows(pairs + ((<usize>(stretch + from)) << 3), done - from);
  const sorted = done - from;
  if (done == size) sortNext();
  return sorted;
}

function next(to: Phase): void {
  phase = to;
  done = 0;
}

/** Begins to give a stretch keys of its own box, and to sort it by them. */
function sort(start: u32, end: u32): void {
  stretch = start;
  stretchEnd = end;
  for (let t: u32 = 0; t < columns; t++) {
    store<f32>(lowest + (<usize>t << 2), Infinity);
    store<f32>(width + (<usize>t << 2), -Infinity);
    store<u32>(bits + (<usize>t << 2), 0);
  }
  next(Phase.Measure);
}

/** The present phase for some rows of the stretch. */
function sortRows(from: usize, size: u32): void {
  if (phase == Phase.Measure) measure(from, size);
  else if (phase == Phase.Keys) keys(from, size);
  else if (phase == Phase.CountLow) count(from, size, 32);
  else if (phase == Phase.MoveLow) move(from, size, 32);
  else {
    // the pairs are in the spare room
    from += spare - pairs;
    if (phase == Phase.CountHigh) count(from, size, 32 + RADIX);
    else move(from, size, 32 + RADIX);
  }
}

/** What comes between a phase of sorting and the next. */
function sortNext(): void {
  const offset = (<usize>stretch) << 3;
  if (phase == Phase.Measure) {
    for (let t: u32 = 0; t < columns; t++) {
      const at = width + (<usize>t << 2);
      store<f32>(at, load<f32>(at) - load<f32>(lowest + (<usize>t << 2)));
    }
    // rows that are all the same stay as they are
    next(share() == 0 ? Phase.Split : Phase.Keys);
    return;
  }
  if (phase == Phase.Keys || phase == Phase.MoveLow) memory.fill(histogram, 0, 4 << RADIX);
  else if (phase == Phase.CountLow) findPlaces(spare + offset);
  else if (phase == Phase.CountHigh) findPlaces(pairs + offset);
  next(phase + 1);
}

function later(start: u32, end: u32, sorted: bool, parent: usize): void {
  // nothing else is reserved while the stack grows
  if (waiting + ENTRY > used()) reserve(64 * ENTRY);
  store<u32>(waiting, start);
  store<u32>(waiting, end, 4);
  store<u32>(waiting, sorted, 8);
  store<u32>(waiting, parent, 12);
  waiting += ENTRY;
}

/** Makes a node of the stretch that has waited least, and stretches of its halves. */
function splitNext(): void {
  const entry = waiting - ENTRY;
  const start = load<u32>(entry);
  const end = load<u32>(entry, 4);
  const sorted = load<u32>(entry, 8) != 0;
  const parent = <usize>load<u32>(entry, 12);
  const size = end - start;
  const first = load<u32>(pairs + ((<usize>start) << 3), 4);
  const last = load<u32>(pairs + ((<usize>(end - 1)) << 3), 4);
  if (first == last && !sorted && size > 4 * leafRows) {
    store<u32>(entry, 1, 8);
    sort(start, end);
    return;
  }
  waiting = entry;
  const at = shape + <usize>nodeCount * 12;
  store<u32>(at, start);
  store<u32>(at, end, 4);
  store<u32>(at, 0, 8);
  if (parent != 0) store<u32>(parent, nodeCount, 8);
  nodeCount++;
  if (size <= leafRows) return;
  let middle = start + (size >> 1);
  if (first != last) {
    // first row with the highest bit in which the keys differ
    const prefix = clz<u32>(first ^ last);
    const border = (last >>> (31 - prefix)) << (31 - prefix);
    let low = start;
    let high = end - 1;
    while (low < high) {
      const probe = (low + high) >>> 1;
      if (load<u32>(pairs + ((<usize>probe) << 3), 4) < border) low = probe + 1;
      else high = probe;
    }
    if (low - start >= splinter && end - low >= splinter) middle = low;
  }
  // the left one is its parent's neighbour, and comes first
  later(middle, end, first == last, at);
  later(start, middle, first == last, 0);
}

/** Nodes of the shape, in the room of the pairs. */
function makeNodes(): void {
  // the shape moves down to where the nodes will be: it is shorter than they are, so copy it out first
  const shapeBytes = <usize>nodeCount * 12;
  memory.copy(pairs, shape, shapeBytes);
  release(mark + ((shapeBytes + 63) & ~63));
  nodes = reserve(<usize>nodeCount * nodeBytes);
  for (let n: u32 = 0; n < nodeCount; n++) {
    const from = mark + <usize>n * 12;
    const node = nodes + <usize>n * nodeBytes;
    store<u32>(node, load<u32>(from));
    store<u32>(node, load<u32>(from, 4), 4);
    store<u32>(node, load<u32>(from, 8), 8);
    store<u32>(node, MIXED, 12);
  }
}

/** Ends of each column; for the time being the highest number stands where the width will. */
function measure(from: usize, size: u32): void {
  for (let start: u32 = 0; start < size; start += BLOCK) {
    const end = min(size, start + BLOCK);
    for (let t: u32 = 0; t < columns; t++) {
      let low = load<f32>(lowest + (<usize>t << 2));
      let high = load<f32>(width + (<usize>t << 2));
      for (let i = start; i < end; i++) {
        const row = load<u32>(from + (<usize>i << 3));
        const y = load<f32>(points + (<usize>(row * columns + t) << 2));
        low = min(low, y);
        high = max(high, y);
      }
      store<f32>(lowest + (<usize>t << 2), low);
      store<f32>(width + (<usize>t << 2), high);
    }
  }
}

/**
 * Gives each key bit, highest first, to the column whose cell is longest then, and tabulates what a
 * byte of a column's cell number makes of the key; returns how many bits were given.
 */
function share(): u32 {
  let given: u32 = 0;
  for (; given < KEY_BITS; given++) {
    let longest: f32 = 0;
    let chosen: u32 = 0;
    for (let t: u32 = 0; t < columns; t++) {
      const own = load<u32>(bits + (<usize>t << 2));
      if (own >= CELL_BITS) continue;
      const cell = load<f32>(width + (<usize>t << 2)) / <f32>(1 << own);
      if (cell > longest) {
        longest = cell;
        chosen = t;
      }
    }
    if (longest <= 1e-30) break;
    const own = load<u32>(bits + (<usize>chosen << 2));
    // place of the column's bit number `own`, counted from its top, in the key
    store<u8>(places + chosen * CELL_BITS + own, <u8>(KEY_BITS - 1 - given));
    store<u32>(bits + (<usize>chosen << 2), own + 1);
  }
  for (let t: u32 = 0; t < columns; t++) {
    const own = load<u32>(bits + (<usize>t << 2));
    for (let byte: u32 = 0; byte << 3 < own; byte++)
      for (let value: u32 = 0; value < 1 << min<u32>(8, own - (byte << 3)); value++) {
        let key: u32 = 0;
        for (let bit: u32 = 0; bit < 8; bit++) {
          const n = (byte << 3) + bit; // counted from the lowest
          if (n < own && (value >> bit) & 1)
            key |= 1 << load<u8>(places + t * CELL_BITS + own - 1 - n);
        }
        store<u32>(table + (<usize>((t * CELL_BYTES + byte) << 8) << 2) + (<usize>value << 2), key);
      }
  }
  return given;
}

function keys(from: usize, size: u32): void {
  for (let start: u32 = 0; start < size; start += BLOCK) {
    const end = min(size, start + BLOCK);
    for (let i = start; i < end; i++) store<u32>(from + (<usize>i << 3), 0, 4);
    for (let t: u32 = 0; t < columns; t++) {
      const own = load<u32>(bits + (<usize>t << 2));
      if (own == 0) continue;
      const low = load<f32>(lowest + (<usize>t << 2));
      const steps = <f32>(1 << own);
      const scale = steps / load<f32>(width + (<usize>t << 2));
      const most = (1 << own) - 1;
      const entries = table + (<usize>((t * CELL_BYTES) << 8) << 2);
      for (let i = start; i < end; i++) {
        const at = from + (<usize>i << 3);
        const y = load<f32>(points + (<usize>(load<u32>(at) * columns + t) << 2));
        const cell = min<u32>(<u32>((y - low) * scale), most);
        let key = load<u32>(at, 4) | load<u32>(entries + (<usize>(cell & 255) << 2));
        if (own > 8) key |= load<u32>(entries + 1024 + (<usize>((cell >> 8) & 255) << 2));
        if (own > 16) key |= load<u32>(entries + 2048 + (<usize>(cell >> 16) << 2));
        store<u32>(at, key, 4);
      }
    }
  }
}

/** How many pairs have which bits of the key, from `shift` on. */
function count(from: usize, size: u32, shift: u64): void {
  const end = from + ((<usize>size) << 3);
  for (let at = from; at < end; at += 8) {
    const slot = slotOf(load<u64>(at), shift);
    store<u32>(slot, load<u32>(slot) + 1);
  }
}

/** Where the first pair of each kind goes. */
function findPlaces(to: usize): void {
  for (let slot = histogram; slot < histogram + (4 << RADIX); slot += 4) {
    const size = load<u32>(slot);
    store<u32>(slot, <u32>to);
    to += (<usize>size) << 3;
  }
}

/** Moves pairs to their places; equal ones stay in order. */
function move(from: usize, size: u32, shift: u64): void {
  const end = from + ((<usize>size) << 3);
  for (let at = from; at < end; at += 8) {
    const pair = load<u64>(at);
    const slot = slotOf(pair, shift);
    const place = <usize>load<u32>(slot);
    store<u32>(slot, <u32>place + 8);
    store<u64>(place, pair);
  }
}

// @ts-ignore: decorator
@inline
function slotOf(pair: u64, shift: u64): usize {
  return histogram + ((<usize>((<u32>(pair >> shift)) & ((1 << RADIX) - 1))) << 2);
}

function gather(from: u32, to: u32): void {
  const step = stride << 2;
  for (let i = from; i < to; i++) {
    const row = load<u32>(pairs + ((<usize>i) << 3));
    store<u32>(rowOf + ((<usize>i) << 2), row);
    if (weighted)
      store<u32>(orderedWeights + ((<usize>i) << 2), load<u32>(weights + ((<usize>row) << 2)));
    let y = points + <usize>row * columns * 4;
    let at = ordered + ((<usize>i) << 2);
    for (let t: u32 = 0; t < columns; t++) {
      store<f32>(at, load<f32>(y));
      y += 4;
      at += step;
    }
  }
}

/** Box and sums of a node, from its rows or its children. */
function fill(n: u32): void {
  const node = nodes + <usize>n * nodeBytes;
  const sums = node + 24;
  const low = sums + 8 * <usize>columns;
  const high = low + 4 * <usize>columns;
  const right = load<u32>(node, 8);
  if (right == 0) {
    const start = load<u32>(node);
    const end = load<u32>(node, 4);
    let weight: u32 = end - start;
    if (weighted) {
      weight = 0;
      for (let i = start; i < end; i++) weight += load<u32>(orderedWeights + ((<usize>i) << 2));
    }
    store<u32>(node, weight, 16);
    for (let t: u32 = 0; t < columns; t++) {
      const column = ordered + ((<usize>t * stride) << 2);
      const steps = load<f32>(sumSteps + ((<usize>t) << 2));
      let lows = f32x4.splat(Infinity);
      let highs = f32x4.splat(-Infinity);
      let both = i64x2.splat(0);
      let i = start;
      if (!weighted)
        for (; i + 4 <= end; i += 4) {
          const y = v128.load(column + ((<usize>i) << 2));
          lows = f32x4.pmin(lows, y);
          highs = f32x4.pmax(highs, y);
          const p = round4(f32x4.mul(y, f32x4.splat(steps)));
          both = i64x2.add(both, i64x2.extend_low_i32x4_s(p));
          both = i64x2.add(both, i64x2.extend_high_i32x4_s(p));
        }
      let lo = min(
        min(f32x4.extract_lane(lows, 0), f32x4.extract_lane(lows, 1)),
        min(f32x4.extract_lane(lows, 2), f32x4.extract_lane(lows, 3)),
      );
      let hi = max(
        max(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1)),
        max(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3)),
      );
      let sum = i64x2.extract_lane(both, 0) + i64x2.extract_lane(both, 1);
      for (; i < end; i++) {
        const y = load<f32>(column + ((<usize>i) << 2));
        lo = min(lo, y);
        hi = max(hi, y);
        const p = <i64>round1(y * steps);
        sum += weighted ? p * <i64>load<u32>(orderedWeights + ((<usize>i) << 2)) : p;
      }
      store<i64>(sums + ((<usize>t) << 3), sum);
      store<f32>(low + ((<usize>t) << 2), lo);
      store<f32>(high + ((<usize>t) << 2), hi);
    }
    return;
  }
  const a = node + nodeBytes;
  const b = nodes + <usize>right * nodeBytes;
  store<u32>(node, load<u32>(a, 16) + load<u32>(b, 16), 16);
  for (let t: u32 = 0; t < columns; t++) {
    const s: usize = 24 + ((<usize>t) << 3);
    const l: usize = 24 + 8 * <usize>columns + ((<usize>t) << 2);
    const h = l + 4 * <usize>columns;
    store<i64>(node + s, load<i64>(a + s) + load<i64>(b + s));
    store<f32>(node + l, min(load<f32>(a + l), load<f32>(b + l)));
    store<f32>(node + h, max(load<f32>(a + h), load<f32>(b + h)));
  }
}
