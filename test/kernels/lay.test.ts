/** Points laid on the device: the facts of the grid, the values and the rows picked of them, beside layOnGrid. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OutOfMemoryError } from '../../src/errors.ts';
import { limitsOf, openDevice } from '../support/workbench.ts';
import { layDifferences, mixed, pointsOf, SETS } from './lay-twins.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

test.each(SETS)('%s', async (_, points, setting) => {
  expect(await layDifferences(device, points(), setting)).toEqual([]);
});

test('a buffer that may not be bound is copied', async () => {
  const setting = { usage: GPUBufferUsage.COPY_SRC, before: 3, dispatchWork: 64 * 9 * 100 };
  expect(await layDifferences(device, mixed(450, 9), setting)).toEqual([]);
});

test.each([
  [0, 0, NaN],
  [399, 4, Infinity],
  [123, 2, -Infinity],
])(
  'row %d, column %d: %d is refused with its place, the first of several',
  async (row, column, bad) => {
    const points = pointsOf(400, 5, (x) => x);
    points.data[5 * row + column] = bad;
    for (let at = 5 * row + column + 1; at < 2000; at += 17) points.data[at] = NaN;
    for (const usage of [GPUBufferUsage.STORAGE, GPUBufferUsage.COPY_SRC]) {
      const refused = layDifferences(device, points, { usage, dispatchWork: 64 * 5 * 30 });
      await expect(refused).rejects.toThrow(`points[${row}][${column}] is ${bad};`);
    }
  },
);

test('bindings of 4 KiB: rows are picked part by part, and columns that fit none are refused', async () => {
  const small = await openDevice();
  const { minStorageBufferOffsetAlignment: align } = small.limits;
  const limits = {
    ...limitsOf(small, { maxStorageBufferBindingSize: 4096 + align }),
    minStorageBufferOffsetAlignment: align,
  };
  Object.defineProperty(small, 'limits', { value: limits });
  expect(await layDifferences(small, mixed(900, 7), { before: 1 })).toEqual([]);
  const wide = layDifferences(small, mixed(3, 205));
  await expect(wide).rejects.toThrow(OutOfMemoryError);
  await expect(wide).rejects.toThrow(
    /^the statistics of 205 columns are 4100 bytes; expected at most 4096/,
  );
  small.destroy();
});
