/**
 * The GPU reports an error: every buffer that cannot be made, every submission that is invalid, memory
 * that runs out at every check. `webgpu` rejects with what it was; `auto` finishes on the CPU.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { GpuError, openEngine, OutOfMemoryError, type KMeansError } from '../../src/index.ts';
import { openWebGpu } from '../../src/engines/webgpu/index.ts';
import { FaultyDevice, withGpu, type Call, type OnCall } from '../support/faulty-device.ts';
import { callsOf, outcome, run, settled, undisturbed } from './problem.ts';

/** On one device, which outlives it: the errors are reported, it is not lost. */
async function expectRejection(
  faulty: FaultyDevice,
  onCall: OnCall,
  kind: new (...parameters: never[]) => KMeansError,
  text: RegExp,
): Promise<void> {
  for (const engine of ['webgpu', 'auto'] as const) {
    faulty.calls = [];
    faulty.onCall = onCall;
    const result = run({ engine, device: faulty.device });
    if (engine === 'webgpu') {
      await expect(result).rejects.toThrow(kind);
      await expect(result).rejects.toThrow(text);
    } else {
      expect(outcome(await result)).toEqual(outcome(undisturbed));
      expect((await result).engine).not.toBe('webgpu');
    }
    await settled();
    expect(faulty.live.size).toBe(0);
  }
  expect(faulty.destroyed).toBe(false);
  faulty.onCall = () => undefined;
}

const { later } = await callsOf('webgpu');
/** Each call of a name, or each so manieth, by its turn. */
const turns = (wanted: Call, every = 1) =>
  later
    .filter((call) => call === wanted)
    .map((_, i) => i + 1)
    .filter((_, i) => i % every === 0);
describe('on one device after another error', async () => {
  const faulty = await FaultyDevice.open();
  beforeAll(() => run({ engine: 'webgpu', device: faulty.device })); // compiles everything
  /** Gives `answer` at this turn. */
  const at =
    (name: Call, wanted: number, answer: (parameters: unknown[]) => unknown): OnCall =>
    ({ call, turn, parameters }) =>
      call === name && turn === wanted ? answer(parameters) : undefined;

  test.each(turns('createBuffer'))('buffer %i is refused', (turn) =>
    expectRejection(
      faulty,
      at('createBuffer', turn, (parameters) => {
        parameters[0] = { ...(parameters[0] as GPUBufferDescriptor), usage: 0 };
      }),
      GpuError,
      /usage/i,
    ),
  );

  test.each(turns('submit'))('submission %i uses what was destroyed', (turn) =>
    expectRejection(
      faulty,
      at('submit', turn, () => {
        for (const buffer of [...faulty.live]) buffer.destroy();
      }),
      GpuError,
      /destroyed/i,
    ),
  );

  test.each(turns('popErrorScope', 4))('memory runs out, check %i', (turn) =>
    expectRejection(
      faulty,
      at('popErrorScope', turn, () => Promise.resolve(new GPUOutOfMemoryError('no room at all'))),
      OutOfMemoryError,
      /no room at all/,
    ),
  );

  test.each(turns('popErrorScope', 17))('something inside breaks, check %i', (turn) =>
    expectRejection(
      faulty,
      at('popErrorScope', turn, () => Promise.resolve(new GPUInternalError('a broken thing'))),
      GpuError,
      /a broken thing/,
    ),
  );

  test.each(turns('mapAsync', 5))('mapping %i fails, and the device lives', (turn) =>
    expectRejection(
      faulty,
      at('mapAsync', turn, () => Promise.reject(new DOMException('not now', 'OperationError'))),
      GpuError,
      /not now/,
    ),
  );
});

describe('a driver that drops what it is told, and says nothing', () => {
  /** What is read back in this turn is zeros: labels that look like labels, counts that look like counts. */
  const zeros = async (spoilt: (bytes: number, turn: number) => boolean) => {
    const faulty = await FaultyDevice.open();
    const { device } = faulty;
    const create = device.createBuffer.bind(device);
    let turn = 0;
    const createBuffer = (descriptor: GPUBufferDescriptor) => {
      const buffer = create(descriptor);
      if (descriptor.label === 'staging' && spoilt(descriptor.size, ++turn))
        Object.defineProperty(buffer, 'getMappedRange', {
          value: () => new ArrayBuffer(descriptor.size),
        });
      return buffer;
    };
    Object.defineProperty(device, 'createBuffer', { value: createBuffer });
    return faulty;
  };
  const places: [name: string, spoilt: (bytes: number, turn: number) => boolean, text: RegExp][] = [
    ['labels', (bytes) => bytes === 4 * 1500, /while its rows have/],
    ['counts', (bytes) => bytes === 4 * 7, /a weight of 0, while its rows have/],
    ['a status', (bytes, turn) => bytes === 32 && turn > 2, /a status of -?\d+ iterations after 1/],
  ];
  test.each(places)('%s', async (_, spoilt, text) => {
    for (const engine of ['webgpu', 'auto'] as const) {
      const faulty = await zeros(spoilt);
      const result = run({ engine, device: faulty.device });
      if (engine === 'webgpu') {
        await expect(result).rejects.toThrow(GpuError);
        await expect(result).rejects.toThrow(text);
      } else {
        expect(outcome(await result)).toEqual(outcome(undisturbed));
        expect((await result).engine).not.toBe('webgpu');
      }
      await settled();
      expect(faulty.live.size).toBe(0);
      faulty.device.destroy();
    }
  });
});

describe('compilation', () => {
  test.each(['narrow', 'relocate', 'converge'])('of %s fails', async (name) => {
    const faulty = await FaultyDevice.open();
    await expectRejection(
      faulty,
      ({ call, parameters: [descriptor] }) =>
        call === 'createComputePipelineAsync' &&
        (descriptor as GPUComputePipelineDescriptor).label === name
          ? Promise.reject(new GPUPipelineError('no such luck', { reason: 'internal' }))
          : undefined,
      GpuError,
      new RegExp(`kernel ${name} did not compile.*no such luck`),
    );
    faulty.device.destroy();
  });

  test('that failed is tried again by the next run', async () => {
    const faulty = await FaultyDevice.open();
    await using engine = await openEngine('webgpu', { device: faulty.device });
    faulty.onCall = ({ call }) =>
      call === 'createComputePipelineAsync'
        ? Promise.reject(new GPUPipelineError('not yet', { reason: 'internal' }))
        : undefined;
    await expect(run({ engine })).rejects.toThrow(GpuError);
    faulty.onCall = () => undefined;
    expect(outcome(await run({ engine }))).toEqual(outcome(undisturbed));
    faulty.device.destroy();
  });
});

describe('an error that no scope caught', () => {
  const uncaptured = () =>
    new GPUUncapturedErrorEvent('uncapturederror', {
      cancelable: true,
      error: new GPUValidationError('out of the blue'),
    });

  test('on our own device ends the run', async () => {
    const faulty = await FaultyDevice.open();
    const adapter = {
      info: {},
      limits: faulty.device.limits,
      requestDevice: async () => faulty.device,
    };
    await using engine = await withGpu({ requestAdapter: async () => adapter }, () => openWebGpu());
    const result = run({
      engine,
      onProgress: ({ iteration }) => {
        if (iteration === 1) faulty.device.dispatchEvent(uncaptured());
      },
    });
    await expect(result).rejects.toThrow(/out of the blue/);
    await expect(result).rejects.toThrow(GpuError);
    await settled();
    expect(faulty.live.size).toBe(0);
  });

  test("on the caller's is the caller's", async () => {
    const { device, live } = await FaultyDevice.open();
    const result = await run({
      engine: 'webgpu',
      device,
      onProgress: ({ iteration }) => {
        if (iteration === 1) device.dispatchEvent(uncaptured());
      },
    });
    expect(outcome(result)).toEqual(outcome(undisturbed));
    await settled();
    expect(live.size).toBe(0);
    device.destroy();
  });
});
