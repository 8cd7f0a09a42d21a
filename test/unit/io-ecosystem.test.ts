/**
 * Files that others wrote: DuckDB (test/golden/io/make-parquet.js) and Polars (make-polars.js). NumPy's are
 * in io-npy.test.ts.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTable, readPoints, type Table, type Values } from '../../src/io/index.ts';

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../golden/io/${name}`, import.meta.url)));

async function columnsOf(table: Table): Promise<Map<string, Values>> {
  const columns = new Map<string, Values>();
  for await (const chunk of table.chunks())
    for (const { name, values } of chunk.columns) columns.set(name, values);
  return columns;
}

const count = Array.from({ length: 40 }, (_, i) => i);

describe.each(['snappy', 'gzip', 'zstd', 'uncompressed', 'brotli', 'v2'])('DuckDB, %s', (codec) => {
  const bytes = file(`duckdb-${codec}.parquet`);
  // Node has zstd from 22.15 on.
  const isReadable =
    codec !== 'zstd' || 'zstdDecompressSync' in process.getBuiltinModule('node:zlib');

  it('is read as it is, or refused by name', async () => {
    const table = await openTable(bytes);
    expect(table.rows).toBe(40);
    expect(table.columns.map(({ name, type, width }) => `${name} ${type} ${width}`)).toEqual([
      'id text 1',
      'tiny int8 1',
      'small uint16 1',
      'whole int32 1',
      'big int64 1',
      'ubig uint64 1',
      'single float32 1',
      'gaps float64 1',
      'even boolean 1',
      'grp text 1',
      'day text 1',
      'price float64 1',
      'v float32 3',
      'list float64 2',
      'pair other 1',
    ]);
    if (!isReadable) {
      await expect(columnsOf(table)).rejects.toMatchObject({ code: 'not-supported' });
      return;
    }
    const columns = await columnsOf(table);
    const big = count.map((i) => BigInt(i));
    expect(columns.get('id')).toEqual(count.map((i) => `id ${i}`));
    expect(columns.get('tiny')).toEqual(Int8Array.from(count));
    expect(columns.get('small')).toEqual(Uint16Array.from(count));
    expect(columns.get('whole')).toEqual(Int32Array.from(count));
    expect(columns.get('big')).toEqual(BigInt64Array.from(big));
    expect(columns.get('ubig')).toEqual(BigUint64Array.from(big));
    expect(columns.get('single')).toEqual(Float32Array.from(count, (i) => i / 8));
    expect(columns.get('gaps')).toEqual(
      Float64Array.from(count, (i) => (i % 5 === 3 ? NaN : i / 3)),
    );
    expect(columns.get('even')).toEqual(count.map((i) => i % 2 === 0));
    expect(columns.get('grp')).toEqual(count.map((i) => (i % 7 === 0 ? null : `group ${i % 3}`)));
    expect((columns.get('day') as string[])[31]).toBe('2026-02-01');
    expect((columns.get('price') as Float64Array)[3]).toBe(0.75);
    expect(columns.get('v')).toEqual(Float32Array.from(count.flatMap((i) => [i, i + 0.5, 0 - i])));
    expect(columns.get('list')).toEqual(Float64Array.from(count.flatMap((i) => [i, i + 1])));
    expect(JSON.parse((columns.get('pair') as string[])[5])).toEqual({ a: '5', b: 'x' });
  });
});

it('vectors are the points, and columns can be chosen', async () => {
  const bytes = file('duckdb-snappy.parquet');
  const { points, names, ids } = await readPoints(bytes, {
    id: 'id',
    columns: ['v', 'list[1]', 'big'],
  });
  expect(names).toEqual(['v[0]', 'v[1]', 'v[2]', 'list[1]', 'big']);
  expect([...points.data.subarray(5, 10)]).toEqual([1, 1.5, -1, 2, 1]);
  expect((ids as string[])[39]).toBe('id 39');
  expect((await readPoints(bytes, { columns: ['gaps'], missing: 'drop-row' })).points.rows).toBe(
    32,
  );
  await expect(readPoints(bytes, { columns: ['gaps'] })).rejects.toMatchObject({
    code: 'invalid-file',
    row: 4,
    column: 'gaps',
  });
  await expect(readPoints(bytes, { columns: ['grp'] })).rejects.toMatchObject({
    code: 'invalid-input',
  });
});

it.each(['polars.arrow', 'polars.parquet'])('%s', async (name) => {
  const columns = await columnsOf(await openTable(file(name)));
  expect([...columns]).toEqual([
    ['id', ['a', 'b', null, 'a long text beyond twelve bytes']],
    ['x', Float64Array.of(1.5, NaN, 3, 4)],
    ['n', Float64Array.of(1, 2, 3, 4)],
    ['yes', [true, false, null, true]],
  ]);
});

it.each(['duckdb.csv', 'duckdb.jsonl'])('%s', async (name) => {
  const columns = ['whole', 'single', 'gaps'];
  const bytes = file(name);
  const { points, kept } = await readPoints(bytes, { id: 'id', columns, missing: 'drop-row' });
  const rows = count.filter((i) => i % 5 !== 3);
  expect([...kept!]).toEqual(rows);
  expect(points.data).toEqual(Float32Array.from(rows.flatMap((i) => [i, i / 8, i / 3])));
});
