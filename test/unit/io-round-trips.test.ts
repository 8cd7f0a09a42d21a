/**
 * What is written comes back as it was, in every format, through chunks and at once.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  openTable,
  tableOf,
  writeTable,
  type Cell,
  type ColumnValues,
  type Table,
  type Values,
  type WriteFormat,
} from '../../src/io/index.ts';

async function bytesOf(table: Table, format: WriteFormat): Promise<Uint8Array> {
  return new Uint8Array(await new Response(writeTable(table, format)).arrayBuffer());
}

/** Columns with all their values, in plain arrays. */
async function read(table: Table): Promise<Map<string, Cell[]>> {
  const all = new Map<string, Cell[]>(table.columns.map(({ name }) => [name, []]));
  let start = 0;
  for await (const chunk of table.chunks()) {
    expect(chunk.start).toBe(start);
    start += chunk.rows;
    for (const { name, values, width } of chunk.columns) {
      expect(values.length).toBe(chunk.rows * width);
      for (const value of values) all.get(name)!.push(value);
    }
  }
  if (table.rows !== undefined) expect(start).toBe(table.rows);
  return all;
}

async function roundTrip(
  columns: ColumnValues[],
  format: WriteFormat,
  name?: string,
): Promise<Map<string, Cell[]>> {
  const bytes = await bytesOf(tableOf(columns), format);
  const table = await openTable(bytes, { format, ...(name ? { name } : {}) });
  const first = await read(table);
  expect(await read(table)).toEqual(first);
  return first;
}

const plain = (values: Values) => Array.from(values as Iterable<Cell>);

const NUMBERS: Values[] = [
  Int8Array.of(-128, 0, 127),
  Uint8Array.of(0, 1, 255),
  Int16Array.of(-32768, 0, 32767),
  Uint16Array.of(0, 1, 65535),
  Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1),
  Uint32Array.of(0, 1, 2 ** 32 - 1),
  BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n),
  BigUint64Array.of(0n, 1n, 2n ** 64n - 1n),
  Float32Array.of(-1.5, 0.1, 3.4e38),
  Float64Array.of(-1.5, 0.1, 1.7976931348623157e308),
];

describe('numbers of every type', () => {
  const names = NUMBERS.map((values) => values.constructor.name);

  it.each(['parquet', 'arrow'] as const)('%s keeps them and their types', async (format) => {
    const columns = NUMBERS.map((values, i) => ({ name: names[i], values }));
    const bytes = await bytesOf(tableOf(columns), format);
    const table = await openTable(bytes);
    expect(table.columns).toEqual(tableOf(columns).columns);
    for await (const chunk of table.chunks())
      for (const [i, { values }] of chunk.columns.entries()) expect(values).toEqual(NUMBERS[i]);
  });

  it.each(names.map((name, i) => [name, NUMBERS[i]] as const))(
    'npy keeps %s',
    async (_, values) => {
      const bytes = await bytesOf(tableOf([{ name: 'x', values }]), 'npy');
      const table = await openTable(bytes);
      expect(table.columns[0].type).toBe(tableOf([{ name: 'x', values }]).columns[0].type);
      expect((await read(table)).get('values')).toEqual(plain(values));
    },
  );

  it.each(['csv', 'tsv', 'json-lines'] as const)('%s keeps those a double has', async (format) => {
    const columns = NUMBERS.filter((values) => !/Big/.test(values.constructor.name)).map(
      (values) => ({ name: values.constructor.name, values }),
    );
    const back = await roundTrip(columns, format);
    for (const { name, values } of columns)
      expect(
        Array.from(back.get(name)!, (x) => (/Float32/.test(name) ? Math.fround(Number(x)) : x)),
      ).toEqual(plain(values));
  });
});

describe('what is missing', () => {
  const columns: ColumnValues[] = [
    { name: 'id', values: ['a', 'b', null] },
    { name: 'x', values: Float64Array.of(1, NaN, 3) },
    { name: 'n', values: Float64Array.of(NaN, 2, 3), type: 'int32' },
    { name: 'big', values: [1n, null, 3n], type: 'int64' },
    { name: 'yes', values: [true, null, false] },
  ];

  it.each(['parquet', 'arrow'] as const)('%s', async (format) => {
    const back = await roundTrip(columns, format);
    for (const { name, values } of columns) expect(back.get(name)).toEqual(plain(values));
  });

  it('json-lines', async () => {
    const back = await roundTrip(columns, 'json-lines');
    expect([...back.values()]).toEqual([
      ['a', 'b', null],
      [1, NaN, 3],
      [NaN, 2, 3],
      [1, NaN, 3],
      [true, null, false],
    ]);
  });

  it('csv', async () => {
    const back = await roundTrip(columns, 'csv');
    expect([...back.values()]).toEqual([
      ['a', 'b', ''],
      [1, NaN, 3],
      [NaN, 2, 3],
      [1, NaN, 3],
      ['true', '', 'false'],
    ]);
  });
});

it('dictionaries and lists of Arrow are what they stand for', async () => {
  const arrow = await import('apache-arrow');
  const numbers = new arrow.Dictionary(new arrow.Float32(), new arrow.Int32());
  const list = new arrow.List(new arrow.Field('item', new arrow.Int32()));
  const made = new arrow.Table({
    word: arrow.vectorFromArray(['a', 'b', null, 'a']),
    number: arrow.vectorFromArray([1.5, null, 2.5, 1.5], numbers),
    list: arrow.vectorFromArray([[1], [2, 3], null, []], list),
    day: arrow.vectorFromArray([new Date(0), null, new Date(1e12), new Date(2e12)]),
  });
  const table = await openTable(arrow.tableToIPC(made, 'file'));
  expect(table.columns.map(({ type }) => type)).toEqual(['text', 'float64', 'other', 'text']);
  expect([...(await read(table)).values()]).toEqual([
    ['a', 'b', null, 'a'],
    [1.5, NaN, 2.5, 1.5],
    ['[1]', '[2,3]', null, '[]'],
    ['1970-01-01T00:00:00.000Z', null, '2001-09-09T01:46:40.000Z', '2033-05-18T03:33:20.000Z'],
  ]);
});

describe('columns of vectors', () => {
  const columns: ColumnValues[] = [
    { name: 'id', values: ['a', 'b'] },
    { name: 'v', values: Float32Array.of(1, 2, 3, 4, 5, 6), width: 3 },
  ];

  it.each(['parquet', 'arrow', 'json-lines'] as const)('%s', async (format) => {
    const bytes = await bytesOf(tableOf(columns), format);
    const table = await openTable(bytes);
    expect(table.columns[1]).toMatchObject({ name: 'v', width: 3 });
    expect((await read(table)).get('v')).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('csv has a column for each number', async () => {
    const text = new TextDecoder().decode(await bytesOf(tableOf(columns), 'csv'));
    expect(text).toBe('id,v[0],v[1],v[2]\na,1,2,3\nb,4,5,6\n');
  });
});

describe('any table', () => {
  const names = fc.uniqueArray(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('__proto__', 'constructor', 'a.b', 'x\ny', '"'),
    ),
    { minLength: 1, maxLength: 4, selector: (name) => name.trim() },
  );
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('a,b', '"', 'x\ny', 'é', '-1', ''),
  );
  const tables = names.chain((names) =>
    fc.integer({ min: 1, max: 5 }).chain((rows) =>
      fc.tuple(
        ...names.map((name, i) =>
          (i % 2 === 0
            ? fc.float64Array({
                minLength: rows,
                maxLength: rows,
                noNaN: true,
                noDefaultInfinity: true,
              })
            : fc.array(cell, { minLength: rows, maxLength: rows })
          ).map((values): ColumnValues => ({ name, values })),
        ),
      ),
    ),
  );

  it.each(['parquet', 'arrow', 'json-lines'] as const)('%s', async (format) => {
    await fc.assert(
      fc.asyncProperty(tables, async (columns) => {
        const back = await roundTrip(columns, format);
        for (const { name, values } of columns) expect(back.get(name)).toEqual(plain(values));
      }),
      { numRuns: 40 },
    );
  });

  it('csv, with its own header', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (columns) => {
        const bytes = await bytesOf(tableOf(columns), 'csv');
        const text = columns
          .filter(({ values }) => Array.isArray(values))
          .map(({ name }) => name.trim());
        const table = await openTable(bytes, { format: 'csv', delimiter: ',', header: true, text });
        const back = await read(table);
        for (const { name, values } of columns)
          expect(back.get(name.trim())).toEqual(plain(values));
      }),
      { numRuns: 100 },
    );
  });
});

it('tables of many chunks are one table again', async () => {
  const rows = 80_000;
  const x = Float64Array.from({ length: rows }, (_, i) => i / 7);
  const id = Array.from({ length: rows }, (_, i) => `row ${i}`);
  for (const format of ['csv', 'json-lines', 'parquet', 'arrow'] as const) {
    const back = await roundTrip(
      [
        { name: 'id', values: id },
        { name: 'x', values: x },
      ],
      format,
    );
    expect(back.get('id')!.length).toBe(rows);
    expect(Float64Array.from(back.get('x') as number[])).toEqual(x);
    expect(back.get('id')![rows - 1]).toBe(`row ${rows - 1}`);
  }
});

it('tables of no rows are files of no rows', async () => {
  for (const format of ['json-lines', 'csv', 'parquet', 'arrow', 'npy'] as const) {
    const bytes = await bytesOf(tableOf([{ name: 'x', values: new Float64Array(0) }]), format);
    if (format === 'json-lines') expect(bytes.length).toBe(0);
    else expect([...(await read(await openTable(bytes))).values()]).toEqual([[]]);
  }
});
