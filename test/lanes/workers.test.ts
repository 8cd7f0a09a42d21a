/** Workers: started when they are needed, kept, given up; and what happens when they fail. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OutOfMemoryError, blobs, uniformBoard, type KMeansOptions } from '../../src/index.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { layOnLanes } from '../../src/lanes/lay.ts';
import { judge } from '../../src/options.ts';
import { LONG_RUN } from '../support/long-run.ts';
import { watchWorkers, type Message, type Watch, type WatchOptions } from './counted-workers.ts';

/** Work for three workers, however many processors there are; too little for a GPU. */
const K = 40;
const THREADS = 3;
const points = blobs(30_000, 12, { columns: 2, deviation: 0.3, seed: 3 });
const options: KMeansOptions = { threads: THREADS, maxIter: 4, tol: 0, seed: 1 };

/** The library with a pool that has seen nothing yet. */
async function load() {
  const [{ kmeans, openEngine, engines, explain }, { openWasm }] = await Promise.all([
    import('../../src/index.ts'),
    import('../../src/engines/wasm/index.ts'),
  ]);
  return { kmeans, openEngine, engines, explain, openWasm };
}
type Library = Awaited<ReturnType<typeof load>>;

let library: Library;
let wanted = '';
let watch: Watch;
const watching = (given?: WatchOptions) => {
  watch = watchWorkers(given);
};

beforeEach(async () => {
  vi.resetModules();
  library = await load();
  wanted ||= (await library.kmeans(points, K, { ...options, engine: 'reference' })).hash;
});

afterEach(async () => {
  watch.stop();
  // the last user leaves, and takes the workers with it
  await (await library.openEngine('wasm')).dispose();
  await watch.ended();
});

describe('started', () => {
  test('not for a thousand points, nor for opening an engine', async () => {
    watching();
    const engine = await library.openEngine('wasm');
    for (const algorithm of ['auto', 'lloyd', 'filtered'] as const)
      await library.kmeans(uniformBoard(1000), 8, { engine, algorithm });
    await library.kmeans(uniformBoard(1000, { columns: 16 }), 10, { engine: 'wasm' });
    await engine.dispose();
    expect(watch.started).toHaveLength(0);
  });

  test('once, and used again by the next call', async () => {
    watching();
    for (let i = 0; i < 3; i++) {
      expect((await library.kmeans(points, K, { ...options, engine: 'wasm' })).hash).toBe(wanted);
      expect(watch.started).toHaveLength(THREADS);
    }
    expect(watch.alive()).toHaveLength(THREADS);
  });

  test('no more than asked for', async () => {
    watching();
    await library.kmeans(points, K, { ...options, engine: 'wasm', threads: 2 });
    expect(watch.started).toHaveLength(2);
    await library.kmeans(points, K, { ...options, engine: 'wasm', threads: 1 });
    expect(watch.started).toHaveLength(2);
  });
});

describe('given up', () => {
  test('when the engine is disposed', async () => {
    watching();
    const engine = await library.openEngine('wasm', { threads: THREADS });
    const { hash } = await library.kmeans(points, K, { ...options, engine });
    expect(hash).toBe(wanted);
    await engine.dispose();
    await watch.ended();
    expect(watch.started).toHaveLength(THREADS);
    // and the next engine starts its own
    const next = await library.openEngine('wasm', { threads: THREADS });
    expect((await library.kmeans(points, K, { ...options, engine: next })).hash).toBe(wanted);
    await next.dispose();
    expect(watch.started).toHaveLength(2 * THREADS);
  });

  test('not while another engine has them', async () => {
    watching();
    const [one, other] = await Promise.all([
      library.openEngine('wasm', { threads: THREADS }),
      library.openEngine('wasm', { threads: THREADS }),
    ]);
    await library.kmeans(points, K, { ...options, engine: one });
    await one.dispose();
    expect((await library.kmeans(points, K, { ...options, engine: other })).hash).toBe(wanted);
    expect(watch.started).toHaveLength(THREADS);
    await other.dispose();
    await watch.ended();
  });

  test('a while after the last call', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      watching();
      await library.kmeans(points, K, { ...options, engine: 'wasm' });
      vi.advanceTimersByTime(5_000);
      await library.kmeans(points, K, { ...options, engine: 'wasm' });
      vi.advanceTimersByTime(9_000); // 14 s after the first call, but that one does not count
      expect(watch.alive()).toHaveLength(THREADS);
      vi.advanceTimersByTime(1_000);
      await watch.ended();
    } finally {
      vi.useRealTimers();
    }
  });
});

test('calls side by side share them and do not mix', async () => {
  watching();
  const problems = [1, 2, 3, 4, 5].map((seed) => ({
    board: uniformBoard(20_000 + 777 * seed, { columns: 1 + (seed % 3), seed }),
    k: 60 + seed,
    chosen: { ...options, algorithm: seed % 2 ? ('lloyd' as const) : ('filtered' as const), seed },
  }));
  const hashes = (engine: 'wasm' | 'reference') =>
    Promise.all(
      problems.map(async ({ board, k, chosen }) => {
        const algorithm = engine === 'wasm' ? chosen.algorithm : 'auto';
        return (await library.kmeans(board, k, { ...chosen, algorithm, engine })).hash;
      }),
    );
  expect(await hashes('wasm')).toEqual(await hashes('reference'));
  expect(watch.started).toHaveLength(THREADS);
});

/** Messages of a whole run, but for those that close its lanes: it may be disturbed at any of them. */
async function messagesOfRun(given: object = options): Promise<number> {
  const whole = watchWorkers();
  await library.kmeans(points, K, { ...given, engine: 'wasm' });
  whole.stop();
  await (await library.openEngine('wasm')).dispose(); // what follows starts from nothing, too
  await whole.ended();
  return whole.messages.filter(({ module, steps }) => module || steps).length;
}

/** Whether it asks for a pass of seeding. */
const passes = ({ steps }: Message) =>
  (steps ?? []).some((step) => (step as { call?: string }).call === 'passSeed');

/** Whether it gives back what seeding has. */
const closes = (steps: Message['steps']) =>
  (steps ?? []).some((step) => (step as { call?: string }).call === 'closeSeed');

/** From the first to the last of them; twice as many in a long run. */
const inTurns = (count: number, ordinary: number) => {
  const times = LONG_RUN ? 2 * ordinary : ordinary;
  return Array.from({ length: times }, (_, i) => 1 + Math.floor((i * (count - 1)) / (times - 1)));
};

/** As many as are laid on lanes and seeded there, and little to do but that. */
const many = blobs(135_000, 12, { columns: 2, deviation: 0.3, seed: 3 });
const MANY_K = 12;
const seeded: KMeansOptions = { ...options, maxIter: 1 };

describe('an abort', () => {
  test('is heard at any message, and leaves the workers to the next run', async () => {
    const count = await messagesOfRun();
    const reason = new Error('the user left');
    for (const moment of inTurns(count, 12)) {
      const controller = new AbortController();
      let after = 0;
      watching({
        onMessage: (nth, _, { module, steps }) => {
          if (nth === moment) controller.abort(reason);
          else if (nth > moment && (module || steps) && !closes(steps)) after++;
        },
      });
      const run = library.kmeans(points, K, {
        ...options,
        engine: 'wasm',
        signal: controller.signal,
      });
      await expect(run).rejects.toBe(reason);
      watch.stop();
      // lanes that were about to be told the same are; all that comes besides closes them
      expect(after).toBeLessThan(THREADS);
      const next = await library.kmeans(points, K, { ...options, engine: 'wasm' });
      expect(next.hash).toBe(wanted);
    }
  });

  test.each(['lloyd', 'filtered'] as const)(
    'from a callback, in each phase: %s',
    async (algorithm) => {
      watching();
      const reason = new Error('the user left');
      for (const phase of ['open', 'seed', 'iterate', 'read'] as const) {
        const controller = new AbortController();
        const run = library.kmeans(points, K, {
          ...options,
          algorithm,
          engine: 'wasm',
          signal: controller.signal,
          onProgress: (progress) => {
            if (progress.phase === phase) controller.abort(reason);
          },
        });
        await expect(run).rejects.toBe(reason);
      }
      const next = await library.kmeans(points, K, { ...options, algorithm, engine: 'wasm' });
      expect(next.hash).toBe(wanted);
      expect(watch.started).toHaveLength(THREADS);
    },
  );
});

describe('an abort while it seeds', () => {
  test.each(['k-means++', 'k-means||'] as const)('%s: is heard at any pass', async (init) => {
    const seeding = { ...seeded, init, engine: 'wasm' } as const;
    watching();
    const { hash } = await library.kmeans(many, MANY_K, seeding);
    watch.stop();
    const count = watch.messages.filter(passes).length;
    const reason = new Error('the user left');
    for (const moment of inTurns(count, 3)) {
      const controller = new AbortController();
      let seen = 0;
      watching({
        onMessage: (_, __, message) => {
          if (passes(message) && ++seen === moment) controller.abort(reason);
        },
      });
      const run = library.kmeans(many, MANY_K, { ...seeding, signal: controller.signal });
      await expect(run).rejects.toBe(reason);
      watch.stop();
      expect(seen - moment).toBeLessThan(THREADS);
      expect((await library.kmeans(many, MANY_K, seeding)).hash).toBe(hash);
    }
  });
});

describe('a worker that dies', () => {
  const killed = (moment: number): WatchOptions => ({
    onMessage: (nth) => (nth === moment ? 'die' : undefined),
  });

  test("at any message: engine 'wasm' says so, and the next call has another", async () => {
    const count = await messagesOfRun();
    const outcomes: unknown[] = [];
    for (const moment of inTurns(count, 10)) {
      watching(killed(moment));
      const outcome = await library.kmeans(points, K, { ...options, engine: 'wasm' }).then(
        ({ hash }) => hash,
        (error: unknown) => error,
      );
      watch.stop();
      outcomes.push(outcome);
      const next = await library.kmeans(points, K, { ...options, engine: 'wasm' });
      expect([next.hash, next.engine]).toEqual([wanted, 'wasm']);
    }
    // one that dies as it starts, or while points are laid, is done without
    expect(outcomes[0]).toBe(wanted);
    const failures = outcomes.filter((outcome) => outcome !== wanted);
    expect(failures.length).toBeGreaterThan(outcomes.length / 2);
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'engine-unavailable' });
      expect((failure as Error).message).toMatch(/a worker failed \(it ended with code 1\)/);
    }
  });

  test("at any message: 'auto' goes on without, to the same bits", async () => {
    const count = await messagesOfRun();
    const finished: string[] = [];
    for (const moment of inTurns(count, 10)) {
      watching(killed(moment));
      const { hash, engine } = await library.kmeans(points, K, options);
      watch.stop();
      expect(hash).toBe(wanted);
      finished.push(engine);
      const next = await library.kmeans(points, K, options);
      expect([next.hash, next.engine]).toEqual([wanted, 'wasm']);
    }
    expect(finished[0]).toBe('wasm');
    expect(finished.at(-1)).toBe('reference');
  });

  test.each(['k-means++', 'k-means||'] as const)(
    'while it seeds (%s): the host goes on with the same rows',
    async (init) => {
      const seeding = { ...seeded, init };
      const { hash } = await library.kmeans(many, MANY_K, { ...seeding, engine: 'reference' });
      const whole = watchWorkers();
      await library.kmeans(many, MANY_K, seeding);
      whole.stop();
      const count = whole.messages.filter(passes).length;
      for (const moment of inTurns(count, 3)) {
        let seen = 0;
        watching({
          onMessage: (_, __, message) => (passes(message) && ++seen === moment ? 'die' : undefined),
        });
        const told: string[] = [];
        const onProgress = ({ phase }: { phase: string }) => void told.push(phase);
        const result = await library.kmeans(many, MANY_K, { ...seeding, onProgress });
        watch.stop();
        expect(seen).toBeGreaterThanOrEqual(moment);
        expect([result.hash, result.engine]).toEqual([hash, 'reference']);
        // every centroid is told of once, before and after
        const seeds = told.filter((phase) => phase === 'seed').length;
        expect(seeds).toBe((init === 'k-means++' ? MANY_K : MANY_K + 5) + 2);
      }
    },
  );

  test('with restarts to come: the points are still to be had', async () => {
    const once = { ...options, init: 'random' } as const;
    const restarts = { ...once, nInit: 3 };
    const { hash } = await library.kmeans(points, K, { ...restarts, engine: 'reference' });
    const count = await messagesOfRun(once);
    watching(killed(count - THREADS)); // a third of all that three restarts take
    // somebody looks on: one after the other
    const result = await library.kmeans(points, K, { ...restarts, onProgress: () => {} });
    expect([result.hash, result.engine]).toEqual([hash, 'reference']);
    watch.stop();
    watching(killed(count));
    expect((await library.kmeans(points, K, restarts)).hash).toBe(hash);
  });

  test('between two calls: nobody notices', async () => {
    watching();
    await library.kmeans(points, K, { ...options, engine: 'wasm' });
    await watch.started[1].terminate();
    const one = await library.kmeans(points, K, { ...options, engine: 'wasm' });
    expect([one.hash, watch.started.length]).toEqual([wanted, THREADS + 1]);
    await Promise.all(watch.alive().map((worker) => worker.terminate()));
    const all = await library.kmeans(points, K, { ...options, engine: 'wasm' });
    expect([all.hash, watch.started.length]).toEqual([wanted, 2 * THREADS + 1]);
  });

  test('does not take the workers of a run beside it', async () => {
    const { openWasm } = library;
    const [one, other] = [await openWasm({ workers: 3 }), await openWasm({ workers: 2 })];
    watching({
      // the third worker serves only the first run
      onMessage: (_, { started }, { steps }, to) =>
        steps && to === started[2] ? 'die' : undefined,
    });
    const [failed, fine] = await Promise.allSettled([
      library.kmeans(points, K, { ...options, engine: one }),
      library.kmeans(points, K, { ...options, engine: other }),
    ]);
    await one.dispose();
    await other.dispose();
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'engine-unavailable' } });
    expect(fine).toMatchObject({ status: 'fulfilled', value: { hash: wanted } });
  });
});

describe('where workers cannot be had', () => {
  test('their file is missing: they start from their text', async () => {
    watching({
      script: (asked) => (typeof asked === 'string' ? asked : new URL('./not-there.js', asked)),
    });
    const runs = [1, 2].map(() => library.kmeans(points, K, { ...options, engine: 'wasm' }));
    expect((await Promise.all(runs)).map(({ hash }) => hash)).toEqual([wanted, wanted]);
    expect(watch.alive()).toHaveLength(THREADS);
    // what works is known from now on
    const before = watch.started.length;
    expect((await library.kmeans(points, K, { ...options, engine: 'wasm' })).hash).toBe(wanted);
    expect(watch.started).toHaveLength(before);
  });

  const tellers: [string, RegExp, () => Promise<string>][] = [
    ['engines', /, \d+ threads?$/, async () => (await library.engines(['wasm']))[0].description],
    [
      'explain',
      /, 3 threads\)/,
      async () => (await library.explain(points, K, { ...options, engine: 'wasm' })).reason,
    ],
  ];
  test.each(tellers)(
    '%s says how many threads there are, without a run',
    async (_, usual, tell) => {
      watching();
      expect(await tell()).toMatch(usual);
      vi.resetModules();
      library = await load();
      watching({ script: () => new URL('file:///not/there.js') });
      expect(await tell()).toMatch(/, 1 thread\b/);
    },
  );

  const forbidden: [string, WatchOptions['script']][] = [
    [
      'they are forbidden',
      () => {
        throw new Error('forbidden');
      },
    ],
    ['none of their scripts loads', () => new URL('file:///not/there.js')],
  ];
  test.each(forbidden)('%s: on this thread, which stays responsive', async (_, script) => {
    watching({ script: script! });
    const engine = await library.openEngine('wasm', { threads: THREADS });
    expect((await library.kmeans(points, K, { ...options, engine })).hash).toBe(wanted);
    expect(watch.alive()).toHaveLength(0);
    expect(engine.description).toMatch(/, 1 thread$/);

    // A clock on which every stretch of work is a long one: each time others may have the thread
    // before the next, they get it.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 40));
    let turns = 0;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    try {
      for (const algorithm of ['lloyd', 'filtered'] as const) {
        turns = 0;
        await library.kmeans(points, K, { ...options, algorithm, engine });
        expect(turns).toBeGreaterThan(8 * options.maxIter!);
      }
    } finally {
      clearImmediate(next);
      vi.restoreAllMocks();
    }
    await engine.dispose();
  });
});

describe('memory at its end', () => {
  const grid = layOnGrid(uniformBoard(60, { columns: 4096 }));
  const task = {
    points: inMemory(grid),
    k: 100_000, // 3 GiB of sums alone
    shiftLimit: 0n,
    emptyCluster: 'keep',
    algorithm: 'lloyd',
    restorePoints: false,
  } as const;

  test.each([undefined, 2])(
    'of a lane: an error that names the remedy, %s workers',
    async (workers) => {
      watching();
      const engine = await library.openWasm({ threads: 1, workers });
      const refusal = engine.open(task);
      await expect(refusal).rejects.toMatchObject({ code: 'out-of-memory' });
      await expect(refusal).rejects.toThrow(/Pass fewer points, or more threads: each has 4 GiB/);
      expect((await library.kmeans(points, K, { ...options, engine })).hash).toBe(wanted);
      await engine.dispose();
    },
  );

  test('less than the task needs: refused, not written past', async () => {
    const laid = await layOnLanes(points, { k: 4, threads: 1 });
    const engine = await library.openWasm({ threads: 1 });
    await expect(engine.open({ ...task, points: laid, k: 5 })).rejects.toThrow(/laid for 4/);
    laid.dispose();
    await engine.dispose();
  });

  test('more than a lane can count: refused before it is tried', async () => {
    watching();
    const engine = await library.openWasm({ threads: 1 });
    await expect(engine.open({ ...task, k: 140_000 })).rejects.toThrow(/in one of its lanes/);
    await engine.dispose();
  });

  test('more than 4 GiB of points: refused before any work, naming out-of-core sources', async () => {
    watching();
    // bytes that nobody touches take no room
    const data = new Uint8Array(2 ** 30 + 4);
    const onProgress = vi.fn();
    for (const engine of ['wasm', 'auto'] as const) {
      const refusal = library.kmeans({ data, columns: 4 }, 2, { engine, onProgress });
      await expect(refusal).rejects.toMatchObject({ code: 'out-of-memory' });
      await expect(refusal).rejects.toThrow(
        /^points take 4\.0 GiB as float32; expected at most 4 GiB in memory\..*PointSource/,
      );
    }
    expect(onProgress).not.toHaveBeenCalled();
    expect(() => judge({ data, columns: 4 }, 2, { engine: 'wasm' })).toThrow(OutOfMemoryError);
    // exactly as much is not too much, and engines of another kind judge for themselves
    expect(judge({ data: data.subarray(4), columns: 4 }, 2, { engine: 'wasm' }).k).toBe(2);
    expect(judge({ data, columns: 4 }, 2, { engine: 'reference' }).k).toBe(2);
  });
});
