/** What is no result, whatever the GPU says. */
import { describe, expect, test } from 'vitest';
import {
  checkCentroids,
  checkCounts,
  checkEnds,
  checkLabels,
  checkRefused,
  checkStatus,
  checkTotal,
} from '../../src/engines/webgpu/sound.ts';
import { GpuError } from '../../src/errors.ts';

describe('labels', () => {
  test('are below k', () => {
    expect(() => checkLabels(Uint32Array.of(0, 2, 1), 3)).not.toThrow();
    expect(() => checkLabels(Uint32Array.of(0, 3, 1), 3)).toThrow(GpuError);
    expect(() => checkLabels(Uint32Array.of(0, 3, 1), 3)).toThrow(/row 1 the label 3 of 3/);
  });

  test('and counts belong together', () => {
    const grid = { weights: null, totalWeight: 4 };
    const labels = Uint32Array.of(0, 1, 1, 0);
    expect(() => checkCounts(grid, Uint32Array.of(2, 2), labels)).not.toThrow();
    expect(() => checkCounts(grid, Uint32Array.of(1, 3), labels)).toThrow(
      /cluster 0 a weight of 1, while its rows have 2/,
    );
    expect(() => checkCounts(grid, Uint32Array.of(0, 0), labels)).toThrow(GpuError);
    expect(() => checkCounts({ ...grid, totalWeight: 5 }, Uint32Array.of(2, 2), labels)).toThrow(
      /weight of 4, not 5/,
    );
    const weighted = { weights: Uint32Array.of(0, 7, 2 ** 31, 5), totalWeight: 2 ** 31 + 12 };
    expect(() => checkCounts(weighted, Uint32Array.of(5, 2 ** 31 + 7), labels)).not.toThrow();
    expect(() => checkTotal(2 ** 31 + 12, Uint32Array.of(5, 2 ** 31 + 7))).not.toThrow();
    expect(() => checkTotal(2 ** 31 + 12, Uint32Array.of(0, 0))).toThrow(GpuError);
  });
});

test('columns have ends, and what is refused is no number', () => {
  const ends = (low: number, high: number) => ({
    low: Float64Array.of(0, low),
    high: Float64Array.of(0, high),
  });
  expect(() => checkEnds(ends(-1, 1))).not.toThrow();
  expect(() => checkEnds(ends(1, -1))).toThrow(/column 1 the ends 1 and -1/);
  expect(() => checkEnds(ends(NaN, NaN))).toThrow(GpuError);
  expect(() => checkRefused(NaN, 3, 1)).not.toThrow();
  expect(() => checkRefused(-Infinity, 3, 1)).not.toThrow();
  expect(() => checkRefused(0, 3, 1)).toThrow(GpuError);
});

test('centroids lie among the points', () => {
  expect(() => checkCentroids(Float32Array.of(-1, 0, 1))).not.toThrow();
  for (const wrong of [NaN, Infinity, -Infinity, 1.5])
    expect(() => checkCentroids(Float32Array.of(0, wrong))).toThrow(GpuError);
});

test('a status is of the iterations that were asked for', () => {
  expect(() => checkStatus(5, 5, true)).not.toThrow();
  expect(() => checkStatus(2, 5, false)).not.toThrow();
  for (const [done, running] of [
    [0, true],
    [0, false],
    [4, true],
    [6, false],
    [-3, true],
  ] as const)
    expect(() => checkStatus(done, 5, running)).toThrow(/a status of -?\d iterations after 5/);
});
