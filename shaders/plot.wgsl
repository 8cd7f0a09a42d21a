// Counts the rows of every cell of the curve. One row a thread, as many times over as there are more
// rows than threads. Twin: cellOf of test/kernels/cell-of.ts.

override WORKGROUP: u32;

@group(0) @binding(2) var<storage, read> points: array<f32>;
@group(0) @binding(21) var<storage, read_write> cells: array<atomic<u32>>;

@compute @workgroup_size(WORKGROUP)
fn plot(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  for (var i = id.x; i < slice.rows; i += groups.x * WORKGROUP) {
    atomicAdd(&cells[cell_of((slice.first + i) * params.columns)], 1u);
  }
}
