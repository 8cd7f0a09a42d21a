// Copies some rows, in the order in which they are named. One coordinate a thread, as many times over as
// there are more coordinates than threads. Twin: gatherRows of src/matrix.ts.

override WORKGROUP: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(22) var<storage, read> row_of: array<u32>;
@group(0) @binding(30) var<storage, read_write> laid: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn pick(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let columns = laying.columns;
  for (var i = id.x; i < laying.rows * columns; i += groups.x * WORKGROUP) {
    laid[i] = points[laying.points_at + row_of[i / columns] * columns + i % columns];
  }
}
