// Which rows a dispatch is about: one uniform a slice.

struct Slice {
  // first row, counted in its chunk
  first: u32,
  rows: u32,
  // first row of the chunk, counted in all points
  chunk_first: u32,
  // number of the slice
  index: u32,
  // its first segment among all segments
  first_segment: u32,
}

@group(0) @binding(1) var<uniform> slice: Slice;
