// What `assign`, `compare` and `narrow` have in common: a centroid for every row in float32, and a list of the
// near-ties for `settle`.

@group(0) @binding(2) var<storage, read> points: array<f32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(5) var<storage, read> centroids: array<f32>;
@group(0) @binding(8) var<storage, read_write> near: array<u32>;
@group(0) @binding(9) var<storage, read_write> near_counts: array<atomic<u32>>;

const FAR: f32 = 1e38;

// `before` is the label that the row has; `sure`, that no rounding could have changed the answer.
fn propose(row: u32, before: u32, label: u32, sure: bool) {
  if (!sure) {
    near[atomicAdd(&near_counts[slice.index], 1u)] = row;
  } else if (before != label) {
    labels[row] = label;
    atomicAdd(&moved, 1u);
  }
}
