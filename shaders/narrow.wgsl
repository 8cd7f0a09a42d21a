// Proposes the nearest centroid of every row in float32 where rows have four columns at most: four rows a
// thread in registers, so that a centroid is read once for all of them. What is proposed and when it is
// settled is as in assign.wgsl. Twin: assign of src/engines/reference/lloyd.ts.
//
// Centroids pass through workgroup memory tile by tile, one in a vector.

override WORKGROUP: u32;
override COLUMNS: u32;
override TILE_VECTORS: u32;
override SECOND: u32;

var<workgroup> tile: array<vec4<f32>, TILE_VECTORS>;

fn column(rows: vec4<u32>, t: u32) -> vec4<f32> {
  if (t >= COLUMNS) {
    return vec4<f32>(0.0);
  }
  let at = rows * COLUMNS + t;
  return vec4<f32>(points[at.x], points[at.y], points[at.z], points[at.w]);
}

fn centroid(j: u32) -> vec4<f32> {
  var c = vec4<f32>(0.0);
  for (var t = 0u; t < COLUMNS; t++) {
    c[t] = centroids[j * COLUMNS + t];
  }
  return c;
}

@compute @workgroup_size(WORKGROUP)
fn narrow(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  // neighbouring threads have neighbouring rows
  let offsets = group.x * 4u * WORKGROUP + lane + vec4<u32>(0u, 1u, 2u, 3u) * WORKGROUP;
  let rows = slice.first + min(offsets, vec4<u32>(slice.rows - 1u));
  let x = column(rows, 0u);
  let y = column(rows, 1u);
  let z = column(rows, 2u);
  let w = column(rows, 3u);
  let own = vec4<u32>(labels[rows.x], labels[rows.y], labels[rows.z], labels[rows.w]);
  var best = vec4<f32>(FAR);
  var second = vec4<f32>(FAR);
  var label = vec4<u32>(0u);

  for (var first = 0u; first < params.k; first += params.tile) {
    let count = min(params.tile, params.k - first);
    workgroupBarrier();
    for (var i = lane; i < count; i += WORKGROUP) {
      tile[i] = centroid(first + i);
    }
    workgroupBarrier();
    for (var i = 0u; i < count; i++) {
      let c = tile[i];
      let j = vec4<u32>(first + i);
      var difference = x - c.x;
      var distance = difference * difference;
      if (COLUMNS > 1u) {
        difference = y - c.y;
        distance += difference * difference;
      }
      if (COLUMNS > 2u) {
        difference = z - c.z;
        distance += difference * difference;
      }
      if (COLUMNS > 3u) {
        difference = w - c.w;
        distance += difference * difference;
      }
      if (SECOND == 1u) {
        distance = select(distance, vec4<f32>(FAR), j == own);
      }
      let nearer = distance < best;
      second = select(min(second, distance), best, nearer);
      label = select(label, j, nearer);
      best = min(best, distance);
    }
  }

  let both = best + second;
  let bound = params.near_relative * both + params.near_root * sqrt(both) + params.near_absolute;
  for (var i = 0u; i < 4u; i++) {
    if (offsets[i] < slice.rows) {
      propose(rows[i], own[i], label[i], second[i] - best[i] > bound[i]);
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    tell_moved();
  }
}
