/** Rows repeated as often as their whole weights say: what weights have to equal. */
import { matrix, type Matrix } from '../../src/matrix.ts';
import { pcg32 } from '../../src/rng.ts';

/** Which row stands at each place: copies beside each other, or anywhere. */
export function repeats(weights: readonly number[], where: 'beside' | 'anywhere'): number[] {
  const places = weights.flatMap((weight, row) => new Array<number>(weight).fill(row));
  if (where === 'beside') return places;
  const random = pcg32(7);
  return places
    .map((row) => [random(), row])
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
}

export function rowsAt({ data, columns }: Matrix, rows: readonly number[]): Matrix {
  return matrix(
    rows.flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)]),
    columns,
  );
}
