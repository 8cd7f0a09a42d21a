/**
 * The weighted median by selection: in expected linear time, without sorting. Which pivots are drawn
 * does not show in the result.
 */

/**
 * The median of the first `length` values, which it reorders, and the weights with them. Where half of
 * the weight lies on either side of a gap, the mean of the two values beside it, rounded to float32:
 * between them, since rounding never passes what float32 holds. Never a subnormal.
 *
 * @param weights one whole number > 0 a value, or null: 1 each
 * @param total their sum, below 2^52
 */
export function median(
  values: Float32Array,
  weights: Uint32Array | null,
  length: number,
  total: number,
): number {
  const half = total / 2;
  /** The median lies in [low, high); `below`: the weight before low. */
  let low = 0;
  let high = length;
  let below = 0;
  for (let state = 1; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const pivot = values[low + Math.floor((state / 2 ** 32) * (high - low))];
    // [low, less) < pivot, [less, i) = pivot, [more, high) > pivot
    let less = low;
    let more = high;
    let lighter = below;
    let own = 0;
    for (let i = low; i < more;) {
      const value = values[i];
      const weight = weights ? weights[i] : 1;
      if (value > pivot) {
        more--;
        swap(values, weights, i, more);
        continue;
      }
      if (value < pivot) {
        lighter += weight;
        swap(values, weights, i, less);
        less++;
      } else own += weight;
      i++;
    }
    if (lighter >= half) {
      high = less;
    } else if (lighter + own < half) {
      low = more;
      below = lighter + own;
    } else if (lighter + own > half) {
      return pivot;
    } else {
      let next = Infinity;
      for (let i = more; i < length; i++) next = Math.min(next, values[i]);
      const middle = Math.fround((pivot + next) / 2);
      return Math.abs(middle) < SMALLEST_NORMAL ? 0 : middle;
    }
  }
}
const SMALLEST_NORMAL = 2 ** -126;

function swap(values: Float32Array, weights: Uint32Array | null, a: number, b: number): void {
  const value = values[a];
  values[a] = values[b];
  values[b] = value;
  if (!weights) return;
  const weight = weights[a];
  weights[a] = weights[b];
  weights[b] = weight;
}
