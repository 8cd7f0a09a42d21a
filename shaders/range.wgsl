// The ends of every column, and in every window the first coordinate that is no finite number. Twin:
// ranges of src/grid.ts.
//
// Keys have the order of the numbers: the bits of one, all of them turned where it is negative,
// otherwise the sign only. −0 comes before 0, which shows nowhere.
//
// found: of each column its lowest key; of each its highest; of each window the place of its first bad
// coordinate.

override WORKGROUP: u32;

@group(0) @binding(2) var<storage, read> points: array<u32>;
@group(0) @binding(29) var<storage, read_write> found: array<atomic<u32>>;

const NONE: u32 = 0xffffffffu;

var<workgroup> lows: array<u32, WORKGROUP>;
var<workgroup> highs: array<u32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn range(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let share = share_of(group, lane, WORKGROUP);
  var low = NONE;
  var high = 0u;
  var bad = NONE;
  for (var row = share.first; row < share.end; row += share.stride) {
    let place = row * laying.columns + share.column;
    let bits = points[laying.points_at + place];
    if ((bits & 0x7f800000u) == 0x7f800000u) {
      bad = min(bad, place);
    }
    let key = bits ^ select(0x80000000u, NONE, (bits >> 31u) == 1u);
    low = min(low, key);
    high = max(high, key);
  }
  if (bad != NONE) {
    atomicMin(&found[2u * laying.columns + laying.window], bad);
  }
  lows[lane] = low;
  highs[lane] = high;
  workgroupBarrier();
  if (lane < share.width) {
    for (var other = lane + share.width; other < WORKGROUP; other += share.width) {
      low = min(low, lows[other]);
      high = max(high, highs[other]);
    }
    atomicMin(&found[share.column], low);
    atomicMax(&found[laying.columns + share.column], high);
  }
}
