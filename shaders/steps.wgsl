// Σ W · step of every column, a step being ⌊(x − low) · steps a unit + 0.5⌋, in doubles. Twin: stepSums
// of src/grid.ts.
//
// column_facts: of each column the words of `low` and of the steps a unit.
// found: of each column its sum in two words.

override WORKGROUP: u32;
override WEIGHTED: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(28) var<storage, read> column_facts: array<vec4<u32>>;
@group(0) @binding(29) var<storage, read_write> found: array<atomic<u32>>;

var<workgroup> own: array<vec2<u32>, WORKGROUP>;

fn add64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < b.x));
}

@compute @workgroup_size(WORKGROUP)
fn steps(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let share = share_of(group, lane, WORKGROUP);
  let facts = column_facts[share.column];
  let low = of_words(facts.xy);
  let per_unit = of_words(facts.zw);
  var total = vec2<u32>(0u);
  for (var row = share.first; row < share.end; row += share.stride) {
    let x = of_single(points[laying.points_at + row * laying.columns + share.column]);
    let step = to_step(product(difference(x, low), per_unit));
    if (WEIGHTED == 1u) {
      total = add64(total, multiply(step, weights[row]));
    } else {
      total = add64(total, vec2<u32>(step, 0u));
    }
  }
  own[lane] = total;
  workgroupBarrier();
  if (lane < share.width) {
    for (var other = lane + share.width; other < WORKGROUP; other += share.width) {
      total = add64(total, own[other]);
    }
    let old = atomicAdd(&found[2u * share.column], total.x);
    atomicAdd(&found[2u * share.column + 1u], total.y + u32(old + total.x < old));
  }
}
