/** Points that are read in parts, on a GPU and with what browsers keep of them: the bits of the reference. */
import { expect, test } from 'vitest';
import { blobs, kmeans, matrix, type KMeansOptions, type PointSource } from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { openBlocks } from '../../src/out-of-core/blocks.ts';

const ROWS = 9001;
const POINTS = blobs(ROWS, 7, { columns: 3, deviation: 0.2, seed: 3 });
/** Three pages; rows of fewer would be one. */
const PAGED = { maxMemory: 1_600_000, cache: 'none' };

const source: PointSource = {
  columns: 3,
  async *chunks() {
    for (let from = 0; from < ROWS; from += 1000)
      yield matrix(POINTS.data.slice(3 * from, 3 * Math.min(ROWS, from + 1000)), 3);
  },
};
const start = matrix([...POINTS.data.slice(0, 3), ...POINTS.data.slice(0, 3), 40, -40, 40], 3);

test.each<[string, number, KMeansOptions]>([
  ['weights', 6, { weights: Array.from({ length: ROWS }, (_, i) => i % 4), seed: 1, maxIter: 4 }],
  ['empty clusters are given rows', 3, { init: start, maxIter: 3 }],
  ['the block filter', 40, { algorithm: 'filtered', maxIter: 2, init: 'random' }],
])('webgpu: %s', async (_, k, given) => {
  await using engine = await openWebGpu();
  const wanted = await kmeans(POINTS, k, { ...given, algorithm: 'lloyd', engine: 'reference' });
  const got = await kmeans(source, k, { ...given, ...PAGED, engine });
  const { hash, history, inertia, labels } = wanted;
  expect(got).toMatchObject({ engine: 'webgpu', hash, history, inertia });
  expect(got.labels).toEqual(labels);
});

test('files of the origin: as written, and gone', async () => {
  const root = await navigator.storage.getDirectory();
  const names = async () => {
    const found: string[] = [];
    for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys())
      found.push(name);
    return found.filter((name) => name.startsWith('centroids-'));
  };
  await root.getDirectoryHandle('centroids-of-a-page-that-was-closed', { create: true });
  const before = (await names()).filter((name) => name !== 'centroids-of-a-page-that-was-closed');
  const blocks = await openBlocks(8, undefined);
  await blocks.put(1, Uint8Array.of(1, 2, 3));
  await blocks.put(0, Uint8Array.of(4));
  await blocks.put(1, Uint8Array.of(5, 6, 7, 8));
  const into = new Uint8Array(3);
  await blocks.get(1, into);
  expect([...into]).toEqual([5, 6, 7]);
  expect(await names()).toHaveLength(before.length + 1);
  await blocks.dispose();
  expect(await names()).toEqual(before);
});
