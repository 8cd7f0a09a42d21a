/** Arrays that NumPy saved (test/golden/io/make.py), and arrays as NumPy would save them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  openSource,
  openTable,
  readPoints,
  tableOf,
  writeTable,
  type Cell,
} from '../../src/io/index.ts';

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../golden/io/${name}`, import.meta.url)));

async function valuesOf(
  bytes: Uint8Array | ReadableStream<Uint8Array>,
  column = 'values',
): Promise<Cell[]> {
  const all: Cell[] = [];
  for await (const { columns } of (await openTable(bytes)).chunks({ columns: [column] }))
    all.push(...(columns[0].values as Iterable<Cell>));
  return all;
}

describe('every dtype', () => {
  it.each(['i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'f2', 'f4', 'f8'])('%s', async (dtype) => {
    expect(await valuesOf(file(`${dtype}.npy`))).toEqual([0, 1, 2, 3, 100, 5]);
  });

  it.each(['i8', 'u8'])('%s', async (dtype) => {
    expect(await valuesOf(file(`${dtype}.npy`))).toEqual([0n, 1n, 2n, 3n, 100n, 5n]);
    expect([...(await readPoints(file(`${dtype}.npy`))).points.data]).toEqual([0, 1, 2, 3, 100, 5]);
  });

  it('b1', async () => {
    expect(await valuesOf(file('b1.npy'))).toEqual([false, true, true, true, true, true]);
  });
});

it('big-endian, in Fortran order, sliced or streamed', async () => {
  const bytes = file('fortran-big-endian.npy');
  const expected = Array.from({ length: 12 }, (_, i) => i);
  expect(await valuesOf(bytes)).toEqual(expected);
  const { points } = await readPoints(new Blob([bytes]).stream());
  expect(points).toEqual({ data: Float32Array.from(expected), rows: 4, columns: 3 });
});

it('one axis is one column, further axes lie flat', async () => {
  expect((await readPoints(file('flat.npy'))).points).toMatchObject({ rows: 5, columns: 1 });
  const { points } = await readPoints(file('cube.npy'));
  expect(points).toEqual({
    data: Float32Array.from({ length: 24 }, (_, i) => i),
    rows: 2,
    columns: 12,
  });
});

it('no rows are no points; what is no number is refused by its dtype', async () => {
  await expect(readPoints(file('empty.npy'))).rejects.toMatchObject({ code: 'invalid-file' });
  for (const name of ['text', 'records', 'objects'])
    await expect(openTable(file(`${name}.npy`))).rejects.toMatchObject({ code: 'not-supported' });
});

describe.each(['stored', 'deflated'])('NPZ, %s', (name) => {
  const bytes = file(`${name}.npz`);

  it('arrays of as many rows are columns', async () => {
    const table = await openTable(bytes);
    expect(table.columns).toEqual([
      { name: 'X', type: 'float32', width: 3 },
      { name: 'y', type: 'int64', width: 1 },
    ]);
    expect(table.rows).toBe(20);
    const { points, ids, names } = await readPoints(bytes, { id: 'y' });
    expect(points.data).toEqual(Float32Array.from({ length: 60 }, (_, i) => i));
    expect(ids).toEqual(BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i % 2)));
    expect(names).toEqual(['X[0]', 'X[1]', 'X[2]']);
  });

  it('as a stream it is kept', async () => {
    const source = await openSource(new Blob([bytes]).stream(), { columns: ['y', 'X[2]'] });
    for (let pass = 0; pass < 2; pass++)
      for await (const { data, rows } of source.chunks())
        expect([rows, ...data.subarray(0, 4)]).toEqual([20, 0, 2, 1, 5]);
  });
});

it('is written to the byte as NumPy does', async () => {
  const columns = [{ name: 'v', values: Float32Array.of(0, 1, 2, 3, 100, 5), width: 3 }];
  const stream = writeTable(tableOf(columns), 'npy');
  expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(file('f4.npy'));
});

it('numbers of several types become doubles; text is refused', async () => {
  const table = tableOf([
    { name: 'a', values: Int32Array.of(1, 2) },
    { name: 'b', values: Float32Array.of(0.5, NaN) },
    { name: 'c', values: ['x', 'y'] },
  ]);
  const stream = writeTable(table, 'npy', { columns: ['b', 'a'] });
  expect(await valuesOf(stream)).toEqual([0.5, 1, NaN, 2]);
  await expect(new Response(writeTable(table, 'npy')).arrayBuffer()).rejects.toMatchObject({
    code: 'invalid-input',
  });
});
