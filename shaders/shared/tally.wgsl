// What `shortlist` and `sift` add: whole nodes, and what their work was.

// All rows of a node go to one cluster. A column a thread.
fn add_node(node: u32, label: u32, lane: u32, lanes: u32) {
  for (var t = lane; t < params.columns; t += lanes) {
    add_sum(label * params.columns + t, vec2<u32>(tree[node + 1u + 2u * t], tree[node + 2u + 2u * t]));
  }
  if (lane == 0u) {
    atomicAdd(&counts[label], tree[node]);
  }
}

fn count_work(compared: u32) {
  let old = atomicAdd(&work[WORK_COMPARED], compared);
  if (old + compared < old) {
    atomicAdd(&work[WORK_COMPARED + 1u], 1u);
  }
}
