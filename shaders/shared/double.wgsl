// IEEE doubles in 32-bit words, since WGSL has none: rounded to the nearest, ties to even, as JavaScript
// does. Integer operations only: no device may round or fuse here as it likes.
//
// Exponents know no end here, and there is no infinity, NaN or subnormal double: what is worked out of
// float32 numbers that are finite comes near none of them.

struct Double {
  negative: bool,
  // mantissa · 2^exponent; 2^52 ≤ mantissa < 2^53, or 0
  exponent: i32,
  // low, high
  mantissa: vec2<u32>,
}

// of 0: so that it is less than all others
const LEAST: i32 = -8192;
const HIDDEN: u32 = 0x100000u;

fn shifted_left(x: vec2<u32>, bits: u32) -> vec2<u32> {
  if (bits >= 32u) {
    return vec2<u32>(0u, x.x << (bits - 32u));
  }
  return vec2<u32>(x.x << bits, (x.y << bits) | ((x.x >> 1u) >> (31u - bits)));
}

fn shifted_right(x: vec2<u32>, bits: u32) -> vec2<u32> {
  if (bits >= 32u) {
    return vec2<u32>(x.y >> (bits - 32u), 0u);
  }
  return vec2<u32>((x.x >> bits) | ((x.y << 1u) << (31u - bits)), x.y >> bits);
}

// a number of 64 bits to the nearest of 53; its last bit may stand for all that is lost below
fn rounded(negative: bool, exponent: i32, wide: vec2<u32>) -> Double {
  if ((wide.x | wide.y) == 0u) {
    return Double(false, LEAST, wide);
  }
  let up = select(countLeadingZeros(wide.y), 32u + countLeadingZeros(wide.x), wide.y == 0u);
  let full = shifted_left(wide, up);
  var mantissa = shifted_right(full, 11u);
  var own = exponent + 11 - i32(up);
  let rest = full.x & 0x7ffu;
  if (rest > 0x400u || (rest == 0x400u && (mantissa.x & 1u) == 1u)) {
    mantissa.x += 1u;
    mantissa.y += u32(mantissa.x == 0u);
    if (mantissa.y == 2u * HIDDEN) {
      mantissa.y = HIDDEN;
      own += 1;
    }
  }
  return Double(negative, own, mantissa);
}

// float32 bits, subnormals included
fn of_single(bits: u32) -> Double {
  let biased = i32((bits >> 23u) & 0xffu);
  let digits = (bits & 0x7fffffu) | select(0u, 0x800000u, biased > 0);
  if (digits == 0u) {
    return Double(false, LEAST, vec2<u32>(0u));
  }
  let up = 21u + countLeadingZeros(digits);
  let mantissa = shifted_left(vec2<u32>(digits, 0u), up);
  return Double((bits >> 31u) == 1u, max(biased, 1) - 150 - i32(up), mantissa);
}

// the words of a double, the lower one first
fn of_words(words: vec2<u32>) -> Double {
  let biased = i32((words.y >> 20u) & 0x7ffu);
  if (biased == 0) {
    return Double(false, LEAST, vec2<u32>(0u));
  }
  let mantissa = vec2<u32>(words.x, (words.y & (HIDDEN - 1u)) | HIDDEN);
  return Double((words.y >> 31u) == 1u, biased - 1075, mantissa);
}

fn smaller(a: Double, b: Double) -> bool {
  if (a.exponent != b.exponent) {
    return a.exponent < b.exponent;
  }
  if (a.mantissa.y != b.mantissa.y) {
    return a.mantissa.y < b.mantissa.y;
  }
  return a.mantissa.x < b.mantissa.x;
}

fn sum(a: Double, b: Double) -> Double {
  var large = a;
  var small = b;
  if (smaller(a, b)) {
    large = b;
    small = a;
  }
  // ten bits more, and one for the carry
  let x = shifted_left(large.mantissa, 10u);
  let whole = shifted_left(small.mantissa, 10u);
  let down = u32(large.exponent - small.exponent);
  var y = vec2<u32>(0u); // of one that is smaller by more than a mantissa nothing shows
  if (down < 64u) {
    y = shifted_right(whole, down);
    let kept = shifted_left(y, down);
    y.x |= u32(kept.x != whole.x || kept.y != whole.y);
  }
  if (large.negative != small.negative) {
    let difference = vec2<u32>(x.x - y.x, x.y - y.y - u32(x.x < y.x));
    return rounded(large.negative, large.exponent - 10, difference);
  }
  let low = x.x + y.x;
  return rounded(large.negative, large.exponent - 10, vec2<u32>(low, x.y + y.y + u32(low < y.x)));
}

fn difference(a: Double, b: Double) -> Double {
  return sum(a, Double(!b.negative, b.exponent, b.mantissa));
}

fn product(a: Double, b: Double) -> Double {
  let x = shifted_left(a.mantissa, 11u);
  let y = shifted_left(b.mantissa, 11u);
  let lowest = multiply(x.x, y.x);
  let highest = multiply(x.y, y.y);
  let cross = add96(add96(U96(lowest.y, 0u, 0u), multiply(x.x, y.y)), multiply(x.y, y.x));
  let low = highest.x + cross.middle;
  let high = highest.y + cross.high + u32(low < cross.middle);
  let lost = u32((lowest.x | cross.low) != 0u);
  return rounded(a.negative != b.negative, a.exponent + b.exponent + 42, vec2<u32>(low | lost, high));
}

// ⌊x + 0.5⌋ for 0 ≤ x < 2^21
fn to_step(x: Double) -> u32 {
  let raised = sum(x, Double(false, -53, vec2<u32>(0u, HIDDEN)));
  return raised.mantissa.y >> u32(-32 - raised.exponent);
}

// the bits of the nearest float32, for |x| < 2; 0 for |x| < 2^−126 once it is rounded
fn to_single(x: Double) -> u32 {
  let top = x.exponent + 52;
  let sign = select(0u, 0x80000000u, x.negative);
  if (top < -126) {
    // float32 numbers are 2^−149 apart here
    let nearly = top == -127 && x.mantissa.y == 2u * HIDDEN - 1u && x.mantissa.x >= 0xe0000000u;
    return select(0u, sign | 0x800000u, nearly);
  }
  let kept = shifted_right(x.mantissa, 29u).x;
  let rest = x.mantissa.x & 0x1fffffffu;
  let up = u32(rest > 0x10000000u || (rest == 0x10000000u && (kept & 1u) == 1u));
  // a carry out of the mantissa is one more of the exponent
  return sign | ((u32(top + 126) << 23u) + kept + up);
}
