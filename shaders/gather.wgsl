// Moves every row to its place along the curve: the next one of its cell. Which of the rows of a cell
// comes first is chance, and no result hangs on it. One row a thread, as many times over as there
// are more rows than threads.

override WORKGROUP: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<f32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(21) var<storage, read_write> cells: array<atomic<u32>>;
@group(0) @binding(22) var<storage, read_write> row_of: array<u32>;
@group(0) @binding(23) var<storage, read_write> ordered: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn gather(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  for (var i = id.x; i < slice.rows; i += groups.x * WORKGROUP) {
    let row = slice.first + i;
    let base = row * params.columns;
    let place = atomicAdd(&cells[cell_of(base)], 1u);
    row_of[place] = row;
    let to = place / blocks.rows * blocks.row_words + place % blocks.rows;
    for (var t = 0u; t < params.columns; t++) {
      ordered[to + t * blocks.rows] = bitcast<u32>(points[base + t]);
    }
    if (WEIGHTED == 1u) {
      ordered[to + params.columns * blocks.rows] = weights[row];
    }
  }
}
