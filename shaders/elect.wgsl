// Elects the farthest row of all among the champions of the segments, and the vacant cluster that
// gets it: the lowest that has not been given one yet. One workgroup.

override WORKGROUP: u32;

@group(0) @binding(17) var<storage, read_write> vacant: array<u32>;
@group(0) @binding(18) var<storage, read_write> champions: array<Champion>;

var<workgroup> contenders: array<Champion, WORKGROUP>;
// counted down from the top, so that zero-initialised memory means none: 0xffffffff − cluster
var<workgroup> heir: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn elect(@builtin(local_invocation_index) lane: u32) {
  var mine = Champion(U96(0u, 0u, 0u), NO_ROW);
  for (var i = lane; i < params.segments; i += WORKGROUP) {
    let other = champions[i];
    if (before(other, mine)) {
      mine = other;
    }
  }
  contenders[lane] = mine;
  for (var j = atomicLoad(&state.refilled) + lane; j < params.k; j += WORKGROUP) {
    if (vacant[j] == 1u) {
      atomicMax(&heir, 0xffffffffu - j);
      break;
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    for (var i = 1u; i < WORKGROUP; i++) {
      let other = contenders[i];
      if (before(other, mine)) {
        mine = other;
      }
    }
    winner.distance = mine.distance;
    winner.row = mine.row;
    winner.round += 1u;
    winner.heir = 0xffffffffu - atomicLoad(&heir);
    if (mine.row != NO_ROW) {
      atomicStore(&state.refilled, winner.heir + 1u);
      atomicAdd(&state.relocated, 1u);
    }
  }
}
