// Proposes the nearest centroid of every row in float32, and decides it where no rounding could
// have changed the answer. Rows with a near-tie go on a list for `settle`.
// Twin: assign of src/engines/reference/lloyd.ts.
//
// With SECOND, the centroid that a row is labelled with is left out: the second-nearest takes its place
// in `labels`, and rows with a near-tie keep their labels until `settle` has replaced them.
//
// One row a thread. Centroids pass through workgroup memory tile by tile, row-major as they are;
// four at a time stand against a coordinate, so that it is read once for four distances. Where not
// even four whole centroids fit, a tile is four of them at most, and their columns come in steps.
//
// Error of a distance in direct form, e = 2^−23 an operation in whichever direction: (d + 3)·e of
// itself, all terms being positive. Against the label grid, of step u = 2^−29, the true distance
// differs by at most 2u·√d·√distance + d·u². Both, for best and second together, are the three
// parts of the near-tie bound, enlarged by a little in src/near-tie.ts.

override WORKGROUP: u32;
override TILE_FLOATS: u32;
override SECOND: u32;

var<workgroup> centroid_tile: array<f32, TILE_FLOATS>;

struct Nearest {
  best: f32,
  second: f32,
  label: u32,
}

fn consider(nearest: Nearest, distance: f32, label: u32) -> Nearest {
  if (distance < nearest.best) {
    return Nearest(distance, nearest.best, label);
  }
  return Nearest(nearest.best, min(nearest.second, distance), nearest.label);
}

@compute @workgroup_size(WORKGROUP)
fn assign(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let offset = group.x * WORKGROUP + lane;
  let mine = offset < slice.rows;
  let row = slice.first + select(0u, offset, mine);
  let columns = params.columns;
  let base = row * columns;
  var nearest = Nearest(FAR, FAR, 0u);
  var own = 0u;
  if (SECOND == 1u) {
    own = labels[row];
  }

  for (var first = 0u; first < params.k; first += params.tile) {
    let count = min(params.tile, params.k - first);
    var distance = vec4<f32>(0.0);
    for (var start = 0u; start < columns; start += params.column_step) {
      let width = min(params.column_step, columns - start);
      workgroupBarrier();
      for (var i = lane; i < count * width; i += WORKGROUP) {
        centroid_tile[i] = centroids[(first + i / width) * columns + start + i % width];
      }
      workgroupBarrier();
      for (var j = 0u; j < count; j += 4u) {
        // past the end the last centroid stands in; what it gives is not considered
        let at = min(vec4<u32>(j, j + 1u, j + 2u, j + 3u), vec4<u32>(count - 1u)) * width;
        if (start == 0u) {
          distance = vec4<f32>(0.0);
        }
        for (var t = 0u; t < width; t++) {
          let difference = points[base + start + t] - vec4<f32>(
            centroid_tile[at.x + t],
            centroid_tile[at.y + t],
            centroid_tile[at.z + t],
            centroid_tile[at.w + t],
          );
          distance += difference * difference;
        }
        if (start + width < columns) {
          continue; // the tile has four centroids at most: their distances grow on in the next step
        }
        if (SECOND == 1u) {
          let numbers = first + j + vec4<u32>(0u, 1u, 2u, 3u);
          distance = select(distance, vec4<f32>(FAR), numbers == vec4<u32>(own));
        }
        nearest = consider(nearest, distance.x, first + j);
        if (j + 1u < count) {
          nearest = consider(nearest, distance.y, first + j + 1u);
        }
        if (j + 2u < count) {
          nearest = consider(nearest, distance.z, first + j + 2u);
        }
        if (j + 3u < count) {
          nearest = consider(nearest, distance.w, first + j + 3u);
        }
      }
    }
  }

  if (mine) {
    let both = nearest.best + nearest.second;
    let bound = params.near_relative * both + params.near_root * sqrt(both) + params.near_absolute;
    propose(row, labels[row], nearest.label, nearest.second - nearest.best > bound);
  }
  workgroupBarrier();
  if (lane == 0u) {
    tell_moved();
  }
}
