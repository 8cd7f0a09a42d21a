// Decides the nearest centroid of every row by Σ|q − g|: whole steps of the label grid, which add up
// exactly in two words. Nothing is left to `settle`. Ties to the lowest index.
// Twin: manhattan of src/engines/reference/lloyd.ts.
//
// With SECOND, the centroid that a row is labelled with is left out: the second-nearest takes its place.
//
// One row a thread. Centroids pass through workgroup memory tile by tile, and wide ones in steps of
// columns, as in assign.wgsl; four stand against a coordinate.

override WORKGROUP: u32;
override TILE_WORDS: u32;
override SECOND: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(6) var<storage, read> grid_centroids: array<i32>;

var<workgroup> tile: array<i32, TILE_WORDS>;

// More than the high word of any distance.
const FAR: u32 = 0xffffffffu;

struct Nearest {
  low: u32,
  high: u32,
  label: u32,
}

fn consider(nearest: Nearest, low: u32, high: u32, label: u32) -> Nearest {
  if (high < nearest.high || (high == nearest.high && low < nearest.low)) {
    return Nearest(low, high, label);
  }
  return nearest;
}

@compute @workgroup_size(WORKGROUP)
fn manhattan(
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
    var low = vec4<u32>(0u);
    var high = vec4<u32>(0u);
    for (var start = 0u; start < columns; start += params.column_step) {
      let width = min(params.column_step, columns - start);
      workgroupBarrier();
      for (var i = lane; i < count * width; i += WORKGROUP) {
        tile[i] = grid_centroids[(first + i / width) * columns + start + i % width];
      }
      workgroupBarrier();
      for (var j = 0u; j < count; j += 4u) {
        // past the end the last centroid stands in; what it gives is not considered
        let at = min(vec4<u32>(j, j + 1u, j + 2u, j + 3u), vec4<u32>(count - 1u)) * width;
        if (start == 0u) {
          low = vec4<u32>(0u);
          high = vec4<u32>(0u);
        }
        for (var t = 0u; t < width; t++) {
          let q = to_grid(points[base + start + t], LABEL_BITS);
          let g = vec4<i32>(tile[at.x + t], tile[at.y + t], tile[at.z + t], tile[at.w + t]);
          let difference = vec4<u32>(abs(vec4<i32>(q) - g));
          low += difference;
          high += select(vec4<u32>(0u), vec4<u32>(1u), low < difference);
        }
        if (start + width < columns) {
          continue; // the tile has four centroids at most: their distances grow on in the next step
        }
        if (SECOND == 1u) {
          let numbers = first + j + vec4<u32>(0u, 1u, 2u, 3u);
          high = select(high, vec4<u32>(FAR), numbers == vec4<u32>(own));
        }
        nearest = consider(nearest, low.x, high.x, first + j);
        if (j + 1u < count) {
          nearest = consider(nearest, low.y, high.y, first + j + 1u);
        }
        if (j + 2u < count) {
          nearest = consider(nearest, low.z, high.z, first + j + 2u);
        }
        if (j + 3u < count) {
          nearest = consider(nearest, low.w, high.w, first + j + 3u);
        }
      }
    }
  }

  if (mine && labels[row] != nearest.label) {
    labels[row] = nearest.label;
    atomicAdd(&moved, 1u);
  }
  workgroupBarrier();
  if (lane == 0u) {
    tell_moved();
  }
}
