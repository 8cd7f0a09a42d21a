// The block filter's first level: the list of centroids that may be nearest somewhere in a superblock.
// One with a single candidate is done: its stored sums are added, and no row is looked at.
// Twin: filterDifferences of test/kernels/filter-twins.ts.
//
// One workgroup a superblock, a centroid a thread. Moved rows are counted by labels of nodes, down to
// the rows only where a superblock that had several labels has one now.

override WORKGROUP: u32;

@group(0) @binding(5) var<storage, read> centroids: array<f32>;
@group(0) @binding(24) var<storage, read_write> ordered_labels: array<u32>;
@group(0) @binding(25) var<storage, read_write> tree: array<u32>;
@group(0) @binding(26) var<storage, read_write> work: array<atomic<u32>>;

// 0 is before anything was seen: see `encoded`
var<workgroup> nearest: atomic<u32>;
var<workgroup> kept: atomic<u32>;
// what all threads have to agree on
var<workgroup> left: u32;
var<workgroup> previous: u32;

@compute @workgroup_size(WORKGROUP)
fn shortlist(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = slice.first + group.x * blocks.per_super * blocks.rows;
  let end_row = min(first_row + blocks.per_super * blocks.rows, slice.first + slice.rows);
  let index = first_row / (blocks.per_super * blocks.rows);
  let node = blocks.super_nodes + index * blocks.node_words;
  let list = blocks.lists + index * blocks.list_capacity;

  take_box(node);
  var closest = 0u;
  for (var j = lane; j < params.k; j += WORKGROUP) {
    closest = max(closest, encoded(from_middle(j), j, params.k));
  }
  atomicMax(&nearest, closest);
  workgroupBarrier();
  let z = decoded(atomicLoad(&nearest), params.k);
  for (var j = lane; j < params.k; j += WORKGROUP) {
    if (j == z || may_win(j, z)) {
      let at = atomicAdd(&kept, 1u);
      if (at < blocks.list_capacity) {
        tree[list + at] = j;
      }
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    left = atomicLoad(&kept);
    previous = tree[blocks.super_labels + index];
  }
  let count = workgroupUniformLoad(&left);
  let before = workgroupUniformLoad(&previous);

  if (count == 1u) {
    add_node(node, z, lane, WORKGROUP);
    if (before == MIXED) {
      let end_block = (end_row + blocks.rows - 1u) / blocks.rows;
      for (var block = first_row / blocks.rows + lane; block < end_block; block += WORKGROUP) {
        let own = tree[blocks.block_labels + block];
        let end = min((block + 1u) * blocks.rows, end_row);
        if (own != MIXED) {
          if (own != z) {
            atomicAdd(&moved, end - block * blocks.rows);
          }
        } else {
          for (var i = block * blocks.rows; i < end; i++) {
            if (ordered_labels[i] != z) {
              atomicAdd(&moved, 1u);
            }
          }
        }
      }
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    if (before != MIXED && before != z && count == 1u) {
      atomicAdd(&moved, end_row - first_row);
    }
    tell_moved();
    tree[blocks.super_labels + index] = select(MIXED, z, count == 1u);
    tree[blocks.super_before + index] = before;
    tree[blocks.super_counts + index] = select(count, ALL, count > blocks.list_capacity);
    count_work(params.k);
    if (count == 1u) {
      atomicAdd(&work[WORK_WHOLE], (end_row - first_row + blocks.rows - 1u) / blocks.rows);
    }
  }
}
