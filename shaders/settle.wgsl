// Decides the near-ties that `assign` left: the nearest centroid in exact integers on the label
// grid, ties to the lowest index. Twin: exactNearest of src/exact.ts.
//
// With DIRECT, where rows come from `compare`, they are looked at in float32 first, by Σ(y − c)², whose error
// is relative: most need no integers then. The bound is that of assign.wgsl.
//
// With SECOND, the centroid that a row is labelled with is left out.
//
// One row a thread, as many times over as the list is longer than the dispatch.

override WORKGROUP: u32;
override SECOND: u32;
override DIRECT: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(5) var<storage, read> centroids: array<f32>;
@group(0) @binding(6) var<storage, read> grid_centroids: array<i32>;
@group(0) @binding(8) var<storage, read_write> near: array<u32>;
@group(0) @binding(9) var<storage, read_write> near_counts: array<atomic<u32>>;

// The nearest centroid in float32, or k where that does not tell.
fn directly(base: u32, own: u32) -> u32 {
  var best = 1e38;
  var second = 1e38;
  var label = 0u;
  for (var j = 0u; j < params.k; j++) {
    if (SECOND == 1u && j == own) {
      continue;
    }
    var distance = 0.0;
    for (var t = 0u; t < params.columns; t++) {
      let difference = bitcast<f32>(points[base + t]) - centroids[j * params.columns + t];
      distance += difference * difference;
    }
    if (distance < best) {
      second = best;
      best = distance;
      label = j;
    } else {
      second = min(second, distance);
    }
  }
  let both = best + second;
  let bound = params.near_relative * both + params.near_root * sqrt(both) + params.near_absolute;
  return select(params.k, label, second - best > bound);
}

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
    var first = 0u;
    if (DIRECT == 1u) {
      let direct = directly(base, own);
      if (direct < params.k) {
        label = direct;
        first = params.k; // nothing is left to decide
      }
    }
    for (var j = first; j < params.k; j++) {
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
