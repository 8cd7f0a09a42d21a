/**
 * The weighted median by selection: in expected linear time, without sorting. A histogram narrows many
 * values down to few, without a branch that depends on them; partitions do the rest. Neither bins nor
 * pivots show in the result.
 */

/** So many values are worth a histogram. */
const MANY = 1024;
/** Bins on either side of 0. */
const BINS = 1024;

/**
 * The median of values. Where half of the weight lies on either side of a gap, the mean of the two
 * values beside it, rounded to float32: between them, since rounding never passes what float32 holds.
 * Never a subnormal.
 *
 * @param values not larger than `reach`, a power of two
 * @param weights one whole number > 0 a value, or null: 1 each
 * @param total their sum, below 2^52
 */
export function median(
  values: Float32Array,
  weights: Uint32Array | null,
  total: number,
  reach: number,
): number {
  const half = total / 2;
  const few =
    values.length > MANY
      ? narrow(values, weights, half, reach)
      : { values: values.slice(), weights: weights && weights.slice(), below: 0 };
  const { value, tie } = select(few.values, few.weights, half - few.below);
  if (!tie) return value;
  let next = Infinity;
  for (const other of few.values) if (other > value) next = Math.min(next, other);
  const middle = Math.fround((value + next) / 2);
  return Math.abs(middle) < SMALLEST_NORMAL ? 0 : middle;
}
const SMALLEST_NORMAL = 2 ** -126;

/**
 * The values of the bin where the weight reaches `half`, and of the next where it ends there, their
 * weights, and the weight below them.
 */
function narrow(
  values: Float32Array,
  weights: Uint32Array | null,
  half: number,
  reach: number,
): { values: Float32Array; weights: Uint32Array | null; below: number } {
  const perBin = BINS / reach;
  const heavy = new Float64Array(2 * BINS + 1);
  // of a sum > 0 `| 0` is the floor: what is larger is never in a lower bin
  if (weights)
    for (let i = 0; i < values.length; i++) heavy[(values[i] * perBin + BINS) | 0] += weights[i];
  else for (let i = 0; i < values.length; i++) heavy[(values[i] * perBin + BINS) | 0]++;
  let bin = 0;
  let below = 0;
  while (below + heavy[bin] < half) below += heavy[bin++];
  let last = bin;
  if (below + heavy[bin] === half) while (heavy[++last] === 0);
  const rows: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const own = (values[i] * perBin + BINS) | 0;
    if (own === bin || own === last) rows.push(i);
  }
  return {
    values: Float32Array.from(rows, (i) => values[i]),
    weights: weights && Uint32Array.from(rows, (i) => weights[i]),
    below,
  };
}

/**
 * The smallest value up to which the weight is at least `half`, and whether it is just that. Partitions
 * the values by pivots, and the weights with them.
 */
function select(
  values: Float32Array,
  weights: Uint32Array | null,
  half: number,
): { value: number; tie: boolean } {
  /** The value is in [low, high); `below`: the weight before low. */
  let low = 0;
  let high = values.length;
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
    if (lighter >= half) high = less;
    else if (lighter + own >= half) return { value: pivot, tie: lighter + own === half };
    else {
      low = more;
      below = lighter + own;
    }
  }
}

function swap(values: Float32Array, weights: Uint32Array | null, a: number, b: number): void {
  const value = values[a];
  values[a] = values[b];
  values[b] = value;
  if (!weights) return;
  const weight = weights[a];
  weights[a] = weights[b];
  weights[b] = weight;
}
