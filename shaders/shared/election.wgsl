// Who is farthest from its own centroid: what `farthest`, `elect` and `relocate` tell each other.

const NO_ROW: u32 = 0xffffffffu;

struct Champion {
  distance: U96,
  row: u32,
}

struct Winner {
  distance: U96,
  row: u32,
  // elections held
  round: u32,
  // the cluster that gets the row
  heir: u32,
}

@group(0) @binding(19) var<storage, read_write> winner: Winner;

// a comes before b: farther away, or as far and earlier
fn before(a: Champion, b: Champion) -> bool {
  return less96(b.distance, a.distance) || (equal96(a.distance, b.distance) && a.row < b.row);
}
