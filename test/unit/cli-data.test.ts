/** The verbs that work on files of rows: what comes out is what the library gives, or an error that names the place. */
import { existsSync } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/exit.ts';
import { gpuHint } from '../../src/cli/gpu-hint.ts';
import { parseModel } from '../../src/cli/model.ts';
import { bytes } from '../../src/cli/arguments.ts';
import { run } from '../../src/cli/program.ts';
import { decodeImage } from '../../src/image/files/decode.ts';
import {
  blobs,
  gaussianBoard,
  KMeans,
  kmeans,
  KMeansError,
  silhouette,
  uniformBoard,
} from '../../src/index.ts';
import { openTable, readPoints, tableOf, writeTable, type Cell } from '../../src/io/index.ts';
import { fakeTerminal } from '../support/fake-terminal.ts';

let folder = '';
const at = (name: string) => join(folder, name);

const board = blobs(600, 4, { columns: 3, seed: 5 });
const wanted = kmeans(board, 4, { seed: 2, margins: true });

async function centroids(...args: string[]) {
  const terminal = fakeTerminal();
  return { code: await run(args, terminal), out: terminal.written(), said: terminal.said() };
}

const fit = (file: string, k: number, ...args: string[]) =>
  centroids('fit', at(file), '-k', String(k), ...args);

async function cellsIn(path: string, name: string): Promise<Cell[]> {
  const table = await openTable(path);
  const cells: Cell[] = [];
  for await (const { columns } of table.chunks({ columns: [name] }))
    cells.push(...(columns[0].values as Cell[]));
  return cells;
}

/** The board with a name, a weight and a group beside its columns. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'centroids-cli-'));
  const column = (t: number) =>
    Float32Array.from({ length: board.rows }, (_, i) => board.data[3 * i + t]);
  const table = tableOf([
    { name: 'name', values: Array.from({ length: board.rows }, (_, i) => `row, "${i}"`) },
    ...['x', 'y', 'z'].map((name, t) => ({ name, values: column(t) })),
    { name: 'weight', values: Float64Array.from({ length: board.rows }, (_, i) => 1 + (i % 3)) },
    { name: 'group', values: Array.from(board.labels, (group) => 'abcd'[group]) },
  ]);
  for (const format of ['csv', 'parquet'] as const)
    await writeFile(
      at(`board.${format}`),
      Buffer.from(await new Response(writeTable(table, format)).arrayBuffer()),
    );
  await writeFile(at('holes.csv'), 'id,x,y\na,1,2\nb,,3\nc,9,9\nd,8,NA\ne,1.5,2\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COLUMNS = ['--columns', 'x,y,z', '--seed', '2'];

describe('fit', () => {
  test.each(['csv', 'tsv', 'jsonl', 'parquet', 'arrow', 'npy'])(
    'writes the labels of kmeans as %s, beside the other columns',
    async (ending) => {
      const out = at(`labelled.${ending}`);
      const written = await fit('board.csv', 4, ...COLUMNS, '-o', out, '--distances', '--margins');
      expect(written).toMatchObject({ code: 0, said: '' });
      const { labels, margins } = await wanted;
      if (ending === 'npy') {
        const { points } = await readPoints(out);
        expect([points.rows, points.columns]).toEqual([600, 3]);
        expect(Array.from(labels, (_, i) => points.data[3 * i])).toEqual([...labels]);
        return;
      }
      expect((await cellsIn(out, 'label')).map(Number)).toEqual([...labels]);
      expect(await cellsIn(out, 'name')).toEqual(await cellsIn(at('board.csv'), 'name'));
      expect(Float32Array.from((await cellsIn(out, 'margin')).map(Number))).toEqual(margins);
    },
  );

  test('tells of it, in words and as JSON, and writes centroids and a model', async () => {
    const { hash, inertia, centroids: found, sizes } = await wanted;
    const files = ['--model', at('model.json'), '--centroids', at('centroids.csv')];
    const { out } = await fit('board.parquet', 4, ...COLUMNS, ...files, '--json');
    expect(JSON.parse(out)).toMatchObject({
      points: 600,
      columns: ['x', 'y', 'z'],
      ...{ k: 4, inertia, hash, sizes: [...sizes] },
    });
    const { points } = await readPoints(at('centroids.csv'), { columns: ['x', 'y', 'z'] });
    expect(points.data).toEqual(found.data);
    const { kmeans: saved } = JSON.parse(await readFile(at('model.json'), 'utf8')) as {
      kmeans: object;
    };
    expect([...(await KMeans.fromJSON(saved).predict(board))]).toEqual([...(await wanted).labels]);
    const words = (await fit('board.csv', 4, ...COLUMNS)).out;
    expect(words).toContain(`600 points × 3 columns`);
    expect(words).toContain(hash);
    expect((await fit('board.csv', 4, ...COLUMNS, '--quiet')).out).toBe('');
  });

  test('through pipes: rows only on the standard output', async () => {
    const terminal = fakeTerminal(await readFile(at('holes.csv')));
    const args = ['fit', '-', '-k', '2', '--id', 'id', '--missing', 'label', '-o', '-'];
    expect(await run(args, terminal)).toBe(0);
    const labels = terminal
      .written()
      .trim()
      .split('\n')
      .map((line) => line.split(',').at(-1));
    expect(labels).toEqual(['label', '0', '-1', '1', '-1', '0']);
    expect(terminal.said()).toContain('3 points × 2 columns, 2 rows left out');
    const dropped = fakeTerminal(await readFile(at('holes.csv')));
    await run(
      ['fit', '-', '-k', '2', '--missing', 'drop-row', '-o', '-', '--format', 'json-lines'],
      dropped,
    );
    expect(dropped.written().match(/"label":\d/g)).toHaveLength(3);
  });

  test('weights and first centroids come from files', async () => {
    await writeFile(at('starts.csv'), 'x,y,z\n0,0,0\n1,1,1\n-1,-1,-1\n');
    const { out } = await centroids(
      ...[
        'fit',
        at('board.csv'),
        '-k',
        '3',
        '--weights',
        'weight',
        '--init',
        at('starts.csv'),
        '--json',
      ],
    );
    const { hash } = await kmeans(board, 3, {
      weights: Array.from({ length: 600 }, (_, i) => 1 + (i % 3)),
      init: [
        [0, 0, 0],
        [1, 1, 1],
        [-1, -1, -1],
      ],
    });
    expect(JSON.parse(out)).toMatchObject({ hash, columns: ['x', 'y', 'z'] });
  });

  test('a file larger than the memory it may take, interrupted and gone on with: the same bytes', async () => {
    const points = uniformBoard(30_000, { seed: 1 });
    const xy = [0, 1].map((t) =>
      Float32Array.from({ length: points.rows }, (_, i) => points.data[2 * i + t]),
    );
    const table = tableOf(['x', 'y'].map((name, t) => ({ name, values: xy[t] })));
    await writeFile(
      at('even.csv'),
      Buffer.from(await new Response(writeTable(table, 'csv')).arrayBuffer()),
    );
    const args = [
      'fit',
      at('even.csv'),
      '-k',
      '20',
      '--tol',
      '0',
      '--distances',
      '--engine',
      'wasm',
      '--json',
    ];
    const memory = await centroids(...args, '-o', at('memory.csv'));

    const less = [...args, '--max-memory', '2MB', '-o', at('less.csv')];
    const state = ['--checkpoint', at('even.state'), '--every', '1'];
    const interruption = new AbortController();
    const terminal = fakeTerminal(undefined, interruption.signal);
    const watch = setInterval(() => {
      if (existsSync(at('even.state'))) interruption.abort(new Interrupted());
    }, 1);
    const code = await run([...less, ...state], terminal);
    clearInterval(watch);
    expect([code, terminal.written()]).toEqual([130, '']);
    expect(terminal.said()).toContain('--resume');
    expect((await readdir(folder)).filter((name) => /partial|less/.test(name))).toEqual([]);

    const other = await centroids(...less, ...state, '--resume', '--seed', '9');
    expect(other).toMatchObject({ code: 1, out: '' });
    expect(other.said).toContain('seed is 9');
    const resumed = await centroids(...less, '--checkpoint', at('even.state'), '--resume');
    const answer = ({ out }: { out: string }) => {
      const { hash, iterations, inertia } = JSON.parse(out) as Record<string, unknown>;
      return { hash, iterations, inertia };
    };
    expect(answer(resumed)).toEqual(answer(memory));
    const [one, two] = await Promise.all([readFile(at('memory.csv')), readFile(at('less.csv'))]);
    expect(two.equals(one)).toBe(true);
  });

  test('columns may be called as they like', async () => {
    await writeFile(at('names.csv'), '__proto__,constructor,toString\n1,2,a\n9,8,b\n1,3,c\n');
    const out = at('names.jsonl');
    const args = [
      '--columns',
      '__proto__,constructor',
      '--label-name',
      'hasOwnProperty',
      '-o',
      out,
    ];
    expect(await fit('names.csv', 2, ...args)).toMatchObject({ code: 0 });
    expect((await readFile(out, 'utf8')).split('\n')[0]).toMatch(
      /^{"__proto__":1,"constructor":2,"toString":"a","hasOwnProperty":\d}$/,
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('an output that is a link stays one', async () => {
    await writeFile(at('real.csv'), '');
    await symlink(at('real.csv'), at('link.csv'));
    await fit('holes.csv', 1, '--missing', 'label', '-o', at('link.csv'));
    expect((await lstat(at('link.csv'))).isSymbolicLink()).toBe(true);
    expect(await readFile(at('real.csv'), 'utf8')).toContain('label');
  });
});

describe('errors', () => {
  test.each([
    [[], /lacks a number in row 2, column 'x'/],
    [['--columns', 'x,w'], /a column is 'w'.*'id', 'x', 'y'/],
    [['--columns', 'id'], /has 'a' in row 1, column 'id'/],
    [['--missing', 'label', '-k', '4'], /k is 4; expected at most 3/],
    [['--missing', 'label', '--label-name', 'x', '-o', 'no.csv'], /a column is 'x'/],
    [['--missing', 'label', '--weights', 'id'], /has 'a' in column 'id' of point 1/],
    [['--missing', 'label', '--init', './missing.csv'], /missing\.csv.*cannot be opened/],
    [['--model', './no/such/folder/m.json'], /no\/such\/folder/],
  ])('fit %j is code 1, and says where', async (args, message) => {
    const { code, out, said } = await fit('holes.csv', 2, ...args);
    expect([code, out]).toEqual([1, '']);
    expect(said).toMatch(message);
  });

  test.each([
    ['fit', 'a.csv'],
    ['fit', 'a.csv', '-k', 'two'],
    ['fit', 'a.csv', '-k', '2', '-o', 'a.xls'],
    ['fit', 'a.csv', '-k', '2', '-o', './a.csv'],
    ['fit', 'a.csv', '-k', '2', '-o', 'b.csv', '--centroids', './b.csv'],
    ['fit', 'a.csv', '-k', '2', '--plot', 'a.gif'],
    ['fit', 'a.csv', '-k', '2', '--max-memory', 'lots'],
    ['fit', 'a.csv', '-k', '2', '--init', 'kmeans'],
    ['fit', 'a.csv', '-k', '2', '--resume'],
    ['fit', 'a.csv', '-k', '2', '--resume', '--checkpoint', 'no.state'],
    ['predict', '-', '-'],
    ['score', 'a.csv'],
    ['score', 'a.csv', '--labels', 'a', '--model', 'b'],
    ['generate', 'moons', '-n', '3', '-k', '4'],
    ['generate', 'stars', '-n', '3'],
    ['bench', '--engines', 'abacus'],
    ['completion', 'tcsh'],
  ])('%s %s … is wrong usage: code 2, with a word of what is right', async (...args) => {
    const { code, out, said } = await centroids(...args);
    expect([code, out]).toEqual([2, '']);
    expect(said).toMatch(/expected|required|Allowed choices|Expected/);
  });

  test.each([
    ['1000', 1000],
    ['512MB', 512e6],
    ['2GiB', 2 ** 31],
    ['1.5 k', 1500],
  ])('%s is so many bytes', (text, count) => {
    expect(bytes(text)).toBe(count);
  });
});

describe('predict', () => {
  test('--quiet leaves the JSON that is asked for; other columns than the model has are wrong usage', async () => {
    const model = at('xy.json');
    const fit = ['fit', at('board.csv'), '-k', '2', '--columns', 'x,y', '--model', model];
    const fitted = await centroids(...fit, '--quiet', '--json');
    expect(JSON.parse(fitted.out)).toMatchObject({ points: 600 });
    expect(fitted.said).toBe('');
    const to = ['-o', at('xy.csv'), '--quiet', '--json'];
    const { out } = await centroids('predict', model, at('board.csv'), ...to);
    expect(JSON.parse(out)).toMatchObject({ points: 600 });
    for (const verb of [
      ['predict', model],
      ['score', '--model', model],
    ]) {
      const { code, said } = await centroids(...verb, at('board.csv'), '--columns', 'x');
      expect(code).toBe(2);
      expect(said).toContain("--columns names 1; expected 2, in the place of the model's x, y. ");
    }
  });

  test.each(['euclidean', 'cosine', 'manhattan'] as const)(
    '%s: the rows of the fit get its labels, distances and margins',
    async (metric) => {
      const model = at(`${metric}.json`);
      const added = ['--distances', '--margins', '--format', 'csv'];
      const whiten = metric === 'manhattan' ? ['--whiten'] : [];
      await centroids(
        ...['fit', at('board.csv'), '-k', '4', ...COLUMNS, '--metric', metric, ...whiten],
        ...['--model', model, '-o', at('fit.csv'), ...added, '--quiet'],
      );
      const { code, out, said } = await centroids('predict', model, at('board.csv'), ...added);
      expect(code).toBe(0);
      expect(out).toBe(await readFile(at('fit.csv'), 'utf8'));
      expect(said).toContain('600 points in 4 of 4 clusters');
    },
  );

  test('rows that lack a number, and NPY, which is written in two passes', async () => {
    await fit('holes.csv', 2, '--missing', 'label', '--model', at('two.json'));
    const predict = ['predict', at('two.json'), at('holes.csv'), '--missing'];
    expect((await centroids(...predict, 'label', '--carry', 'none')).out).toBe(
      'label\n0\n-1\n1\n-1\n0\n',
    );
    const { out } = await centroids(...predict, 'drop-row', '-o', at('two.npy'), '--json');
    expect(JSON.parse(out)).toMatchObject({ points: 3, sizes: [2, 1] });
    expect([...(await readPoints(at('two.npy'))).points.data]).toEqual([0, 1, 0]);
  });

  test('a model that is damaged is refused, wherever the damage is', async () => {
    await fit('board.csv', 2, ...COLUMNS, '--model', at('small.json'));
    const text = await readFile(at('small.json'), 'utf8');
    expect(parseModel(text).names).toEqual(['x', 'y', 'z']);
    const place = fc.nat({ max: text.length - 1 });
    fc.assert(
      fc.property(
        place,
        fc.nat({ max: 5 }),
        fc.constantFrom('', '0', '-', '"', 'e9', '[', 'null', '}'),
        (from, cut, by) => {
          try {
            const { names, model } = parseModel(text.slice(0, from) + by + text.slice(from + cut));
            expect(model.frame.columns).toBe(names.length);
            expect(model.centroids.every((y) => Math.abs(y) <= 1)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(KMeansError);
          }
        },
      ),
      { seed: 1, numRuns: 400 },
    );
    await writeFile(at('other.json'), text.replace('"version":1', '"version":2'));
    const { code, said } = await centroids('predict', at('other.json'), at('board.csv'));
    expect(code).toBe(1);
    expect(said).toMatch(/other\.json: json\.version is 2; expected 1\./);
  });
});

describe('score', () => {
  test('of a column of labels against a truth: what the functions give', async () => {
    const out = at('scored.csv');
    await fit('board.csv', 4, ...COLUMNS, '-o', out, '--quiet', '--model', at('scored.json'));
    const score = ['score', out, '--columns', 'x,y,z', '--truth', 'group', '--json'];
    const byLabels = JSON.parse((await centroids(...score, '--labels', 'label')).out) as Record<
      string,
      number
    >;
    const byModel = JSON.parse(
      (await centroids(...score, '--model', at('scored.json'))).out,
    ) as Record<string, number>;
    const { labels, inertia } = await wanted;
    expect(byLabels['silhouette']).toBe(await silhouette(board, labels));
    expect(byLabels['adjustedRandIndex']).toBe(1);
    expect(byModel).toEqual({ ...byLabels, inertia: byModel['inertia'] });
    for (const { inertia: found } of [byLabels, byModel]) expect(found).toBeCloseTo(inertia, 4);
  });

  test('a sample has its interval', async () => {
    const { out } = await centroids(
      'score',
      at('board.csv'),
      '--labels',
      'group',
      '--columns',
      'x,y,z',
      '--sample',
      '50',
    );
    expect(out).toMatch(/^silhouette +0\.\d+ \(95 %: 0\.\d+ to 0\.\d+, of 50 rows\)$/m);
  });
});

describe('choose-k', () => {
  const choose = [
    'choose-k',
    '--columns',
    'x,y,z',
    '--k-max',
    '6',
    '--criteria',
    'silhouette,elbow,fk',
  ];
  test('a table, a verdict in words, JSON and a picture', async () => {
    const { code, out } = await centroids(...choose, at('board.csv'), '--plot', at('k.svg'));
    expect(code).toBe(0);
    expect(out).toMatch(/^4 .*\*.*\*.*\*$/m);
    expect(out).toMatch(/^k = 4\. 3 of 3 votes are for 4/m);
    const svg = await readFile(at('k.svg'), 'utf8');
    expect(svg).toContain('k = 4');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const json = await centroids(...choose, at('board.csv'), '--json');
    expect(JSON.parse(json.out)).toMatchObject({ k: 4, clear: true, votes: { elbow: 4 } });
  });
});

describe('generate', () => {
  test('the rows of the board, in any format, with their groups', async () => {
    const same = gaussianBoard(500, 5, { seed: 3 });
    const generate = ['generate', 'gaussian', '-n', '500', '-k', '5', '--seed', '3', '--groups'];
    for (const ending of ['csv', 'parquet']) {
      await centroids(...generate, '-o', at(`g.${ending}`));
      const { points } = await readPoints(at(`g.${ending}`), { columns: ['x', 'y'] });
      expect(points.data).toEqual(same.data);
      expect((await cellsIn(at(`g.${ending}`), 'group')).map(Number)).toEqual([...same.labels]);
    }
    const { out } = await centroids('generate', 'blobs', '-n', '3', '--dimensions', '4');
    expect(out.split('\n')[0]).toBe('x0,x1,x2,x3');
  });
});

describe('bench', () => {
  test('engines side by side, to the same bits', async () => {
    const args = [
      'bench',
      '-n',
      '2000',
      '-k',
      '8',
      '--repeats',
      '2',
      '--engines',
      'wasm,reference',
    ];
    const { out } = await centroids(...args, '--json');
    const { equal, lanes } = JSON.parse(out) as { equal: boolean; lanes: { median: number }[] };
    expect(equal).toBe(true);
    expect(lanes.every(({ median }) => median > 0)).toBe(true);
    expect((await centroids(...args)).out).toContain('All results have the same bits.');
  });
});

describe('--plot', () => {
  test('clusters as SVG, of two columns and of more', async () => {
    for (const columns of ['x', 'x,y', 'x,y,z']) {
      await fit('board.csv', 3, '--columns', columns, '--plot', at('plot.svg'));
      const svg = await readFile(at('plot.svg'), 'utf8');
      expect(svg).toMatch(/^<svg width="960" height="720"/);
      expect(svg).toContain('3 clusters of 600 points');
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  test('silhouettes as PNG', async () => {
    const args = ['--labels', 'group', '--columns', 'x,y,z', '--plot', at('plot.png')];
    expect(await centroids('score', at('board.csv'), ...args)).toMatchObject({ code: 0 });
    const { width, height } = await decodeImage(await readFile(at('plot.png')));
    expect([width, height]).toEqual([1920, 1440]);
  });

  test('a picture on standard output has nothing beside it, and scores stay when all is quiet', async () => {
    const args = ['--labels', 'group', '--columns', 'x,y,z', '--quiet'];
    const { out, said } = await centroids('score', at('board.csv'), ...args, '--plot', '-');
    expect(out).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    expect(said).toMatch(/^silhouette +0\.\d+$/m);
    expect((await centroids('score', at('board.csv'), ...args)).out).toBe(said);
  });
});

describe('what a file may bring', () => {
  test('names of columns neither command the terminal nor leave the text of a picture', async () => {
    await writeFile(at('evil.csv'), '"<script>alert(1)</script>","\u001b[2J"\n1,2\n3,4\n');
    const { out } = await fit('evil.csv', 1, '--plot', at('evil.svg'));
    expect(out).not.toContain('\u001b');
    const svg = await readFile(at('evil.svg'), 'utf8');
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script');
  });
});

test('a GPU is spoken of where it would have helped, and is not reachable', () => {
  const seconds = { open: 0, seed: 0, iterate: 9, read: 0 };
  const slow = { engine: 'wasm', seconds } as const;
  expect(gpuHint(slow, {}, () => false)).toMatch(/npm install webgpu/);
  expect(gpuHint(slow, {}, () => true)).toBe('');
  expect(gpuHint(slow, { engine: 'wasm' }, () => false)).toBe('');
  expect(gpuHint({ ...slow, seconds: { ...seconds, iterate: 1 } }, {}, () => false)).toBe('');
});

describe('completion', () => {
  test.each([
    ['bash', /^complete -o default .*_centroids centroids$/m],
    ['zsh', /^#compdef centroids$/m],
    ['fish', /^complete -c centroids -n __fish_use_subcommand -f -a choose-k/m],
  ])('%s knows verbs, options and choices', async (shell, line) => {
    const { code, out } = await centroids('completion', shell);
    expect(code).toBe(0);
    expect(out).toMatch(line);
    for (const word of ['generate', 'metric', 'manhattan', 'n-init']) expect(out).toContain(word);
  });
});
