/** The page's real data: the rows of the golden files, and what an address says of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeBoard } from '../../demo/cluster/boards.ts';
import { DATA_SETS, type DataSet } from '../../demo/data/data-sets.ts';
import { readAddress } from '../../demo/settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GOLDEN = { iris: 'sk-iris', wine: 'sk-wine-unscaled', digits: 'sk-digits-600' };
const names = Object.keys(DATA_SETS) as DataSet[];

test.each(names)('%s has the rows of its golden file', async (board) => {
  const file = path.join(ROOT, 'test/golden', `${GOLDEN[board]}.json`);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as { points: number[][]; init: number[][] };
  const { data, rows, columns } = await makeBoard({ board, n: 1, seed: 0 });
  expect(data).toEqual(Float32Array.from(golden.points.flat()));
  expect(DATA_SETS[board]).toMatchObject({ rows, columns, k: golden.init.length });
});

describe('addresses', () => {
  test('a data set brings its own k, and no more clusters than rows', () => {
    expect(readAddress('?board=digits').settings.k).toBe(10);
    expect(readAddress('?board=digits&k=16')).toMatchObject({ settings: { k: 16 }, remarks: [] });
    const { settings, remarks } = readAddress('?board=iris&k=200&n=5000');
    expect(settings.k).toBe(150);
    expect(remarks).toEqual([
      'n is 5000 in the address; iris has 150 points, so it uses those.',
      'k is 200 in the address; this page takes whole numbers from 1 to 150, so it uses 150.',
    ]);
  });

  test('equal scale is on, off, or put right', () => {
    expect(readAddress('?whiten=1').settings.whiten).toBe(true);
    expect(readAddress('?whiten=0').settings.whiten).toBe(false);
    const { settings, remarks } = readAddress('?whiten=yes');
    expect(settings.whiten).toBe(false);
    expect(remarks).toEqual(['whiten is yes in the address; this page knows 0, 1, so it uses 0.']);
  });
});
