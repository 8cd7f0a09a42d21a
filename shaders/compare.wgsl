// Proposes the nearest centroid of every row in float32 where rows are wide, by ‖c‖²/2 − y·c: half the work of
// Σ(y − c)², in a tile of rows × centroids that stays in registers. Rows with a near-tie go on a list
// for `settle`, which looks at them in direct form first. Twin: assign of src/engines/reference/lloyd.ts.
//
// Eight rows × four centroids a thread; SIDE threads stand side by side along the centroids, the others along
// the rows. DEPTH columns of both pass through workgroup memory at a time. Each thread keeps the best
// and second-best of its centroids; in the end neighbours meet, halving their number.
//
// With SECOND, the centroid that a row is labelled with is left out: see assign.wgsl.
//
// Error, e = 2^−23 an operation in whichever direction: of y·c it is at most d·e·‖y‖‖c‖, of ‖c‖²/2 at most
// d·e·‖c‖²/2, of their difference e more, whatever the order of the sums and however they are fused.
// With C for the largest ‖c‖, two distances ‖y‖² + 2·(‖c‖²/2 − y·c) are then told apart where they differ
// by more than 4·(d + 2)·e·(C²/2 + ‖y‖·C), beside what the label grid moves them by (src/near-tie.ts):
// 2u·√d·√distance each, √distance being at most ‖y‖ + C. That ‖y‖ and C are rounded, too, and products of
// errors, take less than the quarter that is added. Data is centred: neither norm is much larger than
// a distance.

override WORKGROUP: u32;
override SIDE: u32;
override DEPTH: u32;
override TILE_VECTORS: u32;
override SECOND: u32;

// rows by column, four in a vector, then centroids likewise; in the end what threads have found
var<workgroup> tile: array<vec4<f32>, TILE_VECTORS>;
// bits of the largest ‖c‖²
var<workgroup> largest: atomic<u32>;

// of four rows; labels stay below 2^24
struct Nearest {
  best: vec4<f32>,
  second: vec4<f32>,
  label: vec4<f32>,
}

fn consider(nearest: Nearest, score: vec4<f32>, label: vec4<f32>) -> Nearest {
  let nearer = score < nearest.best;
  return Nearest(
    min(nearest.best, score),
    select(min(nearest.second, score), nearest.best, nearer),
    select(nearest.label, label, nearer),
  );
}

// What two threads have found in different centroids.
fn both(a: Nearest, b: Nearest) -> Nearest {
  let nearer = b.best < a.best;
  return Nearest(
    min(a.best, b.best),
    min(max(a.best, b.best), min(a.second, b.second)),
    select(a.label, b.label, nearer),
  );
}

fn coordinate(offset: u32, t: u32) -> f32 {
  if (offset < slice.rows && t < params.columns) {
    return points[(slice.first + offset) * params.columns + t];
  }
  return 0.0;
}

fn centroid_coordinate(j: u32, t: u32) -> f32 {
  if (j < params.k && t < params.columns) {
    return centroids[j * params.columns + t];
  }
  return 0.0;
}

// Leaves out what is no centroid, and those that the rows are labelled with.
fn score_of(j: u32, half_norm: f32, product: vec4<f32>, own: vec4<u32>) -> vec4<f32> {
  if (j >= params.k) {
    return vec4<f32>(FAR);
  }
  let score = vec4<f32>(half_norm) - product;
  if (SECOND == 1u) {
    return select(score, vec4<f32>(FAR), vec4<u32>(j) == own);
  }
  return score;
}

fn own_labels(offset: u32) -> vec4<u32> {
  var own = vec4<u32>(0u);
  for (var i = 0u; i < 4u; i++) {
    if (offset + i < slice.rows) {
      own[i] = labels[slice.first + offset + i];
    }
  }
  return own;
}

fn decide(offset: u32, norms: vec4<f32>, nearest: Nearest, c: f32) {
  for (var i = 0u; i < 4u; i++) {
    if (offset + i >= slice.rows) {
      return;
    }
    let row = slice.first + offset + i;
    let y = sqrt(norms[i]);
    let bound = 5.0 * params.near_relative * c * (0.5 * c + y)
      + 1.43 * params.near_root * (y + c) + params.near_absolute;
    let gap = 2.0 * (nearest.second[i] - nearest.best[i]);
    propose(row, labels[row], u32(nearest.label[i]), gap > bound);
  }
}

@compute @workgroup_size(WORKGROUP)
fn compare(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  // vectors of four rows: two a thread, half of all of them apart
  let half = WORKGROUP / SIDE;
  let vectors = 2u * half;
  let across = lane % SIDE;
  let along = lane / SIDE;
  let first_row = group.x * 4u * vectors;
  let offset_a = first_row + 4u * along;
  let offset_b = first_row + 4u * (half + along);
  var own_a = vec4<u32>(0u);
  var own_b = vec4<u32>(0u);
  if (SECOND == 1u) {
    own_a = own_labels(offset_a);
    own_b = own_labels(offset_b);
  }
  var found_a = Nearest(vec4<f32>(FAR), vec4<f32>(FAR), vec4<f32>(0.0));
  var found_b = found_a;
  var norms_a = vec4<f32>(0.0);
  var norms_b = vec4<f32>(0.0);
  var most = 0.0;

  for (var first = 0u; first < params.k; first += 4u * SIDE) {
    var norm = vec4<f32>(0.0);
    var ax = vec4<f32>(0.0);
    var ay = vec4<f32>(0.0);
    var az = vec4<f32>(0.0);
    var aw = vec4<f32>(0.0);
    var bx = vec4<f32>(0.0);
    var by = vec4<f32>(0.0);
    var bz = vec4<f32>(0.0);
    var bw = vec4<f32>(0.0);
    for (var start = 0u; start < params.columns; start += DEPTH) {
      workgroupBarrier();
      for (var i = lane; i < vectors * DEPTH; i += WORKGROUP) {
        let t = start + i % DEPTH;
        let offset = first_row + 4u * (i / DEPTH);
        tile[i % DEPTH * vectors + i / DEPTH] = vec4<f32>(
          coordinate(offset, t),
          coordinate(offset + 1u, t),
          coordinate(offset + 2u, t),
          coordinate(offset + 3u, t),
        );
      }
      for (var i = lane; i < SIDE * DEPTH; i += WORKGROUP) {
        let t = start + i % DEPTH;
        let j = first + 4u * (i / DEPTH);
        tile[vectors * DEPTH + i % DEPTH * SIDE + i / DEPTH] = vec4<f32>(
          centroid_coordinate(j, t),
          centroid_coordinate(j + 1u, t),
          centroid_coordinate(j + 2u, t),
          centroid_coordinate(j + 3u, t),
        );
      }
      workgroupBarrier();
      let width = min(DEPTH, params.columns - start);
      for (var t = 0u; t < width; t++) {
        let a = tile[t * vectors + along];
        let b = tile[t * vectors + half + along];
        let c = tile[vectors * DEPTH + t * SIDE + across];
        norm += c * c;
        ax += a * c.x;
        ay += a * c.y;
        az += a * c.z;
        aw += a * c.w;
        bx += b * c.x;
        by += b * c.y;
        bz += b * c.z;
        bw += b * c.w;
        if (first == 0u) {
          norms_a += a * a;
          norms_b += b * b;
        }
      }
    }
    let j = first + 4u * across;
    let halved = 0.5 * norm;
    most = max(max(most, max(norm.x, norm.y)), max(norm.z, norm.w));
    let label = vec4<f32>(f32(j));
    found_a = consider(found_a, score_of(j, halved.x, ax, own_a), label);
    found_a = consider(found_a, score_of(j + 1u, halved.y, ay, own_a), label + 1.0);
    found_a = consider(found_a, score_of(j + 2u, halved.z, az, own_a), label + 2.0);
    found_a = consider(found_a, score_of(j + 3u, halved.w, aw, own_a), label + 3.0);
    found_b = consider(found_b, score_of(j, halved.x, bx, own_b), label);
    found_b = consider(found_b, score_of(j + 1u, halved.y, by, own_b), label + 1.0);
    found_b = consider(found_b, score_of(j + 2u, halved.z, bz, own_b), label + 2.0);
    found_b = consider(found_b, score_of(j + 3u, halved.w, bw, own_b), label + 3.0);
  }
  atomicMax(&largest, bitcast<u32>(most));

  // six vectors a thread, of the upper half of those that are left
  for (var left = SIDE / 2u; left > 0u; left /= 2u) {
    let at = 6u * (along * left + across % left);
    workgroupBarrier();
    if (across >= left && across < 2u * left) {
      tile[at] = found_a.best;
      tile[at + 1u] = found_a.second;
      tile[at + 2u] = found_a.label;
      tile[at + 3u] = found_b.best;
      tile[at + 4u] = found_b.second;
      tile[at + 5u] = found_b.label;
    }
    workgroupBarrier();
    if (across < left) {
      found_a = both(found_a, Nearest(tile[at], tile[at + 1u], tile[at + 2u]));
      found_b = both(found_b, Nearest(tile[at + 3u], tile[at + 4u], tile[at + 5u]));
    }
  }

  workgroupBarrier();
  if (across == 0u) {
    let c = sqrt(bitcast<f32>(atomicLoad(&largest)));
    decide(offset_a, norms_a, found_a, c);
    decide(offset_b, norms_b, found_b, c);
  }
  workgroupBarrier();
  if (lane == 0u) {
    tell_moved();
  }
}
