/** Files in a browser: blobs, addresses with and without range requests, streams, every format. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  openSource,
  openTable,
  readPoints,
  tableOf,
  writeTable,
  type Input,
} from '../../src/io/index.ts';

const ROWS = 30_000;
const table = tableOf([
  { name: 'id', values: Array.from({ length: ROWS }, (_, i) => `row ${i}`) },
  { name: 'x', values: Float64Array.from({ length: ROWS }, (_, i) => i / 8) },
  { name: 'v', values: Float32Array.from({ length: 2 * ROWS }, (_, i) => i), width: 2 },
]);

const FORMATS = ['csv', 'json-lines', 'parquet', 'arrow'] as const;

/** The page's own fetch, for a server that knows nothing of ranges. */
const withoutRanges: typeof fetch = async (address, options) => {
  const answer = await fetch_(address, { ...options, headers: {} });
  return new Response(await answer.blob(), { status: 200 });
};
const fetch_ = globalThis.fetch.bind(globalThis);
afterEach(() => vi.unstubAllGlobals());

describe.each(FORMATS)('%s', (format) => {
  const written = async () => new Response(writeTable(table, format)).blob();
  const inputs: [string, (blob: Blob) => Input][] = [
    ['Blob', (blob) => blob],
    ['stream', (blob) => blob.stream()],
    ['blob URL', (blob) => URL.createObjectURL(blob)],
    [
      'a server that ignores Range',
      (blob) => {
        vi.stubGlobal('fetch', withoutRanges);
        return new URL(URL.createObjectURL(blob));
      },
    ],
  ];

  it.each(inputs)('%s', async (_, input) => {
    const blob = await written();
    const { points, ids } = await readPoints(input(blob), { format, id: 'id', columns: ['x'] });
    expect([points.rows, points.data[ROWS - 1], (ids as string[])[ROWS - 1]]).toEqual([
      ROWS,
      (ROWS - 1) / 8,
      `row ${ROWS - 1}`,
    ]);
    const source = await openSource(input(blob), { format, columns: ['x'] });
    for (let pass = 0; pass < 2; pass++) {
      let sum = 0;
      for await (const { data } of source.chunks()) for (const x of data) sum += x;
      expect(sum).toBe((ROWS * (ROWS - 1)) / 16);
    }
  });
});

it('what NumPy and DuckDB wrote, from a server', async () => {
  const address = (name: string) => new URL(`../golden/io/${name}`, import.meta.url);
  for (const name of ['deflated.npz', 'stored.npz']) {
    const { points } = await readPoints(address(name));
    expect(points).toEqual({
      data: Float32Array.from({ length: 60 }, (_, i) => i),
      rows: 20,
      columns: 3,
    });
  }
  for (const name of ['duckdb-snappy.parquet', 'duckdb-gzip.parquet', 'duckdb.jsonl', 'duckdb.csv'])
    expect((await readPoints(address(name), { columns: ['whole'] })).points.rows).toBe(40);
});

it('paths are of Node, and are said to be', async () => {
  await expect(openTable('file:///tmp/points.csv')).rejects.toMatchObject({
    code: 'invalid-input',
  });
  await expect(openTable('-')).rejects.toMatchObject({ code: 'invalid-input' });
});
