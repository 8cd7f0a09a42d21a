// The memory of one lane: a bump allocator. An instance serves one session and is dropped with it.

let top: usize = (__heap_base + 63) & ~63;

/** Pages that memory grows by at least: 1 MiB, so that small reserves do not each grow it. */
const GROWTH: i32 = 16;

/** So many bytes, aligned to a cache line; traps where memory is at its end. */
export function reserve(bytes: usize): usize {
  const at = top;
  const end = (<u64>top + <u64>bytes + 63) & ~63;
  if (end > 0xffff0000) unreachable(); // past 4 GiB addresses begin anew
  top = <usize>end;
  const pages = <i32>((end + 0xffff) >> 16);
  const have = memory.size();
  if (
    pages > have &&
    memory.grow(max(pages - have, GROWTH)) < 0 &&
    memory.grow(pages - have) < 0
  )
    unreachable();
  return at;
}

/** Bytes in use. */
export function used(): usize {
  return top;
}

/** Gives back everything that was reserved since `used()` was `mark`. */
export function release(mark: usize): void {
  top = mark;
}
