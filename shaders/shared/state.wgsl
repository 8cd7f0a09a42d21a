// The run's own memory between kernels. Everything is an atomic word, so that any kernel may bind it.

const STOP_RUNNING: u32 = 0u;
const STOP_LABELS: u32 = 1u;
const STOP_TOL: u32 = 2u;
const STOP_EMPTY: u32 = 3u;
// clusters lost their points: the host has to run the relocation before `divide`
const STOP_RELOCATE: u32 = 4u;

const POLICY_RELOCATE: u32 = 1u;
const POLICY_STOP: u32 = 2u;

struct State {
  // rows whose label changed in this iteration
  moved: atomic<u32>,
  stop: atomic<u32>,
  iteration: atomic<u32>,
  // clusters without weight in this iteration, and rows given to them
  empty: atomic<u32>,
  relocated: atomic<u32>,
  // one more than the last cluster that was given a row
  refilled: atomic<u32>,
  // Σ (g_new − g_old)², 96 bits
  shift: array<atomic<u32>, 3>,
  // Σ align(2·C·S − N·C²), 128 bits
  explained: array<atomic<u32>, 4>,
}

@group(0) @binding(12) var<storage, read_write> state: State;

// 32 bytes: all that the host reads while the run goes on. The history is a ring of the same records.
struct Status {
  iteration: u32,
  // stop in the lowest byte, empty clusters above
  stop_and_empty: u32,
  moved: u32,
  // float32 bits of the shift in steps of the label grid, 24 bits kept
  shift: u32,
  explained: vec4<u32>,
}
