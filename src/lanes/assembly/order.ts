// Spatial order and the tree of boxes, once a session.
//
// Rows are sorted along a space-filling curve: a 32-bit key, whose bits halve the longest side of
// the cell each, so that columns of any number and of different ranges get the bits they are worth.
// Where more than a leaf of rows share a key (a far outlier takes all the resolution), the stretch
// is sorted again in its own box. The keys' common prefixes are the tree, as in an LBVH (T. Karras,
// "Maximizing Parallelism in the Construction of BVHs, Octrees, and k-d Trees", HPG 2012); a split
// that would leave a splinter is made in the middle instead, which bounds the number of nodes.
//
// Nothing here changes a result: the order only decides how many candidates the filter keeps.
//
// Node, 24 + 16·columns bytes, in preorder (the left child follows):
//   start u32 · end u32 · right child u32 or 0 · label of all its rows u32 · ΣW u32 · 0
//   Σ W·p i64 a column · lowest y f32 a column · highest y f32 a column

import { columns, labels, points, rows, sumSteps, weighted, weights } from './lane';
import { reserve, release, used } from './memory';
import { round1 } from './numbers';

/** Most rows of a leaf, and fewest on a side of a split. */
const LEAF: u32 = 64;
const SPLINTER: u32 = 8;
const KEY_BITS: u32 = 32;
const RADIX: u32 = 11;
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

/** Sorts the rows and builds the tree. The points must be on the grid. */
export function order(): void {
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
  const mark = used();
  pairs = reserve((<usize>rows + 4) * 8);
  spare = labels; // and rowOf behind them: neither is needed before the sorting is done
  for (let i: u32 = 0; i < rows; i++) store<u64>(pairs + ((<usize>i) << 3), i);
  sortStretch(0, rows);
  shape = reserve((<usize>rows / SPLINTER + 2) * 2 * 12);
  nodeCount = 0;
  split(0, rows, false);
  gather();
  // the shape moves down to where the nodes will be: it is shorter than they are, so copy it out first
  const shapeBytes = <usize>nodeCount * 12;
  memory.copy(pairs, shape, shapeBytes);
  release(mark + ((shapeBytes + 63) & ~63));
  const flat = mark;
  nodes = reserve(<usize>nodeCount * nodeBytes);
  for (let n: u32 = 0; n < nodeCount; n++) {
    const from = flat + <usize>n * 12;
    const node = nodes + <usize>n * nodeBytes;
    store<u32>(node, load<u32>(from));
    store<u32>(node, load<u32>(from, 4), 4);
    store<u32>(node, load<u32>(from, 8), 8);
    store<u32>(node, MIXED, 12);
  }
  for (let n = nodeCount; n > 0; n--) fill(n - 1);
}

/** Before the memory of the tree is given back. */
export function dropTree(): void {
  nodeCount = 0;
}

/** Topology before there are nodes: start, end, right child. */
let shape: usize = 0;

function split(start: u32, end: u32, resorted: bool): void {
  const own = nodeCount++;
  const at = shape + <usize>own * 12;
  store<u32>(at, start);
  store<u32>(at, end, 4);
  store<u32>(at, 0, 8);
  const size = end - start;
  if (size <= LEAF) return;
  let first = load<u32>(pairs + ((<usize>start) << 3), 4);
  let last = load<u32>(pairs + ((<usize>(end - 1)) << 3), 4);
  if (first == last && !resorted && size > 4 * LEAF && sortStretch(start, end)) {
    first = load<u32>(pairs + ((<usize>start) << 3), 4);
    last = load<u32>(pairs + ((<usize>(end - 1)) << 3), 4);
  }
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
    if (low - start >= SPLINTER && end - low >= SPLINTER) middle = low;
  }
  split(start, middle, first == last);
  store<u32>(at, nodeCount, 8);
  split(middle, end, first == last);
}

/** Keys and order of a stretch in its own box. False where its rows are all the same. */
function sortStretch(start: u32, end: u32): bool {
  const from = pairs + ((<usize>start) << 3);
  const size = end - start;
  measure(from, size);
  if (share() == 0) return false;
  keys(from, size);
  const to = spare + ((<usize>start) << 3);
  radixPass(from, to, size, 32, RADIX);
  radixPass(to, from, size, 32 + RADIX, RADIX);
  radixPass(from, to, size, 32 + 2 * RADIX, KEY_BITS - 2 * RADIX);
  memory.copy(from, to, (<usize>size) << 3);
  return true;
}

function measure(from: usize, size: u32): void {
  for (let t: u32 = 0; t < columns; t++) {
    store<f32>(lowest + (<usize>t << 2), Infinity);
    store<f32>(width + (<usize>t << 2), -Infinity);
    store<u32>(bits + (<usize>t << 2), 0);
  }
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
  for (let t: u32 = 0; t < columns; t++) {
    const at = width + (<usize>t << 2);
    store<f32>(at, load<f32>(at) - load<f32>(lowest + (<usize>t << 2)));
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
      for (let value: u32 = 0; value < 256; value++) {
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

/** One stable pass over `width` bits from `shift` of the pairs. */
function radixPass(from: usize, to: usize, size: u32, shift: u32, width: u32): void {
  const mask = (1 << width) - 1;
  memory.fill(histogram, 0, (<usize>4) << width);
  const end = from + ((<usize>size) << 3);
  for (let at = from; at < end; at += 8) {
    const slot = histogram + ((<usize>((<u32>(load<u64>(at) >> shift)) & mask)) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  let total: u32 = 0;
  for (let slot = histogram; slot < histogram + ((<usize>4) << width); slot += 4) {
    const count = load<u32>(slot);
    store<u32>(slot, total);
    total += count;
  }
  for (let at = from; at < end; at += 8) {
    const pair = load<u64>(at);
    const slot = histogram + ((<usize>((<u32>(pair >> shift)) & mask)) << 2);
    const place = load<u32>(slot);
    store<u32>(slot, place + 1);
    store<u64>(to + ((<usize>place) << 3), pair);
  }
}

function gather(): void {
  for (let i: u32 = 0; i < rows; i++) {
    const row = load<u32>(pairs + ((<usize>i) << 3));
    store<u32>(rowOf + ((<usize>i) << 2), row);
    if (weighted)
      store<u32>(orderedWeights + ((<usize>i) << 2), load<u32>(weights + ((<usize>row) << 2)));
    const from = points + <usize>row * columns * 4;
    for (let t: u32 = 0; t < columns; t++)
      store<f32>(ordered + ((<usize>t * stride + i) << 2), load<f32>(from + ((<usize>t) << 2)));
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
      let lo: f32 = Infinity;
      let hi: f32 = -Infinity;
      let sum: i64 = 0;
      for (let i = start; i < end; i++) {
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
