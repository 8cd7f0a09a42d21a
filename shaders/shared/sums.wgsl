// Σ W·p of every column of every cluster, in two words, and Σ W: all workgroups add to them.

@group(0) @binding(10) var<storage, read_write> sums: array<atomic<u32>>;
@group(0) @binding(11) var<storage, read_write> counts: array<atomic<u32>>;

fn add_sum(cell: u32, x: vec2<u32>) {
  let old = atomicAdd(&sums[2u * cell], x.x);
  let high = x.y + u32(old + x.x < old);
  if (high != 0u) {
    atomicAdd(&sums[2u * cell + 1u], high);
  }
}
