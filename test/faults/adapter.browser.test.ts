/** Where there is no GPU to be had: each time another reason, and `auto` goes on without. */
import { describe, expect, test } from 'vitest';
import {
  engines,
  EngineUnavailableError,
  explain,
  openEngine,
  uniformBoard,
} from '../../src/index.ts';
import { FaultyDevice, withGpu } from '../support/faulty-device.ts';
import { outcome, run, undisturbed } from './problem.ts';

const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };
const broken: [name: string, gpu: object | undefined, reason: RegExp][] = [
  ['no WebGPU', undefined, /has no WebGPU/],
  ['no adapter', { requestAdapter: async () => null }, /no adapter/],
  [
    'an adapter refused',
    { requestAdapter: () => Promise.reject(new DOMException('blocklisted', 'OperationError')) },
    /refuses an adapter.*blocklisted/,
  ],
  [
    'an adapter that throws',
    {
      requestAdapter: () => {
        throw new TypeError('not today');
      },
    },
    /refuses an adapter.*not today/,
  ],
  [
    'an adapter without a device',
    {
      requestAdapter: async () => ({
        info: {},
        limits,
        requestDevice: () => Promise.reject(new DOMException('worn out', 'OperationError')),
      }),
    },
    /gives no device.*worn out/,
  ],
];

/** What comes next is SwiftShader by another way. */
const WEBGL = { engine: 'webgl', reason: expect.stringMatching(/no hardware GPU$/) as string };

describe.each(broken)('%s', (_, gpu, reason) => {
  test("engine 'webgpu' is unavailable, and says why", () =>
    withGpu(gpu, async () => {
      const opened = openEngine('webgpu');
      await expect(opened).rejects.toThrow(EngineUnavailableError);
      await expect(opened).rejects.toMatchObject({
        engine: 'webgpu',
        reason: expect.stringMatching(reason) as string,
      });
      await expect(run({ engine: 'webgpu' })).rejects.toThrow(reason);
    }));

  test('engines() lists it as such', () =>
    withGpu(gpu, async () => {
      const webgpu = (await engines(['webgpu']))[0];
      expect(webgpu).toEqual({
        name: 'webgpu',
        available: false,
        hardware: false,
        reason: expect.stringMatching(reason) as string,
        description: '',
      });
    }));

  test("'auto' runs without, and explain() tells why", () =>
    withGpu(gpu, async () => {
      expect(outcome(await run({ engine: 'auto' }))).toEqual(outcome(undisturbed));
      const told = await explain(uniformBoard(1_000_000), 64);
      expect(told.engine).not.toBe('webgpu');
      expect(told.passedOver).toEqual([
        { engine: 'webgpu', reason: expect.stringMatching(reason) as string },
        WEBGL,
      ]);
    }));
});

test('an insecure page is told so', async () => {
  const secure = Object.getOwnPropertyDescriptor(globalThis, 'isSecureContext')!;
  Object.defineProperty(globalThis, 'isSecureContext', { value: false, configurable: true });
  try {
    await withGpu(undefined, () =>
      expect(openEngine('webgpu')).rejects.toThrow(/not a secure context/),
    );
  } finally {
    Object.defineProperty(globalThis, 'isSecureContext', secure);
  }
});

test('an implementation that tells nothing about its adapter is used all the same', async () => {
  const { device } = await FaultyDevice.open();
  const adapter = { limits: device.limits, requestDevice: async () => device };
  await using engine = await withGpu({ requestAdapter: async () => adapter }, () =>
    openEngine('webgpu'),
  );
  expect(engine.description).toBe('unnamed adapter');
  expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
});

describe('SwiftShader', () => {
  test('is available and no hardware', async () => {
    const webgpu = (await engines(['webgpu']))[0];
    expect(webgpu).toMatchObject({ available: true, hardware: false, reason: '' });
    expect(webgpu.description).toMatch(/swiftshader.*\(software\)/i);
  });

  test("is not what 'auto' takes, however large the work", async () => {
    const told = await explain(uniformBoard(1_000_000), 64);
    expect(told.engine).not.toBe('webgpu');
    expect(told.passedOver).toEqual([
      { engine: 'webgpu', reason: expect.stringMatching(/swiftshader.*no hardware/i) as string },
      WEBGL,
    ]);
    const result = await run({ engine: 'auto' });
    expect(result.engine).not.toBe('webgpu');
  });

  test('is used when asked for by name', async () => {
    const told = await explain(uniformBoard(10), 2, { engine: 'webgpu' });
    expect(told.engine).toBe('webgpu');
    expect(told.passedOver).toEqual([]);
  });

  test("and the caller's device is taken as it is", async () => {
    const faulty = await FaultyDevice.open();
    const { device } = faulty;
    expect((await explain(uniformBoard(10), 2, { device })).engine).toBe('webgpu');
    expect((await run({ device })).engine).toBe('webgpu');
    expect(faulty.destroyed).toBe(false);
    device.destroy();
  });
});
