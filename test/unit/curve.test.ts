/** Where the block filter's curve runs, and that it is one: neighbours along it are neighbours in space. */
import { describe, expect, test } from 'vitest';
import { layCurve } from '../../src/engines/webgpu/curve.ts';
import { cellOf } from '../kernels/cell-of.ts';

/** Rows on a grid of so many steps a column, each column `widths[t]` wide. */
function lattice(widths: readonly number[], steps: number): Float32Array {
  const columns = widths.length;
  return Float32Array.from({ length: steps ** columns * columns }, (_, at) => {
    const [i, t] = [Math.floor(at / columns), at % columns];
    return (widths[t] * (Math.floor(i / steps ** t) % steps)) / (steps - 1);
  });
}

describe('layCurve', () => {
  test('gives the columns as many bits as they are worth', () => {
    const shape = (widths: readonly number[], cellBits: number) => {
      const { axes, bits } = layCurve(lattice(widths, 5), widths.length, cellBits);
      return { columns: axes.map(({ column }) => column), bits };
    };
    expect(shape([1, 1], 12)).toEqual({ columns: [0, 1], bits: 6 });
    expect(shape([1, 1, 1], 13)).toEqual({ columns: [0, 1, 2], bits: 4 });
    expect(shape([0.5, 1], 12)).toEqual({ columns: [1, 0], bits: 6 });
    // narrower than a cell
    expect(shape([1, 2 ** -9], 12)).toEqual({ columns: [0], bits: 12 });
    expect(layCurve(lattice([0, 0], 5), 2, 12).axes[0].scale).toBe(0);
    expect(shape([1, 1, 1, 1, 1, 1], 4)).toMatchObject({ bits: 1, columns: [0, 1, 2, 3] });
  });

  test('is not stretched by a few rows far out', () => {
    const sample = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
    const far = sample.slice();
    far.set([1e6, -1e6, 1e5]);
    const [plain] = layCurve(sample, 1, 10).axes;
    const [stretched] = layCurve(far, 1, 10).axes;
    expect(stretched.scale / plain.scale).toBeCloseTo(1, 1);
  });
});

test.each([
  [1, 5],
  [2, 4],
  [3, 2],
  [4, 2],
])('in %i columns of %i bits every cell is met once, its neighbours next to it', (n, bits) => {
  const side = 2 ** bits;
  const axes = Array.from({ length: n }, (_, column) => ({ column, low: 0, scale: 1 }));
  const cells: number[][] = [];
  for (let i = 0; i < side ** n; i++) {
    const row = Float32Array.from({ length: n }, (_, t) => Math.floor(i / side ** t) % side);
    cells[cellOf({ axes, bits }, row)] = [...row];
  }
  expect(Object.keys(cells)).toHaveLength(side ** n);
  for (let i = 1; i < cells.length; i++) {
    const steps = cells[i].reduce((sum, x, t) => sum + Math.abs(x - cells[i - 1][t]), 0);
    expect(steps).toBe(1);
  }
});
