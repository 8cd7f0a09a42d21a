/** Points, ids and results: what is chosen, what is missing, and that labels stay beside their rows. */
import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KMeans, kmeans } from '../../src/index.ts';
import {
  labelled,
  matrixTable,
  openSource,
  openTable,
  readPoints,
  tableOf,
  writeTable,
  type Input,
  type PointsOptions,
} from '../../src/io/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const asText = async (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

const CSV =
  'city,zip,lat,lon\nBern,03011,46.9,7.4\nKöln,50667,50.9,7.0\n"Paris, FR",75001,48.9,2.4\n';

describe('CSV', () => {
  it('finds header, delimiter and numbers; codes with a zero before them stay text', async () => {
    for (const text of [
      CSV,
      CSV.replaceAll('\n', '\r\n'),
      `\ufeff${CSV}`,
      CSV.replaceAll('\n', '\r'),
      `${CSV}\n`,
    ]) {
      const { points, names, ids, table } = await readPoints(bytes(text), { id: 'city' });
      expect(names).toEqual(['lat', 'lon']);
      expect(points).toEqual({
        data: Float32Array.of(46.9, 7.4, 50.9, 7, 48.9, 2.4),
        rows: 3,
        columns: 2,
      });
      expect(ids).toEqual(['Bern', 'Köln', 'Paris, FR']);
      expect(table.columns.map(({ type }) => type)).toEqual(['text', 'text', 'float64', 'float64']);
    }
  });

  it.each(['\t', ';', '|'])('delimiter %j', async (delimiter) => {
    const text = `a${delimiter}b\n1${delimiter}2\n3${delimiter}4\n`;
    expect([...(await readPoints(bytes(text))).points.data]).toEqual([1, 2, 3, 4]);
  });

  it('numbers are what Number() makes of them', async () => {
    const digits = fc.stringMatching(/^-?\d{0,9}\.?\d{0,9}(e-?\d{1,2})?$/);
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(digits, doubles), { minLength: 1 }), async (cells) => {
        const file = bytes(`y,x\n1,0\n${cells.map((cell) => `1,${cell}`).join('\n')}\n`);
        const values: number[] = [];
        const read = async () => {
          const table = await openTable(file, { format: 'csv', header: true });
          const chosen = { columns: ['x'], numbers: ['x'] };
          for await (const { columns } of table.chunks(chosen))
            values.push(...(columns[0].values as Float64Array));
        };
        const expected = cells.map((cell) => (cell === '' ? NaN : Number(cell)));
        if (cells.every((cell) => cell === '' || !Number.isNaN(Number(cell)))) {
          await read();
          expect(values).toEqual([0, ...expected]);
        } else await expect(read()).rejects.toMatchObject({ code: 'invalid-file', column: 'x' });
      }),
      { numRuns: 300 },
    );
  });

  it('no header', async () => {
    const { points, names } = await readPoints(bytes('1,2\n3,4\n'));
    expect([names, points.rows]).toEqual([['column0', 'column1'], 2]);
    expect((await readPoints(bytes('1,2\n3,4\n'), { header: true })).names).toEqual(['1', '2']);
  });

  it('UTF-16 by its byte order mark', async () => {
    for (const little of [true, false]) {
      const wide = new Uint8Array(2 + 2 * CSV.length);
      const view = new DataView(wide.buffer);
      view.setUint16(0, 0xfeff, little);
      for (let i = 0; i < CSV.length; i++) view.setUint16(2 + 2 * i, CSV.charCodeAt(i), little);
      expect((await readPoints(wide, { id: 'city' })).ids).toEqual(['Bern', 'Köln', 'Paris, FR']);
    }
  });

  it('line ends and quotes within cells, wherever pieces of a file end', async () => {
    const text = 'id,x\r\n"a\r\nb",1\r\n"c""d",2\r\n';
    for (let at = 0; at <= text.length; at++) {
      const parts = [bytes(text.slice(0, at)), bytes(text.slice(at))];
      const { ids, points } = await readPoints(new Blob(parts).stream(), { id: 'id' });
      expect([ids, [...points.data]]).toEqual([
        ['a\r\nb', 'c"d'],
        [1, 2],
      ]);
    }
  });

  it('names of the prototype are names', async () => {
    const { names, points } = await readPoints(bytes('__proto__,constructor,x,x\n1,2,3,4\n'));
    expect(names).toEqual(['__proto__', 'constructor', 'x', 'x.1']);
    expect([...points.data]).toEqual([1, 2, 3, 4]);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('columns by name, in their order; a name that is none is refused', async () => {
    const { points } = await readPoints(bytes(CSV), { columns: ['lon', 'zip'] });
    expect([...points.data.subarray(0, 2)]).toEqual([Math.fround(7.4), 3011]);
    await expect(readPoints(bytes(CSV), { columns: ['length'] })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await expect(readPoints(bytes(CSV), { columns: ['city'] })).rejects.toMatchObject({
      row: 1,
      column: 'city',
    });
    await expect(readPoints(bytes('a\nb\n'))).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('numbers beyond float32 are refused', async () => {
    await expect(readPoints(bytes('x\n1\n1e39\n'), { missing: 'label' })).rejects.toMatchObject({
      code: 'invalid-file',
      row: 2,
      column: 'x',
    });
  });
});

const GAPS = 'id,x,y\na,0,0\nb,NA,1\nc,0,1\nd,9,9\ne,9,\nf,8,9\n';

describe.each(['read at once', 'out of core'])('rows that lack a number, %s', (how) => {
  const open = (options: PointsOptions) =>
    how === 'out of core' ? openSource(bytes(GAPS), options) : readPoints(bytes(GAPS), options);
  const labels = Uint32Array.of(0, 0, 1, 1);
  const distances = Float64Array.of(0.5, 0.25, 1, 2);

  it("'error' names the first", async () => {
    const read = async () => {
      const source = await open({ id: 'id' });
      for await (const _ of source.walk([])) void _;
    };
    await expect(read()).rejects.toMatchObject({ code: 'invalid-file', row: 2, column: 'x' });
  });

  it('a code that is a coordinate is a number in what is written', async () => {
    const file = bytes('zip,x\n03011,1\n03012,2\n');
    const columns = ['zip', 'x'];
    const source =
      how === 'out of core'
        ? await openSource(file, { columns })
        : await readPoints(file, { columns });
    const written = writeTable(labelled(source, { label: Uint32Array.of(0, 1) }), 'parquet');
    const { points } = await readPoints(await new Response(written).blob());
    expect([...points.data]).toEqual([3011, 1, 0, 3012, 2, 1]);
  });

  it("'label' writes −1 beside them", async () => {
    const table = labelled(await open({ id: 'id', missing: 'label' }), {
      label: labels,
      distance: distances,
    });
    expect(await asText(writeTable(table, 'csv'))).toBe(
      'id,x,y,label,distance\na,0,0,0,0.5\nb,,1,-1,\nc,0,1,0,0.25\nd,9,9,1,1\ne,9,,-1,\nf,8,9,1,2\n',
    );
  });

  it('columns may come in parts of any size', async () => {
    const table = labelled(await open({ id: 'id', missing: 'label' }), {
      types: { label: 'int32', distance: 'float64' },
      async *parts() {
        for (const [from, to] of [
          [0, 1],
          [1, 1],
          [1, 4],
        ])
          yield { label: labels.slice(from, to), distance: distances.slice(from, to) };
      },
    });
    for (let time = 0; time < 2; time++)
      expect(await asText(writeTable(table, 'csv'))).toBe(
        'id,x,y,label,distance\na,0,0,0,0.5\nb,,1,-1,\nc,0,1,0,0.25\nd,9,9,1,1\ne,9,,-1,\nf,8,9,1,2\n',
      );
  });

  it("'drop-row' leaves them out", async () => {
    const table = labelled(await open({ id: 'id', missing: 'drop-row' }), { label: labels });
    expect(await asText(writeTable(table, 'json-lines', { columns: ['label', 'id'] }))).toBe(
      '{"label":0,"id":"a"}\n{"label":0,"id":"c"}\n{"label":1,"id":"d"}\n{"label":1,"id":"f"}\n',
    );
  });

  it('other than one number a point is refused, and a name that is taken', async () => {
    const source = await open({ id: 'id', missing: 'label' });
    for (const length of [3, 5, 6]) {
      const table = labelled(source, { label: new Uint32Array(length) });
      await expect(asText(writeTable(table, 'csv'))).rejects.toMatchObject({
        code: 'invalid-input',
      });
    }
    const uneven = labelled(source, {
      types: { label: 'int32', distance: 'float64' },
      async *parts() {
        yield { label: labels, distance: distances.slice(1) };
      },
    });
    await expect(asText(writeTable(uneven, 'csv'))).rejects.toThrow(/^lengths of a part is '4, 3'/);
    expect(() => labelled(source, { x: labels })).toThrow(/name that the file does not have/);
  });
});

it('reads, clusters and writes: labels, distances and margins beside ids; centroids; a model', async () => {
  const rows = Array.from(
    { length: 3000 },
    (_, i) => `row ${i},${i % 3},${(i % 3) * 2 + (i % 7) / 100}`,
  );
  const read = await readPoints(bytes(`id,x,y\n${rows.join('\n')}\n`), { id: 'id' });
  const { labels, margins, centroids } = await kmeans(read.points, 3, {
    margins: true,
    engine: 'reference',
  });
  const parquet = writeTable(labelled(read, { label: labels, margin: margins! }), 'parquet');
  const back = await openTable(new Uint8Array(await new Response(parquet).arrayBuffer()));
  expect(back.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'id text',
    'x float64',
    'y float64',
    'label int32',
    'margin float32',
  ]);
  for await (const { columns, start } of back.chunks({ columns: ['label', 'id'] })) {
    expect((columns[1].values as string[])[2]).toBe(`row ${start + 2}`);
    const part = labels.subarray(start, start + columns[0].values.length);
    expect(columns[0].values).toEqual(Int32Array.from(part));
  }
  const text = await asText(writeTable(matrixTable(centroids, read.names), 'csv'));
  expect(text.split('\n')[0]).toBe('cluster,x,y');
  expect((await readPoints(bytes(text), { columns: ['x', 'y'] })).points).toEqual(centroids);
  const model = await new KMeans({ k: 3, engine: 'reference' }).fit(read.points);
  expect(KMeans.fromJSON(JSON.parse(JSON.stringify(model)) as never).centroids).toEqual(
    model.centroids,
  );
});

it('labels can be written alone', async () => {
  const read = await readPoints(bytes(GAPS), { columns: ['x'], missing: 'label', carry: false });
  const table = labelled(read, { label: Uint32Array.of(0, 0, 1, 1, 1) });
  expect(await asText(writeTable(table, 'csv'))).toBe('label\n0\n-1\n0\n1\n1\n1\n');
});

it('formulas are escaped where asked for, numbers never', async () => {
  const table = tableOf([
    { name: '=x', values: Float64Array.of(-1, 2) },
    { name: 'b', values: ['=1+1', '-a'] },
  ]);
  expect(await asText(writeTable(table, 'csv'))).toBe('=x,b\n-1,=1+1\n2,-a\n');
  expect(await asText(writeTable(table, 'csv', { escapeFormulas: true }))).toBe(
    "'=x,b\n-1,'=1+1\n2,'-a\n",
  );
});

describe('inputs', () => {
  let folder = '';
  let path = '';
  let server: Server;
  let address = '';
  const asked: (string | undefined)[] = [];
  const big = `id,x\n${Array.from({ length: 50_000 }, (_, i) => `row ${i},${i}`).join('\n')}\n`;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'centroids-io-'));
    path = join(folder, 'points.csv');
    await writeFile(path, big);
    await new Response(writeTable(await openTable(path), 'parquet'))
      .arrayBuffer()
      .then((file) => writeFile(join(folder, 'points.parquet'), new Uint8Array(file)));
    const parquet = await import('node:fs/promises').then(({ readFile }) =>
      readFile(join(folder, 'points.parquet')),
    );
    server = createServer((request, response) => {
      asked.push(request.headers.range);
      const file = request.url!.includes('parquet') ? parquet : Buffer.from(big);
      if (request.url!.includes('missing')) return void response.writeHead(404).end();
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      if (!range || request.url!.includes('plain')) return void response.writeHead(200).end(file);
      const [from, to] = [Number(range[1]), Math.min(Number(range[2]), file.length - 1)];
      const etag = request.url!.includes('changing') ? `"${asked.length}"` : '"1"';
      response
        .writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${file.length}`, etag })
        .end(file.subarray(from, to + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const inputs: [string, () => Input][] = [
    ['path', () => path],
    ['file URL', () => pathToFileURL(path)],
    ['Blob', () => new Blob([big])],
    ['File', () => new File([big], 'points.csv')],
    ['bytes', () => bytes(big)],
    ['ArrayBuffer', () => bytes(big).slice().buffer],
    ['ReadableStream', () => new Blob([big]).stream()],
    ['URL with ranges', () => `${address}/points.csv`],
    ['URL without', () => new URL(`${address}/plain.csv`)],
    ['Parquet at a URL', () => `${address}/points.parquet`],
    ['Parquet at a URL without ranges', () => `${address}/plain.parquet`],
  ];

  it.each(inputs)('%s, at once and in several passes', async (_, input) => {
    const { points, ids } = await readPoints(input(), { id: 'id' });
    expect(points.rows).toBe(50_000);
    expect((ids as string[])[49_999]).toBe('row 49999');
    const source = await openSource(input(), { columns: ['x'] });
    for (let pass = 0; pass < 2; pass++) {
      let next = 0;
      for await (const { data } of source.chunks())
        for (const x of data) if (x !== next++) throw new Error(`${x}`);
      expect(next).toBe(50_000);
    }
  });

  it('a server is asked for what is needed only', async () => {
    asked.length = 0;
    const table = await openTable(`${address}/points.parquet`);
    for await (const _ of table.chunks({ columns: ['x'] })) void _;
    expect(asked.length).toBeGreaterThan(1);
    for (const range of asked) expect(range).toMatch(/^bytes=\d+-\d+$/);
  });

  it('what is not there, or changes, is said', async () => {
    const secret = `${address.replace('//', '//user:word@')}/missing.csv?token=word#word`;
    const wrong = openTable(secret.replace('user:word@', ''));
    await expect(wrong).rejects.toThrow(/missing\.csv answers with status 404/);
    await expect(openTable(secret)).rejects.not.toThrow(/word/);
    await expect(openTable(join(folder, 'none.csv'))).rejects.toMatchObject({
      code: 'invalid-file',
    });
    await expect(openTable(folder)).rejects.toThrow(/is a folder/);
    await expect(openTable('http://127.0.0.1:1/x.csv')).rejects.toMatchObject({
      code: 'invalid-file',
    });
    await expect(
      openTable(`${address}/changing.parquet`).then(async (table) => {
        for await (const _ of table.chunks()) void _;
      }),
    ).rejects.toThrow(/has changed/);
    for (const wrong of [3, null, {}, [1, 2]])
      await expect(openTable(wrong as never)).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(openTable(path, { seperator: ';' } as never)).rejects.toThrow(/spelling/);
  });

  it('a stream beyond the ceiling is refused, and one that is read twice', async () => {
    const input = () => new Blob([big]).stream();
    await expect(openSource(input(), { maxMemory: 1000 })).rejects.toMatchObject({
      code: 'out-of-memory',
    });
    expect((await readPoints(input(), { maxMemory: 1000 })).points.rows).toBe(50_000);
  });

  it('is aborted by its signal', async () => {
    const table = await openTable(path);
    const reason = new Error('enough');
    const controller = new AbortController();
    const read = async () => {
      for await (const _ of table.chunks({ signal: controller.signal })) controller.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
    await expect(readPoints(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
