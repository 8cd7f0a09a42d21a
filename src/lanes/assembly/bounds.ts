// Distances that are spared from one iteration to the next, and 16-bit integers for those that are not: for
// wide rows, of which no box spares any.
//
// Rows in blocks of eight meet centroids in tiles of four, and tiles in groups. Of a block and a group `slack`
// is kept: by so much each centroid of the group, a row's own left out, is farther from every row of the block
// than the row's own one. When centroids move, a row comes nearer to one of the group by its drift at
// most, and farther from its own by that one's: slack shrinks by the largest of both (Elkan, ICML 2003;
// Hamerly, SDM 2010; Ding et al., "Yinyang K-Means", ICML 2015; theirs are of rows). A group with slack
// left loses in all rows of the block and is not looked at; a block whose groups all have some is not even
// read. Otherwise the own groups are looked at first: where the rows have come nearer to their own centroids,
// that gives slack back to the others. Once the first iteration shows groups that lie apart, rows are ordered by
// label, clusters that are near each other side by side: so blocks are of one cluster and tiles of one neighbourhood.
//
// Rows and centroids are packed as integers of 16 bits, each row by a scale of its own, and products added up in
// 32 bits, in half the instructions that floats take, and half the memory: a little under twice as fast. By Cauchy and
// Schwarz nothing overflows: ‖Q‖ is at most REACH on either side. What the integers leave of a row or a centroid is
// measured when they are packed, and the same inequality turns it into the error of a score. Rows whose second comes as near to
// the best as two errors, and all that the label grid rounds, look closer at the candidates within that.
//
// An error is a share of ‖y‖·‖c‖, which is much where clusters are small and far from the origin. So ordered rows
// are packed around a middle m, the first centroid of a neighbourhood: with z = y − m, ‖y − c‖²/2 is half of
// ‖y‖² − ‖m‖², which is the same for all centroids, and the score ‖c − m‖²/2 − z·c, whose error is a share of ‖z‖·‖c‖.
//
// Exact: slack is of true distances between float32 numbers, each root and each sum rounded to the safe side,
// less what the label grid moves two of them by. What it spares loses strictly, in integers too. Nothing is
// assumed of where centroids come from: the drift is measured against those that were looked at last.

import { lookAmong, squared } from './exact';
import { centroids, columns, k, nearAbsolute, nearRoot, packed, points, reservePacked, rows } from './lane';
import { release, reserve, used } from './memory';
import { move, noteReplaced, openMoves, replaced } from './moves';
import { NO_LABEL } from './numbers';

/** Above every slack and score, and finite, so that differences stay numbers. */
const FAR: f32 = 1e30;
/** ‖Q‖ of a row or a centroid: two of them multiply to less than 2^31. */
const REACH: f64 = 46340;
const MOST: f32 = 32767;
/** Below the label grid nothing matters. */
const FINEST: f64 = 1152921504606846976; // 2^60
/** Above the rounding of some operations of float32, relative to the larger number. */
const ULPS: f32 = 2.384185791015625e-7; // 2^-22
/** Neighbourhoods of centroids. */
const NEIGHBOURHOODS: u32 = 64;
/** A group lies apart that is so many times as far as the own centroid, and this share of them makes ordering pay. */
const APART: f32 = 1.4;
const APART_SHARE: f32 = 0.25;
/** Bounds that spare less are left alone for an iteration. */
const WORTH: f64 = 0.001;

/**
 * Of a block's rows, eight numbers each: scale f32 · ‖y‖² − ‖m‖² f32 · what packing left f32 · farthest own f32 ·
 * own label u32 · ‖y − m‖ f32; and of the block which middle m its rows are packed around, u32.
 */
let facts: usize = 0;
const FACTS: usize = 208;
/** Pairs of columns. */
let pairs: u32 = 0;
let blocks: u32 = 0;
/** Tiles of a group, groups of the centroids in hand, and the room of a block's slack in numbers, in fours. */
let groupTiles: u32 = 1;
let groups: u32 = 0;
let slackWidth: u32 = 0;
let slack: usize = 0;

/** Centroids that were looked at last, and how many; how far each has moved since, and at most in a group. */
let before: usize = 0;
let beforeK: u32 = 0;
let drift: usize = 0;
let groupDrift: usize = 0;
/** Which centroid stands at which place of the tiles, and where each stands. */
let centroidAt: usize = 0;
let placeOf: usize = 0;
/** Centroids in 16 bits, [tile][pair][4][2]. */
let tiles: usize = 0;
/** Middles, f32, row-major; at first one, the origin. Their room, and how long the longest is. */
let middles: usize = 0;
let middleRoom: u32 = 1;
let middleReach: f32 = 0;
/** Middle of a centroid's neighbourhood, u32. */
let middleOf: usize = 0;
/** ‖c − m‖²/2, [middle][place], and in which pass that of a tile was worked out, u32 [middle][tile]. */
let halfNorms: usize = 0;
let workedOut: usize = 0;
let pass: u32 = 0;
let tileRoom: u32 = 0;
let centroidScale: f32 = 0;
/** Most that packing left of a centroid, and the longest. */
let left: f32 = 0;
let longest: f32 = 0;

/** Of the block in hand: products with a tile, added up [4][8]; scores [place][8]; least and second of a group [group][2][8]. */
let products: usize = 0;
let scores: usize = 0;
let mins: usize = 0;
/** Groups looked at, u32, and how many. */
let seen: usize = 0;
let seenCount: u32 = 0;
/** Best, second, the best one's group, limit of what looks closer, and farthest own of eight rows. */
let state: usize = 0;
/** Candidates of each of them that looks closer, and how many. */
let lists: usize = 0;
let listSize: usize = 0;

let mark: usize = 0;
/** Whether rows stand in the order of `rowOf`, and groups that the first iteration found to be apart. */
let ordered: bool = false;
let rowOf: usize = 0;
let judged: bool = false;
let apart: u64 = 0;
/** Whether slack is worked out in this iteration, and was in the one before. */
let keeping: bool = false;
let kept: bool = false;
/** Whether labels have to be compared even of blocks that are not looked at. */
let comparing: bool = false;
/** The block that comes next. */
let next: u32 = 0;
let looked: u64 = 0;
let closer: u64 = 0;

export function openBounds(maxK: u32): void {
  mark = used();
  openMoves();
  blocks = (rows + 7) >> 3;
  pairs = (columns + 1) >> 1;
  const most = (maxK + 3) >> 2;
  // slack takes no more than a quarter of the points, or all of it together twice their room and 24 bytes a row
  const bytes = columns < 24 ? max<i32>(1, 2 * <i32>columns - 24) : columns;
  groupTiles = max<u32>(1, (most + 2 * bytes - 1) / (2 * bytes));
  slackWidth = ((most + groupTiles - 1) / groupTiles + 3) & ~3;
  reservePacked(<usize>blocks * pairs * 32);
  facts = reserve(<usize>blocks * FACTS);
  slack = reserve(<usize>blocks * slackWidth * 4);
  before = reserve(<usize>maxK * columns * 4);
  drift = reserve(<usize>maxK * 4);
  groupDrift = reserve(<usize>slackWidth * 4);
  centroidAt = reserve(<usize>most * 16);
  placeOf = reserve(<usize>maxK * 4);
  tiles = reserve(<usize>most * pairs * 16);
  tileRoom = most;
  middleRoom = min(min(NEIGHBOURHOODS, maxK), max<u32>(1, <u32>(((<u64>rows * columns) >> 5) / maxK)));
  middles = reserve(<usize>middleRoom * columns * 4);
  memory.fill(middles, 0, <usize>columns * 4);
  middleReach = 0;
  middleOf = reserve(<usize>maxK * 4);
  halfNorms = reserve(<usize>middleRoom * most * 16);
  workedOut = reserve(<usize>middleRoom * most * 4);
  memory.fill(workedOut, 0, <usize>middleRoom * most * 4);
  pass = 0;
  for (let b: usize = 0; b < blocks; b++) store<u32>(facts + b * FACTS, 0, 192);
  scores = reserve(<usize>most * 128);
  mins = reserve(<usize>slackWidth * 64);
  seen = reserve(<usize>slackWidth * 4);
  products = reserve(128);
  state = reserve(192);
  listSize = <usize>maxK * 4;
  lists = reserve(8 * listSize + 32);
  rowOf = reserve(<usize>rows * 4);
  ordered = false;
  keeping = false;
  kept = false;
  forgetBounds();
}

/** Gives back the room of the bounds and all that was reserved after it; labels and sums stay. */
export function dropBounds(): void {
  release(mark);
}

/** Packs the blocks in [from, to). */
export function packBounds(from: u32, to: u32): void {
  for (let b = from; b < to; b++) {
    if (ordered) touch(b);
    for (let i: u32 = 0; i < 8; i++) packRow(b, i, points + ((<usize>rowAt((b << 3) + i) * columns) << 2));
  }
}

/** Reads from all cache lines of a block's rows: those stand apart, and waiting for one after the other takes longer. */
function touch(block: u32): void {
  let all: u32 = 0;
  const bytes = <usize>columns << 2;
  for (let t: usize = 0; t < bytes; t += 64)
    for (let i: u32 = 0; i < 8; i++) all |= load<u32>(points + <usize>rowAt((block << 3) + i) * bytes + t);
  store<u32>(products, all);
}

/** The number of the row that stands at a place; the last one's where there is none. */
// @ts-ignore: decorator
@inline
function rowAt(place: u32): u32 {
  const at = min(place, rows - 1);
  return ordered ? load<u32>(rowOf + (<usize>at << 2)) : at;
}

function packRow(block: u32, i: u32, y: usize): void {
  const about = facts + <usize>block * FACTS;
  const m = middles + ((<usize>load<u32>(about, 192) * columns) << 2);
  let longest = f32x4.splat(0);
  let low = f64x2.splat(0);
  let high = low;
  let t: u32 = 0;
  for (; t + 4 <= columns; t += 4) {
    const v = f32x4.sub(v128.load(y + (<usize>t << 2)), v128.load(m + (<usize>t << 2)));
    longest = f32x4.pmax(longest, f32x4.abs(v));
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  let far = max(
    max(f32x4.extract_lane(longest, 0), f32x4.extract_lane(longest, 1)),
    max(f32x4.extract_lane(longest, 2), f32x4.extract_lane(longest, 3)),
  );
  low = f64x2.add(low, high);
  let square = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; t < columns; t++) {
    const v = load<f32>(y + (<usize>t << 2)) - load<f32>(m + (<usize>t << 2));
    far = max(far, abs<f32>(v));
    square += <f64>v * <f64>v;
  }
  const scale = scaleOf(far, sqrt<f64>(square));
  const step: f32 = 1 / scale;
  const to = packed + ((<usize>block * pairs) << 5) + (<usize>i << 2);
  const scales = f32x4.splat(scale);
  const steps = f32x4.splat(step);
  let error = f32x4.splat(0);
  for (t = 0; t + 8 <= columns; t += 8) {
    const v = f32x4.sub(v128.load(y + (<usize>t << 2)), v128.load(m + (<usize>t << 2)));
    const w = f32x4.sub(v128.load(y + (<usize>t << 2), 16), v128.load(m + (<usize>t << 2), 16));
    const q = f32x4.nearest(f32x4.mul(v, scales));
    const r = f32x4.nearest(f32x4.mul(w, scales));
    const d = f32x4.sub(v, f32x4.mul(q, steps));
    const e = f32x4.sub(w, f32x4.mul(r, steps));
    error = f32x4.add(error, f32x4.add(f32x4.mul(d, d), f32x4.mul(e, e)));
    const whole = i16x8.narrow_i32x4_s(integers(q), integers(r));
    const at = to + (<usize>t << 4);
    v128.store_lane<u32>(at, whole, 0);
    v128.store_lane<u32>(at, whole, 1, 32);
    v128.store_lane<u32>(at, whole, 2, 64);
    v128.store_lane<u32>(at, whole, 3, 96);
  }
  let rest =
    f32x4.extract_lane(error, 0) + f32x4.extract_lane(error, 1) + (f32x4.extract_lane(error, 2) + f32x4.extract_lane(error, 3));
  for (; t < columns; t += 2) {
    let pair: u32 = 0;
    for (let n: u32 = 0; n < 2 && t + n < columns; n++) {
      const v = load<f32>(y + (<usize>(t + n) << 2)) - load<f32>(m + (<usize>(t + n) << 2));
      const q = nearest<f32>(v * scale);
      const d = v - q * step;
      rest += d * d;
      pair |= (<u32>(<i32>q) & 0xffff) << (n << 4);
    }
    store<u32>(to + (<usize>t << 4), pair);
  }
  const at = about + (<usize>i << 2);
  store<f32>(at, step);
  store<f32>(at, <f32>(normSquare(y) - normSquare(m)), 32);
  // differences and products with `step` are rounded, and so are the sums
  const norm = <f32>sqrt<f64>(square);
  store<f32>(at, sqrt<f32>(rest) * (1 + <f32>(columns + 8) * ULPS) + 2 * norm * ULPS, 64);
  store<u32>(at, NO_LABEL, 128);
  store<f32>(at, norm * (1 + 2 * ULPS), 160);
}

function normSquare(v: usize): f64 {
  let low = f64x2.splat(0);
  let high = low;
  let t: usize = 0;
  const bytes = <usize>columns << 2;
  for (; t + 16 <= bytes; t += 16) {
    const four = v128.load(v + t);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; t < bytes; t += 4) sum += <f64>load<f32>(v + t) * <f64>load<f32>(v + t);
  return sum;
}

/** By how much numbers up to `far` are multiplied whose squares add up to the square of `norm`. */
function scaleOf(far: f32, norm: f64): f32 {
  const reach = REACH - 0.5 * sqrt<f64>(<f64>columns) - 1;
  return <f32>min(FINEST, min(<f64>(MOST - 1) / <f64>far, reach / norm));
}

/** Whole numbers below 2^22 as integers. */
// @ts-ignore: decorator
@inline
function integers(v: v128): v128 {
  return i32x4.sub(f32x4.add(v, f32x4.splat(12582912)), i32x4.splat(0x4b400000));
}

/**
 * After the first iteration: orders the rows by label where that pays, which wants them packed again (1).
 * So it does after labels were forgotten and found anew.
 */
export function orderByLabel(): u32 {
  if (!judged) return 0;
  judged = false;
  if (<f32>apart < APART_SHARE * <f32>groups * <f32>(blocks << 3)) return 0;
  findNeighbourhoods();
  // counting sort by the place of the label; what will be packed again has the room
  const ends = scores;
  memory.fill(ends, 0, <usize>(k + 1) * 4);
  for (let i: u32 = 0; i < rows; i++) {
    const end = ends + (<usize>(placeAt(i) + 1) << 2);
    store<u32>(end, load<u32>(end) + 1);
  }
  for (let j: u32 = 1; j < k; j++)
    store<u32>(ends + (<usize>j << 2), load<u32>(ends + (<usize>j << 2)) + load<u32>(ends + (<usize>(j - 1) << 2)));
  for (let i: u32 = 0; i < rows; i++) {
    const end = ends + (<usize>placeAt(i) << 2);
    const to = load<u32>(end);
    store<u32>(end, to + 1);
    if ((to & 7) == 0) store<u32>(facts + <usize>(to >> 3) * FACTS, middleAt(i), 192);
    store<u32>(packed + (<usize>to << 2), rowAt(i));
  }
  memory.copy(rowOf, packed, <usize>rows * 4);
  ordered = true;
  return 1;
}

function placeAt(i: u32): u32 {
  return load<u32>(placeOf + (<usize>ownAt(i) << 2));
}

function middleAt(i: u32): u32 {
  return load<u32>(middleOf + (<usize>ownAt(i) << 2));
}

function ownAt(i: u32): u32 {
  return load<u32>(facts + <usize>(i >> 3) * FACTS + 128 + (<usize>(i & 7) << 2));
}

/** Places for the centroids: each with the nearest of some of them that lie far apart (T. F. Gonzalez, TCS 38, 1985). */
function findNeighbourhoods(): void {
  const distances = scores;
  for (let j: u32 = 0; j < k; j++) store<f32>(distances + (<usize>j << 2), FAR);
  let chosen: u32 = 0;
  const count = min(middleRoom, k);
  middleReach = 0;
  for (let n: u32 = 0; n < count; n++) {
    const middle = middles + ((<usize>n * columns) << 2);
    memory.copy(middle, before + ((<usize>chosen * columns) << 2), <usize>columns << 2);
    middleReach = max(middleReach, <f32>sqrt<f64>(normSquare(middle)) * (1 + 2 * ULPS));
    let farthest: f32 = -1;
    for (let j: u32 = 0; j < k; j++) {
      const at = distances + (<usize>j << 2);
      const distance = squared(before + ((<usize>j * columns) << 2), middle);
      if (distance < load<f32>(at)) {
        store<f32>(at, distance);
        store<u32>(middleOf + (<usize>j << 2), n);
      }
      if (load<f32>(at) > farthest) {
        farthest = load<f32>(at);
        chosen = j;
      }
    }
  }
  let place: u32 = 0;
  for (let n: u32 = 0; n < count; n++)
    for (let j: u32 = 0; j < k; j++)
      if (load<u32>(middleOf + (<usize>j << 2)) == n) {
        store<u32>(centroidAt + (<usize>place << 2), j);
        store<u32>(placeOf + (<usize>j << 2), place);
        place++;
      }
}

/** Packs the centroids in hand, and measures how far they have moved. */
export function startBounds(): void {
  groups = (((k + 3) >> 2) + groupTiles - 1) / groupTiles;
  // Has the iteration before spared enough for slack to be worked out? Only one that had some tells; idle ones do not.
  const possible = <f64>groups * <f64>blocks;
  const idle = kept && keeping && <f64>looked > (1 - WORTH) * possible;
  kept = keeping;
  if (k == beforeK) measureDrift();
  else afresh();
  keeping = !idle;
  comparing = replaced;
  noteReplaced();
  next = 0;
  looked = 0;
  closer = 0;
  memory.copy(before, centroids, <usize>k * columns * 4);
  pass++;
  packTiles();
}

/** Everything has to be looked at: the next centroids have nothing to do with those before. */
export function forgetBounds(): void {
  beforeK = 0;
  judged = false;
}

function afresh(): void {
  beforeK = k;
  kept = false;
  apart = 0;
  judged = true;
  for (let b: usize = 0; b < blocks; b++) memory.fill(facts + b * FACTS + 128, 0xff, 32);
  for (let j: u32 = 0; j < k; j++) {
    store<u32>(centroidAt + (<usize>j << 2), j);
    store<u32>(placeOf + (<usize>j << 2), j);
  }
}

function measureDrift(): void {
  memory.fill(groupDrift, 0, <usize>slackWidth * 4);
  for (let j: u32 = 0; j < k; j++) {
    let square: f64 = 0;
    const row = (<usize>j * columns) << 2;
    for (let t: usize = 0; t < <usize>columns << 2; t += 4) {
      const e = <f64>load<f32>(centroids + row + t) - <f64>load<f32>(before + row + t);
      square += e * e;
    }
    const moved = <f32>sqrt<f64>(square) * (1 + ULPS);
    store<f32>(drift + (<usize>j << 2), moved);
    const group = groupDrift + (<usize>(load<u32>(placeOf + (<usize>j << 2)) / (groupTiles << 2)) << 2);
    store<f32>(group, max(load<f32>(group), moved));
  }
}

function packTiles(): void {
  const cells = k * columns;
  let far: f32 = 0;
  for (let i: u32 = 0; i < cells; i++) far = max(far, abs<f32>(load<f32>(centroids + (<usize>i << 2))));
  let longestSquare: f64 = 0;
  for (let j: u32 = 0; j < k; j++)
    longestSquare = max(longestSquare, normSquare(centroids + ((<usize>j * columns) << 2)));
  const norm = sqrt<f64>(longestSquare);
  const scale = scaleOf(far, norm);
  centroidScale = 1 / scale;
  longest = <f32>norm * (1 + ULPS);
  let most: f64 = 0;
  for (let place: u32 = 0; place < ((k + 3) & ~3); place++) {
    const to = tiles + ((<usize>(place >> 2) * pairs) << 4) + (<usize>(place & 3) << 2);
    const c = place < k ? centroids + ((<usize>load<u32>(centroidAt + (<usize>place << 2)) * columns) << 2) : 0;
    let error: f64 = 0;
    for (let t: u32 = 0; t < columns; t += 2) {
      let pair: u32 = 0;
      for (let n: u32 = 0; c && n < 2 && t + n < columns; n++) {
        const v = load<f32>(c + (<usize>(t + n) << 2));
        const q = nearest<f32>(v * scale);
        const e = <f64>v - <f64>q * <f64>centroidScale;
        error += e * e;
        pair |= (<u32>(<i32>q) & 0xffff) << (n << 4);
      }
      store<u32>(to + (<usize>t << 3), pair);
    }
    most = max(most, error);
  }
  left = <f32>sqrt<f64>(most) * (1 + ULPS);
}

/** Groups of blocks that were looked at, of all of them. */
export function groupsLookedAt(): f64 {
  return <f64>looked;
}

/** Candidates that 16 bits could not tell apart. */
export function timesLookedCloser(): f64 {
  return <f64>closer;
}

/** Goes on to find labels, and what they change in the sums, for about so many products; 1 where there is more to do. */
export function bound(most: f64): u32 {
  // a block that is not looked at costs about as much as a tile
  const tileWork = <f64>(columns << 5);
  const groupWork = tileWork * <f64>groupTiles;
  let work: f64 = 0;
  for (; next < blocks; next++) {
    if (work >= most) return 1;
    const b = next;
    work += tileWork;
    const about = facts + <usize>b * FACTS;
    const slacks = slack + (<usize>b * slackWidth << 2);
    seenCount = 0;
    if (load<u32>(about, 128) == NO_LABEL) lookAtAll(b, about);
    else {
      const wanted = age(about, slacks);
      if (wanted == 0) {
        if (comparing) compare(b, about);
        continue;
      }
      if (wanted < groups) lookAtSome(b, about, slacks);
      else lookAtAll(b, about);
    }
    looked += seenCount;
    work += groupWork * <f64>seenCount;
    decide(b, about, slacks);
  }
  return 0;
}

/** Slack after the drift; how many groups have none left. */
function age(about: usize, slacks: usize): u32 {
  let own: f32 = 0;
  for (let i: usize = 0; i < 32; i += 4)
    own = max(own, load<f32>(drift + (<usize>load<u32>(about + i, 128) << 2)));
  const both = f32x4.splat(own);
  v128.store(about, safer(f32x4.add(v128.load(about, 96), both), 1), 96);
  v128.store(about, safer(f32x4.add(v128.load(about, 112), both), 1), 112);
  let count: u32 = 0;
  for (let g: u32 = 0; g < groups; g += 4) {
    const at = slacks + (<usize>g << 2);
    const now = safer(
      f32x4.sub(
        safer(v128.load(at), -1),
        safer(f32x4.add(both, v128.load(groupDrift + (<usize>g << 2))), 1),
      ),
      -1,
    );
    v128.store(at, now);
    count += popcnt(i32x4.bitmask(f32x4.le(now, f32x4.splat(0))) & inside(g));
  }
  return count;
}

/** Which of four groups there are. */
// @ts-ignore: decorator
@inline
function inside(g: u32): u32 {
  return g + 4 <= groups ? 15 : (1 << (groups - g)) - 1;
}

/** A little more (1) or less (−1), by what rounding may have taken. */
// @ts-ignore: decorator
@inline
function safer(v: v128, sign: f32): v128 {
  return f32x4.add(v, f32x4.mul(f32x4.abs(v), f32x4.splat(sign * ULPS)));
}

function lookAtAll(block: u32, about: usize): void {
  for (let g: u32 = 0; g < groups; g++) lookAt(block, about, g);
  v128.store(state, f32x4.splat(FAR), 128);
  v128.store(state, f32x4.splat(FAR), 144);
}

/** The own groups, and those that have no slack when the distances to the own centroids are known. */
function lookAtSome(block: u32, about: usize, slacks: usize): void {
  for (let i: usize = 0; i < 32; i += 4) {
    const place = load<u32>(placeOf + (<usize>load<u32>(about + i, 128) << 2));
    const group = place / (groupTiles << 2);
    let n: u32 = 0;
    while (n < seenCount && load<u32>(seen + (<usize>n << 2)) != group) n++;
    if (n == seenCount) lookAt(block, about, group);
    store<f32>(state + i, load<f32>(scores + (<usize>place << 5) + i), 128);
  }
  for (let n: u32 = 0; n < seenCount; n++)
    store<f32>(slacks + (<usize>load<u32>(seen + (<usize>n << 2)) << 2), FAR);
  let back = f32x4.splat(FAR);
  for (let half: usize = 0; half < 32; half += 16) {
    const own = farthest(about + half, v128.load(state + half, 128), errors(about + half));
    v128.store(state + half, own, 128);
    back = f32x4.pmin(
      back,
      f32x4.sub(safer(f32x4.sub(v128.load(about + half, 96), own), -1), f32x4.splat(nearRoot)),
    );
  }
  const least = leastOf(back);
  const given = f32x4.splat(least - abs<f32>(least) * ULPS);
  for (let g: u32 = 0; g < groups; g += 4) {
    const at = slacks + (<usize>g << 2);
    const now = safer(f32x4.add(safer(v128.load(at), -1), given), -1);
    v128.store(at, now);
    let wanted = i32x4.bitmask(f32x4.le(now, f32x4.splat(0))) & inside(g);
    while (wanted) {
      lookAt(block, about, g + ctz(wanted));
      wanted &= wanted - 1;
    }
  }
}

// @ts-ignore: decorator
@inline
function leastOf(v: v128): f32 {
  const two = f32x4.pmin(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(two, v128.shuffle<f32>(two, two, 1, 0, 3, 2)), 0);
}

/** By how much a score of four rows, or half their squared distance, may be off. */
function errors(about: usize): v128 {
  const rest = v128.load(about, 64);
  const norm = v128.load(about, 160);
  // (‖y − m‖ + rest) · left + rest · longest, and some roundings of everything that is added
  const packing = f32x4.add(
    f32x4.mul(f32x4.add(norm, rest), f32x4.splat(left)),
    f32x4.mul(rest, f32x4.splat(longest)),
  );
  const reach = longest + middleReach;
  const magnitude = f32x4.add(
    f32x4.add(f32x4.mul(norm, f32x4.splat(longest)), f32x4.splat(0.5 * reach * reach)),
    f32x4.abs(v128.load(about, 32)),
  );
  return safer(f32x4.add(safer(packing, 8), f32x4.mul(magnitude, f32x4.splat(2 * ULPS))), 8);
}

/** What four rows' distances of such scores are at most. */
function farthest(about: usize, score: v128, error: v128): v128 {
  const square = f32x4.add(v128.load(about, 32), f32x4.mul(f32x4.splat(2), f32x4.add(score, error)));
  return safer(f32x4.sqrt(f32x4.pmax(f32x4.splat(0), square)), 2);
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(a, b), c);
}

/** Scores of a block's rows and a group's centroids, ‖c‖²/2 − y·c. */
function lookAt(block: u32, about: usize, group: u32): void {
  store<u32>(seen + (<usize>seenCount << 2), group);
  seenCount++;
  const least = mins + (<usize>group << 6);
  const middle = load<u32>(about, 192);
  const rowsAt = packed + ((<usize>block * pairs) << 5);
  const last = min((group + 1) * groupTiles, (k + 3) >> 2);
  for (let tile = group * groupTiles, others = false; tile < last; tile++, others = true) {
    multiply(rowsAt, tiles + ((<usize>tile * pairs) << 4));
    const norms = normsOf(middle, tile);
    for (let half: usize = 0; half < 32; half += 16) weigh(least, half, tile, about, norms, others);
  }
}

/** Where ‖c − m‖²/2 of a tile stands, worked out when it is first asked for. */
function normsOf(middle: u32, tile: u32): usize {
  const at = <usize>(middle * tileRoom + tile);
  const norms = halfNorms + (at << 4);
  if (load<u32>(workedOut + (at << 2)) != pass) {
    store<u32>(workedOut + (at << 2), pass);
    workOut(middles + ((<usize>middle * columns) << 2), tile, norms);
  }
  return norms;
}

function workOut(m: usize, tile: u32, to: usize): void {
  for (let i: u32 = 0; i < 4; i++) {
    const place = (tile << 2) + i;
    let square: f64 = 0;
    if (place < k) {
      const c = centroids + ((<usize>load<u32>(centroidAt + (<usize>place << 2)) * columns) << 2);
      for (let t: usize = 0; t < <usize>columns << 2; t += 4) {
        const e = <f64>load<f32>(c + t) - <f64>load<f32>(m + t);
        square += e * e;
      }
    }
    store<f32>(to + (<usize>i << 2), place < k ? <f32>(0.5 * square) : FAR);
  }
}

/** Products of eight rows and four centroids, added up. A function of its own: its sums fill the registers. */
function multiply(p: usize, c: usize): void {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const end = c + (<usize>pairs << 4);
  while (c < end) {
    const y0 = v128.load(p);
    const y1 = v128.load(p, 16);
    let centroid = v128.load32_splat(c);
    a0 = madd(y0, centroid, a0);
    b0 = madd(y1, centroid, b0);
    centroid = v128.load32_splat(c, 4);
    a1 = madd(y0, centroid, a1);
    b1 = madd(y1, centroid, b1);
    centroid = v128.load32_splat(c, 8);
    a2 = madd(y0, centroid, a2);
    b2 = madd(y1, centroid, b2);
    centroid = v128.load32_splat(c, 12);
    a3 = madd(y0, centroid, a3);
    b3 = madd(y1, centroid, b3);
    p += 32;
    c += 16;
  }
  v128.store(products, a0);
  v128.store(products, b0, 16);
  v128.store(products, a1, 32);
  v128.store(products, b1, 48);
  v128.store(products, a2, 64);
  v128.store(products, b2, 80);
  v128.store(products, a3, 96);
  v128.store(products, b3, 112);
}

/** Four rows and a tile's four centroids: scores out of sums of products, and the least two, of others in the group too. */
function weigh(least: usize, half: usize, tile: u32, about: usize, norms: usize, others: bool): void {
  const scale = f32x4.mul(v128.load(about + half), f32x4.splat(centroidScale));
  const to = scores + (<usize>tile << 7) + half;
  const s0 = score(v128.load32_splat(norms), v128.load(products + half), scale);
  const s1 = score(v128.load32_splat(norms, 4), v128.load(products + half, 32), scale);
  const s2 = score(v128.load32_splat(norms, 8), v128.load(products + half, 64), scale);
  const s3 = score(v128.load32_splat(norms, 12), v128.load(products + half, 96), scale);
  v128.store(to, s0);
  v128.store(to, s1, 32);
  v128.store(to, s2, 64);
  v128.store(to, s3, 96);
  const low01 = f32x4.pmin(s0, s1);
  const low23 = f32x4.pmin(s2, s3);
  let low = f32x4.pmin(low01, low23);
  let next = f32x4.pmin(
    f32x4.pmax(low01, low23),
    f32x4.pmin(f32x4.pmax(s0, s1), f32x4.pmax(s2, s3)),
  );
  if (others) {
    const before = v128.load(least + half);
    next = f32x4.pmin(f32x4.pmin(v128.load(least + half, 32), next), f32x4.pmax(before, low));
    low = f32x4.pmin(before, low);
  }
  v128.store(least + half, low);
  v128.store(least + half, next, 32);
}

// @ts-ignore: decorator
@inline
function score(halfNorm: v128, sum: v128, scale: v128): v128 {
  return f32x4.sub(halfNorm, f32x4.mul(f32x4.convert_i32x4_s(sum), scale));
}

/** Labels of a block that was looked at, and the slack of what was. */
function decide(block: u32, about: usize, slacks: usize): void {
  let near: u32 = 0;
  for (let half: u32 = 0; half < 32; half += 16) {
    findBest(half);
    near |= doubtful(about, half) << (half >> 2);
  }
  if (near) listCandidates();
  for (let i: u32 = 0; i < 8; i++) {
    const lane = <usize>i << 2;
    const row = rowAt((block << 3) + i);
    let label: u32;
    if ((near >> i) & 1) {
      const list = lists + <usize>i * listSize;
      const count = load<u32>(lists + 8 * listSize + lane);
      closer += count;
      label = lookAmong(points + ((<usize>row * columns) << 2), list, count);
    } else {
      const group = load<u32>(state + lane, 64);
      let place = group * (groupTiles << 2);
      const best = load<f32>(state + lane);
      while (load<f32>(scores + (<usize>place << 5) + lane) != best) place++;
      label = load<u32>(centroidAt + (<usize>place << 2));
      // the least score of its group is its own centroid's
      const least = mins + (<usize>group << 6) + lane;
      store<f32>(least, load<f32>(least, 32));
    }
    store<u32>(about + lane, label, 128);
    if ((block << 3) + i < rows) move(row, label);
  }
  if (keeping) keep(about, slacks);
  else
    for (let n: u32 = 0; n < seenCount; n++)
      store<f32>(slacks + (<usize>load<u32>(seen + (<usize>n << 2)) << 2), -FAR);
}

/** Of four rows the best, the second, and the best one's group. */
function findBest(half: usize): void {
  let best = f32x4.splat(Infinity);
  let second = best;
  let winner = i32x4.splat(0);
  for (let n: u32 = 0; n < seenCount; n++) {
    const group = load<u32>(seen + (<usize>n << 2));
    const least = mins + (<usize>group << 6) + half;
    const low = v128.load(least);
    winner = v128.bitselect(i32x4.splat(group), winner, f32x4.lt(low, best));
    second = f32x4.pmin(f32x4.pmin(second, v128.load(least, 32)), f32x4.pmax(best, low));
    best = f32x4.pmin(best, low);
  }
  v128.store(state + half, best);
  v128.store(state + half, second, 32);
  v128.store(state + half, winner, 64);
}

/**
 * Which of four rows have a second too near to the best, and their limits; others' are below everything. Notes
 * how far their own centroids are at most: no farther than the best, and than the own ones before.
 */
function doubtful(about: usize, half: usize): u32 {
  const at = state + half;
  const error = errors(about + half);
  const best = v128.load(at);
  const own = f32x4.pmin(farthest(about + half, best, error), v128.load(at, 128));
  // in integers, that is
  v128.store(about + half, f32x4.add(own, f32x4.splat(nearRoot)), 96);
  const reach = f32x4.add(v128.load(about + half, 160), f32x4.splat(longest + middleReach));
  const gap = f32x4.add(
    f32x4.add(f32x4.add(error, error), f32x4.mul(reach, f32x4.splat(nearRoot))),
    f32x4.splat(nearAbsolute),
  );
  const limit = safer(f32x4.add(best, safer(gap, 8)), 2);
  const near = f32x4.le(v128.load(at, 32), limit);
  v128.store(at, v128.bitselect(limit, f32x4.splat(-FAR), near), 96);
  return i32x4.bitmask(near);
}

/** The candidates of rows in doubt: those that are within their limits. */
function listCandidates(): void {
  const counts = lists + 8 * listSize;
  v128.store(counts, i32x4.splat(0));
  v128.store(counts, i32x4.splat(0), 16);
  const limit0 = v128.load(state, 96);
  const limit1 = v128.load(state, 112);
  for (let n: u32 = 0; n < seenCount; n++) {
    const group = load<u32>(seen + (<usize>n << 2));
    const least = mins + (<usize>group << 6);
    if (!within(least, limit0, limit1)) continue;
    const last = min((group + 1) * (groupTiles << 2), k);
    for (let place = group * (groupTiles << 2); place < last; place++) {
      let mask = within(scores + (<usize>place << 5), limit0, limit1);
      while (mask) {
        const i = <usize>ctz(mask);
        mask &= mask - 1;
        const count = load<u32>(counts + (i << 2));
        store<u32>(lists + i * listSize + (<usize>count << 2), load<u32>(centroidAt + (<usize>place << 2)));
        store<u32>(counts + (i << 2), count + 1);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function within(at: usize, limit0: v128, limit1: v128): u32 {
  return i32x4.bitmask(f32x4.le(v128.load(at), limit0)) | (i32x4.bitmask(f32x4.le(v128.load(at, 16), limit1)) << 4);
}

/** The slack of the groups that were looked at: how much farther than the own centroid their nearest is at least. */
function keep(about: usize, slacks: usize): void {
  const own0 = v128.load(about, 96);
  const own1 = v128.load(about, 112);
  const base0 = f32x4.sub(v128.load(about, 32), f32x4.mul(errors(about), f32x4.splat(2)));
  const base1 = f32x4.sub(v128.load(about, 48), f32x4.mul(errors(about + 16), f32x4.splat(2)));
  const none = f32x4.splat(0);
  const less = f32x4.splat(1 - 2 * ULPS);
  for (let n: u32 = 0; n < seenCount; n++) {
    const group = load<u32>(seen + (<usize>n << 2));
    const least = mins + (<usize>group << 6);
    const low0 = v128.load(least);
    const low1 = v128.load(least, 16);
    const far0 = f32x4.mul(f32x4.sqrt(f32x4.pmax(none, f32x4.add(base0, f32x4.add(low0, low0)))), less);
    const far1 = f32x4.mul(f32x4.sqrt(f32x4.pmax(none, f32x4.add(base1, f32x4.add(low1, low1)))), less);
    const slack = leastOf(f32x4.pmin(f32x4.sub(far0, own0), f32x4.sub(far1, own1)));
    store<f32>(slacks + (<usize>group << 2), slack - abs<f32>(slack) * ULPS - nearRoot);
    if (judged) {
      const far = f32x4.splat(1 / APART);
      apart += popcnt(i32x4.bitmask(f32x4.gt(f32x4.mul(far0, far), own0)));
      apart += popcnt(i32x4.bitmask(f32x4.gt(f32x4.mul(far1, far), own1)));
    }
  }
}

/** A block that was not looked at keeps its labels, which others may have replaced. */
function compare(block: u32, about: usize): void {
  for (let i: u32 = 0; i < 8 && (block << 3) + i < rows; i++)
    move(rowAt((block << 3) + i), load<u32>(about + (<usize>i << 2), 128));
}
