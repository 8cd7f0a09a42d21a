/** Points that are read in parts give the bits of the same points in memory, whatever the parts; and what goes wrong on the way. */
import { mkdtemp, readdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inProcess } from '../../bench/apart.ts';
import { openReference } from '../../src/engines/reference/index.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import {
  blobs,
  DeviceLostError,
  InvalidInputError,
  KMeans,
  kmeans,
  matrix,
  MiniBatchKMeans,
  NotSupportedError,
  OutOfMemoryError,
  type Engine,
  type KMeansOptions,
  type Matrix,
  type PointSource,
  type Progress,
} from '../../src/index.ts';
import { openSource, tableOf, writeTable } from '../../src/io/index.ts';
import { planMemory } from '../../src/out-of-core/plan.ts';
import { pcg32 } from '../../src/rng.ts';
import type { MemoryAnswer, MemoryJob } from '../support/memory-of-source.ts';
import { fakeEngine } from './fake-engines.ts';

const K = 5;
const ROWS = 19_001;
/** Two columns, in five pages of 4096 rows at most. */
const POINTS = blobs(ROWS, 7, { deviation: 0.2, seed: 3 });
/** The least there may be. */
const PAGED = { maxMemory: 1_200_000 };

/** Rows as a source of chunks of these sizes, again and again; counts its passes. */
function source({ data, rows, columns }: Matrix, sizes: readonly number[] = [1000]) {
  const counted = {
    columns,
    passes: 0,
    chunkCount: 0,
    async *chunks() {
      counted.passes++;
      for (let from = 0, i = 0; from < rows; i++) {
        const to = Math.min(rows, from + sizes[i % sizes.length]);
        counted.chunkCount++;
        yield matrix(data.slice(from * columns, to * columns), columns);
        from = to;
      }
    },
  };
  return counted satisfies PointSource;
}

const weights = Array.from({ length: ROWS }, (_, i) => (i % 5 === 0 ? 0 : (i % 7) + 0.25));
const [a, b] = [POINTS.data.slice(0, 2), POINTS.data.slice(2, 4)];
/** Two pairs of centroids at one place, and one far away: clusters without rows. */
const START = matrix([...a, ...a, ...b, ...b, 40, -40], 2);

const CASES: [string, KMeansOptions & { sizes?: number[] }][] = [
  ['as it is', {}],
  ['chunks of one row', { sizes: [1], maxIter: 2 }],
  ['uneven chunks, read at every pass', { sizes: [1, 4096, 17, 0, 3000], cache: 'none' }],
  ['weights, k-means||', { weights, init: 'k-means||' }],
  ['whitened, restarts', { whiten: true, nInit: 3, maxIter: 4, init: 'random' }],
  ['empty clusters are given rows', { init: START, maxIter: 6 }],
  ['empty clusters are dropped', { init: START, emptyCluster: 'drop', weights }],
  ['empty clusters stay', { init: START, emptyCluster: 'keep', whiten: true, tol: 0, maxIter: 9 }],
];

describe.each(['reference', 'wasm', 'two workers'])('%s', (name) => {
  test.each(CASES)('%s', async (_, { sizes, ...given }) => {
    const engine: Engine =
      name === 'reference'
        ? openReference()
        : await openWasm(name === 'wasm' ? { threads: 1 } : { workers: 2 });
    const options = { seed: 1, engine, ...given };
    const { seconds: _s, predict: _p, ...wanted } = await kmeans(POINTS, K, options);
    const {
      seconds: _t,
      predict,
      ...got
    } = await kmeans(source(POINTS, sizes), K, {
      ...options,
      ...PAGED,
    });
    expect(got).toEqual({ ...wanted, algorithm: got.algorithm });
    expect(await predict(source(POINTS))).toEqual(wanted.labels);
    await engine.dispose();
  });
});

test('one page, kept by the engine; columns of one value; more rows than the sample of auto', async () => {
  const random = pcg32(4);
  const data = Float32Array.from({ length: 3 * 70_000 }, (_, i) => (i % 3 === 1 ? 5 : random()));
  const points = matrix(data, 3);
  const options = { seed: 2, engine: 'wasm', maxIter: 3 } as const;
  const wanted = await kmeans(points, 4, options);
  expect((await kmeans(source(points, [30_000]), 4, options)).hash).toBe(wanted.hash);
  const small = { ...options, maxMemory: 5e6 };
  expect((await kmeans(source(points, [30_000]), 4, small)).hash).toBe(wanted.hash);
});

describe('a stream', () => {
  test('has the labels in parts, as often as they are asked for, until it is disposed', async () => {
    const wanted = await kmeans(POINTS, K, { seed: 1 });
    const folder = await mkdtemp(join(tmpdir(), 'out-of-core-test-'));
    const result = await kmeans(source(POINTS), K, {
      ...{ seed: 1, output: 'stream', cache: folder },
      ...PAGED,
    });
    const { centroids, sizes, inertia, hash, history } = wanted;
    expect(result).toMatchObject({ centroids, sizes, inertia, hash, history, rows: ROWS });
    expect(await predictAll(result)).toEqual(wanted.labels);
    const [one, two] = await Promise.all([predictAll(result), predictAll(result)]);
    expect([one, two]).toEqual([wanted.labels, wanted.labels]);
    for await (const { first, labels, distances } of result.labels()) {
      const at = 2 * labels[17];
      const [x, y] = POINTS.data.subarray(2 * (first + 17), 2 * (first + 18));
      const apart = Math.hypot(x - centroids.data[at], y - centroids.data[at + 1]);
      expect(Math.abs(distances[17] - apart)).toBeLessThan(1e-6);
    }
    expect(await result.predict(POINTS)).toEqual(wanted.labels);
    await result.dispose();
    await result.dispose();
    expect(() => result.labels()).toThrow(InvalidInputError);
    expect(await readdir(folder)).toEqual([]);
  });

  test('of points in memory', async () => {
    const wanted = await kmeans(POINTS, K, { whiten: true });
    await using result = await kmeans(POINTS, K, { whiten: true, output: 'stream' });
    expect(result.hash).toBe(wanted.hash);
    expect(await predictAll(result)).toEqual(wanted.labels);
  });

  async function predictAll(result: {
    rows: number;
    labels(): AsyncIterable<{ first: number; labels: Uint32Array }>;
  }) {
    // prettier-ignore
    const all = new Uint32Array(result.rows);
    for await (const { first, labels } of result.labels()) all.set(labels, first);
    return all;
  }
});

test('a file: its first pass is told by bytes; numbers as they lie are not kept', async () => {
  const lines = Array.from({ length: ROWS }, (_, i) =>
    POINTS.data.slice(2 * i, 2 * i + 2).join(','),
  );
  const file = new TextEncoder().encode(`x,y\n${lines.join('\n')}\n`);
  const shares: number[] = [];
  const onProgress = ({ phase, fraction }: Progress) => {
    if (phase === 'load') shares.push(fraction);
  };
  const wanted = await kmeans(POINTS, K, { seed: 1 });
  const opened = await openSource(file);
  expect((await kmeans(opened, K, { seed: 1, ...PAGED, onProgress })).hash).toBe(wanted.hash);
  expect(shares.length).toBe(5);
  expect(shares.every((share, i) => share > (shares[i - 1] ?? 0) - 1e-9)).toBe(true);
  expect(shares.at(-1)).toBe(1);
  const table = tableOf([{ name: 'values', values: POINTS.data, width: 2 }]);
  const npy = await openSource(await new Response(writeTable(table, 'npy')).blob());
  expect([opened.cheap, npy.cheap]).toEqual([false, true]);
  expect((await kmeans(npy, K, { seed: 1, ...PAGED })).hash).toBe(wanted.hash);
});

test('KMeans fits a source', async () => {
  const model = await new KMeans({ k: K, seed: 1 }).fit(source(POINTS));
  expect(model.labels).toEqual((await kmeans(POINTS, K, { seed: 1 })).labels);
  expect(await model.predict(POINTS)).toEqual(model.labels);
});

test('MiniBatchKMeans goes over a source once, as over a stream of its batches', async () => {
  const options = { k: K, seed: 1, batchSize: 3000 };
  const stream = new MiniBatchKMeans(options);
  for (let from = 0; from < ROWS; from += 3000)
    await stream.partialFit(
      { data: POINTS.data.subarray(2 * from, 2 * (from + 3000)), columns: 2 },
      { weights: weights.slice(from, from + 3000) },
    );
  const given = source(POINTS, [1, 5000]);
  const model = await new MiniBatchKMeans(options).fit(given, { weights });
  expect(given.passes).toBe(1);
  expect(JSON.stringify(model)).toBe(JSON.stringify(stream));
  const data = POINTS.data.slice();
  data[2 * 8500 + 1] = Infinity;
  await expect(new MiniBatchKMeans(options).fit(source(matrix(data, 2)))).rejects.toThrow(/^points\[8500\]\[1\]/); // prettier-ignore
  await expect(new MiniBatchKMeans(options).fit(source(matrix([1, 2], 2)))).rejects.toThrow(/^k is 5; expected at most 1/); // prettier-ignore
});

describe('passes', () => {
  test('one over a source whose rows are kept; without that one an iteration', async () => {
    const kept = source(POINTS);
    await kmeans(kept, K, { ...PAGED, maxIter: 5, tol: 0 });
    expect(kept.passes).toBe(1);
    const again = source(POINTS, [ROWS]);
    const options = { ...PAGED, cache: 'none', init: START, emptyCluster: 'keep', tol: 0 } as const;
    await kmeans(again, K, { ...options, maxIter: 1 });
    // ranges, centres, moments; an iteration; labels of the last centroids
    expect(again.passes).toBe(5);
    const more = source(POINTS, [ROWS]);
    await kmeans(more, K, { ...options, maxIter: 6 });
    expect(more.passes).toBe(10);
    expect(more.chunkCount).toBe(10);
    const cheap = Object.assign(source(POINTS), { cheap: true });
    await kmeans(cheap, K, { ...options, cache: 'auto', maxIter: 1 });
    expect(cheap.passes).toBe(5);
  });

  test('the next page is read while the engine works on the last', async () => {
    const reference = openReference();
    const events: string[] = [];
    let isIterating = false;
    const engine: Engine = {
      ...reference,
      async open(task) {
        events.push('work');
        const session = await reference.open(task);
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push('done');
        return session;
      },
    };
    const told: PointSource = {
      columns: 2,
      async *chunks() {
        for (let page = 0; page < 2; page++) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (isIterating) events.push('read');
          yield matrix(POINTS.data.slice(8192 * page, 8192 * (page + 1)), 2);
        }
      },
    };
    const onProgress = ({ phase }: Progress) => void (isIterating ||= phase === 'iterate');
    await kmeans(told, 2, { ...PAGED, init: matrix([...a, ...b], 2), cache: 'none', engine, maxIter: 1, onProgress }); // prettier-ignore
    expect(events.slice(0, 5)).toEqual(['read', 'work', 'read', 'done', 'work']);
  });

  test('the first one is told', async () => {
    const shares: number[] = [];
    const phases = new Set<string>();
    const onProgress = ({ phase, fraction }: Progress) => {
      phases.add(phase);
      if (phase === 'load') shares.push(fraction);
    };
    await kmeans({ ...source(POINTS), rows: ROWS }, K, { ...PAGED, onProgress });
    expect(shares).toEqual([4096, 8192, 12_288, 16_384, ROWS].map((rows) => rows / ROWS));
    expect([...phases]).toEqual(['load', 'seed', 'open', 'iterate', 'read']);
  });
});

test('the ceiling is kept: 128 MB of numbers in 96 MB', async () => {
  const job: MemoryJob = { rows: 4_000_000, columns: 8, k: 16, maxMemory: 96 * 2 ** 20 };
  const answer = await inProcess<MemoryAnswer>('test/support/memory-of-source.ts', job);
  expect(answer).toMatchObject({ rows: job.rows });
  expect((answer as MemoryAnswer).beyond).toBeLessThan(job.maxMemory);
}, 60_000);

describe('what goes wrong', () => {
  /** A source that does something else from some pass on. */
  const changing = (from: number, chunks: (signal?: AbortSignal) => AsyncIterable<Matrix>) => {
    const own = source(POINTS);
    let pass = 0;
    return {
      columns: 2,
      chunks: (signal?: AbortSignal) => (++pass >= from ? chunks(signal) : own.chunks()),
    };
  };
  const fails = async (points: PointSource, options: KMeansOptions = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'out-of-core-test-'));
    const cache = options.cache ?? folder;
    const error = await kmeans(points, K, { ...PAGED, ...options, cache }).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    expect(await readdir(folder)).toEqual([]); // nothing is left
    return error;
  };

  test('a source that fails on its way, in any pass', async () => {
    for (const pass of [1, 2, 3, 4, 5])
      expect(
        await fails(
          changing(pass, async function* () {
            yield matrix(POINTS.data.slice(0, 10_000), 2);
            throw new Error('the wire is cut');
          }),
          { cache: 'none' },
        ),
      ).toBe('the wire is cut');
  });

  test('a number of rows that changes, or is not what it says', async () => {
    const more = (rows: number) =>
      async function* () {
        yield matrix(new Float32Array(2 * rows), 2);
      };
    for (const [rows, said] of [
      [100, 100],
      [20500, 20500],
    ])
      expect(await fails(changing(2, more(rows)), { cache: 'none' })).toBe(
        `points.rows is ${said}; expected 19001, as in the first pass. Give the same rows at every pass.`,
      );
    expect(await fails({ ...source(POINTS), rows: 19_000 })).toBe(
      'points.rows is 19001; expected 19000, as it says. Give the same rows at every pass.',
    );
    expect(await fails({ columns: 2, async *chunks() {} })).toMatch(/^points.rows is 0; expected at least 1/); // prettier-ignore
  });

  test('rows that change so that they leave the range', async () => {
    const other = async function* () {
      yield matrix(POINTS.data.map((x) => 100 * x), 2); // prettier-ignore
    };
    expect(await fails(changing(3, other), { cache: 'none' })).toMatch(
      /^points\[\d+\]\[\d\] is out of the range of the first pass; expected the same rows at every pass./,
    );
  });

  test('chunks of another shape', async () => {
    const gives = (chunk: unknown): PointSource => ({
      columns: 2,
      async *chunks() {
        yield matrix(POINTS.data.slice(0, 20), 2);
        yield chunk as Matrix;
      },
    });
    expect(await fails(gives(matrix(new Float32Array(6), 3)))).toBe(
      'columns of the chunk of points after row 10 is 3; expected 2, as the source says. Give every row the same columns.',
    );
    expect(await fails(gives({ data: [1, 2], rows: 1, columns: 2 }))).toMatch(/expected a Float32Array/); // prettier-ignore
    expect(await fails(gives({ data: new Float32Array(3), rows: 1, columns: 2 }))).toMatch(/expected rows × columns/); // prettier-ignore
  });

  test('a number that is none, with its row and column', async () => {
    const data = POINTS.data.slice();
    data[2 * 8500 + 1] = NaN;
    expect(await fails(source(matrix(data, 2), [3000]))).toBe(
      "points[8500][1] is NaN; expected a finite number within float32's range. Drop or fill the row, or rescale the column.",
    );
  });

  test('more clusters than rows, weights of other rows: once it is known', async () => {
    const few = source(matrix([1, 2, 3, 4], 2));
    await expect(kmeans(few, 3)).rejects.toThrow('k is 3; expected at most 2');
    await expect(kmeans(source(POINTS), 3, { weights: [1] })).rejects.toThrow('weights.length is 1; expected 19001'); // prettier-ignore
  });

  test('what there is not for sources', async () => {
    for (const options of [
      { metric: 'cosine' },
      { metric: 'manhattan' },
      { refine: 'breathing' },
      { margins: true },
      { init: 'k-means++' },
      { init: () => POINTS },
      { output: 'gpu', device: { createBuffer() {} } as unknown as GPUDevice },
    ] as const) {
      const given = source(POINTS);
      await expect(kmeans(given, K, options)).rejects.toBeInstanceOf(NotSupportedError);
      expect(given.passes).toBe(0);
    }
  });

  test('a ceiling that is too low', async () => {
    await expect(kmeans(source(POINTS), K, { maxMemory: 1000 })).rejects.toThrow(
      /^maxMemory is 1000; expected at least \d+ bytes for pages of 4096 rows/,
    );
    const failure = kmeans(POINTS, K, { maxMemory: 1e5 });
    await expect(failure).rejects.toBeInstanceOf(OutOfMemoryError);
    await expect(failure).rejects.toThrow(/^maxMemory is 100000; expected at least \d+ bytes/);
    const many = planMemory(2 ** 29, 8, 64);
    expect(many.pageRows % 4096).toBe(0);
    expect(40 * 8 * many.pageRows).toBeLessThan(2 ** 28);
  });

  test('a folder that is none', async () => {
    const cache = join(tmpdir(), 'there', 'is', 'none');
    await expect(kmeans(source(POINTS), K, { ...PAGED, cache })).rejects.toThrow(
      `cache is '${cache}'; expected a folder that can be written to. Make it, or name another.`,
    );
  });

  test('an abort in any pass frees everything', async () => {
    for (const pass of [1, 2, 4, 6]) {
      const abort = new AbortController();
      let closed = 0;
      const own = changing(pass, async function* (signal) {
        try {
          yield matrix(POINTS.data.slice(0, 10_000), 2);
          abort.abort(new Error('enough'));
          expect(signal!.aborted).toBe(true);
          await new Promise((resolve) => setTimeout(resolve, 1));
          yield matrix(POINTS.data.slice(0, 10_000), 2);
        } finally {
          closed++;
        }
      });
      const { signal } = abort;
      expect(await fails(own, { cache: 'none', signal, maxIter: 20, tol: 0 })).toBe('enough');
      await expect.poll(() => closed).toBe(1);
    }
  });

  test.runIf(process.platform === 'linux')('an abort closes the file of the pages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'out-of-core-test-'));
    const ours = async () => {
      const files = (await readdir('/proc/self/fd')).map((fd) =>
        readlink(`/proc/self/fd/${fd}`).catch(() => ''),
      );
      return (await Promise.all(files)).filter((file) => file.startsWith(folder)).length;
    };
    const abort = new AbortController();
    const { signal } = abort;
    let open = 0;
    const onProgress = async ({ phase }: Progress) => {
      if (phase !== 'iterate') return;
      open = await ours();
      abort.abort(new Error('enough'));
    };
    const run = kmeans(source(POINTS), K, { ...PAGED, cache: folder, signal, onProgress });
    await expect(run).rejects.toThrow('enough');
    expect(open).toBe(1);
    await expect.poll(ours).toBe(0);
  });

  test('a source that does not hear the abort is not waited for', async () => {
    const abort = new AbortController();
    const deaf: PointSource = {
      columns: 2,
      async *chunks() {
        yield POINTS;
        setTimeout(() => abort.abort(new Error('enough')), 5);
        await new Promise(() => {});
      },
    };
    expect(await fails(deaf, { signal: abort.signal })).toBe('enough');
  });

  test('a disk that is full: the source is read again', async () => {
    const wanted = await kmeans(POINTS, K, { seed: 1 });
    const files = process.getBuiltinModule('node:fs/promises');
    const open = files.open;
    try {
      for (const writes of [0, 1, 5]) {
        const given = source(POINTS);
        let left = writes;
        files.open = async (...args: Parameters<typeof open>) => {
          const handle = await open(...args);
          const write = handle.write.bind(handle) as (...args: unknown[]) => unknown;
          (handle as { write: unknown }).write = (...args: unknown[]) => {
            if (left-- > 0) return write(...args);
            throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
          };
          return handle;
        };
        const result = await kmeans(given, K, { seed: 1, ...PAGED, cache: tmpdir() });
        expect(result.hash).toBe(wanted.hash);
        expect(given.passes).toBeGreaterThan(1 + result.iterations);
      }
    } finally {
      files.open = open;
    }
  });

  test('an engine that is lost in the middle: another goes on', async () => {
    const wanted = await kmeans(POINTS, K, { seed: 1 });
    const lost = fakeEngine((verb, nth) => {
      // in the second page of the third iteration
      if (verb === 'read' && nth === 12) throw new DeviceLostError('gone');
    });
    const { paged } = await import('../../src/out-of-core/paged-engine.ts');
    const { openPages } = await import('../../src/out-of-core/index.ts');
    const { judgeSource } = await import('../../src/options.ts');
    const { cluster } = await import('../../src/kmeans.ts');
    const { rungOf } = await import('./fake-engines.ts');
    const given = source(POINTS);
    const judged = judgeSource(given, K, { seed: 1, ...PAGED });
    await using opened = await openPages(given, judged, {});
    const rungs = paged([rungOf(lost), rungOf(openReference())]);
    const { result } = await cluster(opened.settings, rungs);
    expect(result).toMatchObject({ hash: wanted.hash, engine: 'reference', history: wanted.history }); // prettier-ignore
    expect(lost.open_).toBe(0);
  });
});
