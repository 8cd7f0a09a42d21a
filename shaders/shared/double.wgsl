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

// by less than 64 bits; neighbours mostly go different ways, so that both are worked out
fn shifted_left(x: vec2<u32>, bits: u32) -> vec2<u32> {
  let n = bits & 31u;
  let near = vec2<u32>(x.x << n, (x.y << n) | ((x.x >> 1u) >> (31u - n)));
  return select(near, vec2<u32>(0u, x.x << n), bits >= 32u);
}

fn shifted_right(x: vec2<u32>, bits: u32) -> vec2<u32> {
  let n = bits & 31u;
  let near = vec2<u32>((x.x >> n) | ((x.y << 1u) << (31u - n)), x.y >> n);
  return select(near, vec2<u32>(x.y >> n, 0u), bits >= 32u);
}

// a number of 64 bits to the nearest of 53; its last bit may stand for all that is lost below
fn rounded(negative: bool, exponent: i32, wide: vec2<u32>) -> Double {
  let up = select(countLeadingZeros(wide.y), 32u + countLeadingZeros(wide.x), wide.y == 0u);
  let full = shifted_left(wide, up);
  let cut = shifted_right(full, 11u);
  let rest = full.x & 0x7ffu;
  let more = u32(rest > 0x400u || (rest == 0x400u && (cut.x & 1u) == 1u));
  let low = cut.x + more;
  let high = cut.y + u32(low < more);
  // all ones and one more
  let grown = high >> 21u;
  let own = select(exponent + 11 - i32(up) + i32(grown), LEAST, (wide.x | wide.y) == 0u);
  return Double(negative, own, vec2<u32>(low, high >> grown));
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
  let swapped = smaller(a, b);
  let exponent = max(a.exponent, b.exponent);
  // ten bits more, and one for the carry
  let x = shifted_left(select(a.mantissa, b.mantissa, swapped), 10u);
  let whole = shifted_left(select(b.mantissa, a.mantissa, swapped), 10u);
  // of one that is smaller by more than a mantissa nothing shows
  let down = min(63u, u32(exponent - min(a.exponent, b.exponent)));
  var y = shifted_right(whole, down);
  let kept = shifted_left(y, down);
  y.x |= u32(kept.x != whole.x || kept.y != whole.y);
  // two's complement
  let turned = a.negative != b.negative;
  let other = select(y, vec2<u32>(~y.x + 1u, ~y.y + u32(y.x == 0u)), turned);
  let low = x.x + other.x;
  let total = vec2<u32>(low, x.y + other.y + u32(low < other.x));
  return rounded(select(a.negative, b.negative, swapped), exponent - 10, total);
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
