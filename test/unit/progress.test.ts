/** What a progress callback is told, and what it may do. */
import { describe, expect, test } from 'vitest';
import { kmeans, uniformBoard, type KMeansOptions, type Progress } from '../../src/index.ts';
import { fakeEngine } from './fake-engines.ts';

const points = uniformBoard(600, { seed: 8 });
const K = 7;

async function told(options: KMeansOptions = {}, wait = false) {
  const progress: Progress[] = [];
  const result = await kmeans(points, K, {
    engine: 'reference',
    ...options,
    onProgress: (at) => {
      progress.push(at);
      return wait ? Promise.resolve() : undefined;
    },
  });
  return { progress, result };
}

const phases = (progress: Progress[]) =>
  progress.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]);

describe('phases', () => {
  test('come in order', async () => {
    const { progress } = await told();
    expect(phases(progress)).toEqual(['seed', 'open', 'seed', 'iterate', 'read']);
  });

  test('come again for each restart', async () => {
    const { progress } = await told({ nInit: 3, init: 'random' });
    const round = ['seed', 'iterate', 'read'];
    expect(phases(progress)).toEqual(['seed', 'open', ...round, ...round, ...round]);
  });

  test('take the seconds that the result says', async () => {
    const since = performance.now();
    const { result } = await told();
    const wall = (performance.now() - since) / 1000;
    const spent = Object.values(result.seconds);
    expect(Object.keys(result.seconds).sort()).toEqual(['iterate', 'open', 'read', 'seed']);
    for (const seconds of spent) expect(seconds).toBeGreaterThanOrEqual(0);
    expect(spent.reduce((a, b) => a + b)).toBeLessThanOrEqual(wall);
  });
});

describe('numbers', () => {
  test.each([
    ['a run', {}],
    ['restarts', { nInit: 4, init: 'random' as const }],
    ['a run that is cut off', { maxIter: 5 }],
    ['clusters that are dropped', { emptyCluster: 'drop' as const, init: 'random' as const }],
  ])('stay in their ranges and never go back: %s', async (_, options) => {
    for (const wait of [false, true]) {
      const { progress } = await told(options, wait);
      let before = 0;
      for (const { fraction, secondsLeft, iteration, moved } of progress) {
        expect(fraction).toBeGreaterThanOrEqual(before);
        expect(fraction).toBeLessThanOrEqual(1);
        before = fraction;
        expect(secondsLeft >= 0 || Number.isNaN(secondsLeft)).toBe(true);
        expect(iteration).toBeGreaterThanOrEqual(0);
        expect(moved).toBeLessThanOrEqual(points.rows);
      }
      expect(before).toBe(1);
    }
  });

  test('are those of the history', async () => {
    const { progress, result } = await told({}, true);
    const iterations = progress.filter(
      ({ phase, iteration }) => phase === 'iterate' && iteration > 0,
    );
    expect(
      iterations.map(({ iteration, inertia, shift, moved }) => ({
        iteration,
        moved,
        shift,
        inertia,
      })),
    ).toEqual(result.history);
  });

  test('before the first iteration are none', async () => {
    const { progress } = await told();
    for (const { iteration, inertia, shift, moved } of progress.filter(
      (p) => p.phase !== 'iterate',
    ))
      expect({ iteration, inertia, shift, moved }).toEqual({
        iteration: 0,
        inertia: NaN,
        shift: NaN,
        moved: 0,
      });
  });
});

describe('a callback that returns a promise', () => {
  test('sees the start as iteration 0 and then every iteration', async () => {
    const { progress, result } = await told({}, true);
    const iterations = progress.filter(({ phase }) => phase === 'iterate');
    expect(iterations.map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: result.iterations + 1 }, (_, i) => i),
    );
  });

  test('changes nothing of the result', async () => {
    const { result } = await told();
    const other = await told({}, true);
    expect(other.result.hash).toBe(result.hash);
    expect(other.result.history).toEqual(result.history);
  });

  test('reads the clustering as it stands', async () => {
    const seen: { iteration: number; centroids: number[]; labels: number[] }[] = [];
    const result = await kmeans(points, K, {
      engine: 'reference',
      onProgress: async (progress) => {
        const { phase, iteration } = progress;
        const { centroids, labels } = await progress.read();
        if (phase === 'iterate')
          seen.push({ iteration, centroids: [...centroids.data], labels: [...labels] });
        else if (phase === 'read') {
          expect([...centroids.data]).toEqual(seen.at(-1)!.centroids);
          expect([...labels]).toEqual(seen.at(-1)!.labels);
        } else expect([centroids.rows, labels.length]).toEqual([0, 0]);
      },
    });
    expect(seen).toHaveLength(result.iterations + 1);
    expect(seen.at(-1)!.centroids).toEqual([...result.centroids.data]);
    expect(seen.at(-1)!.labels).toEqual([...result.labels]);
    // Cut off after m iterations, a run has what was read there.
    for (const maxIter of [1, 2, 5]) {
      const { centroids, labels } = await kmeans(points, K, { engine: 'reference', maxIter });
      expect(seen[maxIter].centroids).toEqual([...centroids.data]);
      expect(seen[maxIter].labels).toEqual([...labels]);
    }
    // The start is rows of the points.
    const rows = new Set(Array.from({ length: 600 }, (_, i) => row(points.data, i)));
    for (let j = 0; j < K; j++) {
      const [x, y] = seen[0].centroids.slice(2 * j, 2 * j + 2);
      const near = [...rows].some((r) => Math.hypot(r[0] - x, r[1] - y) < 1e-6);
      expect(near).toBe(true);
    }
  });

  test('that rejects ends the run with its reason, in every phase', async () => {
    const mine = new Error('mine');
    for (const phase of ['seed', 'open', 'iterate', 'read']) {
      const engine = fakeEngine();
      await expect(
        kmeans(points, K, {
          engine,
          onProgress: async (at) => {
            if (at.phase === phase) throw mine;
          },
        }),
      ).rejects.toBe(mine);
      expect(engine.open_).toBe(0);
    }
  });

  test('that rejects while nobody waits ends it too', async () => {
    const mine = new Error('mine');
    let seeds = 0;
    await expect(
      kmeans(points, K, {
        engine: 'reference',
        onProgress: async ({ phase }) => {
          if (phase === 'seed' && ++seeds === 4) throw mine; // told of a seed, which is not waited for
        },
      }),
    ).rejects.toBe(mine);
  });
});

test('a callback that throws ends the run, in every phase', async () => {
  const mine = new Error('mine');
  for (const phase of ['seed', 'open', 'iterate', 'read']) {
    const engine = fakeEngine();
    await expect(
      kmeans(points, K, {
        engine,
        onProgress: (at) => {
          if (at.phase === phase) throw mine;
        },
      }),
    ).rejects.toBe(mine);
    expect(engine.open_).toBe(0);
    expect(engine.disposed).toBe(0);
  }
});

function row(data: Float32Array, i: number): [number, number] {
  return [data[2 * i], data[2 * i + 1]];
}

test('a run that is over has nothing to be read', async () => {
  const { progress } = await told({ maxIter: 2 });
  await expect(progress.at(-2)!.read()).rejects.toThrow(
    'The run is over; expected read and readOnGpu within the callback. Await them there.',
  );
});
