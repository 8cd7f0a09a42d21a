// The cell of a row along a Hilbert curve: neighbours along it are neighbours in space, without
// the jumps that Morton's order makes. J. Skilling, "Programming the Hilbert curve", AIP Conference
// Proceedings 707, 2004. Rows outside of the range go to the cells at its ends.
//
// Only the order hangs on this, no result: rounding may send a row to the cell next door.

fn cell_of(base: u32) -> u32 {
  var x: array<u32, MAX_AXES>;
  for (var i = 0u; i < blocks.axes; i++) {
    let axis = blocks.axis[i];
    x[i] = u32(clamp((points[base + u32(axis.x)] - axis.y) * axis.z, 0.0, axis.w));
  }
  let top = 1u << (blocks.bits - 1u);
  for (var bit = top; bit > 1u; bit >>= 1u) {
    let below = bit - 1u;
    for (var i = 0u; i < blocks.axes; i++) {
      if ((x[i] & bit) != 0u) {
        x[0] ^= below;
      } else {
        let swapped = (x[0] ^ x[i]) & below;
        x[0] ^= swapped;
        x[i] ^= swapped;
      }
    }
  }
  for (var i = 1u; i < blocks.axes; i++) {
    x[i] ^= x[i - 1u];
  }
  var last = 0u;
  for (var bit = top; bit > 1u; bit >>= 1u) {
    if ((x[blocks.axes - 1u] & bit) != 0u) {
      last ^= bit - 1u;
    }
  }
  var cell = 0u;
  for (var bit = top; bit > 0u; bit >>= 1u) {
    for (var i = 0u; i < blocks.axes; i++) {
      cell = (cell << 1u) | u32(((x[i] ^ last) & bit) != 0u);
    }
  }
  return cell;
}
