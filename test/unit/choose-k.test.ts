/** Choosing k: known numbers are found, noise is called noise, and each rule against figures worked out by hand. */
import { describe, expect, test } from 'vitest';
import {
  blobs,
  chooseK,
  InvalidInputError,
  kmeans,
  matrix,
  uniformBoard,
  type ChooseKOptions,
  type ChooseKProgress,
  type Points,
} from '../../src/index.ts';
import { halve, predictionStrength } from '../../src/choose-k/halves.ts';
import { atOnce } from '../../src/breathe.ts';
import { boxOf, spread } from '../../src/choose-k/references.ts';
import { repeatsOf } from '../../src/scores/weights.ts';
import {
  addElbow,
  addFk,
  bic,
  CRITERIA,
  judgeVotes,
  vote,
  type KScore,
} from '../../src/choose-k/votes.ts';
import { normal, pcg32 } from '../../src/rng.ts';
import { calinskiHarabaszOf, daviesBouldinOf } from '../../src/scores/dispersion.ts';
import { toClusters } from '../../src/scores/labels.ts';
import { fakeEngine } from './fake-engines.ts';

describe('clusters that are there', () => {
  test.each([3, 5, 8])('%i blobs', async (k) => {
    const points = blobs(400, k, { columns: 3, deviation: 0.04, seed: 1 });
    const chosen = await chooseK(points, { kMax: 10, references: 4, engine: 'wasm' });
    expect(chosen.k).toBe(k);
    expect(chosen.clear).toBe(true);
    for (const criterion of CRITERIA)
      expect([criterion, chosen.votes[criterion]]).toEqual([criterion, k]);
    expect(chosen.scores.map((score) => score.k)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('two, of one column', async () => {
    const points = blobs(300, 2, { columns: 1, deviation: 0.03, seed: 2 });
    expect(await chooseK(points, { kMax: 6, references: 5 })).toMatchObject({ k: 2, clear: true });
  });

  test('at both ends of the range', async () => {
    const points = blobs(400, 5, { columns: 3, deviation: 0.03, seed: 1 });
    for (const range of [
      { kMin: 5, kMax: 8 },
      { kMin: 2, kMax: 5 },
    ]) {
      const { k, votes, scores } = await chooseK(points, { ...range, references: 4 });
      expect([k, votes.elbow, votes.fk, votes.gap]).toEqual([5, 5, 5, 5]);
      expect(scores[0].k).toBe(range.kMin);
      expect(scores.at(-1)!.k).toBe(range.kMax);
    }
  });
});

describe('clusters that are not there', () => {
  test.each([
    [2, 0],
    [2, 1],
    [3, 0],
    [6, 0],
  ])('even noise of %i columns, seed %i', async (columns, seed) => {
    const { clear, explanation } = await chooseK(uniformBoard(400, { columns, seed }), {
      references: 4,
      engine: 'wasm',
    });
    expect(clear).toBe(false);
    expect(explanation).toMatch(/^(No clear k|There may be no clusters)/);
  });

  test.each([1, 2, 5])('one Gaussian of %i columns', async (columns) => {
    const random = pcg32(columns);
    const points = matrix(
      Array.from({ length: 500 * columns }, () => normal(random)),
      columns,
    );
    const { k, clear } = await chooseK(points, { kMax: 8, references: 4, engine: 'wasm' });
    expect([k, clear]).toEqual([1, false]);
  });

  test('one Gaussian that slants', async () => {
    const random = pcg32(9);
    const rows = Array.from({ length: 600 }, () => {
      const [a, b] = [3 * normal(random), normal(random)];
      return [a + b, a - b];
    });
    expect((await chooseK(rows, { kMax: 6, references: 5, engine: 'wasm' })).clear).toBe(false);
  });

  test('rows that are all the same', async () => {
    const chosen = await chooseK(
      Array.from({ length: 30 }, () => [2, 5]),
      { kMax: 4, references: 2 },
    );
    expect(chosen).toMatchObject({ k: 1, clear: false });
  });

  test.each([1, 2, 3, 5])('%i rows', async (rows) => {
    const points = uniformBoard(rows, { seed: 1 });
    const { scores, clear } = await chooseK(points, { references: 2 });
    expect(scores).toHaveLength(rows);
    expect(clear).toBe(false);
  });
});

describe('the answer', () => {
  const points = blobs(250, 4, { deviation: 0.1, seed: 5 });
  const options: ChooseKOptions = { kMax: 6, references: 3, seed: 7 };

  test('is the same on every engine and every time', async () => {
    const one = await chooseK(points, { ...options, engine: 'reference' });
    expect(await chooseK(points, { ...options, engine: 'reference' })).toEqual(one);
    expect(await chooseK(points, { ...options, engine: 'wasm' })).toEqual(one);
    expect(await chooseK(points, options)).toEqual(one);
    expect((await chooseK(points, { ...options, seed: 8 })).scores).not.toEqual(one.scores);
  });

  test('comes from the fits that a caller would make', async () => {
    const { scores } = await chooseK(points, options);
    for (const { k, inertia } of scores)
      expect(inertia).toBe((await kmeans(points, k, { seed: 7, refine: 'breathing' })).inertia);
  });

  test('has what was asked for, and nothing else', async () => {
    const { votes, scores } = await chooseK(points, { ...options, criteria: ['bic', 'gap'] });
    expect(Object.keys(votes)).toEqual(['bic', 'gap']);
    for (const score of scores)
      expect(Object.keys(score).sort()).toEqual(['bic', 'gap', 'gapError', 'inertia', 'k']);
  });

  test.each(CRITERIA)('%s alone', async (criterion) => {
    const { k, votes } = await chooseK(blobs(300, 4, { columns: 3, deviation: 0.03, seed: 1 }), {
      ...options,
      criteria: [criterion],
    });
    expect([k, votes]).toEqual([4, { [criterion]: 4 }]);
  });
});

describe('weights', () => {
  const points = blobs(120, 4, { deviation: 0.05, seed: 5 });
  const options: ChooseKOptions = { kMax: 6, references: 3, seed: 7, engine: 'wasm' };
  const rowsOf = (list: readonly number[]) =>
    matrix(
      list.flatMap((row) => [...points.data.subarray(2 * row, 2 * row + 2)]),
      2,
    );
  const close = (scores: KScore[]) =>
    scores.map((score) =>
      Object.fromEntries(
        Object.entries(score).map(([name, x]) => [name, (x as number).toPrecision(9)]),
      ),
    );

  test('of one each: none', async () => {
    const weights = new Array<number>(120).fill(1);
    expect(await chooseK(points, { ...options, weights })).toEqual(await chooseK(points, options));
  });

  test.each<[string, (i: number) => number]>([
    ['two each', () => 2],
    ['one to three', (i) => 1 + (i % 3)],
    ['none to three', (i) => i % 4],
  ])('that are whole, %s: so many equal rows', async (_, weight) => {
    const weights = Array.from({ length: 120 }, (_, i) => weight(i));
    const repeated = rowsOf(weights.flatMap((w, i) => new Array<number>(w).fill(i)));
    const one = await chooseK(points, { ...options, weights });
    const other = await chooseK(repeated, options);
    expect(close(one.scores)).toEqual(close(other.scores));
    expect([one.votes, one.k, one.clear]).toEqual([other.votes, other.k, other.clear]);
    expect(one.k).toBe(4);
  });

  test('that are shares: whatever their size', async () => {
    const weights = Array.from({ length: 120 }, (_, i) => 0.25 + (i % 3));
    const one = await chooseK(points, { ...options, weights });
    for (const factor of [2 ** -20, 2 ** -3]) {
      const scaled = weights.map((w) => w * factor);
      const other = await chooseK(points, { ...options, weights: scaled });
      expect(other.votes).toEqual(one.votes);
      one.scores.forEach((score, i) =>
        expect(other.scores[i]).toEqual({ ...score, inertia: score.inertia * factor }),
      );
    }
    const even = { ...options, weights: new Array<number>(120).fill(0.125) };
    const plain = await chooseK(points, options);
    expect(close((await chooseK(points, even)).scores.map((s) => ({ ...s, inertia: 0 })))).toEqual(
      close(plain.scores.map((s) => ({ ...s, inertia: 0 }))),
    );
  });

  test('a heavy cluster is one, a light one is none', async () => {
    const far = matrix([...points.data, ...points.data.subarray(0, 60).map((x) => x + 9)], 2);
    const weights = (light: number) => Array.from({ length: 150 }, (_, i) => (i < 120 ? 1 : light));
    expect((await chooseK(far, { ...options, weights: weights(0) })).k).toBe(4);
    expect((await chooseK(far, { ...options, weights: weights(1) })).k).not.toBe(4);
  });

  test('copies, each beside the others of its row', () => {
    const given = { data: Float64Array.of(5, 6, 7, 8), rows: 4, columns: 1 };
    const whole = repeatsOf(given, [2, 0, 3, 1]);
    expect([...whole.points.data]).toEqual([5, 7, 8]);
    expect(Array.from({ length: whole.total }, (_, at) => whole.rowAt(at))).toEqual([0, 0, 1, 1, 1, 2]); // prettier-ignore
    const shares = repeatsOf(given, [0.5, 0.5, 2, 1]);
    expect([[...shares.counts!], shares.total, shares.factor]).toEqual([[0.5, 0.5, 2, 1], 4, 1]);
    expect(Array.from({ length: 4 }, (_, at) => shares.rowAt(at))).toEqual([1, 2, 2, 3]);
  });

  test('are judged, before any work', async () => {
    const few = [[0], [1], [2], [3]];
    const attempt = (extra: ChooseKOptions) => chooseK(few, extra);
    await expect(attempt({ weights: [1] })).rejects.toThrow('weights.length is 1; expected 4');
    await expect(attempt({ weights: [1, -1, 1, 1] })).rejects.toThrow('weights[1] is -1');
    await expect(attempt({ weights: [1, 0, 1, 1], kMax: 4 })).rejects.toThrow(
      'kMax is 4; expected at most 3 (the number of points with a weight above 0). ' +
        'Lower kMax or add points.',
    );
  });
});

describe('on the way', () => {
  const points = uniformBoard(200, { seed: 1 });

  test('progress grows to 1, through every phase', async () => {
    const seen: ChooseKProgress[] = [];
    await chooseK(points, {
      kMax: 4,
      references: 2,
      onProgress: async (progress) => void seen.push(progress),
    });
    const fractions = seen.map(({ fraction }) => fraction);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(fractions.at(-1)).toBeCloseTo(1, 12);
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual([
      'fit',
      'silhouette',
      'gap',
      'cross-validation',
    ]);
  });

  test.each(['fit', 'silhouette', 'gap', 'cross-validation'])('aborted in %s', async (phase) => {
    const controller = new AbortController();
    const engine = fakeEngine();
    await expect(
      chooseK(points, {
        kMax: 4,
        references: 2,
        engine,
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) controller.abort('enough');
        },
      }),
    ).rejects.toBe('enough');
    expect(engine.open_).toBe(0);
  });

  test('many small fits give way to others, who may abort them', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const once = new Set<string>();
    const onProgress = ({ phase }: ChooseKProgress) => {
      if (phase !== 'gap' || once.has(phase)) return;
      once.add(phase);
      setTimeout(() => controller.abort('a timer came'), 0);
    };
    const many = { criteria: ['gap'], references: 200, kMax: 2, engine: 'reference' } as const;
    await expect(chooseK([[0], [1], [5], [6]], { ...many, signal, onProgress })).rejects.toBe(
      'a timer came',
    );
  });

  test('aborted before it begins', async () => {
    const engine = fakeEngine();
    const signal = AbortSignal.abort('not even');
    await expect(chooseK(points, { engine, signal })).rejects.toBe('not even');
    expect(engine.calls).toEqual([]);
  });
});

describe('refused, before any work', () => {
  const few = [[0], [1], [2], [3]];
  test.each<[Points, Record<string, unknown>, string]>([
    [few, { kMin: 0 }, 'kMin is 0; expected a whole number ≥ 1. Raise it.'],
    [few, { kMax: 2.5 }, 'kMax is 2.5; expected a whole number ≥ 1. Round it.'],
    [few, { kMin: 3, kMax: 2 }, 'kMin is 3; expected at most 2 (kMax). Swap kMin and kMax.'],
    [
      few,
      { kMax: 5 },
      'kMax is 5; expected at most 4 (the number of points). Lower kMax or add points.',
    ],
    [
      few,
      { kMin: 5 },
      'kMin is 5; expected at most 4 (the number of points). Lower kMin or add points.',
    ],
    [few, { references: 1 }, 'references is 1; expected a whole number ≥ 2. Raise it.'],
    [few, { seed: -1 }, 'seed is -1; expected a whole number ≥ 0. Raise it.'],
    [
      few,
      { criteria: [] },
      'criteria is an array of 0; expected a list of criteria. Leave it out for all of them.',
    ],
    [
      few,
      { criteria: 'gap' },
      "criteria is 'gap'; expected a list of criteria. Leave it out for all of them.",
    ],
    [
      few,
      { criteria: ['gap', 'aic'] },
      "criteria is 'aic'; expected 'elbow', 'silhouette', 'gap', 'fk', 'cross-validation', 'calinski-harabasz', 'davies-bouldin', 'bic', 'stability'. Choose among them.",
    ],
    [
      few,
      { onProgress: 1 },
      'onProgress is 1; expected a function. Pass a callback or leave it out.',
    ],
    [
      few,
      { signal: 1 },
      'signal is 1; expected an AbortSignal. Pass the signal of an AbortController.',
    ],
    [
      few,
      { engine: 'cuda' },
      "engine is 'cuda'; expected 'auto', 'webgpu', 'webgl', 'wasm', 'reference' or an opened engine. Choose one of them.",
    ],
    [
      [[1], [NaN]],
      {},
      "points[1][0] is NaN; expected a finite number within float32's range. Drop or fill the row, or rescale the column.",
    ],
  ])('%#: %j', async (points, options, message) => {
    await expect(chooseK(points, options)).rejects.toThrow(new InvalidInputError(message));
  });

  test('misspelt options', async () => {
    await expect(chooseK(few, { kmax: 3 } as ChooseKOptions)).rejects.toThrow(
      /^options.kmax is 3;/,
    );
  });
});

describe('rules', () => {
  const scoresOf = (inertias: number[], first = 1): KScore[] =>
    inertias.map((inertia, i) => ({ k: first + i, inertia }));

  test('f(K)', () => {
    // two columns: α₂ = 5/8, α₃ = 5/8 + 3/48, α₄ = α₃ + (1 − α₃)/6
    const scores = scoresOf([80, 40, 11, 0, 0]);
    addFk(scores, 2);
    expect(scores.map(({ fk }) => fk)).toEqual([1, 40 / (0.625 * 80), 11 / (0.6875 * 40), 0, 1]);
    expect(vote(['fk'], scores.slice(0, 3), 1, 3)).toEqual({ fk: 3 });
    // begun later, the same numbers
    const later = scoresOf([40, 11, 0], 2);
    addFk(later, 2);
    expect(later.slice(1).map(({ fk }) => fk)).toEqual([11 / (0.6875 * 40), 0]);
  });

  test('the elbow of even noise is 1 everywhere, and no vote', () => {
    const scores = scoresOf(Array.from({ length: 9 }, (_, i) => 7 * (i + 1) ** (-2 / 3)));
    addElbow(scores, 3);
    for (const { elbow } of scores.slice(1, -1)) expect(elbow).toBeCloseTo(1, 10);
    expect(vote(['elbow'], scores, 1, 9)).toEqual({ elbow: null });
    scores[4].inertia /= 10;
    addElbow(scores, 3);
    expect(vote(['elbow'], scores, 1, 9)).toEqual({ elbow: 5 });
  });

  test('the gap: the first that is within six s of the largest', () => {
    const gaps = [0.1, 0.05, 0.9, 0.95, 1, 0.7];
    const scores = gaps.map((gap, i) => ({ k: i + 1, inertia: 1, gap, gapError: 0.01 }));
    expect(vote(['gap'], scores, 1, 6)).toEqual({ gap: 4 });
    expect(vote(['gap'], scores, 1, 2)).toEqual({ gap: 1 });
  });

  test('the information criterion, by hand', () => {
    // 4 rows of 1 column in 2 clusters, inertia 1: variance 1/2
    const likelihood = 4 * Math.log(1 / 2) - 2 * Math.log(Math.PI) - 1;
    expect(bic([2, 2], 1, 4, 1)).toBeCloseTo(likelihood - 2 * Math.log(4), 12);
  });

  test('prediction strength, by hand', () => {
    const own = Uint32Array.of(0, 0, 0, 1, 1);
    expect(predictionStrength(own, Uint32Array.of(1, 1, 1, 0, 0), 2)).toBe(1);
    expect(predictionStrength(own, Uint32Array.of(1, 1, 0, 0, 0), 2)).toBe(1 / 3);
    expect(predictionStrength(own, Uint32Array.of(0, 0, 0, 1, 0), 2)).toBe(0);
  });

  test('halves share no row, and are all rows where there are few', () => {
    const points = { data: Float64Array.from({ length: 21 }, (_, i) => i), rows: 21, columns: 1 };
    const [one, other] = halve(repeatsOf(points, undefined), 100, pcg32(1));
    expect([one.rows, other.rows]).toEqual([10, 11]);
    expect([...one.data, ...other.data].sort((a, b) => a - b)).toEqual([...points.data]);
    const [few, more] = halve(repeatsOf(points, undefined), 4, pcg32(1));
    expect(new Set([...few.data, ...more.data]).size).toBe(8);
  });

  test('boxes and scores of many rows come in stretches', () => {
    const points = uniformBoard(20_000, { seed: 1 });
    const clusters = toClusters(points.data.subarray(0, 20_000).map((x) => (x < 0 ? 0 : 1)));
    for (const work of [
      boxOf(points),
      daviesBouldinOf(points, clusters, null),
      calinskiHarabaszOf(points, clusters, null),
    ]) {
      let pauses = 0;
      while (!work.next().done) pauses++;
      expect(pauses).toBeGreaterThan(5);
    }
  });

  test('the box of a slanted cloud slants, that of a square does not', () => {
    const random = pcg32(3);
    const slanted = Array.from({ length: 500 }, () => {
      const [a, b] = [10 * random(), random()];
      return [7 + a + b, a - b];
    }).flat();
    const box = atOnce(boxOf({ data: Float64Array.from(slanted), rows: 500, columns: 2 }));
    const sides = [0, 1].map((a) => (box.high[a] - box.low[a]) / Math.SQRT2).sort((a, b) => a - b);
    expect(sides[0]).toBeCloseTo(1, 0);
    expect(sides[1]).toBeCloseTo(10, 0);
    const noise = spread(box, 400, random);
    for (let i = 0; i < 400; i++) {
      const [x, y] = noise.data.subarray(2 * i);
      expect(Math.abs((x - 7 - y) / 2 - 0.5)).toBeLessThan(0.7); // b
    }
    const square = uniformBoard(500, { seed: 2 });
    expect([...atOnce(boxOf(square)).axes]).toEqual([1, 0, 0, 1]);
  });

  test.each<[Parameters<typeof judgeVotes>[0], number, boolean]>([
    [{ elbow: 4, gap: 4, bic: 4 }, 4, true],
    [{ elbow: 4, gap: 4, bic: 5 }, 4, true],
    [{ elbow: 4, gap: 3, bic: 5 }, 3, false],
    [{ elbow: 4, gap: 1, bic: 4 }, 1, false],
    [{ elbow: 4, gap: 1, bic: 4, fk: 4, silhouette: 4 }, 4, false],
    [{ elbow: null, gap: 4, bic: 4 }, 4, false],
    [{ gap: 1, bic: 1 }, 1, false],
    [{ elbow: null, stability: null }, 2, false],
  ])('the verdict of %j', (votes, k, clear) => {
    expect(judgeVotes(votes, 2)).toMatchObject({ k, clear });
  });
});
