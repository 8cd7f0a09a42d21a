// The memory of one lane: a bump allocator. An instance serves one session and is dropped with it.

let top: usize = (__heap_base + 63) & ~63;

/** So many bytes, aligned to a cache line; traps where memory is at its end. */
export function reserve(bytes: usize): usize {
  const at = top;
  top = (top + bytes + 63) & ~63;
  const pages = <i32>((top + 0xffff) >>> 16);
  const have = memory.size();
  if (
    pages > have &&
    memory.grow(max(pages - have, have >> 2)) < 0 &&
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
