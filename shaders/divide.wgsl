// Moves every centroid to the mean of its rows, in integers: sum / weight to the nearest, then to 24
// bits, which make a float32 exactly. Adds up the squared shift and what the new centroids take off
// Σ W·p² (the running inertia). Clears the sums for the next iteration.
// Twin: divide of src/engines/reference/lloyd.ts, meanOnSumGrid and explained of src/grid.ts.
//
// One coordinate of one centroid a thread.

override WORKGROUP: u32;

@group(0) @binding(5) var<storage, read_write> centroids: array<u32>;
@group(0) @binding(6) var<storage, read_write> grid_centroids: array<i32>;
@group(0) @binding(7) var<storage, read> column_exponents: array<i32>;
@group(0) @binding(10) var<storage, read_write> sums: array<u32>;
@group(0) @binding(11) var<storage, read_write> counts: array<u32>;
@group(0) @binding(16) var<storage, read_write> previous: array<u32>;

var<workgroup> shift: array<atomic<u32>, 3>;
var<workgroup> explained: array<atomic<u32>, 4>;

// ⌊magnitude / weight⌉, halves up; magnitude / weight < 2^31
fn divided(magnitude: vec2<u32>, weight: u32) -> u32 {
  var rest = magnitude.y;
  var quotient = 0u;
  for (var bit = 32u; bit > 0u; bit--) {
    let carry = rest >> 31u;
    rest = (rest << 1u) | ((magnitude.x >> (bit - 1u)) & 1u);
    if (carry == 1u || rest >= weight) {
      rest -= weight;
      quotient |= 1u << (bit - 1u);
    }
  }
  return quotient + u32(rest >= weight - rest);
}

// value · 2^bits as 128 bits, what falls off the low end dropped
fn aligned(value: U96, bits: i32) -> vec4<u32> {
  var words = vec4<u32>(value.low, value.middle, value.high, 0u);
  if (bits >= 0) {
    let left = u32(bits); // at most 22
    if (left == 0u) {
      return words;
    }
    let right = 32u - left;
    return vec4<u32>(
      words.x << left,
      (words.y << left) | (words.x >> right),
      (words.z << left) | (words.y >> right),
      words.z >> right,
    );
  }
  var right = u32(-bits);
  while (right >= 32u) {
    words = vec4<u32>(words.yzw, 0u);
    right -= 32u;
    if (right >= 96u) {
      return vec4<u32>(0u);
    }
  }
  if (right == 0u) {
    return words;
  }
  let left = 32u - right;
  return vec4<u32>(
    (words.x >> right) | (words.y << left),
    (words.y >> right) | (words.z << left),
    words.z >> right,
    0u,
  );
}

// Multi-word atomic sums: every carry is passed on by the addition that caused it, so that the words
// are right once all additions are done, in whatever order.
fn add_shift(x: vec2<u32>) {
  let old0 = atomicAdd(&shift[0], x.x);
  let carry0 = u32(old0 + x.x < old0);
  let x1 = x.y + carry0;
  let old1 = atomicAdd(&shift[1], x1);
  let carry1 = u32(old1 + x1 < old1) + u32(x1 < carry0);
  if (carry1 != 0u) {
    atomicAdd(&shift[2], carry1);
  }
}

fn add_explained(x: vec4<u32>) {
  let old0 = atomicAdd(&explained[0], x.x);
  let carry0 = u32(old0 + x.x < old0);
  let x1 = x.y + carry0;
  let old1 = atomicAdd(&explained[1], x1);
  let carry1 = u32(old1 + x1 < old1) + u32(x1 < carry0);
  let x2 = x.z + carry1;
  let old2 = atomicAdd(&explained[2], x2);
  let x3 = x.w + u32(old2 + x2 < old2) + u32(x2 < carry1);
  if (x3 != 0u) {
    atomicAdd(&explained[3], x3);
  }
}

fn flush_shift() {
  var carry = 0u;
  for (var i = 0u; i < 3u; i++) {
    let own = atomicLoad(&shift[i]);
    let x = own + carry;
    let old = atomicAdd(&state.shift[i], x);
    carry = u32(old + x < old) + u32(x < own);
  }
}

fn flush_explained() {
  var carry = 0u;
  for (var i = 0u; i < 4u; i++) {
    let own = atomicLoad(&explained[i]);
    let x = own + carry;
    let old = atomicAdd(&state.explained[i], x);
    carry = u32(old + x < old) + u32(x < own);
  }
}

@compute @workgroup_size(WORKGROUP)
fn divide(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let cell = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (cell < params.k * params.columns) {
    let weight = counts[cell / params.columns];
    let sum = vec2<u32>(sums[2u * cell], sums[2u * cell + 1u]);
    sums[2u * cell] = 0u;
    sums[2u * cell + 1u] = 0u;
    previous[cell] = centroids[cell];
    if (weight > 0u) { // otherwise it keeps its place
      let exponent = column_exponents[cell % params.columns];
      let negative = (sum.y >> 31u) == 1u;
      let magnitude = signed64(sum, negative);

      // nearest whole number, then 24 significant bits
      var mean = divided(magnitude, weight);
      var bits = 0u;
      if (mean > 0u) {
        let top = firstLeadingBit(mean);
        var mantissa = mean;
        if (top > 23u) {
          let surplus = top - 23u;
          mantissa = (mean + (1u << (surplus - 1u))) >> surplus;
          mean = mantissa << surplus;
        } else {
          mantissa = mean << (23u - top);
        }
        // a mantissa that rounded up to 2^24 carries into the exponent, as it should
        bits = (u32(i32(top) + exponent - SUM_BITS + 127) << 23u) + (mantissa - 0x800000u);
        bits |= sum.y & 0x80000000u;
      }
      centroids[cell] = bits;

      let g = to_grid(bits, LABEL_BITS);
      add_shift(square(u32(abs(g - grid_centroids[cell]))));
      grid_centroids[cell] = g;

      // 2·C·S − N·C² = C · (2·S − N·C), all of one sign
      let twice = vec2<u32>(magnitude.x << 1u, (magnitude.y << 1u) | (magnitude.x >> 31u));
      let taken = multiply(weight, mean);
      let left = vec2<u32>(twice.x - taken.x, twice.y - taken.y - u32(twice.x < taken.x));
      let lower = multiply(mean, left.x);
      let upper = multiply(mean, left.y);
      let middle = lower.y + upper.x;
      let product = U96(lower.x, middle, upper.y + u32(middle < upper.x));
      add_explained(aligned(product, 2 * (exponent - params.history_exponent)));
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    flush_shift();
    flush_explained();
  }
}
