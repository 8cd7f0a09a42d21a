// How far rows are from the nearest of the centres chosen so far: the passes of seeding over a shard.
// Twin: src/distances.ts.
//
// A distance D is an integer, so that sums do not depend on their order, and rows that cannot matter
// may be left out. Which ones: a centre is compared in f32 first, eight rows at a time, and only where
// it may be nearer than all before, with the error bound below, the distance is worked out as the
// twin does, in f64. With few columns rows stand in the order of the tree, whose boxes are met first.
//
// Limit of a row, f32: what a distance in f32 must not exceed for D to be below the row's. Direct form,
// all terms ≥ 0: the error is below (columns + 3) · 2^−24 of the distance, for boxes as well.
//
// Limits stand where labels will, which nobody needs before iterations begin; a node keeps the greatest
// of its rows at offset 20. Where the nearest centre of each row is wanted, its number stands there, and
// limits are worked out again from D.
//
// Without a tree, a row is left out of a trial if its nearest centre is more than twice as far from all
// that are tried as from the row (the triangle inequality; E. Raff, "Exact Acceleration of K-Means++ and
// K-Means‖", IJCAI 2021). Those that remain are taken eight at a time.

import { stir } from './hash';
import { columns, labels, packed, points, rows, weighted, weights } from './lane';
import { release, reserve, used } from './memory';
import { nodeBytes, nodeCount, nodes, openOrder, ordered, rowOf, stride } from './order';

/** Rows whose ΣW·D is kept. */
const STRETCH_BITS: u32 = 12;
/** Rows of a subtree that is visited in one go. */
const SUBTREE_ROWS: u32 = 8192;
const LIMB: u64 = (1 << 21) - 1;
/** D of a row before there is a centre: more than any. */
const FARTHEST: f64 = 9223372036854775808.0; // 2^63
/** No distance is below it: rows that do not take part, or coincide with a centre. */
const NEVER: f32 = -1;

/** Rows that take part: those in the list, or all. */
let members: u32 = 0;
let list: usize = 0;
/** Those in the shards before. */
let firstMember: u32 = 0;
let tree: bool = false;
let mark: usize = 0;
/** D of each, f64. */
let nearest: usize = 0;
/** Whether labels are the numbers of the nearest centres, and not limits. */
let owned: bool = false;
/** Up to eight rows in hand: their limits, f32, addresses and places, u32. */
let inHand: usize = 0;
/** Limits of eight rows that are looked at. */
let worked: usize = 0;
let held: u32 = 0;
/**
 * Centres kept so far, row-major, as many as there is room for; and what a row's limit must exceed for
 * the row to be tried, by its nearest centre. All others have number `room`. Without a tree or owners.
 */
let kept: usize = 0;
let room: u32 = 0;
let reach: usize = 0;
let triangle: bool = false;
/** u32 a place. */
let nearestKept: usize = 0;
/** ΣW·D of each stretch of rows, in three limbs of 21 bits, f64 each. */
let stretches: usize = 0;
/** What each centre in hand would take off ΣW·D, the same way. */
let gains: usize = 0;
/** Centres in hand, f32: row-major; and in fours, [four][column][4]. */
let centres: usize = 0;
let fours: usize = 0;
/** Which centres in hand are nearer to a row of a block of eight, a bit each: where there is no tree. */
let marks: usize = 0;
/** Eight rows, [column][8]. */
let eight: usize = 0;
/** Of D in 1. */
let units: f64 = 0;
let inflation: f64 = 0;

/** Centres in hand, and whether they are kept or only tried. */
let count: u32 = 0;
let firstCentre: u32 = 0;
let keeps: bool = false;
/** Only the blocks that have this mark, or 0: all. */
let marked: u32 = 0;
/** The pass under way: node or block, centre, work done in this call. */
let cursor: u32 = 0;
let centre: u32 = 0;
let spent: u64 = 0;

/** Begins to make a tree, as `openOrder` does; unless packed points take its room. */
export function openSeedTree(): void {
  if (packed == 0) openOrder();
}

/**
 * Whose distances: `members_` rows, all or those of a list, with `firstMember_` of them in the shards
 * before. A tree is used where there is one, if `treed`: only of all rows, with their own weights.
 */
export function openSeed(
  members_: u32,
  firstMember_: u32,
  listed: bool,
  reweighted: bool,
  treed: bool,
  owned_: bool,
): void {
  mark = used();
  tree = treed && nodeCount > 0;
  members = members_;
  firstMember = firstMember_;
  list = listed ? reserve(<usize>members * 4) : 0;
  memberWeights = reweighted ? reserve(<usize>members * 4) : 0;
  nearest = reserve(<usize>members * 8);
  owned = owned_;
}

/** Then: room for `centres_` centres in all, `most` in hand. */
export function reserveSeed(centres_: u32, most: u32, units_: f64): void {
  units = units_;
  inflation = 1.0 + <f64>(columns + 8) * 1.1920928955078125e-7; // 2^−23
  worked = reserve(32);
  inHand = reserve(96);
  held = 0;
  triangle = !tree && !owned;
  room = triangle ? centres_ : 0;
  kept = reserve(<usize>room * columns * 4);
  reach = reserve((<usize>room + 8) * 4);
  // a tree's order stands behind the labels
  nearestKept = nodeCount == 0 ? labels + ((<usize>rows + 8) << 2) : triangle ? reserve(<usize>members * 4) : 0;
  stretches = reserve(<usize>stretchCount() * 24);
  gains = reserve(<usize>most * 24);
  centres = reserve(<usize>most * columns * 4);
  fours = reserve((<usize>most + 3) * columns * 4);
  marks = tree ? 0 : reserve(((<usize>members + 7) >> 3) * 4);
  eight = reserve(<usize>columns * 32);
}

/** Gives back all room. */
export function closeSeed(): void {
  if (mark == 0) return;
  release(mark);
  mark = 0;
}

export function seedListAt(): usize {
  return list;
}
export function seedWeightsAt(): usize {
  return memberWeights;
}
export function seedNearestAt(): usize {
  return nearest;
}
export function seedStretchesAt(): usize {
  return stretches;
}
export function seedGainsAt(): usize {
  return gains;
}
export function seedCentresAt(): usize {
  return centres;
}

// @ts-ignore: decorator
@inline
function stretchOf(place: u32): u32 {
  return ((firstMember + place) >> STRETCH_BITS) - (firstMember >> STRETCH_BITS);
}

function stretchCount(): u32 {
  return members == 0 ? 0 : stretchOf(members - 1) + 1;
}

/** W of the members where they have other weights than the rows, u32; or 0. */
let memberWeights: usize = 0;

/** The row at a place. */
// @ts-ignore: decorator
@inline
function rowAt(place: u32): u32 {
  return list ? load<u32>(list + (<usize>place << 2)) : place;
}

// @ts-ignore: decorator
@inline
function weightAt(place: u32): u64 {
  if (memberWeights) return <u64>load<u32>(memberWeights + (<usize>place << 2));
  return weighted ? <u64>load<u32>(weights + (<usize>rowAt(place) << 2)) : 1;
}

/** Adds W · (a − b), limb by limb. */
// @ts-ignore: decorator
@inline
function addMass(to: usize, a: u64, b: u64, weight: i64): void {
  store<f64>(to, load<f64>(to) + <f64>(weight * (<i64>(a & LIMB) - <i64>(b & LIMB))));
  store<f64>(
    to,
    load<f64>(to, 8) + <f64>(weight * (<i64>((a >> 21) & LIMB) - <i64>((b >> 21) & LIMB))),
    8,
  );
  store<f64>(to, load<f64>(to, 16) + <f64>(weight * (<i64>(a >> 42) - <i64>(b >> 42))), 16);
}

/** Begins without a centre. The list and its weights must be there. */
export function startSeed(): void {
  memory.fill(stretches, 0, <usize>stretchCount() * 24);
  memory.fill(nearest, 0, <usize>members * 8);
  for (let i: u32 = 0; i < members; i++) {
    const weight = weightAt(i);
    if (weight == 0) continue;
    store<f64>(nearest + (<usize>i << 3), FARTHEST);
    addMass(stretches + <usize>stretchOf(i) * 24, <u64>FARTHEST, 0, weight);
  }
  if (triangle)
    for (let i: u32 = 0; i < members; i++) store<u32>(nearestKept + (<usize>i << 2), room);
  if (owned) memory.fill(labels, 0, <usize>members * 4);
  else for (let i: u32 = 0; i < members; i++) store<f32>(labels + (<usize>i << 2), limitOf(i));
  if (!tree) return;
  for (let n = nodeCount; n > 0; n--) {
    const node = nodes + <usize>(n - 1) * nodeBytes;
    const right = load<u32>(node, 8);
    const limit =
      right == 0
        ? greatest(load<u32>(node), load<u32>(node, 4))
        : max(load<f32>(node + nodeBytes, 20), load<f32>(nodes + <usize>right * nodeBytes, 20));
    store<f32>(node, limit, 20);
  }
}

/** The place of the row that is i-th in the order of limits. */
// @ts-ignore: decorator
@inline
function placeAt(i: u32): u32 {
  return tree ? load<u32>(rowOf + (<usize>i << 2)) : i;
}

/** What D, which was rounded down, leaves as the limit of the i-th row. */
function limitOf(i: u32): f32 {
  const distance = load<f64>(nearest + (<usize>placeAt(min(i, members - 1)) << 3));
  if (distance == 0) return NEVER;
  return distance == FARTHEST ? Infinity : <f32>(((distance + 1.0) / units) * inflation);
}

/** Where the limits of eight rows stand. */
function limitsFrom(i: u32): usize {
  if (!owned) return labels + (<usize>i << 2);
  for (let r: u32 = 0; r < 8; r++) store<f32>(worked + (<usize>r << 2), limitOf(i + r));
  return worked;
}

function greatest(start: u32, end: u32): f32 {
  let limit: f32 = NEVER;
  for (let i = start; i < end; i++)
    limit = max(limit, owned ? limitOf(i) : load<f32>(labels + (<usize>i << 2)));
  return limit;
}

/** Takes the `count_` centres that were written in hand, to try or to keep them. */
export function beginSeed(count_: u32, firstCentre_: u32, keeps_: bool): void {
  count = count_;
  firstCentre = firstCentre_;
  keeps = keeps_;
  marked = 0;
  cursor = 0;
  centre = 0;
  held = 0;
  memory.fill(gains, 0, <usize>count * 24);
  for (let j: u32 = 0; j < ((count + 3) & ~3); j++)
    for (let t: u32 = 0; t < columns; t++)
      store<f32>(
        fours + ((<usize>((j >> 2) * columns + t)) << 4) + (<usize>(j & 3) << 2),
        load<f32>(centres + (<usize>(min(j, count - 1) * columns + t) << 2)),
      );
  if (tree) return;
  if (!keeps) memory.fill(marks, 0, ((<usize>members + 7) >> 3) << 2);
  if (!triangle) return;
  if (!keeps) return measure();
  for (let j: u32 = 0; j < count && firstCentre + j < room; j++)
    memory.copy(
      kept + <usize>(firstCentre + j) * (<usize>columns << 2),
      centres + <usize>j * (<usize>columns << 2),
      <usize>columns << 2,
    );
}

/** How far each centre so far is from the nearest of those in hand. */
function measure(): void {
  const known = min(firstCentre, room);
  const bytes = <usize>columns << 2;
  for (let i: u32 = 0; i < known; i += 8) {
    for (let r: u32 = 0; r < 8; r++) {
      store<u32>(inHand + (<usize>r << 2), <u32>(kept + <usize>min(i + r, known - 1) * bytes), 32);
      store<f32>(inHand + (<usize>r << 2), Infinity);
    }
    meet(true);
    const quarter = f32x4.splat(<f32>(0.25 / (inflation * inflation)));
    v128.store(reach + (<usize>i << 2), f32x4.mul(v128.load(inHand), quarter));
    v128.store(reach + (<usize>i << 2), f32x4.mul(v128.load(inHand, 16), quarter), 16);
  }
  store<f32>(reach + (<usize>room << 2), 0);
}

/** Takes one of the centres that were tried last, to keep it. */
export function takeSeed(tried: u32, firstCentre_: u32): void {
  const bytes = <usize>columns << 2;
  memory.copy(centres, centres + tried * bytes, bytes);
  beginSeed(1, firstCentre_, true);
  marked = 1 << tried;
}

/** Goes on with the pass; 1 where the work allowed (rows × columns looked at) did not suffice. */
export function passSeed(allowed: f64): u32 {
  const limit = <u64>allowed;
  spent = 0;
  if (!tree) {
    const blocks = (members + 7) >> 3;
    for (; cursor < blocks && spent <= limit; cursor++) collect(cursor << 3);
    if (cursor < blocks) return 1;
    meetHeld();
    return 0;
  }
  while (cursor < nodeCount) {
    const node = nodes + <usize>cursor * nodeBytes;
    if (load<u32>(node, 8) != 0 && load<u32>(node, 4) - load<u32>(node) > SUBTREE_ROWS) {
      cursor++; // its children follow
      continue;
    }
    for (; centre < count; centre++) {
      if (spent > limit) return 1;
      visit(cursor);
    }
    centre = 0;
    // behind the last leaf of the subtree
    let right = load<u32>(node, 8);
    while (right != 0) {
      cursor = right;
      right = load<u32>(nodes + <usize>cursor * nodeBytes, 8);
    }
    cursor++;
  }
  return 0;
}

/** A subtree and the centre; returns the greatest limit in it. */
function visit(n: u32): f32 {
  const node = nodes + <usize>n * nodeBytes;
  const limit = load<f32>(node, 20);
  const c = centres + ((<usize>centre * columns) << 2);
  const low = node + 24 + 8 * <usize>columns;
  const high = low + 4 * <usize>columns;
  let sum: f32 = 0;
  for (let t: usize = 0; t < (<usize>columns << 2); t += 4) {
    const value = load<f32>(c + t);
    const gap = max<f32>(max<f32>(load<f32>(low + t) - value, value - load<f32>(high + t)), 0);
    sum += gap * gap;
  }
  spent += 2 * columns;
  if (sum > limit) return limit;
  const right = load<u32>(node, 8);
  let now: f32;
  if (right == 0) {
    const start = load<u32>(node);
    const end = load<u32>(node, 4);
    for (let i = start; i < end; i += 8) sparse(i, end - i);
    now = keeps ? greatest(start, end) : limit;
  } else {
    const left = visit(n + 1);
    now = max(left, visit(right));
  }
  if (keeps) store<f32>(node, now, 20);
  return now;
}

/** Up to eight rows from the i-th of the tree's order, and the centre. */
function sparse(i: u32, size: u32): void {
  const step = stride << 2;
  const from = ordered + (<usize>i << 2);
  const limits = limitsFrom(i);
  let d0 = f32x4.splat(0);
  let d1 = d0;
  let y = from;
  let c = centres + ((<usize>centre * columns) << 2);
  for (let t: u32 = 0; t < columns; t++) {
    const value = v128.load32_splat(c);
    const e0 = f32x4.sub(v128.load(y), value);
    const e1 = f32x4.sub(v128.load(y, 16), value);
    d0 = f32x4.add(d0, f32x4.mul(e0, e0));
    d1 = f32x4.add(d1, f32x4.mul(e1, e1));
    y += step;
    c += 4;
  }
  spent += 8 * columns;
  const last = size < 8 ? (1 << size) - 1 : 255;
  const m0 = i32x4.bitmask(f32x4.le(d0, v128.load(limits))) & last;
  const m1 = i32x4.bitmask(f32x4.le(d1, v128.load(limits, 16))) & (last >> 4);
  if (m0) settle(from, step, i, m0, centre);
  if (m1) settle(from + 16, step, i + 4, m1, centre);
}

/** Takes those of eight rows from place `i` on in hand that a centre may be nearer to. */
function collect(i: u32): void {
  if (marked && !(load<u32>(marks + ((<usize>i >> 3) << 2)) & marked)) return;
  const limits = limitsFrom(i);
  const tries = triangle && !keeps;
  const end = min(i + 8, members);
  spent += 8;
  for (let place = i; place < end; place++) {
    const limit = load<f32>(limits + (<usize>(place - i) << 2));
    if (limit < 0) continue;
    if (tries) {
      const own = load<u32>(nearestKept + (<usize>place << 2));
      if (limit < load<f32>(reach + (<usize>own << 2))) continue;
    }
    const to = inHand + (<usize>held << 2);
    store<f32>(to, limit);
    store<u32>(to, <u32>(points + ((<usize>rowAt(place) * columns) << 2)), 32);
    store<u32>(to, place, 64);
    if (++held == 8) meetHeld();
  }
}

function meetHeld(): void {
  if (held == 0) return;
  for (let r = held; r < 8; r++) {
    store<f32>(inHand + (<usize>r << 2), NEVER);
    store<u32>(inHand + (<usize>r << 2), load<u32>(inHand, 32), 32);
  }
  held = 0;
  meet(false);
}

/** The rows in hand and all centres: rows that may be nearer are settled, or distances measured. */
function meet(measures: bool): void {
  pack(inHand + 32, eight);
  pack(inHand + 48, eight + 16);
  const zero = f32x4.splat(0);
  for (let j: u32 = 0; j < count; j += 4) {
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let b0 = zero;
    let b1 = zero;
    let b2 = zero;
    let b3 = zero;
    let y = eight;
    let c = fours + ((<usize>j * columns) << 2);
    for (let t: u32 = 0; t < columns; t++) {
      const y0 = v128.load(y);
      const y1 = v128.load(y, 16);
      let value = v128.load32_splat(c);
      let e0 = f32x4.sub(y0, value);
      let e1 = f32x4.sub(y1, value);
      a0 = f32x4.add(a0, f32x4.mul(e0, e0));
      b0 = f32x4.add(b0, f32x4.mul(e1, e1));
      value = v128.load32_splat(c, 4);
      e0 = f32x4.sub(y0, value);
      e1 = f32x4.sub(y1, value);
      a1 = f32x4.add(a1, f32x4.mul(e0, e0));
      b1 = f32x4.add(b1, f32x4.mul(e1, e1));
      value = v128.load32_splat(c, 8);
      e0 = f32x4.sub(y0, value);
      e1 = f32x4.sub(y1, value);
      a2 = f32x4.add(a2, f32x4.mul(e0, e0));
      b2 = f32x4.add(b2, f32x4.mul(e1, e1));
      value = v128.load32_splat(c, 12);
      e0 = f32x4.sub(y0, value);
      e1 = f32x4.sub(y1, value);
      a3 = f32x4.add(a3, f32x4.mul(e0, e0));
      b3 = f32x4.add(b3, f32x4.mul(e1, e1));
      y += 32;
      c += 16;
    }
    spent += 32 * columns;
    if (measures) {
      v128.store(inHand, f32x4.pmin(v128.load(inHand), f32x4.pmin(f32x4.pmin(a0, a1), f32x4.pmin(a2, a3))));
      v128.store(inHand, f32x4.pmin(v128.load(inHand, 16), f32x4.pmin(f32x4.pmin(b0, b1), f32x4.pmin(b2, b3))), 16);
      continue;
    }
    within(j, a0, b0);
    within(j + 1, a1, b1);
    within(j + 2, a2, b2);
    within(j + 3, a3, b3);
  }
}

/** Four rows whose addresses stand at `rowsAt`, by columns. */
function pack(rowsAt: usize, to: usize): void {
  let a = <usize>load<u32>(rowsAt);
  let b = <usize>load<u32>(rowsAt, 4);
  let c = <usize>load<u32>(rowsAt, 8);
  let d = <usize>load<u32>(rowsAt, 12);
  let t: u32 = 0;
  for (; t + 4 <= columns; t += 4) {
    const ab = v128.shuffle<i32>(v128.load(a), v128.load(b), 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(v128.load(c), v128.load(d), 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 32);
    const ef = v128.shuffle<i32>(v128.load(a), v128.load(b), 2, 6, 3, 7);
    const gh = v128.shuffle<i32>(v128.load(c), v128.load(d), 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(ef, gh, 0, 2), 64);
    v128.store(to, v128.shuffle<i64>(ef, gh, 1, 3), 96);
    a += 16;
    b += 16;
    c += 16;
    d += 16;
    to += 128;
  }
  for (; t < columns; t++) {
    store<f32>(to, load<f32>(a));
    store<f32>(to, load<f32>(b), 4);
    store<f32>(to, load<f32>(c), 8);
    store<f32>(to, load<f32>(d), 12);
    a += 4;
    b += 4;
    c += 4;
    d += 4;
    to += 32;
  }
}

// @ts-ignore: decorator
@inline
function within(j: u32, d0: v128, d1: v128): void {
  if (j >= count) return;
  const m0 = i32x4.bitmask(f32x4.le(d0, v128.load(inHand)));
  const m1 = i32x4.bitmask(f32x4.le(d1, v128.load(inHand, 16)));
  if (m0) settle(eight, 32, 0, m0, j);
  if (m1) settle(eight + 16, 32, 4, m1, j);
}

/**
 * Four rows, of which those in the mask may be nearer to the centre: D, as the twin has it. The first is
 * the i-th of the tree, or in hand.
 */
function settle(y: usize, step: usize, i: u32, mask: i32, j: u32): void {
  let low = f64x2.splat(0);
  let high = low;
  let c = centres + ((<usize>j * columns) << 2);
  for (let t: u32 = 0; t < columns; t++) {
    const four = v128.load(y);
    const value = f64x2.splat(<f64>load<f32>(c));
    const e0 = f64x2.sub(f64x2.promote_low_f32x4(four), value);
    const e1 = f64x2.sub(
      f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3)),
      value,
    );
    low = f64x2.add(low, f64x2.mul(e0, e0));
    high = f64x2.add(high, f64x2.mul(e1, e1));
    y += step;
    c += 4;
  }
  spent += 8 * columns;
  const scale = f64x2.splat(units);
  low = f64x2.floor(f64x2.mul(low, scale));
  high = f64x2.floor(f64x2.mul(high, scale));
  if (mask & 1) improve(i, f64x2.extract_lane(low, 0), j);
  if (mask & 2) improve(i + 1, f64x2.extract_lane(low, 1), j);
  if (mask & 4) improve(i + 2, f64x2.extract_lane(high, 0), j);
  if (mask & 8) improve(i + 3, f64x2.extract_lane(high, 1), j);
}

function improve(i: u32, distance: f64, j: u32): void {
  const held = inHand + (<usize>i << 2);
  if (!tree) i = load<u32>(held, 64);
  const place = placeAt(i);
  const slot = nearest + (<usize>place << 3);
  const old = load<f64>(slot);
  if (distance >= old) return;
  const weight = <i64>weightAt(place);
  if (!keeps) {
    addMass(gains + <usize>j * 24, <u64>old, <u64>distance, weight);
    if (tree) return;
    const mark = marks + ((<usize>i >> 3) << 2);
    store<u32>(mark, load<u32>(mark) | (1 << j));
    return;
  }
  addMass(stretches + <usize>stretchOf(place) * 24, <u64>distance, <u64>old, weight);
  store<f64>(slot, distance);
  const limit = limitOf(i);
  if (owned) store<u32>(labels + (<usize>i << 2), firstCentre + j);
  else store<f32>(labels + (<usize>i << 2), limit);
  if (tree) return;
  store<f32>(held, limit);
  if (triangle) store<u32>(nearestKept + (<usize>i << 2), min(firstCentre + j, room));
}

/**
 * Places in [from, to) that are picked, each with probability W·D · factor / (step · 2^32), to
 * `to_`; returns how many. Twin: picked of src/distances.ts.
 */
export function pickSeed(
  from: u32,
  to: u32,
  key: u32,
  step: f64,
  factor: f64,
  to_: usize,
): u32 {
  let picked: u32 = 0;
  for (let place = from; place < to; place++) {
    const mass = <f64>weightAt(place) * load<f64>(nearest + (<usize>place << 3));
    const word = stir(stir((firstMember + place) * 0x9e3779b1) ^ key);
    if (<f64>word * step >= factor * mass) continue;
    store<u32>(to_ + (<usize>picked << 2), place);
    picked++;
  }
  return picked;
}

/** Adds W of the rows from `from` to `to` to the u32 counter of their nearest centre, at `to_`. */
export function countOwned(from: u32, to: u32, to_: usize): void {
  for (let i = from; i < to; i++) {
    const slot = to_ + (<usize>load<u32>(labels + (<usize>i << 2)) << 2);
    store<u32>(slot, load<u32>(slot) + <u32>weightAt(placeAt(i)));
  }
}
