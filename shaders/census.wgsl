// Counts the clusters that lost their points. Under POLICY_RELOCATE they stop the loop here, before
// `divide`: the host runs `farthest`, `elect` and `relocate` for each, and then goes on.
// One workgroup.

override WORKGROUP: u32;

@group(0) @binding(11) var<storage, read_write> counts: array<u32>;
@group(0) @binding(13) var<storage, read_write> status: Status;
@group(0) @binding(15) var<storage, read_write> arguments: array<u32>;
@group(0) @binding(17) var<storage, read_write> vacant: array<u32>;

var<workgroup> empty: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn census(@builtin(local_invocation_index) lane: u32) {
  let running = atomicLoad(&state.stop) == STOP_RUNNING;
  if (running) {
    for (var j = lane; j < params.k; j += WORKGROUP) {
      let without = u32(counts[j] == 0u);
      vacant[j] = without;
      if (without == 1u) {
        atomicAdd(&empty, 1u);
      }
    }
  }
  workgroupBarrier();
  let empties = atomicLoad(&empty);
  if (running && lane == 0u) {
    atomicStore(&state.empty, empties);
  }
  if (running && empties > 0u && params.empty_policy == POLICY_RELOCATE) {
    for (var i = lane; i < params.argument_words; i += WORKGROUP) {
      arguments[i] = 0u;
    }
    if (lane == 0u) {
      atomicStore(&state.stop, STOP_RELOCATE);
      status.stop_and_empty = STOP_RELOCATE | (empties << 8u);
    }
  }
}
