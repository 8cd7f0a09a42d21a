/** Codebooks: what they promise of codes, distances and errors, plain and with subspaces. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blobs,
  Codebook,
  InvalidInputError,
  kmeans,
  matrix,
  NotSupportedError,
  uniformBoard,
  type CodebookOptions,
  type Engine,
  type Matrix,
} from '../../src/index.ts';
import { fakeEngine } from './fake-engines.ts';

const points = blobs(900, 20, { columns: 12, deviation: 0.3, seed: 4 });
const ENGINES = ['reference', 'wasm'] as const;
const PARTS = [1, 2, 3, 4, 6, 12];

const rowOf = ({ data, columns }: Matrix, i: number) =>
  data.subarray(i * columns, (i + 1) * columns);
const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, t) => x - b[t]));

/** Some columns of all rows. */
const columnsOf = (all: Matrix, from: number, width: number) =>
  matrix(
    Array.from({ length: all.rows }, (_, i) => [
      ...rowOf(all, i).subarray(from, from + width),
    ]).flat(),
    width,
  );

/** Rows far outside the points, and between. */
function strangers(columns: number): Matrix {
  const board = uniformBoard(300, { columns, seed: 9 });
  return matrix(
    board.data.map((x, at) => x * 10 ** ((at % 41) - 20)),
    columns,
  );
}

describe('a plain codebook', () => {
  test.each<[string, CodebookOptions]>([
    ['as it comes', {}],
    ['with a seed, restarts and weights', { seed: 5, nInit: 3, weights: points.labels }],
    ['whitened', { whiten: true }],
    ['from given centroids, which lose their points', { init: matrix(new Float32Array(240), 12) }],
    [
      'without codes that lose their points',
      { init: matrix(new Float32Array(240), 12), emptyCluster: 'drop' },
    ],
  ])('has the centroids, labels and order of kmeans: %s', async (_, options) => {
    const { centroids, labels } = await kmeans(points, 20, options);
    const codebook = await Codebook.train(points, 20, options);
    expect(codebook.centroids).toEqual([centroids]);
    expect([codebook.k, codebook.columns, codebook.subspaces]).toEqual([centroids.rows, 12, 1]);
    const { codes, distances } = await codebook.encode(points);
    expect([...codes]).toEqual([...labels]);
    for (let i = 0; i < points.rows; i++)
      expect(distances[i]).toBeCloseTo(distance(rowOf(points, i), rowOf(centroids, labels[i])), 6);
  });

  test('its distortion on the rows of the training is inertia / rows', async () => {
    const { inertia } = await kmeans(points, 20);
    const codebook = await Codebook.train(points, 20);
    // But for the centroids' rounding to float32: of no first order, since they are means.
    expect((await codebook.distortion(points)) / (inertia / points.rows)).toBeCloseTo(1, 7);
    const whole = matrix([0, 2, 10, 14], 1); // nothing to round here
    const exact = await Codebook.train(whole, 2, { tol: 0 });
    expect(await exact.distortion(whole)).toBe((1 + 1 + 4 + 4) / 4);
    expect([...(await exact.encode(whole)).distances]).toEqual([1, 1, 2, 2]);
  });

  test('counts every row once in its distortion, and tells it in the units of the points', async () => {
    const rows = [[0, 0], [0, 100], [4, 0], [4, 100]]; // prettier-ignore
    const codebook = await Codebook.train(rows, 1, { whiten: true, weights: [3, 3, 1, 1] });
    expect([...codebook.centroids[0].data]).toEqual([1, 50]);
    expect(await codebook.distortion(rows)).toBe((1 + 1 + 9 + 9) / 4 + 2500);
  });
});

describe.each(PARTS)('in %i subspaces', (subspaces) => {
  const width = 12 / subspaces;

  test('each is the codebook of its columns', async () => {
    const init = columnsOf(uniformBoard(16, { columns: 12, seed: 2 }), 0, 12);
    for (const given of [undefined, init, () => init]) {
      const options: CodebookOptions = { seed: 3, weights: points.labels, whiten: true };
      const codebook = await Codebook.train(points, 16, {
        ...options,
        subspaces,
        ...(given && { init: given }),
      });
      for (let s = 0; s < subspaces; s++) {
        const { centroids } = await kmeans(columnsOf(points, s * width, width), 16, {
          ...options,
          ...(given && { init: columnsOf(init, s * width, width) }),
        });
        expect(codebook.centroids[s]).toEqual(centroids);
      }
    }
  });

  test('decoded codes are encoded as the same codes, at no distance', async () => {
    const codebook = await Codebook.train(points, 16, { subspaces });
    const codes = Uint8Array.from({ length: 16 * subspaces }, (_, at) => (at * 7 + (at >> 4)) % 16);
    const decoded = codebook.decode(codes);
    expect([decoded.rows, decoded.columns]).toEqual([16, 12]);
    const again = await codebook.encode(decoded);
    expect(again.codes).toEqual(codes);
    expect(again.distances).toEqual(new Float64Array(16));
    expect(codebook.decode(again.codes)).toEqual(decoded);
  });

  test('distances, distortion and tables agree with what is decoded', async () => {
    const codebook = await Codebook.train(points, 16, { subspaces });
    const { codes, distances } = await codebook.encode(points);
    const decoded = codebook.decode(codes);
    let squares = 0;
    for (let i = 0; i < points.rows; i++) {
      expect(distances[i]).toBeCloseTo(distance(rowOf(points, i), rowOf(decoded, i)), 6);
      squares += distances[i] ** 2;
    }
    expect(await codebook.distortion(points)).toBeCloseTo(squares / points.rows, 10);

    const query = rowOf(points, 17);
    const table = codebook.distanceTable(query);
    expect([table.rows, table.columns]).toEqual([subspaces, 16]);
    for (let i = 0; i < points.rows; i++) {
      let sum = 0;
      for (let s = 0; s < subspaces; s++) sum += table.data[s * 16 + codes[i * subspaces + s]];
      expect(Math.sqrt(sum)).toBeCloseTo(distance(query, rowOf(decoded, i)), 5);
    }
    const least = rowOf(table, 0).indexOf(Math.min(...rowOf(table, 0)));
    expect(codes[17 * subspaces]).toBe(least);
  });

  test('engines give the same bytes, codes and distances, before and after loading', async () => {
    const rows = strangers(12);
    for (const whiten of [false, true]) {
      const options = { subspaces, whiten, seed: 1 };
      const truth = await Codebook.train(points, 16, { ...options, engine: 'reference' });
      const bytes = truth.save();
      const codes = await truth.encode(rows, { engine: 'reference' });
      for (const engine of ENGINES) {
        const codebook = await Codebook.train(points, 16, { ...options, engine });
        expect(codebook.save()).toEqual(bytes);
        const loaded = Codebook.load(bytes);
        expect(loaded.centroids).toEqual(truth.centroids);
        for (const book of [codebook, loaded]) {
          expect(await book.encode(rows, { engine })).toEqual(codes);
          expect(await book.distortion(points, { engine })).toBe(await truth.distortion(points));
        }
      }
    }
  });
});

describe('product quantization', () => {
  // Without structure a plain codebook learns its rows by heart; the parts have more rows a code.
  const all = uniformBoard(2000, { columns: 32, seed: 1 });
  const seen = matrix(all.data.slice(0, 1000 * 32), 32);
  const unseen = matrix(all.data.slice(1000 * 32), 32);

  test('errs less than a plain codebook of the same bits a row, on rows it has not seen', async () => {
    const plain = await Codebook.train(seen, 256);
    for (const [subspaces, k] of [
      [2, 16],
      [4, 4],
    ]) {
      // prettier-ignore
      const product = await Codebook.train(seen, k, { subspaces });
      expect(await product.distortion(unseen)).toBeLessThan(
        0.98 * (await plain.distortion(unseen)),
      );
    }
  });

  test('errs less the more parts there are, for the same numbers to keep', async () => {
    const errors = [];
    for (const subspaces of [1, 2, 8, 32])
      errors.push(await (await Codebook.train(seen, 16, { subspaces })).distortion(unseen));
    for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThan(0.95 * errors[i - 1]);
  });
});

describe('codes', () => {
  test('are of the smallest type that holds them', async () => {
    const line = uniformBoard(300, { columns: 1 });
    for (const [k, Type] of [
      [1, Uint8Array],
      [256, Uint8Array],
      [257, Uint16Array],
    ] as const) {
      // prettier-ignore
      const { codes } = await (await Codebook.train(line, k)).encode(line);
      expect(codes).toBeInstanceOf(Type);
      expect(new Set(codes).size).toBe(k);
    }
  });

  test('that belong to no code are refused', async () => {
    const codebook = await Codebook.train(points, 16, { subspaces: 3 });
    expect(() => codebook.decode([1, 2])).toThrow(
      'codes.length is 2; expected a multiple of 3 (the subspaces). Pass all codes of every row.',
    );
    for (const code of [16, -1, 0.5, NaN])
      expect(() => codebook.decode([0, 15, code])).toThrow(
        `codes[2] is ${code}; expected a whole number from 0 to 15. Pass codes of this codebook.`,
      );
  });

  test('of a row hang on that row alone', async () => {
    const codebook = await Codebook.train(points, 16, { subspaces: 4 });
    const whole = await codebook.encode(points);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(points.rows - 40),
        fc.integer({ min: 1, max: 40 }),
        async (from, n) => {
          const part = matrix(points.data.slice(12 * from, 12 * (from + n)), 12);
          const { codes, distances } = await codebook.encode(part);
          expect(codes).toEqual(whole.codes.slice(4 * from, 4 * (from + n)));
          expect(distances).toEqual(whole.distances.slice(from, from + n));
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([Float64Array, Int16Array, Uint8Array])('of points as %o', async (Type) => {
    const data = new Type(points.data.map((x) => 20 * (x + 5)));
    const same = matrix(Float32Array.from(data), 12);
    const codebook = await Codebook.train({ data, columns: 12 }, 16, { subspaces: 3 });
    const truth = await Codebook.train(same, 16, { subspaces: 3 });
    const close = Type === Float64Array ? 1e-3 : 0;
    expect(
      Math.abs((await codebook.distortion(same)) - (await truth.distortion(same))),
    ).toBeLessThanOrEqual(close);
  });
});

describe('refused before any work', () => {
  const bad = [...points.data];
  bad[12 * 5 + 7] = NaN;
  test.each<[string, unknown, number, object, string]>([
    [
      'parts that are not equal',
      points,
      4,
      { subspaces: 5 },
      'subspaces is 5; expected a divisor of 12 (the number of columns). Choose one, or add columns of zeros.',
    ],
    [
      'no parts',
      points,
      4,
      { subspaces: 0 },
      'subspaces is 0; expected a whole number ≥ 1. Raise it.',
    ],
    [
      'half a part',
      points,
      4,
      { subspaces: 1.5 },
      'subspaces is 1.5; expected a whole number ≥ 1. Round it.',
    ],
    [
      'parts of several sizes',
      points,
      4,
      { subspaces: 2, emptyCluster: 'drop' },
      "emptyCluster is 'drop'; expected 'relocate', 'keep' or 'error' beside subspaces, which all have k codes. Choose one of them.",
    ],
    [
      'too many codes',
      points,
      901,
      {},
      'k is 901; expected at most 900 (the number of points). Lower k or add points.',
    ],
    [
      'a misspelt option',
      points,
      4,
      { subspace: 2 },
      'options.subspace is 2; expected only options named init,',
    ],
    [
      'NaN, with its place in the whole',
      matrix(bad, 12),
      4,
      { subspaces: 4 },
      "points[5][7] is NaN; expected a finite number within float32's range.",
    ],
    [
      'wrong centroids',
      points,
      4,
      { subspaces: 2, init: [[1, 2]] },
      'init.columns is 2; expected 12, as the points have.',
    ],
    [
      'wrong weights',
      points,
      4,
      { subspaces: 2, weights: [1] },
      'weights.length is 1; expected 900 (one weight a row).',
    ],
  ])('%s', async (_, rows, k, options, message) => {
    // prettier-ignore
    const engine = fakeEngine();
    const error = await Codebook.train(rows as Matrix, k, { engine, ...options }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as Error).message.slice(0, message.length)).toBe(message);
    expect(engine.calls).toEqual([]);
  });

  test('what no engine has', async () => {
    for (const options of [{ metric: 'cosine' }, { output: 'gpu' }, { margins: true }] as const)
      await expect(Codebook.train(points, 4, options)).rejects.toThrow(NotSupportedError);
  });

  test('rows and queries that do not fit the codebook', async () => {
    const codebook = await Codebook.train(points, 4, { subspaces: 2 });
    const engine = fakeEngine();
    await expect(codebook.encode([[1, 2]], { engine })).rejects.toThrow(
      'points.columns is 2; expected 12, as in the codebook. Pass rows of the same columns.',
    );
    await expect(codebook.encode(matrix(bad, 12), { engine })).rejects.toThrow(
      'points[5][7] is NaN',
    );
    await expect(codebook.distortion([], { engine })).rejects.toThrow('points.rows is 0');
    await expect(
      codebook.encode(points, { engine, whiten: true } as { engine: typeof engine }),
    ).rejects.toThrow(
      'options.whiten is true; expected only options named engine, device, threads, signal.',
    );
    expect(engine.calls).toEqual([]);
    expect(() => codebook.distanceTable([1])).toThrow(
      'query.length is 1; expected 12 (the columns). Pass one vector.',
    );
    expect(() => codebook.distanceTable(bad.slice(60, 72))).toThrow('query[0][7] is NaN');
  });
});

describe('a run', () => {
  const reason = new Error('the user left');

  test('tells how far it is, over all subspaces, and waits where it is asked to', async () => {
    const fractions: number[] = [];
    let waiting = 0;
    await Codebook.train(points, 8, {
      subspaces: 3,
      onProgress: async ({ fraction, phase, read }) => {
        fractions.push(fraction);
        expect(waiting++).toBe(0);
        if (phase === 'iterate') expect((await read()).centroids.columns).toBe(4);
        waiting--;
      },
    });
    const order = [...fractions].sort((a, b) => a - b);
    expect(fractions).toEqual(order);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.filter((fraction) => fraction === 1 / 3).length).toBeGreaterThanOrEqual(2);
  });

  test('is aborted in any subspace, and closes its sessions', async () => {
    for (const nth of [1, 2, 3]) {
      const abort = new AbortController();
      const engine = fakeEngine((verb, n) => {
        if (verb === 'place' && n === nth) abort.abort(reason);
      });
      await expect(
        Codebook.train(points, 8, { subspaces: 3, engine, signal: abort.signal }),
      ).rejects.toBe(reason);
      expect(engine.calls.filter((call) => call === 'open')).toHaveLength(nth);
      expect([engine.open_, engine.disposed]).toEqual([0, 0]); // the engine is the caller's
    }
  });

  test('of encoding is aborted too, by a signal of its own', async () => {
    const training = new AbortController();
    const codebook = await Codebook.train(points, 8, { subspaces: 3, signal: training.signal });
    training.abort(reason);
    const { codes } = await codebook.encode(points);
    expect(codes).toHaveLength(3 * points.rows);
    const inner = fakeEngine();
    const { signal } = new AbortController();
    const given: unknown[] = [];
    const open: Engine['open'] = (task) => (given.push(task.signal), inner.open(task));
    await codebook.encode(points, { engine: { ...inner, open }, signal });
    expect(given).toEqual([signal, signal, signal]); // a long assignment is aborted by its engine
    for (const nth of [0, 1, 2]) {
      const abort = new AbortController();
      const engine = fakeEngine((verb, n) => {
        if (verb === 'assign' && n === nth) abort.abort(reason);
      });
      if (nth === 0) abort.abort(reason);
      for (const verb of ['encode', 'distortion'] as const)
        await expect(codebook[verb](points, { engine, signal: abort.signal })).rejects.toBe(reason);
      expect(engine.calls.filter((call) => call === 'open')).toHaveLength(nth);
      expect(engine.open_).toBe(0);
    }
  });
});
