// Ends an iteration: decides whether to stop, writes the status and the history, and clears what
// the next iteration counts. A stop zeroes the indirect arguments, so that the iterations which are
// recorded behind it cost nothing. One workgroup.
// Twin: converge of src/engines/reference/lloyd.ts.

override WORKGROUP: u32;

@group(0) @binding(9) var<storage, read_write> near_counts: array<u32>;
@group(0) @binding(11) var<storage, read_write> counts: array<u32>;
@group(0) @binding(13) var<storage, read_write> status: Status;
@group(0) @binding(14) var<storage, read_write> history: array<Status>;
@group(0) @binding(15) var<storage, read_write> arguments: array<u32>;

var<workgroup> stop: u32;

// The leading 24 bits of a 96-bit integer as float32 bits.
fn float_bits(value: U96) -> u32 {
  var words = value;
  var exponent = 127u + 95u;
  if ((words.low | words.middle | words.high) == 0u) {
    return 0u;
  }
  while (words.high == 0u) {
    words = U96(0u, words.low, words.middle);
    exponent -= 32u;
  }
  let lead = countLeadingZeros(words.high);
  var top = words.high << lead;
  if (lead > 0u) {
    top |= words.middle >> (32u - lead);
  }
  return ((exponent - lead) << 23u) | ((top >> 8u) & 0x7fffffu);
}

@compute @workgroup_size(WORKGROUP)
fn converge(@builtin(local_invocation_index) lane: u32) {
  let running = atomicLoad(&state.stop) == STOP_RUNNING;
  storageBarrier();
  workgroupBarrier();
  if (running && lane == 0u) {
    let moved = atomicLoad(&state.moved);
    let empty = atomicLoad(&state.empty);
    let shift = U96(
      atomicLoad(&state.shift[0]), atomicLoad(&state.shift[1]), atomicLoad(&state.shift[2]),
    );
    let limit = U96(params.shift_limit_low, params.shift_limit_middle, params.shift_limit_high);
    if (less96(shift, limit)) {
      stop = STOP_TOL;
    }
    if (moved == 0u && atomicLoad(&state.relocated) == 0u) {
      stop = STOP_LABELS;
    }
    if (empty > 0u && params.empty_policy == POLICY_STOP) {
      stop = STOP_EMPTY;
    }
    let iteration = atomicLoad(&state.iteration) + 1u;
    let record = Status(
      iteration,
      stop | (empty << 8u),
      moved,
      float_bits(shift),
      vec4<u32>(
        atomicLoad(&state.explained[0]), atomicLoad(&state.explained[1]),
        atomicLoad(&state.explained[2]), atomicLoad(&state.explained[3]),
      ),
    );
    status = record;
    history[(iteration - 1u) % params.history_capacity] = record;
    atomicStore(&state.stop, stop);
    atomicStore(&state.iteration, iteration);
    atomicStore(&state.moved, 0u);
    atomicStore(&state.empty, 0u);
    atomicStore(&state.relocated, 0u);
    atomicStore(&state.refilled, 0u);
    for (var i = 0u; i < 3u; i++) {
      atomicStore(&state.shift[i], 0u);
    }
    for (var i = 0u; i < 4u; i++) {
      atomicStore(&state.explained[i], 0u);
    }
  }
  workgroupBarrier();
  if (running) {
    for (var i = lane; i < params.slices; i += WORKGROUP) {
      near_counts[i] = 0u;
    }
    for (var j = lane; j < params.k; j += WORKGROUP) {
      counts[j] = 0u;
    }
    if (stop != STOP_RUNNING) {
      for (var i = lane; i < params.argument_words; i += WORKGROUP) {
        arguments[i] = 0u;
      }
    }
  }
}
