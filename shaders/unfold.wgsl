// Writes the labels in the caller's order: those of superblocks, of blocks and of rows, whichever comes
// first. One row a thread, as many times over as there are more rows than threads.

override WORKGROUP: u32;

@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(22) var<storage, read> row_of: array<u32>;
@group(0) @binding(24) var<storage, read> ordered_labels: array<u32>;
@group(0) @binding(25) var<storage, read> tree: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn unfold(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  for (var i = id.x; i < slice.rows; i += groups.x * WORKGROUP) {
    let place = slice.first + i;
    let block = place / blocks.rows;
    var label = tree[blocks.super_labels + block / blocks.per_super];
    if (label == MIXED) {
      label = tree[blocks.block_labels + block];
    }
    if (label == MIXED) {
      label = ordered_labels[place];
    }
    labels[row_of[place]] = label;
  }
}
