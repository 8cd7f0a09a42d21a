/** How a GPU's kernels come by their sizes: the race on a clock of its own, the memory, what callers may ask for. */
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError, NotSupportedError, openEngine } from '../../src/index.ts';
import type { TuningOption } from '../../src/engine.ts';
import { fastest } from '../../src/engines/webgpu/fastest.ts';
import { CANDIDATES, judgeSizes, PROPOSALS } from '../../src/engines/webgpu/kernel-sizes.ts';
import { forget, recall, remember } from '../../src/engines/webgpu/tuning-memory.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { VERSION } from '../../src/version.ts';
import manifest from '../../package.json' with { type: 'json' };

/** A race on a clock that only moves when something is timed or prepared. */
async function race(each: Record<string, number>, { budget = 100, never = '' } = {}) {
  let clock = 1000;
  const timed: string[] = [];
  const winner = await fastest({
    candidates: Object.keys(each),
    prepare: async (name) => {
      await (name === never ? new Promise(() => {}) : null);
    },
    time: async (name, repetitions) => {
      const took = each[name] * repetitions;
      await Promise.resolve();
      clock += took;
      timed.push(name);
      return took;
    },
    budget,
    now: () => clock,
  });
  return { winner, timed, spent: clock - 1000 };
}

describe('the race', () => {
  test('is won by the fastest', async () => {
    expect((await race({ a: 0.3, b: 0.2, c: 0.25 })).winner).toBe('b');
    expect((await race({ a: 2, b: 4, c: 1 })).winner).toBe('c');
  });

  test('is won by the first where another is faster by no more than chance', async () => {
    expect((await race({ a: 1, b: 0.96, c: 1.1 })).winner).toBe('a');
    expect((await race({ a: 1, b: 0.94, c: 1.1 })).winner).toBe('b');
  });

  test('repeats what is too short for a clock', async () => {
    const { winner, spent } = await race({ a: 0.001, b: 0.0005, c: 0.002 });
    expect(winner).toBe('b');
    expect(spent).toBeGreaterThan(10);
    expect(spent).toBeLessThan(100);
  });

  test('a clock that stands still ends it too', async () => {
    expect((await race({ a: 0, b: 0 })).winner).toBe('a');
  });

  test.each([0.001, 0.1, 1, 3, 7, 20, 45])('is over in time: %f ms a run', async (ms) => {
    const { spent, timed } = await race({ a: ms, b: ms, c: 0.9 * ms, d: 1.1 * ms });
    // nothing is begun that, by what is known, would not be done in time
    expect(spent).toBeLessThanOrEqual(100 + 0.1 * ms);
    expect(timed.length).toBeGreaterThan(1);
  });

  test('one that is far slower than the first costs one run at most', async () => {
    const { winner, timed } = await race({ a: 10, b: 500, c: 1 });
    expect(timed.filter((name) => name === 'b')).toHaveLength(1);
    expect(winner).toBe('a'); // c was never met
  });

  test('tells nothing where the first takes it all', async () => {
    expect(await race({ a: 150, b: 1 })).toEqual({ winner: null, timed: ['a'], spent: 150 });
    const late = await race({ a: 3, b: 1 }, { budget: 10, never: 'b' });
    expect([late.winner, new Set(late.timed)]).toEqual([null, new Set(['a'])]);
  });

  test('rejects with what a candidate rejects with', async () => {
    const broken = fastest({
      candidates: [1, 2],
      prepare: (one) => (one === 2 ? Promise.reject(new Error('no such tile')) : Promise.resolve()),
      time: () => Promise.resolve(5),
      budget: 100,
      now: () => 0,
    });
    await expect(broken).rejects.toThrow('no such tile');
  });
});

/** A page's storage. */
function storage(initial: Record<string, string> = {}) {
  const items = new Map(Object.entries(initial));
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
  };
}

describe('the memory', () => {
  beforeEach(() => forget());
  const sizes = { workgroup: 256, depth: 8 };

  test('keeps what it was told, by adapter and kernel', () => {
    const store = storage();
    remember('a/b', 'compare', sizes, true, store);
    remember('a/b', 'narrow', { workgroup: 64 }, false, store);
    expect(recall('a/b', store)).toEqual({ compare: sizes, narrow: { workgroup: 64 } });
    expect(recall('a/c', store)).toEqual({});
    forget(); // another visit: what was not to last is gone
    expect(recall('a/b', store)).toEqual({ compare: sizes });
    remember('a/b', 'assign', { workgroup: 32 }, true, store);
    forget();
    expect(recall('a/b', store)).toEqual({ compare: sizes, assign: { workgroup: 32 } });
  });

  test('does without a storage, and with one that throws', () => {
    remember('a', 'assign', { workgroup: 64 }, true, null);
    expect(recall('a', null)).toEqual({ assign: { workgroup: 64 } });
    const full = {
      getItem: () => {
        throw new Error('forbidden');
      },
      setItem: () => {
        throw new Error('full');
      },
    };
    remember('b', 'assign', { workgroup: 64 }, true, full);
    expect(recall('b', full)).toEqual({ assign: { workgroup: 64 } });
  });

  const good = { version: VERSION, sizes: { narrow: { workgroup: 64 } } };
  const bad: [string, string][] = [
    ['garbage', '{{'],
    ['nothing', ''],
    ['a number', '7'],
    ['null', 'null'],
    ['no sizes', JSON.stringify({ version: VERSION })],
    ['sizes that are none', JSON.stringify({ ...good, sizes: 'large' })],
    ['another version', JSON.stringify({ ...good, version: '0.0.9' })],
    ['no version', JSON.stringify({ sizes: good.sizes })],
    ['an unknown kernel', JSON.stringify({ ...good, sizes: { sift: { workgroup: 64 } } })],
    ['sizes out of range', JSON.stringify({ ...good, sizes: { narrow: { workgroup: 1e9 } } })],
    ['a prototype', '{"version":"' + VERSION + '","sizes":{"__proto__":{"workgroup":3}}}'],
  ];
  test.each(bad)('ignores %s in the storage, and replaces it', (_, text) => {
    const store = storage();
    remember('a', 'narrow', { workgroup: 64 }, true, store);
    const [name, written] = [...store.items][0];
    expect(JSON.parse(written)).toEqual(good);
    forget();
    store.items.set(name, text);
    expect(recall('a', store)).toEqual({});
    remember('a', 'narrow', { workgroup: 64 }, true, store);
    expect(store.items.get(name)).toBe(written);
  });

  test('is of this version', () => expect(VERSION).toBe(manifest.version));
});

describe('what is asked for', () => {
  test('may be all that is tried', () => {
    for (const kernel of PROPOSALS)
      for (const sizes of CANDIDATES[kernel]) judgeSizes({ [kernel]: sizes });
  });

  const wrong: [unknown, RegExp][] = [
    ['fast', /tuning is 'fast'; expected 'auto', 'always', 'off' or sizes by kernel\. Choose/],
    [3, /tuning is 3; expected/],
    [null, /tuning is null; expected/],
    [{ sift: {} }, /tuning\.sift is an object; expected only assign, narrow, compare\. Check/],
    [{ assign: 64 }, /tuning\.assign is 64; expected an object, like \{ workgroup: 128 \}/],
    [{ assign: { depth: 8 } }, /tuning\.assign\.depth is 8; expected only workgroup\. Check/],
    [
      { narrow: { workgroup: 100 } },
      /tuning\.narrow\.workgroup is 100; expected 32, 64, 128, 256\./,
    ],
    [{ compare: { depth: '8' } }, /tuning\.compare\.depth is '8'; expected 8, 16\. Choose/],
  ];
  test.each(wrong)('%j is refused', async (tuning, message) => {
    // before anybody asks for a GPU, which there need not be here
    const refused = openWebGpu({ tuning: tuning as TuningOption });
    await expect(refused).rejects.toThrow(InvalidInputError);
    await expect(refused).rejects.toThrow(message);
  });

  test('other engines have nothing to tune', async () => {
    const refused = openEngine('wasm', { tuning: 'off' });
    await expect(refused).rejects.toThrow(NotSupportedError);
    await expect(refused).rejects.toThrow(/tuning is given; the wasm engine has nothing to tune\./);
  });
});
