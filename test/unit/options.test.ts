/** Every option: its values, its refusals word for word, and what is not supported yet. */
import { describe, expect, test } from 'vitest';
import {
  InvalidInputError,
  KMeansError,
  kmeans,
  NotSupportedError,
  type KMeansOptions,
  type Points,
} from '../../src/index.ts';
import { judge } from '../../src/options.ts';
import { fakeEngine } from './fake-engines.ts';

const points = [
  [0, 0],
  [1, 0],
  [0, 1],
  [5, 5],
  [6, 5],
];

/** As JavaScript callers may: whatever they like. */
const options = (given: Record<string, unknown>) => given as KMeansOptions;

describe('defaults', () => {
  test('are those of the manual', () => {
    expect(judge(points, 2)).toMatchObject({
      k: 2,
      init: { kind: 'auto' },
      restarts: 1,
      maxIter: 300,
      tol: 1e-4,
      seed: 0,
      weights: undefined,
      emptyCluster: 'relocate',
      engine: 'auto',
      device: undefined,
      signal: undefined,
      onProgress: undefined,
      whiten: false,
    });
  });

  test('undefined means the default, for every option', () => {
    const none = Object.fromEntries(NAMES.map((name) => [name, undefined]));
    expect(judge(points, 2, options(none))).toEqual(judge(points, 2));
  });
});

const NAMES =
  'init nInit refine maxIter tol seed metric weights emptyCluster algorithm engine device signal onProgress margins whiten checkpoint resume maxMemory cache threads output'.split(
    ' ',
  );

describe('accepted', () => {
  test.each<[KMeansOptions]>([
    [{ init: 'auto' }],
    [{ init: 'k-means++' }],
    [{ init: 'random' }],
    [{ init: [points[0], points[3]] }],
    [{ init: (p, k) => ({ data: p.data.slice(0, k * p.columns), columns: p.columns }) }],
    [{ init: async () => [points[0], points[3]] }],
    [{ nInit: 3 }],
    [{ refine: 'none' }],
    [{ refine: 'breathing' }],
    [{ maxIter: 1 }],
    [{ tol: 0 }],
    [{ tol: 1e300 }],
    [{ seed: 2 ** 53 - 1 }],
    [{ metric: 'euclidean' }],
    [{ metric: 'manhattan' }],
    [{ weights: [1, 0, 0.5, 2, 1e-9] }],
    [{ weights: Float32Array.of(1, 2, 3, 4, 5) }],
    [{ emptyCluster: 'relocate' }],
    [{ emptyCluster: 'keep' }],
    [{ emptyCluster: 'drop' }],
    [{ emptyCluster: 'error' }],
    [{ algorithm: 'auto' }],
    [{ algorithm: 'lloyd' }],
    [{ engine: 'auto' }],
    [{ engine: 'reference' }],
    [{ engine: fakeEngine() }],
    [{ signal: new AbortController().signal }],
    [{ onProgress: () => {} }],
    [{ onProgress: async () => {} }],
    [{ margins: false }],
    [{ margins: true }],
    [{ whiten: true }],
    [{ whiten: false }],
    [{ threads: 1 }],
    [{ output: 'cpu' }],
  ])('%o', async (given) => {
    const result = await kmeans(points, 2, { engine: 'reference', ...given });
    expect([...result.sizes].sort()).toEqual([2, 3]);
  });
});

describe('refused', () => {
  const whole = (name: string, shown: string, least: number, remedy = 'Round it') =>
    `${name} is ${shown}; expected a whole number ≥ ${least}. ${remedy}.`;
  const tooLarge = (name: string, shown: string, least: number) =>
    `${name} is ${shown}; expected a whole number from ${least} to 2^53 − 1. Lower it.`;
  test.each<[Record<string, unknown>, string]>([
    [{ nInit: 0 }, whole('nInit', '0', 1, 'Raise it')],
    [{ nInit: 1.5 }, whole('nInit', '1.5', 1)],
    [{ nInit: '3' }, whole('nInit', "'3'", 1, 'Pass a number')],
    [{ maxIter: 0 }, whole('maxIter', '0', 1, 'Raise it')],
    [{ maxIter: Infinity }, tooLarge('maxIter', 'Infinity', 1)],
    [{ maxIter: null }, whole('maxIter', 'null', 1, 'Pass a number')],
    [{ seed: -1 }, whole('seed', '-1', 0, 'Raise it')],
    [{ seed: 0.5 }, whole('seed', '0.5', 0)],
    [{ seed: 2 ** 53 }, tooLarge('seed', '9007199254740992', 0)],
    [{ threads: 0 }, whole('threads', '0', 1, 'Raise it')],
    [
      { tol: -1e-9 },
      'tol is -1e-9; expected a finite number ≥ 0. Use 0 to run until no label changes.',
    ],
    [
      { tol: NaN },
      'tol is NaN; expected a finite number ≥ 0. Use 0 to run until no label changes.',
    ],
    [
      { tol: Infinity },
      'tol is Infinity; expected a finite number ≥ 0. Use 0 to run until no label changes.',
    ],
    [
      { tol: '1e-4' },
      "tol is '1e-4'; expected a finite number ≥ 0. Use 0 to run until no label changes.",
    ],
    [
      { init: 'kmeans++' },
      "init is 'kmeans++'; expected 'auto', 'k-means++', 'k-means||', 'random', centroids (k × columns) or a function that makes them. Choose one of them.",
    ],
    [{ init: [[0, 0]] }, 'init.rows is 1; expected 2 (k). Give one row a centroid.'],
    [
      {
        init: [
          [0, 0, 0],
          [1, 1, 1],
        ],
      },
      'init.columns is 3; expected 2, as the points have. Give centroids the columns of the points.',
    ],
    [
      {
        init: [
          [0, 0],
          [1, NaN],
        ],
      },
      "init[1][1] is NaN; expected a finite number within float32's range. Drop or fill the row, or rescale the column.",
    ],
    [
      { init: [[0, 0], [1]] },
      'init[1].length is 1; expected 2, as in the first row. Give every row the same length.',
    ],
    [{ init: [] }, 'init.rows is 0; expected at least 1. Pass at least one point.'],
    [
      { refine: 'annealing' },
      "refine is 'annealing'; expected 'none', 'breathing'. Choose one of them.",
    ],
    [
      { metric: 'hamming' },
      "metric is 'hamming'; expected 'euclidean', 'cosine', 'manhattan'. Choose one of them.",
    ],
    [
      { emptyCluster: 'ignore' },
      "emptyCluster is 'ignore'; expected 'relocate', 'keep', 'drop', 'error'. Choose one of them.",
    ],
    [
      { algorithm: 'elkan' },
      "algorithm is 'elkan'; expected 'auto', 'lloyd', 'filtered'. Choose one of them.",
    ],
    [{ output: 'disk' }, "output is 'disk'; expected 'cpu', 'gpu', 'stream'. Choose one of them."],
    [
      { engine: 'cuda' },
      "engine is 'cuda'; expected 'auto', 'webgpu', 'webgl', 'wasm', 'reference' or an opened engine. Choose one of them.",
    ],
    [
      { engine: null },
      "engine is null; expected 'auto', 'webgpu', 'webgl', 'wasm', 'reference' or an opened engine. Choose one of them.",
    ],
    [
      { engine: { name: 'webgpu' } },
      "engine is an object; expected 'auto', 'webgpu', 'webgl', 'wasm', 'reference' or an opened engine. Choose one of them.",
    ],
    [
      { device: {} },
      'device is an object; expected a GPUDevice. Pass what await adapter.requestDevice() gave.',
    ],
    [{ cache: 5 }, "cache is 5; expected 'auto', 'none' or a folder. Leave it out."],
    [
      { device: { createBuffer() {} }, engine: fakeEngine() },
      'device is an object; expected none beside an opened engine, which has its own. Leave one of them out.',
    ],
    [
      { onProgress: true },
      'onProgress is true; expected a function. Pass a callback or leave it out.',
    ],
    [
      { signal: new AbortController() },
      'signal is an AbortController; expected an AbortSignal. Pass the signal of an AbortController.',
    ],
    [{ whiten: 1 }, 'whiten is 1; expected true or false. Choose one of them.'],
    [{ margins: 'yes' }, "margins is 'yes'; expected true or false. Choose one of them."],
    [
      { maxIterations: 5 },
      `options.maxIterations is 5; expected only options named ${NAMES.join(', ')}. Check the spelling.`,
    ],
    [
      { weights: [1, 2] },
      'weights.length is 2; expected 5 (one weight a row). Give every row a weight.',
    ],
    [
      { weights: [1, 1, -2, 1, 1] },
      'weights[2] is -2; expected a finite number ≥ 0. Drop the row or repair the weight.',
    ],
    [
      { weights: [1, 1, 1, NaN, 1] },
      'weights[3] is NaN; expected a finite number ≥ 0. Drop the row or repair the weight.',
    ],
    [
      { weights: [1, 1, 1, 1, Infinity] },
      'weights[4] is Infinity; expected a finite number ≥ 0. Drop the row or repair the weight.',
    ],
    [
      { weights: ['1', 1, 1, 1, 1] },
      "weights[0] is '1'; expected a finite number ≥ 0. Drop the row or repair the weight.",
    ],
    [
      { weights: [0, 0, 0, 0, 0] },
      'the sum of weights is 0; expected more than 0. Leave weights out to count every row once.',
    ],
    [
      { weights: [1e308, 1e308, 0, 0, 0] },
      'the sum of weights is Infinity; expected a finite number. Scale them down.',
    ],
  ])('%o', async (given, message) => {
    await expect(kmeans(points, 2, options({ engine: 'reference', ...given }))).rejects.toThrow(
      new InvalidInputError(message),
    );
  });

  test.each<[unknown, string]>([
    [0, 'k is 0; expected a whole number ≥ 1. Ask for at least one cluster.'],
    [-3, 'k is -3; expected a whole number ≥ 1. Ask for at least one cluster.'],
    [2.5, 'k is 2.5; expected a whole number ≥ 1. Ask for at least one cluster.'],
    [NaN, 'k is NaN; expected a whole number ≥ 1. Ask for at least one cluster.'],
    ['2', "k is '2'; expected a whole number ≥ 1. Ask for at least one cluster."],
    [undefined, 'k is undefined; expected a whole number ≥ 1. Ask for at least one cluster.'],
    [6, 'k is 6; expected at most 5 (the number of points). Lower k or add points.'],
  ])('k = %o', async (k, message) => {
    await expect(kmeans(points, k as number)).rejects.toThrow(new InvalidInputError(message));
  });

  test.each<[unknown, string]>([
    [
      [
        [0, 1],
        [NaN, 1],
      ],
      'points[1][0] is NaN',
    ],
    [
      [
        [0, 1],
        [2, Infinity],
      ],
      'points[1][1] is Infinity',
    ],
    [
      [
        [-Infinity, 1],
        [2, NaN],
      ],
      'points[0][0] is -Infinity',
    ],
    [
      [
        [0, 1e39],
        [2, 3],
      ],
      'points[0][1] is 1e+39',
    ],
    [{ data: Float32Array.of(1, 2, 3, NaN), columns: 2 }, 'points[1][1] is NaN'],
  ])('points %o', async (given, what) => {
    await expect(kmeans(given as Points, 1, { engine: 'reference' })).rejects.toThrow(
      new InvalidInputError(
        `${what}; expected a finite number within float32's range. Drop or fill the row, or rescale the column.`,
      ),
    );
  });

  test('options that are none', async () => {
    for (const given of [null, 'fast', 5])
      await expect(kmeans(points, 2, given as unknown as KMeansOptions)).rejects.toThrow(
        'expected an object. Leave it out for the defaults.',
      );
  });

  test('what a callback for the first centroids returns', async () => {
    await expect(kmeans(points, 2, { engine: 'reference', init: () => [[0, 0]] })).rejects.toThrow(
      'init.rows is 1; expected 2 (k). Give one row a centroid.',
    );
  });

  test('before any work: no engine is opened', async () => {
    const engine = fakeEngine();
    for (const given of [{ k: 9 }, { weights: [1] }, { tol: NaN }])
      await expect(
        kmeans(points, 'k' in given ? given.k : 2, options({ engine, ...given, k: undefined })),
      ).rejects.toThrow(InvalidInputError);
    await expect(kmeans([[NaN]], 1, { engine })).rejects.toThrow(InvalidInputError);
    expect(engine.calls).toEqual([]);
  });
});

describe('not supported yet: said so, never replaced', () => {
  test.each<[KMeansOptions, string]>([
    [
      { device: { createBuffer() {} } as unknown as GPUDevice, engine: 'reference' },
      "device is given; expected engine 'webgpu' with it, not 'reference'. Use engine: 'webgpu' or 'auto', or leave device out.",
    ],
  ])('%o', async (given, message) => {
    const failure = kmeans(points, 2, given);
    await expect(failure).rejects.toThrow(new NotSupportedError(message));
    await expect(failure).rejects.toMatchObject({ code: 'not-supported' });
    await expect(failure).rejects.toBeInstanceOf(KMeansError);
  });
});

test('a fixed start is run once, however often asked for', async () => {
  const engine = fakeEngine();
  await kmeans(points, 2, { init: [points[0], points[4]], nInit: 5, engine });
  expect(engine.calls.filter((verb) => verb === 'place')).toHaveLength(1);
  const again = fakeEngine();
  await kmeans(points, 2, { init: 'random', nInit: 5, engine: again });
  expect(again.calls.filter((verb) => verb === 'place')).toHaveLength(5);
});
