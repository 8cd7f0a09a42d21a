// Finds, in each segment of rows, the row farthest from its own centroid: exact integers, ties to
// the lowest row, weightless rows and rows at distance 0 left out. Rows that won an election
// already are those not after the last winner in that order; only the segment that the last winner
// came from has to look again. Twin: relocate of src/engines/reference/lloyd.ts.
//
// One workgroup a segment.

override WORKGROUP: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(6) var<storage, read> grid_centroids: array<i32>;
@group(0) @binding(18) var<storage, read_write> champions: array<Champion>;

var<workgroup> contenders: array<Champion, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn farthest(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columns = params.columns;
  let segment = slice.first_segment + group.x;
  let last = Champion(winner.distance, winner.row);
  let again = winner.round == 0u || champions[segment].row == last.row;
  var mine = Champion(U96(0u, 0u, 0u), NO_ROW);
  if (again) {
    let start = group.x * params.rows_per_segment;
    let end = min(start + params.rows_per_segment, slice.rows);
    for (var i = start + lane; i < end; i += WORKGROUP) {
      let row = slice.first + i;
      if (WEIGHTED == 1u) {
        if (weights[row] == 0u) {
          continue;
        }
      }
      let home = labels[row] * columns;
      var distance = U96(0u, 0u, 0u);
      for (var t = 0u; t < columns; t++) {
        let difference = to_grid(points[row * columns + t], LABEL_BITS) - grid_centroids[home + t];
        distance = add96(distance, square(u32(abs(difference))));
      }
      let candidate = Champion(distance, slice.chunk_first + row);
      let elected = winner.round > 0u && !before(last, candidate);
      if (!equal96(distance, U96(0u, 0u, 0u)) && !elected && before(candidate, mine)) {
        mine = candidate;
      }
    }
  }
  contenders[lane] = mine;
  workgroupBarrier();
  if (lane == 0u && again) {
    for (var i = 1u; i < WORKGROUP; i++) {
      let other = contenders[i];
      if (before(other, mine)) {
        mine = other;
      }
    }
    champions[segment] = mine;
  }
}
