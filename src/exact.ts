/**
 * Distances on the label grid, exactly, in plain numbers.
 *
 * A difference of two label-grid values is below 2^31 and its square below 2^62, more than a double
 * holds. Cut in halves, |a| = h · 2^15 + l, the square is h²·2^30 + 2hl·2^15 + l²; each of the three
 * parts adds up exactly over 4096 columns, and the total is kept as two exact doubles. Absolute
 * differences add up exactly as they are.
 */

/** distance = high · 2^30 + low, 0 ≤ low < 2^30. */
export interface ExactDistance {
  high: number;
  low: number;
}

/** Writes Σ_t (q_t − g_t)² into `out`; q starts at `row`, g at `centroid`. */
export function exactDistance(
  q: Int32Array,
  row: number,
  g: Int32Array,
  centroid: number,
  columns: number,
  out: ExactDistance,
): void {
  let hh = 0;
  let hl = 0;
  let ll = 0;
  for (let t = 0; t < columns; t++) {
    const a = Math.abs(q[row + t] - g[centroid + t]);
    const h = Math.floor(a / 0x8000);
    const l = a % 0x8000;
    hh += h * h;
    hl += 2 * h * l;
    ll += l * l;
  }
  hl += Math.floor(ll / 0x8000);
  out.low = (hl % 0x8000) * 0x8000 + (ll % 0x8000);
  out.high = hh + Math.floor(hl / 0x8000);
}

/** The nearest of k centroids but number `except`, ties to the lowest index; its distance in `out`. */
export function exactNearest(
  q: Int32Array,
  row: number,
  g: Int32Array,
  k: number,
  columns: number,
  out: ExactDistance,
  except = -1,
): number {
  const d = { high: 0, low: 0 };
  let label = 0;
  out.high = Infinity;
  for (let j = 0; j < k; j++) {
    if (j === except) continue;
    exactDistance(q, row, g, j * columns, columns, d);
    if (d.high < out.high || (d.high === out.high && d.low < out.low)) {
      out.high = d.high;
      out.low = d.low;
      label = j;
    }
  }
  return label;
}

/** Σ_t |q_t − g_t|; q starts at `row`, g at `centroid`. */
export function manhattanDistance(
  q: Int32Array,
  row: number,
  g: Int32Array,
  centroid: number,
  columns: number,
): number {
  let sum = 0;
  for (let t = 0; t < columns; t++) sum += Math.abs(q[row + t] - g[centroid + t]);
  return sum;
}

/** The nearest of k centroids but number `except` by {@link manhattanDistance}, ties to the lowest index. */
export function manhattanNearest(
  q: Int32Array,
  row: number,
  g: Int32Array,
  k: number,
  columns: number,
  except = -1,
): number {
  let best = Infinity;
  let label = 0;
  for (let j = 0; j < k; j++) {
    if (j === except) continue;
    const distance = manhattanDistance(q, row, g, j * columns, columns);
    if (distance >= best) continue;
    best = distance;
    label = j;
  }
  return label;
}
