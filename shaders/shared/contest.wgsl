// Which centroids may be nearest to a point of a box: what `shortlist` and `sift` ask.
//
// z being a centroid near the middle of the box, another one c is dropped where even the corner
// farthest in the direction c − z is nearer to z: then so is every point of the box (T. Kanungo et al.,
// "An Efficient k-Means Clustering Algorithm", IEEE PAMI 24(7), 2002). Any z will do.
//
// Exact: |c − x|² − |z − x|² is linear in x, and least at that corner. There it has to exceed what
// float32 can err in, (d + 3)·2^−23 of both terms (near_relative). On the label grid, of step u, a
// distance moves by at most 2u·√d·√distance + d·u², and from anywhere in the box √distance is at
// most that from the corner plus the diagonal: together 4u·√d·(√most + diagonal) + 2d·u², which
// near_root · √2 · (…) + near_absolute exceed (near_root ≥ 2u·√(2d)). What is dropped loses in
// integers, then, to z, everywhere in the box; ties are kept.

// A few columns are known when the kernel is compiled, so that they stay in registers; 0: many.
override COLUMNS: u32;
const FEW: u32 = 8u;

var<private> box_low: array<f32, FEW>;
var<private> box_high: array<f32, FEW>;
var<private> box: u32;
var<private> box_diagonal: f32;

fn column_count() -> u32 {
  if (COLUMNS > 0u) {
    return COLUMNS;
  }
  return params.columns;
}

fn low_at(t: u32) -> f32 {
  if (COLUMNS > 0u) {
    return box_low[t];
  }
  return bitcast<f32>(tree[box + t]);
}

fn high_at(t: u32) -> f32 {
  if (COLUMNS > 0u) {
    return box_high[t];
  }
  return bitcast<f32>(tree[box + params.columns + t]);
}

// To be called before the others.
fn take_box(node: u32) {
  box = node + 1u + 2u * column_count();
  if (COLUMNS > 0u) {
    for (var t = 0u; t < COLUMNS; t++) {
      box_low[t] = bitcast<f32>(tree[box + t]);
      box_high[t] = bitcast<f32>(tree[box + COLUMNS + t]);
    }
  }
  var squares = 0.0;
  for (var t = 0u; t < column_count(); t++) {
    let side = high_at(t) - low_at(t);
    squares += side * side;
  }
  box_diagonal = sqrt(squares);
}

fn from_middle(c: u32) -> f32 {
  var distance = 0.0;
  for (var t = 0u; t < column_count(); t++) {
    let difference = centroids[c * column_count() + t] - 0.5 * (low_at(t) + high_at(t));
    distance += difference * difference;
  }
  return distance;
}

fn may_win(c: u32, z: u32) -> bool {
  var of_c = 0.0;
  var of_z = 0.0;
  for (var t = 0u; t < column_count(); t++) {
    let yc = centroids[c * column_count() + t];
    let yz = centroids[z * column_count() + t];
    let corner = select(low_at(t), high_at(t), yc > yz);
    of_c += (yc - corner) * (yc - corner);
    of_z += (yz - corner) * (yz - corner);
  }
  let far = sqrt(max(of_c, of_z)) + box_diagonal;
  let bound = params.near_relative * (of_c + of_z)
    + 1.43 * params.near_root * far + params.near_absolute;
  return !(of_c - of_z > bound);
}

// Distance and place in a list of `count` in one word, the greater the nearer: the distance gives up its
// last bits, which only makes z a little worse.
fn encoded(distance: f32, place: u32, count: u32) -> u32 {
  let mask = (1u << (32u - countLeadingZeros(count - 1u))) - 1u;
  return 0xffffffffu - ((bitcast<u32>(distance) & ~mask) | place);
}

fn decoded(word: u32, count: u32) -> u32 {
  let mask = (1u << (32u - countLeadingZeros(count - 1u))) - 1u;
  return (0xffffffffu - word) & mask;
}
