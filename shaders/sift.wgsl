// The block filter's second level. A block's candidates are those that are left of its superblock's
// list; one with a single candidate is done by adding its stored sums. Otherwise every row is
// decided among the candidates: in float32 where no rounding could change the answer (see assign.wgsl),
// in integers where it could, ties to the lowest index.
// Twin: filterDifferences of test/kernels/filter-twins.ts.
//
// One workgroup a block: a candidate a thread, then a row a thread. Candidates stand in workgroup
// memory, HELD of them with their coordinates and the sums of the rows they win; of the first one those
// are what the others leave of the block's. A block with more goes through its superblock's list.

override WORKGROUP: u32;
override WEIGHTED: u32;
override HELD: u32;
override HELD_FLOATS: u32;
override HELD_WORDS: u32;

@group(0) @binding(5) var<storage, read> centroids: array<f32>;
@group(0) @binding(23) var<storage, read> ordered: array<u32>;
@group(0) @binding(24) var<storage, read_write> ordered_labels: array<u32>;
@group(0) @binding(25) var<storage, read_write> tree: array<u32>;
@group(0) @binding(26) var<storage, read_write> work: array<atomic<u32>>;

// 0 is before anything was seen: see `encoded`
var<workgroup> nearest: atomic<u32>;
var<workgroup> kept: atomic<u32>;
// what all threads have to agree on
var<workgroup> inherited: u32;
var<workgroup> previous: u32;
var<workgroup> left: u32;

var<workgroup> held: array<u32, HELD>;
var<workgroup> coordinates: array<f32, HELD_FLOATS>;
// pairs (low, high) a column of a candidate
var<workgroup> own: array<atomic<u32>, HELD_WORDS>;
var<workgroup> own_counts: array<atomic<u32>, HELD>;

const FAR: f32 = 1e38;

// the row in hand, where it has few columns
var<private> y: array<f32, FEW>;

// Number i of the superblock's list.
fn candidate(list: u32, i: u32) -> u32 {
  if (inherited == ALL) {
    return i;
  }
  return tree[list + i];
}

fn coordinate(at: u32, t: u32) -> f32 {
  if (COLUMNS > 0u) {
    return y[t];
  }
  return bitcast<f32>(ordered[at + t * blocks.rows]);
}

fn add_own(cell: u32, x: vec2<u32>) {
  let old = atomicAdd(&own[2u * cell], x.x);
  let high = x.y + u32(old + x.x < old);
  if (high != 0u) {
    atomicAdd(&own[2u * cell + 1u], high);
  }
}

// W · p of the row in hand.
fn share(at: u32, t: u32, weight: u32) -> vec2<u32> {
  let p = to_grid(ordered[at + t * blocks.rows], SUM_BITS - i32(tree[t]));
  if (WEIGHTED == 1u) {
    return weighted(p, weight);
  }
  return vec2<u32>(u32(p), select(0u, 0xffffffffu, p < 0));
}

struct Proposal {
  best: f32,
  second: f32,
  // place among the candidates
  place: u32,
}

fn consider(proposal: Proposal, distance: f32, place: u32) -> Proposal {
  if (distance < proposal.best) {
    return Proposal(distance, proposal.best, place);
  }
  return Proposal(proposal.best, min(proposal.second, distance), proposal.place);
}

@compute @workgroup_size(WORKGROUP)
fn sift(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columns = column_count();
  let offset = (group.y * groups.x + group.x) * blocks.rows;
  if (offset >= slice.rows) {
    return;
  }
  let rows = min(blocks.rows, slice.rows - offset);
  let first_row = slice.first + offset;
  let block = first_row / blocks.rows;
  let index = block / blocks.per_super;
  let node = blocks.block_nodes + block * blocks.node_words;
  let list = blocks.lists + index * blocks.list_capacity;
  if (lane == 0u) {
    inherited = tree[blocks.super_counts + index];
    let before = tree[blocks.super_before + index];
    previous = select(before, tree[blocks.block_labels + block], before == MIXED);
  }
  let listed = workgroupUniformLoad(&inherited);
  let before = workgroupUniformLoad(&previous);
  if (listed == 1u) {
    return; // the superblock is done
  }
  let count = select(listed, params.k, listed == ALL);

  take_box(node);
  var closest = 0u;
  for (var i = lane; i < count; i += WORKGROUP) {
    closest = max(closest, encoded(from_middle(candidate(list, i)), i, count));
  }
  atomicMax(&nearest, closest);
  workgroupBarrier();
  let z = candidate(list, decoded(atomicLoad(&nearest), count));
  for (var i = lane; i < count; i += WORKGROUP) {
    let j = candidate(list, i);
    if (j == z || may_win(j, z)) {
      let at = atomicAdd(&kept, 1u);
      if (at < HELD) {
        held[at] = j;
      }
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    left = atomicLoad(&kept);
  }
  let survivors = workgroupUniformLoad(&left);

  let row = first_row + lane;
  let at = block * blocks.row_words + lane;
  if (survivors == 1u) {
    add_node(node, z, lane, WORKGROUP);
    if (before == MIXED) {
      if (lane < rows) {
        if (ordered_labels[row] != z) {
          atomicAdd(&moved, 1u);
        }
      }
    } else if (lane == 0u && before != z) {
      atomicAdd(&moved, rows);
    }
  } else {
    let crowded = survivors > HELD;
    let choices = select(survivors, count, crowded);
    if (!crowded) {
      for (var i = lane; i < survivors * columns; i += WORKGROUP) {
        coordinates[i] = centroids[held[i / columns] * columns + i % columns];
      }
    }
    workgroupBarrier();
    if (lane < rows) {
      if (COLUMNS > 0u) {
        for (var t = 0u; t < columns; t++) {
          y[t] = bitcast<f32>(ordered[at + t * blocks.rows]);
        }
      }
      var proposal = Proposal(FAR, FAR, 0u);
      for (var i = 0u; i < choices; i++) {
        var distance = 0.0;
        if (crowded) {
          let c = candidate(list, i) * columns;
          for (var t = 0u; t < columns; t++) {
            let difference = coordinate(at, t) - centroids[c + t];
            distance += difference * difference;
          }
        } else {
          for (var t = 0u; t < columns; t++) {
            let difference = coordinate(at, t) - coordinates[i * columns + t];
            distance += difference * difference;
          }
        }
        proposal = consider(proposal, distance, i);
      }
      let both = proposal.best + proposal.second;
      let bound = params.near_relative * both + params.near_root * sqrt(both) + params.near_absolute;
      if (!(proposal.second - proposal.best > bound)) {
        proposal.place = exact(list, at, choices, crowded);
      }
      let label = choice(list, proposal.place, crowded);

      if (before == MIXED) {
        if (ordered_labels[row] != label) {
          ordered_labels[row] = label;
          atomicAdd(&moved, 1u);
        }
      } else {
        ordered_labels[row] = label;
        if (before != label) {
          atomicAdd(&moved, 1u);
        }
      }

      var weight = 1u;
      if (WEIGHTED == 1u) {
        weight = ordered[at + columns * blocks.rows];
      }
      if (crowded) {
        atomicAdd(&counts[label], weight);
        for (var t = 0u; t < columns; t++) {
          add_sum(label * columns + t, share(at, t, weight));
        }
      } else if (proposal.place > 0u) {
        atomicAdd(&own_counts[proposal.place], weight);
        for (var t = 0u; t < columns; t++) {
          add_own(proposal.place * columns + t, share(at, t, weight));
        }
      }
    }
    workgroupBarrier();
    if (!crowded) {
      add_held(node, survivors, lane);
    }
  }

  workgroupBarrier();
  if (lane == 0u) {
    tell_moved();
    tree[blocks.block_labels + block] = select(MIXED, z, survivors == 1u);
    if (survivors == 1u) {
      count_work(count);
      atomicAdd(&work[WORK_WHOLE], 1u);
    } else {
      count_work(count + rows * select(survivors, count, survivors > HELD));
      atomicAdd(&work[WORK_MIXED], 1u);
      if (survivors > HELD) {
        atomicAdd(&work[WORK_CROWDED], 1u);
      }
    }
  }
}

fn choice(list: u32, place: u32, crowded: bool) -> u32 {
  if (crowded) {
    return candidate(list, place);
  }
  return held[place];
}

// Place of the nearest centroid in integers, as `settle` finds it. Candidates come in any order.
fn exact(list: u32, at: u32, choices: u32, crowded: bool) -> u32 {
  let columns = params.columns;
  var best = U96(0xffffffffu, 0xffffffffu, 0xffffffffu);
  var label = 0u;
  var place = 0u;
  for (var i = 0u; i < choices; i++) {
    let j = choice(list, i, crowded);
    var distance = U96(0u, 0u, 0u);
    for (var t = 0u; t < columns; t++) {
      let q = to_grid(ordered[at + t * blocks.rows], LABEL_BITS);
      let g = to_grid(bitcast<u32>(centroids[j * columns + t]), LABEL_BITS);
      distance = add96(distance, square(u32(abs(q - g))));
    }
    if (less96(distance, best) || (equal96(distance, best) && j < label)) {
      best = distance;
      label = j;
      place = i;
    }
  }
  return place;
}

// Takes what the candidates have won to the global sums, a column of one a thread.
fn add_held(node: u32, survivors: u32, lane: u32) {
  let columns = params.columns;
  for (var i = lane; i < survivors * columns; i += WORKGROUP) {
    let t = i % columns;
    var x = vec2<u32>(atomicLoad(&own[2u * i]), atomicLoad(&own[2u * i + 1u]));
    if (i < columns) {
      // the first one has the rest
      x = vec2<u32>(tree[node + 1u + 2u * t], tree[node + 2u + 2u * t]);
      for (var other = i + columns; other < survivors * columns; other += columns) {
        let low = atomicLoad(&own[2u * other]);
        x.y -= atomicLoad(&own[2u * other + 1u]) + u32(x.x < low);
        x.x -= low;
      }
    }
    if ((x.x | x.y) != 0u) {
      add_sum(held[i / columns] * columns + t, x);
    }
  }
  for (var i = lane; i < survivors; i += WORKGROUP) {
    var weight = atomicLoad(&own_counts[i]);
    if (i == 0u) {
      weight = tree[node];
      for (var other = 1u; other < survivors; other++) {
        weight -= atomicLoad(&own_counts[other]);
      }
    }
    if (weight > 0u) {
      atomicAdd(&counts[held[i]], weight);
    }
  }
}
