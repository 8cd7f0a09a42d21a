/** The plane that the page draws rows of many columns on, against cases worked out by others and by hand. */
import { describe, expect, test } from 'vitest';
import { blobs } from '../../src/index.ts';
import { makeBoard } from '../../demo/cluster/boards.ts';
import { project, projectionOf } from '../../src/picture/projection.ts';

const rowsOf = (rows: number[][]) => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0].length,
});
const near = (actual: ArrayLike<number>, wanted: number[], digits: number) => {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((value, at) => expect(actual[at]).toBeCloseTo(value, digits));
};

/** Pairs of points along three axes at right angles, around (1, 2, 3): variances 54, 6 and 2/3. */
const CROSS = [
  { axis: [2 / 3, 1 / 3, -2 / 3], reach: 3 },
  { axis: [1 / 3, 2 / 3, 2 / 3], reach: 9 },
  { axis: [-2 / 3, 2 / 3, -1 / 3], reach: 1 },
].flatMap(({ axis, reach }) =>
  [reach, -reach].map((r) => axis.map((x, t) => x * r * Math.sqrt(2) + t + 1)),
);

describe('three columns', () => {
  const points = rowsOf(CROSS);
  const projection = projectionOf(points, false);

  test('the widest way lies across, the next up, and the largest part of each is positive', () => {
    near(projection.centre, [1, 2, 3], 12);
    // 2/3 and −2/3 are equally large in the second; the first of the two decides
    near(projection.axes, [1 / 3, 2 / 3, 2 / 3, 1 / 3, 2 / 3, -2 / 3], 12);
    expect(projection.share).toBeCloseTo(90 / 91, 12);
  });

  test('rows and centroids are placed by them', () => {
    const [a, b] = [3 * Math.SQRT2, 9 * Math.SQRT2];
    near(project(points, projection), [0, a, 0, -a, b, 0, -b, 0, 0, 0, 0, 0], 5);
    near(project(rowsOf([[1, 2, 3]]), projection), [0, 0], 12);
  });

  test('turned round, they give the same axes', () => {
    const mirrored = rowsOf(CROSS.map((row) => row.map((x, t) => 2 * (t + 1) - x)));
    near(projectionOf(mirrored, false).axes, [...projection.axes], 12);
  });

  test('equal rows have no widest way, and break nothing', () => {
    const same = rowsOf([CROSS[0], CROSS[0]]);
    for (const whiten of [false, true]) {
      const flat = projectionOf(same, whiten);
      expect(flat.share).toBe(1);
      near(project(same, flat), [0, 0, 0, 0], 12);
    }
  });
});

test('iris has the components that scikit-learn finds', async () => {
  const iris = await makeBoard({ board: 'iris', n: 1, seed: 0 });
  const { axes, share } = projectionOf(iris, false);
  // PCA(2).fit(load_iris().data): components_, explained_variance_ratio_
  near(
    axes,
    [
      0.36138659, 0.65658877, -0.08452251, 0.73016143, 0.85667061, -0.17337266, 0.3582892,
      -0.07548102,
    ],
    7,
  );
  expect(share).toBeCloseTo(0.92461872 + 0.05306648, 7);
});

describe('whitened', () => {
  test('columns count in their standard deviations, constant ones as they are', () => {
    // Two of variance 1 that go together and one of variance 1 alone, in units of 10, 1 and 0.1.
    const points = rowsOf([
      [10, 1, 0.1, 7],
      [-10, -1, 0.1, 7],
      [10, 1, -0.1, 7],
      [-10, -1, -0.1, 7],
    ]);
    const { axes, share } = projectionOf(points, true);
    near(axes, [Math.SQRT1_2 / 10, 0, Math.SQRT1_2, 0, 0, 10, 0, 0], 12);
    expect(share).toBeCloseTo(1, 12);
  });

  test('two columns stay the plane', () => {
    const points = rowsOf([
      [3, 50],
      [1, 10],
    ]);
    expect(projectionOf(points, false)).toMatchObject({
      share: 1,
      axes: Float64Array.of(1, 0, 0, 1),
    });
    near(project(points, projectionOf(points, true)), [1, 1, -1, -1], 6);
  });
});

describe('many columns', () => {
  test('have the plane that the few have which they repeat', () => {
    const few = 6;
    const board = blobs(400, 5, { columns: few, seed: 3 });
    const copies = 20;
    const wide = {
      data: Float64Array.from({ length: 400 * few * copies }, (_, at) => {
        const [row, t] = [Math.floor(at / (few * copies)), at % (few * copies)];
        return board.data[row * few + (t % few)] / Math.sqrt(copies);
      }),
      rows: 400,
      columns: few * copies,
    };
    for (const whiten of [false, true]) {
      const [one, other] = [projectionOf(board, whiten), projectionOf(wide, whiten)];
      expect(other.share).toBeCloseTo(one.share, 6);
      const places = project(board, one).map((x) => x * (whiten ? Math.sqrt(copies) : 1));
      near(project(wide, other), [...places], 2);
    }
  });

  test('equal rows, and rows on a line, break nothing', () => {
    const same = { data: new Float64Array(300).fill(2), rows: 3, columns: 100 };
    expect(projectionOf(same, false)).toMatchObject({ share: 1 });
    near(project(same, projectionOf(same, false)), [0, 0, 0, 0, 0, 0], 12);
    const line = { ...same, data: same.data.map((_, at) => Math.floor(at / 100)) };
    const { axes, share } = projectionOf(line, false);
    expect(share).toBeCloseTo(1, 9);
    expect(axes.every(Number.isFinite)).toBe(true);
  });
});
