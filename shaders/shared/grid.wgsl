// Float32 bits onto the integer grids. Twin: toLabelGrid and toSumGrid of src/grid.ts.
// Integer operations only: no device may round or flush here as it likes.

const LABEL_BITS: i32 = 29;
const SUM_BITS: i32 = 30;

// round(value · 2^steps), halves away from zero; the result must fit 31 bits
fn to_grid(bits: u32, steps: i32) -> i32 {
  let exponent = i32((bits >> 23u) & 0xffu);
  if (exponent == 0) {
    return 0;
  }
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let lift = exponent - 150 + steps;
  var magnitude = 0u;
  if (lift >= 0) {
    magnitude = mantissa << u32(lift);
  } else if (lift >= -24) {
    let drop = u32(-lift);
    magnitude = (mantissa + (1u << (drop - 1u))) >> drop;
  }
  return select(i32(magnitude), -i32(magnitude), (bits >> 31u) == 1u);
}

// W · p as a 64-bit word
fn weighted(p: i32, weight: u32) -> vec2<u32> {
  return signed64(multiply(u32(abs(p)), weight), p < 0);
}
