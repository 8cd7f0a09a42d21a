/** The estimators' common verbs: what they promise to whoever comes from scikit-learn. */
import { describe, expect, test } from 'vitest';
import {
  BisectingKMeans,
  blobs,
  InvalidInputError,
  KMeans,
  kmeans,
  matrix,
  MiniBatchKMeans,
  NotFittedError,
  uniformBoard,
  type Engine,
  type Progress,
} from '../../src/index.ts';
import { fakeEngine } from './fake-engines.ts';

const board = blobs(400, 5, { columns: 3, deviation: 0.2, seed: 6 });
const WEIGHTS = Float64Array.from({ length: 400 }, (_, i) => i % 4);

interface Common {
  k: number;
  seed?: number;
  engine?: 'reference' | Engine;
  weights?: ArrayLike<number>;
  whiten?: boolean;
  margins?: boolean;
  maxIter?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void | Promise<void>;
}
const ALL = [
  ['KMeans', KMeans, (o: Common) => new KMeans(o)],
  ['MiniBatchKMeans', MiniBatchKMeans, (o: Common) => new MiniBatchKMeans({ batchSize: 64, ...o })],
  ['BisectingKMeans', BisectingKMeans, (o: Common) => new BisectingKMeans(o)],
] as const;

const bits = (model: { centroids: { data: Float32Array } }) => [...model.centroids.data];
const squared = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, t) => sum + (x - b[t]) ** 2, 0);
const row = (data: Float32Array, i: number, columns: number) =>
  data.subarray(i * columns, (i + 1) * columns);
/** Cost of rows with the clusters they are in. */
function costOf(
  points: Float32Array,
  labels: Uint32Array,
  centroids: Float32Array,
  weights?: ArrayLike<number>,
): number {
  return Array.from(labels).reduce(
    (sum, label, i) =>
      sum + (weights ? weights[i] : 1) * squared(row(points, i, 3), row(centroids, label, 3)),
    0,
  );
}

test('KMeans is kmeans: the same bits', async () => {
  for (const options of [{ seed: 4 }, { seed: 1, whiten: true, weights: WEIGHTS, nInit: 2 }]) {
    const model = await new KMeans({ k: 5, engine: 'reference', ...options }).fit(board);
    const result = await kmeans(board, 5, { engine: 'reference', ...options });
    expect(model.labels).toEqual(result.labels);
    expect(model.centroids).toEqual(result.centroids);
    expect([model.inertia, model.iterations, model.columns]).toEqual([
      result.inertia,
      result.iterations,
      3,
    ]);
  }
});

describe.each(ALL)('%s', (_, Class, make) => {
  const loaded = (json: unknown) => Class.fromJSON(json, { engine: 'reference' });

  test.each([1, 2, 100])('labels, centroids and inertia belong together, maxIter %i', async (n) => {
    const model = make({ k: 8, seed: 3, maxIter: n, engine: 'reference' });
    expect(await model.fit(board)).toBe(model);
    expect(await model.predict(board)).toEqual(model.labels);
    expect(model.centroids).toMatchObject({ rows: 8, columns: 3 });
    const cost = costOf(board.data, model.labels, model.centroids.data);
    expect(Math.abs(model.inertia / cost - 1)).toBeLessThan(1e-5);
    expect(Math.abs((await model.score(board)) / -model.inertia - 1)).toBeLessThan(1e-6);
    const again = make({ k: 8, seed: 3, maxIter: n, engine: 'reference' });
    expect(await again.fitPredict(board)).toEqual(model.labels);
    expect(bits(again)).toEqual(bits(model));
  });

  test('predict does not change the model, nor a fit its points and options', async () => {
    const points = matrix(board.data.slice(), 3);
    const options = { k: 4, weights: WEIGHTS.slice(), engine: 'reference' as const };
    const model = await make(options).fit(points);
    const before = JSON.stringify(model);
    await model.predict(uniformBoard(50, { columns: 3 }));
    await model.transform(points);
    await model.score(points);
    expect(JSON.stringify(model)).toBe(before);
    expect(points.data).toEqual(board.data);
    expect(options).toEqual({ k: 4, weights: WEIGHTS, engine: 'reference' });
  });

  test('transform gives the distance to every centroid', async () => {
    const model = await make({ k: 6, engine: 'reference' }).fit(board);
    const { data, rows, columns } = await model.transform(model.centroids);
    expect([rows, columns]).toEqual([6, 6]);
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) {
        const { data: c } = model.centroids;
        const distance = Math.sqrt(squared(row(c, i, 3), row(c, j, 3)));
        expect(Math.abs(data[6 * i + j] - distance)).toBeLessThan(1e-6);
      }
  });

  test('whitened, distances and costs are those of scaled columns', async () => {
    const skewed = matrix(
      board.data.map((x, at) => x * [1, 1e3, 1e-3][at % 3]),
      3,
    );
    const model = await make({ k: 5, whiten: true, engine: 'reference' }).fit(skewed);
    expect(await model.predict(skewed)).toEqual(model.labels);
    expect(Math.abs((await model.score(skewed)) / -model.inertia - 1)).toBeLessThan(1e-6);
    const deviations = [0, 1, 2].map((t) => {
      const column = Array.from({ length: 400 }, (_, i) => skewed.data[3 * i + t]);
      const mean = column.reduce((a, b) => a + b) / 400;
      return Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 400);
    });
    const scaled = (m: Float32Array) => Float32Array.from(m, (x, at) => x / deviations[at % 3]);
    const { data } = await model.transform(skewed);
    const [points, centroids] = [scaled(skewed.data), scaled(model.centroids.data)];
    for (let i = 0; i < 400; i++)
      for (let j = 0; j < 5; j++)
        expect(
          Math.abs(data[5 * i + j] - Math.sqrt(squared(row(points, i, 3), row(centroids, j, 3)))),
        ).toBeLessThan(1e-5);
  });

  test('a score counts weights: whole ones are repeated rows', async () => {
    const model = await make({ k: 5, engine: 'reference' }).fit(board);
    const others = uniformBoard(30, { columns: 3, seed: 9 });
    const weights = Array.from({ length: 30 }, (_, i) => i % 3);
    const repeated = weights.flatMap((w, i) =>
      Array.from({ length: w }, () => [...row(others.data, i, 3)]),
    );
    const [weighted, plain] = [await model.score(others, { weights }), await model.score(repeated)];
    expect(weighted).toBe(plain);
    expect(weighted).not.toBe(await model.score(others));
  });

  test('a fit counts weights: its own before those of the estimator', async () => {
    const heavy = Float64Array.from({ length: 400 }, (_, i) => (i < 200 ? 1000 : 0.001));
    const model = await make({ k: 1, weights: WEIGHTS, engine: 'reference' }).fit(board);
    const own = await make({ k: 1, weights: WEIGHTS, engine: 'reference' }) //
      .fit(board, { weights: heavy });
    const meanOf = (weights: Float64Array) =>
      [0, 1, 2].map(
        (t) =>
          weights.reduce((sum, w, i) => sum + w * board.data[3 * i + t], 0) /
          weights.reduce((sum, w) => sum + w, 0),
      );
    // a mini-batch that draws its rows is near the mean only
    const tolerance = Class === MiniBatchKMeans ? 0.1 : 1e-6;
    for (const [fitted, weights] of [
      [model, WEIGHTS],
      [own, heavy],
    ] as const) {
      const distance = Math.sqrt(squared(bits(fitted), meanOf(weights)));
      expect(distance).toBeLessThan(tolerance);
      const cost = costOf(board.data, fitted.labels, fitted.centroids.data, weights);
      expect(Math.abs(fitted.inertia / cost - 1)).toBeLessThan(1e-5);
    }
  });

  test('rows without weight draw no centroid', async () => {
    const points = matrix(board.data.slice(), 3);
    const weights = new Float64Array(400).fill(1);
    for (let i = 0; i < 400; i += 10) {
      points.data.set([1e3, -1e3, 1e3], 3 * i);
      weights[i] = 0;
    }
    const model = await make({ k: 12, weights, engine: 'reference' }).fit(points);
    expect(Math.max(...bits(model).map(Math.abs))).toBeLessThan(10);
  });

  test.each([1, 3])('with as many clusters as rows (%i)', async (n) => {
    const rows = [
      [0, 1],
      [5, 2],
      [9, 9],
    ].slice(0, n);
    const model = await make({ k: n, engine: 'reference' }).fit(rows);
    expect(await model.predict(rows)).toEqual(model.labels);
    expect(Math.abs((await model.score(rows)) + model.inertia)).toBeLessThan(1e-6);
    // a mini-batch need not draw every row: what it does not draw, a centroid may leave
    if (Class === MiniBatchKMeans) return;
    expect([...model.labels].sort()).toEqual([0, 1, 2].slice(0, n));
    expect(model.inertia).toBe(0);
  });

  test('fewer distinct rows than clusters: the labels are those of centroids all the same', async () => {
    const rows = [0, 0, 1, 1, 1, 0, 2].map((x) => [x, x]);
    const model = await make({ k: 5, engine: 'reference' }).fit(rows);
    expect(model.centroids.rows).toBe(5);
    expect(await model.predict(rows)).toEqual(model.labels);
    expect([...model.centroids.data].every(Number.isFinite)).toBe(true);
  });

  test('before a fit there is nothing to ask for', async () => {
    const model = make({ k: 3 });
    const refused = (wanted: string) =>
      new NotFittedError(
        `${wanted} is used before a fit; expected a fitted estimator. ` +
          'Await fit(points) first.',
      );
    await expect(model.predict(board)).rejects.toThrow(refused('predict'));
    await expect(model.transform(board)).rejects.toThrow(refused('transform'));
    await expect(model.score(board)).rejects.toThrow(refused('score'));
    expect(() => model.toJSON()).toThrow(refused('toJSON'));
    for (const name of ['centroids', 'labels', 'inertia', 'iterations', 'columns'] as const)
      expect(() => model[name]).toThrow(refused(name));
    await expect(model.predict(board)).rejects.toMatchObject({ code: 'not-fitted' });
  });

  test('refuses what is wrong, and says so', async () => {
    const model = await make({ k: 3, engine: 'reference' }).fit(board);
    const before = JSON.stringify(model);
    const columns =
      'points.columns is 2; expected 3, as in the fit. Pass rows of the same columns.';
    for (const verb of ['predict', 'transform', 'score'] as const) {
      await expect(model[verb]([[1, 2]])).rejects.toThrow(new InvalidInputError(columns));
      await expect(model[verb]([[1, NaN, 3]])).rejects.toThrow('points[0][1] is NaN');
      const options = { weight: [1] } as object;
      await expect(model[verb](board, options)).rejects.toThrow('options.weight is');
    }
    await expect(model.score(board, { weights: [1] })).rejects.toThrow('weights.length is 1');
    await expect(model.fit([[1, 2, 3]])).rejects.toThrow(
      new InvalidInputError(
        'k is 3; expected at most 1 (the number of points). Lower k or add points.',
      ),
    );
    await expect(model.fit(board, { weights: [-1] })).rejects.toThrow(InvalidInputError);
    await expect(model.fit(board, { sampleWeight: [1] } as object)).rejects.toThrow(
      'options.sampleWeight is an array of 1',
    );
    await expect(make({ k: 0 }).fit(board)).rejects.toThrow('k is 0; expected a whole number ≥ 1.');
    await expect(make({ k: 2, seed: -1 }).fit(board)).rejects.toThrow('seed is -1');
    await expect(make({ k: 2, margins: true }).fit(board)).rejects.toThrow(
      /^margins is true; expected a call of kmeans with it, not \w+. Call kmeans, or leave it out.$/,
    );
    expect(() => make({ k: 2, clusters: 3 } as Common)).toThrow('options.clusters is 3');
    expect(() => new Class(3 as unknown as Common)).toThrow('options is 3; expected an object.');
    // what failed has left the model as it was
    expect(JSON.stringify(model)).toBe(before);
  });

  describe('aborted', () => {
    const reason = new Error('the user left');
    // a mini-batch opens a session a batch, and tells of no phase for that
    const phases = ['open', 'seed', 'iterate', 'read'].slice(Class === MiniBatchKMeans ? 1 : 0);
    test.each(phases)('in phase %s', async (when) => {
      for (const wait of [false, true]) {
        const engine = fakeEngine();
        const model = await make({ k: 4, engine }).fit(board);
        const before = JSON.stringify(model);
        const stop = new AbortController();
        const fit = model.fit(board, {
          signal: stop.signal,
          onProgress: ({ phase }) => {
            if (phase === when) stop.abort(reason);
            return wait ? Promise.resolve() : undefined;
          },
        });
        await expect(fit).rejects.toBe(reason);
        expect(JSON.stringify(model)).toBe(before);
        expect([engine.open_, engine.disposed]).toEqual([0, 0]);
      }
    });

    test('before anything else', async () => {
      const signal = AbortSignal.abort(reason);
      const engine = fakeEngine();
      await expect(make({ k: 4, engine, signal }).fit(board)).rejects.toBe(reason);
      expect(engine.calls).toEqual([]);
      const model = await make({ k: 4, engine }).fit(board);
      await expect(model.predict(board, { signal })).rejects.toBe(reason);
      await expect(model.score(board, { signal })).rejects.toBe(reason);
      expect(engine.open_).toBe(0);
    });
  });

  test('tells of its progress, and waits where it is asked to', async () => {
    const told: Progress[] = [];
    let waiting = 0;
    const model = await make({ k: 5, engine: 'reference' }).fit(board, {
      onProgress: async (progress) => {
        expect(++waiting).toBe(1);
        told.push(progress);
        const { centroids, labels } = await progress.read();
        expect(Math.max(-1, ...labels)).toBeLessThan(Math.max(1, centroids.rows));
        // of a tree there is nothing before the first split
        const begun = Class !== BisectingKMeans || progress.fraction >= 0.25;
        if (progress.iteration > 0 && begun) expect(labels).toHaveLength(400);
        await Promise.resolve();
        waiting--;
      },
    });
    expect(new Set(told.map(({ phase }) => phase))).toContain('iterate');
    const fractions = told.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const quiet = await make({ k: 5, engine: 'reference' }).fit(board);
    expect(bits(quiet)).toEqual(bits(model));
  });

  test('a failing engine rejects, and nothing stays open', async () => {
    const failure = new Error('broken');
    for (const nth of [1, 2]) {
      const engine = fakeEngine((verb, n) => {
        if (verb === 'place' && n === nth) throw failure;
      });
      if (Class === KMeans && nth === 2) continue; // it places once
      await expect(make({ k: 4, engine }).fit(board)).rejects.toBe(failure);
      expect([engine.open_, engine.disposed]).toEqual([0, 0]);
    }
  });

  describe('saved', () => {
    const far = matrix(
      uniformBoard(60, { columns: 3, seed: 8 }).data.map((x, at) => x * 3 ** (at % 17)),
      3,
    );

    test.each([{}, { whiten: true }, { k: 1 }])(
      'and loaded it is the same, %o',
      async (options) => {
        const model = await make({ k: 7, seed: 2, engine: 'reference', ...options }).fit(board);
        const text = JSON.stringify(model);
        for (const copy of [loaded(text), loaded(JSON.parse(text)), loaded(model.toJSON())]) {
          expect(copy).toBeInstanceOf(Class);
          expect(copy.toJSON()).toEqual(model.toJSON());
          expect(copy.centroids).toEqual(model.centroids);
          expect(copy.labels).toEqual(model.labels);
          expect(await copy.predict(far)).toEqual(await model.predict(far));
          expect(await copy.transform(far)).toEqual(await model.transform(far));
          expect(await copy.score(far)).toBe(await model.score(far));
          // its options too: another fit is the same
          expect(bits(await copy.fit(board))).toEqual(bits(model));
        }
      },
    );

    test('without what belongs to a machine or to one fit', async () => {
      const engine = fakeEngine();
      const options = { k: 3, seed: 5, weights: WEIGHTS, engine, onProgress: () => {} };
      const model = await make({ ...options, signal: new AbortController().signal }).fit(board);
      const { options: saved } = model.toJSON();
      expect(saved).toEqual({ ...(Class === MiniBatchKMeans && { batchSize: 64 }), k: 3, seed: 5 });
      engine.calls.length = 0;
      await Class.fromJSON(model.toJSON(), { engine }).predict(board);
      expect(engine.calls).toContain('assign');
    });

    test('a function as init has to be given again', async () => {
      const init = () => [
        [0, 0, 0],
        [1, 1, 1],
      ];
      const options = { k: 2, init, engine: 'reference' as const };
      const model = await new Class(options).fit(board);
      const copy = loaded(JSON.stringify(model));
      expect(await copy.predict(board)).toEqual(model.labels);
      await expect(copy.fit(board)).rejects.toThrow("init is 'a function that was not saved'");
      const whole = Class.fromJSON(JSON.stringify(model), { engine: 'reference', init });
      expect(bits(await whole.fit(board))).toEqual(bits(model));
    });

    test('by another class, a later version, or by nobody', async () => {
      const json = (await make({ k: 2, engine: 'reference' }).fit(board)).toJSON();
      const format = `centroids/${Class.name}`;
      const cases: [unknown, string][] = [
        [
          { ...json, format: 'centroids/Other' },
          `json.format is 'centroids/Other'; expected '${format}'. Load it with the class that saved it.`,
        ],
        [
          { ...json, version: 2 },
          'json.version is 2; expected 1. A later version of this library saved it: update.',
        ],
        [null, 'json is null; expected an object. The file is damaged: save the model again.'],
        [[json], 'json is an array of 1; expected an object.'],
        [JSON.stringify(json).slice(0, -9), 'json is \'{"format":"centroids'],
        [{ ...json, labels: [0, 2] }, 'json.labels[1] is 2; expected a whole number from 0 to 1.'],
        [{ ...json, columns: 4 }, '.length is '],
        [{ ...json, inertia: null }, 'json.inertia is null; expected a finite number ≥ 0.'],
        [{ ...json, options: { k: 2, engine: 'wasm' } }, "json.options.engine is 'wasm'"],
        [{ ...json, options: { k: 2, seed: {} } }, 'json.options.seed is an object'],
        [{ ...json, options: {} }, 'json.options.k is undefined'],
        [{ ...json, scale: [1, 0, 1] }, 'json.scale[1] is 0; expected a finite number above 0.'],
      ];
      for (const [damaged, message] of cases) {
        expect(() => loaded(damaged)).toThrow(InvalidInputError);
        expect(() => loaded(damaged)).toThrow(message);
      }
    });

    test('and damaged anywhere: refused, or harmless', async () => {
      const model = await make({ k: 3, whiten: true, engine: 'reference' }).fit(board);
      const text = JSON.stringify(model);
      let refused = 0;
      for (const path of paths(JSON.parse(text) as Json).filter((_, i) => i % 7 === 0 || i < 60))
        for (const junk of [undefined, null, 'x', -3, 1e300, 0.123456789, [], {}, [[]]]) {
          const damaged = JSON.parse(text) as Json;
          put(damaged, path, junk);
          try {
            const copy = loaded(damaged);
            expect(await copy.predict(far)).toHaveLength(60);
            expect((await copy.transform(far)).columns).toBe(3);
          } catch (error) {
            refused++;
            expect(error).toBeInstanceOf(InvalidInputError);
            expect((error as Error).message).toMatch(/^json/);
          }
        }
      expect(refused).toBeGreaterThan(300);
    });
  });
});

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null;

/** The way to every value in a JSON. */
function paths(json: Json, way: string[] = []): string[][] {
  if (typeof json !== 'object' || json === null) return [way];
  const inner = Object.entries(json).flatMap(([name, value]) => paths(value, [...way, name]));
  return way.length > 0 ? [way, ...inner] : inner;
}

function put(json: Json, way: readonly string[], value: unknown): void {
  let at = json as Record<string, unknown>;
  for (const name of way.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[way.at(-1)!] = value;
}
