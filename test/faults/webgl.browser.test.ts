/**
 * What goes wrong with WebGL: the context is lost in the middle, comes back with zeros, computes wrongly, is
 * none of a GPU. And what is left behind: nothing.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DeviceLostError,
  EngineUnavailableError,
  engines,
  explain,
  GpuError,
  kmeans,
  openEngine,
  OutOfMemoryError,
  uniformBoard,
  type Progress,
} from '../../src/index.ts';
import { openWebGl } from '../../src/engines/webgl/index.ts';
import { cluster } from '../../src/kmeans.ts';
import { judge } from '../../src/options.ts';
import { fakeEngine, rungOf } from '../unit/fake-engines.ts';
import { outcome, run, undisturbed } from './problem.ts';

const GL = WebGL2RenderingContext.prototype;
type Method = 'drawArrays' | 'getBufferSubData' | 'getError' | 'shaderSource';

/** Every context that is opened, and what it calls; methods can be replaced. */
let contexts: WebGL2RenderingContext[] = [];
let restore: (() => void)[] = [];

/** `instead` gets the method as it is, and is called in its place. */
function replace<M extends Method>(
  method: M,
  instead: (
    gl: WebGL2RenderingContext,
    own: WebGL2RenderingContext[M],
    ...args: Parameters<WebGL2RenderingContext[M]>
  ) => unknown,
): void {
  const own = GL[method];
  Object.assign(GL, {
    [method](this: WebGL2RenderingContext, ...args: Parameters<WebGL2RenderingContext[M]>) {
      return instead(this, own.bind(this) as WebGL2RenderingContext[M], ...args);
    },
  });
  restore.push(() => Object.assign(GL, { [method]: own }));
}

beforeEach(() => {
  contexts = [];
  const own = OffscreenCanvas.prototype.getContext;
  const watched = function (this: OffscreenCanvas, ...args: Parameters<typeof own>) {
    const context = own.apply(this, args);
    if (context instanceof WebGL2RenderingContext) contexts.push(context);
    return context;
  };
  Object.assign(OffscreenCanvas.prototype, { getContext: watched });
  restore = [() => Object.assign(OffscreenCanvas.prototype, { getContext: own })];
});
afterEach(() => {
  for (const back of restore.reverse()) back();
});

const lose = (gl: WebGL2RenderingContext) => gl.getExtension('WEBGL_lose_context')?.loseContext();
const loseAll = () => contexts.forEach(lose);

describe('lost', () => {
  const phases: [name: string, when: (progress: Progress) => boolean][] = [
    ['seed', ({ phase }) => phase === 'seed'],
    ['iterate', ({ phase }) => phase === 'iterate'],
    ['iteration 4', ({ iteration }) => iteration >= 4],
    ['read', ({ phase }) => phase === 'read'],
  ];
  test.each(phases)('when the phase begins: %s', async (name, when) => {
    const onProgress = async (progress: Progress) => {
      if (when(progress)) loseAll();
    };
    const engine = await openWebGl();
    await expect(run({ engine, onProgress })).rejects.toThrow(DeviceLostError);
    expect([name, contexts[0].isContextLost()]).toEqual([name, true]);
    await engine.dispose();
  });

  // a run draws some thirty times
  test.each([1, 7, 14, 24])('at draw %i', async (nth) => {
    const engine = await openWebGl();
    let draws = 0;
    replace('drawArrays', (gl, own, ...args) => {
      if (++draws === nth) lose(gl);
      own(...args);
    });
    await expect(run({ engine })).rejects.toThrow(DeviceLostError);
    expect(draws).toBeGreaterThanOrEqual(nth);
    await engine.dispose();
  });

  test('at every few draws, and the next engine goes on to the same bits', async () => {
    const settings = judge(uniformBoard(800), 6, { maxIter: 6 });
    const truth = await kmeans(uniformBoard(800), 6, { maxIter: 6, engine: 'reference' });
    for (const nth of [2, 9, 16]) {
      let draws = 0;
      const engine = await openWebGl();
      replace('drawArrays', (gl, own, ...args) => {
        if (++draws === nth) lose(gl);
        own(...args);
      });
      const next = fakeEngine(() => {}, { name: 'wasm' });
      const { result } = await cluster(settings, [rungOf(engine), rungOf(next)]);
      expect([result.hash, result.engine]).toEqual([truth.hash, 'wasm']);
      expect(result.history).toEqual(truth.history);
      restore.pop()!();
    }
  });
});

describe('wrong', () => {
  test('zeros, and no word of it', async () => {
    const engine = await openWebGl();
    for (const from of [1, 2, 5]) {
      let reads = 0;
      replace('getBufferSubData', (_, own, ...args) => {
        if (++reads < from) own(...(args as Parameters<typeof own>));
      });
      await expect(run({ engine })).rejects.toThrow(GpuError);
      restore.pop()!();
    }
    await engine.dispose();
  });

  test('memory that ends', async () => {
    const engine = await openWebGl();
    let calls = 0;
    replace('getError', (gl, own) => (++calls === 3 ? gl.OUT_OF_MEMORY : own()));
    await expect(run({ engine })).rejects.toThrow(OutOfMemoryError);
    await engine.dispose();
  });

  const mistakes: [name: string, from: RegExp, to: string, reason: RegExp][] = [
    ['distances too long', /user_distance2\+=/, 'user_distance2+=1.00001*', /float32 distance is/],
    ['a texel mixed up', /user_z1=/, 'user_z1=0.5*', /float32 distance is/],
    ['the first of two near', /user_second=user_best/, 'user_second=1e30', /float32 distance is/],
    ['halves rounded down', />=0\.5/, '>0.5', /a sum is/],
    ['a lost limb', /user_middle\+=/, 'user_middle=', /a sum is/],
    ['signs', /user_y<0\.0/, 'false', /a sum is/],
  ];
  test.each(mistakes)('%s: such a GPU is not used', async (_, from, to, reason) => {
    let changed = 0;
    replace('shaderSource', (_, own, shader, source) => {
      if (from.test(source)) changed++;
      own(shader, source.replace(from, to));
    });
    const failure = await openEngine('webgl').catch((error: unknown) => error);
    expect(changed).toBeGreaterThan(0);
    expect(failure).toBeInstanceOf(EngineUnavailableError);
    expect((failure as EngineUnavailableError).reason).toMatch(/ computes wrongly: /);
    expect((failure as EngineUnavailableError).reason).toMatch(reason);
    expect(contexts.every((gl) => gl.isContextLost())).toBe(true);
  });
});

describe('missing', () => {
  test('a GPU: auto passes a software one over, by name it is there', async () => {
    const { engine, passedOver } = await explain(uniformBoard(200_000), 300);
    expect(engine).toBe('wasm');
    expect(passedOver).toEqual([
      { engine: 'webgpu', reason: expect.stringMatching(/no hardware GPU$/) as string },
      { engine: 'webgl', reason: expect.stringMatching(/SwiftShader.* is no hardware GPU$/) as string }, // prettier-ignore
    ]);
    const info = (await engines()).find(({ name }) => name === 'webgl');
    expect(info).toMatchObject({ available: true, hardware: false });
    expect(contexts.every((gl) => gl.isContextLost())).toBe(true);
  });

  test('WebGL 2', async () => {
    for (const { prototype } of [OffscreenCanvas, HTMLCanvasElement]) {
      const { getContext } = prototype;
      Object.assign(prototype, { getContext: () => null });
      restore.push(() => Object.assign(prototype, { getContext }));
    }
    await expect(openEngine('webgl')).rejects.toThrow(
      new EngineUnavailableError('webgl', 'this browser has no WebGL 2, or has it switched off'),
    );
  });

  test('WebGL 2 off the page: it is on the page', async () => {
    const { getContext } = OffscreenCanvas.prototype;
    Object.assign(OffscreenCanvas.prototype, { getContext: () => null });
    restore.push(() => Object.assign(OffscreenCanvas.prototype, { getContext }));
    const engine = await openWebGl();
    expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
    await engine.dispose();
  });

  test("the page's own name GPU is not taken by gpu.js", async () => {
    await (await openWebGl()).dispose();
    expect(navigator.gpu).toBeInstanceOf(GPU);
  });
});

describe('left behind', () => {
  /** Textures that are there. */
  const texturesOf = async (work: () => Promise<unknown>) => {
    let live = 0;
    const { createTexture, deleteTexture } = GL;
    GL.createTexture = function () {
      live++;
      return createTexture.call(this);
    };
    GL.deleteTexture = function (texture) {
      if (texture) live--;
      deleteTexture.call(this, texture);
    };
    try {
      await work();
      return live;
    } finally {
      Object.assign(GL, { createTexture, deleteTexture });
    }
  };

  test('nothing by a run, nor by one that is aborted in the middle', async () => {
    const engine = await openWebGl({ tuning: { chunkTexels: 400, drawWork: 2000 } });
    await run({ engine }); // the kernels keep what they draw to
    expect(await texturesOf(() => run({ engine }))).toBe(0);
    for (const last of [1, 3]) {
      const stop = new AbortController();
      const onProgress = async ({ iteration }: Progress) => {
        if (iteration >= last) stop.abort('enough');
      };
      const aborted = () =>
        expect(run({ engine, signal: stop.signal, onProgress })).rejects.toBe('enough');
      expect(await texturesOf(aborted)).toBe(0);
    }
    expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
    await engine.dispose();
    expect(contexts.map((gl) => gl.isContextLost())).toEqual([true]);
    await expect(run({ engine })).rejects.toThrow(DeviceLostError);
  });

  test('an abort is heard between two draws', async () => {
    const engine = await openWebGl({ tuning: { chunkTexels: 100, drawWork: 200 } });
    const stop = new AbortController();
    let draws = 0;
    replace('drawArrays', (_, own, ...args) => {
      if (++draws === 30) stop.abort('enough');
      own(...args);
    });
    await expect(run({ engine, signal: stop.signal })).rejects.toBe('enough');
    expect(draws).toBeLessThan(33);
    await engine.dispose();
  });

  test('no contexts, by many engines one after the other', async () => {
    for (let i = 0; i < 3; i++) await (await openWebGl()).dispose();
    expect(contexts).toHaveLength(3);
    expect(contexts.every((gl) => gl.isContextLost())).toBe(true);
  });
});
