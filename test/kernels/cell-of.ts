import type { Curve } from '../../src/engines/webgpu/curve.ts';

/** `plot` and `gather`: the cell of a row; where rounding may go either way, it is not for tests. */
export function cellOf({ axes, bits }: Curve, row: Float32Array): number {
  const last = 2 ** bits - 1;
  const x = axes.map(({ column, low, scale }) =>
    Math.floor(Math.min(last, Math.max(0, (row[column] - low) * scale))),
  );
  const n = x.length;
  const top = 2 ** (bits - 1);
  for (let bit = top; bit > 1; bit /= 2)
    for (let i = 0; i < n; i++)
      if (x[i] & bit) x[0] ^= bit - 1;
      else {
        const swapped = (x[0] ^ x[i]) & (bit - 1);
        x[0] ^= swapped;
        x[i] ^= swapped;
      }
  for (let i = 1; i < n; i++) x[i] ^= x[i - 1];
  let flip = 0;
  for (let bit = top; bit > 1; bit /= 2) if (x[n - 1] & bit) flip ^= bit - 1;
  let cell = 0;
  for (let bit = top; bit >= 1; bit /= 2)
    for (const own of x) cell = 2 * cell + ((own ^ flip) & bit ? 1 : 0);
  return cell;
}
