// Laying raw points on the grid: the three passes of src/grid.ts over a shard.
//
// Raw numbers (f32 or f64) stand where the grid values will; a value is never longer than its number,
// so it can be written in its place. Rows are worked through in blocks that stay in the first-level
// cache, a column at a time, so that what is found of a column stays in registers.
//
// At layAt(), f64 a column each: lowest x / scale, steps a unit, centre, scale, then what was found:
// ends or step sums (2), or ΣW·p i64, ΣW·p² as high · 2^32 + low (3).
//
// Plain f32 rows, as most are, are worked through four numbers at a time: as many rows side by side as
// fill whole vectors (two of two columns, four of three), each of whose numbers counts as a column of
// its own until the end of the call. The rows that are left over, and all others, go one by one.
//
// A pass may be made in several calls, each over rows [from, to), in ascending order: a page has to
// answer in between.

import { columns, points, sumSteps, weighted, weights } from './lane';
import { reserve } from './memory';
import { round1, round4 } from './numbers';

/** Numbers of a block. */
const BLOCK_NUMBERS: u32 = 8192;
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

let area: usize = 0;
/** Rows that fill whole vectors together, and their numbers; seven f64 for each of these. */
let together: u32 = 1;
let across: u32 = 0;
let lanes: usize = 0;

export function openLay(): void {
  area = reserve(<usize>columns * 8 * 7);
  together = 1;
  while ((together * columns) & 3) together++;
  across = together * columns;
  lanes = reserve(<usize>across * 8 * 7);
}
export function layAt(): usize {
  return area;
}

// @ts-ignore: decorator
@inline
function field(n: u32, t: u32): usize {
  return area + ((<usize>n * columns + t) << 3);
}

/** The same for the numbers of rows side by side; of f32 the lower half is used. */
// @ts-ignore: decorator
@inline
function laneField(n: u32, i: u32): usize {
  return lanes + ((<usize>n * across + i) << 3);
}

// @ts-ignore: decorator
@inline
function blockRows(): u32 {
  return min<u32>(512, max<u32>(4, BLOCK_NUMBERS / columns));
}

/** How many times rows stand side by side in [from, to). */
// @ts-ignore: decorator
@inline
function groups(from: u32, to: u32): u32 {
  return (to - from) / together;
}

function ranges<T>(from: u32, to: u32): u32 {
  if (from == 0)
    for (let t: u32 = 0; t < columns; t++) {
      store<f64>(field(4, t), Infinity);
      store<f64>(field(5, t), -Infinity);
    }
  let odd: u32 = 0;
  if (sizeof<T>() == 4) {
    odd = rangesInLanes(from, to);
    from += groups(from, to) * together;
  }
  const block = blockRows();
  for (let start = from; start < to; start += block) {
    const end = min(to, start + block);
    for (let t: u32 = 0; t < columns; t++) {
      let low = load<f64>(field(4, t));
      let high = load<f64>(field(5, t));
      let zero: f32 = 0;
      let at = points + (<usize>start * columns + t) * sizeof<T>();
      const last = points + <usize>end * columns * sizeof<T>();
      const step = <usize>columns * sizeof<T>();
      for (; at < last; at += step) {
        const x = <f64>load<T>(at);
        low = min(low, x);
        high = max(high, x);
        const single = <f32>x;
        zero += single - single; // 0, or NaN for good
      }
      if (zero != 0) odd = 1;
      store<f64>(field(4, t), low);
      store<f64>(field(5, t), high);
    }
  }
  return odd;
}

function rangesInLanes(from: u32, to: u32): u32 {
  const count = groups(from, to);
  const block = max<u32>(1, BLOCK_NUMBERS / across);
  const step = <usize>across << 2;
  const first = points + ((<usize>from * columns) << 2);
  let zero = f32x4.splat(0);
  for (let start: u32 = 0; start < count; start += block) {
    const end = first + <usize>min(count, start + block) * step;
    for (let i: u32 = 0; i < across; i += 4) {
      let at = first + <usize>start * step + ((<usize>i) << 2);
      const lowAt = laneField(0, 0) + ((<usize>i) << 2);
      const highAt = laneField(1, 0) + ((<usize>i) << 2);
      let low = start == 0 ? f32x4.splat(Infinity) : v128.load(lowAt);
      let high = start == 0 ? f32x4.splat(-Infinity) : v128.load(highAt);
      for (; at < end; at += step) {
        const x = v128.load(at);
        low = f32x4.pmin(low, x);
        high = f32x4.pmax(high, x);
        zero = f32x4.add(zero, f32x4.sub(x, x)); // 0, or NaN for good
      }
      v128.store(lowAt, low);
      v128.store(highAt, high);
    }
  }
  if (count > 0)
    for (let i: u32 = 0; i < across; i++) {
      const low = field(4, i % columns);
      const high = field(5, i % columns);
      store<f64>(low, min(load<f64>(low), <f64>load<f32>(laneField(0, 0) + ((<usize>i) << 2))));
      store<f64>(high, max(load<f64>(high), <f64>load<f32>(laneField(1, 0) + ((<usize>i) << 2))));
    }
  return u32(i32x4.bitmask(f32x4.eq(zero, f32x4.splat(0))) != 15);
}

function stepSums<T>(from: u32, to: u32, scaled: bool): void {
  if (from == 0) memory.fill(field(4, 0), 0, <usize>columns * 8);
  if (sizeof<T>() == 4 && !scaled && !weighted) {
    stepSumsInLanes(from, to);
    from += groups(from, to) * together;
  }
  const block = blockRows();
  for (let start = from; start < to; start += block) {
    const end = min(to, start + block);
    for (let t: u32 = 0; t < columns; t++) {
      const low = load<f64>(field(0, t));
      const perUnit = load<f64>(field(1, t));
      const scale = load<f64>(field(3, t));
      let sum = load<f64>(field(4, t));
      for (let i = start; i < end; i++) {
        let x = <f64>load<T>(points + (<usize>i * columns + t) * sizeof<T>());
        if (scaled) x /= scale;
        const step = floor<f64>((x - low) * perUnit + 0.5);
        sum += weighted ? step * <f64>load<u32>(weights + (<usize>i << 2)) : step;
      }
      store<f64>(field(4, t), sum);
    }
  }
}

/** f64 of the upper two lanes. */
// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
}

function stepSumsInLanes(from: u32, to: u32): void {
  const count = groups(from, to);
  const block = max<u32>(1, BLOCK_NUMBERS / across);
  const step = <usize>across << 2;
  const first = points + ((<usize>from * columns) << 2);
  for (let i: u32 = 0; i < across; i++) {
    store<f64>(laneField(0, i), load<f64>(field(0, i % columns)));
    store<f64>(laneField(1, i), load<f64>(field(1, i % columns)));
    store<f64>(laneField(4, i), 0);
  }
  const half = f64x2.splat(0.5);
  for (let start: u32 = 0; start < count; start += block) {
    const end = first + <usize>min(count, start + block) * step;
    for (let i: u32 = 0; i < across; i += 4) {
      let at = first + <usize>start * step + ((<usize>i) << 2);
      const low0 = v128.load(laneField(0, i));
      const low1 = v128.load(laneField(0, i), 16);
      const perUnit0 = v128.load(laneField(1, i));
      const perUnit1 = v128.load(laneField(1, i), 16);
      const sumAt = laneField(4, i);
      let sum0 = v128.load(sumAt);
      let sum1 = v128.load(sumAt, 16);
      for (; at < end; at += step) {
        const x = v128.load(at);
        const x0 = f64x2.sub(f64x2.promote_low_f32x4(x), low0);
        const x1 = f64x2.sub(upper(x), low1);
        sum0 = f64x2.add(sum0, f64x2.floor(f64x2.add(f64x2.mul(x0, perUnit0), half)));
        sum1 = f64x2.add(sum1, f64x2.floor(f64x2.add(f64x2.mul(x1, perUnit1), half)));
      }
      v128.store(sumAt, sum0);
      v128.store(sumAt, sum1, 16);
    }
  }
  // whole numbers below 2^53: any order gives the same
  for (let i: u32 = 0; i < across; i++) {
    const sum = field(4, i % columns);
    store<f64>(sum, load<f64>(sum) + load<f64>(laneField(4, i)));
  }
}

function settleOnGrid<T>(from: u32, to: u32, scaled: bool, shrink: f64): void {
  if (from == 0) memory.fill(field(4, 0), 0, <usize>columns * 24);
  if (sizeof<T>() == 4 && !scaled && !weighted) {
    settleInLanes(from, to, shrink);
    from += groups(from, to) * together;
  }
  const block = blockRows();
  for (let start = from; start < to; start += block) {
    const end = min(to, start + block);
    // in place: all columns of a row are read before its values overwrite the next row's numbers
    for (let i = start; i < end; i++)
      for (let t: u32 = 0; t < columns; t++) {
        let x = <f64>load<T>(points + (<usize>i * columns + t) * sizeof<T>());
        if (scaled) x /= load<f64>(field(3, t));
        let y = <f32>((x - load<f64>(field(2, t))) * shrink);
        if (abs<f32>(y) < SMALLEST_NORMAL) y = 0;
        store<f32>(points + ((<usize>i * columns + t) << 2), y);
      }
    for (let t: u32 = 0; t < columns; t++) {
      const steps = load<f32>(sumSteps + (<usize>t << 2));
      let sum = load<i64>(field(4, t));
      let high = load<u64>(field(5, t));
      let low = load<u64>(field(6, t));
      for (let i = start; i < end; i++) {
        const p = <i64>round1(load<f32>(points + ((<usize>i * columns + t) << 2)) * steps);
        const square = <u64>(p * p); // ≤ 2^60
        if (weighted) {
          const weight = <u64>load<u32>(weights + (<usize>i << 2));
          sum += p * <i64>weight;
          const part = weight * (square & 0xffffffff);
          high += weight * (square >> 32) + (part >> 32);
          low += part & 0xffffffff;
        } else {
          sum += p;
          high += square >> 32;
          low += square & 0xffffffff;
        }
      }
      store<i64>(field(4, t), sum);
      store<u64>(field(5, t), high);
      store<u64>(field(6, t), low);
    }
  }
}

function settleInLanes(from: u32, to: u32, shrink: f64): void {
  const count = groups(from, to);
  const block = max<u32>(1, BLOCK_NUMBERS / across);
  const step = <usize>across << 2;
  const first = points + ((<usize>from * columns) << 2);
  for (let i: u32 = 0; i < across; i++) {
    store<f64>(laneField(0, i), load<f64>(field(2, i % columns)));
    store<f32>(laneField(1, 0) + ((<usize>i) << 2), load<f32>(sumSteps + ((<usize>(i % columns)) << 2)));
  }
  memory.fill(laneField(4, 0), 0, <usize>across * 24);
  const times = f64x2.splat(shrink);
  const words = i64x2.splat(0xffffffff);
  for (let start: u32 = 0; start < count; start += block) {
    const end = first + <usize>min(count, start + block) * step;
    for (let i: u32 = 0; i < across; i += 4) {
      let at = first + <usize>start * step + ((<usize>i) << 2);
      const centre0 = v128.load(laneField(0, i));
      const centre1 = v128.load(laneField(0, i), 16);
      const steps = v128.load(laneField(1, 0) + ((<usize>i) << 2));
      const sumAt = laneField(4, i);
      const highAt = laneField(5, i);
      const lowAt = laneField(6, i);
      let sum0 = v128.load(sumAt);
      let sum1 = v128.load(sumAt, 16);
      let high0 = v128.load(highAt);
      let high1 = v128.load(highAt, 16);
      let low0 = v128.load(lowAt);
      let low1 = v128.load(lowAt, 16);
      for (; at < end; at += step) {
        const x = v128.load(at);
        const y0 = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(x), centre0), times);
        const y1 = f64x2.mul(f64x2.sub(upper(x), centre1), times);
        let y = v128.shuffle<i32>(
          f32x4.demote_f64x2_zero(y0),
          f32x4.demote_f64x2_zero(y1),
          0,
          1,
          4,
          5,
        );
        y = v128.and(y, f32x4.ge(f32x4.abs(y), f32x4.splat(SMALLEST_NORMAL)));
        v128.store(at, y);
        const p = round4(f32x4.mul(y, steps));
        sum0 = i64x2.add(sum0, i64x2.extend_low_i32x4_s(p));
        sum1 = i64x2.add(sum1, i64x2.extend_high_i32x4_s(p));
        const square0 = i64x2.extmul_low_i32x4_s(p, p);
        const square1 = i64x2.extmul_high_i32x4_s(p, p);
        high0 = i64x2.add(high0, i64x2.shr_u(square0, 32));
        high1 = i64x2.add(high1, i64x2.shr_u(square1, 32));
        low0 = i64x2.add(low0, v128.and(square0, words));
        low1 = i64x2.add(low1, v128.and(square1, words));
      }
      v128.store(sumAt, sum0);
      v128.store(sumAt, sum1, 16);
      v128.store(highAt, high0);
      v128.store(highAt, high1, 16);
      v128.store(lowAt, low0);
      v128.store(lowAt, low1, 16);
    }
  }
  for (let n: u32 = 4; n < 7; n++)
    for (let i: u32 = 0; i < across; i++) {
      const to = field(n, i % columns);
      store<i64>(to, load<i64>(to) + load<i64>(laneField(n, i)));
    }
}

export function ranges32(from: u32, to: u32): u32 {
  return ranges<f32>(from, to);
}
export function ranges64(from: u32, to: u32): u32 {
  return ranges<f64>(from, to);
}
export function stepSums32(from: u32, to: u32, scaled: bool): void {
  stepSums<f32>(from, to, scaled);
}
export function stepSums64(from: u32, to: u32, scaled: bool): void {
  stepSums<f64>(from, to, scaled);
}
export function settle32(from: u32, to: u32, scaled: bool, shrink: f64): void {
  settleOnGrid<f32>(from, to, scaled, shrink);
}
export function settle64(from: u32, to: u32, scaled: bool, shrink: f64): void {
  settleOnGrid<f64>(from, to, scaled, shrink);
}

/** Copies rows out: `count` shard-local numbers u32 at `list`, their values to `to`. */
export function gatherRows(list: usize, count: u32, to: usize): void {
  const bytes = <usize>columns << 2;
  for (let i: u32 = 0; i < count; i++)
    memory.copy(
      to + <usize>i * bytes,
      points + <usize>load<u32>(list + (<usize>i << 2)) * bytes,
      bytes,
    );
}
