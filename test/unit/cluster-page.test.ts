/** What the Cluster tab works out beside clustering: moments of a run, rows inside an outline, places. */
import { Delaunay } from 'd3-delaunay';
import { expect, test } from 'vitest';
import { Film } from '../../demo/cluster/film.ts';
import { rowsInside } from '../../demo/cluster/inside.ts';
import { moved, placed } from '../../demo/cluster/lift.ts';
import { paintMap, paintOneMore } from '../../src/picture/palette.ts';
import { project, projectionOf } from '../../src/picture/projection.ts';
import { gaussianBoard, kmeans } from '../../src/index.ts';

const points = gaussianBoard(500, 6, { seed: 3 });
const options = { seed: 3, engine: 'reference' } as const;

test('every moment of a film is the run as it was then, to the bit', async () => {
  const whole = await kmeans(points, 6, options);
  const film = new Film(points, 6, options);
  // Who looks is told as soon as it is known: of the first centroids while the rest is on its way.
  const told: string[] = [];
  const history = film.record(whole.iterations);
  void history.then(() => told.push('all'));
  const first = await film.moment(0, whole.iterations);
  told.push('first');
  expect(await history).toEqual(whole.history);
  expect(told).toEqual(['first', 'all']);
  expect(first.iteration).toBe(0);
  for (let maxIter = 1; maxIter <= whole.iterations; maxIter++) {
    const then = await kmeans(points, 6, { ...options, maxIter });
    const moment = film.at(maxIter)!;
    expect(moment.rows).toEqual(then.centroids.data);
    expect([...moment.labels]).toEqual([...then.labels]);
    expect(moment.sizes).toEqual(then.sizes);
  }
  // All of it is known: nothing is run for less.
  expect(film.record(2)).toBe(history);
});

test('a film that grows too long keeps every second moment, and every fourth', async () => {
  const { iterations } = await kmeans(points, 6, options);
  expect(iterations).toBeGreaterThan(8);
  const bytes = 5 * (500 + 4 * (12 + 6));
  const film = new Film(points, 6, options, bytes);
  await film.record(iterations);
  const known = new Set<number>();
  for (let t = 0; t <= iterations; t++) known.add(film.at(t)!.iteration);
  expect(known.size).toBeLessThanOrEqual(5);
  expect(known.size).toBeGreaterThan(2);
  const [, stride] = [...known];
  expect([2, 4, 8, 16]).toContain(stride);
  expect([...known]).toEqual([...known].map((_, at) => at * stride));
});

test('rows inside an outline, by cluster and by column', () => {
  const rows = { data: Float32Array.of(0, 0, 1, 1, 4, 4, 5, 1, 2, 9), rows: 5, columns: 2 };
  const labels = Uint8Array.of(0, 1, 1, 0, 1);
  // A square with its middle row pulled in from the right: (4, 4) is outside.
  const outline = Float64Array.of(-1, -1, 6, -1, 6, 2, 3, 4, 6, 6, -1, 6);
  const inside = rowsInside(rows, rows.data, labels, 2, outline);
  expect(inside.rows).toBe(3);
  expect(inside.of).toBe(5);
  expect([...inside.counts]).toEqual([2, 1]);
  expect([...inside.sizes]).toEqual([2, 3]);
  expect([...inside.means]).toEqual([2, 2 / 3]);
  expect([...inside.allMeans]).toEqual([2.4, 3]);
  expect(inside.deviations[1]).toBeCloseTo(Math.sqrt((9 + 4 + 1 + 4 + 36) / 5), 12);
  // Labels of the first rows only: the others are not looked at.
  expect(rowsInside(rows, rows.data, labels.subarray(0, 2), 2, outline)).toMatchObject({
    rows: 2,
    of: 2,
  });
});

test.each([false, true])(
  'what is placed on the picture is drawn there, equal scale %s',
  (whiten) => {
    const data = Float32Array.from({ length: 200 }, (_, at) => Math.sin(at * at) * (1 + (at % 4)));
    const plane = projectionOf({ data, rows: 50, columns: 4 }, whiten);
    const drawn = (row: Float32Array) => project({ data: row, rows: 1, columns: 4 }, plane);
    const row = placed(0.75, -0.5, plane);
    expect(drawn(row)[0]).toBeCloseTo(0.75, 5);
    expect(drawn(row)[1]).toBeCloseTo(-0.5, 5);
    const other = data.slice(0, 4);
    const [x, y] = drawn(other);
    const next = drawn(moved(other, 0.1, -0.2, plane));
    expect(next[0]).toBeCloseTo(x + 0.1, 5);
    expect(next[1]).toBeCloseTo(y - 0.2, 5);
    expect(moved(other, 0, 0, plane)).toEqual(other);
    // Two columns are the picture.
    expect(placed(3, 4, null)).toEqual(Float32Array.of(3, 4));
  },
);

test('one more centroid gets a colour that none of its neighbours has', () => {
  const centroids = Float32Array.from({ length: 60 }, (_, at) => Math.sin(at * 7.3));
  const colours = paintMap(centroids.subarray(0, 6));
  while (colours.length < 30) {
    const some = centroids.subarray(0, 2 * colours.length + 2);
    const colour = paintOneMore(some, colours);
    for (const j of new Delaunay(some).neighbors(colours.length))
      expect(colour).not.toBe(colours[j]);
    colours.push(colour);
  }
});
