/** What the page does with a user's file: where points lie, which is under the pointer, code that finds the same. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../demo/cluster/copy-as.ts';
import { Nearest } from '../../demo/cluster/nearest.ts';
import { openOwn, readOwn, type OwnChoice } from '../../demo/cluster/own-data.ts';
import { project, projectionOf } from '../../src/picture/projection.ts';
import type { Run } from '../../demo/cluster/snippet.ts';
import { viewOf } from '../../demo/cluster/view.ts';
import { PASTED } from '../../demo/pasted.ts';
import { DEFAULTS, readAddress } from '../../demo/settings.ts';
import { pcg32 } from '../../src/rng.ts';

const never = new AbortController().signal;

describe('the nearest point', () => {
  const random = pcg32(7);
  const anywhere = () => Math.round((2 * random() - 1) * 32767);
  const boards: [string, number, (i: number) => number][] = [
    ['spread evenly', 3000, anywhere],
    ['in two heaps', 3000, (i) => (i % 4 < 2 ? -32767 : 20000) + Math.round(50 * random())],
    ['all at one place', 500, () => 32767],
    ['alone', 1, () => -32767],
  ];

  test.each(boards)('%s: as comparing all finds it', async (_, rows, place) => {
    const places = Int16Array.from({ length: 2 * rows }, (_, i) => place(i));
    const index = await Nearest.over(places, never);
    for (let ask = 0; ask < 200; ask++) {
      const [x, y] = ask % 2 ? [anywhere(), anywhere()] : [places[0] + ask, places[1] - ask];
      const reach = [100, 3000, 70000][ask % 3];
      let [best, least] = [-1, reach * reach];
      for (let i = 0; i < rows; i++) {
        const away = (places[2 * i] - x) ** 2 + (places[2 * i + 1] - y) ** 2;
        if (away < least || (away === least && best === -1)) [best, least] = [i, away];
      }
      expect(index.find(x, y, reach), `${x}, ${y}, ${reach}`).toBe(best);
    }
  });

  test('sorting ends where other points come', async () => {
    const abort = new AbortController();
    const index = Nearest.over(new Int16Array(2), abort.signal);
    abort.abort(new Error('others'));
    await expect(index).rejects.toThrow('others');
  });
});

describe('how rows are seen', () => {
  test('columns that were chosen fill the picture, each on its own scale', () => {
    const points = { data: Float64Array.of(1, 0, 100, 2, 0, 200, 3, 0, 400), rows: 3, columns: 3 };
    const { projection, axes, stretch } = viewOf(points, false, [2, 0]);
    expect([axes, stretch]).toEqual([[2, 0], 1]);
    const places = project(points, projection!);
    expect(places[4] - places[0]).toBeCloseTo(1, 6);
    expect(places[5] - places[1]).toBeCloseTo(1, 6);
    // Columns that another file had are no columns of this one.
    expect(viewOf(points, false, [5, 0]).axes).toBeNull();
  });

  test('two columns stay as they are, unless they would make a line', () => {
    const plane = (wide: number, high: number) => ({
      data: Float64Array.of(0, 0, wide, high, wide / 2, 0),
      rows: 3,
      columns: 2,
    });
    expect(viewOf(plane(2, 1), false, null)).toMatchObject({ projection: null, stretch: 1 });
    const slim = viewOf(plane(1, 50), false, null);
    expect(slim.stretch).toBeCloseTo(1 / 50, 12);
    expect([...slim.projection!.axes]).toEqual([1, 0, 0, 1 / 50]);
    // Equal rows have no range to fill.
    expect(viewOf(plane(0, 0), true, null).stretch).toBe(1);
  });

  test('of very many columns the two widest ways are found as of few', () => {
    const [rows, columns] = [400, 150];
    const random = pcg32(3);
    const data = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      const [a, b] = [random() - 0.5, random() - 0.5];
      for (let t = 0; t < columns; t++)
        data[i * columns + t] = t % 2 ? 9 * a : 4 * b * (t < 75 ? 1 : -1) + 0.01 * random();
    }
    const { axes, share } = projectionOf({ data, rows, columns }, false);
    expect(share).toBeGreaterThan(0.999);
    for (let t = 0; t < columns; t++) {
      expect(axes[2 * t]).toBeCloseTo(t % 2 ? 1 / Math.sqrt(75) : 0, 1);
      expect(Math.abs(axes[2 * t + 1])).toBeCloseTo(t % 2 ? 0 : 1 / Math.sqrt(75), 1);
    }
  });
});

describe('a file', () => {
  const fileOf = (name: string) =>
    new File([readFileSync(`test/golden/io/${name}`)], name.replace('duckdb', 'mine'));
  const choose = async (file: File): Promise<OwnChoice> => {
    const { chosen, id } = await openOwn(file, never);
    return { file, number: 1, columns: chosen, id, missing: 'error' };
  };

  test.each([
    ['duckdb.csv', ['whole', 'single', 'gaps']],
    // Where there are vectors, the numbers beside them are mostly no coordinates.
    ['duckdb.jsonl', ['v']],
    ['duckdb-snappy.parquet', ['v', 'list']],
  ])(
    '%s: numbers are chosen, names of rows are not, gaps are said with their place',
    async (name, chosen) => {
      const choice = await choose(fileOf(name));
      expect([choice.columns, choice.id]).toEqual([chosen, 'id']);
      const own = { ...choice, columns: ['single', 'gaps'] };
      await expect(readOwn(own, never, () => {})).rejects.toThrow(
        /^mine.* lacks a number in row 4, column 'gaps'; .* choose under “Missing values” what becomes of such rows\.$/,
      );
      const shares: number[] = [];
      const read = await readOwn({ ...own, missing: 'drop-row' }, never, (s) => shares.push(s));
      expect([read.points.rows, read.rows, read.ids![3]]).toEqual([32, 40, 'id 4']);
      // Of Parquet only the columns that are wanted are read.
      if (name.endsWith('.parquet')) expect(shares.at(-1)).toBeLessThan(0.5);
      else expect(shares.at(-1)).toBe(1);
    },
  );

  test.each([
    ['a,b\n1,2\n3\n', 'Correct the row, or save the file with the same delimiter everywhere.'],
    ['a;b\n1,5;2,5\n', 'Save it with decimal points: 1.5, not 1,5.'],
    ['a,b\n1,x\n', 'Correct the cell, or leave the column out.'],
    ['a\0b\n1\n', 'Save it as text in UTF-8, or in another format.'],
    ['\xe9,b\n1,2\n', 'Save it as UTF-8.'],
  ])('%j: what a program would pass is not asked of a reader', async (text, remedy) => {
    const file = new File([Buffer.from(text, 'latin1')], 'mine.csv');
    const read = async () => {
      await openOwn(file, never);
      await readOwn({ file, number: 1, columns: ['b'], id: '', missing: 'error' }, never, () => {});
    };
    await expect(read()).rejects.toThrow(remedy);
  });

  test('how rows of text are to be read is told, for code that does not find out by itself', async () => {
    const { text } = await openOwn(new File(['1;2\n3;4\n'], 'bare.csv'), never);
    expect(text).toEqual({ delimiter: ';', header: false });
  });

  test('what no tab holds, and no columns, are refused before rows are read', async () => {
    const own = await choose(fileOf('duckdb.csv'));
    const none = { ...own, columns: [] };
    await expect(readOwn(none, never, () => {})).rejects.toThrow('No column is chosen');
    Object.defineProperty(own.file, 'size', { value: 2 ** 33 });
    await expect(readOwn(own, never, () => {})).rejects.toThrow(
      'mine.csv has 8,589,934,592 bytes; expected at most 4,294,967,296 of text in a tab.',
    );
  });
});

describe('the same in other languages', () => {
  const names = ["it's $HOME `x`", 'a"b\\c', '-k'];
  const own: OwnChoice = {
    file: new File([], `-o 'my' $(data).csv`),
    number: 1,
    columns: names,
    id: '"id"',
    missing: 'drop-row',
  };
  const run: Run = { ...DEFAULTS, board: 'own', k: 2, whiten: true, init: 'k-means||', own };
  const outputOf = (program: string, ...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.trim().split('\n');
  };

  test('a shell hands names over as they are', () => {
    const { text } = codeOf('shell', run, null);
    expect(outputOf('sh', '-c', `npx() { printf '%s\\n' "$@"; }\n${text}`)).toEqual([
      ...['centroids', 'fit', `./-o 'my' $(data).csv`, '-k', '2', '--seed', '1'],
      ...[`--columns=${names.join(',')}`, '--id="id"', '--missing', 'drop-row'],
      ...['--init', 'k-means||', '--whiten'],
    ]);
    const board = codeOf('shell', { ...DEFAULTS, n: 500, seed: 3 }, null).text;
    expect(board).toContain('generate gaussian -n 500 -k 16 --seed 3 --format npy |');
  });

  test('Python reads names as they are, and begins with the same centroids', () => {
    const starts = [
      [Math.fround(0.1), 1, Math.fround(-2.5e-8)],
      [3, Math.fround(1 / 3), 16777216],
    ];
    const { text, note } = codeOf('python', run, starts);
    expect(note).toMatch(/^From the same first centroids/);
    const script =
      'import ast, json, sys\n' +
      'tree = ast.parse(sys.argv[1])\n' +
      'lists = [n for n in ast.walk(tree) if isinstance(n, ast.List)]\n' +
      'rows = [ast.literal_eval(n) for n in lists if not isinstance(n.elts[0], ast.List)]\n' +
      'calls = [n.args[0].value for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "read_csv"]\n' +
      'print(json.dumps([rows, calls]))';
    const [found] = outputOf('python3', '-c', script, text);
    const [rows, calls] = JSON.parse(found) as [unknown[][], string[]];
    const inFloat32 = (row: unknown[]) => row.map((x) => Math.fround(x as number));
    expect(calls).toEqual([own.file.name]);
    expect(rows).toContainEqual(names);
    expect(rows.filter(([x]) => typeof x === 'number').map(inFloat32)).toEqual(starts);
    expect(codeOf('python', run, null).note).toContain('first centroids of its own');
    expect(codeOf('python', { ...run, metric: 'cosine' }, starts).note).toMatch(/^Near, not/);
    const bare = { delimiter: ';', names: ['column0', 'column1'] };
    expect(codeOf('python', { ...run, own: { ...own, text: bare } }, starts).text).toContain(
      ', sep=";", header=None, names=["column0","column1"])[',
    );
    const pasted = { ...run, own: { ...own, file: new File([], PASTED) } };
    for (const language of ['typescript', 'python'] as const)
      expect(codeOf(language, pasted, starts).note).toContain('Save what you pasted');
  });
});

test('an address of a file says that files are in no address, and keeps the options', () => {
  const { settings, remarks } = readAddress('?board=own&k=5&metric=cosine&tol=0');
  expect(settings).toMatchObject({ board: 'gaussian', k: 5, metric: 'cosine', tol: '0' });
  expect(remarks).toHaveLength(1);
  expect(remarks[0]).toContain('which no link holds');
});
