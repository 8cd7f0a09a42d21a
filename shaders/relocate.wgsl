// Takes the elected row out of its cluster's sums and gives it to the vacant one. The label follows
// in the next iteration. One workgroup; does nothing where the row is not in its slice.

override WORKGROUP: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(7) var<storage, read> column_exponents: array<i32>;
@group(0) @binding(10) var<storage, read_write> sums: array<u32>;
@group(0) @binding(11) var<storage, read_write> counts: array<u32>;

fn add(cell: u32, x: vec2<u32>) {
  let low = sums[2u * cell] + x.x;
  sums[2u * cell] = low;
  sums[2u * cell + 1u] += x.y + u32(low < x.x);
}

@compute @workgroup_size(WORKGROUP)
fn relocate(@builtin(local_invocation_index) lane: u32) {
  let first = slice.chunk_first + slice.first;
  if (winner.row == NO_ROW || winner.row < first || winner.row - first >= slice.rows) {
    return;
  }
  let row = winner.row - slice.chunk_first;
  let columns = params.columns;
  let donor = labels[row];
  let heir = winner.heir;
  var weight = 1u;
  if (WEIGHTED == 1u) {
    weight = weights[row];
  }
  for (var t = lane; t < columns; t += WORKGROUP) {
    let p = to_grid(points[row * columns + t], SUM_BITS - column_exponents[t]);
    add(donor * columns + t, weighted(-p, weight));
    add(heir * columns + t, weighted(p, weight));
  }
  if (lane == 0u) {
    counts[donor] -= weight;
    counts[heir] += weight;
  }
}
