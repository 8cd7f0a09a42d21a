// Decides the near-ties that `assign` left: the nearest centroid in exact integers on the label
// grid, ties to the lowest index. Twin: exactNearest of src/exact.ts.
//
// With SECOND, the centroid that a row is labelled with is left out.
//
// One row a thread, as many times over as the list is longer than the dispatch.

override WORKGROUP: u32;
override SECOND: u32;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> slice: Slice;
@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(6) var<storage, read> grid_centroids: array<i32>;
@group(0) @binding(8) var<storage, read_write> near: array<u32>;
@group(0) @binding(9) var<storage, read_write> near_counts: array<atomic<u32>>;
@group(0) @binding(12) var<storage, read_write> state: State;

@compute @workgroup_size(WORKGROUP)
fn settle(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let columns = params.columns;
  let count = atomicLoad(&near_counts[slice.index]);
  for (var i = id.x; i < count; i += groups.x * WORKGROUP) {
    let row = near[i];
    let base = row * columns;
    let own = labels[row];
    var best = U96(0xffffffffu, 0xffffffffu, 0xffffffffu);
    var label = 0u;
    for (var j = 0u; j < params.k; j++) {
      if (SECOND == 1u && j == own) {
        continue;
      }
      var distance = U96(0u, 0u, 0u);
      for (var t = 0u; t < columns; t++) {
        let difference = to_grid(points[base + t], LABEL_BITS) - grid_centroids[j * columns + t];
        distance = add96(distance, square(u32(abs(difference))));
        if (distance.high > best.high) {
          break; // sums only grow
        }
      }
      if (less96(distance, best)) {
        best = distance;
        label = j;
      }
    }
    if (own != label) {
      labels[row] = label;
      atomicAdd(&state.moved, 1u);
    }
  }
}
