// Labels and sums that are kept from one iteration to the next: a row that moved is taken out of one sum and
// added to another, which is exact in integers.

import { columns, countMoved, counts, labels, points, rows, sumSteps, sums, weighted, weights } from './lane';
import { reserve } from './memory';
import { NO_LABEL, round1, round4 } from './numbers';

let keptLabels: usize = 0;
let keptSums: usize = 0;
/** Whether labels were replaced since the last iteration by others than that one's. */
export let replaced: bool = true;

export function openMoves(): void {
  keptLabels = 0;
  replaced = true;
}

export function noteReplaced(): void {
  replaced = false;
}

/** No row has a label, no cluster a sum. */
export function forgetBrute(maxK: u32): void {
  replaced = true;
  memory.fill(labels, 0xff, <usize>rows * 4);
  memory.fill(sums, 0, <usize>maxK * columns * 8);
  memory.fill(counts, 0, <usize>maxK * 4);
}

/** Puts labels, sums and counts aside, so that an iteration may be tried without leaving a trace. */
export function keepBrute(maxK: u32): void {
  const cells = <usize>maxK * columns;
  if (!keptLabels) {
    keptLabels = reserve(<usize>rows * 4);
    keptSums = reserve(cells * 8 + <usize>maxK * 4);
  }
  memory.copy(keptLabels, labels, <usize>rows * 4);
  memory.copy(keptSums, sums, cells * 8);
  memory.copy(keptSums + cells * 8, counts, <usize>maxK * 4);
}

export function restoreBrute(maxK: u32): void {
  replaced = true;
  const cells = <usize>maxK * columns;
  memory.copy(labels, keptLabels, <usize>rows * 4);
  memory.copy(sums, keptSums, cells * 8);
  memory.copy(counts, keptSums + cells * 8, <usize>maxK * 4);
}

/** A row belongs to another cluster, or to the same one as before. */
// @ts-ignore: decorator
@inline
export function move(row: u32, label: u32): void {
  const at = labels + (<usize>row << 2);
  const old = load<u32>(at);
  if (old == label) return;
  store<u32>(at, label);
  countMoved(1);
  const weight: i64 = weighted ? <i64>load<u32>(weights + (<usize>row << 2)) : 1;
  add(row, label, weight);
  if (old != NO_LABEL) add(row, old, -weight);
}

/** Adds a row `weight` times to a cluster. */
function add(row: u32, label: u32, weight: i64): void {
  const count = counts + (<usize>label << 2);
  store<u32>(count, load<u32>(count) + <u32>weight);
  const sum = sums + <usize>label * columns * 8;
  const y = points + ((<usize>row * columns) << 2);
  let t: u32 = 0;
  // most rows weigh 1, and to multiply 64 bits takes longer than all the rest
  const once = weight == 1 || weight == -1;
  const sign = i32x4.splat(<i32>(weight >> 63));
  const times = i64x2.splat(weight);
  for (; t + 4 <= columns; t += 4) {
    const p = round4(
      f32x4.mul(v128.load(y + (<usize>t << 2)), v128.load(sumSteps + (<usize>t << 2))),
    );
    const signed = i32x4.sub(v128.xor(p, sign), sign);
    const low = once
      ? i64x2.extend_low_i32x4_s(signed)
      : i64x2.mul(times, i64x2.extend_low_i32x4_s(p));
    const high = once
      ? i64x2.extend_high_i32x4_s(signed)
      : i64x2.mul(times, i64x2.extend_high_i32x4_s(p));
    const s = sum + (<usize>t << 3);
    v128.store(s, i64x2.add(v128.load(s), low));
    v128.store(s, i64x2.add(v128.load(s, 16), high), 16);
  }
  for (; t < columns; t++) {
    const s = sum + (<usize>t << 3);
    const p = round1(load<f32>(y + (<usize>t << 2)) * load<f32>(sumSteps + (<usize>t << 2)));
    store<i64>(s, load<i64>(s) + <i64>p * weight);
  }
}
