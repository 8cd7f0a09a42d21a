/** The page's real data: the rows of the golden files, and code that gives what the page shows. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeBoard } from '../../demo/cluster/boards.ts';
import { snippet } from '../../demo/cluster/snippet.ts';
import { DATA_SETS, type DataSet } from '../../demo/data/data-sets.ts';
import { readAddress, type Settings } from '../../demo/settings.ts';
import { kmeans } from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GOLDEN = { iris: 'sk-iris', wine: 'sk-wine-unscaled', digits: 'sk-digits-600' };
const names = Object.keys(DATA_SETS) as DataSet[];

test.each(names)('%s has the rows of its golden file', async (board) => {
  const file = path.join(ROOT, 'test/golden', `${GOLDEN[board]}.json`);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as { points: number[][]; init: number[][] };
  const { data, rows, columns } = await makeBoard({ board, n: 1, seed: 0 });
  expect([...data]).toEqual(golden.points.flat());
  expect(DATA_SETS[board]).toMatchObject({ rows, columns, k: golden.init.length });
});

describe('the same in code', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each([
    '?board=iris&k=5',
    '?board=wine&whiten=1&seed=7&engine=wasm',
    '?board=digits&init=random&engine=reference',
    '?board=blobs&n=1000&seed=3&whiten=1',
  ])('of %s prints the hash of the run', async (address) => {
    const { settings, remarks } = readAddress(address);
    expect(remarks).toEqual([]);
    expect(await printedBy(snippet(settings))).toEqual([await hashOf(settings)]);
  });
});

/** As the page runs it. */
async function hashOf(settings: Settings): Promise<string> {
  const { k, seed, init, whiten } = settings;
  return (await kmeans(await makeBoard(settings), k, { seed, init, whiten })).hash;
}

async function printedBy(code: string): Promise<unknown[]> {
  const file = path.join(ROOT, 'snippet-of-the-page.ts');
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await runnerImport(file, {
    root: ROOT,
    resolve: { alias: { centroids: path.join(ROOT, 'src/index.ts') } },
    plugins: [
      {
        name: 'snippet',
        enforce: 'pre',
        resolveId: (id) => (id === file ? file : undefined),
        load: (id) => (id === file ? code : undefined),
      },
    ],
    logLevel: 'error',
  });
  return log.mock.calls.map(([text]: unknown[]) => text);
}

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
