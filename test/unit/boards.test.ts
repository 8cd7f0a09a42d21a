/** The boards: the same numbers everywhere, within their ranges, spread as they promise. */
import { describe, expect, test } from 'vitest';
import {
  adjustedRandIndex,
  blobs,
  blobsChunks,
  gaussianBoard,
  gaussianBoardChunks,
  InvalidInputError,
  kmeans,
  moons,
  moonsChunks,
  rings,
  ringsChunks,
  uniformBoard,
  uniformBoardChunks,
  type Board,
  type BoardSource,
  type ChunkOptions,
  type Matrix,
  type PointSource,
} from '../../src/index.ts';
import { fingerprint } from '../../src/hash.ts';

const hash = ({ data }: Matrix) => fingerprint(new Uint32Array(), data);

test('are the same numbers in every engine of JavaScript', () => {
  expect({
    uniform: hash(uniformBoard(1000, { columns: 3, seed: 1 })),
    gaussian: hash(gaussianBoard(1000, 5, { seed: 1 })),
    blobs: hash(blobs(1000, 5, { columns: 3, seed: 1, deviation: 0.2 })),
    moons: hash(moons(1000, { seed: 1, deviation: 0.1 })),
    rings: hash(rings(1000, 3, { seed: 1, deviation: 0.1 })),
  }).toEqual({
    uniform: '2daa7d7a0c4f8f7b',
    gaussian: 'c4c13304afe89ff9',
    blobs: 'd69f61aa4f629196',
    moons: '70d07b6a8bd1a605',
    rings: 'c66c28ebea122e5e',
  });
});

test.each([
  ['uniformBoard', () => uniformBoard(5000, { columns: 3 })],
  ['gaussianBoard', () => gaussianBoard(5000, 16)],
])('%s stays within [−1, 1] and fills it', (_, make) => {
  const { data } = make();
  const [low, high] = [Math.min(...data), Math.max(...data)];
  expect(low).toBeGreaterThanOrEqual(-1);
  expect(high).toBeLessThanOrEqual(1);
  expect(low).toBeLessThan(-0.98);
  expect(high).toBeGreaterThan(0.98);
});

test('blobs lie around as many centres as asked for, as wide as asked for', () => {
  const tight = blobs(600, 4, { columns: 2, deviation: 0, seed: 3 });
  const places = new Set<string>();
  for (let i = 0; i < 600; i++) places.add(`${tight.data[2 * i]},${tight.data[2 * i + 1]}`);
  expect(places.size).toBe(4);
  const one = blobs(20_000, 1, { columns: 1, deviation: 0.3 }).data;
  const mean = one.reduce((a, b) => a + b) / one.length;
  const variance = one.reduce((a, b) => a + (b - mean) ** 2, 0) / one.length;
  expect(Math.abs(Math.sqrt(variance) - 0.3)).toBeLessThan(0.01);
});

test('moons are two half circles, each of which ends in the middle of the other', () => {
  const { data, labels } = moons(4000, { deviation: 0 });
  let [left, right] = [0, 0];
  for (let i = 0; i < 4000; i++) {
    const side = labels[i] === 0 ? 1 : -1;
    const [x, y] = [side * data[2 * i] + 1 / 3, side * data[2 * i + 1] + 1 / 6];
    expect(Math.abs(Math.hypot(x, y) - 2 / 3)).toBeLessThan(1e-6);
    expect(y).toBeGreaterThan(-1e-6);
    if (labels[i] === 0) left += x < -1 / 3 ? 1 : 0;
    if (labels[i] === 0) right += x > 1 / 3 ? 1 : 0;
  }
  // evenly along the curve: a third of a half circle lies beyond half of its radius, on either side
  for (const third of [left, right]) expect(Math.abs(third / 2000 - 1 / 3)).toBeLessThan(0.04);
});

test('rings are circles around the origin, as wide as asked for', () => {
  const { data, labels } = rings(3000, 3, { deviation: 0 });
  const quarters = [0, 0, 0, 0];
  for (let i = 0; i < 3000; i++) {
    const [x, y] = [data[2 * i], data[2 * i + 1]];
    expect(Math.abs(Math.hypot(x, y) - (labels[i] + 1) / 3)).toBeLessThan(1e-6);
    quarters[(x > 0 ? 1 : 0) + (y > 0 ? 2 : 0)]++;
  }
  for (const quarter of quarters) expect(Math.abs(quarter / 750 - 1)).toBeLessThan(0.15);
  const noisy = rings(20_000, 1, { deviation: 0.1 });
  const off = Array.from(
    noisy.labels,
    (_, i) => Math.hypot(...noisy.data.subarray(2 * i, 2 * i + 2)) - 1,
  );
  expect(Math.abs(Math.sqrt(off.reduce((sum, o) => sum + o * o, 0) / 20_000) - 0.1)).toBeLessThan(
    0.005,
  );
});

describe('labels', () => {
  test('are the groups that rows were drawn from', async () => {
    const tight = blobs(2000, 4, { deviation: 0.01, seed: 1 });
    const { labels } = await kmeans(tight, 4, { nInit: 4, engine: 'reference' });
    expect(adjustedRandIndex(tight.labels, labels)).toBe(1);
    const gaussian = gaussianBoard(9, 3);
    expect([...gaussian.labels]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(new Set(uniformBoard(50).labels)).toEqual(new Set([0]));
  });

  test('of moons and rings are not found by k-means', async () => {
    for (const board of [moons(1000), rings(1000, 2)]) {
      const { labels } = await kmeans(board, 2, { engine: 'reference' });
      expect(adjustedRandIndex(board.labels, labels)).toBeLessThan(0.7);
    }
  });
});

describe('in chunks', () => {
  const boards: [string, Board, (options: ChunkOptions) => BoardSource][] = [
    [
      'uniformBoard',
      uniformBoard(5003, { columns: 3, seed: 4 }),
      (options) => uniformBoardChunks(5003, { columns: 3, seed: 4, ...options }),
    ],
    [
      'gaussianBoard',
      gaussianBoard(5003, 7, { seed: 4 }),
      (options) => gaussianBoardChunks(5003, 7, { seed: 4, ...options }),
    ],
    [
      'blobs',
      blobs(5003, 7, { columns: 5, deviation: 0.1, seed: 4 }),
      (options) => blobsChunks(5003, 7, { columns: 5, deviation: 0.1, seed: 4, ...options }),
    ],
    [
      'moons',
      moons(5003, { deviation: 0.1, seed: 4 }),
      (options) => moonsChunks(5003, { deviation: 0.1, seed: 4, ...options }),
    ],
    [
      'rings',
      rings(5003, 3, { deviation: 0.1, seed: 4 }),
      (options) => ringsChunks(5003, 3, { deviation: 0.1, seed: 4, ...options }),
    ],
  ];

  async function joined(source: BoardSource): Promise<Board & { chunks: number[] }> {
    const { rows, columns } = source;
    const board = {
      rows,
      columns,
      data: new Float32Array(rows * columns),
      labels: new Uint32Array(rows),
    };
    const chunks: number[] = [];
    let from = 0;
    for await (const chunk of source.chunks()) {
      board.data.set(chunk.data, from * columns);
      board.labels.set(chunk.labels, from);
      from += chunk.rows;
      chunks.push(chunk.rows);
    }
    return { ...board, chunks };
  }

  test.each(boards)(
    '%s: the same rows, whatever the chunks, every time',
    async (_, board, chunked) => {
      expect(await joined(chunked({}))).toEqual({ ...board, chunks: [5003] });
      const source = chunked({ chunkRows: 1000 });
      for (let pass = 0; pass < 2; pass++)
        expect(await joined(source)).toEqual({
          ...board,
          chunks: [1000, 1000, 1000, 1000, 1000, 3],
        });
      const single = await joined(chunked({ chunkRows: 1 }));
      expect(single.chunks).toHaveLength(5003);
      expect(single.data).toEqual(board.data);
      expect(single.labels).toEqual(board.labels);
    },
  );

  test('two passes at once do not disturb each other', async () => {
    const source = blobsChunks(3000, 4, { chunkRows: 500 });
    expect(await Promise.all([joined(source), joined(source)])).toEqual(
      [0, 0].map(() => ({ ...blobs(3000, 4), chunks: [500, 500, 500, 500, 500, 500] })),
    );
  });

  test('are a PointSource; more rows than memory has cost nothing before they are read', async () => {
    const source: PointSource = ringsChunks(2e12, 5, { chunkRows: 100 });
    expect(source).toMatchObject({ rows: 2e12, columns: 2 });
    for await (const chunk of source.chunks()) {
      expect(chunk.data).toEqual(rings(100, 5).data);
      break;
    }
  });

  test('an abort is heard: before, between chunks and within one', async () => {
    const reason = new Error('enough');
    const read = async (source: BoardSource, signal: AbortSignal, each = () => {}) => {
      let rows = 0;
      for await (const chunk of source.chunks(signal)) {
        rows += chunk.rows;
        each();
      }
      return rows;
    };
    await expect(read(moonsChunks(10), AbortSignal.abort(reason))).rejects.toBe(reason);
    const between = new AbortController();
    let chunks = 0;
    const stopAtThird = () => {
      if (++chunks === 3) between.abort(reason);
    };
    const small = moonsChunks(1000, { chunkRows: 10 });
    await expect(read(small, between.signal, stopAtThird)).rejects.toBe(reason);
    expect(chunks).toBe(3);
    const within = new AbortController();
    setTimeout(() => within.abort(reason), 30);
    const huge = uniformBoardChunks(1e8, { columns: 1, chunkRows: 1e8 });
    await expect(read(huge, within.signal)).rejects.toBe(reason);
  });
});

describe('shapes', () => {
  test('are as asked for', () => {
    expect(uniformBoard(7)).toMatchObject({ rows: 7, columns: 2 });
    expect(gaussianBoard(7, 2)).toMatchObject({ rows: 7, columns: 2 });
    expect(blobs(7, 2, { columns: 5 })).toMatchObject({ rows: 7, columns: 5 });
    expect(blobs(7, 2, { columns: 5 }).data).toHaveLength(35);
  });

  test('differ between seeds, and between boards of one seed', () => {
    const boards = [0, 1].flatMap((seed) => [
      uniformBoard(50, { seed }),
      gaussianBoard(50, 3, { seed }),
      blobs(50, 3, { seed }),
    ]);
    expect(new Set(boards.map(hash)).size).toBe(6);
  });

  test.each([
    [() => uniformBoard(0), 'n is 0; expected a whole number ≥ 1. Ask for at least one.'],
    [() => uniformBoard(1.5), 'n is 1.5; expected a whole number ≥ 1. Ask for at least one.'],
    [
      () => uniformBoard(5, { columns: 0 }),
      'columns is 0; expected a whole number ≥ 1. Ask for at least one.',
    ],
    [() => gaussianBoard(5, 0), 'k is 0; expected a whole number ≥ 1. Ask for at least one.'],
    [() => rings(5, 0), 'k is 0; expected a whole number ≥ 1. Ask for at least one.'],
    [
      () => moons(5, { deviation: -1 }),
      'deviation is -1; expected a finite number ≥ 0. Use 0 for none.',
    ],
    [() => moons(5, { seed: 0.5 }), 'seed is 0.5; expected a whole number. Round it.'],
    [
      () => blobs(5, 2, { noise: 1 } as object),
      'options.noise is 1; expected only options named seed, columns, deviation. Check the spelling.',
    ],
    [
      () => blobsChunks(5, 2, { chunkRows: 0 }),
      'chunkRows is 0; expected a whole number ≥ 1. Ask for at least one.',
    ],
    [() => blobs(5, NaN), 'k is NaN; expected a whole number ≥ 1. Ask for at least one.'],
  ])('are refused where they are none', (make, message) => {
    expect(make).toThrow(new InvalidInputError(message));
  });
});
