/**
 * Rows scaled to unit length, for the cosine metric: on the unit sphere ‖x − c‖² = 2 · (1 − cos), so
 * that the nearest centroid by distance is the nearest by angle, and every engine decides it as it is.
 *
 * All lie in one frame, the sphere's own: it holds every direction that a mean may have, whichever
 * the rows have. Coordinates are whole steps of the label grid that float32 holds as well. So sums on
 * the sum grid are exact on the label grid too, and what labels are decided by and what is added up
 * are the same numbers.
 */
import { InvalidInputError } from '../errors.ts';
import { LABEL_BITS, powerOfTwo, refuseNonFinite, roundHalfAway, type Frame } from '../grid.ts';
import type { Rows } from '../matrix.ts';

/** Numbers between two pauses. */
const SLICE = 2 ** 18;

/** The frame of the unit sphere: grid values are coordinates. */
export function sphere(columns: number): Frame {
  return { columns, centre: new Float64Array(columns), scale: null, exponent: 0 };
}

const STEPS = powerOfTwo(LABEL_BITS);

/** A coordinate from −1 to 1, to 24 bits and to a whole step of the label grid. */
export function toUnitGrid(x: number): number {
  return Math.fround(roundHalfAway(x * STEPS) / STEPS);
}

/**
 * Every row divided by its length, in f64. The length is that of the row divided by its largest number,
 * so that no square is too large or too small. Memory: 4 bytes a number.
 * @throws InvalidInputError on numbers that are not finite in float32, and on a row without direction
 */
export async function unitRows(
  points: Rows,
  name: string,
  pause: () => Promise<void> | undefined,
): Promise<Rows> {
  refuseNonFinite(points, name);
  const { data, rows, columns } = points;
  const unit = new Float32Array(rows * columns);
  const ratios = new Float64Array(columns);
  const slice = Math.ceil(SLICE / columns);
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    let largest = 0;
    for (let t = 0; t < columns; t++) largest = Math.max(largest, Math.abs(data[at + t]));
    if (largest === 0)
      throw new InvalidInputError(
        `${name}[${i}] is a zero vector under cosine; expected a row with a direction. ` +
          "Drop the row, or use metric: 'euclidean'.",
      );
    let square = 0;
    for (let t = 0; t < columns; t++) {
      ratios[t] = data[at + t] / largest;
      square += ratios[t] * ratios[t];
    }
    const length = Math.sqrt(square);
    for (let t = 0; t < columns; t++) unit[at + t] = toUnitGrid(ratios[t] / length);
    if (i % slice === 0) await pause();
  }
  return { data: unit, rows, columns };
}
