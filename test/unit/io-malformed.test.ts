/**
 * Files that are cut short, damaged or lie: an error with a code, never a crash, a hang or an allocation
 * by the word of a header.
 */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KMeansError } from '../../src/errors.ts';
import { openTable, tableOf, writeTable, type TableOptions } from '../../src/io/index.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../golden/io/${name}`, import.meta.url)));

/** Bytes that a file of a few kilobytes may make a reader hold. */
const CEILING = 2 ** 24;

/** Reads all of it. Whatever is wrong has to be said by an error of the library. */
async function outcome(bytes: Uint8Array, options: TableOptions = {}): Promise<string> {
  try {
    const table = await openTable(bytes, { maxMemory: CEILING, ...options });
    let rows = 0;
    for await (const chunk of table.chunks()) rows += chunk.rows;
    return `${rows} rows`;
  } catch (error) {
    if (!(error instanceof KMeansError)) throw error;
    return error.code;
  }
}

const text = (value: string) => new TextEncoder().encode(value);

async function error(input: Uint8Array, options?: TableOptions): Promise<KMeansError> {
  const reading = openTable(input, { name: 'my.csv', ...options }).then(async (table) => {
    for await (const chunk of table.chunks()) expect(chunk.rows).toBeGreaterThan(0);
  });
  return reading.then(
    () => expect.unreachable('it was read'),
    (reason: KMeansError) => reason,
  );
}

const SEEDS: Record<string, Uint8Array> = Object.fromEntries(
  [
    'f4.npy',
    'fortran-big-endian.npy',
    'stored.npz',
    'deflated.npz',
    'duckdb-snappy.parquet',
    'duckdb-gzip.parquet',
    'duckdb-uncompressed.parquet',
    'duckdb-v2.parquet',
    'polars.arrow',
    'polars.parquet',
    'duckdb.csv',
    'duckdb.jsonl',
  ].map((name) => [name, fixture(name)]),
);

beforeAll(async () => {
  const table = tableOf([
    { name: 'id', values: ['a', 'b', null, 'd'] },
    { name: 'x', values: Float64Array.of(1, NaN, 3, 4) },
    { name: 'n', values: Int32Array.of(1, 2, 3, 4) },
    { name: 'v', values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), width: 2 },
    { name: 'yes', values: [true, false, null, true] },
  ]);
  const response = new Response(writeTable(table, 'arrow'));
  SEEDS['own.arrow'] = new Uint8Array(await response.arrayBuffer());
  const { tableFromIPC, tableToIPC, tableFromArrays } = await import('apache-arrow');
  const described = tableFromIPC(SEEDS['own.arrow']);
  described.schema.metadata.set('made by', 'a test');
  SEEDS['own.arrows'] = tableToIPC(described, 'stream');
  SEEDS['dictionary.arrows'] = tableToIPC(tableFromArrays({ g: ['a', 'b', 'a'], x: [1, 2, 3] }));
});

const NAMES = [...Object.keys(SEEDS), 'own.arrow', 'own.arrows', 'dictionary.arrows'];

describe.each(NAMES)('%s', (name) => {
  it('is read as it is', async () => {
    expect(await outcome(SEEDS[name], { name })).toMatch(/^\d+ rows$/);
  });

  it('cut off anywhere is refused, or has fewer rows', async () => {
    const bytes = SEEDS[name];
    const step = Math.max(1, Math.floor(bytes.length / 150));
    for (let length = 0; length < bytes.length; length += step) {
      const said = await outcome(bytes.slice(0, length), { name });
      if (/\.(npy|npz|parquet|arrow)$/.test(name))
        expect([length, said]).toEqual([length, 'invalid-file']);
      else expect(said).toMatch(/^\d+ rows$|^invalid-file$/);
    }
  });

  it('with any bytes changed is read or refused', async () => {
    const bytes = SEEDS[name];
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      to: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
      times: fc.constantFrom(1, 1, 1, 4, 8),
    });
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, async (changes) => {
        const damaged = bytes.slice();
        for (const { at, to, times } of changes) damaged.fill(to, at, at + times);
        expect(await outcome(damaged, { name })).toMatch(
          /^\d+ rows$|^invalid-file$|^not-supported$|^out-of-memory$/,
        );
      }),
      { numRuns: 150 },
    );
  });
});

it.each(['own.arrow', 'own.arrows', 'dictionary.arrows', 'duckdb-uncompressed.parquet'])(
  '%s with any length made huge is read or refused',
  async (name) => {
    const bytes = SEEDS[name];
    const isArrow = name.includes('arrow');
    // Lengths of Arrow are words at whole words; those of Parquet are varints anywhere.
    const huge = isArrow ? [0xff, 0xff, 0xff, 0x7f] : [0xfe, 0xff, 0xff, 0xff, 0x0f];
    const said = new Set<string>();
    for (let at = 0; at < bytes.length - 8; at += isArrow ? 4 : 7) {
      const damaged = bytes.slice();
      damaged.set(huge, at);
      said.add(await outcome(damaged, { name }));
    }
    expect(said).toContain('invalid-file');
    for (const code of said)
      expect(code).toMatch(/^\d+ rows$|^invalid-file$|^not-supported$|^out-of-memory$/);
  },
);

it('any bytes at all, taken for any format', async () => {
  const formats = ['csv', 'tsv', 'json-lines', 'npy', 'npz', 'parquet', 'arrow'] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...formats),
      async (bytes, format) => {
        expect(await outcome(bytes, { format })).toMatch(/^\d+ rows$|^[a-z-]+$/);
      },
    ),
    { numRuns: 500 },
  );
});

describe('NPY headers that lie', () => {
  const npy = (header: string, numbers = 16) => {
    const bytes = new Uint8Array(10 + header.length + numbers);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
    bytes.set(text(header), 10);
    return bytes;
  };
  const header = (shape: string, descr = "'<f4'") =>
    `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`;

  it.each([
    ['(1000000000000, 4)', 'invalid-file'],
    ['(9007199254740993, 9007199254740993)', 'invalid-file'],
    ['(-1, -4)', 'invalid-file'],
    ['(0, 0)', 'invalid-file'],
    ['(0, 1000000000000)', 'invalid-file'],
    ['(4, 4)', 'invalid-file'],
    ['(1, 3)', 'invalid-file'],
    ['()', 'not-supported'],
    ['(,)', 'invalid-file'],
    ['(2, 2)', '2 rows'],
  ])('shape %s: %s', async (shape, expected) => {
    expect(await outcome(npy(header(shape)))).toBe(expected);
  });

  it.each(["'<U5'", "'|O'", "[('a', '<i4')]", "'<c8'", "'constructor'", "'<f16'"])(
    'dtype %s',
    async (descr) => {
      expect(await outcome(npy(header('(2, 2)', descr)))).toBe('not-supported');
    },
  );

  it('a header of 4 GiB', async () => {
    const bytes = npy(header('(2, 2)'));
    bytes.set([2, 0, 0xff, 0xff, 0xff, 0xff], 6);
    expect(await outcome(bytes)).toBe('invalid-file');
  });

  it('claims of a stream, whose size nobody knows, cost what comes', async () => {
    const stream = new Blob([npy(header('(1000000000000, 4)'))]).stream();
    const { readPoints } = await import('../../src/io/index.ts');
    await expect(readPoints(stream)).rejects.toMatchObject({ code: 'invalid-file' });
  });
});

describe('Parquet footers that lie', () => {
  it('10¹² rows', async () => {
    // num_rows of the footer and of its row group: 40, as zigzag varint 80, made long.
    const bytes = SEEDS['duckdb-uncompressed.parquet'];
    const size = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
    const said = new Set<string>();
    for (let at = bytes.length - 8 - size; at < bytes.length - 8; at++) {
      if (bytes[at] !== 80) continue;
      const long = [0x80, 0x80, 0xa8, 0xec, 0x85, 0x3a]; // zigzag of 10¹²
      const longer = new Uint8Array(bytes.length + 5);
      longer.set(bytes.subarray(0, at));
      longer.set(long, at);
      longer.set(bytes.subarray(at + 1), at + 6);
      new DataView(longer.buffer).setUint32(longer.length - 8, size + 5, true);
      said.add(await outcome(longer));
    }
    expect(said.size).toBeGreaterThan(0);
    for (const code of said) expect(code).toMatch(/^invalid-file$|^out-of-memory$|^40 rows$/);
    expect(said).toContain('invalid-file');
  });

  it('a footer longer than the file', async () => {
    const bytes = SEEDS['duckdb-snappy.parquet'].slice();
    new DataView(bytes.buffer).setUint32(bytes.length - 8, 0xffffffff, true);
    expect(await outcome(bytes)).toBe('invalid-file');
  });
});

describe('text', () => {
  it('a cell that is no number is named: file, row, column', async () => {
    const lines = ['x,y', ...Array.from({ length: 2000 }, (_, i) => `${i},${i / 2}`), '7,oops'];
    const wrong = await error(text(lines.join('\n')));
    expect(wrong).toMatchObject({ code: 'invalid-file', file: 'my.csv', row: 2001, column: 'y' });
    expect(wrong.message).toMatch(
      /^my\.csv has 'oops' in row 2001, column 'y'; expected a number\. /,
    );
  });

  it.each(['0x10', '0b1', '1 2', '1,5', '--1', '1e', '٣', '1_000'])(
    '%s is no number',
    async (cell) => {
      const lines = ['x\ty', ...Array.from({ length: 2000 }, (_, i) => `${i}\t1`), `1\t${cell}`];
      expect(await error(text(lines.join('\n')))).toMatchObject({ row: 2001, column: 'y' });
    },
  );

  it('ragged rows', async () => {
    expect(await error(text('x,y\n1,2\n3,4,5\n'))).toMatchObject({ code: 'invalid-file', row: 2 });
    expect(await error(text('x,y\n1,2\n3\n'))).toMatchObject({ code: 'invalid-file', row: 2 });
  });

  it('quotes that do not end', async () => {
    expect(await error(text('x,y\n1,"2\n3,4\n'))).toMatchObject({ code: 'invalid-file' });
    expect(await error(text('x,y\n1,"2"3\n3,4\n'))).toMatchObject({ code: 'invalid-file' });
    const long = `x,y\n1,"${'3,4\n'.repeat(2 ** 23)}`;
    expect(await error(text(long))).toMatchObject({ code: 'invalid-file' });
  });

  it('quotes and blanks in one line, which take a splitter hours', async () => {
    for (const blank of [' ', '\t ', '\u3000'])
      for (const before of ['', 'a'.repeat(2 ** 20)]) {
        const line = `1,"${before}${'x"'.repeat(1e6)}${blank.repeat(1e6)}\n`;
        const wrong = await error(text(`x,y\n1,2\n${line}`));
        expect(wrong).toMatchObject({ code: 'invalid-file' });
      }
    const padded = `x,y\n${`1,"a${' '.repeat(500)}"\n`.repeat(3000)}`;
    expect(await outcome(text(padded))).toBe('3000 rows');
  });

  it('bytes of another encoding', async () => {
    const latin = Uint8Array.from('name,x\ncafé,1\n', (letter) => letter.charCodeAt(0));
    expect((await error(latin)).message).toMatch(/no utf-8.*windows-1252/);
    expect(await outcome(latin, { encoding: 'windows-1252' })).toBe('1 rows');
    const without = Uint8Array.from('x\0,\0y\0\n\0', (letter) => letter.charCodeAt(0));
    expect((await error(without)).message).toMatch(/UTF-16/);
    expect(await error(latin, { encoding: 'klingon' })).toMatchObject({ code: 'invalid-input' });
  });

  it('JSON lines that are none', async () => {
    const format = 'json-lines';
    expect(await error(text('{"x":1}\n{"x":'), { format })).toMatchObject({ row: 2 });
    expect(await error(text('{"x":1}\n3\n'), { format })).toMatchObject({ row: 2 });
    expect(await error(text(`${'['.repeat(1e6)}`), { format })).toMatchObject({
      code: 'invalid-file',
    });
    const late = `${'{"x":1}\n'.repeat(1500)}{"x":1,"z":2}\n`;
    expect(await error(text(late), { format })).toMatchObject({ row: 1501, column: 'z' });
    const mixed = `${'{"x":1}\n'.repeat(1500)}{"x":"a"}\n`;
    expect(await error(text(mixed), { format })).toMatchObject({ row: 1501, column: 'x' });
  });

  it('what is something else is called by its name', async () => {
    expect((await error(Uint8Array.of(0x1f, 0x8b, 8, 0), { name: 'a.csv.gz' })).message).toMatch(
      /gzip/,
    );
    expect(await outcome(text('{a},b\n1,2\n'), { name: 'a.csv' })).toBe('1 rows');
    expect((await error(new Uint8Array(0))).message).toMatch(/is empty/);
  });

  it('control characters of a file do not reach a message', async () => {
    const lines = ['x,y', ...Array.from({ length: 2000 }, () => '1,2'), '\u001b[31m\u202ered,2'];
    const wrong = await error(text(lines.join('\n')));
    expect(wrong).toBeInstanceOf(KMeansError);
    // eslint-disable-next-line no-control-regex
    expect(wrong.message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
