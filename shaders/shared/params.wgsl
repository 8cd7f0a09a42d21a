// What a run is about: one uniform a run. A struct that several kernels bind comes with its binding.

struct Params {
  columns: u32,
  // centroids placed
  k: u32,
  // centroids that fit in a workgroup's tile
  tile: u32,
  // columns of them at a time: all, unless tile ≤ 4
  column_step: u32,
  // columns and rows that one workgroup of `accumulate` adds up
  columns_per_group: u32,
  rows_per_group: u32,
  // rows that one workgroup of `farthest` searches
  rows_per_segment: u32,
  segments: u32,
  // words of the indirect arguments, and of the near-tie counters
  argument_words: u32,
  slices: u32,
  // records that fit in the history
  history_capacity: u32,
  // common exponent of the running inertia
  history_exponent: i32,
  // 0 keep, 1 relocate, 2 stop: what to do about a cluster without weight
  empty_policy: u32,
  // stop when the squared shift is below this: 96 bits, lowest word first
  shift_limit_low: u32,
  shift_limit_middle: u32,
  shift_limit_high: u32,
  // a gap between best and second is a near-tie up to
  // near_relative * (best + second) + near_root * sqrt(best + second) + near_absolute
  near_relative: f32,
  near_root: f32,
  near_absolute: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
