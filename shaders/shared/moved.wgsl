// Rows whose label changed: a workgroup counts its own, and tells the run once.

var<workgroup> moved: atomic<u32>;

// For one thread, behind a barrier.
fn tell_moved() {
  let count = atomicLoad(&moved);
  if (count > 0u) {
    atomicAdd(&state.moved, count);
  }
}
