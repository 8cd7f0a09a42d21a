// Adds every row to its cluster: Σ W·p in 64-bit integers, Σ W in 32. Integer sums do not depend on
// their order, so atomics may race. Twin: accumulate of src/engines/reference/lloyd.ts.
//
// A workgroup adds its rows up in its own memory, for `columns_per_group` columns of all clusters, and
// takes the totals to the global sums once. Neighbouring threads read neighbouring coordinates. With too
// many clusters for that, `reduce` takes its place.
//
// Workgroup memory: [k × columns_per_group] pairs (low, high), then k weights.

override WORKGROUP: u32;
override PRIVATE_WORDS: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(7) var<storage, read> column_exponents: array<i32>;

var<workgroup> own: array<atomic<u32>, PRIVATE_WORDS>;

fn add_own(cell: u32, x: vec2<u32>) {
  let old = atomicAdd(&own[2u * cell], x.x);
  let high = x.y + u32(old + x.x < old);
  if (high != 0u) {
    atomicAdd(&own[2u * cell + 1u], high);
  }
}

@compute @workgroup_size(WORKGROUP)
fn accumulate(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columns = params.columns;
  let first_column = group.y * params.columns_per_group;
  let width = min(params.columns_per_group, columns - first_column);
  let first_row = group.x * params.rows_per_group;
  let rows = min(params.rows_per_group, slice.rows - min(slice.rows, first_row));
  let own_counts = 2u * params.k * params.columns_per_group;

  for (var i = lane; i < rows * width; i += WORKGROUP) {
    let row = slice.first + first_row + i / width;
    let t = i % width;
    let column = first_column + t;
    let label = labels[row];
    var weight = 1u;
    if (WEIGHTED == 1u) {
      weight = weights[row];
    }
    let p = to_grid(points[row * columns + column], SUM_BITS - column_exponents[column]);
    var x = vec2<u32>(u32(p), select(0u, 0xffffffffu, p < 0));
    if (WEIGHTED == 1u) {
      x = weighted(p, weight);
    }
    add_own(label * params.columns_per_group + t, x);
    if (column == 0u) {
      atomicAdd(&own[own_counts + label], weight);
    }
  }

  workgroupBarrier();
  for (var i = lane; i < params.k * width; i += WORKGROUP) {
    let j = i / width;
    let cell = j * params.columns_per_group + i % width;
    let x = vec2<u32>(atomicLoad(&own[2u * cell]), atomicLoad(&own[2u * cell + 1u]));
    if ((x.x | x.y) != 0u) {
      add_sum(j * columns + first_column + i % width, x);
    }
  }
  if (first_column == 0u) {
    for (var j = lane; j < params.k; j += WORKGROUP) {
      let weight = atomicLoad(&own[own_counts + j]);
      if (weight > 0u) {
        atomicAdd(&counts[j], weight);
      }
    }
  }
}
