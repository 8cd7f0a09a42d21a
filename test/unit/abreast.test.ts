/** Restarts side by side: the result is that of one after the other, to the bit. */
import { describe, expect, test } from 'vitest';
import { bestRestart, restartsAbreast } from '../../src/abreast.ts';
import { blobs, EmptyClusterError, kmeans, type KMeansOptions } from '../../src/index.ts';
import { judge } from '../../src/options.ts';
import type { Solution } from '../../src/refine.ts';
import { openWasm } from '../../src/engines/wasm/index.ts';
import { watchWorkers } from '../lanes/counted-workers.ts';

const board = blobs(12_000, 40, { columns: 3, deviation: 0.2, seed: 3 });
const options = { engine: 'wasm', threads: 3, init: 'random', nInit: 5, maxIter: 12 } as const;

const abreast = (given: KMeansOptions, k = 40) =>
  restartsAbreast(judge(board, k, { ...options, ...given }), 'wasm');

describe('how many at once', () => {
  test('as many as there are threads, or restarts', async () => {
    expect(await abreast({})).toBe(3);
    expect(await abreast({ nInit: 3, threads: 4 })).toBe(3);
  });

  test.each<[string, KMeansOptions, number?]>([
    ['a single one', { nInit: 1 }],
    ['two for four threads', { nInit: 2, threads: 4 }],
    ['one thread', { threads: 1 }],
    ['somebody looks on', { onProgress: () => {} }],
    ['somebody keeps the state', { checkpoint: { write: () => {} } }],
    ['somebody did', { resume: new Uint8Array() }],
    ['a search follows', { refine: 'breathing' }],
    ['another metric', { metric: 'cosine' }],
    ['little work', {}, 2],
    ['much work', {}, 12_000],
  ])('one after the other: %s', async (_, given, k) => {
    expect(await abreast(given, k)).toBe(1);
  });

  test('one after the other: on other engines, and on one that is lent', async () => {
    expect(await restartsAbreast(judge(board, 40, options), 'reference')).toBe(1);
    const engine = await openWasm();
    expect(await abreast({ engine })).toBe(1);
    await engine.dispose();
  });
});

describe('the result', () => {
  test.each<[string, KMeansOptions]>([
    ['random rows', {}],
    ['seeded, margins', { init: 'auto', margins: true }],
    ['weights, whitened', { whiten: true, weights: Array.from({ length: 12_000 }, (_, i) => i % 3) }], // prettier-ignore
    ['callbacks', { init: (points, k, random) => ({ data: points.data.slice(3 * Math.floor(100 * random())).slice(0, 3 * k), columns: 3 }) }], // prettier-ignore
    ['clusters that are dropped', { emptyCluster: 'drop', k: 400 } as KMeansOptions],
  ])('is that of one after the other: %s', async (_, given) => {
    const { k = 40, ...rest } = given as KMeansOptions & { k?: number };
    const one = await kmeans(board, k, { ...options, ...rest, onProgress: () => {} });
    const other = await kmeans(board, k, { ...options, ...rest });
    for (const key of ['hash', 'inertia', 'history', 'secondLabels', 'margins', 'sizes'] as const)
      expect(other[key]).toEqual(one[key]);
  });

  test('an abort ends all of them, and leaves no lane open', async () => {
    const watch = watchWorkers();
    const reason = new Error('enough');
    const controller = new AbortController();
    const run = kmeans(board, 40, { ...options, nInit: 60, tol: 0, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    await expect(run).rejects.toBe(reason);
    watch.stop();
    const opened = watch.messages.filter(({ module }) => module).map(({ lane }) => lane);
    const closed = watch.messages.filter(({ module, steps }) => !module && !steps);
    expect(opened.length).toBeGreaterThanOrEqual(3);
    expect(closed.map(({ lane }) => lane).sort()).toEqual(opened.sort());
    await expect(kmeans(board, 40, options)).resolves.toMatchObject({ engine: 'wasm' });
  });

  test('a cluster that is lost is an error', async () => {
    const twice = { data: new Float32Array(36_000), columns: 3 };
    board.data.forEach((x, at) => (twice.data[at] = Math.round(x)));
    const given = { ...options, emptyCluster: 'error' } as const;
    const failure = (extra: KMeansOptions) =>
      kmeans(twice, 40, { ...given, ...extra }).catch((error: unknown) => error);
    const wanted = await failure({ onProgress: () => {} });
    expect(wanted).toBeInstanceOf(EmptyClusterError);
    expect(await failure({})).toEqual(wanted);
  });
});

describe('the best of them', () => {
  /** Each crew takes as long as it says. */
  const crews = (inertias: (number | Error)[], waits: number[], seen: number[] = []) =>
    waits.map((wait) => ({
      async attempt(restart: number) {
        seen.push(restart);
        for (let i = 0; i < wait; i++) await Promise.resolve();
        const inertia = inertias[restart];
        if (typeof inertia !== 'number') throw inertia;
        return { inertia, status: { iteration: restart } } as Solution;
      },
    }));

  test('is the lowest, of equals the first, whoever is done first', async () => {
    const inertias = [5, 3, 4, 3, 3];
    for (const waits of [[0], [9, 1], [1, 50, 3]]) {
      const { solution } = await bestRestart(5, crews(inertias, waits));
      expect(solution.status.iteration).toBe(1);
    }
  });

  test('fails as the first would, when all have ended; none begins after a failure', async () => {
    const [early, late] = [new Error('restart 1'), new Error('restart 2')];
    const seen: number[] = [];
    let ended = 0;
    const own = crews([1, early, late, 0, 0], [1, 60, 5], seen).map(({ attempt }) => ({
      attempt: (restart: number) => attempt(restart).finally(() => ended++),
    }));
    await expect(bestRestart(5, own)).rejects.toBe(early);
    expect([ended, seen.length]).toEqual([seen.length, ended]);
    expect(seen).not.toContain(4);
  });
});
