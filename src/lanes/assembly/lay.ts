// Laying raw points on the grid: the three passes of src/grid.ts over a shard.
//
// Raw numbers (f32 or f64) stand where the grid values will; a value is never longer than its number,
// so it can be written in its place. Rows are worked through in blocks that stay in the first-level
// cache, a column at a time, so that what is found of a column stays in registers.
//
// At layAt(), f64 a column each: lowest x / scale, steps a unit, centre, scale, then what was found:
// ends or step sums (2), or ΣW·p i64, ΣW·p² as high · 2^32 + low (3).
//
// A pass may be made in several calls, each over rows [from, to), in ascending order: a page has to
// answer in between.

import { columns, points, sumSteps, weighted, weights } from './lane';
import { reserve } from './memory';
import { round1 } from './numbers';

const BLOCK: u32 = 512;
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

let area: usize = 0;

export function openLay(): void {
  area = reserve(<usize>columns * 8 * 7);
}
export function layAt(): usize {
  return area;
}

// @ts-ignore: decorator
@inline
function field(n: u32, t: u32): usize {
  return area + ((<usize>n * columns + t) << 3);
}

function ranges<T>(from: u32, to: u32): u32 {
  if (from == 0)
    for (let t: u32 = 0; t < columns; t++) {
      store<f64>(field(4, t), Infinity);
      store<f64>(field(5, t), -Infinity);
    }
  let odd: u32 = 0;
  for (let start = from; start < to; start += BLOCK) {
    const end = min(to, start + BLOCK);
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

function stepSums<T>(from: u32, to: u32, scaled: bool): void {
  if (from == 0) memory.fill(field(4, 0), 0, <usize>columns * 8);
  for (let start = from; start < to; start += BLOCK) {
    const end = min(to, start + BLOCK);
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

function settleOnGrid<T>(from: u32, to: u32, scaled: bool, shrink: f64): void {
  if (from == 0) memory.fill(field(4, 0), 0, <usize>columns * 24);
  for (let start = from; start < to; start += BLOCK) {
    const end = min(to, start + BLOCK);
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
