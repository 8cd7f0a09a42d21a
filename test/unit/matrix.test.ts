/** Every form of points, and every refusal with its words. */
import { describe, expect, test } from 'vitest';
import { InvalidInputError, matrix, NotSupportedError, type Points } from '../../src/index.ts';
import { toRows, type ArrowLike } from '../../src/matrix.ts';

const FORMS =
  'Pass { data, columns }, matrix(data, columns), number[][], ImageData or an Apache Arrow table.';

/** As JavaScript callers may: whatever they like. */
const any = (value: unknown) => value as Points;

function arrow(columns: ArrayLike<number | bigint | null | string>[], numRows: number): ArrowLike {
  return {
    numRows,
    numCols: columns.length,
    getChildAt: (t) => {
      const column = columns[t];
      return column ? { toArray: () => column as ArrayLike<number> } : null;
    },
  };
}

describe('forms of points', () => {
  const flat = [1, 2, 3, 4, 5, 6];
  test.each<[string, Points]>([
    ['a matrix', { data: Float32Array.from(flat), rows: 3, columns: 2 }],
    ['data and columns', { data: Float64Array.from(flat), columns: 2 }],
    ['data and shape', { data: Int16Array.from(flat), shape: [3, 2] }],
    [
      'an ndarray by columns',
      { data: Float32Array.of(1, 3, 5, 2, 4, 6), shape: [3, 2], stride: [1, 3] },
    ],
    [
      'an ndarray of every second row, backwards',
      {
        data: Uint8Array.of(5, 6, 9, 9, 3, 4, 9, 9, 1, 2),
        shape: [3, 2],
        strides: [-4, 1],
        offset: 8,
      },
    ],
    [
      'an ndarray within a larger one',
      { data: Int8Array.of(9, 1, 2, 3, 4, 5, 6, 9), shape: [3, 2], offset: 1 },
    ],
    ['bytes', { data: Uint8Array.from(flat), columns: 2 }],
    ['clamped bytes', { data: Uint8ClampedArray.from(flat), columns: 2 }],
    ['signed bytes', { data: Int8Array.from(flat), columns: 2 }],
    ['words', { data: Uint16Array.from(flat), columns: 2 }],
    ['integers', { data: Int32Array.from(flat), columns: 2 }],
    ['unsigned integers', { data: Uint32Array.from(flat), columns: 2 }],
    [
      'arrays of numbers',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    ['typed arrays', [Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6)]],
    ['an Arrow table', arrow([Float64Array.of(1, 3, 5), BigInt64Array.of(2n, 4n, 6n)], 3)],
  ])('%s', (_, points) => {
    const rows = toRows(points);
    expect([rows.rows, rows.columns]).toEqual([3, 2]);
    expect(Array.from(rows.data)).toEqual(flat);
  });

  test('ImageData: a row a pixel, RGBA', () => {
    const data = Uint8ClampedArray.from({ length: 24 }, (_, i) => i);
    const rows = toRows({ data, width: 3, height: 2, colorSpace: 'srgb' });
    expect([rows.rows, rows.columns]).toEqual([6, 4]);
    expect(rows.data).toBe(data);
  });

  test('nothing flat is copied', () => {
    for (const data of [new Float32Array(6), new Float64Array(6), new Uint8Array(6)]) {
      expect(toRows({ data, columns: 3 }).data).toBe(data);
      expect(toRows({ data, shape: [2, 3] }).data).toBe(data);
    }
  });

  test('views and shared memory are read where they lie', () => {
    const shared = new Float32Array(new SharedArrayBuffer(32), 8, 4);
    shared.set([1, 2, 3, 4]);
    expect(Array.from(toRows({ data: shared, columns: 2 }).data)).toEqual([1, 2, 3, 4]);
  });
});

describe('matrix', () => {
  test('takes float32 in place and copies the rest', () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect(matrix(data, 2)).toEqual({ data, rows: 2, columns: 2 });
    expect(matrix(data, 2).data).toBe(data);
    expect(matrix([1, 2, 3, 4], 4)).toEqual({ data, rows: 1, columns: 4 });
    expect(matrix(Float64Array.of(0.1), 1).data[0]).toBe(Math.fround(0.1));
  });

  test.each([
    [[1, 2, 3], 2, 'data.length is 3; expected a multiple of columns (2). Check the shape.'],
    [[1], 0, 'columns is 0; expected a whole number ≥ 1. Pass the number of columns of a row.'],
    [[1], 1.5, 'columns is 1.5; expected a whole number ≥ 1. Pass the number of columns of a row.'],
    [[1], NaN, 'columns is NaN; expected a whole number ≥ 1. Pass the number of columns of a row.'],
  ])('refuses %o in rows of %d', (data, columns, message) => {
    expect(() => matrix(data, columns)).toThrow(new InvalidInputError(message));
  });
});

describe('refused', () => {
  test.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      `points is undefined; expected a matrix, an array of rows, ImageData or an Arrow table. ${FORMS}`,
    ],
    [
      'null',
      null,
      `points is null; expected a matrix, an array of rows, ImageData or an Arrow table. ${FORMS}`,
    ],
    [
      'a number',
      7,
      `points is 7; expected a matrix, an array of rows, ImageData or an Arrow table. ${FORMS}`,
    ],
    [
      'text',
      'iris.csv',
      `points is 'iris.csv'; expected a matrix, an array of rows, ImageData or an Arrow table. ${FORMS}`,
    ],
    [
      'a function',
      () => [],
      `points is a function; expected a matrix, an array of rows, ImageData or an Arrow table. ${FORMS}`,
    ],
    ['an object', {}, `points.data is undefined; expected a typed array. ${FORMS}`],
    [
      'a typed array alone: it does not say how wide a row is',
      Float32Array.of(1, 2),
      `points is a Float32Array; expected a number of columns beside it. ${FORMS}`,
    ],
    [
      'an array as data',
      { data: [1, 2], columns: 1 },
      `points.data is an array of 2; expected a typed array. ${FORMS}`,
    ],
    [
      'big integers',
      { data: BigInt64Array.of(1n), columns: 1 },
      `points.data is a BigInt64Array; expected a typed array. ${FORMS}`,
    ],
    [
      'a DataView',
      { data: new DataView(new ArrayBuffer(8)), columns: 1 },
      `points.data is a DataView; expected a typed array. ${FORMS}`,
    ],
    [
      'data alone',
      { data: Float32Array.of(1) },
      `points is an object; expected columns or shape beside data. ${FORMS}`,
    ],
    [
      'no columns',
      { data: Float32Array.of(1), columns: 0 },
      'points.columns is 0; expected a whole number ≥ 1. A row needs at least one column.',
    ],
    [
      'half a column',
      { data: Float32Array.of(1), columns: 0.5 },
      'points.columns is 0.5; expected a whole number ≥ 1. A row needs at least one column.',
    ],
    [
      'rows that do not come out',
      { data: Float32Array.of(1, 2, 3), columns: 2 },
      'points.data.length is 3; expected a multiple of columns (2). Check the shape.',
    ],
    [
      'other rows than said',
      { data: Float32Array.of(1, 2, 3, 4), columns: 2, rows: 3 },
      'points.data.length is 4; expected rows × columns (3 × 2). Check the shape.',
    ],
    [
      'a shape of one axis',
      { data: Float32Array.of(1, 2), shape: [2] },
      'points.shape.length is 1; expected 2: [rows, columns]. Reshape it to two axes.',
    ],
    [
      'a shape of three axes',
      { data: Float32Array.of(1, 2), shape: [1, 2, 1] },
      'points.shape.length is 3; expected 2: [rows, columns]. Reshape it to two axes.',
    ],
    [
      'a shape that is none',
      { data: Float32Array.of(1, 2), shape: null },
      'points.shape.length is undefined; expected 2: [rows, columns]. Reshape it to two axes.',
    ],
    [
      'a shape of another size',
      { data: Float32Array.of(1, 2), shape: [2, 2] },
      'points.data.length is 2; expected rows × columns (2 × 2). Check the shape.',
    ],
    [
      'a stride of one axis',
      { data: Float32Array.of(1, 2), shape: [2, 1], stride: [1] },
      'points.stride is an array of 1; expected two whole numbers, one per axis. Check shape and stride.',
    ],
    [
      'no stride at all',
      { data: Float32Array.of(1, 2), shape: [2, 1], stride: null },
      'points.stride is null; expected two whole numbers, one per axis. Check shape and stride.',
    ],
    [
      'half a row',
      { data: Float32Array.of(1, 2), shape: [1.5, 1], stride: [1, 2] },
      'points.shape is an array of 2; expected two whole numbers, one per axis. Check shape and stride.',
    ],
    [
      'half an offset',
      { data: Float32Array.of(1, 2), shape: [1, 1], offset: 0.5 },
      'points.offset is 0.5; expected a whole number. Round it.',
    ],
    [
      'a stride that leads out of the data',
      { data: new Float32Array(6), shape: [3, 2], stride: [1, 4] },
      'points.data.length is 6; expected indices 0 to 6 within it, as shape, stride and offset say. Check all of these.',
    ],
    [
      'a stride that leads before the data',
      { data: new Float32Array(6), shape: [3, 2], stride: [-2, 1], offset: 3 },
      'points.data.length is 6; expected indices -1 to 4 within it, as shape, stride and offset say. Check all of these.',
    ],
    [
      'a picture of another size',
      { data: new Uint8ClampedArray(8), width: 2, height: 2 },
      'points.data.length is 8; expected rows × columns (4 × 4). Check the shape.',
    ],
    ['no rows', [], 'points.rows is 0; expected at least 1. Pass at least one point.'],
    [
      'no flat rows',
      { data: new Float32Array(), columns: 2 },
      'points.rows is 0; expected at least 1. Pass at least one point.',
    ],
    [
      'rows of nothing',
      [[], []],
      'points.columns is 0; expected at least 1. A point needs a coordinate.',
    ],
    [
      'rows of different lengths',
      [[1, 2], [3, 4], [5]],
      'points[2].length is 1; expected 2, as in the first row. Give every row the same length.',
    ],
    [
      'a list of numbers: rows of one column are meant, or one row',
      [1, 2, 3],
      `points[0] is 1; expected an array of numbers. ${FORMS}`,
    ],
    [
      'a row that is missing',
      [[1, 2], null],
      `points[1] is null; expected an array of numbers. ${FORMS}`,
    ],
    [
      'text in a row',
      [
        [1, 2],
        [3, '4'],
      ],
      "points[1][1] is '4'; expected a number. Fill or drop the row.",
    ],
    [
      'undefined in a row',
      [
        [1, 2],
        [3, undefined],
      ],
      'points[1][1] is undefined; expected a number. Fill or drop the row.',
    ],
    [
      'big integers in a row',
      [[1, 2n]],
      'points[0][1] is 2n; expected a number. Fill or drop the row.',
    ],
    [
      'an empty Arrow table',
      arrow([[]], 0),
      'points.rows is 0; expected at least 1. Pass at least one point.',
    ],
    [
      'an Arrow table without columns',
      arrow([], 3),
      'points.columns is 0; expected at least 1. A point needs a coordinate.',
    ],
  ])('%s', (_, points, message) => {
    expect(() => toRows(any(points))).toThrow(new InvalidInputError(message));
  });

  test('what is missing in an Arrow table becomes NaN, which the grid refuses', () => {
    const { data } = toRows(
      arrow(
        [
          [1, null],
          ['x', 2],
        ],
        2,
      ),
    );
    expect(Array.from(data)).toEqual([1, NaN, NaN, 2]);
  });

  test('under the name of the argument', () => {
    expect(() => toRows([[1], []], 'init')).toThrow(
      'init[1].length is 0; expected 1, as in the first row. Give every row the same length.',
    );
  });

  test('what only some callers read', () => {
    const buffer = {} as GPUBuffer;
    expect(() => toRows({ buffer, rows: 1, columns: 1 })).toThrow(NotSupportedError);
    expect(() => toRows({ buffer, rows: 1, columns: 1 })).toThrow(
      "points is a GpuMatrix; expected a fit by kmeans on the engine 'webgpu' with it, and the device that it is on. Read the buffer back into a Float32Array.",
    );
    const source = { columns: 2, chunks: async function* () {} };
    expect(() => toRows(source)).toThrow(NotSupportedError);
    expect(() => toRows(source)).toThrow(
      'points is a PointSource; expected a fit by kmeans, KMeans or MiniBatchKMeans with it. Load the rows into one matrix.',
    );
  });
});
