/**
 * Which columns the space-filling curve runs through, and how finely: cells are cubes as far as possible,
 * and few rows far out do not take the resolution from all others.
 */

export interface Axis {
  column: number;
  /** Lower border of the lowest cell, in units of y. */
  low: number;
  /** Cells in a unit of y. */
  scale: number;
}

/** 2^(axes · bits) cells. */
export interface Curve {
  axes: Axis[];
  bits: number;
}

/** Share of a sample that lies outside of the range at each end: it goes to the cells there. */
const OUTSIDE = 1 / 200;

/** From a sample of rows; up to 2^cellBits cells. */
export function layCurve(sample: Float32Array, columns: number, cellBits: number): Curve {
  const rows = sample.length / columns;
  const outside = Math.floor(rows * OUTSIDE);
  const ranges = Array.from({ length: columns }, (_, column) => {
    const sorted = Float32Array.from(
      { length: rows },
      (_, i) => sample[i * columns + column],
    ).sort();
    const low = sorted[outside];
    return { column, low, width: sorted[rows - 1 - outside] - low };
  }).sort((a, b) => b.width - a.width);
  const widest = ranges[0].width;
  // as many columns as are no narrower than a cell would be then
  let count = Math.min(columns, cellBits);
  while (count > 1 && ranges[count - 1].width * 2 ** Math.floor(cellBits / count) < widest) count--;
  const bits = Math.floor(cellBits / count);
  const scale = widest > 0 ? 2 ** bits / widest : 0;
  return { axes: ranges.slice(0, count).map(({ column, low }) => ({ column, low, scale })), bits };
}
