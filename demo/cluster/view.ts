/**
 * How rows of any number of columns are seen: on two of their columns or on their first two principal
 * components. For the picture only: nothing that is clustered comes through here.
 */
import { means, projectionOf, type Projection, type Rows } from './projection.ts';

/** Columns across and up, by their numbers; null for the principal components. */
export type Axes = readonly [across: number, up: number] | null;

export interface View {
  /** null: two columns, drawn as they are. */
  projection: Projection | null;
  /** null: principal components, or the two columns that there are. */
  axes: Axes;
  /** How much longer a unit is up than across, where two columns are all there is. */
  stretch: number;
}

/** Two columns whose ranges differ by more get scales of their own, so that they make no line. */
const SLIM = 3;

/** @param whiten every column counts in its standard deviations, as under the library's option */
export function viewOf(points: Rows, whiten: boolean, wanted: Axes): View {
  const { columns } = points;
  if (columns !== 2 && wanted?.every((axis) => axis < columns)) {
    const [across, up] = wanted;
    const axes = new Float64Array(2 * columns);
    axes[2 * across] = 1 / (rangeOf(points, across) || 1);
    axes[2 * up + 1] = 1 / (rangeOf(points, up) || 1);
    return { projection: { centre: means(points), axes, share: NaN }, axes: wanted, stretch: 1 };
  }
  const projection = columns !== 2 || whiten ? projectionOf(points, whiten) : null;
  if (columns !== 2) return { projection, axes: null, stretch: 1 };
  const scales = projection ? [projection.axes[0], projection.axes[3]] : [1, 1];
  const [wide, high] = scales.map((scale, t) => scale * rangeOf(points, t));
  const isSlim = Math.max(wide, high) > SLIM * Math.min(wide, high) && Math.min(wide, high) > 0;
  if (!isSlim) return { projection, axes: null, stretch: 1 };
  const axes = Float64Array.of(scales[0] / wide, 0, 0, scales[1] / high);
  const centre = projection?.centre ?? means(points);
  return { projection: { centre, axes, share: 1 }, axes: null, stretch: wide / high };
}

function rangeOf({ data, columns }: Rows, column: number): number {
  let [least, most] = [Infinity, -Infinity];
  for (let at = column; at < data.length; at += columns) {
    if (data[at] < least) least = data[at];
    if (data[at] > most) most = data[at];
  }
  return most - least;
}
