/**
 * A run that is taken up again has the bits of one that was never broken off, wherever that was and whichever
 * engine goes on; what is no checkpoint of it is refused with the reason.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { pack, unpack } from '../../src/checkpoint/format.ts';
import { printsOf } from '../../src/checkpoint/identity.ts';
import { crc32 } from '../../src/crc32.ts';
import { DeviceLostError } from '../../src/errors.ts';
import {
  BisectingKMeans,
  blobs,
  CheckpointError,
  Codebook,
  kmeans,
  KMeans,
  KMeansError,
  matrix,
  MiniBatchKMeans,
  NotSupportedError,
  uniformBoard,
  type KMeansOptions,
  type Points,
  type Progress,
} from '../../src/index.ts';
import { layOnGrid } from '../../src/grid.ts';
import { inMemory } from '../../src/laid-points.ts';
import { Run } from '../../src/run.ts';
import { fakeEngine, rungOf } from './fake-engines.ts';
import { told } from './told.ts';

interface Kept {
  state: Uint8Array<ArrayBuffer>;
  iteration: number;
}

/** A run with all its states. */
async function keep(points: Points, k: number, options: KMeansOptions, every = 1) {
  const states: Kept[] = [];
  const write = (state: Kept['state'], { iteration }: { iteration: number }) =>
    void states.push({ state, iteration });
  const result = await kmeans(points, k, { ...options, checkpoint: { every, write } });
  return { states, result: told(result) };
}

const board = uniformBoard(300, { seed: 3 });
const solid = uniformBoard(200, { seed: 5, columns: 3 });
const weights = Float64Array.from({ length: 300 }, (_, i) => (i % 7) / 3);
/** As none: whole, and each the same. */
const even = new Float64Array(300).fill(1);
const far = [[9, 9], [9, 8], [8, 9], [0.5, 0.5], [0.1, 0.9]]; // prettier-ignore
const CASES: [string, Points, number, KMeansOptions][] = [
  ['a run', board, 6, { tol: 0 }],
  ['a run that ends by maxIter', board, 6, { tol: 0, maxIter: 4 }],
  ['restarts', board, 5, { nInit: 3, init: 'random', seed: 4, margins: true }],
  ['weights, whitened', board, 5, { weights, whiten: true, init: 'k-means||' }],
  ['breathing', board, 20, { refine: 'breathing', init: 'random' }],
  ['restarts and breathing', blobs(300, 8), 8, { refine: 'breathing', nInit: 2 }],
  ['relocated', board, 5, { init: far, tol: 0 }],
  ['kept', board, 5, { init: far, emptyCluster: 'keep' }],
  ['dropped', board, 5, { init: far, emptyCluster: 'drop' }],
  ['a function', board, 2, { init: (_, __, random) => { const r = random(); return [[r, r], [1, 0]]; }, nInit: 2 }], // prettier-ignore
  ['cosine', solid, 5, { metric: 'cosine', nInit: 2 }],
  ['manhattan', board, 5, { metric: 'manhattan', init: 'random' }],
  ['manhattan, relocated', board, 5, { metric: 'manhattan', init: far }],
  ['manhattan, dropped', board, 5, { metric: 'manhattan', init: far, emptyCluster: 'drop' }],
];

describe.each(CASES)('%s', (_, points, k, options) => {
  test('goes on from each of its states, on either engine', async () => {
    const whole = told(await kmeans(points, k, { ...options, engine: 'reference' }));
    const { states, result } = await keep(points, k, { ...options, engine: 'reference' });
    expect(result).toEqual(whole);
    expect(states.length).toBeGreaterThan(3);
    const others = await keep(points, k, { ...options, engine: 'wasm', threads: 1 });
    expect(others).toEqual({ states, result });
    for (const [i, { state }] of states.entries()) {
      const engine = i % 2 ? 'reference' : 'wasm';
      const again = await keep(points, k, { ...options, engine, threads: 1, resume: state });
      expect({ from: i, ...again.result }).toEqual({ from: i, ...whole });
      // it writes what the first run wrote from here on, and no more
      expect(states.slice(-again.states.length || states.length)).toEqual(again.states);
      expect(unpack(state)).toEqual(unpack(pack(unpack(state))));
    }
  });
});

test('a run that ended by maxIter goes on with more of it', async () => {
  const { states } = await keep(board, 6, { tol: 0, maxIter: 3 }, 100);
  expect(states.map(({ iteration }) => iteration)).toEqual([3]);
  const resume = states[0].state;
  const on = await kmeans(board, 6, { tol: 0, resume });
  expect(told(on)).toEqual(told(await kmeans(board, 6, { tol: 0 })));
  await expect(kmeans(board, 6, { tol: 0, maxIter: 2, resume })).rejects.toThrow(
    new CheckpointError(
      'maxIter is 2; expected at least 3, as in the checkpoint. ' +
        'Give the points and options of the checkpoint, or start without resume.',
    ),
  );
});

test('not so where a restart before ended by it', async () => {
  const options = { tol: 0, nInit: 2, maxIter: 3 };
  const { states } = await keep(board, 6, options);
  const tried = states.map(({ state: resume }) =>
    kmeans(board, 6, { ...options, maxIter: 4, resume }).then(
      () => 'goes on',
      (error: Error) => error.message.split('. ')[0],
    ),
  );
  const cut = 'maxIter is 4; expected 3, as in the checkpoint, where a run has ended by it';
  expect(await Promise.all(tried)).toEqual([
    ...['goes on', 'goes on', 'goes on'],
    ...states.slice(3).map(() => cut),
  ]);
});

test('the engine that goes on may fail as any other', async () => {
  const { states, result } = await keep(board, 6, { tol: 0 });
  const { labels: whole } = await kmeans(board, 6, { tol: 0 });
  const { centroids, history } = unpack(states[4].state).under!;
  const points = inMemory(layOnGrid(board));
  const task = {
    points,
    k: 6,
    shiftLimit: 0n,
    emptyCluster: 'relocate',
    algorithm: 'auto',
  } as const;
  for (const [verb, at] of [
    ['place', 1],
    ['step', 1],
    ['step', 2],
    ['step', 3],
    ['read', 1],
  ] as const) {
    // prettier-ignore
    const failing = fakeEngine((v, nth) => {
      if (v === verb && nth === at) throw new DeviceLostError('the device is gone');
    });
    const run = new Run(
      [failing, fakeEngine()].map((engine) => rungOf(engine)),
      task,
    );
    await run.open();
    await run.resume({ centroids, history });
    const onBatch = () => {};
    await run.iterate({ maxIter: 300, signal: undefined, everyIteration: false, onBatch });
    const { labels, history: all } = await run.read();
    expect([verb, at, ...labels]).toEqual([verb, at, ...whole]);
    expect(all).toEqual(result.history);
    await run.dispose();
  }
});

test('progress is that of the whole run', async () => {
  const { states } = await keep(board, 6, { tol: 0 });
  const all: Progress[] = [];
  const onProgress = (progress: Progress) => void all.push(progress);
  await kmeans(board, 6, { tol: 0, resume: states[4].state, onProgress });
  const seen = all.filter(({ phase }) => phase === 'iterate');
  expect(seen.slice(0, 2).map(({ iteration, fraction }) => [iteration, fraction])).toEqual([
    [0, 4 / 300],
    [5, 5 / 300],
  ]);
  const [began, after] = seen.map(({ secondsLeft }) => secondsLeft);
  expect(began).toBeNaN();
  expect(after).toBeGreaterThan(0);
});

describe('write', () => {
  test('is called every so many iterations, of all restarts together', async () => {
    const { states } = await keep(board, 6, { tol: 0, engine: 'reference' }, 3);
    expect(states.map(({ iteration }) => iteration)).toEqual([3, 6]);
    // five iterations each: the first ends by maxIter, and could go on
    const options = { tol: 0, maxIter: 5, nInit: 4 };
    const { states: several } = await keep(board, 6, options, 7);
    const places = several.map(({ state, iteration }) => [unpack(state).restart, iteration]);
    expect(places).toEqual([[0, 5], [2, 2], [3, 4]]); // prettier-ignore
    // of a search after those breaths that have as many
    const search = { refine: 'breathing', init: 'random', engine: 'reference' } as const;
    const { states: all } = await keep(board, 20, search);
    const { states: some } = await keep(board, 20, search, 9);
    const breaths = (of: Kept[]) => of.filter(({ state }) => unpack(state).search).length;
    expect(breaths(some)).toBeGreaterThan(1);
    expect(breaths(all)).toBeGreaterThan(breaths(some));
  });

  test('is waited for, and changes nothing about the batches', async () => {
    const engine = fakeEngine();
    let writing = false;
    const write = async () => {
      expect(writing).toBe(false);
      writing = true;
      await new Promise((resolve) => setTimeout(resolve, 2));
      writing = false;
    };
    const onProgress = () => expect(writing).toBe(false);
    const checkpoint = { every: 5, write };
    await kmeans(board, 6, { tol: 0, engine, checkpoint, onProgress });
    expect(engine.steps.slice(0, 3)).toEqual([1, 2, 2]);
    expect(engine.steps[3]).toBeGreaterThan(1);
  });

  test.each([true, false])(
    'that fails (later: %s) fails the run, and is not called again',
    async (later) => {
      const mine = new Error('the disk is full');
      let calls = 0;
      const write = () => {
        calls++;
        if (later) return Promise.reject(mine);
        throw mine;
      };
      const engine = fakeEngine();
      await expect(kmeans(board, 6, { engine, checkpoint: { every: 2, write } })).rejects.toBe(
        mine,
      );
      expect([calls, engine.open_]).toEqual([1, 0]);
    },
  );

  test('has the newest state where a run is aborted, or fails', async () => {
    const whole = told(await kmeans(board, 6, { tol: 0 }));
    const controller = new AbortController();
    const reason = new Error('enough');
    const lost = new DeviceLostError('the device is gone');
    const failing = fakeEngine((verb, nth) => {
      if (verb === 'step' && nth === 5) throw lost;
    });
    const onProgress = async ({ iteration }: { iteration: number }) => {
      if (iteration === 4) controller.abort(reason);
    };
    for (const [given, error] of [
      [{ signal: controller.signal, onProgress }, reason],
      [{ engine: failing, onProgress: async () => {} }, lost],
    ] as const) {
      const states: Kept[] = [];
      const write = (state: Kept['state'], about: { iteration: number }) =>
        void states.push({ state, ...about });
      const run = kmeans(board, 6, { tol: 0, ...given, checkpoint: { every: 3, write } });
      await expect(run).rejects.toBe(error);
      expect(states.map(({ iteration }) => iteration)).toEqual([3, 4]);
      expect(told(await kmeans(board, 6, { tol: 0, resume: states[1].state }))).toEqual(whole);
    }
  });
});

test('KMeans keeps states and goes on from them, in its options and in those of a fit', async () => {
  const { states, result } = await keep(board, 5, { init: 'random' });
  const resume = states[2].state;
  const written: Uint8Array[] = [];
  const checkpoint = { every: 1, write: (state: Uint8Array) => void written.push(state) };
  const model = new KMeans({ k: 5, init: 'random', checkpoint });
  await model.fit(board, { resume });
  expect([model.inertia, model.iterations]).toEqual([result.inertia, result.iterations]);
  expect(written).toEqual(states.slice(3).map(({ state }) => state));
  expect(Object.keys(model.toJSON().options)).toEqual(['k', 'init']);
});

test('others refuse it', async () => {
  const checkpoint = { write: () => {} };
  const resume = new Uint8Array();
  const either = (fit: (options: KMeansOptions) => Promise<unknown>) => [{ checkpoint }, { resume }].map(fit); // prettier-ignore
  for (const refused of [
    ...either((options) => new MiniBatchKMeans({ k: 2 }).fit(board, options as object)),
    ...either((options) => new BisectingKMeans({ k: 2 }).fit(board, options as object)),
    ...either((options) => Codebook.train(board, 2, options as object)),
  ])
    await expect(refused).rejects.toThrow(NotSupportedError);
});

describe('refused', async () => {
  const given = { weights, seed: 7, init: 'random', nInit: 2, tol: 1e-3 } as const;
  const { states } = await keep(board, 5, given);
  const resume = states[3].state;
  const refusal = (points: Points, k: number, options: KMeansOptions) =>
    kmeans(points, k, { ...given, ...options, engine: 'reference' }).then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const INSTEAD = ' Give the points and options of the checkpoint, or start without resume.';

  test('are options that decide the result, by name; others may differ', async () => {
    const others: [KMeansOptions & { k?: number }, string][] = [
      [{ k: 6 }, 'k is 6; expected 5'],
      [{ seed: 3 }, 'seed is 3; expected 7'],
      [{ nInit: 3 }, 'nInit is 3; expected 2'],
      [{ tol: 0 }, 'tol is 0; expected 0.001'],
      [{ init: 'auto' }, "init is 'auto'; expected 'random'"],
      [{ metric: 'manhattan' }, "metric is 'manhattan'; expected 'euclidean'"],
      [{ emptyCluster: 'keep' }, "emptyCluster is 'keep'; expected 'relocate'"],
      [{ refine: 'breathing' }, "refine is 'breathing'; expected 'none'"],
      [{ whiten: true }, 'whiten is true; expected false'],
    ];
    for (const [{ k = 5, ...options }, message] of others)
      expect(await refusal(board, k, { ...options, resume })).toBe(
        `CheckpointError: ${message}, as in the checkpoint.${INSTEAD}`,
      );
    const free = { maxIter: 1000, algorithm: 'lloyd', threads: 2, margins: true } as const;
    expect(await refusal(board, 5, { ...free, onProgress: () => {}, resume })).toBe('none');
  });

  test('are other points, other weights, other centroids to start from', async () => {
    const changed = (at: number, by: number) => {
      const data = board.data.slice();
      data[at] += by;
      return matrix(data, 2);
    };
    const print = (name: string) =>
      expect.stringMatching(new RegExp(`^CheckpointError: the fingerprint of ${name} is '[0-9a-f]{16}'; expected [0-9a-f]{16}, as in the checkpoint.${INSTEAD}`)) as string; // prettier-ignore
    expect(await refusal(changed(300, 2 ** -20), 5, { resume })).toEqual(print('points'));
    expect(await refusal(board, 5, { weights: even, resume })).toEqual(print('weights'));
    const heavier = weights.map((w, i) => (i === 11 ? w + 1 / 3 : w));
    expect(await refusal(board, 5, { weights: heavier, resume })).toEqual(print('weights'));
    expect(await refusal(uniformBoard(299, { seed: 3 }), 5, { weights: even, resume })).toBe(
      `CheckpointError: points.rows is 299; expected 300, as in the checkpoint.${INSTEAD}`,
    );
    const fixed = await keep(board, 5, { init: far });
    const other = { init: far.map(([x, y]) => [x, y + 1]), resume: fixed.states[0].state };
    await expect(kmeans(board, 5, other)).rejects.toThrow(/^the fingerprint of init is/);
  });

  test('is every other value, and another order of the rows', async () => {
    // more rows than are looked at
    const { data } = uniformBoard(2000, { seed: 1 });
    const print = async (changed: Float32Array) =>
      (await printsOf(inMemory(layOnGrid(matrix(changed, 2))), [])).points.join();
    const prints = new Set([await print(data)]);
    for (let at = 1; at < 4000; at += 97)
      prints.add(await print(data.map((x, i) => (i === at ? x + 2 ** -20 : x))));
    expect(prints.size).toBe(1 + Math.ceil(3999 / 97));
    const turned = new Float32Array(4000);
    for (let row = 0; row < 2000; row++)
      turned.set(data.subarray(2 * row, 2 * row + 2), 2 * (1999 - row));
    expect(prints).not.toContain(await print(turned));
  });

  test('before an engine is opened', async () => {
    const engine = fakeEngine();
    for (const options of [{ seed: 3 }, { weights: even }])
      await expect(kmeans(board, 5, { ...given, ...options, engine, resume })).rejects.toThrow(
        CheckpointError,
      );
    expect(engine.calls).toEqual([]);
  });

  test('are wrong forms of the options', async () => {
    const write = () => {};
    for (const [options, message] of [
      [
        { checkpoint: null },
        'checkpoint is null; expected an object. Leave it out for the defaults.',
      ],
      [
        { checkpoint: {} },
        'checkpoint.write is undefined; expected a function. Pass one that keeps the bytes.',
      ],
      [
        { checkpoint: { write, every: 0 } },
        'checkpoint.every is 0; expected a whole number ≥ 1. Raise it.',
      ],
      [
        { checkpoint: { write, evry: 1 } },
        'checkpoint.evry is 1; expected only every, write. Check the spelling.',
      ],
      [
        { resume: null },
        'resume is null; expected a Uint8Array. Wrap an ArrayBuffer: new Uint8Array(buffer).',
      ],
      [
        { resume: 'state' },
        "resume is 'state'; expected a Uint8Array. Wrap an ArrayBuffer: new Uint8Array(buffer).",
      ],
    ] as const)
      // prettier-ignore
      expect(await refusal(board, 5, options as unknown as KMeansOptions)).toBe(
        `InvalidInputError: ${message}`,
      );
  });
});

describe('bytes', async () => {
  const states = [
    ...(await keep(board, 5, { nInit: 2, init: 'random' })).states,
    ...(await keep(board, 5, { refine: 'breathing' })).states.slice(-1),
  ].map(({ state }) => state);
  const state = states.at(-2)!;
  const complaint = (bytes: Uint8Array) => {
    try {
      unpack(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(CheckpointError);
      expect(error).toMatchObject({ code: 'checkpoint' });
      return (error as Error).message;
    }
    return 'none';
  };
  /** Changed, with the checksum that belongs to it. */
  const changed = (bytes: Uint8Array, change: (view: DataView) => void) => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    change(view);
    if (copy.length > 4) view.setUint32(copy.length - 4, crc32(copy, 0, copy.length - 4), true);
    return copy;
  };

  test('of version 1, written once, are read for ever', () => {
    // two rows' worth of everything: one restart ended, the next under way
    const numbers = [...[9, 1, 2, 3, 0.5, 7, 3, 2, 1, 0, 1, 40, 0], ...[1, 0, 0, 2, 1, 1, 2, 2]];
    const body = Buffer.concat([
      Buffer.from('centckpt'),
      Buffer.from(Uint32Array.of(1, 11, 12, 0, 0, 31, 32).buffer),
      Buffer.from(Float64Array.from(numbers).buffer),
      Buffer.from(Float32Array.of(-0.5, 1).buffer),
      Buffer.from(Float64Array.of(9, 0.25, 4).buffer),
      Buffer.from(Float32Array.of(0, -1).buffer),
      Buffer.from(Float64Array.of(9, 2, 5, 3, 1, 4.5).buffer),
    ]);
    const bytes = Buffer.concat([body, Buffer.from(Uint32Array.of(crc32(body, 0, body.length)).buffer)]); // prettier-ignore
    const found = unpack(bytes);
    expect(found).toEqual({
      choices: {
        ...{ rows: 9, columns: 1, k: 2, nInit: 3, tol: 0.5, seed: 7 },
        ...{ init: 'random', metric: 'manhattan', emptyCluster: 'keep' },
        ...{ refine: 'none', whiten: true },
      },
      prints: { points: [11, 12], weights: [0, 0], init: [31, 32] },
      maxIter: 40,
      cut: false,
      restart: 1,
      search: null,
      best: {
        centroids: Float32Array.of(-0.5, 1),
        history: [{ iteration: 1, moved: 9, shift: 0.25, inertia: 4 }],
        stop: 'labels',
      },
      under: {
        centroids: Float32Array.of(0, -1),
        history: [
          { iteration: 1, moved: 9, shift: 2, inertia: 5 },
          { iteration: 2, moved: 3, shift: 1, inertia: 4.5 },
        ],
      },
    });
    expect(Buffer.from(pack(found)).equals(bytes)).toBe(true);
  });

  test('that are harmed are refused: a flipped bit, a cut, something else', () => {
    for (let bit = 0; bit < 8 * state.length; bit += 3) {
      const bytes = state.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(complaint(bytes)).not.toBe('none');
    }
    for (let length = 0; length < state.length; length += 5)
      expect(complaint(state.subarray(0, length))).not.toBe('none');
    expect(complaint(Buffer.from('PAR1 and so on'))).toBe(
      "the beginning of resume is 'PAR1 and'; expected 'centckpt'. Pass what checkpoint.write was given.",
    );
    expect(complaint(state.subarray(0, 100))).toBe(
      'resume.length is 100; expected at least 208. ' +
        'The file is cut short or damaged: take an earlier one, or start without resume.',
    );
    expect(complaint(state.map((byte, at) => (at === state.length - 5 ? byte ^ 1 : byte)))).toMatch(
      /^the checksum of resume is/,
    );
    const newer = changed(state, (view) => view.setUint32(8, 2, true));
    expect(complaint(newer)).toBe(
      'the version of resume is 2; expected 1. Resume with the release that wrote it, or start without resume.',
    );
    const within = new Uint8Array(state.length + 3);
    within.set(state, 3);
    expect(unpack(within.subarray(3))).toEqual(unpack(state));
  });

  test('that claim too much are refused before anything is made of them', () => {
    const claims = [2 ** 53 - 1, 2 ** 32, 1e9, -1, 0.5, NaN, Infinity];
    for (const [i, bytes] of states.entries())
      for (let at = 36; at < 204; at += 8)
        for (const claim of claims) {
          const forged = changed(bytes, (view) => view.setFloat64(at, claim, true));
          try {
            // sizes that are believed come with their bytes; the rest is numbers
            expect([i, at, unpack(forged).choices.k]).toEqual([i, at, at === 52 ? claim : 5]);
          } catch (error) {
            expect(error).toBeInstanceOf(CheckpointError);
          }
        }
  });

  test('whatever they are: a state, or a CheckpointError; and then a result, or a KMeansError', async () => {
    const edit = fc.record({
      of: fc.nat(states.length - 1),
      cut: fc.option(fc.nat(900), { freq: 4 }),
      words: fc.array(fc.tuple(fc.nat(60), fc.oneof(fc.double(), fc.integer({ min: -1, max: 9 }))), { maxLength: 3 }), // prettier-ignore
      noise: fc.array(fc.tuple(fc.nat(899), fc.nat(255)), { maxLength: 3 }),
    });
    const ends = { result: 0, error: 0 };
    await fc.assert(
      fc.asyncProperty(edit, async ({ of, cut, words, noise }) => {
        const bytes = changed(states[of].slice(0, cut ?? undefined), (view) => {
          for (const [at, value] of words)
            if (36 + 8 * at + 8 <= view.byteLength) view.setFloat64(36 + 8 * at, value, true);
          for (const [at, value] of noise) if (at < view.byteLength) view.setUint8(at, value);
        });
        if (complaint(bytes) !== 'none') return;
        const { k: _, nInit, ...choices } = unpack(bytes).choices;
        const options = { tol: choices.tol, seed: choices.seed, nInit: Math.min(nInit, 3) };
        const { init, metric, emptyCluster, refine, whiten } = choices;
        await kmeans(board, 5, {
          ...options,
          ...({ init, metric, emptyCluster, refine, whiten } as KMeansOptions),
          ...{ maxIter: 300, engine: 'reference', resume: bytes },
        }).then(
          () => ends.result++,
          (error) => {
            expect(error).toBeInstanceOf(KMeansError);
            ends.error++;
          },
        );
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(ends.result).toBeGreaterThan(20);
  });
});

describe('a process that is killed', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  const SCRIPT = `
    import { renameSync, writeFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    import { kmeans, uniformBoard } from './src/index.ts';
    const file = process.argv[1];
    await kmeans(uniformBoard(3000, { seed: 1 }), 20, {
      tol: 0,
      engine: 'reference',
      checkpoint: {
        every: 2,
        async write(state, { iteration }) {
          writeFileSync(file + '.new', state);
          renameSync(file + '.new', file);
          console.log(iteration);
          await setTimeout(5);
        },
      },
    });
    console.log('ended');
  `;

  test('leaves a state from which another engine comes to the same hash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'centroids-checkpoint-'));
    folders.push(folder);
    const file = join(folder, 'state');
    const args = ['--import', 'tsx', '--input-type=module', '-e', SCRIPT, file];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (lines.length === 4) child.kill('SIGKILL');
    }
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(lines).not.toContain('ended');
    const resume = await readFile(file);
    expect(unpack(resume).under!.history.length).toBeGreaterThanOrEqual(8);
    const points = uniformBoard(3000, { seed: 1 });
    const { hash, history } = await kmeans(points, 20, { tol: 0, engine: 'wasm', resume });
    const whole = await kmeans(points, 20, { tol: 0, engine: 'wasm' });
    expect([hash, history]).toEqual([whole.hash, whole.history]);
  });
});
