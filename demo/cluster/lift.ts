/**
 * From the picture back to the points: which row a place on the plane stands for. Of all rows that
 * are drawn there it is the one nearest to where the row was before; a new row begins at the mean.
 */
import type { Plane } from '../messages.ts';

/** @returns a copy of `row`, moved by (x, y) on the picture */
export function moved(row: Float32Array, x: number, y: number, plane: Plane | null): Float32Array {
  if (!plane) return Float32Array.of(row[0] + x, row[1] + y);
  const { axes } = plane;
  // The least change d with axesᵀ·d = (x, y): d = axes·(axesᵀ·axes)⁻¹·(x, y).
  let [xx, xy, yy] = [0, 0, 0];
  for (let at = 0; at < axes.length; at += 2) {
    xx += axes[at] ** 2;
    xy += axes[at] * axes[at + 1];
    yy += axes[at + 1] ** 2;
  }
  const area = xx * yy - xy * xy;
  // Columns that say the same thing twice span a line: there is no way but along it.
  const [alongX, alongY] =
    area > 1e-12 * xx * yy
      ? [(yy * x - xy * y) / area, (xx * y - xy * x) / area]
      : [xx > 0 ? x / xx : 0, 0];
  return row.map((value, t) => value + alongX * axes[2 * t] + alongY * axes[2 * t + 1]);
}

/** The row that is drawn at (x, y). */
export function placed(x: number, y: number, plane: Plane | null): Float32Array {
  return plane ? moved(Float32Array.from(plane.centre), x, y, plane) : Float32Array.of(x, y);
}
