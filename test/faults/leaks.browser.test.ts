/**
 * What is left behind: nothing, after success, after an abort at any call, after many engines. A
 * borrowed device is never destroyed, and several runs may share one.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { kmeans, openEngine, uniformBoard, type Progress } from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { FaultyDevice, withGpu } from '../support/faulty-device.ts';
import { someOf } from '../support/long-run.ts';
import { callsOf, compiledAt, moments, outcome, run, settled, undisturbed } from './problem.ts';

describe('abort', async () => {
  const faulty = await FaultyDevice.open();
  const { device, live } = faulty;
  const { first, later } = await callsOf('webgpu');
  test('while kernels are compiled', async () => {
    const some = moments(first).filter((met) => met.nth < compiledAt(first));
    for (const { nth } of someOf(some, 2)) {
      const fresh = await FaultyDevice.open();
      const abort = new AbortController();
      fresh.onCall = (met) => {
        if (met.nth === nth) abort.abort('enough');
        return undefined;
      };
      const { signal } = abort;
      await expect(run({ engine: 'webgpu', device: fresh.device, signal })).rejects.toBe('enough');
      expect(outcome(await run({ engine: 'webgpu', device: fresh.device }))).toEqual(
        outcome(undisturbed),
      );
      expect(fresh.live.size).toBe(0);
      fresh.device.destroy();
    }
  });

  // a run before them has compiled everything
  beforeAll(() => run({ engine: 'webgpu', device }));
  test.each(moments(later))('at call $nth, $call', async ({ nth }) => {
    const engine = nth % 4 === 0 ? 'auto' : 'webgpu';
    const reason = new Error('enough');
    const abort = new AbortController();
    faulty.calls = [];
    faulty.onCall = (met) => {
      if (met.nth === nth) abort.abort(reason);
      return undefined;
    };
    const result = run({ engine, device, signal: abort.signal });
    await expect(result).rejects.toBe(reason);
    await settled();
    expect(live.size).toBe(0);
    expect(faulty.destroyed).toBe(false);
  });

  const phases: [name: string, when: (progress: Progress) => boolean][] = [
    ['open', ({ phase }) => phase === 'open'],
    ['seed', ({ phase }) => phase === 'seed'],
    ['iterate', ({ phase }) => phase === 'iterate'],
    ['iteration 4', ({ iteration }) => iteration >= 4],
    ['read', ({ phase }) => phase === 'read'],
  ];
  test.each(phases)('in the phase %s', async (_, when) => {
    faulty.onCall = () => undefined;
    for (const awaited of [true, false]) {
      const abort = new AbortController();
      const onProgress = (progress: Progress) => {
        if (when(progress)) abort.abort(); // without a reason: an AbortError
        return awaited ? Promise.resolve() : undefined;
      };
      const error: unknown = await run({
        engine: 'webgpu',
        device,
        signal: abort.signal,
        onProgress,
      }).catch((reason: unknown) => reason);
      expect(error).toBe(abort.signal.reason);
      expect(error).toMatchObject({ name: 'AbortError' });
      await settled();
      expect(live.size).toBe(0);
    }
  });

  test('does not wait for work that the GPU is at', async () => {
    const abort = new AbortController();
    // an iteration of seconds here
    const points = uniformBoard(20_000, { columns: 16 });
    const init = uniformBoard(1024, { columns: 16, seed: 1 });
    let working = false;
    faulty.onCall = ({ call }) => {
      if (call !== 'mapAsync' || working) return;
      working = true;
      void device.queue.onSubmittedWorkDone().then(() => (working = false));
      setTimeout(() => abort.abort('too slow'), 0);
    };
    await expect(
      kmeans(points, 1024, { init, engine: 'webgpu', device, signal: abort.signal }),
    ).rejects.toBe('too slow');
    expect(working).toBe(true);
    expect(live.size).toBe(0);
  });

  test('leaves the device fit for the next run', async () => {
    faulty.onCall = () => undefined;
    expect(outcome(await run({ engine: 'webgpu', device }))).toEqual(outcome(undisturbed));
    device.destroy();
  });
});

describe('success', () => {
  test('leaves nothing on a borrowed device, and the device alive', async () => {
    const faulty = await FaultyDevice.open();
    for (const algorithm of ['auto', 'filtered', 'filtered'] as const) {
      const result = await run({ engine: 'webgpu', device: faulty.device, algorithm });
      expect(outcome(result)).toEqual(outcome(undisturbed));
      expect(faulty.live.size).toBe(0);
    }
    expect(faulty.destroyed).toBe(false);
    faulty.device.destroy();
  });

  test('destroys a device of our own', async () => {
    const faulty = await FaultyDevice.open();
    const adapter = {
      info: {},
      limits: faulty.device.limits,
      requestDevice: async () => faulty.device,
    };
    const result = await withGpu({ requestAdapter: async () => adapter }, () =>
      run({ engine: 'webgpu' }),
    );
    expect(outcome(result)).toEqual(outcome(undisturbed));
    expect(faulty.live.size).toBe(0);
    expect(faulty.destroyed).toBe(true);
  });

  test('every restart and every dropped cluster included', async () => {
    const faulty = await FaultyDevice.open();
    const { device } = faulty;
    await run({ engine: 'webgpu', device, nInit: 3, init: 'random' });
    expect(faulty.live.size).toBe(0);
    await run({ engine: 'webgpu', device, emptyCluster: 'drop' });
    expect(faulty.live.size).toBe(0);
    await expect(run({ engine: 'webgpu', device, emptyCluster: 'error' })).rejects.toThrow(
      /emptyCluster/,
    );
    expect(faulty.live.size).toBe(0);
    device.destroy();
  });

  test('predict leaves nothing either, and gives the labels of the fit', async () => {
    const faulty = await FaultyDevice.open();
    const { device } = faulty;
    const points = uniformBoard(500, { seed: 8 });
    const result = await kmeans(points, 5, { engine: 'webgpu', device });
    expect(await result.predict(points)).toEqual(result.labels);
    const others = { data: uniformBoard(300, { seed: 9 }).data.map((x) => 3 * x), columns: 2 };
    const onCpu = await kmeans(points, 5, { engine: 'reference' });
    expect(await result.predict(others)).toEqual(await onCpu.predict(others));
    expect(faulty.live.size).toBe(0);
    expect(faulty.destroyed).toBe(false);
    device.destroy();
  });
});

test('create, dispose, create, many times', async () => {
  for (let i = 0; i < 12; i++) {
    await using engine = await openEngine('webgpu');
    if (i % 4 === 0) expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
  }
});

test('an engine serves several runs, also after one of them failed', async () => {
  await using engine = await openEngine('webgpu');
  expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
  const abort = new AbortController();
  const aborted = run({
    engine,
    signal: abort.signal,
    onProgress: ({ iteration }) => (iteration >= 2 ? abort.abort('stop') : undefined),
  });
  await expect(aborted).rejects.toBe('stop');
  await expect(run({ engine, emptyCluster: 'error' })).rejects.toThrow(/emptyCluster/);
  expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
});

test('runs side by side on one device do not meet', async () => {
  const faulty = await FaultyDevice.open();
  await using engine = await openWebGpu({ device: faulty.device, sizes: { chunkBytes: 4000 } });
  const abort = new AbortController();
  const stopped = run({
    engine,
    signal: abort.signal,
    onProgress: async ({ iteration }) => (iteration === 3 ? abort.abort('stop') : undefined),
  }).catch((reason: unknown) => reason);
  const results = await Promise.all([
    run({ engine }),
    run({ engine: 'webgpu', device: faulty.device }),
    run({ engine, onProgress: async (progress) => void (await progress.read()) }),
  ]);
  for (const result of results) expect(outcome(result)).toEqual(outcome(undisturbed));
  expect(await stopped).toBe('stop');
  await settled();
  expect(faulty.live.size).toBe(0);
  faulty.device.destroy();
});

test.each(['lloyd', 'filtered'] as const)(
  'looking on changes nothing, from the first moment on: %s',
  async (algorithm) => {
    await using engine = await openEngine('webgpu');
    const seen: number[] = [];
    const result = await run({
      engine,
      algorithm,
      onProgress: async (progress) => {
        if (progress.phase !== 'iterate') return;
        seen.push(progress.iteration);
        const first = await progress.read();
        expect(await progress.read()).toEqual(first);
      },
    });
    expect(seen).toEqual(Array.from({ length: result.iterations + 1 }, (_, i) => i));
    expect(outcome(result)).toEqual(outcome(undisturbed));
  },
);
