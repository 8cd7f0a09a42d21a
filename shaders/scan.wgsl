// Turns the numbers of rows in cells into the places of their first rows: an exclusive prefix sum.
// One workgroup, EACH cells a thread at a time: once a chunk, so that nothing faster is worth its text.

override WORKGROUP: u32;

@group(0) @binding(21) var<storage, read_write> cells: array<u32>;

const EACH: u32 = 8u;

// of this thread and, in the end, all before it
var<workgroup> sums: array<u32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn scan(@builtin(local_invocation_index) lane: u32) {
  var before = 0u;
  for (var start = 0u; start < blocks.cells; start += EACH * WORKGROUP) {
    let first = start + EACH * lane;
    let end = min(first + EACH, blocks.cells);
    var own = 0u;
    for (var i = first; i < end; i++) {
      own += cells[i];
    }
    sums[lane] = own;
    workgroupBarrier();
    for (var step = 1u; step < WORKGROUP; step <<= 1u) {
      var more = 0u;
      if (lane >= step) {
        more = sums[lane - step];
      }
      workgroupBarrier();
      sums[lane] += more;
      workgroupBarrier();
    }
    var place = before + sums[lane] - own;
    before += sums[WORKGROUP - 1u];
    for (var i = first; i < end; i++) {
      let count = cells[i];
      cells[i] = place;
      place += count;
    }
    workgroupBarrier();
  }
}
