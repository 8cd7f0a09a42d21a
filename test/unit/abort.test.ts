/** Aborting: with the signal's own reason, at any moment, and nothing stays open. */
import { describe, expect, test } from 'vitest';
import { kmeans, uniformBoard, type Progress } from '../../src/index.ts';
import { fakeEngine } from './fake-engines.ts';

const points = uniformBoard(400);
const reason = new Error('the user left');

test('before it begins: nothing is opened', async () => {
  const engine = fakeEngine();
  await expect(kmeans(points, 4, { engine, signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
  expect(engine.calls).toEqual([]);
});

test('with no reason given: an AbortError', async () => {
  await expect(
    kmeans(points, 4, { engine: 'reference', signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

describe('from a callback', () => {
  test.each<[string, (progress: Progress) => boolean]>([
    ['while the engine opens', ({ phase }) => phase === 'open'],
    ['while seeding', ({ phase }) => phase === 'seed'],
    ['before the first iteration', ({ phase }) => phase === 'iterate'],
    ['after an iteration', ({ iteration }) => iteration === 1],
    ['after some iterations', ({ iteration }) => iteration >= 3],
  ])('%s', async (_, when) => {
    for (const wait of [false, true]) {
      const engine = fakeEngine();
      const controller = new AbortController();
      await expect(
        kmeans(points, 4, {
          engine,
          signal: controller.signal,
          tol: 0,
          onProgress: (progress) => {
            if (when(progress)) controller.abort(reason);
            return wait ? Promise.resolve() : undefined;
          },
        }),
      ).rejects.toBe(reason);
      expect(engine.open_).toBe(0);
      expect(engine.disposed).toBe(0); // it is the caller's
    }
  });
});

describe('in the middle of long work', () => {
  // Long enough for a processor to give way in between: seconds, where nobody aborts.
  test('seeding', async () => {
    const engine = fakeEngine();
    const controller = new AbortController();
    await expect(
      kmeans(uniformBoard(60_000, { columns: 8 }), 500, {
        engine,
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'seed' && engine.calls.length > 0)
            setTimeout(() => controller.abort(new DOMException('now', 'TimeoutError')), 50);
        },
      }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(engine.calls).toEqual(['open']);
    expect(engine.open_).toBe(0);
  });

  test('an iteration', async () => {
    const engine = fakeEngine();
    await expect(
      kmeans(uniformBoard(100_000, { columns: 16 }), 500, {
        engine,
        init: 'random',
        signal: AbortSignal.timeout(200),
      }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(engine.open_).toBe(0);
  });
});

test('afterwards: the result stays', async () => {
  const controller = new AbortController();
  const result = await kmeans(points, 4, { engine: 'reference', signal: controller.signal });
  controller.abort(reason);
  expect(await result.predict(points)).toEqual(result.labels);
});

test('one signal stops many runs', async () => {
  const controller = new AbortController();
  const runs = [1, 2, 3].map((seed) =>
    kmeans(uniformBoard(20_000), 50, {
      engine: 'reference',
      seed,
      tol: 0,
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        if (iteration > 0) controller.abort(reason);
      },
    }),
  );
  for (const run of await Promise.allSettled(runs))
    expect(run).toEqual({ status: 'rejected', reason });
});
