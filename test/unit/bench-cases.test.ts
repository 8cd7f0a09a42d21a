/** The workloads are those of the plan, and everybody gets the same bits of them. */
import { describe, expect, it } from 'vitest';
import { CASES, findCases, scaled, type Case } from '../../bench/cases.ts';
import { asSource, firstCentroids, makePoints } from '../../bench/data.ts';
import { fingerprint } from '../../src/hash.ts';

/** rows × columns, k as the plan has them. */
const PLAN: Record<string, [rows: number, columns: number, k: number]> = {
  T1: [10_000, 2, 8],
  T2: [1_000, 16, 10],
  C1: [1_000_000, 2, 16],
  C2: [1_000_000, 2, 256],
  C3: [1_000_000, 3, 256],
  C4: [1_000_000, 16, 64],
  C5: [100_000, 128, 100],
  C6: [100_000, 128, 1000],
  C7: [10_000_000, 2, 64],
  C8: [70_000, 784, 10],
  G1: [8_400_000, 4, 1024],
  G2: [2_100_000, 32, 1024],
  G3: [1_000_000, 128, 1000],
  G4: [700_000, 45, 65_536],
};

const named = (name: string) => findCases([name])[0];

/** A thousandth of the rows and more, so that all of them are made in a second. */
function small(name: string): Case {
  const found = named(name);
  return scaled(found, 500 / found.rows);
}

describe('cases', () => {
  it('have the sizes of the plan', () => {
    for (const [id, size] of Object.entries(PLAN))
      for (const { rows, columns, k } of findCases([id])) expect([rows, columns, k]).toEqual(size);
    expect(new Set(CASES.map(({ id }) => id))).toEqual(new Set([...Object.keys(PLAN), 'S1', 'O1']));
    expect(findCases(['S1']).map(({ name }) => name)).toEqual([
      'S1-zipf',
      'S1-duplicates',
      'S1-half',
    ]);
    const { k, rows } = named('S1-half');
    expect(k).toBe(rows / 2);
  });

  it('have names of their own and say why', () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
    for (const { why } of CASES) expect(why).not.toBe('');
  });

  it('are found by id, by name and all at once', () => {
    expect(findCases(['C1']).map(({ name }) => name)).toEqual(['C1-blobs', 'C1-uniform']);
    expect(findCases(['C1-uniform', 'T1']).map(({ name }) => name)).toEqual(['T1', 'C1-uniform']);
    expect(findCases(['all'])).toHaveLength(CASES.length);
    expect(() => findCases(['C9'])).toThrow("case is 'C9'; expected");
  });

  it('scale in rows, and in k only where there would be too few rows', () => {
    expect(scaled(named('C4'), 0.1)).toMatchObject({ rows: 100_000, columns: 16, k: 64 });
    expect(scaled(named('G4'), 0.01)).toMatchObject({ rows: 7_000, columns: 45, k: 3_500 });
    expect(scaled(named('T2'), 1e-9)).toMatchObject({ rows: 2, k: 1 });
  });

  it('out of core: the points are four times the memory allowed, at every scale', () => {
    for (const scale of [1, 0.25, 1 / 1024]) {
      const { rows, columns, maxMemory } = scaled(named('O1'), scale);
      expect((4 * rows * columns) / maxMemory!).toBe(4);
    }
  });
});

describe('points', () => {
  it.each(CASES.map(({ name }) => name))('%s: stated shape, finite, the same twice', (name) => {
    const each = small(name);
    const points = makePoints(each, 1);
    expect(points.rows).toBe(each.rows);
    expect(points.columns).toBe(each.columns);
    expect(points.data).toHaveLength(each.rows * each.columns);
    expect(points.data.every(Number.isFinite)).toBe(true);
    expect(makePoints(each, 1).data).toEqual(points.data);
    expect(makePoints(each, 2).data).not.toEqual(points.data);
  });

  it('have the same bits as ever', () => {
    const hashes = ['C1-uniform', 'C1-blobs', 'C8', 'S1-zipf', 'S1-duplicates'].map((name) => [
      name,
      fingerprint(new Uint32Array(), makePoints(small(name), 0).data),
    ]);
    expect(Object.fromEntries(hashes)).toMatchInlineSnapshot(`
      {
        "C1-blobs": "14169d7b892c1427",
        "C1-uniform": "5acbe3510e2723c2",
        "C8": "5fcf9eea1c264ab7",
        "S1-duplicates": "f562b8c1ab95172f",
        "S1-zipf": "bddc64c705bf0dc2",
      }
    `);
  });

  it('digits are grey values on black, ten shapes of them', () => {
    const { data } = makePoints(scaled(named('C8'), 0.01), 0);
    expect(data.every((v) => Number.isInteger(v) && v >= 0 && v <= 255)).toBe(true);
    const dark = data.filter((v) => v === 0).length / data.length;
    expect(dark).toBeGreaterThan(0.6);
    expect(dark).toBeLessThan(0.95);
  });

  it('zipf: the first blob has the largest share, 1 of H(1024)', () => {
    const each = scaled(named('S1-zipf'), 0.002);
    const { data, rows, columns } = makePoints(each, 0);
    // Rows of one blob lie within 32 · (2 · 4.9 · 0.05)² of each other, blobs far further apart.
    const sizes = new Map<number, number>();
    for (let i = 0; i < rows; i++) {
      const match = [...sizes.keys()].find((first) => {
        let square = 0;
        for (let t = 0; t < columns; t++)
          square += (data[i * columns + t] - data[first * columns + t]) ** 2;
        return square < 1;
      });
      sizes.set(match ?? i, (sizes.get(match ?? i) ?? 0) + 1);
    }
    const largest = Math.max(...sizes.values());
    expect(largest / rows).toBeGreaterThan(0.11);
    expect(largest / rows).toBeLessThan(0.16); // 1 / H(1024) = 0.133
  });

  it('duplicates are one row', () => {
    const { data, rows, columns } = makePoints(small('S1-duplicates'), 0);
    for (let i = 1; i < rows; i++)
      expect(data.subarray(i * columns, (i + 1) * columns)).toEqual(data.subarray(0, columns));
  });

  it('come in chunks too, which add up to them, as often as asked', async () => {
    const points = makePoints(small('O1'), 0);
    const source = asSource(points, 77);
    for (let pass = 0; pass < 2; pass++) {
      const values: number[] = [];
      for await (const { data, rows, columns } of source.chunks()) {
        expect(data).toHaveLength(rows * columns);
        values.push(...data);
      }
      expect(Float32Array.from(values)).toEqual(points.data);
    }
  });
});

describe('first centroids', () => {
  it('are k different rows, the same for the same seed', () => {
    const points = makePoints(small('C1-uniform'), 0);
    const centroids = firstCentroids(points, 20, 3);
    expect(centroids).toMatchObject({ rows: 20, columns: 2 });
    const rowsOf = (data: Float32Array) =>
      Array.from({ length: data.length / 2 }, (_, i) => `${data[2 * i]} ${data[2 * i + 1]}`);
    const all = rowsOf(points.data);
    const chosen = rowsOf(centroids.data);
    expect(new Set(chosen).size).toBe(20);
    for (const row of chosen) expect(all).toContain(row);
    expect(firstCentroids(points, 20, 3).data).toEqual(centroids.data);
    expect(firstCentroids(points, 20, 4).data).not.toEqual(centroids.data);
  });

  it('are all rows where k is their number', () => {
    const points = makePoints(small('C1-uniform'), 0);
    const { data } = firstCentroids(points, points.rows, 0);
    expect(data.slice().sort()).toEqual(points.data.slice().sort());
  });
});
