/** Laying on lanes against laying on the host: the same facts and the same values, to the bit. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../src/errors.ts';
import { layOnGrid, standardDeviations, type GridOptions } from '../../src/grid.ts';
import type { Step } from '../../src/lanes/lane.ts';
import { layOnLanes } from '../../src/lanes/lay.ts';
import { enterPool } from '../../src/lanes/pool.ts';
import { Team } from '../../src/lanes/team.ts';
import { matrix, type NumericArray, type Rows } from '../../src/matrix.ts';
import { kmeans, uniformBoard } from '../../src/index.ts';
import { pcg32 } from '../../src/rng.ts';

let leave: () => void;
beforeAll(() => {
  leave = enterPool(); // keeps the workers between the tests
});
afterAll(() => leave());

const MAX = (2 - 2 ** -23) * 2 ** 127;
const anyNumber = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(MAX, -MAX, 1e-45, -1e-45, 1e-310, 5e-324, 1e6 + 1e-6, 0, -0),
);

/** Columns by columns: one may be constant, one far from 0, one tiny. */
const anyRows: fc.Arbitrary<Rows> = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc.tuple(
      fc.array(anyNumber, { minLength: rows * columns, maxLength: rows * columns }),
      fc.array(fc.constantFrom('as it is', 'constant', 'offset', 'tiny'), {
        minLength: columns,
        maxLength: columns,
      }),
      fc.constantFrom(Float32Array, Float64Array),
    ),
  )
  .map(([numbers, kinds, Numbers]) => {
    const columns = kinds.length;
    const data = new Numbers(
      numbers.map((x, at) => {
        const kind = kinds[at % columns];
        if (kind === 'constant') return numbers[at % columns];
        if (kind === 'offset') return 1e6 + (x % 1) * 1e-2;
        return kind === 'tiny' ? (x % 1) * 1e-40 : x;
      }),
    );
    return { data, rows: data.length / columns, columns };
  });

const anyWeights = (rows: number) =>
  fc
    .array(
      fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 4 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
      ),
      { minLength: rows, maxLength: rows },
    )
    .filter((weights) => weights.some((w) => w > 0));

async function judge(points: Rows, options: GridOptions, workers?: number): Promise<void> {
  const { values, ...facts } = layOnGrid(points, options);
  const laid = await layOnLanes(points, { ...options, k: 3, workers, threads: 1 });
  try {
    expect(laid.grid).toEqual(facts);
    expect(bits(await laid.values())).toEqual(bits(values));
    const random = pcg32(1);
    const list = Uint32Array.from({ length: 7 }, () => Math.floor(random() * points.rows));
    const wanted = [...list].flatMap((row) => [
      ...values.subarray(row * points.columns, (row + 1) * points.columns),
    ]);
    expect(bits(await laid.gather(list))).toEqual(bits(Float32Array.from(wanted)));
  } finally {
    laid.dispose();
  }
}

/** Bits tell −0 from 0. As one text: quick to compare, however many. */
const bits = (values: Float32Array) =>
  Buffer.from(values.buffer, 0, values.byteLength).toString('hex');

describe('any numbers', () => {
  const anyProblem = anyRows.chain((points) =>
    fc.record({
      points: fc.constant(points),
      weights: fc.option(anyWeights(points.rows), { nil: undefined }),
      whiten: fc.boolean(),
      workers: fc.constantFrom(undefined, undefined, undefined, 2, 3),
    }),
  );

  test('as on the host', () =>
    fc.assert(
      fc.asyncProperty(anyProblem, async ({ points, weights, whiten, workers }) => {
        const scale = whiten ? standardDeviations(layOnGrid(points, { weights })) : undefined;
        await judge(points, { weights, scale }, workers);
      }),
      { numRuns: 500 },
    ));

  test('with explicit centroids to cover', () =>
    fc.assert(
      fc.asyncProperty(anyProblem, anyNumber, async ({ points, weights, workers }, far) => {
        const cover = {
          data: new Float64Array(points.columns).fill(far),
          rows: 1,
          columns: points.columns,
        };
        await judge(points, { weights, cover }, workers);
      }),
      { numRuns: 100 },
    ));

  test.each<[string, NumericArray]>([
    ['Int8Array', Int8Array.of(-128, 127, 3, 0, -1, 9)],
    ['Uint8Array', Uint8Array.of(0, 255, 7, 7, 7, 1)],
    ['Uint8ClampedArray', Uint8ClampedArray.of(0, 255, 7, 7, 7, 1)],
    ['Int16Array', Int16Array.of(-32768, 32767, 3, 0, -1, 9)],
    ['Uint16Array', Uint16Array.of(65535, 65534, 0, 1, 32768, 5)],
    ['Int32Array', Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 2 ** 24 + 1, 0, -1, 2 ** 30 + 1)],
    ['Uint32Array', Uint32Array.of(2 ** 32 - 1, 2 ** 32 - 2, 0, 1, 2 ** 24 + 1, 2 ** 31)],
  ])('%s', async (_, data) => {
    for (const workers of [undefined, 2]) {
      await judge({ data, rows: 3, columns: 2 }, {}, workers);
      await judge({ data, rows: 6, columns: 1 }, { weights: [1, 0, 2, 5, 0.5, 1] }, workers);
    }
  });

  // Several pieces to bring and several calls a pass: more rows than either takes at once.
  test.each([
    ['Float32Array', Float32Array],
    ['Float64Array', Float64Array],
    ['Uint8Array', Uint8Array],
  ] as const)('some millions, %s', async (_, Numbers) => {
    const rows = 1_100_007;
    const random = pcg32(3);
    const data = new Numbers(rows * 2);
    for (let i = 0; i < data.length; i++) data[i] = 200 * random();
    for (const workers of [undefined, 1]) await judge({ data, rows, columns: 2 }, {}, workers);
  });
});

describe('numbers that are none', () => {
  test('are refused with the first row and column', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(NaN, Infinity, -Infinity, 1e39),
        fc.constantFrom(undefined, 2),
        async (rows, columns, places, odd, workers) => {
          const data = new Float64Array(rows * columns).fill(1.5);
          for (const place of places) data[place % data.length] = odd;
          const first = data.indexOf(odd) < 0 ? data.findIndex(Number.isNaN) : data.indexOf(odd);
          const options = { k: 1, threads: 1, workers };
          for (const points of [
            { data, rows, columns },
            { data: Float32Array.from(data), rows, columns },
          ]) {
            const refusal = layOnLanes(points, options);
            await expect(refusal).rejects.toBeInstanceOf(InvalidInputError);
            await expect(refusal).rejects.toThrow(
              `points[${Math.floor(first / columns)}][${first % columns}] is ${points.data[first]}; expected a finite number`,
            );
          }
        },
      ),
      { numRuns: 100 },
    ));
});

describe('what travels', () => {
  /** Every write of points to a lane, as it is told. */
  async function told(points: Rows, workers?: number) {
    const writes: { bytes: ArrayBufferView; give: boolean }[] = [];
    const open = Team.open.bind(Team);
    Team.open = async (options) => {
      const team = await open(options);
      for (const shard of team.shards) {
        const run = shard.lane.run.bind(shard.lane);
        shard.lane.run = (steps: readonly Step[]) => {
          for (const step of steps)
            if (
              'write' in step &&
              step.write >= shard.at.pointsAt &&
              step.write < shard.at.labelsAt
            )
              writes.push({ bytes: step.bytes, give: step.give === true });
          return run(steps);
        };
      }
      return team;
    };
    try {
      const laid = await layOnLanes(points, { k: 2, threads: 1, workers });
      const values = bits(await laid.values());
      laid.dispose();
      return { writes, values };
    } finally {
      Team.open = open;
    }
  }
  const numbers = uniformBoard(5000, { columns: 3 }).data;

  test('shared arrays stay where they are', async () => {
    const data = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
    data.set(numbers);
    const points = { data, rows: 5000, columns: 3 };
    const wanted = bits(layOnGrid(points).values);
    for (const workers of [undefined, 3]) {
      const { writes, values } = await told(points, workers);
      expect(values).toEqual(wanted);
      expect(writes.every(({ bytes, give }) => bytes.buffer === data.buffer && !give)).toBe(true);
    }
    expect(data).toEqual(numbers);
  });

  test('others are copied for a worker once, and not at all for this thread', async () => {
    const points = { data: numbers.slice(), rows: 5000, columns: 3 };
    const near = await told(points);
    expect(near.writes.every(({ bytes }) => bytes.buffer === points.data.buffer)).toBe(true);
    const far = await told(points, 2);
    expect(far.writes.every(({ bytes, give }) => bytes.buffer !== points.data.buffer && give)).toBe(
      true,
    );
    expect(far.writes.every(({ bytes }) => bytes.byteLength === 0)).toBe(true); // handed over
    expect(points.data).toEqual(numbers); // the caller's are still there
  });

  test('a whole run on shared points', async () => {
    const board = uniformBoard(60_000, { columns: 2, seed: 4 });
    const data = new Float32Array(new SharedArrayBuffer(board.data.byteLength));
    data.set(board.data);
    const options = { engine: 'wasm', maxIter: 5 } as const;
    const { hash } = await kmeans(matrix(data, 2), 64, options);
    expect(hash).toBe((await kmeans(board, 64, { ...options, engine: 'reference' })).hash);
  });
});

test('an offset or part of an array', async () => {
  const whole = uniformBoard(100, { columns: 3 }).data;
  const data = whole.subarray(30, 240);
  for (const workers of [undefined, 3]) await judge({ data, rows: 70, columns: 3 }, {}, workers);
});
