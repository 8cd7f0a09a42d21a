// Integers wider than 32 bits, lowest word first.

struct U96 {
  low: u32,
  middle: u32,
  high: u32,
}

// a² for a ≤ 2^31
fn square(a: u32) -> vec2<u32> {
  let l = a & 0xffffu;
  let h = a >> 16u;
  let cross = l * h;
  let ll = l * l;
  let low = ll + (cross << 17u);
  return vec2<u32>(low, h * h + (cross >> 15u) + u32(low < ll));
}

// a · b in full
fn multiply(a: u32, b: u32) -> vec2<u32> {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let ll = al * bl;
  let first = al * bh + (ll >> 16u);
  let second = ah * bl + (first & 0xffffu);
  return vec2<u32>((second << 16u) | (ll & 0xffffu), ah * bh + (first >> 16u) + (second >> 16u));
}

fn add96(sum: U96, x: vec2<u32>) -> U96 {
  let low = sum.low + x.x;
  let carry = u32(low < x.x);
  let part = sum.middle + x.y;
  let middle = part + carry;
  return U96(low, middle, sum.high + u32(part < x.y) + u32(middle < carry));
}

fn less96(a: U96, b: U96) -> bool {
  if (a.high != b.high) {
    return a.high < b.high;
  }
  if (a.middle != b.middle) {
    return a.middle < b.middle;
  }
  return a.low < b.low;
}

fn equal96(a: U96, b: U96) -> bool {
  return a.low == b.low && a.middle == b.middle && a.high == b.high;
}

// Two's complement of a 64-bit word where `negative`
fn signed64(magnitude: vec2<u32>, negative: bool) -> vec2<u32> {
  if (!negative) {
    return magnitude;
  }
  let low = ~magnitude.x + 1u;
  return vec2<u32>(low, ~magnitude.y + u32(low == 0u));
}
