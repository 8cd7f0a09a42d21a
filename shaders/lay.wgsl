// Lays points on the grid: y = f32((x − centre) · 2^−exponent), the difference in doubles; and adds up
// Σ W·p and Σ W·p² of every column on its sum grid. Twins: toGridValues and moments of src/grid.ts.
//
// column_facts: of each column the words of its centre, and its exponent.
// found: of each column Σ W·p in two words, Σ W·p² in three.

override WORKGROUP: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(28) var<storage, read> column_facts: array<vec4<u32>>;
@group(0) @binding(29) var<storage, read_write> found: array<atomic<u32>>;
@group(0) @binding(30) var<storage, read_write> laid: array<u32>;

struct Moments {
  sum: U96,
  square: U96,
}

var<workgroup> own: array<Moments, WORKGROUP>;

fn plus96(a: U96, b: U96) -> U96 {
  let total = add96(a, vec2<u32>(b.low, b.middle));
  return U96(total.low, total.middle, total.high + b.high);
}

// 96 bits to words of `found`; of a sum of 64 bits the highest is lost
fn add_found(at: u32, x: U96, words: u32) {
  let low = atomicAdd(&found[at], x.low);
  let carry = u32(low + x.low < low);
  let middle = x.middle + carry;
  let before = atomicAdd(&found[at + 1u], middle);
  if (words == 3u) {
    let carries = u32(middle < carry) + u32(before + middle < before);
    atomicAdd(&found[at + 2u], x.high + carries);
  }
}

@compute @workgroup_size(WORKGROUP)
fn lay(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let share = share_of(group, lane, WORKGROUP);
  let facts = column_facts[share.column];
  let centre = of_words(facts.xy);
  let steps = SUM_BITS - i32(facts.z);
  var total = Moments(U96(0u, 0u, 0u), U96(0u, 0u, 0u));
  for (var row = share.first; row < share.end; row += share.stride) {
    let place = row * laying.columns + share.column;
    var y = difference(of_single(points[laying.points_at + place]), centre);
    y.exponent += laying.lift;
    let value = to_single(y);
    laid[laying.laid_at + place] = value;
    let p = to_grid(value, steps);
    let squared = square(u32(abs(p)));
    if (WEIGHTED == 1u) {
      let weight = weights[row];
      total.sum = add96(total.sum, weighted(p, weight));
      let low = multiply(squared.x, weight);
      let high = multiply(squared.y, weight);
      total.square = plus96(total.square, add96(U96(0u, high.x, high.y), low));
    } else {
      total.sum = add96(total.sum, vec2<u32>(u32(p), select(0u, 0xffffffffu, p < 0)));
      total.square = add96(total.square, squared);
    }
  }
  own[lane] = total;
  workgroupBarrier();
  if (lane < share.width) {
    for (var other = lane + share.width; other < WORKGROUP; other += share.width) {
      total.sum = plus96(total.sum, own[other].sum);
      total.square = plus96(total.square, own[other].square);
    }
    add_found(5u * share.column, total.sum, 2u);
    add_found(5u * share.column + 2u, total.square, 3u);
  }
}
