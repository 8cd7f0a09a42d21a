// Adds every row to its cluster where workgroup memory has no room for the sums of `accumulate`: Σ W·p in
// 64-bit integers, Σ W in 32. Twin: accumulate of src/engines/reference/lloyd.ts.
//
// A workgroup sorts its rows by label and adds the rows of a cluster up in registers: a run of equal labels
// costs one addition to the global sums, whatever k is. However the rows are spread over the clusters,
// each thread has as many rows to add, and a workgroup adds to no sum more than once a stretch. The
// network is bitonic: it needs no counters, of which there would be k, and no atomics.
//
// A thread has a column of a stretch of sorted rows: neighbours read neighbouring coordinates.

override WORKGROUP: u32;
// Of a workgroup: a power of two, with k · ROWS < 2^32
override ROWS: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(7) var<storage, read> column_exponents: array<i32>;

// label · ROWS + row; beyond the rows there are all ones, which come last
var<workgroup> keys: array<u32, ROWS>;

@compute @workgroup_size(WORKGROUP)
fn reduce(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columns = params.columns;
  let first_row = group.x * ROWS;
  let rows = min(ROWS, slice.rows - min(slice.rows, first_row));
  for (var i = lane; i < ROWS; i += WORKGROUP) {
    var key = 0xffffffffu;
    if (i < rows) {
      key = labels[slice.first + first_row + i] * ROWS + i;
    }
    keys[i] = key;
  }
  workgroupBarrier();

  for (var size = 2u; size <= ROWS; size *= 2u) {
    for (var apart = size / 2u; apart > 0u; apart /= 2u) {
      for (var i = lane; i < ROWS / 2u; i += WORKGROUP) {
        let at = 2u * i - i % apart;
        let a = keys[at];
        let b = keys[at + apart];
        if ((a > b) == ((at & size) == 0u)) {
          keys[at] = b;
          keys[at + apart] = a;
        }
      }
      workgroupBarrier();
    }
  }

  let stretches = max(1u, WORKGROUP / columns);
  let length = (ROWS + stretches - 1u) / stretches;
  for (var i = lane; i < stretches * columns; i += WORKGROUP) {
    let column = i % columns;
    let lift = SUM_BITS - column_exponents[column];
    let start = i / columns * length;
    let end = min(start + length, rows);
    var sum = vec2<u32>(0u);
    var total = 0u;
    for (var at = start; at < end; at++) {
      let label = keys[at] / ROWS;
      let row = slice.first + first_row + keys[at] % ROWS;
      let p = to_grid(points[row * columns + column], lift);
      var weight = 1u;
      var x = vec2<u32>(u32(p), select(0u, 0xffffffffu, p < 0));
      if (WEIGHTED == 1u) {
        weight = weights[row];
        x = weighted(p, weight);
      }
      let low = sum.x + x.x;
      sum = vec2<u32>(low, sum.y + x.y + u32(low < x.x));
      total += weight;
      // where a run ends, or the stretch
      if (at + 1u == end || keys[at + 1u] / ROWS != label) {
        add_sum(label * columns + column, sum);
        if (column == 0u) {
          atomicAdd(&counts[label], total);
        }
        sum = vec2<u32>(0u);
        total = 0u;
      }
    }
  }
}
