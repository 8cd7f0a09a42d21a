// The memory of one lane: a bump allocator. An instance serves one problem at a time.

let top: usize = (__heap_base + 63) & ~63;
/** As high as it has ever been since it was empty. */
let peak: usize = (__heap_base + 63) & ~63;

/** Pages that memory grows by at least: 1 MiB, so that small reserves do not each grow it. */
const GROWTH: i32 = 16;

/** So many bytes, aligned to a cache line; traps where memory is at its end. */
export function reserve(bytes: usize): usize {
  const at = top;
  const end = (<u64>top + <u64>bytes + 63) & ~63;
  if (end > 0xffff0000) unreachable(); // past 4 GiB addresses begin anew
  top = <usize>end;
  peak = max(peak, top);
  const missing = <i32>((end + 0xffff) >> 16) - memory.size();
  if (missing > 0) grow(max(missing, GROWTH), missing);
  return at;
}

/** So many pages more, or those that are missing. A function that calls itself is not copied to where it is called. */
function grow(pages: i32, missing: i32): void {
  if (memory.grow(pages) >= 0) return;
  if (pages == missing) unreachable();
  grow(missing, missing);
}

/** Bytes in use. */
export function used(): usize {
  return top;
}

/** Gives back everything that was reserved since `used()` was `mark`. */
export function release(mark: usize): void {
  top = mark;
}

/** As a new one: empty, and zero wherever it has been used. */
export function clear(): void {
  top = (__heap_base + 63) & ~63;
  if (peak > top) memory.fill(top, 0, peak - top); // a memory without a page knows no address
  peak = top;
}
