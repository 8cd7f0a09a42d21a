/** A run whose engines fail at every possible moment: the result must not tell. */
import { describe, expect, test } from 'vitest';
import type { Engine, IterationRecord, Status } from '../../src/engine.ts';
import {
  DeviceLostError,
  EngineUnavailableError,
  GpuError,
  OutOfMemoryError,
} from '../../src/errors.ts';
import { uniformBoard } from '../../src/index.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { Run } from '../../src/run.ts';
import { fakeEngine, rungOf, type FakeEngine, type Verb } from './fake-engines.ts';

const grid = layOnGrid(uniformBoard(300, { seed: 3 }));
const K = 6;
const START = grid.values.slice(0, 2 * K);
const TASK = {
  points: inMemory(grid),
  algorithm: 'auto' as const,
  k: K,
  shiftLimit: 0n,
  emptyCluster: 'relocate' as const,
};

interface Outcome {
  labels: number[];
  second: number[];
  centroids: number[];
  history: readonly IterationRecord[];
  iterations: number;
  stop: Status['stop'];
}

/** Runs to the end. `look`: reads between iterations, as a page that draws the run does. */
async function complete(run: Run, look = false): Promise<Outcome> {
  await run.open();
  await run.place(START);
  const seen: number[] = [];
  const status = await run.iterate({
    maxIter: 300,
    signal: undefined,
    everyIteration: look,
    onBatch: (at) => {
      seen.push(at.iteration);
      return look ? run.read().then(() => {}) : undefined;
    },
  });
  const clustering = await run.read();
  const second = await run.assignSecond(clustering.labels);
  // What a caller was told never goes back.
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  return {
    labels: [...clustering.labels],
    second: [...second],
    centroids: [...clustering.centroids],
    history: clustering.history,
    iterations: status.iteration,
    stop: status.stop,
  };
}

const withEngines = (...engines: Engine[]) =>
  new Run(
    engines.map((engine) => rungOf(engine)),
    TASK,
  );

const undisturbed = await complete(withEngines(fakeEngine()));
const lost = () => {
  throw new DeviceLostError('the device is gone');
};
/** Fails at the nth call of a verb, and ever after. */
const failingAt = (verb: Verb, from: number, fail: () => void = lost) =>
  fakeEngine((v, nth) => {
    if (v === verb && nth >= from) fail();
  });

function closed(engine: FakeEngine): void {
  expect(engine.open_).toBe(0);
  expect(engine.disposed).toBe(1);
}

test('the undisturbed run is long enough to be disturbed', () => {
  expect(undisturbed.iterations).toBeGreaterThan(6);
  expect(undisturbed.stop).toBe('labels');
  expect(undisturbed.history.map(({ iteration }) => iteration)).toEqual(
    Array.from({ length: undisturbed.iterations }, (_, i) => i + 1),
  );
});

describe('a device that is lost', () => {
  /** Each time it is opened another engine. */
  const rungOfSeveral = (...engines: FakeEngine[]) => {
    const left = [...engines];
    return rungOf(engines[0], { open: async () => left.shift()!, again: true });
  };

  test('is replaced by another, once', async () => {
    const first = failingAt('step', 3);
    const second = fakeEngine();
    const cpu = fakeEngine(() => {}, { name: 'wasm' });
    const run = new Run([rungOfSeveral(first, second), rungOf(cpu)], TASK);
    expect(await complete(run)).toEqual(undisturbed);
    expect(run.engine).toBe(second);
    expect(cpu.calls).toEqual([]);
    await run.dispose();
    [first, second].forEach(closed);
  });

  test('and lost again, by a CPU engine', async () => {
    const first = failingAt('step', 3);
    const second = failingAt('step', 2);
    const cpu = fakeEngine(() => {}, { name: 'wasm' });
    const run = new Run([rungOfSeveral(first, second), rungOf(cpu)], TASK);
    expect(await complete(run)).toEqual(undisturbed);
    expect(run.engine).toBe(cpu);
    await run.dispose();
    [first, second, cpu].forEach(closed);
  });

  test('not so one that breaks in another way', async () => {
    const first = failingAt('step', 3, () => {
      throw new GpuError('a broken thing');
    });
    const second = fakeEngine();
    const cpu = fakeEngine(() => {}, { name: 'wasm' });
    const run = new Run([rungOfSeveral(first, second), rungOf(cpu)], TASK);
    expect(await complete(run)).toEqual(undisturbed);
    expect(run.engine).toBe(cpu);
    expect(second.calls).toEqual([]);
    await run.dispose();
  });

  test('that nobody may fall back from is not replaced', async () => {
    const first = failingAt('step', 3);
    const run = new Run([rungOfSeveral(first, fakeEngine())], { ...TASK });
    await expect(complete(run)).rejects.toThrow(DeviceLostError);
    closed(first);
  });
});

describe('a failure is survived to the same bits', () => {
  const moments: [Verb, number][] = [
    ['open', 1],
    ['place', 1],
    ['step', 1],
    ['step', 2],
    ['step', 3],
    ['step', 4],
    ['read', 1],
    ['assignSecond', 1],
  ];
  test.each(moments)('of %s, call %i', async (verb, nth) => {
    const first = failingAt(verb, nth);
    const second = fakeEngine();
    const run = withEngines(first, second);
    expect(await complete(run)).toEqual(undisturbed);
    expect(run.engine).toBe(second);
    expect(run.notes).toEqual(['webgpu: the device is gone']);
    await run.dispose();
    [first, second].forEach(closed);
  });

  const looking: [Verb, number][] = [
    ['step', 1],
    ['step', 5],
    ['read', 1],
    ['read', 2],
    ['read', 5],
  ];
  test.each(looking)('of %s, call %i, in a run that is looked at', async (verb, nth) => {
    const first = failingAt(verb, nth);
    const second = fakeEngine();
    const run = withEngines(first, second);
    expect(await complete(run, true)).toEqual(undisturbed);
    await run.dispose();
    [first, second].forEach(closed);
  });

  // as WebGPU, whose centroids may be too many to come back with every status
  describe.each([
    ['no restore points', () => false],
    ['a restore point now and then', (iteration: number) => iteration % 4 === 1],
  ])('with %s', (_, sends) => {
    test.each([...moments, ...looking])('of %s, call %i', async (verb, nth) => {
      for (const look of [false, true])
        for (const nextFails of [false, true]) {
          const fail = (v: Verb, n: number) => {
            if (v === verb && n >= nth) lost();
          };
          const engines = [
            fakeEngine(fail, { sends }),
            ...(nextFails ? [fakeEngine(fail, { sends })] : []),
            fakeEngine(undefined, { sends }),
          ];
          const run = withEngines(...engines);
          expect(await complete(run, look)).toEqual(undisturbed);
          await run.dispose();
          for (const { open_, disposed, calls } of engines)
            expect([open_, disposed]).toEqual([0, calls.length > 0 ? 1 : 0]);
        }
    });
  });

  const pairs = (['place', 'step', 'read', 'assignSecond'] as const).flatMap((a) =>
    (['open', 'place', 'step', 'read', 'assignSecond'] as const).flatMap((b) =>
      [1, 2, 3].flatMap((n) => [1, 2].map((m) => [a, n, b, m] as const)),
    ),
  );
  test.each(pairs)('of %s, call %i, and then of %s, call %i', async (a, n, b, m) => {
    for (const look of [false, true]) {
      const engines = [failingAt(a, n), failingAt(b, m), fakeEngine()];
      const run = withEngines(...engines);
      expect(await complete(run, look)).toEqual(undisturbed);
      await run.dispose();
      for (const engine of engines) {
        expect(engine.open_).toBe(0);
        expect(engine.disposed).toBe(engine.calls.length > 0 ? 1 : 0);
      }
    }
  });

  test.each([
    new OutOfMemoryError('no room'),
    new GpuError('a bad binding'),
    new EngineUnavailableError('webgpu', 'it left'),
  ])('%s', async (error) => {
    const first = failingAt('step', 3, () => {
      throw error;
    });
    const run = withEngines(first, fakeEngine());
    expect(await complete(run)).toEqual(undisturbed);
    await run.dispose();
    closed(first);
  });

  test('after going on from other centroids', async () => {
    const parts = async (run: Run) => {
      await run.open();
      await run.place(START);
      const options = { signal: undefined, everyIteration: false, onBatch: () => {} };
      await run.iterate({ maxIter: 3, ...options });
      const { centroids, history } = await run.read();
      await run.replace(centroids.subarray(0, 2 * (K - 1)), history);
      const { iteration, stop } = await run.iterate({ maxIter: 300, ...options });
      const clustering = await run.read();
      await run.dispose();
      return { iteration, stop, clustering };
    };
    const whole = await parts(withEngines(fakeEngine()));
    expect(whole.clustering.history).toHaveLength(whole.iteration);
    for (let nth = 1; nth <= 5; nth++)
      expect({ nth, ...(await parts(withEngines(failingAt('step', nth), fakeEngine()))) }).toEqual({
        nth,
        ...whole,
      });
  });
});

describe('what is not the failure of an engine', () => {
  test('is thrown on, and everything is closed', async () => {
    const mine = new Error('a bug');
    const first = failingAt('step', 2, () => {
      throw mine;
    });
    const second = fakeEngine();
    const run = withEngines(first, second);
    await expect(complete(run)).rejects.toBe(mine);
    await run.dispose();
    closed(first);
    expect(second.calls).toEqual([]);
  });

  test('nor is a failure where no engine is left', async () => {
    const only = failingAt('step', 2);
    const run = withEngines(only);
    await expect(complete(run)).rejects.toThrow(DeviceLostError);
    await run.dispose();
    closed(only);
  });

  test('the last of several failures is the one that is thrown', async () => {
    const run = withEngines(
      failingAt('open', 1),
      failingAt('step', 2, () => {
        throw new GpuError('the last');
      }),
    );
    await expect(complete(run)).rejects.toThrow(new GpuError('the last'));
  });
});

describe('which engine is opened', () => {
  test('one that only poses as a GPU is closed again where hardware is wanted', async () => {
    const soft = fakeEngine(undefined, { hardware: false });
    const cpu = fakeEngine(undefined, { name: 'reference', hardware: false });
    const run = new Run([rungOf(soft, { onlyHardware: true }), rungOf(cpu)], TASK);
    await run.open();
    expect(run.engine).toBe(cpu);
    expect(soft.calls).toEqual([]);
    expect(soft.disposed).toBe(1);
    await run.dispose();
    closed(cpu);
  });

  test("the caller's engine is never closed, its sessions are", async () => {
    for (const fail of [undefined, failingAt('step', 2)]) {
      const engine = fail ?? fakeEngine();
      const run = new Run([rungOf(engine, { owned: false })], TASK);
      await complete(run).catch(() => {});
      await run.dispose();
      expect(engine.open_).toBe(0);
      expect(engine.disposed).toBe(0);
    }
  });

  test('restore points are asked for only where somebody could take over', async () => {
    const asked: unknown[] = [];
    const spy: Engine = {
      ...fakeEngine(),
      open: (task) => {
        asked.push(task.restorePoints);
        return fakeEngine().open(task);
      },
    };
    for (const rungs of [[spy], [spy, fakeEngine()]]) {
      const run = withEngines(...rungs);
      await run.open();
      await run.dispose();
    }
    expect(asked).toEqual([false, true]);
  });

  test('disposing twice, or before opening, does nothing more', async () => {
    const engine = fakeEngine();
    const run = withEngines(engine);
    await run.dispose();
    await run.open();
    await run.dispose();
    await run.dispose();
    closed(engine);
  });
});
