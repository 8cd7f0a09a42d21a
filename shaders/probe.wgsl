// Asks a device, before it is trusted, for what the other kernels live on and drivers have been seen to
// get wrong: counts and 64-bit sums by atomics, in workgroup and in global memory; barriers; whole
// products; ties; the rounding of float32. What is right is worked out in self-test.ts.
//
// Every thread has a row of COLUMNS numbers; the first rows of a workgroup are its centroids.
//
// sums: rows counted, then Σ of all numbers on the sum grid in two words.
// labels: of each row its nearest centroid, the bits of that distance, and Σ |number| · MULTIPLIER.

override WORKGROUP: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(10) var<storage, read_write> sums: array<atomic<u32>>;

const COLUMNS: u32 = 16u;
const CENTROIDS: u32 = 8u;
const MULTIPLIER: u32 = 0xfedcba97u;

var<workgroup> counted: atomic<u32>;
var<workgroup> own: array<atomic<u32>, 2>;
var<workgroup> tile: array<f32, CENTROIDS * COLUMNS>;

@compute @workgroup_size(WORKGROUP)
fn probe(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.x * WORKGROUP + lane;
  let base = row * COLUMNS;
  var product = U96(0u, 0u, 0u);
  atomicAdd(&counted, 1u);
  for (var t = 0u; t < COLUMNS; t++) {
    let p = to_grid(points[base + t], SUM_BITS);
    let x = vec2<u32>(u32(p), select(0u, 0xffffffffu, p < 0));
    let old = atomicAdd(&own[0], x.x);
    atomicAdd(&own[1], x.y + u32(old + x.x < old));
    product = add96(product, multiply(u32(abs(p)), MULTIPLIER));
    if (lane < CENTROIDS) {
      tile[lane * COLUMNS + t] = bitcast<f32>(points[base + t]);
    }
  }
  workgroupBarrier();

  var best = 1e38f;
  var label = 0u;
  for (var j = 0u; j < CENTROIDS; j++) {
    var distance = 0.0f;
    for (var t = 0u; t < COLUMNS; t++) {
      let difference = bitcast<f32>(points[base + t]) - tile[j * COLUMNS + t];
      distance += difference * difference;
    }
    if (distance < best) {
      best = distance;
      label = j;
    }
  }
  labels[4u * row] = label;
  labels[4u * row + 1u] = bitcast<u32>(best);
  labels[4u * row + 2u] = product.low;
  labels[4u * row + 3u] = product.middle;

  if (lane == 0u) {
    atomicAdd(&sums[0], atomicLoad(&counted));
    let x = vec2<u32>(atomicLoad(&own[0]), atomicLoad(&own[1]));
    let old = atomicAdd(&sums[1], x.x);
    atomicAdd(&sums[2], x.y + u32(old + x.x < old));
  }
}
