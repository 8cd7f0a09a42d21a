// The nodes of the tree: boxes, weights and sums of blocks, and of superblocks.
// One workgroup a superblock: a block a thread, then a column a thread.
// Twin: node of test/kernels/filter-twins.ts.

override WORKGROUP: u32;
override WEIGHTED: u32;

@group(0) @binding(23) var<storage, read> ordered: array<u32>;
@group(0) @binding(25) var<storage, read_write> tree: array<u32>;

fn add(sum: vec2<u32>, x: vec2<u32>) -> vec2<u32> {
  let low = sum.x + x.x;
  return vec2<u32>(low, sum.y + x.y + u32(low < x.x));
}

fn store_column(node: u32, t: u32, sum: vec2<u32>, low: f32, high: f32) {
  let columns = params.columns;
  tree[node + 1u + 2u * t] = sum.x;
  tree[node + 2u + 2u * t] = sum.y;
  tree[node + 1u + 2u * columns + t] = bitcast<u32>(low);
  tree[node + 1u + 3u * columns + t] = bitcast<u32>(high);
}

@compute @workgroup_size(WORKGROUP)
fn bound(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let columns = params.columns;
  let first = slice.first / blocks.rows + group.x * blocks.per_super;
  let end = min(first + blocks.per_super, (slice.first + slice.rows + blocks.rows - 1u) / blocks.rows);

  for (var block = first + lane; block < end; block += WORKGROUP) {
    let node = blocks.block_nodes + block * blocks.node_words;
    let rows = min(blocks.rows, slice.first + slice.rows - block * blocks.rows);
    let at = block * blocks.row_words;
    let weights_at = at + columns * blocks.rows;
    var total = rows;
    if (WEIGHTED == 1u) {
      total = 0u;
      for (var i = 0u; i < rows; i++) {
        total += ordered[weights_at + i];
      }
    }
    tree[node] = total;
    for (var t = 0u; t < columns; t++) {
      let steps = SUM_BITS - i32(tree[t]);
      var sum = vec2<u32>(0u);
      var low = 1e38;
      var high = -1e38;
      for (var i = 0u; i < rows; i++) {
        let y = ordered[at + t * blocks.rows + i];
        low = min(low, bitcast<f32>(y));
        high = max(high, bitcast<f32>(y));
        var weight = 1u;
        if (WEIGHTED == 1u) {
          weight = ordered[weights_at + i];
        }
        sum = add(sum, weighted(to_grid(y, steps), weight));
      }
      store_column(node, t, sum, low, high);
    }
  }

  storageBarrier();
  workgroupBarrier();
  let index = first / blocks.per_super;
  let node = blocks.super_nodes + index * blocks.node_words;
  for (var t = lane; t < columns; t += WORKGROUP) {
    var sum = vec2<u32>(0u);
    var low = 1e38;
    var high = -1e38;
    for (var block = first; block < end; block++) {
      let child = blocks.block_nodes + block * blocks.node_words;
      sum = add(sum, vec2<u32>(tree[child + 1u + 2u * t], tree[child + 2u + 2u * t]));
      low = min(low, bitcast<f32>(tree[child + 1u + 2u * columns + t]));
      high = max(high, bitcast<f32>(tree[child + 1u + 3u * columns + t]));
    }
    store_column(node, t, sum, low, high);
  }
  if (lane == 0u) {
    var total = 0u;
    for (var block = first; block < end; block++) {
      total += tree[blocks.block_nodes + block * blocks.node_words];
    }
    tree[node] = total;
  }
}
