/** Which engine would run, and what is said of those that would not. In Node without a GPU. */
import { describe, expect, test } from 'vitest';
import {
  DeviceLostError,
  EngineUnavailableError,
  engines,
  explain,
  InvalidInputError,
  kmeans,
  NotSupportedError,
  openEngine,
  uniformBoard,
} from '../../src/index.ts';
import { cluster } from '../../src/kmeans.ts';
import { ladder, shared } from '../../src/ladder.ts';
import { judge } from '../../src/options.ts';
import { fakeEngine, rungOf } from './fake-engines.ts';

const device = {} as GPUDevice;
const names = (...given: Parameters<typeof ladder>) =>
  ladder(...given).map(({ name, owned, onlyHardware }) => ({ name, owned, onlyHardware }));
const cpu = ['wasm', 'reference'].map((name) => ({ name, owned: true, onlyHardware: false }));

describe('ladder', () => {
  test("'auto': a hardware GPU for large work, otherwise the processor", () => {
    expect(names('auto', 1e9, {})).toEqual([
      { name: 'webgpu', owned: true, onlyHardware: true },
      { name: 'webgl', owned: true, onlyHardware: true },
      ...cpu,
    ]);
    expect(names('auto', 1e6, {})).toEqual(cpu);
  });

  test("'auto' with an option that not all have: engines that have it only", () => {
    const filtered = { engines: ['webgpu', 'wasm'] } as const;
    expect(names('auto', 1e9, filtered)).toEqual([
      { name: 'webgpu', owned: true, onlyHardware: true },
      cpu[0],
    ]);
    expect(names('auto', 1e6, filtered)).toEqual([cpu[0]]);
    expect(names('auto', 1e6, { engines: ['webgpu'] })).toEqual([
      { name: 'webgpu', owned: true, onlyHardware: false },
    ]);
  });

  test("the caller's device is used, whatever it is and however small the work", () => {
    expect(names('auto', 1, { device })).toEqual([
      { name: 'webgpu', owned: true, onlyHardware: false },
      ...cpu,
    ]);
  });

  test('an engine by name has none below it', () => {
    for (const name of ['webgpu', 'webgl', 'wasm', 'reference'] as const)
      expect(names(name, 1e9, {})).toEqual([{ name, owned: true, onlyHardware: false }]);
  });

  test('an opened engine is only lent', async () => {
    const engine = fakeEngine();
    expect(names(engine, 1e9, {})).toEqual([{ name: 'webgpu', owned: false, onlyHardware: false }]);
    expect(await ladder(engine, 1, {})[0].open()).toBe(engine);
  });
});

describe('rungs that several runs share', () => {
  const settings = judge(uniformBoard(200), 4);

  test('open their engine once, and leave it to the end', async () => {
    const engine = fakeEngine();
    const unused = fakeEngine();
    let opened = 0;
    const open = async () => (opened++, engine);
    const { rungs, dispose } = shared([rungOf(engine, { open }), rungOf(unused)]);
    const { hash } = await kmeans(uniformBoard(200), 4, { engine: 'reference' });
    for (let i = 0; i < 3; i++)
      expect((await cluster(settings, rungs)).result).toMatchObject({ hash, engine: 'webgpu' });
    expect([opened, engine.open_, engine.disposed]).toEqual([1, 0, 0]);
    await dispose();
    expect([engine.disposed, unused.disposed]).toEqual([1, 0]);
  });

  test('give way in every run where the first engine is lost in the middle, to the same bits', async () => {
    let lost = false;
    const engine = fakeEngine((verb, nth) => {
      lost ||= verb === 'step' && nth === 2;
      if (lost) throw new DeviceLostError('gone');
    });
    const next = fakeEngine(() => {}, { name: 'reference' });
    const { rungs, dispose } = shared([rungOf(engine), rungOf(next)]);
    const truth = await kmeans(uniformBoard(200), 4, { engine: 'reference' });
    for (let i = 0; i < 3; i++) {
      const { result } = await cluster(settings, rungs);
      expect([result.hash, result.engine]).toEqual([truth.hash, 'reference']);
      expect(result.history).toEqual(truth.history);
    }
    await dispose();
    expect([engine.open_, engine.disposed, next.open_, next.disposed]).toEqual([0, 1, 0, 1]);
  });

  test('ask once for an engine that is not to be had, and do not close what is lent', async () => {
    const lent = fakeEngine();
    let asked = 0;
    const open = () => (asked++, Promise.reject(new EngineUnavailableError('webgpu', 'a test')));
    const { rungs, dispose } = shared([
      rungOf(fakeEngine(), { open }),
      rungOf(lent, { owned: false }),
    ]);
    for (let i = 0; i < 2; i++) await cluster(settings, rungs);
    await dispose();
    expect([asked, lent.disposed]).toEqual([1, 0]);
  });
});

describe('openEngine', () => {
  test('opens the reference engine, again and again', async () => {
    for (let i = 0; i < 3; i++) {
      const engine = await openEngine('reference');
      expect(engine).toMatchObject({ name: 'reference', hardware: false });
      expect(engine.description).not.toBe('');
      expect((await kmeans(uniformBoard(20), 2, { engine })).engine).toBe('reference');
      await engine.dispose();
    }
  });

  test('webgl is for browsers', async () => {
    await expect(openEngine('webgl')).rejects.toThrow(
      new EngineUnavailableError(
        'webgl',
        'WebGL draws on a canvas, which only browsers and their workers have',
      ),
    );
  });
});

test('engines: all there are, with a reason where one cannot run', async () => {
  const infos = await engines();
  expect(infos.map(({ name }) => name)).toEqual(['webgpu', 'webgl', 'wasm', 'reference']);
  for (const { available, hardware, reason, description } of infos) {
    expect(reason === '').toBe(available);
    expect(description !== '').toBe(available);
    if (!available) expect(hardware).toBe(false);
  }
  expect(infos.at(-1)).toMatchObject({ available: true, hardware: false });
});

describe('explain', () => {
  test('says what would run, and why', async () => {
    const small = await explain(uniformBoard(100), 3);
    expect(small).toMatchObject({ engine: 'wasm', algorithm: 'lloyd', passedOver: [] });
    expect(small.reason).toMatch(
      /^wasm \(WebAssembly (relaxed )?SIMD, \d+ threads?\): rows × k × columns is 6.0e\+2, too little to be worth a GPU; lloyd computes every distance$/,
    );
    const engine = fakeEngine();
    expect(await explain(uniformBoard(100), 3, { engine })).toMatchObject({
      engine: 'webgpu',
      reason: 'webgpu (a fake): opened by the caller; lloyd computes every distance',
    });
    expect(engine.disposed).toBe(0);
  });

  test('judges as kmeans does', async () => {
    await expect(explain(uniformBoard(3), 4)).rejects.toThrow(InvalidInputError);
    await expect(explain(uniformBoard(3), 2, { output: 'gpu' })).rejects.toThrow(
      EngineUnavailableError,
    );
    await expect(openEngine('wasm', { maxMemory: 1e9 })).rejects.toThrow(NotSupportedError);
    await expect(openEngine('webgpu', { maxMemory: NaN })).rejects.toThrow(
      /^maxMemory is NaN; expected a number of bytes ≥ 1/,
    );
  });
});

test('an error of a missing engine names it, the reason and the way out', () => {
  const error = new EngineUnavailableError('webgpu', 'there is no adapter');
  expect(error).toMatchObject({
    name: 'EngineUnavailableError',
    code: 'engine-unavailable',
    engine: 'webgpu',
    reason: 'there is no adapter',
    message:
      "engine is 'webgpu'; expected one that can run here: there is no adapter. Use engine: 'auto' to take the best that can.",
  });
});

describe('the block filter', () => {
  test('is explained where it is tried', async () => {
    expect(await explain(uniformBoard(5000), 8)).toMatchObject({
      engine: 'wasm',
      algorithm: 'filtered',
    });
    expect(await explain(uniformBoard(5000, { columns: 20 }), 8)).toMatchObject({
      algorithm: 'filtered',
    });
    expect(await explain(uniformBoard(4000), 8)).toMatchObject({ algorithm: 'lloyd' });
  });

  test("takes the engine that has it under 'auto', and is refused where there is none", async () => {
    const board = uniformBoard(5000);
    const filtered = await kmeans(board, 8, { algorithm: 'filtered' });
    expect([filtered.engine, filtered.algorithm]).toEqual(['wasm', 'filtered']);
    const lloyd = await kmeans(board, 8, { algorithm: 'lloyd' });
    expect([lloyd.algorithm, lloyd.hash]).toEqual(['lloyd', filtered.hash]);
    const asked = { algorithm: 'filtered', engine: 'reference' } as const;
    await expect(kmeans(board, 8, asked)).rejects.toThrow(NotSupportedError);
    await expect(explain(board, 8, asked)).rejects.toThrow(NotSupportedError);
  });
});
