// Every distance: an iteration of Lloyd's for points that no box can spare.
//
// Few columns take the direct form Σ(y − c)², more of them the dot form ‖c‖²/2 − y·c, which is two
// operations a coordinate (one where multiply-add may be fused: relaxed SIMD only proposes here). Eight
// rows stand against four centroids in registers, a number of each row in a lane: rows are packed in
// blocks of eight, [block][column][8], centroids in fours, [four][column][4]. Packing wide rows takes
// as long as some iterations with few centroids: they stay as they are and fill the lanes with their own
// columns, four rows against two centroids. That takes 15 to 40 % longer a distance (20 000 × 128,
// k = 1000, EPYC). A tile of centroids that stays in the second-level cache is met by a stretch of
// blocks before the next tile comes.
//
// The dot form's error is absolute: each product goes through one rounding and the additions of its
// lane, each 2^−24 of ‖y‖·‖c‖ at most; the half norm and the difference err once more; both candidates
// together by twice that. On top comes what the label grid rounds, as in src/near-tie.ts, with
// √distance ≤ ‖y‖ + ‖c‖. Rows within that bound take the direct form, whose error is relative to the
// distances, with all centroids; what even that leaves open is settled exactly.
//
// Manhattan distances Σ|y − c| take the direct form whatever the columns, with a bound of their own
// (src/near-tie.ts). Rows within it are settled exactly: absolute differences add up in 64 bits.

import { lookCloser, nearestManhattan, take } from './exact';
import { centroids, columns, k, manhattan, nearAbsolute, nearRelative, nearRoot, packed, points, reservePacked, rows } from './lane';
import { reserve } from './memory';
import { move, openMoves } from './moves';
import { NO_LABEL } from './numbers';

/** Blocks that meet a tile before the next one comes, and bytes of a tile. */
const STRETCH: u32 = 64;
const TILE_BYTES: u32 = 1 << 17;
/** From so many columns on the dot form is the cheaper one. */
const DOT_COLUMNS: u32 = 6;
/** Rows wider than this are not packed for centroids that are few. */
const WIDE_COLUMNS: u32 = 32;
const WIDE_CENTROIDS: u32 = 32;
const FAR: f32 = 1e30;

/** Centroids in fours; or row by row, `width` numbers each, a multiple of four filled up with zeros. */
let fours: usize = 0;
let width: u32 = 0;
let wide: bool = false;
/** Roundings that a product of the dot form goes through. */
let roundings: u32 = 0;
/** ‖c‖²/2, f32, padded to four. */
let halfNorms: usize = 0;
let longest: f32 = 0;
/** Best, second and label of the rows of a stretch: 96 bytes a block. */
let state: usize = 0;

export function openBrute(maxK: u32): void {
  const blocks = (<usize>rows + 7) >> 3;
  openMoves();
  wide = columns > WIDE_COLUMNS && maxK <= WIDE_CENTROIDS && !manhattan;
  width = (columns + 3) & ~3;
  roundings = wide ? (width >> 2) + 3 : columns;
  fours = reserve((((<usize>maxK + 3) & ~3) * width) << 2);
  halfNorms = reserve((<usize>maxK + 4) * 4);
  state = reserve(<usize>STRETCH * 96);
  if (!wide) reservePacked(blocks * columns * 32);
}

/** Packs the blocks in [from, to) of eight rows. */
export function pack(from: u32, to: u32): void {
  if (wide) return;
  for (let b: usize = from; b < to; b++)
    for (let i: u32 = 0; i < 8; i++) {
      const row = min<u32>((<u32>b << 3) + i, rows - 1);
      for (let t: u32 = 0; t < columns; t++)
        store<f32>(
          packed + ((((b * columns + t) << 3) + i) << 2),
          load<f32>(points + ((<usize>row * columns + t) << 2)),
        );
    }
}

/** Packs the centroids in hand. */
export function packCentroids(): void {
  const padded = (k + 3) & ~3;
  longest = 0;
  for (let j: u32 = 0; j < padded; j++) {
    let norm: f64 = 0;
    const to = wide
      ? fours + ((<usize>j * width) << 2)
      : fours + ((<usize>(j >> 2) * columns) << 4) + (<usize>(j & 3) << 2);
    const step: usize = wide ? 4 : 16;
    for (let t: u32 = 0; t < columns; t++) {
      const c: f32 = j < k ? load<f32>(centroids + ((<usize>j * columns + t) << 2)) : 0;
      norm += <f64>c * <f64>c;
      store<f32>(to + <usize>t * step, c);
    }
    if (wide) for (let t = columns; t < width; t++) store<f32>(to + <usize>t * step, 0);
    longest = max(longest, <f32>norm);
    store<f32>(halfNorms + (<usize>j << 2), j < k ? <f32>(0.5 * norm) : FAR);
  }
  longest = sqrt<f32>(longest) * 1.0001;
}

/** Labels of the blocks in [from, to) of eight rows, and what they change in the sums. */
export function brute(from: u32, to: u32): void {
  const tile = max<u32>(1, TILE_BYTES / (width << 4));
  const all = (k + 3) >> 2;
  for (let start = from; start < to; start += STRETCH) {
    const end = min(to, start + STRETCH);
    for (let b: u32 = 0; b < end - start; b++) {
      const own = state + <usize>b * 96;
      v128.store(own, f32x4.splat(Infinity));
      v128.store(own, f32x4.splat(Infinity), 16);
      v128.store(own, f32x4.splat(Infinity), 32);
      v128.store(own, f32x4.splat(Infinity), 48);
      v128.store(own, i32x4.splat(0), 64);
      v128.store(own, i32x4.splat(0), 80);
    }
    for (let first: u32 = 0; first < all; first += tile) {
      const last = min(all, first + tile);
      for (let b = start; b < end; b++)
        if (manhattan) directManhattan(b, first, last, state + <usize>(b - start) * 96);
        else if (columns < DOT_COLUMNS) direct(b, first, last, state + <usize>(b - start) * 96);
        else if (!wide) dot(b, first, last, state + <usize>(b - start) * 96);
        else dotWide(b, first, last, state + <usize>(b - start) * 96);
    }
    for (let b = start; b < end; b++) decide(b, state + <usize>(b - start) * 96);
  }
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Best, second and label of four rows, with one more centroid. */
// @ts-ignore: decorator
@inline
function consider(own: usize, d: v128, j: u32): void {
  const best = v128.load(own);
  const nearer = f32x4.lt(d, best);
  v128.store(own, f32x4.pmin(v128.load(own, 32), f32x4.pmax(best, d)), 32);
  v128.store(own, f32x4.pmin(best, d));
  v128.store(own, v128.bitselect(i32x4.splat(j), v128.load(own, 64), nearer), 64);
}

function dot(block: u32, first: u32, last: u32, own: usize): void {
  const rowsAt = packed + ((<usize>block * columns) << 5);
  for (let f = first; f < last; f++) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let p = rowsAt;
    let c = fours + ((<usize>f * columns) << 4);
    const end = c + (<usize>columns << 4);
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
    const norms = halfNorms + (<usize>f << 4);
    const j = f << 2;
    consider(own, f32x4.sub(v128.load32_splat(norms), a0), j);
    consider(own + 16, f32x4.sub(v128.load32_splat(norms), b0), j);
    consider(own, f32x4.sub(v128.load32_splat(norms, 4), a1), j + 1);
    consider(own + 16, f32x4.sub(v128.load32_splat(norms, 4), b1), j + 1);
    consider(own, f32x4.sub(v128.load32_splat(norms, 8), a2), j + 2);
    consider(own + 16, f32x4.sub(v128.load32_splat(norms, 8), b2), j + 2);
    consider(own, f32x4.sub(v128.load32_splat(norms, 12), a3), j + 3);
    consider(own + 16, f32x4.sub(v128.load32_splat(norms, 12), b3), j + 3);
  }
}

function dotWide(block: u32, first: u32, last: u32, own: usize): void {
  const bytes = <usize>columns << 2;
  const step = <usize>width << 2;
  for (let half: u32 = 0; half < 2; half++) {
    const row = (block << 3) + (half << 2);
    if (row >= rows) return;
    // past the last row stand numbers of no consequence, and past a row's end its zeros meet any
    const p = points + <usize>row * bytes;
    for (let j = first << 2; j < last << 2; j += 2) {
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      let y = p;
      let c = fours + <usize>j * step;
      const end = c + step;
      while (c < end) {
        const ca = v128.load(c);
        const cb = v128.load(c + step);
        let v = v128.load(y);
        a0 = madd(v, ca, a0);
        b0 = madd(v, cb, b0);
        v = v128.load(y + bytes);
        a1 = madd(v, ca, a1);
        b1 = madd(v, cb, b1);
        v = v128.load(y + 2 * bytes);
        a2 = madd(v, ca, a2);
        b2 = madd(v, cb, b2);
        v = v128.load(y + 3 * bytes);
        a3 = madd(v, ca, a3);
        b3 = madd(v, cb, b3);
        y += 16;
        c += 16;
      }
      const norms = halfNorms + (<usize>j << 2);
      const at = own + (<usize>half << 4);
      consider(at, f32x4.sub(v128.load32_splat(norms), across(a0, a1, a2, a3)), j);
      consider(at, f32x4.sub(v128.load32_splat(norms, 4), across(b0, b1, b2, b3)), j + 1);
    }
  }
}

/** The sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function across(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 2, 6),
    v128.shuffle<f32>(a, b, 1, 5, 3, 7),
  ); // a01 b01 a23 b23
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 2, 6),
    v128.shuffle<f32>(c, d, 1, 5, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 1, 4, 5),
    v128.shuffle<f32>(ab, cd, 2, 3, 6, 7),
  );
}

function direct(block: u32, first: u32, last: u32, own: usize): void {
  const rowsAt = packed + ((<usize>block * columns) << 5);
  for (let f = first; f < last; f++)
    for (let i: u32 = 0; i < 4; i++) {
      const j = (f << 2) + i;
      if (j >= k) return;
      let d0 = f32x4.splat(0);
      let d1 = d0;
      for (let t: u32 = 0; t < columns; t++) {
        const at = rowsAt + (<usize>t << 5);
        const c = v128.load32_splat(fours + ((<usize>(f * columns + t)) << 4) + (<usize>i << 2));
        const e0 = f32x4.sub(v128.load(at), c);
        const e1 = f32x4.sub(v128.load(at, 16), c);
        d0 = f32x4.add(d0, f32x4.mul(e0, e0));
        d1 = f32x4.add(d1, f32x4.mul(e1, e1));
      }
      consider(own, d0, j);
      consider(own + 16, d1, j);
    }
}

function directManhattan(block: u32, first: u32, last: u32, own: usize): void {
  const rowsAt = packed + ((<usize>block * columns) << 5);
  for (let f = first; f < last; f++) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let p = rowsAt;
    let c = fours + ((<usize>f * columns) << 4);
    const end = c + (<usize>columns << 4);
    while (c < end) {
      const y0 = v128.load(p);
      const y1 = v128.load(p, 16);
      let centroid = v128.load32_splat(c);
      a0 = f32x4.add(a0, f32x4.abs(f32x4.sub(y0, centroid)));
      b0 = f32x4.add(b0, f32x4.abs(f32x4.sub(y1, centroid)));
      centroid = v128.load32_splat(c, 4);
      a1 = f32x4.add(a1, f32x4.abs(f32x4.sub(y0, centroid)));
      b1 = f32x4.add(b1, f32x4.abs(f32x4.sub(y1, centroid)));
      centroid = v128.load32_splat(c, 8);
      a2 = f32x4.add(a2, f32x4.abs(f32x4.sub(y0, centroid)));
      b2 = f32x4.add(b2, f32x4.abs(f32x4.sub(y1, centroid)));
      centroid = v128.load32_splat(c, 12);
      a3 = f32x4.add(a3, f32x4.abs(f32x4.sub(y0, centroid)));
      b3 = f32x4.add(b3, f32x4.abs(f32x4.sub(y1, centroid)));
      p += 32;
      c += 16;
    }
    const j = f << 2;
    consider(own, a0, j);
    consider(own + 16, b0, j);
    if (j + 1 >= k) return;
    consider(own, a1, j + 1);
    consider(own + 16, b1, j + 1);
    if (j + 2 >= k) return;
    consider(own, a2, j + 2);
    consider(own + 16, b2, j + 2);
    if (j + 3 >= k) return;
    consider(own, a3, j + 3);
    consider(own + 16, b3, j + 3);
  }
}

/** Settles near-ties of a block, and moves rows between sums. */
function decide(block: u32, own: usize): void {
  const base = block << 3;
  for (let half: u32 = 0; half < 2; half++) {
    const at = own + (<usize>half << 4);
    const best = v128.load(at);
    const second = v128.load(at, 32);
    const near = ~i32x4.bitmask(f32x4.gt(f32x4.sub(second, best), bound(block, half, best, second)));
    for (let lane: u32 = 0; lane < 4; lane++) {
      const row = base + (half << 2) + lane;
      if (row >= rows) return;
      let label = load<u32>(at + (<usize>lane << 2), 64);
      if ((near >> lane) & 1) {
        const y = points + ((<usize>row * columns) << 2);
        if (manhattan) {
          take(y, 4);
          label = nearestManhattan(NO_LABEL);
        } else label = lookCloser(y, NO_LABEL);
      }
      move(row, label);
    }
  }
}

/** How near second may come to best before integers have to decide. */
// @ts-ignore: decorator
@inline
function bound(block: u32, half: u32, best: v128, second: v128): v128 {
  if (columns < DOT_COLUMNS || manhattan) {
    const both = f32x4.add(best, second);
    return f32x4.add(
      f32x4.add(
        f32x4.mul(f32x4.splat(nearRelative), both),
        f32x4.mul(f32x4.splat(nearRoot), f32x4.sqrt(both)),
      ),
      f32x4.splat(nearAbsolute),
    );
  }
  let norm = f32x4.splat(0);
  if (!wide) {
    const rowsAt = packed + ((<usize>block * columns) << 5) + (<usize>half << 4);
    for (let t: u32 = 0; t < columns; t++) {
      const y = v128.load(rowsAt + (<usize>t << 5));
      norm = f32x4.add(norm, f32x4.mul(y, y));
    }
  } else {
    const bytes = <usize>columns << 2;
    const p = points + <usize>((block << 3) + (half << 2)) * bytes;
    norm = across(square(p), square(p + bytes), square(p + 2 * bytes), square(p + 3 * bytes));
  }
  norm = f32x4.sqrt(norm);
  const relative: f32 = <f32>(roundings + 6) * 1.1920929e-7 * 1.01; // 2 · (roundings + 6) · 2^−24
  const product = f32x4.add(
    f32x4.mul(norm, f32x4.splat(longest)),
    f32x4.splat(0.5 * longest * longest),
  );
  // distances are halved here: 2u·√d·√(2·distance) / 2, twice, is below nearRoot · (‖y‖ + ‖c‖)
  const reach = f32x4.add(norm, f32x4.splat(longest));
  return f32x4.add(
    f32x4.add(f32x4.mul(f32x4.splat(relative), product), f32x4.mul(f32x4.splat(nearRoot), reach)),
    f32x4.splat(nearAbsolute),
  );
}

/** Squares of a row's numbers and, at its end, of some more, added up in lanes. */
// @ts-ignore: decorator
@inline
function square(y: usize): v128 {
  let sum = f32x4.splat(0);
  for (let t: u32 = 0; t < width; t += 4) {
    const v = v128.load(y + (<usize>t << 2));
    sum = f32x4.add(sum, f32x4.mul(v, v));
  }
  return sum;
}
